"""Why a file was refused, in the reader's language. The intake says it in one English line, for the command line; a person at the desk reads his own."""

from __future__ import annotations

import re

from ui.text import Words

_WHY: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"is not read; save it as (?P<ending>\.\w+)", "no_old_ending"),
        (r"is not read; readable are", "no_ending"),
        (r"larger than (?P<mb>\d+) MB", "no_large"),
        (r"no room;", "no_room"),
        (r"name is too long", "no_long_name"),
        (r"neither UTF-8 nor", "no_encoding"),
        (r"protected by a password", "no_password"),
        (r"holds macros", "no_macros"),
        (r"unpacks to more", "no_bomb"),
        (r"only pictures", "no_pictures"),
        (r"(?P<pages>\d+) pages; split it", "no_pages"),
        (r"holds no text|(?:^|: )empty$", "no_text"),
        (r"not a csv row", "no_csv"),
        (r"its reader", "no_reader"),
        (r"broken|cannot be read|not a web page|not a table", "no_broken"),
        (r"the content has a document of this id", "no_taken"),
        (r"holds from .* not after", "no_days"),
        (r"the same bytes as (?P<other>.+)", "same_bytes"),
        (r"withdrawn; put it back", "is_withdrawn"),
        (r"could not be (?:kept|put on the shelf)", "no_disk"),
        (r"record could not be written", "no_record"),
        (r"no product of the catalogue", "no_product"),
        (r"is no day", "no_day"),
        (r"the last day lies before", "no_order"),
        (r"no file waits", "no_waiting"),
        (r"a remark is needed", "need_remark"),
        (r"longer than", "fail_long"),
        (r"a reason is needed", "need_reason"),
        (r"a run is under way", "t_busy"),
        (r"choose at least one suite", "t_no_suite"),
        (r"no model .+ to run with", "t_no_model"),
        (r"no run|no case|no figure|no suite in common", "t_gone"),
        (r"this habit is no longer", "e_gone"),
        (r"(?P<figure>\S+) is a figure; use a reference", "e_has_figure"),
        (r"is no reference of", "e_no_reference"),
        (r"the guard holds this reply: (?P<rule>\S+) (?P<quote>.+)", "e_held"),
        (r"proposed already", "e_known"),
        (r"private data is still", "c_private"),
        (r"begin each turn with", "c_turns"),
        (r"is no intent|is no move|move: ", "e_choose"),
        (r"this reply cannot be taken", "e_not_taken"),
        (r"no text \d+ in the record|no released message \d+", "f_gone"),
        (r"no released message is left", "q_empty"),
        (r"a share lies between", "q_share"),
        (r"not drawn, or has been judged", "q_gone"),
        (r"nobody is called (?P<name>.+)", "f_nobody"),
        (r"a word is 2 to 20 letters", "r_bad_word"),
        (r"is not in the list|would be empty|do not fit the rules", "r_not_fit"),
        (r"waits for its second person", "r_pending"),
        (r"no longer waits|changed the draft meanwhile|no longer stands", "r_stale"),
        (r"the draft changes nothing", "r_same"),
        (r"no such talk|no practice customer", "y_gone"),
        (r"this talk has ended", "y_has_ended"),
        (r"went on in another window", "y_elsewhere"),
        (r"nothing was said yet", "y_nothing"),
        (r"there is no text to say", "y_empty"),
        (r"not on the shelf|nothing of it is held|not withdrawn", "no_longer"),
    )
)


def refusal(words: Words, told: str) -> str:
    """The reason in the page's language; what has none of its own is told as it stands."""
    for pattern, key in _WHY:
        found = pattern.search(told)
        if found:
            return words(key, **found.groupdict())
    return words("no_other", told=told)
