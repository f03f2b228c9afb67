from __future__ import annotations

from pathlib import Path

import pytest

from copilot.drafting.grammar import conforms
from copilot.errors import ContentError
from copilot.types import INTENTS, Turn
from training import data, train_intent
from training.drafter_data import ASSISTANT, END, Maker, fields_of, is_dev, load_all, prompt_text, template, used
from training.noise import Noise, simplified, syllable, traditional


def test_every_message_is_of_the_closed_sets() -> None:
    messages = data.load_messages()
    assert len(messages) > 1000
    assert {m.intent for m in messages} == set(INTENTS)


def test_turns_keep_speakers_and_following_lines() -> None:
    assert data.turns("A:您好⏎C:嗯⏎到期了") == (Turn("advisor", "您好"), Turn("customer", "嗯\n到期了"))
    assert data.turns("") == ()


@pytest.mark.parametrize(
    "row",
    [
        "nonsense\t\tcalm\t你好\t",
        "complaint\tnonsense\tcalm\t你好\t",
        "complaint\t\tangry\t你好\t",
        "complaint\t\tcalm\t\t",
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "someone.tsv").write_text(f"intent\tsecondary\tstate\ttext\thistory\n{row}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"someone\.tsv:2"):
        data.load_messages(tmp_path)


def test_hand_written_replies_obey_the_grammar_of_their_facts() -> None:
    replies = data.load_every_reply()
    assert len(replies) > len(data.load_replies())
    broken = [r.reply for r in replies if not conforms(r.reply, r.facts)]
    assert len(broken) <= len(replies) * 0.01, broken[:5]


def test_all_moves_of_a_message_fall_on_one_side() -> None:
    train, dev, _ = load_all()
    assert dev
    assert not {r.message for r in train} & {r.message for r in dev}
    assert all(is_dev(r.message) for r in dev)


def test_varied_samples_never_lose_a_used_reference() -> None:
    import random

    train, _, extra = load_all()
    maker = Maker(train, Noise(r.message for r in train))
    rng = random.Random(0)
    for reply in [*train[:200], *extra[:50]]:
        facts, faq = maker.at_hand(reply, rng)
        assert set(used(reply.reply)) <= set(facts)
        if "问.答" in reply.facts and "问.答" in facts:
            assert faq == reply.faq


def test_the_training_prompt_is_the_serving_prompt() -> None:
    reply = data.load_replies()[0]
    text = prompt_text(template(), fields_of(reply))
    assert text.startswith("<|system|>起草回复<|user|>")
    assert text.endswith(ASSISTANT)
    assert END not in text


def test_no_model_is_measured_on_an_author_it_met(monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[set[str]] = []
    fit = train_intent.fit

    def watched(told: list[train_intent.Sample], recipe: train_intent.Recipe) -> train_intent.Fitted:
        met.append({s.message.author for s in told})
        return fit(told, recipe)

    monkeypatch.setattr(train_intent, "fit", watched)
    written, always = train_intent.samples(train_intent.TOY, toy=True)
    noise = Noise(s.message.text for s in written)
    asked, scores, plain = train_intent.unseen(written, always, train_intent.TOY, noise)
    authors = {s.message.author for s in written}
    assert len(met) == 2
    assert met[0] | met[1] == authors
    assert not met[0] & met[1]
    assert len(asked) == len(scores.intent) == len(plain) > 100


def test_noise_is_repeatable_and_keeps_negation() -> None:
    import random

    noise = Noise(["利息里的钱不能没有力气", "赎回熟回书"])
    copies = [noise("赎回的利息不能没有123", random.Random(i)) for i in range(200)]
    assert copies == [noise("赎回的利息不能没有123", random.Random(i)) for i in range(200)]
    assert len(set(copies)) > 20
    assert all("不" in c for c in copies if simplified(c) == c)
    assert syllable("利") == syllable("力") == "li"
    assert simplified(traditional("赎回")) == "赎回"


def test_every_labelled_talk_is_whole():
    turns = data.load_talks()
    assert len({t.talk for t in turns}) >= 300
    assert {t.message.intent for t in turns} == set(INTENTS)
    assert all(sum(bool(t.quotes[letter]) for t in turns) >= 150 for letter in "SPIN")
    assert {e[3] for t in turns for e in t.entities} <= {"", "USD", "GBP", "JPY", "HKD", "EUR", "AUD", "CAD"}


def test_a_quote_that_was_not_said_is_named(tmp_path):
    turn = '{"role": "customer", "text": "好", "intent": "greeting_smalltalk", "secondary": [], "state": "calm", "selling": true, '
    path = tmp_path / "a.jsonl"
    path.write_text(
        f'{{"id": "a", "turns": [{turn}"entities": [], "S": ["坏"], "P": [], "I": [], "N": []}}]}}\n', encoding="utf-8"
    )
    with pytest.raises(ContentError, match=r"a\.jsonl:1.*does not stand"):
        data.load_talks(path)
