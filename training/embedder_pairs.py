"""Texts that belong together, from which the embedder learns: questions with answers, names with papers, wordings of one wish."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from training.data import ROOT, Entry, documents, load_asked, load_replies


@dataclass(frozen=True)
class Pair:
    """Two texts that belong together; `group` keeps two pairs of one document out of each other's negatives."""

    left: str
    right: str
    group: str


def faq_pairs(entries: Sequence[Entry]) -> list[Pair]:
    """Question, variants and answers of one entry, each with the others."""
    found = []
    for entry in entries:
        whole = f"{entry.question}{entry.answer}"
        for asked in (entry.question, *entry.variants):
            found += [
                Pair(asked, entry.answer, entry.id),
                Pair(asked, whole, entry.id),
                Pair(asked, entry.short, entry.id),
            ]
            if asked != entry.question:
                found.append(Pair(asked, entry.question, entry.id))
    return [p for p in found if p.left and p.right]


def document_pairs() -> list[Pair]:
    """Names and titles of products, compliance and market notes with their text."""
    found = []
    for path, document in documents():
        if "sections" in document:
            names = [document["name"], *document.get("aliases", ()), document.get("full_name", "")]
            for section in document["sections"]:
                group = f"{path.stem}/{section['title']}"
                found += [
                    Pair(f"{n}{section['title']}", f"{document['name']} {section['text']}", group) for n in names[:4]
                ]
                found.append(Pair(section["title"], section["text"], group))
            found += [Pair(n, document["name"], path.stem) for n in names[1:] if n]
        for row in document.get("compliance", ()):
            found += [Pair(row["title"], row["text"], row["id"]), Pair(row["point"], row["text"], row["id"])]
            found += [Pair(" ".join(row.get("tags", ())), row["text"], row["id"])]
        for row in document.get("glossary", ()):
            found += [Pair(n, f"{row['term']} {row['text']}", row["id"]) for n in (row["term"], *row.get("names", ()))]
        if "point" in document and "text" in document:
            found += [
                Pair(document["title"], document["text"], path.stem),
                Pair(document["point"], document["text"], path.stem),
            ]
    return [p for p in found if p.left and p.right]


def message_pairs(entries: Sequence[Entry]) -> list[Pair]:
    """Customers' messages with the question that answers them."""
    answers = {e.question.rstrip("？?"): e for e in entries}
    found = []
    for reply in load_replies():
        if reply.faq:
            entry = answers.get(reply.faq.rstrip("？?"))
            group = entry.id if entry else reply.faq
            found.append(Pair(reply.message, reply.faq, group))
            if entry:
                found.append(Pair(reply.message, f"{entry.question}{entry.answer}", group))
    return list(dict.fromkeys(found))


def asked_pairs(entries: Sequence[Entry], skip: frozenset[str] = frozenset()) -> list[Pair]:
    """Questions of many hands with the entry that answers them, and with one another's wording of the same wish."""
    known = {e.id: e for e in entries}
    told = {row["id"]: row for _, document in documents() for row in document.get("compliance", ())}
    told |= {path.stem: document for path, document in documents() if "point" in document and "text" in document}
    same: dict[str, list[str]] = defaultdict(list)
    found = []
    for asked in load_asked():
        if not asked.gold or asked.author in skip:
            continue
        for rank, gold in enumerate(asked.gold):
            if gold in known:
                entry = known[gold]
                texts = [entry.question, f"{entry.question}{entry.answer}", *entry.variants[:1]]
            elif gold in told:
                texts = [told[gold]["title"], f"{told[gold]['title']}{told[gold]['text']}", told[gold]["point"]]
            else:
                continue
            found += [Pair(asked.text, text, gold) for text in texts[: 3 if rank == 0 else 2]]
        same[asked.gold[0]].append(asked.text)
    for gold, wordings in same.items():
        found += [Pair(a, b, gold) for a in wordings for b in wordings if a != b]
    return found


def alike() -> list[list[str]]:
    """Groups of wordings that mean the same to a customer, written by hand."""
    lines = (ROOT / "training" / "embedder" / "alike.txt").read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line.strip() and not line.startswith("#")]


class Rewording:
    """Says a text with one wording exchanged for another that means the same."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        self._others = {w: [o for o in group if o != w] for group in groups for w in group if len(w) > 1}
        self._found = re.compile("|".join(sorted(map(re.escape, self._others), key=len, reverse=True)))

    def __call__(self, text: str, rng: random.Random) -> str:
        """The text, each known wording exchanged half the time."""
        return self._found.sub(lambda m: rng.choice(self._others[m.group()]) if rng.random() < 0.5 else m.group(), text)


def alike_pairs() -> list[Pair]:
    """Two wordings of each group."""
    return [Pair(a, b, f"alike/{i}") for i, group in enumerate(alike()) for a in group for b in group if a != b]
