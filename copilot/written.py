"""Frozen values as the command-line contract writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from copilot.types import Candidate, Entity, Finding, Passage, Proposal

Answer = dict[str, Any]


def plain(value: Any) -> Any:
    """A frozen value as JSON can carry it: dataclasses to objects, dates to ISO text, tuples to lists."""
    if hasattr(value, "__dataclass_fields__"):
        return {k: plain(v) for k, v in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def proposal_json(proposal: Proposal) -> Answer:
    """A proposal as the contract writes it."""
    understood = proposal.understanding
    ledger = {letter: plain(understood.ledger.letter(letter)) for letter in ("S", "P", "I", "N")}
    ledger |= {
        k: plain(v) for k, v in (("withdrawn", understood.ledger.withdrawn), ("open", understood.ledger.open)) if v
    }
    return {
        "intent": understood.intent,
        "state": understood.state,
        "selling": understood.selling,
        "ledger": ledger,
        "passages": [passage_json(p) for p in proposal.passages],
        "candidates": [candidate_json(c) for c in proposal.candidates],
        "quarantined": [finding_json(f) for f in proposal.quarantined],
        "provenance": asdict(proposal.provenance),
    }


def candidate_json(candidate: Candidate) -> Answer:
    """A candidate as the contract writes it: `origin` is model or script; `source` tells a reply of the book from an approved script."""
    body: Answer = {"move": candidate.move, "text": candidate.text}
    if candidate.disclosure:
        body["disclosure"] = candidate.disclosure
    return {
        **body,
        "origin": "model" if candidate.origin == "model" else "script",
        "source": candidate.origin,
        "reason": candidate.reason,
        "verdict": candidate.verdict.outcome,
        "findings": [finding_json(f) for f in candidate.verdict.findings],
        "citations": [asdict(c) for c in candidate.citations],
    }


def finding_json(finding: Finding) -> Answer:
    """A finding; `replacement` and `insert` only where there is one."""
    return {k: v for k, v in asdict(finding).items() if v is not None}


def entity_json(entity: Entity) -> Answer:
    """An entity; `unit` only where there is one."""
    return {k: v for k, v in asdict(entity).items() if k != "unit" or v}


def passage_json(passage: Passage) -> Answer:
    """A passage as the contract writes it; `note` only where it is marked, `page` where its file has pages."""
    body = {k: v for k, v in asdict(passage).items() if k not in ("note", "product", "page")}
    body["score"] = round(passage.score, 4)
    more = {"note": passage.note or None, "page": passage.page}
    return body | {k: v for k, v in more.items() if v is not None}
