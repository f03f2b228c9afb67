"""Trains the guard's classifier: a linear model over the signs that `guardrails.meaning` reads."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from copilot.reading.normalise import read
from guardrails.meaning import CHECKS, LONGEST, NOTE, WEIGHTS, Opinion, Weights, mix, sentences
from guardrails.signs import plain, signs
from training.data import ROOT, Line, data_hash, documents, load_every_reply, load_lines
from training.manifest import file_hash, seed_all, write_manifest
from training.noise import Noise

FOLDER = ROOT / "copilot" / "bundled" / "guard"
SEED = 17
PROCESSES = 2
"""Parts learnt at a time; each takes about 4 GB."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the outcome besides the data."""

    held: float = 0.35
    checks: float = 0.4
    held_signs: int = 500_000
    check_signs: int = 150_000
    noisy: float = 0.3
    embedded: float = 0.3
    folds: int = 6
    hard_alarms: float = 0.025
    chat_alarms: float = 0.006
    sentence_alarms: float = 0.002


TOY = Recipe(held_signs=4000, check_signs=2000, folds=2)
_REFERENCE = re.compile(r"\{([^}]*)\}")
_NAMES = {"称呼": "张姐", "名称": "稳享三个月", "类型": "理财", "答": "", "到期产品": "稳享", "持有产品": "稳享"}


def ordinary() -> list[Line]:
    """What the product itself says all day: replies, approved scripts and answers. Permitted, or it could not work."""
    said: dict[str, None] = {}
    for reply in load_every_reply():
        said.setdefault(_named(reply.reply))
    for _, document in documents():
        for kind, fields in (("faq", ("answer", "short")), ("scripts", ("text",))):
            for entry in document.get(kind, ()):
                for field in fields:
                    if entry.get(field):
                        said.setdefault(_named(entry[field]))
    return [Line(text, (), "", "ordinary", chat=True) for text in said if len(text) > 4]


def _named(text: str) -> str:
    """A reply with plain words where its references stand."""
    return _REFERENCE.sub(lambda m: _NAMES.get(m[1].rpartition(".")[2], "0"), text)


def folded(text: str) -> str:
    """A text as the classifier reads it."""
    return plain(read(text).text[:LONGEST])


def grown(lines: Sequence[Line], recipe: Recipe, rng: random.Random) -> list[tuple[str, Line]]:
    """Every line as it is, and some again with typing noise or inside a longer friendly message."""
    noise = Noise(line.text for line in lines)
    friendly = [line.text for line in lines if not line.forbidden and len(line.text) < 90]
    found = [(folded(line.text), line) for line in lines]
    for line in lines:
        if rng.random() < recipe.noisy:
            found.append((folded(noise(line.text, rng)), line))
        if len(line.text) < 90 and rng.random() < recipe.embedded:
            parts = [rng.choice(friendly), line.text]
            rng.shuffle(parts)
            found.append((folded(rng.choice(("", "\n", "。", ",")).join(parts)), line))
    return found


class Vectors:
    """TF-IDF of signs as the runtime weighs them: word signs and n-grams each of length one."""

    def __init__(self, counted: Sequence[Counter[str]], limit: int, least: int) -> None:
        seen: Counter[str] = Counter()
        for signs_ in counted:
            seen.update(signs_.keys())
        common = [(n, s) for s, n in seen.items() if n >= least and "\n" not in s]
        chosen = sorted(common, key=lambda pair: (-pair[0], pair[1]))[:limit] if len(common) > limit else common
        self.names = sorted(s for _, s in chosen)
        self.place = {name: i for i, name in enumerate(self.names)}
        total = len(counted)
        self.idf = np.array([np.log((1 + total) / (1 + seen[s])) + 1 for s in self.names], dtype=np.float32)
        self._worded = np.array(["\t" in s for s in self.names], dtype=bool)

    def rows(self, counted: Sequence[Counter[str]]) -> csr_matrix:
        """One row a text."""
        data: list[np.ndarray] = []
        columns: list[np.ndarray] = []
        ends = [0]
        for signs_ in counted:
            known = [(self.place[s], n) for s, n in signs_.items() if s in self.place]
            at = np.array([k for k, _ in known], dtype=np.int64)
            values = np.array([1 + np.log(n) for _, n in known], dtype=np.float32)
            if len(at):
                values *= self.idf[at]
                worded = self._worded[at]
                for kind in (worded, ~worded):
                    length = float(np.linalg.norm(values[kind]))
                    if length:
                        values[kind] /= length
            columns.append(at)
            data.append(values)
            ends.append(ends[-1] + len(at))
        shape = (len(counted), len(self.names))
        return csr_matrix((np.concatenate(data), np.concatenate(columns), np.array(ends)), shape=shape)


