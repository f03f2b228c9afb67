"""Trains the bundled sentence embedder: one vector a character or word, averaged; made from scratch.

While it learns, a character is the sum of its own vector and its sound's, and a word is its characters' mean and something
of its own; so a homophone, a rare word and the traditional form of a character start near the right place. What is saved is
a plain sentence-transformers `StaticEmbedding`: the sums, baked.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jieba
import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.normalizers import NFKC, Lowercase
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import Punctuation, Whitespace
from tokenizers.pre_tokenizers import Sequence as PreTokenizers
from torch import nn
from torch.nn import functional as F

from training.data import (
    ROOT,
    Entry,
    all_texts,
    bucket,
    data_hash,
    documents,
    load_faq,
    load_messages,
)
from training.embedder_pairs import (
    Pair,
    Rewording,
    alike,
    alike_pairs,
    asked_pairs,
    document_pairs,
    faq_pairs,
    message_pairs,
)
from training.manifest import file_hash, seed_all, write_manifest
from training.noise import Noise, simplified, syllable, traditional

FOLDER = ROOT / "copilot" / "bundled" / "embedder"
SEED = 11
DIM = 256
WORDS = 5000
STEPS = 1500
RATE = 0.003
_HAN = re.compile(r"^[\u4e00-\u9fff]+$")


@dataclass(frozen=True)
class Vocabulary:
    """Tokens with their scores; `parts` are each token's characters in simplified script."""

    scored: list[tuple[str, float]]
    parts: list[str]
    weights: list[float]


def vocabulary(texts: Sequence[str], words: int = WORDS) -> Vocabulary:
    """Characters of the texts, the common ones of GB2312, their traditional forms, and the frequent words."""
    chars: Counter[str] = Counter()
    cut: Counter[str] = Counter()
    for text in texts:
        chars.update(simplified(text.lower()))
        cut.update(w for w in jieba.cut(text) if 2 <= len(w) <= 5 and _HAN.match(w))
    common = [bytes([high, low]).decode("gb2312", "ignore") for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF)]
    single = sorted(
        {c for c in [*chars, *common, *"abcdefghijklmnopqrstuvwxyz0123456789"] if c.strip() and c.isalnum()}
    )
    chosen = [w for w, n in cut.most_common(words) if n >= 2]
    total = sum(chars.values()) + sum(cut.values())
    tokens = {c: chars[c] + 1 for c in single} | {w: cut[w] * 4 for w in chosen}
    for token in list(tokens):
        form = traditional(token)
        if form != token and len(form) == len(token) and (len(token) == 1 or tokens[token] >= 12):
            tokens.setdefault(form, tokens[token])
    scored = [("[UNK]", -20.0)] + [(t, math.log(n / total)) for t, n in tokens.items()]
    parts = [""] + [simplified(t) for t in tokens]
    weights = [0.0] + [1e-3 / (1e-3 + n / total) for n in tokens.values()]
    return Vocabulary(scored, parts, weights)


