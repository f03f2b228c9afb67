"""Reads what the trained drafter writes: the real GGUF, the real prompt, the real grammar."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llama_cpp import Llama
from llama_cpp.llama_grammar import LlamaGrammar

from copilot.drafting import grammar
from copilot.drafting.compose import bundled_values
from copilot.drafting.form import acceptable, trim
from copilot.types import (
    Conversation,
    DraftRequest,
    Ledger,
    PlannedMove,
    Product,
    Reference,
    Turn,
    Understanding,
)
from training.data import Reply, load_replies
from training.drafter_data import fields_of, is_dev, template, used

TEMPERATURE = 0.3


@dataclass(frozen=True)
class Written:
    """What the model wrote for one held-out reply, before and after trimming."""

    reply: Reply
    text: str
    raw: str
    ok: bool
    tokens: int
    seconds: float


class Writer:
    """The GGUF in this process, for evaluation alone; the product runs it in a process of its own."""

    def __init__(self, path: Path) -> None:
        self.model = Llama(str(path), n_ctx=1024, n_threads=2, seed=1, verbose=False)
        self.form = template()

    def write(self, reply: Reply, seed: int = 1) -> Written:
        """One reply for the request that a hand-written one answers."""
        allowed = grammar.build(reply.facts)
        user = self.form.fill(**bundled_values(fields_of(reply)))
        started = time.monotonic()
        answer = self.model.create_chat_completion(
            [{"role": "system", "content": self.form.system}, {"role": "user", "content": user}],
            grammar=LlamaGrammar.from_string(allowed, verbose=False),
            temperature=TEMPERATURE,
            max_tokens=160,
            seed=seed,
        )
        seconds = time.monotonic() - started
        raw = str(answer["choices"][0]["message"]["content"]).strip()  # type: ignore[index]
        request, planned = request_of(reply)
        text = trim(raw, planned)
        count = int(answer["usage"]["completion_tokens"])  # type: ignore[index]
        return Written(reply, text, raw, acceptable(text, request, planned), count, seconds)


def request_of(reply: Reply) -> tuple[DraftRequest, PlannedMove]:
    """A request with the reply's references, enough for the drafter's own check of form."""
    planned = PlannedMove(reply.move, "")  # type: ignore[arg-type]
    understanding = Understanding(reply.intent, 1.0, (), (), (), reply.state, True, Ledger())  # type: ignore[arg-type]
    references = tuple(Reference(n, n, "", 0, 0) for n in reply.facts)
    products = {"甲": Product("x", "x", reply.kind)} if reply.kind else {}  # type: ignore[arg-type]
    roles = {"甲": reply.role} if reply.role else {}
    conversation = Conversation((Turn("customer", reply.message),))
    return DraftRequest(conversation, understanding, (), (planned,), references, products, roles), planned


def trigrams(text: str) -> frozenset[str]:
    """Every three neighbouring characters."""
    return frozenset(text[i : i + 3] for i in range(len(text) - 2))


def distance(left: frozenset[str], right: frozenset[str]) -> float:
    """Share of trigrams not in common: 0 for the same text, 1 for nothing alike."""
    return 1 - len(left & right) / max(1, len(left | right))


def summary(written: Sequence[Written], training: Sequence[Reply]) -> dict[str, float]:
    """Figures over what was written for held-out messages."""
    hit = sum(len(set(used(w.text)) & set(used(w.reply.reply))) for w in written)
    said = sum(len(set(used(w.text))) for w in written)
    wanted = sum(len(set(used(w.reply.reply))) for w in written)
    seen = [trigrams(r.reply) for r in training]
    near = [min(distance(trigrams(w.text), other) for other in seen) for w in written]
    answers = [
        w for w in written if w.reply.move == "answer" and "问.答" in w.reply.facts and "问.答" in used(w.reply.reply)
    ]
    asks = [("？" in w.text) == ("？" in w.reply.reply) for w in written]
    return {
        "n": len(written),
        "valid": round(sum(w.ok for w in written) / len(written), 3),
        "precision": round(hit / max(1, said), 3),
        "recall": round(hit / max(1, wanted), 3),
        "f1": round(2 * hit / max(1, said + wanted), 3),
        "answers with 问.答": round(sum("问.答" in used(w.text) for w in answers) / max(1, len(answers)), 3),
        "asks when the writer asks": round(sum(asks) / len(asks), 3),
        "recited": round(sum(d < 0.1 for d in near) / len(near), 3),
        "near": round(sum(d < 0.4 for d in near) / len(near), 3),
        "characters": round(sum(len(w.text) for w in written) / len(written), 1),
        "tokens": round(sum(w.tokens for w in written) / len(written), 1),
        "seconds": round(sum(w.seconds for w in written) / len(written), 3),
        "tokens/s": round(sum(w.tokens for w in written) / sum(w.seconds for w in written), 1),
    }


def evaluate(path: Path, limit: int, show: int) -> dict[str, float]:
    """Write for held-out replies, print some, and give the figures."""
    replies = load_replies()
    held = [r for r in replies if is_dev(r.message)]
    chosen = random.Random(3).sample(held, min(limit, len(held)))
    writer = Writer(path)
    writer.write(chosen[0])
    written = [writer.write(r) for r in chosen]
    for w in written[:show]:
        asked = f"[{w.reply.intent}/{w.reply.move}/{w.reply.state}] {w.reply.message!r}"
        print(f"{asked}\n    → {w.text}{'' if w.ok else ' ✗'}\n    = {w.reply.reply}")
    return summary(written, [r for r in replies if not is_dev(r.message)])


def main() -> None:
    """`python -m training.drafter_eval GGUF [--limit N] [--show N]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gguf", type=Path)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--show", type=int, default=30)
    options = parser.parse_args()
    print(evaluate(options.gguf, options.limit, options.show))


if __name__ == "__main__":
    main()
