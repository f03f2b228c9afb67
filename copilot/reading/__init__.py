"""Reads text as written: folding, pinyin, numerals, dates and units, each with offsets into the original."""
