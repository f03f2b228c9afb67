"""An evidence pack's entries as lines that a person reads, Chinese with English beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from copilot.records.checkpoint import Checkpoint
from copilot.types import Entry

TITLE = "证据包 Evidence pack"
_KINDS: Mapping[str, str] = {
    "proposal": "客户的话与判断 What the customer said, and how it was understood",
    "candidate": "给出的建议 A suggestion",
    "release": "放行 Released",
    "held": "被拦下 Held",
    "referral": "送合规 Sent to compliance",
    "decision": "合规结论 Compliance's decision",
}
_FINDING = ("rule", "severity", "quote", "reason", "basis")
_ROLES: Mapping[str, str] = {"customer": "客户 Customer", "advisor": "顾问 Advisor"}


def told(asked: int, entries: Sequence[Entry], checkpoint: Checkpoint, key: str) -> Iterator[str]:
    """The story of one message, step by step, then how it is proven. `key` is the public key."""
    yield TITLE
    yield f"第 {asked} 号记录 · entry {asked}"
    for entry in entries:
        yield ""
        kind = _KINDS.get(entry.kind, entry.kind)
        yield f"【{entry.sequence}】{entry.at:%Y-%m-%d %H:%M:%S} {entry.actor} · {kind}"
        if entry.payload is None:
            yield "内容已按要求删除，链仍完整。 Redacted; the chain still holds."
        else:
            yield from _said(entry.payload)
        yield f"摘要 Hash {entry.digest}"
    yield ""
    yield "链上证明 Proof"
    yield f"检查点 Checkpoint: {checkpoint.sequence} · {checkpoint.head}"
    yield f"公钥 Public key: {key}"
    yield "本页由同一包内的 payloads.jsonl 写成，随清单一并签名；核验方法见 README.txt。"
    yield "Written from payloads.jsonl of this pack and signed with its list of files; README.txt says how to verify."


def _said(payload: Mapping[str, Any]) -> Iterator[str]:
    for turn in payload.get("turns") or ():
        yield f"{_ROLES.get(turn['role'], turn['role'])}: {turn['text']}"
    understood = payload.get("understanding") or {}
    if understood:
        yield f"意图 Intent: {understood.get('intent', '')} · 状态 State: {understood.get('state', '')}"
    of = payload.get("candidate")
    text = of if isinstance(of, Mapping) else payload
    for name, shown in (("shown", "原建议 Suggested"), ("text", "文本 Text"), ("disclosure", "风险提示 Disclosure")):
        if text.get(name):
            yield f"{shown}: {text[name]}"
    yield from _found(text.get("verdict") or {})
    for name, shown in (("remark", "附言 Remark"), ("outcome", "结论 Outcome"), ("reason", "理由 Reason")):
        if payload.get(name):
            yield f"{shown}: {payload[name]}"
    made = payload.get("provenance") or {}
    if made:
        told_ = (f"{part} {made[part]}" for part in ("model", "prompt", "rules", "knowledge") if made.get(part))
        yield "依据版本 Provenance: " + " · ".join(told_)


def _found(verdict: Mapping[str, Any]) -> Iterator[str]:
    if "outcome" in verdict:
        yield f"合规检查 Guard: {verdict['outcome']} · 规则 Rules {verdict.get('rules_version', '')}"
    for finding in verdict.get("findings", ()):
        yield "  " + " ".join(str(finding[part]) for part in _FINDING if finding.get(part))
