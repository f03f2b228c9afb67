"""The copilot's core: values, the line, and the parts behind its Protocols."""