def make_tokenizer(vocab: Vocabulary) -> Tokenizer:
    """Cuts a text into the likeliest known words and characters; an unknown character costs only itself."""
    tokenizer = Tokenizer(Unigram(vocab.scored, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = Normalizers([NFKC(), Lowercase()])
    tokenizer.pre_tokenizer = PreTokenizers([Whitespace(), Punctuation("removed")])
    return tokenizer


class Composed(nn.Module):
    """Token vectors as sums of characters, sounds and something of their own, times a weight learned from rarity."""

    def __init__(self, vocab: Vocabulary, dim: int) -> None:
        super().__init__()
        chars = sorted({c for p in vocab.parts for c in p})
        sounds = sorted({syllable(c) for c in chars})
        index = {c: i + 1 for i, c in enumerate(chars)}
        heard = {s: i for i, s in enumerate(sounds)}
        width = max(len(p) for p in vocab.parts)
        spelled = torch.zeros(len(vocab.parts), width, dtype=torch.long)
        for row, part in enumerate(vocab.parts):
            spelled[row, : len(part)] = torch.tensor([index[c] for c in part], dtype=torch.long)
        sounded = torch.zeros(len(chars) + 1, dtype=torch.long)
        sounded[1:] = torch.tensor([heard[syllable(c)] for c in chars])
        self.register_buffer("spelled", spelled)
        self.register_buffer("sounded", sounded)
        whole: dict[str, int] = {}
        own = torch.tensor([whole.setdefault(p, len(whole)) for p in vocab.parts])
        self.register_buffer("own_row", own)
        self.char = nn.Embedding(len(chars) + 1, dim)
        self.sound = nn.Embedding(len(sounds), dim)
        self.own = nn.Embedding(len(whole), dim)
        for table, scale in ((self.char, 1.0), (self.sound, 0.4), (self.own, 0.3)):
            nn.init.normal_(table.weight, std=scale / math.sqrt(dim))
        start = torch.tensor(vocab.weights).clamp(min=0.02)
        self.scale = nn.Parameter(start.log())
        self.register_buffer("known", (torch.arange(len(vocab.parts)) > 0).float()[:, None])

    def table(self) -> torch.Tensor:
        """The baked matrix, one row a token."""
        spelled: torch.Tensor = self.get_buffer("spelled")
        chars = self.char.weight + self.sound(self.get_buffer("sounded"))
        mask = (spelled > 0).float()[..., None]
        mean = (chars[spelled] * mask).sum(1) / mask.sum(1).clamp(min=1).sqrt()
        both = mean + self.own(self.get_buffer("own_row"))
        baked: torch.Tensor = both * self.scale.exp()[:, None] * self.get_buffer("known")
        return baked


def fit(vocab: Vocabulary, pairs: Sequence[Pair], echoes: Sequence[str], steps: int, seed: int) -> np.ndarray:
    """Learn so that the two texts of a pair lie together and the other texts of the batch apart."""
    rng = seed_all(seed)
    tokenizer, model = make_tokenizer(vocab), Composed(vocab, DIM)
    noise, reword = Noise(echoes), Rewording(alike())
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.group].append(pair)
    names = sorted(groups)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    for step in range(steps):
        chosen = [rng.choice(groups[g]) for g in rng.sample(names, min(192, len(names)))]
        echoed = rng.sample(echoes, min(96, len(echoes)))
        left = [noise(reword(p.left, rng), rng) for p in chosen] + [noise(reword(e, rng), rng) for e in echoed]
        right = [p.right for p in chosen] + [_part(e, rng) for e in echoed]
        table = model.table()
        a, b = (_embed(table, tokenizer, side, 0.15) for side in (left, right))
        scores = a @ b.T * 16.0
        target = torch.arange(len(left))
        loss = (F.cross_entropy(scores, target) + F.cross_entropy(scores.T, target)) / 2
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        if step % 100 == 0 or step == steps - 1:
            print(f"  step {step} loss {loss.item():.3f}", flush=True)
    return model.table().detach().numpy()


def _part(text: str, rng: random.Random) -> str:
    """A stretch of a text: three fifths or more."""
    length = max(2, int(len(text) * rng.uniform(0.6, 1.0)))
    start = rng.randint(0, max(0, len(text) - length))
    return text[start : start + length]


def _embed(table: torch.Tensor, tokenizer: Tokenizer, texts: Sequence[str], drop: float) -> torch.Tensor:
    rows = [e.ids[:200] or [0] for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
    offsets = torch.tensor([0, *np.cumsum([len(r) for r in rows])[:-1].tolist()])
    ids = torch.tensor([i for r in rows for i in r])
    keep = (torch.rand(len(ids)) >= drop).float()
    return F.normalize(F.embedding_bag(ids, table, offsets, mode="sum", per_sample_weights=keep) + 1e-6, dim=-1)


def save(folder: Path, vocab: Vocabulary, table: np.ndarray) -> SentenceTransformer:
    """Write the sentence-transformers folder, and load it again."""
    shutil.rmtree(folder, ignore_errors=True)
    static = StaticEmbedding(make_tokenizer(vocab), embedding_weights=table.astype(np.float32))
    SentenceTransformer(modules=[static, Normalize()], device="cpu").save(str(folder), create_model_card=False)
    for path in folder.rglob("*.safetensors"):
        path.chmod(0o644)
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def recall(encode: object, entries: Sequence[Entry], asked: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Share of held-out wordings whose entry is found first, and among five."""
    passages = [f"{e.question}{e.answer}" for e in entries]
    scores = encode([q for q, _ in asked]) @ encode(passages).T  # type: ignore[operator]
    order = np.argsort(-np.asarray(scores), axis=1)
    ids = [e.id for e in entries]
    ranks = [[ids[i] for i in row].index(wanted) for row, (_, wanted) in zip(order, asked, strict=True)]
    return {
        "recall@1": round(float(np.mean([r < 1 for r in ranks])), 3),
        "recall@5": round(float(np.mean([r < 5 for r in ranks])), 3),
        "n": len(asked),
    }


def hold_out(entries: Sequence[Entry]) -> tuple[list[Entry], list[tuple[str, str]]]:
    """One wording of each entry kept for the figures, the same one every time."""
    kept, asked = [], []
    for e in entries:
        if len(e.variants) < 2:
            kept.append(e)
            continue
        out = bucket(e.id, len(e.variants))
        asked.append((e.variants[out], e.id))
        rest = tuple(v for i, v in enumerate(e.variants) if i != out)
        kept.append(Entry(e.id, e.question, rest, e.answer, e.short, e.intent))
    return kept, asked


def figures(steps: int, vocab: Vocabulary, echoes: Sequence[str]) -> dict[str, dict[str, float]]:
    """Recall on wordings and messages never seen, beside character n-grams by TF-IDF."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    entries = load_faq()
    kept, asked = hold_out(entries)
    met = message_pairs(entries)
    known = {e.id for e in entries}
    dev = sorted({(p.left, p.group) for p in met if p.group in known and bucket(p.left) < 250})
    seen = {q for q, _ in asked} | {q for q, _ in dev}
    pairs = [
        p for p in faq_pairs(kept) + document_pairs() + alike_pairs() + met + asked_pairs(kept) if p.left not in seen
    ]
    table = fit(vocab, pairs, [e for e in echoes if e not in seen], steps, SEED)
    tokenizer = make_tokenizer(vocab)

    def encode(texts: Sequence[str]) -> np.ndarray:
        return _embed(torch.from_numpy(table), tokenizer, texts, 0.0).numpy()

    tfidf = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    tfidf.fit([f"{e.question}{e.answer}" for e in entries])

    def counted(texts: Sequence[str]) -> np.ndarray:
        return np.asarray(tfidf.transform(texts).todense())

    found = {"wordings": recall(encode, kept, asked), "wordings, TF-IDF": recall(counted, kept, asked)}
    if dev:
        found |= {"messages": recall(encode, kept, dev), "messages, TF-IDF": recall(counted, kept, dev)}
    return found


def train(folder: Path = FOLDER, *, toy: bool = False, without: frozenset[str] = frozenset()) -> dict[str, object]:
    """The whole recipe: figures on a held-out part, then the shipped model on everything; of one without some authors no figures."""
    started, data = time.monotonic(), data_hash()
    steps = 6 if toy else STEPS
    seed_all(SEED)
    jieba.setLogLevel(60)
    texts = all_texts() + [w for group in alike() for w in group] * 2
    for _, document in documents():
        for name in (document.get("name"), *document.get("aliases", ())):
            if name and _HAN.match(name):
                jieba.add_word(name)
    vocab = vocabulary(texts[:800] if toy else texts, 300 if toy else WORDS)
    entries = load_faq()
    echoes = sorted({m.text for m in load_messages()} | {e.answer for e in entries})
    found = {} if without else figures(steps, vocab, echoes)
    for name, figure in found.items():
        print(f"  {name}: {figure}")
    pairs = (
        faq_pairs(entries) + document_pairs() + alike_pairs() + message_pairs(entries) + asked_pairs(entries, without)
    )
    table = fit(vocab, pairs, echoes, steps, SEED)
    model = save(folder, vocab, table)
    check = model.encode(["什么时候能到账", "钱几号能拿到手", "今天天气不错"])
    print(f"  到账/拿到手 {float(check[0] @ check[1]):.2f}, 到账/天气 {float(check[0] @ check[2]):.2f}")
    values: dict[str, object] = {
        "model": "embedder",
        "data": data,
        "seed": SEED,
        "steps": steps,
        "pairs": len(pairs),
        "tokens": len(vocab.scored),
        "dimensions": DIM,
        "figures": found,
        "minutes": round((time.monotonic() - started) / 60, 1),
        "sha256": file_hash(next(folder.rglob("model.safetensors"))),
    }
    write_manifest(folder, **values)
    return values


def main() -> None:
    """`python -m training.train_embedder [--toy] [--out FOLDER]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--without", default="", help="authors of questions left out, separated by commas")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    print(f"data {data_hash()}")
    print(train(options.out, toy=options.toy, without=frozenset(filter(None, options.without.split(",")))))


if __name__ == "__main__":
    main()
