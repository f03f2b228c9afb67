"""Measures the product on cases: suites, scorers, reports, and the speed bench."""
