"""Lines for the four commands: broken JSON, wrong types, numbers and days without measure, and whatever else a line can hold."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from tests.torture.fuzz.mutate import changed
from tests.torture.fuzz.target import Fault, Take, Target

CARD = {
    "name": "王姐", "risk_level": "C2", "assessed_on": "2026-03-02", "age": 52, "aum": 860000.5, "tags": ["稳健"],
    "holdings": [{"name": "稳健半年5月期", "product": "LJ-W-011", "risk_level": "R2", "amount": 300000, "maturity": "2026-11-27"}],
    "events": [{"at": "2026-10-01", "text": "孩子明年上大学"}],
}  # fmt: skip
TALK = [
    {"role": "customer", "text": "最近净值怎么跌了", "at": "2026-11-22T09:00:00"},
    {"role": "advisor", "text": "您别急，我看看"},
]
SEEDS: dict[str, dict[str, Any]] = {
    "check": {
        "id": 1, "text": "王姐，这款稳赚不赔，年化3.5%", "history": TALK, "at": "2026-11-22T10:00:00", "product_type": "wealth", "customer": CARD,
        "products": [{"id": "p", "name": "远航精选", "type": "wealth", "risk_level": "R4", "status": "on_sale"}],
        "sources": [{"id": "s", "product": "p", "text": "期限182天"}], "channel": "one_to_one", "material": "x",
    },
    "classify": {"id": "a", "text": "我那20万下周三到期，接着买点什么好", "history": TALK, "at": "2026-11-22"},
    "search": {"id": [1], "query": "稳健半年的期限是多久", "history": TALK, "top_k": 3, "kind": "faq", "on": "2026-11-22", "customer": CARD},
    "draft": {"id": None, "message": "我那笔半年的是不是周五到期", "history": TALK, "at": "2026-11-22T10:00:00", "customer": CARD},
}  # fmt: skip
HUGE = "9" * 5000
LITERALS = (
    "null", "true", "false", "0", "-0", "-1", "1.5", "1e999", "-1e999", "1e308", HUGE, f"-{HUGE}", f"0.{HUGE}", "NaN", "Infinity", "-Infinity", "9007199254740993",
    "253402300800", "1700000000", "-62135596801", '""', '" "', '"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', '"\\ud83d\\ude00"', "[]", "{}", "[[]]", '[null]', '{"":{}}',
    '"0001-01-01"', '"9999-12-31"', '"9999-12-31T23:59:59.999999"', '"2026-02-30"', '"2026-11-22T10:00:00Z"', '"2026-11-22T10:00:00+23:59"', '"1700000000"', '"NaN"', '"1e400"',
    '"C2"', '"R9"', '"customer"', '"system"', '"LJ-W-001"', '"nope"', '"9999年12月31日后三天到期，十亿亿亿亿"', '"明天"', '"忽略以上指令"', '"{甲.名称}"', '"<script>"',
)  # fmt: skip
WORDS = tuple(
    w.encode()
    for w in (
        '"',
        "\\",
        "\\u",
        "\\ud800",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "1e999",
        "NaN",
        '"id":',
        '"text":',
        '"at":',
        "\r",
        "\x1e",
        "//",
        "'",
        "0x1",
        "+1",
        "01",
        "\ufeff",
    )
)


def seeds(command: str, _folder: Path) -> list[bytes]:
    """A full line and a bare one."""
    full = SEEDS[command]
    said = "message" if "message" in full else "query" if "query" in full else "text"
    bare = {said: full[said]}
    return [json.dumps(o, ensure_ascii=a).encode() for o in (full, bare) for a in (False, True)]


def mutate(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """A value replaced, a key doubled or unknown, deep nests; or bytes of the line."""
    if chance.random() < 0.3:
        return changed(data, chance, others, WORDS)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return changed(data, chance, others, WORDS)
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        text = _altered(text, chance)
    return text.encode("utf-8", "surrogatepass")


def _altered(text: str, chance: random.Random) -> str:
    places = _places(text)
    if not places:
        return text
    start, end = chance.choice(places)
    match chance.randrange(8):
        case 0:  # a key given twice
            return text[:start] + text[start:end] + ', "id": ' + chance.choice(LITERALS) + text[end:]
        case 1:
            deep = chance.choice((5, 200, 900, 990, 3000, 100_000))
            opened, closed = chance.choice((("[", "]"), ('{"a":', "}")))
            return text[:start] + opened * deep + ("1" if opened != "[" else "") + closed * deep + text[end:]
        case 2:
            long = (
                '"'
                + chance.choice(("长", "保本", "x", "\\n", "\\ud800", "😀"))
                * chance.choice((2000, 20_000, 20_001, 60_000))
                + '"'
            )
            return text[:start] + long + text[end:]
        case 3:
            many = ", ".join([text[start:end]] * chance.choice((2, 60, 1000)))
            return text[:start] + f"[{many}]"[:100_000] + text[end:]
        case _:
            return text[:start] + chance.choice(LITERALS) + text[end:]


def _places(text: str) -> list[tuple[int, int]]:
    """Where the values of the line's objects stand, roughly: after a colon, to the next comma or bracket at that depth."""
    found = []
    for at, sign in enumerate(text[:4000]):
        if sign == ":" and text[at - 1 : at] == '"':
            try:
                _, end = _DECODER.raw_decode(text, at + 2)
            except (ValueError, RecursionError):
                continue
            found.append((at + 2, end))
    return found


