"""A pasted chat: looked at before it is taken, each speaker told apart, laid over the conversation, and matched with the releases."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from copilot.edges import LONGEST_TEXT
from copilot.errors import InputError
from copilot.pasted import Pasted, read_chat
from copilot.pasted.merge import Merged, append, merge
from copilot.pasted.read import ROLE_NAMES, quoted_of
from copilot.records import User
from copilot.records.conversations import StoredConversation, StoredMessage
from copilot.sent import Noted, match, note, told
from copilot.types import Entry, Turn
from ui.desk import Desk
from ui.handlers.advising import proposal_of
from ui.handlers.rights import only
from ui.handlers.talking import CALLED, MOST_MESSAGES, begin, called, conversation_of
from ui.present.base import fingerprint

Who = Literal["customer", "me", "text", "skip"]
WHO: tuple[Who, ...] = ("customer", "me", "text", "skip")
"""Whose a name is: hers, the advisor's, no name at all, or somebody to be left out."""
ALIAS = "alias"
_HERS, _MINE = ("客户", "customer", "client"), ("我", "顾问", "me", "advisor")
_ADDRESS = re.compile(
    r"^[\u4e00-\u9fff]{1,2}(?:姐|大姐|哥|大哥|叔|阿姨|姨|女士|先生|老师|总|婶|伯|奶奶|爷爷|大爷|大妈)$"
)


@dataclass(frozen=True)
class Speaker:
    """A name of the chat and whose it is, "" when that must be asked. `guessed` when nobody said so."""

    name: str
    who: Who | Literal[""]
    guessed: bool
    messages: int


@dataclass(frozen=True)
class Preview:
    """A chat before it is taken. `new` are the places of the messages the conversation does not hold.

    `by_hand` when the advisor wrote 客户： and 我： himself: there is nothing to ask, and nothing to look at before.
    """

    pasted: Pasted
    speakers: tuple[Speaker, ...]
    not_names: tuple[str, ...]
    new: frozenset[int]
    differs: int
    other: str
    elsewhere: str
    token: str
    by_hand: bool

    @property
    def asked(self) -> bool:
        """Whether somebody's name must be settled first."""
        return any(not speaker.who for speaker in self.speakers)

    def who(self, name: str) -> str:
        """Whose a message is."""
        return next((s.who for s in self.speakers if s.name == name), "")


@dataclass(frozen=True)
class Taken:
    """What became of a chat: the conversation it is in, how many messages were new, what was noted of the advisor's own."""

    conversation: str
    new: int
    noted: tuple[Noted, ...] = ()


@only("advisor")
def preview(desk: Desk, user: User, opened: str, text: str, roles: str = "") -> Preview | None:
    """The chat as it would be taken; None for text without speakers, which is taken line by line as the customer's."""
    if len(text) > LONGEST_TEXT:
        raise InputError(f"the pasted text is longer than {LONGEST_TEXT} characters: paste less at a time")
    stored = desk.app.conversations.get(opened, user.name) if opened else None
    said_of, card = roles_of(roles), str(stored.customer.get("name") or "") if stored else ""
    aliases = desk.app.desk.marks(user.name, ALIAS)
    not_names = tuple(name for name, who in said_of.items() if who == "text")
    known = {name for name in (user.display, user.name, card, *aliases) if name}
    pasted = quoted_of(read_chat(text, desk.app.clock(), known, not_names))
    by_hand = pasted.shape == "plain" or all(s.lower() in (*ROLE_NAMES, "") for s in pasted.speakers)
    if by_hand and not not_names and not any(s.lower() in _MINE for s in pasted.speakers):
        return None
    if len(pasted.said) > MOST_MESSAGES:
        raise InputError(f"longer than {MOST_MESSAGES} messages in one paste: paste less at a time")
    speakers = _speakers(pasted, user, card, aliases, said_of)
    view = Preview(pasted, speakers, not_names, frozenset(), 0, "", "", "", by_hand)
    kept = conversation_of(stored).turns if stored else ()
    turns, places = _turns(view)
    merged = _merged(view, kept, turns)
    actuals = match(merged, _releases(desk, opened)) if not view.asked else ()
    hers = [s.name for s in speakers if s.who == "customer" and s.name and s.name.lower() not in _HERS]
    other = card if card and hers and not any(_alike(card, name) for name in hers) else ""
    return replace(
        view,
        new=frozenset(places[n] for n in merged.fresh),
        differs=sum(actual.how != "released" for actual in actuals),
        other=other,
        elsewhere=_elsewhere(desk, user, hers, opened) if other or not opened else "",
        token=fingerprint(f"{opened}\n{roles}\n{text}"),
    )


