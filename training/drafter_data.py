"""Training texts of the drafter: each reply under many prompts, and plain text for the first phase."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from copilot.drafting.compose import Fields, bundled_values, veil
from copilot.prompting import Template, load_prompt
from copilot.types import Turn
from training.data import (
    ROOT,
    Message,
    Reply,
    all_texts,
    bucket,
    documents,
    load_faq,
    load_messages,
    load_replies,
)
from training.noise import Noise

SYSTEM, USER, ASSISTANT, END = "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"
SPECIAL = (END, SYSTEM, USER, ASSISTANT)
DEV_SHARE = 80  # of 1000, by message
ALWAYS = ("客户.称呼",)
_REF = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Sample:
    """One prompt and its reply, as text."""

    prompt: str
    reply: str


def template() -> Template:
    """The prompt the bundled drafter is given when it serves."""
    return load_prompt(ROOT / "prompts" / "draft-bundled.md")


def used(reply: str) -> list[str]:
    """References of a reply, in order of appearance."""
    return _REF.findall(reply)


def fields_of(reply: Reply, facts: Sequence[str] | None = None, faq: str | None = None) -> Fields:
    """What the drafter would be told of a reply's request; the question is given only with its answer."""
    names = list(facts if facts is not None else reply.facts)
    asked = reply.faq if faq is None else faq
    before = next((t.text for t in reversed(reply.history) if t.role == "advisor"), "")
    return Fields(
        reply.intent,
        reply.move,
        reply.tone,
        reply.state,
        reply.has,
        reply.kind,
        reply.role,
        names,
        asked if "问.答" in names else "",
        before,
        reply.message,
    )


def prompt_text(form: Template, fields: Fields) -> str:
    """System and user part in the chat form the model learns; the GGUF's chat template makes the same."""
    return f"{SYSTEM}{form.system}{USER}{form.fill(**bundled_values(fields))}{ASSISTANT}"


def is_dev(message: str) -> bool:
    """Whether a message, with all its replies, is held out."""
    return bucket(message) < DEV_SHARE


def scripted(messages: Sequence[Message]) -> list[Reply]:
    """Approved scripts as replies to messages of their intent, for breadth; each script to a few messages."""
    by_intent: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_intent[message.intent].append(message)
    questions = defaultdict(list)
    for entry in load_faq():
        questions[entry.intent].append(entry)
    rng = random.Random(5)
    found = []
    for _, document in documents():
        for row in document.get("scripts", ()):
            for _ in range(3):
                made = _scripted_one(row, by_intent[row["intent"]], questions[row["intent"]], rng)
                if made is not None:
                    found.append(made)
    return found


def _scripted_one(
    row: dict[str, object], pool: Sequence[Message], entries: Sequence[object], rng: random.Random
) -> Reply | None:
    text, state = str(row["text"]), str(row.get("state") or "calm")
    fitting = [m for m in pool if m.state == state]
    facts = dict.fromkeys([*ALWAYS, "行.名称", "行.电话", *used(text)])
    message, faq = "", ""
    history: tuple[Turn, ...] = ()
    if "问.答" in facts:
        if not entries:
            return None
        entry = rng.choice(list(entries))
        faq = entry.question  # type: ignore[attr-defined]
        message = rng.choice((entry.question, *entry.variants))  # type: ignore[attr-defined]
    elif fitting:
        chosen = rng.choice(fitting)
        message, history = chosen.text, chosen.history
    else:
        return None
    has_product = any(name.startswith("甲.") for name in facts)
    kind = rng.choice(("wealth", "wealth", "cash", "fund", "deposit")) if has_product else ""
    if any(name in ("甲.利率", "甲.起存", "甲.提前支取") for name in facts):
        kind = "deposit"
    role = "" if not kind else "offer" if row["move"] == "need" else "asked"
    return Reply(
        str(row["intent"]), str(row["move"]), str(row.get("tone") or "warm"), state, "您", message, history,
        (), kind, role, faq, tuple(facts), text, "scripts",
    )  # fmt: skip


class Maker:
    """Makes samples: the same reply with other facts at hand, other wording of the message, other questions beside it."""

    def __init__(self, replies: Sequence[Reply], noise: Noise) -> None:
        self.form = template()
        self.noise = noise
        self._fields: dict[tuple[str, str], list[str]] = defaultdict(list)
        for reply in replies:
            for name in reply.facts:
                handle = name.split(".")[0]
                key = (handle, reply.kind if handle in "甲乙" else "")
                if name not in self._fields[key]:
                    self._fields[key].append(name)
        self._questions = [(e.intent, e.question) for e in load_faq()]
        self._questions += sorted({(r.intent, r.faq) for r in replies if r.faq})

    def plain(self, reply: Reply) -> Sample:
        """The reply under exactly the facts it was written with."""
        return Sample(prompt_text(self.form, fields_of(reply)), reply.reply)

    def varied(self, reply: Reply, rng: random.Random) -> Sample:
        """The reply under varied facts, with another wording of the message now and then."""
        facts, faq = self.at_hand(reply, rng)
        changed = replace(reply, message=self.noise(reply.message, rng)) if rng.random() < 0.4 else reply
        if reply.has and rng.random() < 0.15:
            changed = replace(changed, has=())
        if rng.random() < 0.1:
            changed = replace(changed, history=())
        return Sample(prompt_text(self.form, fields_of(changed, facts, faq)), reply.reply)

    def at_hand(self, reply: Reply, rng: random.Random) -> tuple[list[str], str]:
        """Names at hand and the matched question: used names always stay, others come and go, and so do strange questions."""
        needed = set(used(reply.reply)) | set(ALWAYS)
        drop = rng.choice((0.0, 0.0, 0.15, 0.4))
        facts = [n for n in reply.facts if n in needed or rng.random() >= drop]
        facts += [n for n in self._distractors(reply) if rng.random() < 0.15]
        faq = reply.faq
        if "问.答" not in reply.facts and rng.random() < 0.25:
            others = [q for intent, q in self._questions if intent != reply.intent]
            if others:
                facts.append("问.答")
                faq = rng.choice(others)
        return sorted(set(facts) | needed), faq

    def _distractors(self, reply: Reply) -> list[str]:
        keys = [("客户", ""), ("行", ""), ("规", "")]
        if reply.kind:
            keys.append(("甲", reply.kind))
        if any(n.startswith("乙.") for n in reply.facts):
            keys.append(("乙", reply.kind))
        return [n for key in keys for n in self._fields.get(key, ()) if n not in reply.facts]


def split(replies: Sequence[Reply]) -> tuple[list[Reply], list[Reply]]:
    """Training replies and held-out ones."""
    return [r for r in replies if not is_dev(r.message)], [r for r in replies if is_dev(r.message)]


def plain_texts(dev_messages: frozenset[str], dev_replies: frozenset[str]) -> list[str]:
    """Text of the first phase, without the held-out messages and replies, figures veiled."""
    return [veil(t.replace("\n", "⏎")) for t in all_texts() if t not in dev_messages and t not in dev_replies]


def load_all() -> tuple[list[Reply], list[Reply], list[Reply]]:
    """Training replies, held-out replies, and scripted replies."""
    train, dev = split(load_replies())
    held = {r.message for r in dev}
    return train, dev, [r for r in scripted(load_messages()) if r.message not in held]
