"""Taking in a bank's own papers: read, cut, screened, shelved.

file ─ read ─ blocks ─ cut ─ pieces ─ screen ─ shelf ─ index
"""
