"""What of the knowledge may be shown to one person on one day, and how it is marked."""

from __future__ import annotations

from datetime import date, datetime

from copilot.suitability import may_pitch
from copilot.types import Customer
from knowledge_base.context import Question
from knowledge_base.document import Document
from knowledge_base.library import ContentLibrary


class Shown:
    """What may be shown for one question: in force on the day, on sale, suitable; else only what she holds or names, marked."""

    def __init__(
        self, library: ContentLibrary, question: Question, moment: datetime, customer: Customer | None, valid_days: int
    ) -> None:
        self.question = question
        self._library, self._valid_days = library, valid_days
        self._moment, self._customer = moment, customer
        self._held = frozenset(h.product for h in customer.holdings if h.product) if customer else frozenset()
        self._notes: dict[str, str | None] = {}

    def note(self, document: Document) -> str | None:
        """How a document is marked: "" for not at all, None when it must not be shown."""
        if document.id not in self._notes:
            on = self._moment.date()
            if document.product is not None:
                self._notes[document.id] = self._product(document, document.product, on)
            else:
                mark = "internal" if document.internal else ""
                self._notes[document.id] = mark if self._library.holds(document, on) else None
        return self._notes[document.id]

    def _product(self, document: Document, product_id: str, on: date) -> str | None:
        if document.effective_from is not None and on < document.effective_from:
            return None
        why = "held" if product_id in self._held else "named" if product_id in self.question.named else None
        if not self._library.holds(document, on):
            return "superseded" if why else None
        product = self._library.at(product_id, self._moment)
        if product is None or product.status != "on_sale":
            return why
        if self._customer is None or may_pitch(product, self._customer, self._moment, self._valid_days).allowed:
            return ""
        return why