def fit(lines: Sequence[Line], recipe: Recipe, rng: random.Random) -> dict[str, np.ndarray]:
    """The arrays the runtime reads."""
    grown_lines = grown(lines, recipe, rng)
    counted = [signs(text) for text, _ in grown_lines]
    told = [line for _, line in grown_lines]
    vectors = Vectors(counted, recipe.held_signs, 2)
    model = LinearSVC(C=recipe.held, tol=1e-3, random_state=SEED).fit(
        vectors.rows(counted), [line.forbidden for line in told]
    )
    common = Vectors(counted, recipe.check_signs, 3)
    rows = common.rows(counted)
    weights = np.zeros((len(common.names), len(CHECKS)), dtype=np.float32)
    bias = np.full(len(CHECKS), -2.0, dtype=np.float32)
    for at, check in enumerate(CHECKS):
        wanted = np.array([check in line.checks for line in told])
        if wanted.sum() >= 15:
            one = LinearSVC(C=recipe.checks, tol=1e-3, random_state=SEED).fit(rows, wanted)
            weights[:, at], bias[at] = one.coef_[0], one.intercept_[0]
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-6) / 127
    return {
        "held_signs": _joined(vectors.names),
        "held_idf": vectors.idf.astype(np.float16),
        "held": model.coef_[0].astype(np.float16),
        "held_bias": model.intercept_.astype(np.float32),
        "checks_signs": _joined(common.names),
        "checks_idf": common.idf.astype(np.float16),
        "checks": np.round(weights / scale).astype(np.int8),
        "checks_scale": scale.astype(np.float32),
        "checks_bias": bias,
    }


def _joined(names: Sequence[str]) -> np.ndarray:
    return np.frombuffer("\n".join(names).encode("utf-8"), dtype=np.uint8)


@dataclass(frozen=True)
class Judged:
    """A line, the two scores it got from a model that had not seen its author, and those of its worst sentence."""

    line: Line
    held: float
    strongest: float
    checks: np.ndarray
    sentence: tuple[float, np.ndarray] | None


def judged(weights: Weights, lines: Sequence[Line]) -> list[Judged]:
    """Lines scored as the runtime scores them."""
    found = []
    for line in lines:
        text = plain(read(line.text).text[:LONGEST])
        spans = [(a, b) for a, b in sentences(text) if text[a:b].strip()]
        held, checks = weights.scores(text, [(0, len(text)), *spans])
        parts = list(zip(held[1:].tolist(), checks[1:], strict=True))
        alone = max(parts, key=lambda p: p[0]) if len(parts) > 1 else None
        found.append(Judged(line, float(held[0]), float(checks[0].max()), checks[0], alone))
    return found


def cross(lines: Sequence[Line], extra: Sequence[Line], recipe: Recipe) -> list[Judged]:
    """Every line judged by a model that never saw its author; the product's own talk in as many parts."""
    authors = sorted({line.author for line in lines})
    found: list[Judged] = []
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        waiting = []
        for fold in range(recipe.folds):
            out = set(authors[fold :: recipe.folds])
            part = [x for i, x in enumerate(extra) if i % recipe.folds == fold]
            outside = [x for x in lines if x.author in out] + part
            inside = [x for x in lines if x.author not in out]
            inside += [x for i, x in enumerate(extra) if i % recipe.folds != fold]
            waiting.append((sorted(out), pool.submit(_apart, inside, outside, recipe)))
        for names, judgement in waiting:
            found += judgement.result()
            print(f"  {', '.join(names)}", flush=True)
    return found


def _apart(inside: Sequence[Line], outside: Sequence[Line], recipe: Recipe) -> list[Judged]:
    return judged(Weights(fit(inside, recipe, seed_all(SEED))), outside)


