"""Inputs nobody would write, by the hundred thousand: what takes them may refuse in one line, and never anything else."""
