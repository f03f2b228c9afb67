"""Advisors' edits that repeat themselves: released texts that say the same are laid together, and the most typical one is offered as a new script."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.acceptance import Reply
from guardrails.privacy import mask

LEAST = 3
"""Texts that make a habit, from at least two conversations."""
NEAR = 0.45
"""Cosine distance of character n-grams within which texts say the same."""
MOST = 4000
"""Texts looked at, the newest ones."""
_SHORTEST = 8
_FIGURE = re.compile(r"[0-9０-９]+(?:[.,．][0-9]+)*(?:%|％)?")


@dataclass(frozen=True)
class Cluster:
    """Texts that say the same. `text` is the most typical one, the customer's name as a reference and private data masked."""

    text: str
    intent: str
    move: str
    replies: tuple[Reply, ...]

    @property
    def key(self) -> int:
        """The release whose text stands for all."""
        return self.replies[0].entry

    @property
    def people(self) -> int:
        """How many advisors write so."""
        return len({r.person for r in self.replies})

    @property
    def figures(self) -> tuple[str, ...]:
        """Figures in the text: a script holds none, they must become references."""
        return tuple(_FIGURE.findall(self.text))


def clusters(replies: Sequence[Reply]) -> tuple[Cluster, ...]:
    """The habits, the most frequent first. Texts sent as suggested are none."""
    own = [r for r in replies if r.kind == "release" and r.text != r.shown and len(r.text) >= _SHORTEST][-MOST:]
    if len(own) < LEAST:
        return ()
    from sklearn.cluster import DBSCAN
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [general(r) for r in own]
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True).fit_transform(texts)
    labels = DBSCAN(eps=NEAR, min_samples=LEAST, metric="cosine").fit_predict(vectors)
    found = []
    for label in sorted(set(labels) - {-1}):
        places = [i for i, each in enumerate(labels) if each == label]
        if len({own[i].conversation for i in places}) > 1:
            likeness = (vectors[places] @ vectors[places].T).sum(axis=1)
            best = places[int(likeness.argmax())]
            found.append(_cluster(own, texts[best], best, places))
    return tuple(sorted(found, key=lambda c: (-len(c.replies), c.key)))


def general(reply: Reply) -> str:
    """A released text without what is this customer's alone."""
    text = mask(reply.text)
    return text.replace(reply.name, "{客户.称呼}") if len(reply.name) > 1 else text


def _cluster(own: Sequence[Reply], text: str, best: int, places: Sequence[int]) -> Cluster:
    those = [own[best], *(own[i] for i in places if i != best)]
    intent = Counter(r.intent for r in those).most_common(1)[0][0]
    moves = Counter(r.move for r in those if r.move).most_common(1)
    return Cluster(text, intent, moves[0][0] if moves else "answer", tuple(those))
