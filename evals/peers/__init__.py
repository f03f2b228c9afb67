"""Others' ways of doing a part of this, run on the same cases: scripts with pinned installs in an environment of their own."""
