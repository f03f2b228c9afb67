"""Practice: customers written by hand with whom an advisor talks before he talks to a real one, and what each talk showed."""
