"""Suites over whole talks: the entities and the evidence heard in each of the customer's turns, her state, and whether to sell."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np

from copilot.entities import Extractor
from copilot.types import State
from copilot.wiring import App
from evals.figures import Floats, Measure, f1_terms, fold, macro_f1, ratio, share, slowest
from evals.hearing import Tally, entity_tallies, match_quotes, shared_characters
from evals.rows import Ask, Case, Row
from evals.talks import LETTERS, Heard, heard_turns

STATES: tuple[str, ...] = get_args(State)


def _cases(suite: str) -> list[Case]:
    return [Case(suite, f"{heard.talk}#{heard.index}", "heldout", heard) for heard in heard_turns()]


def entity_cases() -> list[Case]:
    """Every turn of a customer in the held-out talks."""
    return _cases("entities")


def ledger_cases() -> list[Case]:
    """The same turns, for the quotations under each letter of SPIN."""
    return _cases("ledger")


def state_cases() -> list[Case]:
    """The same turns, for the state of the person."""
    return _cases("state")


def entity_asker(app: App) -> Ask:
    """What the customer named, by type: with its value, and by its place alone."""
    extract = Extractor(app.library)

    def ask(case: Case) -> Row:
        heard: Heard = case.body
        talk, text = heard.conversation, heard.said.text
        started = time.perf_counter()
        found = extract(text, at=talk.at, customer=talk.customer, history=talk.turns[:-1])
        ms = (time.perf_counter() - started) * 1000
        turn = [(text, found, heard.said.entities)]
        valued, placed = entity_tallies(turn), entity_tallies(turn, values=False)
        outcome = {"valued": _counts(valued), "placed": _counts(placed)}
        return case.row(outcome, all(t.right == t.found and t.met == t.wanted for t in valued.values()), ms)

    return ask


def entity_measures(rows: Sequence[Row]) -> list[Measure]:
    """Precision, recall and F1 of each type."""
    found: list[Measure] = []
    for kind in sorted({kind for r in rows for kind in r.outcome["valued"]}):
        found += tallied("entities", kind, {r.case: r.outcome["valued"].get(kind, _NONE) for r in rows})
        placed = {r.case: r.outcome["placed"].get(kind, _NONE) for r in rows}
        found += fold("entities", f"{kind}_place_f1", placed, f1, _wanted(placed))
    return found + slowest("entities", "extraction_p95_ms", {r.case: r.ms for r in rows})


def ledger_asker(app: App) -> Ask:
    """The quotations under each letter, and the characters they share with those wanted."""

    def ask(case: Case) -> Row:
        heard: Heard = case.body
        started = time.perf_counter()
        ledger = app.ledger(heard.conversation)
        ms = (time.perf_counter() - started) * 1000
        tallies: dict[str, Tally] = {letter: Tally() for letter in LETTERS}
        characters = Counter[str]()
        for letter in LETTERS:
            found = [e.quote for e in ledger.letter(letter) if e.turn == heard.index]
            wanted = heard.said.quotes(letter)
            right, met = match_quotes(heard.said.text, found, wanted)
            tallies[letter].add(sum(right), len(right), sum(met), len(met))
            both, ours, theirs = shared_characters(heard.said.text, found, wanted)
            characters.update({"both": both, "either": ours + theirs})
        good = all(t.right == t.found and t.met == t.wanted for t in tallies.values())
        outcome = {"letters": _counts(tallies), "characters": [characters["both"], characters["either"]]}
        return case.row(outcome, good, ms)

    return ask


def ledger_measures(rows: Sequence[Row]) -> list[Measure]:
    """Precision, recall and F1 of each letter and of all, and how much of what was wanted was quoted."""
    by_letter = {letter: {r.case: r.outcome["letters"][letter] for r in rows} for letter in LETTERS}
    whole = {r.case: [sum(column) for column in zip(*r.outcome["letters"].values(), strict=True)] for r in rows}
    found = [m for letter in LETTERS for m in tallied("ledger", letter, by_letter[letter])]
    found += tallied("ledger", "all", whole)
    shared = {r.case: r.outcome["characters"] for r in rows}
    found += fold("ledger", "characters_f1", shared, lambda s: 2 * s[..., 0] / (s[..., 1] + 1e-12), _wanted(whole))
    return found + slowest("ledger", "ledger_p95_ms", {r.case: r.ms for r in rows})


def state_asker(app: App) -> Ask:
    """Her state, whether selling is off, and the intent."""

    def ask(case: Case) -> Row:
        heard: Heard = case.body
        said = heard.said
        started = time.perf_counter()
        understood = app.understand(heard.conversation)
        ms = (time.perf_counter() - started) * 1000
        outcome = {
            "wanted": said.state,
            "got": understood.state,
            "must_stop": not said.selling,
            "stopped": not understood.selling,
            "later": bool(heard.index),
            "intent_right": understood.intent == said.intent,
        }
        return case.row(outcome, said.selling == understood.selling, ms)

    return ask


def state_measures(rows: Sequence[Row]) -> list[Measure]:
    """States, selling, and the intent of turns that have a talk before them."""
    out = {r.case: r.outcome for r in rows}
    return [
        *share("state", "accuracy", {case: o["wanted"] == o["got"] for case, o in out.items()}),
        *fold("state", "macro_f1", {c: f1_terms(o["wanted"], o["got"], STATES) for c, o in out.items()}, macro_f1),
        *share("state", "selling_off_where_called_for", {c: o["stopped"] for c, o in out.items() if o["must_stop"]}),
        *share("state", "selling_off_wrongly", {c: o["stopped"] for c, o in out.items() if not o["must_stop"]}),
        *share("state", "intent_within_a_talk", {c: o["intent_right"] for c, o in out.items() if o["later"]}),
    ]


_NONE = (0, 0, 0, 0)


def _counts(tallies: Mapping[str, Tally]) -> dict[str, list[int]]:
    return {name: [t.right, t.found, t.met, t.wanted] for name, t in tallies.items() if name}


def _wanted(tallies: Mapping[str, Sequence[float]]) -> int:
    return round(sum(t[3] for t in tallies.values()))


def tallied(suite: str, name: str, tallies: Mapping[str, Sequence[float]]) -> list[Measure]:
    """Precision, recall and F1 of what was found against what was wanted, turn by turn."""
    return [
        *ratio(suite, f"{name}_precision", {case: (t[0], t[1]) for case, t in tallies.items()}),
        *ratio(suite, f"{name}_recall", {case: (t[2], t[3]) for case, t in tallies.items()}),
        *fold(suite, f"{name}_f1", tallies, f1, _wanted(tallies)),
    ]


def f1(sums: Floats) -> Floats:
    """F1 of (right, found, met, wanted); what was not found at all is no error of precision."""
    right, found, met, wanted = (sums[..., i] for i in range(4))
    precision = (right + (found == 0)) / (found + (found == 0))
    recall = (met + (wanted == 0)) / (wanted + (wanted == 0))
    return np.asarray(2 * precision * recall / (precision + recall + 1e-12))
