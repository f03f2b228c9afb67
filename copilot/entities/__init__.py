"""What a customer's message names: amounts, terms, dates, rates, products, people, institutions, purposes."""

from copilot.entities.extract import Extractor

__all__ = ["Extractor"]
