"""Trains the bundled intent classifier: language first, then intent, secondary intents and state together."""

from __future__ import annotations

import argparse
import copy
import json
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch.nn import functional as F

from copilot.intent.encode import MASK, PAD, SPECIALS, Alphabet, Encoded, encode, fold
from copilot.intent.model import ENCODER, GRAMS, NOTE, STATES, Opinion, alphabet_from, sigmoid, softmax
from copilot.types import INTENTS
from training.data import ROOT, Message, all_texts, bucket, data_hash, load_faq, load_messages, load_replies
from training.intent_baseline import Baseline, fit_baseline, save_baseline
from training.intent_figures import figures, tune_mixture
from training.intent_model import Encoder, Sizes, export
from training.manifest import file_hash, seed_all, write_manifest
from training.noise import Noise, syllable

FOLDER = ROOT / "copilot" / "bundled" / "intent"
SEED = 13
Tensors = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the outcome besides the data."""

    dim: int = 128
    layers: int = 3
    hidden: int = 384
    dropout: float = 0.15
    language_rounds: int = 8
    language_rate: float = 1.5e-3
    rounds: int = 14
    rate: float = 1e-3
    batch: int = 32
    dev_authors: float = 0.2


TOY = Recipe(dim=32, layers=1, hidden=64, language_rounds=1, rounds=1, batch=16)


def make_alphabet(texts: Sequence[str]) -> dict[str, object]:
    """Characters met twice or more; the sounds of those and of every common character."""
    counted = Counter(c for t in texts for c in fold(t))
    chars = sorted(c for c, n in counted.items() if n >= 2)
    common = [bytes([a, b]).decode("gb2312", "ignore") for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF)]
    heard: dict[str, str] = defaultdict(str)
    for char in sorted({*chars, *(c for c in common if c)}):
        if syllable(char):
            heard[syllable(char)] += char
    return {"chars": chars, "sounds": sorted(heard), "heard": dict(heard)}


def stack(rows: Sequence[Encoded]) -> Tensors:
    """Rows padded to the longest."""
    width = max(len(r.chars) for r in rows)

    def padded(name: str) -> torch.Tensor:
        return torch.tensor([getattr(r, name) + [PAD] * (width - len(r.chars)) for r in rows])

    return padded("chars"), padded("sounds"), padded("segments")


def batches(count: int, lengths: Sequence[int], size: int, rng: random.Random) -> Iterator[list[int]]:
    """Shuffled batches of like length: once through."""
    order = sorted(range(count), key=lambda i: lengths[i] + rng.random() * 6)
    groups = [order[i : i + size] for i in range(0, count, size)]
    rng.shuffle(groups)
    yield from groups


def language(model: Encoder, alphabet: Alphabet, texts: Sequence[str], recipe: Recipe, rng: random.Random) -> float:
    """Guess hidden characters; half of them keep their sound, which teaches what homophones share."""
    pieces = [p for t in texts for p in _pieces(t)]
    steps = recipe.language_rounds * math.ceil(len(pieces) / 64)
    optimiser, schedule = _optimiser(model, recipe.language_rate, steps)
    model.train()
    recent = 0.0
    for round_ in range(recipe.language_rounds):
        for group in batches(len(pieces), [len(p) for p in pieces], 64, rng):
            chars, sounds, segments = stack([encode(alphabet, pieces[i]) for i in group])
            hidden_at = (torch.rand(chars.shape) < 0.18) & (chars >= SPECIALS)
            if not hidden_at.any():
                continue
            mute = hidden_at & (torch.rand(chars.shape) < 0.5)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                states = model.hidden(chars.masked_fill(hidden_at, MASK), sounds.masked_fill(mute, MASK), segments)
                scores = model.guess(states[hidden_at])
            loss = F.cross_entropy(scores.float(), chars[hidden_at])
            _step(model, optimiser, schedule, loss)
            recent = 0.98 * recent + 0.02 * loss.item() if recent else loss.item()
        if round_ % 5 == 0 or round_ == recipe.language_rounds - 1:
            print(f"  language round {round_} loss {recent:.3f}", flush=True)
    return recent


def _pieces(text: str) -> list[str]:
    return [text[i : i + 96] for i in range(0, len(text), 96) if len(text[i : i + 96]) >= 2]


def _optimiser(
    model: Encoder, rate: float, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.05, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=max(2, steps), pct_start=0.1)
    return optimiser, schedule


def _step(
    model: Encoder, optimiser: torch.optim.Optimizer, schedule: torch.optim.lr_scheduler.LRScheduler, loss: torch.Tensor
) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    schedule.step()


def tune(
    model: Encoder, alphabet: Alphabet, messages: Sequence[Message], noise: Noise, recipe: Recipe, rng: random.Random
) -> float:
    """Learn the three tasks together on noisy copies."""
    steps = recipe.rounds * math.ceil(len(messages) / recipe.batch)
    optimiser, schedule = _optimiser(model, recipe.rate, steps)
    counts = Counter(m.state for m in messages)
    weight = torch.tensor([min(4.0, (len(messages) / (7 * max(counts[s], 1))) ** 0.5) for s in STATES])
    model.train()
    recent = 0.0
    for round_ in range(recipe.rounds):
        for group in batches(len(messages), [len(m.text) for m in messages], recipe.batch, rng):
            chosen = [_noisy(messages[i], noise, rng) for i in group]
            inputs = stack([encode(alphabet, m.text, m.history) for m in chosen])
            with torch.autocast("cpu", dtype=torch.bfloat16):
                intent, secondary, state = model(*inputs)
            wanted = torch.tensor([INTENTS.index(m.intent) for m in chosen])
            also = torch.zeros(len(chosen), len(INTENTS))
            for row, m in enumerate(chosen):
                also[row, [INTENTS.index(s) for s in m.secondary]] = 1
            told = torch.tensor([float(m.author not in UNTOLD) for m in chosen])[:, None]
            each = F.binary_cross_entropy_with_logits(
                secondary.float(), also, reduction="none", pos_weight=torch.tensor(4.0)
            )
            loss = F.cross_entropy(intent.float(), wanted, label_smoothing=0.05)
            loss = loss + 3 * (each * told).mean()
            loss = loss + 0.5 * F.cross_entropy(
                state.float(), torch.tensor([STATES.index(m.state) for m in chosen]), weight
            )
            _step(model, optimiser, schedule, loss)
            recent = 0.98 * recent + 0.02 * loss.item() if recent else loss.item()
        print(f"  round {round_} loss {recent:.3f}", flush=True)
    return recent


UNTOLD = frozenset({"faq", "reply"})
"""Sources without secondary labels."""


def _noisy(message: Message, noise: Noise, rng: random.Random) -> Message:
    text = noise(message.text, rng) if rng.random() < 0.5 else message.text
    return replace(message, text=text or message.text, history=() if rng.random() < 0.1 else message.history)


def extra_messages() -> list[Message]:
    """FAQ wordings and the messages that replies answer: labelled too, by other hands."""
    found = [
        Message(e.intent, (), "calm", text, (), "faq")
        for e in load_faq()
        if e.intent in INTENTS
        for text in (e.question, *e.variants)
    ]
    told = {(r.message, r.history): r for r in load_replies()}
    return found + [Message(r.intent, (), r.state, r.message, r.history, "reply") for r in told.values()]


def split(messages: Sequence[Message], share: float) -> tuple[list[Message], list[Message]]:
    """Whole authors held out; texts of theirs that a training author wrote too are dropped from dev."""
    authors = sorted({m.author for m in messages}, key=bucket)
    out = set(authors[: max(1, round(len(authors) * share))])
    train = [m for m in messages if m.author not in out]
    known = {fold(m.text) for m in train if not m.history}
    dev = [m for m in messages if m.author in out and (m.history or fold(m.text) not in known)]
    print(f"  held-out authors: {', '.join(sorted(out))}")
    return train, dev


@torch.no_grad()
def predict(model: Encoder, alphabet: Alphabet, messages: Sequence[Message]) -> Opinion:
    """The encoder's opinion of messages as they are."""
    model.eval()
    found: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
    for start in range(0, len(messages), 64):
        rows = stack([encode(alphabet, m.text, m.history) for m in messages[start : start + 64]])
        found.append(model(*rows))
    intent, secondary, state = (torch.cat(part).float().numpy() for part in zip(*found, strict=True))
    return Opinion(softmax(intent), sigmoid(secondary), softmax(state))


