"""A talk of practice: how she answers, when it ends, what it is worth, who may voice her."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from langchain_core.messages import AIMessage

from copilot.errors import InputError, ModelUnavailable
from evals.practice.coach import Coach, Room
from evals.practice.customer import customer_of, customers
from evals.practice.scoring import scored
from evals.practice.talk import MOST, begin, leave
from evals.practice.voice import fit, voiced_by, written
from evals.practice.written import exchange_json, scores_json, scores_of, talk_of
from tests.evals.practice.line import NOW, RuleLine

COURIER, CHEATED, ALLIN, WIDOW = (customer_of(n) for n in ("courier", "cheated", "allin", "widow"))


@pytest.fixture(scope="module")
def coach():
    return Coach(RuleLine(), lambda: NOW)  # type: ignore[arg-type]


def run(coach, buyer, *lines, seed=5):
    talk = begin(buyer, seed)
    for text in lines:
        talk = coach.said(buyer, talk, text)
    return talk


def well(buyer):
    """The lines of somebody who asks everything and answers it."""
    facts = sorted(buyer.facts.values(), key=lambda f: (bool(f.after), f.trust))
    return [*(f.better for f in facts), *(n.better for n in buyer.needs.values())]


def test_asked_she_tells_and_asked_again_she_minds(coach):
    talk = run(coach, COURIER, "马师傅，这笔钱您什么时候要用？", "这笔钱您大概什么时候要用？")
    first, second = talk.exchanges
    assert first.facts == ("term",)
    assert first.reply in COURIER.facts["term"].lines
    assert (second.facts, second.did) == ((), ("repeated",))
    assert second.patience == first.patience - 1


def test_what_is_hard_to_tell_wants_a_kind_word_first(coach):
    cold = run(coach, COURIER, "以前买过理财吗？")
    warm = run(coach, COURIER, "跑一天辛苦了。以前买过理财吗？")
    assert cold.exchanges[-1].did == ("guarded",)
    assert warm.exchanges[-1].facts == ("past",)


@pytest.mark.parametrize(
    ("text", "did"),
    [
        ("这款保证赚钱，您放心买", "promised"),
        ("抓紧时间，再不买就没了", "pressed"),
        ("给您推荐一款理财产品，很合适", "pitched"),
        ("您贵姓？几岁？哪里人？属什么？", "many"),
        ("今天股市收盘了", "ignored"),
    ],
)
def test_what_she_minds_she_says_and_it_costs_patience(coach, text, did):
    last = run(coach, COURIER, text).exchanges[-1]
    assert last.did == (did,)
    assert last.reply in getattr(COURIER.replies, did)
    assert last.patience == COURIER.patience - 1


@pytest.mark.parametrize("text", ["您好", "在的", "好的。"])
def test_a_greeting_costs_nothing(coach, text):
    last = run(coach, COURIER, text).exchanges[-1]
    assert last.reply in COURIER.opening
    assert last.patience == COURIER.patience


def test_patience_ends_and_nothing_may_be_said_after(coach):
    talk = run(coach, CHEATED, "给您推荐一款理财产品", "这款产品也不错，给您推荐")
    assert talk.ended == "bad"
    assert talk.exchanges[-1].reply.split("\n")[-1] in CHEATED.replies.bad
    with pytest.raises(InputError, match="has ended"):
        coach.said(CHEATED, talk, "对不起")


def test_the_turns_end(coach):
    hellos = ["您好", "早上好", "在的", "下午好", "嗯", "好的", "是的", "晚上好", "早", "在呢", "你好呀", "哈喽"]
    talk = run(coach, COURIER, *hellos)
    assert len(talk.exchanges) == MOST
    assert talk.ended == "over"
    assert talk.exchanges[-1].reply.split("\n")[-1] in COURIER.replies.over


@pytest.mark.parametrize("buyer", list(customers().values()), ids=lambda b: b.id)
def test_who_asks_well_and_answers_well_comes_to_a_good_end(coach, buyer):
    lines = [need.better for need in buyer.needs.values()] if buyer.urgent else well(buyer)
    talk = begin(buyer, 3)
    for text in lines:
        talk = coach.said(buyer, talk, text)
        if talk.ended:
            break
    assert talk.ended == "good"
    assert scored(buyer, talk).whole > 0.85


@pytest.mark.parametrize("buyer", list(customers().values()), ids=lambda b: b.id)
def test_who_sells_and_presses_is_told_so_by_the_scores(coach, buyer):
    talk = begin(buyer, 3)
    for text in ("我们行新出一款理财，给您推荐一下", "抓紧，再不买名额就没了", "保证稳赚不赔", "您到底买不买？"):
        talk = coach.said(buyer, talk, text)
        if talk.ended:
            break
    found = scored(buyer, leave(talk))
    assert found.whole < 0.5
    assert found.of("met").value == 0


def test_a_question_about_the_police_is_no_advice_to_call_them(coach):
    assert run(coach, CHEATED, "您不敢报警，是怕什么？").met == ()
    assert run(coach, CHEATED, "您现在就报警。").met == ("police",)


def test_a_need_is_met_once_what_it_rests_on_is_known(coach):
    split = COURIER.needs["split"].better
    early = run(coach, COURIER, split)
    late = run(coach, COURIER, COURIER.facts["term"].better, COURIER.facts["worry"].better, split)
    assert (early.met, late.met) == ((), ("split",))


def test_every_score_quotes_a_line_and_has_a_better_one(coach):
    said = ["您好", "这款保证赚钱", "您到底怎么还不懂？几岁了？"]
    talk = leave(run(coach, COURIER, *said))
    found = scored(COURIER, talk)
    assert [s.name for s in found.scores] == ["S", "P", "I", "N", "met", "compliance", "tone", "length", "question"]
    assert all(s.quote == said[s.turn] and s.better for s in found.scores)
    assert (found.of("compliance").turn, found.of("compliance").better) == (1, COURIER.better.compliance)
    assert found.of("compliance").why.startswith("G0")
    assert (found.of("tone").turn, found.of("tone").why) == (2, "cold")
    assert (found.of("question").turn, found.of("question").why) == (2, "many")


def test_a_long_line_is_counted(coach):
    found = scored(COURIER, leave(run(coach, COURIER, "这个" * 70)))
    assert (found.of("length").value, found.of("length").why) == (0, "long")


def test_an_offer_where_none_may_be_made_counts_against_all_that_was_right(coach):
    talk = run(coach, ALLIN, ALLIN.needs["refuse"].better, "要不给您推荐一款基金产品")
    met = scored(ALLIN, leave(talk)).of("met")
    assert (met.value, met.why, met.turn) == (0, "pitched", 1)


def test_where_help_comes_first_nothing_is_owed_for_what_was_not_asked(coach):
    talk = run(coach, CHEATED, *(need.better for need in CHEATED.needs.values()))
    found = scored(CHEATED, talk)
    assert talk.ended == "good"
    assert not {s.name for s in found.scores} & {"S", "P", "I", "N"}
    stopped = scored(CHEATED, leave(run(coach, CHEATED, "您好")))
    assert {"S", "P", "I", "N"} <= {s.name for s in stopped.scores}


def test_feelings_that_go_unheard_show_in_the_tone(coach):
    hurt = ["阿姨，我听着心里也难受。家里有人陪着您吗？", "存单一共有几张？"]
    kind = [hurt[0], "您慢慢说，不着急。存单一共有几张？"]
    assert scored(WIDOW, leave(run(coach, WIDOW, *hurt))).of("tone").why == "unfeeling"
    assert scored(WIDOW, leave(run(coach, WIDOW, *kind))).of("tone").value == 1


def test_the_product_s_own_understanding_hears_trouble_and_topics():
    line = RuleLine()
    line.state = "upset"
    assert "unfeeling" in run(Coach(line, lambda: NOW), COURIER, "存款利息上周调过").exchanges[-1].heard.acts  # type: ignore[arg-type]
    line.state, line.entities = "calm", (SimpleNamespace(type="amount"),)
    assert run(Coach(line, lambda: NOW), COURIER, "有五万吗").exchanges[-1].facts == ("amount",)  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_talk_and_another_gives_another(coach):
    lines = well(COURIER)[:5]
    told = {tuple(t.text for t in run(coach, COURIER, *lines, seed=n).turns) for n in range(12)}
    assert run(coach, COURIER, *lines, seed=4) == run(coach, COURIER, *lines, seed=4)
    assert len(told) > 6


def test_a_talk_is_read_back_as_it_was_kept(coach):
    talk = leave(run(coach, COURIER, "这款保证赚钱", "这笔钱什么时候要用？"))
    found = scored(COURIER, talk)
    head = {"customer": talk.customer, "seed": talk.seed, "opening": talk.opening}
    assert talk_of(head, [exchange_json(e) for e in talk.exchanges], talk.ended) == talk
    assert scores_of(scores_json(found)).of("compliance").quote == "这款保证赚钱"


@pytest.mark.parametrize(("text", "what"), [("  ", "no text"), ("长" * 501, "longer than")])
def test_a_line_that_is_none_is_refused(coach, text, what):
    with pytest.raises(InputError, match=what):
        coach.said(COURIER, begin(COURIER, 1), text)


def test_nothing_said_is_nothing_to_score():
    with pytest.raises(InputError, match="nothing was said"):
        leave(begin(COURIER, 1))


class Chat:
    """A larger model that says one thing, or fails."""

    def __init__(self, says):
        self.says, self.asked = says, []

    def invoke(self, messages, **_):
        self.asked.append(messages[-1].content)
        if isinstance(self.says, Exception):
            raise self.says
        return AIMessage(self.says)


@pytest.mark.parametrize(
    ("says", "stands"),
    [
        ("哥，五一前就得用，盖房子呢", True),
        ("<think>她急</think>五一前要用的哥", True),
        ("得要八万块，五一前", False),
        ("客户：五一前用", False),
        ("啊" * 200, False),
        ("", False),
        (ModelUnavailable("gone"), False),
    ],
)
def test_a_larger_model_says_her_line_or_the_line_stands(says, stands):
    chat, line = Chat(says), COURIER.facts["term"].lines[0]
    voice = voiced_by(chat)  # type: ignore[arg-type]
    said = voice(COURIER, begin(COURIER, 1), "什么时候要用？", line)
    assert (said != line) == stands
    assert COURIER.hidden.zh in chat.asked[0]
    assert "think" not in said


def test_without_a_larger_model_the_lines_are_hers():
    assert voiced_by(None) is written
    assert fit("", "原话") == "原话"


def test_a_room_keeps_talks_apart_and_ends_each_once(tmp_path, coach):
    from copilot.records import PracticeStore, open_database

    room = Room(replace(coach), PracticeStore(open_database(f"sqlite:///{tmp_path / 'r.db'}")))
    name = room.begin("li", "courier", seed=2)
    room.say("li", name, "这笔钱什么时候要用？")
    assert room.own("li", name).talk.known == ("term",)
    for act in (lambda: room.own("wang", name), lambda: room.say("wang", name, "您好"), lambda: room.read("gone")):
        with pytest.raises(InputError, match="no such talk"):
            act()
    done = room.leave("li", name)
    assert done.scored == room.leave("li", name).scored
    with pytest.raises(InputError, match="has ended"):
        room.say("li", name, "您好")
