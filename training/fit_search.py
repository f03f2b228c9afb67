"""Learns how much each view of a passage counts (knowledge_base/fuse.py): prints the weights to put there.

A linear ranking: over the questions of `content/asked`, the passages that answer shall stand above all others. A question
stands in the index by its own words, so half of the authors are left out of index and embedder and ask, then the other half:

    python -m training.train_embedder --without A,B --out EMB1      (and --without C,D --out EMB2)
    python -m training.fit_search EMB1=A,B EMB2=C,D
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from copilot.settings import KnowledgeSettings, Settings
from knowledge_base.asked import Asked, read_asked
from knowledge_base.context import moment_of, understand
from knowledge_base.embed import Vectors
from knowledge_base.ingest.shelf import Shelf
from knowledge_base.lexical import FIELDS
from knowledge_base.library import load_library
from knowledge_base.search import Search, open_search
from training.data import ASKED, CONTENT

POOL = 150
"""Passages a question chooses among: the best by any view."""
EPOCHS, RATE, DECAY = 12, 0.02, 1e-4
VIEWS = (*FIELDS, "dense")
KINDS = ("product", "compliance", "market", "calendar")
NAMES = (
    *(f"{view} {side}" for view in VIEWS for side in ("text", "cue")),
    "sayings",
    "linked",
    "named",
    "holiday",
    "unlinked",
    "other",
    *KINDS,
)


@dataclass(frozen=True)
class Choice:
    """A question's passages with what speaks for each, (passages, NAMES), and which of them answer."""

    signs: Vectors
    answers: Vectors


def search_without(authors: frozenset[str], embedder: Path, shelf: Shelf | None = None) -> Search:
    """Search over the content without the questions of some authors, with the papers of a shelf."""
    content = Path(tempfile.mkdtemp()) / "content"
    shutil.copytree(CONTENT, content)
    for author in authors:
        (content / "asked" / f"{author}.tsv").unlink()
    knowledge = KnowledgeSettings(content=content, embedder=embedder)
    return open_search(Settings(data=Path(tempfile.mkdtemp()), knowledge=knowledge), load_library(content, shelf=shelf))


def choice(search: Search, asked: Asked) -> Choice | None:
    """What speaks for each passage; None when no passage of the pool answers."""
    now = search.library.now()
    question = understand(asked.text, (), search.library, None, moment_of(now.date(), now).date())
    pairs = search.sides(question.text)
    units = search.index.units
    kinds = np.array([u.document.kind for u in units])
    product = kinds == "product"
    linked = np.array([question.products.get(u.document.product or "", 0.0) for u in units])
    named = np.array([float((u.document.product or "") in question.named) for u in units])
    holiday = np.array([float(u.document.id == question.holiday) for u in units])
    sayings = search.fused(question.sayings) if question.sayings else np.zeros(len(units))
    columns: list[np.ndarray] = [side for view in VIEWS for side in pairs[view]]
    columns += [sayings, linked, named, holiday, product & (linked == 0), product & (named == 0) & bool(question.named)]
    columns += [kinds == kind for kind in KINDS]
    signs = np.column_stack(columns).astype(np.float32)
    reach = signs[:, : 2 * len(VIEWS)].max(axis=1) + linked + 0.5 * holiday
    reach[kinds == "script"] = -1
    pool = np.argsort(-reach, kind="stable")[:POOL]
    answers = np.array([units[i].document.id in asked.gold for i in pool], dtype=np.float32)
    return Choice(signs[pool], answers) if answers.any() else None


def fit(choices: list[Choice]) -> dict[str, float]:
    """Weights under which the answering passages stand first, scaled so that the views' sum to 1."""
    torch.manual_seed(0)
    weights = torch.zeros(len(NAMES), requires_grad=True)
    signs = torch.zeros(len(choices), POOL, len(NAMES))
    answers = torch.zeros(len(choices), POOL)
    absent = torch.full((len(choices), POOL), -1e9)
    for row, one in enumerate(choices):
        size = len(one.answers)
        signs[row, :size], answers[row, :size] = torch.from_numpy(one.signs), torch.from_numpy(one.answers)
        absent[row, :size] = 0
    optimiser = torch.optim.Adam([weights], lr=RATE)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(choices)).split(64):  # type: ignore[no-untyped-call]
            chance = torch.log_softmax(signs[batch] @ weights + absent[batch], 1)
            any_of = torch.logsumexp(chance + torch.log(answers[batch] + 1e-9), 1)
            each = (chance * answers[batch]).sum(1) / answers[batch].sum(1)
            loss = -(any_of + each).mean() / 2 + DECAY * (weights**2).sum()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    found = weights.detach().numpy()
    total = float(found[: 2 * len(VIEWS)].sum())
    return {name: round(float(value) / total, 3) for name, value in zip(NAMES, found, strict=True)}


def main() -> None:
    """`python -m training.fit_search EMBEDDER=AUTHOR,AUTHOR …`."""
    choices: list[Choice] = []
    for argument in sys.argv[1:]:
        path, _, authors = argument.partition("=")
        left_out = frozenset(authors.split(","))
        search = search_without(left_out, Path(path))
        asked = [a for a in read_asked(ASKED) if a.author in left_out and a.gold]
        choices += [c for c in (choice(search, a) for a in asked) if c is not None]
    print(f"{len(choices)} questions")
    for name, value in fit(choices).items():
        print(f"  {name:12} {value}")


if __name__ == "__main__":
    main()
