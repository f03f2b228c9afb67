"""Trains the bundled drafter and writes it as GGUF: plain text first, then replies, loss on the reply alone."""

from __future__ import annotations

import argparse
import math
import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from training.data import ROOT, Reply, data_hash
from training.drafter_data import END, Maker, Sample, load_all, plain_texts
from training.drafter_eval import evaluate
from training.drafter_export import export
from training.drafter_model import Drafter, Shape
from training.drafter_tokens import train_tokenizer
from training.manifest import seed_all, write_manifest
from training.noise import Noise

FOLDER = ROOT / "copilot" / "bundled" / "drafter"
SEED = 7
Batch = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the outcome besides the data."""

    vocab: int = 5000
    dim: int = 256
    layers: int = 5
    heads: int = 4
    hidden: int = 640
    dropout: float = 0.1
    decay: float = 0.1
    first_steps: int = 250
    first_rate: float = 1.5e-3
    steps: int = 6500
    rate: float = 1.5e-3
    batch: int = 16
    scripts: float = 0.12
    prompt_weight: float = 0.0
    compile: bool = True


TOY = Recipe(vocab=700, dim=64, layers=2, heads=2, hidden=128, first_steps=3, steps=6, batch=4, compile=False)


def encode(tokenizer: Tokenizer, sample: Sample, prompt_weight: float) -> tuple[list[int], list[float]]:
    """Token ids of prompt, reply and end; the weight of each token's loss."""
    prompt = tokenizer.encode(sample.prompt).ids
    reply = tokenizer.encode(sample.reply + END).ids
    return prompt + reply, [prompt_weight] * len(prompt) + [1.0] * len(reply)


