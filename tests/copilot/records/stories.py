"""Messages as the desk records them, small."""

from __future__ import annotations

from datetime import datetime

from copilot.records import RecordStore

AT = datetime(2026, 11, 22, 10)


def tell(record: RecordStore, conversation: str, at: datetime = AT) -> dict[str, int]:
    """One message from question to release, with a referral; name of the step → entry."""

    def note(kind: str, actor: str, **said: object) -> int:
        return record.append(kind, actor, conversation, said, at).sequence

    opening = note("proposal", "li", turns=[{"role": "customer", "text": f"{conversation}问：能保本吗"}])
    first = note("candidate", "li", proposal=opening, index=0, candidate={"text": "这款不保本", "findings": []})
    held = note("held", "li", proposal=opening, text="保本", verdict={"findings": [{"rule": "promise"}]})
    referral = note("referral", "li", proposal=opening, text="不保本，请放心", remark="请看")
    decision = note("decision", "zhao", referral=referral, outcome="approved", reason="可以")
    release = note("release", "li", proposal=opening, referral=referral, text="不保本，请放心")
    return {
        "proposal": opening,
        "candidate": first,
        "held": held,
        "referral": referral,
        "decision": decision,
        "release": release,
    }