def read_first(saved: dict[str, object], texts: Sequence[str], recipe: Recipe, rng: random.Random) -> Encoder:
    """An encoder that has learned the language of the texts and no task yet."""
    alphabet = alphabet_from(saved)
    sizes = Sizes(
        len(alphabet.chars),
        len(alphabet.sounds),
        len(INTENTS),
        len(STATES),
        recipe.dim,
        recipe.layers,
        4,
        recipe.hidden,
    )
    model = Encoder(sizes, recipe.dropout)
    language(model, alphabet, texts, recipe, rng)
    return model


def train(
    folder: Path = FOLDER, *, toy: bool = False, recipe: Recipe | None = None, refit: bool = True
) -> dict[str, object]:
    """Figures on held-out authors; then the shipped model: the same first reading, tuned on everyone with the same recipe."""
    chosen = recipe or (TOY if toy else Recipe())
    started, data = time.monotonic(), data_hash()
    rng = seed_all(SEED)
    messages = load_messages()
    if toy:
        messages = [m for m in messages if bucket(m.text) < 50]
    extra = [] if toy else extra_messages()
    known, dev = split(messages, chosen.dev_authors)
    held = {fold(m.text) for m in dev}
    texts = [t for t in all_texts() if fold(t) not in held]
    texts = texts[:400] if toy else texts
    saved = make_alphabet(all_texts())
    alphabet, noise = alphabet_from(saved), Noise(texts)
    reader = read_first(saved, texts, chosen, rng)
    model, told = copy.deepcopy(reader), known + [m for m in extra if fold(m.text) not in held]
    tune(model, alphabet, told, noise, chosen, rng)
    baseline = fit_baseline(told, UNTOLD)
    encoder, counted = predict(model, alphabet, dev), baseline.predict(dev)
    mixture = tune_mixture(encoder, counted, dev)
    found = figures(dev, encoder, counted, mixture)
    for name, value in found.items():
        print(f"  {name}: {value}")
    if refit and not toy:
        model = copy.deepcopy(reader)
        tune(model, alphabet, messages + extra, noise, chosen, seed_all(SEED))
        baseline = fit_baseline(messages + extra, UNTOLD)
    write(folder, model, baseline, {"alphabet": saved, "mixture": mixture})
    values: dict[str, object] = {
        "model": "intent",
        "data": data,
        "seed": SEED,
        "recipe": asdict(chosen),
        "messages": len(messages),
        "extra": len(extra),
        "authors": len({m.author for m in messages}),
        "figures": found,
        "minutes": round((time.monotonic() - started) / 60, 1),
    }
    write_manifest(folder, **values)
    return values


def write(folder: Path, model: Encoder, baseline: Baseline, note: dict[str, object]) -> None:
    """The files the runtime reads, with their hashes."""
    folder.mkdir(parents=True, exist_ok=True)
    export(model, folder / ENCODER)
    save_baseline(baseline, folder / GRAMS)
    hashes = {name: file_hash(folder / name) for name in (ENCODER, GRAMS)}
    whole = {"format": 1, "intents": INTENTS, "states": STATES, "sha256": hashes, **note}
    (folder / NOTE).write_text(json.dumps(whole, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """`python -m training.train_intent [--toy] [--no-refit] [--out FOLDER]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--no-refit", action="store_true", help="keep the model that the figures are of")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    print(f"data {data_hash()}")
    print(train(options.out, toy=options.toy, refit=not options.no_refit))


if __name__ == "__main__":
    main()