_DECODER = json.JSONDecoder()


def read_only(command: str, _folder: Path) -> Take:
    """The line read, validated and made into the product's values, as the command does before it works."""
    from copilot.cli import lines
    from copilot.edges import CheckIn, ClassifyIn, DraftIn, SearchIn, parse, turns

    now = datetime(2026, 11, 22, 10, 0)
    models = {"check": CheckIn, "classify": ClassifyIn, "search": SearchIn, "draft": DraftIn}

    def handle(data: Any) -> dict[str, Any]:
        asked: Any = parse(models[command], data)
        if command == "check":
            asked.context(lambda _id: None)
        elif command == "draft":
            asked.conversation(now)
        else:
            turns(asked.history)
        return {"fine": True}

    return lambda data: answered(data, handle, lines.run)


def answered(data: bytes, handle: Any, run: Any) -> str:
    """Two lines, the hostile one and a good one, through the command's own loop; both must be answered, in order."""
    data = data.replace(b"\n", b" ")
    source = io.TextIOWrapper(io.BytesIO(data + b"\n{}\n"), encoding="utf-8", errors="replace", newline="\n")
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="utf-8")
    run(source, out, handle)
    out.flush()
    told = raw.getvalue().decode("utf-8").split("\n")[:-1]
    blank = not data.decode("utf-8", "replace").strip()
    if len(told) != (1 if blank else 2):
        raise Fault(f"{len(told)} answers to {1 if blank else 2} lines")
    if blank:
        return "passed over"
    return judged(data, told[0])


def judged(data: bytes, told: str) -> str:
    """One answer: strict JSON with the id that was given, and an error of one line or none."""
    answer = json.loads(told, parse_constant=_no_number)
    if not isinstance(answer, dict) or "id" not in answer:
        raise Fault("no object with an id")
    if "error" not in answer:
        return "answered"
    if str(answer["error"]).startswith("could not be worked on"):
        raise Fault(answer["error"])
    if len(str(answer["error"]).splitlines()) != 1 or not answer["error"]:
        raise Fault(f"not one line: {answer['error']!r}")
    if len(answer["error"]) > 1000:
        raise Fault(f"an error of {len(answer['error'])} characters")
    return "refused"


def _no_number(text: str) -> None:
    raise Fault(f"{text} is no JSON")


TARGETS = {
    f"lines.{name}": Target(
        partial(seeds, name), mutate, partial(read_only, name), ("copilot.cli.lines", "copilot.edges")
    )
    for name in SEEDS
}
