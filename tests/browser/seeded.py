"""A desk on which people have worked: messages sent, held, referred and corrected; runs measured; rules and scripts proposed."""

from __future__ import annotations

import json
from typing import Any

from copilot.records import User
from copilot.sampling import Draw
from ui.desk import Desk
from ui.handlers import advising, sending, talking

LI, WANG = User("li", "advisor", "李经理"), User("wang", "advisor", "王经理")
CHEN, SUN, ZHOU = (
    User("chen", "compliance", "陈合规"),
    User("sun", "compliance", "孙合规"),
    User("zhou", "trainer", "周培训"),
)
HABIT = (
    "这笔钱到期先放一放，我把几种安排列出来给您看",
    "这笔钱到期以后先放一放，我把几种安排列给您看",
    "钱到期先放一放，我把几种安排都列出来给您看看",
)
BEFORE, AFTER = "20261121-100000", "20261122-100000"


def seed(app: Any) -> None:
    """Work for a morning."""
    desk = Desk(app)
    for n, text in enumerate(HABIT):
        _send(desk, WANG if n else LI, text)
    conversation = talking.say(desk, LI, "", "我手机13812345678，那笔理财到期了怎么办")
    list(advising.suggest(desk, LI, conversation))
    sending.send(desk, LI, conversation, sending.adopt(desk, LI, conversation, 0).text, 0)
    held = talking.say(desk, LI, "", "这款怎么样")
    list(advising.suggest(desk, LI, held, intent="product_inquiry"))
    sending.send(desk, LI, held, "这款保本，您放心", None)
    sending.ask_compliance(desk, LI, held, "这是最好的安排", 0, "客户问得急")
    for name, good in ((BEFORE, False), (AFTER, True)):
        _run(app, name, good)
    app.office.sampling.draw(CHEN, Draw(50))
    app.office.rulebook.edit(CHEN, lambda a: a.worded("G19-urgency", "几种安排", True))
    app.office.scriptbook.propose(ZHOU, "maturity_reinvest", "answer", "warm", "{客户.称呼}，先别急，我陪您看看。", ())


def _send(desk: Desk, user: User, text: str) -> None:
    conversation = talking.say(desk, user, "", "我那笔理财到期了怎么办")
    list(advising.suggest(desk, user, conversation))
    sending.send(desk, user, conversation, text, 0)


def _run(app: Any, name: str, good: bool) -> None:
    """A run of two suites: intents, one of them held out, and a conversation."""
    folder = app.settings.data / "reports" / name
    folder.mkdir(parents=True)
    head = {
        "line": "run",
        "format": 1,
        "run": name,
        "at": "2026-11-22T10:00:00",
        "suites": ["line", "intent"],
        "own": False,
    }
    lines = [{**head, "provenance": {"model": "drafter", "rules": "v12" if good else "v11"}}, _conversation(good)]
    lines += [_intent(n, "heldout" if n == 3 else "development", good or n < 2) for n in range(4)]
    for suite, figure, value, n in (("intent", "accuracy", 1.0 if good else 0.5, 4), ("line", "intent_right", 1.0, 1)):
        low = max(0.0, value - 0.2)
        told = {"suite": suite, "name": figure, "value": value, "n": n, "low": low, "high": value, "unit": ""}
        lines.append({"line": "figure", **told})
    lines.append({"line": "end", "at": "2026-11-22T10:01:00", "cases": 5})
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "results.jsonl").write_text(text, encoding="utf-8")


def _intent(number: int, split: str, right: bool) -> dict[str, Any]:
    got = "fee_inquiry" if right else "other_unclear"
    outcome = {
        "wanted": "fee_inquiry",
        "got": got,
        "confidence": 0.9,
        "offered": [],
        "secondary_wanted": [],
        "secondary_got": [],
        "must_stop": False,
        "stopped": False,
        "talk_before": False,
        "in_other_dress": dict.fromkeys(("traditional", "homophones", "pinyin", "broken", "unmarked"), got),
    }
    shown = {} if split == "heldout" else {"text": f"手续费怎么算，第{number}问", "wanted": "fee_inquiry", "got": got}
    return {
        "line": "case",
        "suite": "intent",
        "case": f"i{number}",
        "split": split,
        "group": "",
        "outcome": outcome,
        "good": right,
        "ms": 2.0,
        "shown": shown,
    }


def _conversation(good: bool) -> dict[str, Any]:
    reply = {
        "move": "answer",
        "text": "王姐，到期当天不用操作，您放心。",
        "origin": "model",
        "reason": "",
        "verdict": "warn",
        "findings": [
            {"rule": "G22-1", "check": "G22", "severity": "warn", "start": 13, "end": 15, "quote": "放心", "reason": "淡化风险", "basis": "x"}
        ],
        "citations": [],
    }  # fmt: skip
    proposal = {
        "intent": "maturity_reinvest",
        "state": "calm",
        "selling": True,
        "ledger": {"S": [{"quote": "这周五到期", "turn": 0}], "P": [], "I": [], "N": []},
        "passages": [],
        "candidates": [reply],
        "quarantined": [],
        "provenance": {},
    }
    missed = [] if good else ["says_what_it_must"]
    scores = {"intent_right": True, "says_what_it_must": good}
    return {
        "line": "case",
        "suite": "line",
        "case": "c1",
        "split": "development",
        "group": "",
        "outcome": {"scores": scores, "origins": {"model": 1}},
        "good": good,
        "ms": 120.0,
        "shown": {"message": "我那笔这周五到期吗", "missed": missed, "proposal": proposal},
    }
