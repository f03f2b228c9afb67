"""The reply book finds what was written to messages like hers; the judge weighs texts of every source alike."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting import ModelDrafter, ScriptedDrafter
from copilot.drafting.alike import Alike
from copilot.drafting.book import Entry, Heard, ReplyBook, centred
from copilot.drafting.fitness import SIGNS, Fitness, Writing, matter_of
from copilot.drafting.handwritten import HEARING, NOTE, REPLIES, VECTORS, Handwritten, load_handwritten
from copilot.drafting.vocabulary import Vocabulary
from copilot.errors import SettingsError
from copilot.prompting import load_prompt
from copilot.reading.trees import Trees
from copilot.settings import packaged
from copilot.types import DraftRequest, PlannedMove, Product, Reference, Script
from tests.copilot.fakes import Chat, Library, said, understood

ANSWER = PlannedMove("answer", "先答她问的")
TOPICS = ("利率", "赎回", "积分")


def listen(text, history):
    """A vector a word of TOPICS."""
    counts = np.array([float(t in text) + 0.01 for t in TOPICS])
    return counts, counts / np.linalg.norm(counts)


def entry(message, reply, move="answer", state="calm", intent="deposit_rate", **more):
    return Entry(intent=intent, move=move, tone="warm", state=state, message=message, reply=reply, **more)


ENTRIES = (
    entry("三年的利率多少", "{客户.称呼}，各期限的利率每天都公布，您看哪一档？"),
    entry("利率怎么又降了", "降了是真的，{客户.称呼}，我把各档列给您。"),
    entry("积分换什么", "积分在商城里换，{问.答}", intent="benefits_activity"),
    entry("赎回要几天", "{甲.到账}，您先看日子。", intent="liquidity_need"),
    entry("利率太低我要投诉", "您有气我听着，利率这件事我去问。", state="upset", move="soothe"),
    entry("给老伴存，利率多少", "老伴那份也按这个利率，您放宽心看。"),
)


def book(entries=ENTRIES):
    topics = np.stack([listen(e.message, ())[0] for e in entries])
    middle = topics.mean(axis=0)
    sense = np.stack([listen(e.message, ())[1] for e in entries])
    says = [listen(e.reply, ()) for e in entries]
    says_topic = centred(np.stack([topic for topic, _ in says]), middle)
    heard = Heard(centred(topics, middle), middle, sense, says_topic, np.stack([s for _, s in says]))
    return ReplyBook(entries, heard, listen)


def judge(**weights):
    return Fitness(dict.fromkeys(SIGNS, 0.0) | weights, 0.0, Vocabulary)


def request(message="三年利率现在多少", intent="deposit_rate", state="calm", names=(), moves=(ANSWER,), **more):
    references = tuple(Reference(n, "王姐" if n == "客户.称呼" else "值", "d", 0, 1) for n in ("客户.称呼", *names))
    return DraftRequest(said(message), understood(intent, state), (), moves, references, {}, {}, **more)


def near(asked, move="answer", **more):
    return [w.template for w in book().near(matter_of(asked), move, **more)]


class TestAlike:
    def test_the_same_text_is_wholly_alike_and_a_strange_one_not_at_all(self):
        alike = Alike(["三年利率多少", "积分怎么换"])
        assert alike("三年利率多少") == pytest.approx([1.0, 0.0])
        assert list(alike("zzz")) == [0.0, 0.0]
        assert list(alike("")) == [0.0, 0.0]

    def test_script_and_width_make_no_difference(self):
        assert Alike(["三年利率多少"])("三年利率多少") == pytest.approx(
            Alike(["三年利率多少"])("３年利率多少") + 0, abs=1
        )
        assert Alike(["贖回要幾天"])("赎回要几天")[0] == pytest.approx(1.0)

    @given(st.lists(st.text(max_size=30), max_size=5), st.text(max_size=30))
    def test_it_is_a_cosine_for_any_text(self, texts, text):
        found = Alike(texts)(text)
        assert len(found) == len(texts)
        assert all(-1e-9 <= value <= 1 + 1e-9 for value in found)


class TestBook:
    def test_what_was_written_to_a_like_message_comes_first(self):
        assert near(request())[0] == ENTRIES[0].reply

    def test_only_the_move_and_facts_at_hand_are_used(self):
        assert all("{问.答}" not in t and "{甲." not in t for t in near(request()))
        assert ENTRIES[2].reply in near(request(names=("问.答",)))
        assert near(request(), "need") == []

    def test_what_was_written_in_anger_is_for_the_angry(self):
        assert near(request(state="calm"), "soothe") == []
        assert near(request(state="upset"), "soothe") == [ENTRIES[4].reply]
        for state in ("grief", "fraud", "minor", "confused"):
            assert near(request(state=state), "soothe") == []

    def test_replies_to_the_very_message_can_be_left_out(self):
        asked = request("三年的利率多少")
        assert ENTRIES[0].reply in near(asked)
        assert ENTRIES[0].reply not in near(asked, apart_from="三年的利率多少")

    def test_company_is_what_others_wrote_to_messages_like_hers(self):
        asked = matter_of(request())
        by_reply = {w.template: w.company for w in book().near(asked, "answer")}
        # Her own message's reply is not its own company: 老伴 and 又降了 speak of 利率 as it does.
        said = [listen(e.reply, ())[1] for e in (ENTRIES[0], ENTRIES[1], ENTRIES[5])]
        assert by_reply[ENTRIES[0].reply] == pytest.approx((said[0] @ said[1] + said[0] @ said[2]) / 2)
        about, beside = (book().company(asked, "answer", listen(t, ())[1]) for t in ("利率", "积分"))
        assert about > beside
        assert book().company(asked, "need", listen("利率", ())[1]) == 0.0


class TestFitness:
    def test_what_belongs_to_the_first_customer_is_counted(self):
        asked, judged = matter_of(request()), judge(borrowed=-1.0)
        own, hers = ENTRIES[5], ENTRIES[0]
        scores = [judged(asked, Writing(e.reply, "answer", "book", message=e.message)) for e in (hers, own)]
        assert scores[0] > scores[1]

    def test_a_reply_that_served_one_alone_is_known(self):
        asked = matter_of(request())
        judged = judge(reusable=1.0, weak=-1.0, particular_cut=0.5)
        text = "各期限的利率每天都公布，您看哪一档？"

        def fit(reuse, whole=text):
            return judged(asked, Writing(text, "answer", "book", reuse=reuse, whole=whole))

        assert fit(2) > fit(1, "给老伴存的话，" + text) > fit(1) > fit(0)
        assert judged(asked, Writing(text, "answer", "script", reuse=2)) == 0.5

    def test_trees_add_to_the_weights(self):
        place = SIGNS.index("asks")
        nodes = {
            "feature": [place, -1, -1],
            "bar": [0.5, 0, 0],
            "left": [1, 0, 0],
            "right": [2, 0, 0],
            "value": [0, -1, 1],
        }
        trees = Trees(
            **{name: np.array(values) for name, values in nodes.items()}, roots=np.array([0]), base=np.zeros(1)
        )
        weighed = Fitness(dict.fromkeys(SIGNS, 0.0), 0.0, Vocabulary, trees)
        texts = [Writing(t, "answer", "script") for t in ("您看哪一档？", "各档都在页面上。")]
        scores = weighed.of_all(matter_of(request()), texts)
        assert scores == [weighed(matter_of(request()), t) for t in texts]
        assert scores[0] > 0.5 > scores[1]
        assert weighed.of_all(matter_of(request()), []) == []

    def test_signs_and_weights_go_together(self):
        signs = judge().signs(matter_of(request()), Writing("好的。", "answer", "script"))
        assert signs.shape == (len(SIGNS),)
        assert np.isfinite(signs).all()

    @given(st.text(max_size=80), st.text(max_size=60))
    def test_any_text_gets_a_probability(self, template, message):
        writing = Writing(template, "answer", "book", message=message)
        asked = matter_of(request("利率多少"))
        assert 0 <= judge(alike=3.0, strange=-2.0, long=-1.0)(asked, writing) <= 1


def drafter(**weights):
    return ScriptedDrafter(Library(), Handwritten(book(), judge(**weights)))


class TestWhatSheAsks:
    def fitness(self, intent):
        """The fitness of the first answer, none of which tells her interest."""
        asked = request("十万存一年，利息有多少", intent, names=("算.利息",))
        deposit = Product("P-1", "一年定存", "deposit", term_days=365)
        asked = replace(asked, products={"甲": deposit}, roles={"甲": "offer"})
        return next(Handwritten(book(), judge()).ranked(asked, ANSWER, ())).fitness

    def test_an_answer_that_passes_it_over_loses(self):
        assert self.fitness("deposit_rate") == pytest.approx(0.2)

    def test_but_not_where_the_move_may_not_tell_it(self):
        assert self.fitness("risk_concern") == pytest.approx(0.5)


class TestDrafting:
    def test_the_fittest_of_book_and_scripts_is_filled_and_says_where_it_is_from(self):
        first = next(iter(drafter(book=4.0, alike=2.0)(request())))
        assert (first.origin, first.text) == ("book", "王姐，各期限的利率每天都公布，您看哪一档？")
        assert first.citations[0].reference == "客户.称呼"

    def test_an_approved_script_that_fits_better_wins(self):
        asked = request("到期的钱会回来吗", "maturity_reinvest", names=("问.答",))
        first = next(iter(drafter(script=6.0, book=-6.0)(asked)))
        assert first.origin == "script"

    def test_what_asks_for_what_she_has_said_comes_after_what_does_not(self):
        entries = (entry("利率多少", "利率能查到，您这回想存多少？"), entry("利率呢", "利率能查到，您更看重哪一头？"))
        hand = Handwritten(book(entries), judge(alike=1.0))
        plain = [j.draft.text for j in hand.ranked(request("利率多少"), ANSWER, ())]
        told = [j.draft.text for j in hand.ranked(request("利率多少", names=("客户.金额",)), ANSWER, ())]
        assert "想存多少" in plain[0]
        assert "想存多少" in told[-1]

    def test_what_speaks_of_another_life_is_not_offered(self):
        texts = [d.text for d in drafter(book=4.0)(request())]
        assert not any("老伴" in t for t in texts)

    def test_a_sentence_of_another_life_is_left_out_of_a_good_reply(self):
        entries = (entry("外甥女存钱，三年利率多少", "定期的利率今天能查到，我列给您看。外甥女的那份一起办。"),)
        hand = Handwritten(book(entries), judge(borrowed=-2.0))
        first = next(hand.ranked(request(), ANSWER, ()))
        assert first.draft.text == "王姐，定期的利率今天能查到，我列给您看。"
        with_her = next(hand.ranked(request("给外甥女存三年利率多少"), ANSWER, ()))
        assert with_her.draft.text == f"王姐，{entries[0].reply}"

    def test_too_little_of_a_reply_is_not_offered(self):
        entries = (
            entry("外甥女存钱，三年利率多少", "利率今天能查到。外甥女的那份，连同她妈妈的，等外甥女放学一起办。"),
        )
        hand, asked = Handwritten(book(entries), judge(borrowed=-2.0)), matter_of(request())
        (whole,) = hand.book.near(asked, "answer")
        assert hand.trims(asked, whole) == []
        enough = replace(whole, template=whole.template.replace("能查到", "能查到，我列好就发给您慢慢看"))
        assert [w.template for w in hand.trims(asked, enough)] == ["利率今天能查到，我列好就发给您慢慢看。"]

    def test_a_sentence_of_what_only_its_customer_spoke_of_is_left_out(self):
        entries = (
            entry("装修的钱，三年利率多少", "定期的利率今天能查到，我列给您看。装修款到时候另说。"),
            entry("年后装修，利率呢", "装修别耽误。利率我去问。"),
            entry("装修贷利率", "装修归装修，利率归利率。"),
        )
        hand = Handwritten(book(entries), Fitness(dict.fromkeys(SIGNS, 0.0), 0.0, lambda: book(entries).vocabulary))
        asked = matter_of(request())
        whole = next(w for w in hand.book.near(asked, "answer") if w.template == entries[0].reply)
        told = replace(whole, message="", history="")  # nothing is known of who it was written to
        assert "定期的利率今天能查到，我列给您看。" in [w.template for w in hand.trims(asked, told)]
        hers = matter_of(request("装修要用钱，三年利率多少"))
        assert hand.fitness.uncalled(hers, told.template) < hand.fitness.uncalled(asked, told.template)

    def test_what_leans_on_a_sentence_that_goes_goes_with_it(self):
        entries = (entry("外甥女存钱，三年利率多少", "外甥女的那份先放着。不过利率，今天能查到，我列给您看。"),)
        hand, asked = Handwritten(book(entries), judge(borrowed=-2.0)), matter_of(request())
        (whole,) = hand.book.near(asked, "answer")
        assert hand.trims(asked, whole) == []
        alone = replace(whole, template=whole.template.replace("不过利率", "利率"))
        assert [w.template for w in hand.trims(asked, alone)] == ["利率，今天能查到，我列给您看。"]

    def test_a_refusal_without_its_no_is_not_offered(self):
        decline = PlannedMove("decline", "")
        entries = (
            entry("外甥女想买，三年利率多少", "小朋友有心思攒钱，这是很好的习惯。外甥女没成年，不能买。", "decline"),
        )
        hand = Handwritten(book(entries), judge(borrowed=-2.0))
        texts = [j.draft.text for j in hand.ranked(request(moves=(decline,)), decline, ())]
        assert texts
        assert all("不能买" in text for text in texts)

    def test_a_warning_keeps_the_way_to_help(self):
        safety = PlannedMove("safety", "")
        entries = (
            entry("外甥女被骗，三年利率", "先停下手里的操作，码也不要填。外甥女的卡，马上拨{行.电话}锁上。", "safety"),
        )
        hand = Handwritten(book(entries), judge(borrowed=-2.0))
        texts = [j.draft.text for j in hand.ranked(request(names=("行.电话",), moves=(safety,)), safety, ())]
        assert texts
        assert all("锁上" in text for text in texts)

    def test_an_answer_is_not_led_up_to_with_its_own_words(self):
        entries = (entry("三年利率多少", "马上挂断，别理他。{问.答}"),)
        hand = Handwritten(book(entries), judge())
        answer = Reference("问.答", "马上挂断，再打官方电话。", "d", 0, 1)
        asked = replace(request(), references=(*request().references, answer))
        assert all("马上挂断，别理他" not in j.draft.text for j in hand.ranked(asked, ANSWER, ()))

    def test_what_was_said_of_one_kind_of_product_is_not_said_of_another(self):
        entries = (entry("随时能取的利率多少", "{甲.名称}是随取的活钱。", kind="cash", role="asked"),)
        hand = Handwritten(book(entries), judge())

        def texts(product):
            asked = request(names=("甲.名称",))
            asked = replace(asked, products={"甲": product}, roles={"甲": "asked"})
            return [j.draft.template for j in hand.ranked(asked, ANSWER, ())]

        assert texts(Product("P", "零钱澜", "cash"))
        assert not texts(Product("P", "岚屿长宁", "insurance"))

    def test_a_question_move_keeps_its_question(self):
        entries = (entry("外甥女存钱", "好的，利率我列给您看一看。外甥女哪天用钱？", "situation"),)
        ranked = Handwritten(book(entries), judge()).ranked(request(), PlannedMove("situation", ""), ())
        assert all("？" in j.draft.text for j in ranked)

    def test_a_poor_text_is_offered_only_where_nothing_else_is(self):
        asked = request(moves=(ANSWER, PlannedMove("situation", "")))
        drafts = list(drafter(book=-3.0, script=-3.0)(asked))
        assert drafts, "something is always offered"
        assert len({d.text for d in drafts}) == len(drafts)

    def test_a_fact_told_before_counts_against_a_text(self):
        long = replace(
            request(names=("问.答",)), references=(Reference("问.答", "积分在商城里换，到期前都有效。", "d", 0, 1),)
        )
        hand = Handwritten(book(), judge(book=1.0))
        first = list(hand.ranked(long, ANSWER, (Script("S-1", "deposit_rate", "answer", "{问.答}"),)))
        again = hand.ranked(
            long, ANSWER, (Script("S-1", "deposit_rate", "answer", "{问.答}"),), ["好。积分在商城里换，到期前都有效。"]
        )
        score = {j.draft.text: j.fitness for j in first}
        told = [j for j in again if "商城" in j.draft.text]
        assert told
        assert all(j.fitness < score[j.draft.text] for j in told)

    def test_her_interest_is_told_where_she_asks_for_it_and_nowhere_else(self):
        reckons = Script("S-1", "deposit_rate", "answer", "存满利息{算.利息}。", ("算.利息",))
        plain = Script("S-2", "deposit_rate", "answer", "利率当天公布。")
        hand = Handwritten(book(), judge(book=-9.0))

        def first(message):
            return next(hand.ranked(request(message, names=("算.利息",)), ANSWER, (plain, reckons))).draft.script

        assert first("存一年利息多少") == "S-1"
        assert first("利率什么时候公布") == "S-2"

    def test_the_product_of_the_kind_she_asks_for_answers_her(self):
        cash = Product("P", "零钱澜", "cash", facts=())
        names_it = Script("S-1", "liquidity_need", "answer", "有的，{甲.名称}。", ("甲.名称",))
        plain = Script("S-2", "liquidity_need", "answer", "我看看。")
        hand = Handwritten(book(), judge(book=-9.0, product=-0.5))

        def first(message, **more):
            asked = request(message, "liquidity_need", names=("甲.名称",))
            asked = replace(asked, **{"products": {"甲": cash}, "roles": {"甲": "offer"}, **more})
            return next(hand.ranked(asked, ANSWER, (plain, names_it))).draft.script

        assert first("有没有随时能取的") == "S-1"
        assert first("明天要用钱") == "S-2"
        assert first("有没有随时能取的", roles={"甲": "held"}) == "S-2"

    def test_of_two_alike_what_a_person_wrote_is_offered(self):
        prompt = load_prompt(packaged("prompts", "draft.md"))
        poor = drafter(she_asks=-0.6)  # of all texts alike, or the model would not be asked
        model = ModelDrafter(Chat(says=["{客户.称呼}，我看看。"], asked=[]), prompt, poor, small=True)
        assert next(iter(model(request()))).origin == "book"
        assert len(model.chat.asked) > 0

    def test_a_promise_may_be_one_of_her_second_intent(self):
        library = Library(
            (
                Script("S-1", "deposit_rate", "find_out", "{客户.所问}，我查挂牌。", ("客户.所问",)),
                Script("S-2", "fee_inquiry", "find_out", "{客户.所问}，我查收费标准。", ("客户.所问",)),
            )
        )
        library.scripts = lambda intent: [s for s in library._scripts if s.intent == intent]
        own = ScriptedDrafter(library, Handwritten(book(), judge(book=-9.0)))
        asked = request("手续费怎么收", names=("客户.所问",))
        both = replace(asked, understanding=replace(asked.understanding, secondary=("fee_inquiry",)))
        assert own.best(asked, ANSWER).draft.script == "S-1"
        assert own.best(both, ANSWER).draft.script == "S-1", "the first intent's where both fit alike"

    def test_a_promise_to_a_guessed_matter_names_none(self):
        library = Library(
            (
                Script("S-1", "liquidity_need", "find_out", "我去看您哪笔钱能动。"),
                Script("S-2", "other_unclear", "find_out", "好的，我这就去看。"),
            )
        )
        library.scripts = lambda intent: [s for s in library._scripts if s.intent == intent]
        drafter = ScriptedDrafter(library, Handwritten(book(), judge(book=-9.0)))
        sure = request("明天去网点要带啥", "liquidity_need", moves=(PlannedMove("find_out", ""),))
        guess = replace(sure, understanding=replace(sure.understanding, confidence=0.3))
        assert [drafter.best(asked, sure.moves[0]).draft.script for asked in (sure, guess)] == ["S-1", "S-2"]
        answering = replace(guess, moves=(ANSWER, PlannedMove("situation", ""), PlannedMove("problem", "")))
        assert [d.script for d in drafter(answering)].count("S-2") == 1

    def test_a_small_model_is_asked_only_where_people_wrote_nothing_good(self):
        def model(**weights):
            prompt = load_prompt(packaged("prompts", "draft.md"))
            return ModelDrafter(Chat(says=["{客户.称呼}，我看看。"], asked=[]), prompt, drafter(**weights), small=True)

        assert next(iter(model(book=4.0)(request()))).origin == "book"
        assert all(d.note == "" for d in model(book=4.0)(request())), "nobody failed"
        weak = next(iter(model(book=-2.0, script=-2.0)(request())))
        assert (weak.origin, weak.text) == ("model", "王姐，我看看。")

    def test_a_larger_model_writes_itself(self):
        prompt = load_prompt(packaged("prompts", "draft.md"))
        large = ModelDrafter(Chat(says=["{客户.称呼}，我看看。"], asked=[]), prompt, drafter(book=9.0))
        assert next(iter(large(request()))).origin == "model"
        (_, human), _ = large.chat.asked[0]
        assert "· {客户.称呼}，各期限的利率每天都公布，您看哪一档？" in human.content


class TestBundled:
    def test_it_loads_and_answers(self):
        hand = load_handwritten(packaged("copilot", "bundled", "book"), _bundled_listen())
        assert len(hand.book.entries) > 3000
        asked = request("定期三年多少现在", names=("问.答",))
        ranked = list(hand.ranked(asked, ANSWER, ()))
        assert len(ranked) > 5
        assert all(0 <= j.fitness <= 1 for j in ranked)

    @pytest.mark.parametrize("name", [NOTE, REPLIES, VECTORS, HEARING])
    @pytest.mark.parametrize("how", ["gone", "cut", "changed"])
    def test_a_damaged_folder_is_refused_in_one_line(self, tmp_path, name, how):
        for path in packaged("copilot", "bundled", "book").iterdir():
            (tmp_path / path.name).write_bytes(path.read_bytes())
        bad = tmp_path / name
        data = bad.read_bytes()
        if how == "gone":
            bad.unlink()
        else:
            bad.write_bytes(data[: len(data) // 2] if how == "cut" else b"[]" + data[2:])
        with pytest.raises(SettingsError, match="make train-book") as caught:
            load_handwritten(tmp_path, listen)
        assert "\n" not in str(caught.value)

    def test_weights_for_other_signs_are_refused(self, tmp_path):
        for path in packaged("copilot", "bundled", "book").iterdir():
            (tmp_path / path.name).write_bytes(path.read_bytes())
        note = json.loads((tmp_path / NOTE).read_text(encoding="utf-8"))
        note["weights"].pop(SIGNS[0])
        (tmp_path / NOTE).write_text(json.dumps(note), encoding="utf-8")
        with pytest.raises(SettingsError, match="another version"):
            load_handwritten(tmp_path, listen)


def _bundled_listen():
    from copilot.intent import IntentModel
    from knowledge_base.embed import load_embedder

    classifier = IntentModel(packaged("copilot", "bundled", "intent"))
    embedder = load_embedder(packaged("copilot", "bundled", "embedder"))
    return lambda text, history: (classifier.topic(text, history), embedder.encode([text])[0])
