"""A pasted chat before it is taken, and what was noted of it, as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.pasted import Said
from copilot.sent import Noted
from ui.handlers.importing import WHO, Preview, Speaker
from ui.present.base import banner, button, el, fold, safe
from ui.text import Words


def preview(words: Words, view: Preview | None) -> str:
    """Who speaks, what is new, what goes to compliance; and what was taken for no message."""
    if view is None or view.by_hand:
        return ""
    count = words("im_count", n=len(view.pasted.said), new=len(view.new))
    head = el("div", "row-head", el("b", "", safe(words("im_head"))), el("span", "quiet small", safe(count)))
    parts = [head, *_warnings(words, view)]
    parts += [_speaker(words, n, speaker) for n, speaker in enumerate(view.speakers) if speaker.name]
    if view.not_names:
        gone = safe(words("im_not_names", names="、".join(view.not_names)))
        parts.append(el("p", "small quiet", gone, " ", button("quiet-button", "names", words("im_names_again"))))
    said = [_said(words, view, n, message) for n, message in enumerate(view.pasted.said)]
    parts.append(el("div", "im-said", *said))
    if view.pasted.asides:
        lines = [el("p", "small quiet", safe(aside.text)) for aside in view.pasted.asides]
        parts.append(fold("im-asides", safe(words("im_asides", n=len(lines))), *lines))
    take = button("use", "take", words("im_take")) if not view.asked else ""
    parts.append(el("div", "im-acts", take, button("quiet-button", "drop", words("im_drop"))))
    return el("section", "importing", *parts)


def _warnings(words: Words, view: Preview) -> list[str]:
    found = []
    if view.asked:
        found.append(banner("info", words("im_asked")))
    if view.other:
        move = (
            button("small-button", f"open-{view.elsewhere}", words("im_elsewhere"))
            if view.elsewhere
            else button("small-button", "fresh", words("im_fresh"))
        )
        found.append(banner("warn", words("im_other", name=view.other), move))
    if view.differs:
        found.append(banner("warn", words("im_differs", n=view.differs)))
    return found


def _speaker(words: Words, place: int, speaker: Speaker) -> str:
    acts = [
        button("im-who is-on" if speaker.who == who else "im-who", f"who-{place}-{who}", words(f"im_{who}"))
        for who in WHO
    ]
    guess = el("span", "quiet small", safe(words("im_guessed"))) if speaker.guessed else ""
    return el("p", "im-speaker", el("b", "", safe(f"{speaker.name} × {speaker.messages}")), *acts, guess)


def _said(words: Words, view: Preview, place: int, message: Said) -> str:
    who = view.who(message.speaker)
    css = "im-line" + (" is-mine" if who == "me" else "") + ("" if place in view.new else " is-known")
    at = f" {message.at:%m-%d %H:%M}" if message.at else ""
    label = words("im_skip") if who == "skip" else message.speaker or words("customer")
    marks = [el("span", "chip small", safe(words("im_media")))] if message.media else []
    if place not in view.new and who != "skip":
        marks.append(el("span", "chip small", safe(words("im_known"))))
    head = el("span", "quiet small", safe(f"{label}{at} "))
    return el("p", css, head, safe(message.text), " ", *marks)


def taken(words: Words, new: int, noted: Sequence[Noted]) -> str:
    """What became of a chat that was taken; nothing where nothing need be said."""
    queued = [n for n in noted if n.case]
    if queued:
        numbers = "、".join(str(n.case) for n in queued)
        changed = sum(n.how == "changed" for n in queued)
        more = words("im_queued", new=new, changed=changed, unreleased=len(queued) - changed, numbers=numbers)
        return banner("warn", more)
    return banner("good", words("im_taken", new=new))