def collate(rows: Sequence[tuple[list[int], list[float]]]) -> Batch:
    """Pad on the right; padding has no weight."""
    width = max(len(ids) for ids, _ in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    weights = torch.zeros(len(rows), width)
    for row, (tokens, weight) in enumerate(rows):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        weights[row, : len(weight)] = torch.tensor(weight)
    return ids, weights


def loss_of(model: Drafter, batch: Batch) -> torch.Tensor:
    """Weighted cross-entropy of the next token; scores are made only where a weight is."""
    ids, weights = batch
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model(ids[:, :-1])
        counted = weights[:, 1:] > 0
        scores = model.logits(hidden[counted])
    weight = weights[:, 1:][counted]
    each = F.cross_entropy(scores.float(), ids[:, 1:][counted], reduction="none")
    return (each * weight).sum() / weight.sum()


def text_batches(tokenizer: Tokenizer, texts: Sequence[str], rng: random.Random, size: int) -> Iterator[Batch]:
    """Rows of 256 tokens of shuffled texts with an end between them, for ever."""
    coded = [e.ids for e in tokenizer.encode_batch([t + END for t in texts])]
    width, row, rows = 256, [], []
    while True:
        for i in rng.sample(range(len(coded)), len(coded)):
            row += coded[i]
            while len(row) >= width:
                rows.append((row[:width], [1.0] * width))
                row = row[width:]
            if len(rows) >= size:
                yield collate(rows[:size])
                rows = rows[size:]


def reply_batches(
    tokenizer: Tokenizer,
    maker: Maker,
    replies: Sequence[Reply],
    extra: Sequence[Reply],
    rng: random.Random,
    recipe: Recipe,
) -> Iterator[Batch]:
    """Varied samples in batches of like length, for ever; each reply once a round, scripts now and then."""
    span = recipe.batch * 8
    pool: list[tuple[list[int], list[float]]] = []
    while True:
        for i in rng.sample(range(len(replies)), len(replies)):
            chosen = [replies[i]]
            if extra and rng.random() < recipe.scripts:
                chosen.append(rng.choice(extra))
            pool += [encode(tokenizer, maker.varied(r, rng), recipe.prompt_weight) for r in chosen]
            if len(pool) >= span:
                pool.sort(key=lambda item: len(item[0]))
                batches = [collate(pool[j : j + recipe.batch]) for j in range(0, span, recipe.batch)]
                pool = pool[span:]
                rng.shuffle(batches)
                yield from batches


def run(
    model: Drafter,
    batches: Iterator[Batch],
    steps: int,
    rate: float,
    decay: float,
    note: Callable[[int, float, float], None],
) -> float:
    """AdamW with warm-up and cosine; the mean loss of the last fifty steps comes back."""
    wide = [p for p in model.parameters() if p.dim() == 2]
    thin = [p for p in model.parameters() if p.dim() != 2]
    groups = [{"params": wide, "weight_decay": decay}, {"params": thin, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), fused=True)
    warm = max(1, min(60, steps // 10))
    recent: list[float] = []
    tokens, started = 0, time.monotonic()
    model.train()
    for step in range(steps):
        share = min(1.0, (step + 1) / warm) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        for group in optimiser.param_groups:
            group["lr"] = rate * share
        batch = next(batches)
        loss = loss_of(model, batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        tokens += batch[0].numel()
        recent = [*recent[-49:], loss.item()]
        if step % 100 == 0 or step == steps - 1:
            note(step, sum(recent) / len(recent), tokens / (time.monotonic() - started))
    return sum(recent) / len(recent)


@torch.no_grad()
def dev_loss(model: Drafter, tokenizer: Tokenizer, maker: Maker, dev: Sequence[Reply]) -> float:
    """Loss per reply token on held-out replies under the facts they were written with."""
    model.eval()
    total = weight = 0.0
    for start in range(0, len(dev), 32):
        batch = collate([encode(tokenizer, maker.plain(r), 0.0) for r in dev[start : start + 32]])
        count = float(batch[1].sum())
        total += loss_of(model, batch).item() * count
        weight += count
    model.train()
    return total / max(1.0, weight)


@dataclass(frozen=True)
class Material:
    """What one training works with."""

    replies: list[Reply]
    dev: list[Reply]
    extra: list[Reply]
    texts: list[str]
    maker: Maker
    tokenizer: Tokenizer


def prepare(recipe: Recipe, *, toy: bool, everything: bool) -> Material:
    """Data, split and tokenizer; `everything` trains on the held-out replies too."""
    replies, dev, extra = load_all()
    if toy:
        replies, dev, extra = replies[:40], dev[:8], extra[:8]
    held = frozenset(r.message for r in dev), frozenset(r.reply for r in dev)
    if everything:
        replies, held = replies + dev, (frozenset(), frozenset())
    texts = plain_texts(*held)
    texts = texts[:300] if toy else texts
    maker = Maker(replies, Noise(texts))
    forms = [maker.plain(r) for r in replies]
    tokenizer = train_tokenizer([*texts, *(s.prompt for s in forms), *(s.reply for s in forms)], recipe.vocab)
    return Material(replies, dev, extra, texts, maker, tokenizer)


def build(recipe: Recipe, vocab: int) -> Drafter:
    """The untrained network, compiled where a compiler is at hand."""
    model = Drafter(Shape(vocab, recipe.dim, recipe.layers, recipe.heads, recipe.hidden), recipe.dropout)
    if recipe.compile and shutil.which("g++"):
        for block in model.blocks:
            block.compile(dynamic=True)
    return model


def train(
    folder: Path = FOLDER, *, toy: bool = False, recipe: Recipe | None = None, everything: bool = False
) -> dict[str, object]:
    """The whole recipe: text, replies, export, figures on held-out messages."""
    chosen = recipe or (TOY if toy else Recipe())
    started, data = time.monotonic(), data_hash()
    rng = seed_all(SEED)
    material = prepare(chosen, toy=toy, everything=everything)
    maker, tokenizer, dev, texts = material.maker, material.tokenizer, material.dev, material.texts
    model = build(chosen, tokenizer.get_vocab_size())
    size = sum(p.numel() for p in model.parameters())
    print(f"  {size / 1e6:.1f} M parameters, {len(material.replies)} replies, {len(dev)} held out, {len(texts)} texts")

    def note(step: int, loss: float, speed: float) -> None:
        held_out = dev_loss(model, tokenizer, maker, dev) if step % 200 == 0 and step else math.nan
        print(f"  step {step} loss {loss:.3f} dev {held_out:.3f} {speed:.0f} tokens/s", flush=True)

    rows = text_batches(tokenizer, texts, rng, max(2, chosen.batch // 2))
    first = run(model, rows, chosen.first_steps, chosen.first_rate, chosen.decay, note)
    batches = reply_batches(tokenizer, maker, material.replies, material.extra, rng, chosen)
    last = run(model, batches, chosen.steps, chosen.rate, chosen.decay, note)
    digest = export(model, tokenizer, folder / "drafter.gguf")
    if toy:
        tokenizer.save(str(folder / "tokenizer.json"))
    held = round(dev_loss(model, tokenizer, maker, dev), 3)
    values: dict[str, object] = {
        "model": "drafter",
        "data": data,
        "seed": SEED,
        "recipe": asdict(chosen),
        "parameters": size,
        "replies": len(material.replies),
        "held_out": 0 if everything else len(dev),
        "loss": {"text": round(first, 3), "replies": round(last, 3), "held out": held},
        "figures": {} if toy or everything else evaluate(folder / "drafter.gguf", 200, 30),
        "minutes": round((time.monotonic() - started) / 60, 1),
        "sha256": digest,
    }
    write_manifest(folder, **values)
    return values


def main() -> None:
    """`python -m training.train_drafter [--toy] [--out FOLDER] [--everything]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--everything", action="store_true", help="refit on all replies, none held out")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    print(f"data {data_hash()}")
    print(train(options.out, toy=options.toy, everything=options.everything))


if __name__ == "__main__":
    main()