def tune(seen: Sequence[Judged], recipe: Recipe) -> dict[str, float]:
    """How both scores are weighed, and the bars: as low as the alarms on permitted lines and on chat allow."""
    held = np.array([j.line.forbidden for j in seen])
    chat = np.array([j.line.chat for j in seen])
    both = np.array([[j.held, j.strongest] for j in seen])
    model = LogisticRegression(C=10.0).fit(both, held)
    weigh = np.maximum(model.coef_[0], 0.0)
    mixture = {"held": float(weigh[0]), "strongest": float(weigh[1]), "bias": float(model.intercept_[0])}
    chance = np.array([mix(j.held, j.checks, mixture).held for j in seen])
    bar = max(_bar(chance[~held & ~chat], recipe.hard_alarms), _bar(chance[~held & chat], recipe.chat_alarms))
    alone = np.array([mix(*j.sentence, mixture).held if j.sentence else 0.0 for j in seen])
    new = ~held & (chance < bar)
    return mixture | {"bar": bar, "sentence_bar": max(bar, _bar(alone[new], recipe.sentence_alarms))}


def _bar(chances: np.ndarray, share: float) -> float:
    """The lowest bar that at most a share of the chances reach."""
    if not len(chances):
        return 0.5
    return float(np.nextafter(np.sort(chances)[::-1][int(len(chances) * share)], 2.0))


def verdict(judgement: Judged, mixture: dict[str, float]) -> Opinion | None:
    """The opinion on a line that would be held; None when it passes."""
    whole = mix(judgement.held, judgement.checks, mixture)
    if whole.held >= mixture["bar"]:
        return whole
    alone = mix(*judgement.sentence, mixture) if judgement.sentence else None
    return alone if alone is not None and alone.held >= mixture["sentence_bar"] else None


def figures(seen: Sequence[Judged], mixture: dict[str, float]) -> dict[str, Any]:
    """Recall and alarms at the bars, by author too, and how often the named check is one of the line's."""
    verdicts = [(j.line, verdict(j, mixture)) for j in seen]

    def share(chosen: Sequence[bool]) -> float:
        return round(sum(chosen) / len(chosen), 4) if chosen else 0.0

    caught = [(line, v) for line, v in verdicts if v is not None and line.forbidden]
    authors = sorted({line.author for line, _ in verdicts if line.forbidden})
    return {
        "forbidden": sum(line.forbidden for line, _ in verdicts),
        "recall": share([v is not None for line, v in verdicts if line.forbidden]),
        "hard": sum(not line.forbidden and not line.chat for line, _ in verdicts),
        "hard_alarms": share([v is not None for line, v in verdicts if not line.forbidden and not line.chat]),
        "chat": sum(line.chat for line, _ in verdicts),
        "chat_alarms": share([v is not None for line, v in verdicts if line.chat]),
        "check_right": share([v.check in line.checks for line, v in caught]),
        "recall_by_author": {
            a: share([v is not None for line, v in verdicts if line.forbidden and line.author == a]) for a in authors
        },
    }


def write(folder: Path, arrays: dict[str, np.ndarray], mixture: dict[str, float]) -> None:
    """The files the runtime reads, with their hash."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / WEIGHTS, **arrays)  # type: ignore[arg-type]
    note = {"format": 1, "checks": CHECKS, "sha256": {WEIGHTS: file_hash(folder / WEIGHTS)}, "mixture": mixture}
    (folder / NOTE).write_text(json.dumps(note, ensure_ascii=False) + "\n", encoding="utf-8")


def train(folder: Path = FOLDER, *, toy: bool = False) -> dict[str, Any]:
    """Figures and bars from models that never saw the author they judge; then the shipped one, on everyone."""
    recipe = TOY if toy else Recipe()
    started, data = time.monotonic(), data_hash()
    lines, extra = load_lines(), ordinary()
    if toy:
        lines, extra = lines[::9], extra[::40]
    seen = cross(lines, extra, recipe)
    mixture = tune(seen, recipe)
    found = figures(seen, mixture)
    print(f"  {mixture}\n  {found}", flush=True)
    write(folder, fit([*lines, *extra], recipe, seed_all(SEED)), mixture)
    values: dict[str, Any] = {
        "model": "guard",
        "data": data,
        "seed": SEED,
        "recipe": asdict(recipe),
        "lines": len(lines),
        "extra": len(extra),
        "authors": len({x.author for x in lines}),
        "figures": found,
        "minutes": round((time.monotonic() - started) / 60, 1),
    }
    write_manifest(folder, **values)
    return values


def main() -> None:
    """`python -m training.train_guard [--toy] [--out FOLDER]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    print(train(options.out, toy=options.toy))


if __name__ == "__main__":
    main()