@only("advisor")
def take(desk: Desk, user: User, opened: str, text: str, roles: str = "", fresh: bool = False) -> Taken:
    """Lay the chat over the conversation (a new one when `fresh`), after what was really sent is noted in the record.

    InputError while a speaker must be asked for; GuardError and RecordError leave everything as it was.
    """
    target = "" if fresh else opened
    view = preview(desk, user, target, text, roles)
    if view is None or view.asked:
        raise InputError("say first who of these is the customer and who you are")
    conversation = target or begin(desk, user)
    stored = desk.app.conversations.get(conversation, user.name)
    asked, now = conversation_of(stored), desk.app.clock()
    turns, _ = _turns(view)
    merged = _merged(view, asked.turns, turns)
    releases = _releases(desk, conversation)
    actuals = match(merged, releases)
    whole = replace(asked, turns=merged.turns)
    before = desk.app.record.read(conversation=conversation, kinds=("referral", "sent"))
    noted = note(desk.app.line, user.name, whole, actuals, proposal_of(desk, conversation), before, bool(releases))
    said = [StoredMessage(t.role, t.text, t.at or now) for t in told(merged, actuals)]
    if merged.new or len(said) != len(asked.turns):
        desk.app.conversations.rewrite(conversation, user.name, said, now)
        desk.outdate(user, conversation)
    _name(desk, user, stored, view)
    mine = {s.name: "me" for s in view.speakers if s.who == "me" and s.name not in (user.display, user.name, *_MINE)}
    desk.app.desk.mark(user.name, ALIAS, mine)
    return Taken(conversation, len(merged.new), noted)


def chosen(view: Preview, roles: str, place: int, who: str) -> str:
    """The roles with one more settled, as the browser holds them; with two speakers the other follows."""
    if not 0 <= place < len(view.speakers) or who not in WHO:
        raise InputError("no such speaker in this chat")
    picked = {**roles_of(roles), view.speakers[place].name: who}
    rest = [s for n, s in enumerate(view.speakers) if n != place and s.name]
    if len(rest) == 1 and who in ("customer", "me"):
        picked[rest[0].name] = "me" if who == "customer" else "customer"
    return json.dumps(picked, ensure_ascii=False)


def names_again(roles: str) -> str:
    """The roles without those that said a word is no name."""
    return json.dumps({k: v for k, v in roles_of(roles).items() if v != "text"}, ensure_ascii=False)


def roles_of(text: str | None) -> dict[str, str]:
    """What the browser holds, read back; what is nothing of ours is nothing."""
    try:
        held = json.loads(text or "{}")
    except ValueError:
        return {}
    return {k: v for k, v in held.items() if v in WHO} if isinstance(held, dict) and len(held) <= MOST_MESSAGES else {}


def _speakers(
    pasted: Pasted, user: User, card: str, aliases: Mapping[str, str], roles: Mapping[str, str]
) -> tuple[Speaker, ...]:
    names = pasted.speakers
    found: dict[str, Who | Literal[""]] = {}
    for name in names:
        own = name in (user.display, user.name, *aliases) or name.lower() in _MINE
        hers = name in ("", card) or name.lower() in _HERS
        told_of = next((who for who in WHO if roles.get(name) == who), None)
        found[name] = told_of or ("me" if own else "customer" if hers else "")
    settled, guessed = dict(found), set()
    unsettled = [name for name in names if not settled[name]]
    if len(unsettled) == 1:
        named = {settled[name] for name in names if name}
        found[unsettled[0]] = "me" if "customer" in named and "me" not in named else "customer"
        guessed.add(unsettled[0])
    count = {name: sum(m.speaker == name for m in pasted.said) for name in names}
    return tuple(Speaker(name, found[name], name in guessed, count[name]) for name in names)


def _turns(view: Preview) -> tuple[list[Turn], list[int]]:
    """The messages as turns, with their places in the paste. A speaker that must be asked for is shown as the customer."""
    kept: list[Turn] = []
    places: list[int] = []
    for place, message in enumerate(view.pasted.said):
        who = view.who(message.speaker)
        if who != "skip":
            kept.append(Turn("advisor" if who == "me" else "customer", message.text, message.at))
            places.append(place)
    return kept, places


def _merged(view: Preview, kept: Sequence[Turn], turns: Sequence[Turn]) -> Merged:
    return append(kept, turns) if view.by_hand else merge(kept, turns)


def _releases(desk: Desk, conversation: str) -> list[Entry]:
    return desk.app.record.read(conversation=conversation, kinds=("release",)) if conversation else []


def _elsewhere(desk: Desk, user: User, names: Sequence[str], opened: str) -> str:
    """Another conversation of this advisor with a customer of this name."""
    for stored in desk.app.conversations.of(user.name):
        if stored.id != opened and called(stored) in names:
            return stored.id
    return ""


def _name(desk: Desk, user: User, stored: StoredConversation, view: Preview) -> None:
    """Put her name on an empty card, where the chat calls her as one addresses a person (王姐); a nickname only names the conversation."""
    hers = [s.name for s in view.speakers if s.who == "customer" and s.name and s.name.lower() not in _HERS]
    if not stored.customer.get("name") and len(hers) == 1:
        card = {**stored.customer, ("name" if _ADDRESS.match(hers[0]) else CALLED): hers[0]}
        desk.app.conversations.save(stored.id, user.name, card, desk.app.clock())


def _alike(card: str, name: str) -> bool:
    """Whether two names may be one person's: one holds the other, or the family name is the same."""
    return card in name or name in card or card[0] == name[0]
