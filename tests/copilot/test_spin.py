"""State, ledger and moves on messages as customers send them."""

from dataclasses import replace
from datetime import datetime

import pytest

from copilot.reading.wishes import asked_to_decline
from copilot.settings import Settings
from copilot.spin import LedgerReader, detect_state, plan_moves, selling_allowed
from copilot.spin.state import troubled
from copilot.types import (
    MOVES,
    Conversation,
    Customer,
    Evidence,
    Ledger,
    Move,
    Spin,
    State,
    Turn,
    Understanding,
)

build_ledger = LedgerReader(Settings().ledger_dir)
AT = datetime(2026, 11, 24, 10, 0)


def talk(*texts: str) -> Conversation:
    """A conversation; texts that begin with `A:` are the advisor's."""
    turns = tuple(Turn("advisor", t[2:]) if t.startswith("A:") else Turn("customer", t) for t in texts)
    return Conversation(turns, at=AT)


def quotes(conversation: Conversation, letter: Spin) -> list[str]:
    return [e.quote for e in build_ledger(conversation).letter(letter)]


# --- state -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "intent", "state"),
    [
        ("你们这是骗人！退钱！", "complaint", "upset"),
        ("都打了五个电话了没人理 我去银保监说道说道", "complaint", "upset"),
        ("当初咋跟我讲的 现在亏成这样", "performance_concern", "upset"),
        ("跌得我睡不着 血压都高了", "performance_concern", "upset"),
        ("侬当时哪能讲的？现在蚀脱三千", "performance_concern", "upset"),
        ("你哋咩態度！！", "complaint", "upset"),
        ("全转走 再也不来了 什么态度", "outflow_churn", "upset"),
        ("老头子上个月走了，我想问问他那张存单", "life_planning", "grief"),
        ("我妈去世了，她的卡怎么弄", "transaction_help", "grief"),
        ("爸爸不在了 密码没人知道", "transaction_help", "grief"),
        ("刚查出来不太好 要化疗", "liquidity_need", "grief"),
        ("要给他选块墓碑，取两万", "liquidity_need", "grief"),
        ("家母昨夜辞世，诸事容后再谈", "greeting_smalltalk", "grief"),
        ("医生说最多半年了，我想都取出来", "liquidity_need", "grief"),
        ("等过了百日再说吧", "objection_hesitation", "grief"),
        ("存折户名还是他的，要带什么", "transaction_help", "grief"),
        ("孕晚期跑不动，能在手机上弄吗", "transaction_help", "calm"),
        ("我要是哪天猝死了房贷谁还", "insurance_pension", "calm"),
        ("医生说我血压高，想买份保险", "insurance_pension", "calm"),
        ("我今年16，能买基金不", "recommendation_request", "minor"),
        ("我读初二，压岁钱想存着", "deposit_rate", "minor"),
        ("姐姐这是我妈手机 她在做饭 我在玩", "other_unclear", "minor"),
        ("公安局让我把钱转到安全账户", "fraud_security", "fraud"),
        ("验证码我已经念给他了怎么办", "fraud_security", "fraud"),
        ("刷单垫了三千，他说再垫一笔才给提现", "fraud_security", "fraud"),
        ("有人让我共享屏幕帮我退保，正连着", "transaction_help", "fraud"),
        ("手机丢了 卡绑在上面 赶紧给我停", "fraud_security", "hurried"),
        ("急用！今天能不能到", "liquidity_need", "hurried"),
        ("在开会 回个短的 截止几点", "product_inquiry", "hurried"),
        ("我糊涂了，我买的到底是存款还是保险啊", "product_inquiry", "confused"),
        ("闺女你哪个银行的来着", "other_unclear", "confused"),
        ("一年定期多少", "deposit_rate", "calm"),
        ("今天又跌了一点，是债市的缘故吗", "performance_concern", "calm"),
        ("早上好", "greeting_smalltalk", "calm"),
        ("重疾险确诊就赔吗", "insurance_pension", "calm"),
        ("我走了一趟你们网点没开门", "holiday_arrangement", "calm"),
        ("不急，你慢慢看", "product_inquiry", "calm"),
        ("孩子今年16，想给他存点钱", "life_planning", "calm"),
        ("给我儿子存点钱 今年8岁 到他上大学用", "life_planning", "calm"),
        ("我今年14 压岁钱能自己存不", "life_planning", "minor"),
        ("我妹儿说的那个还有吗", "product_inquiry", "calm"),
        ("收益还行，再放放", "maturity_reinvest", "calm"),
        ("验证码一直收不到怎么弄", "transaction_help", "calm"),
        ("万一我哪天走了，这钱给谁", "insurance_pension", "calm"),
        ("要是银行倒了谁负责", "risk_concern", "calm"),
        ("转过去了 刚转的5万 怎么办啊啊啊", "outflow_churn", "fraud"),
        ("钱汇给他了，还追得回来吗", "transaction_help", "fraud"),
        ("转错了 输错一位 怎么办", "transaction_help", "calm"),
        ("赎回转过去了怎么办理到账", "liquidity_need", "calm"),
        ("我爸查出来癌症 要用钱 那笔定期能取吗", "liquidity_need", "grief"),
        ("得了癌症重疾险赔不赔", "insurance_pension", "calm"),
        ("我妈刚确诊癌症 先别联系我了", "greeting_smalltalk", "grief"),
        ("活着没意思，钱都亏光了", "performance_concern", "crisis"),
        ("笑死我了 这也叫利息", "deposit_rate", "calm"),
    ],
)
def test_state(text: str, intent: str, state: State) -> None:
    assert detect_state(text, (), intent) == state


def test_the_card_knows_a_minor() -> None:
    assert detect_state("能买基金吗", (), "recommendation_request", Customer(age=16)) == "minor"
    assert detect_state("我16买的那份保险", (), "insurance_pension", Customer(age=50)) == "calm"


def test_grief_lasts_into_the_next_short_turn() -> None:
    history = (Turn("customer", "我爱人上周过世了"), Turn("advisor", "请您节哀"))
    assert detect_state("谢谢你", history, "greeting_smalltalk") == "grief"


@pytest.mark.parametrize(
    ("intent", "state", "allowed"),
    [
        ("maturity_reinvest", "calm", True),
        ("performance_concern", "calm", True),
        ("performance_concern", "upset", False),
        ("complaint", "calm", False),
        ("fraud_security", "calm", False),
        ("liquidity_need", "hurried", True),
        ("life_planning", "grief", False),
        ("life_planning", "crisis", False),
        ("product_inquiry", "confused", False),
        ("recommendation_request", "minor", False),
        ("transaction_help", "fraud", False),
    ],
)
def test_selling(intent: str, state: State, allowed: bool) -> None:
    assert selling_allowed(intent, state) is allowed


def test_a_senior_is_not_silenced_but_a_minor_is() -> None:
    assert selling_allowed("maturity_reinvest", "calm", Customer(age=78))
    assert not selling_allowed("maturity_reinvest", "calm", Customer(age=17))


# --- ledger ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "letter", "quote"),
    [
        ("手头有二十来万，半年内用不着", "S", "手头有二十来万"),
        ("手头有二十来万，半年内用不着", "S", "半年内用不着"),
        ("我那笔30万下周到期", "S", "我那笔30万下周到期"),
        ("老大明年上大学，我跟老伴都退休了", "S", "我跟老伴都退休了"),
        ("一直存定期，没买过理财", "S", "没买过理财"),
        ("卖了老家的房子 到手六十万", "S", "到手六十万"),
        ("利息太低了，越来越少", "P", "利息太低了"),
        ("我就怕亏，心里没底", "P", "我就怕亏"),
        ("说明书看不懂", "P", "说明书看不懂"),
        ("锁着取不出来，干着急", "P", "锁着取不出来"),
        ("放活期白躺着", "P", "放活期白躺着"),
        ("要是跌了，孩子学费就交不上了", "I", "孩子学费就交不上了"),
        ("存着也跑不赢通胀", "I", "存着也跑不赢通胀"),
        ("取不出来就耽误买房了", "I", "取不出来就耽误买房了"),
        ("亏了我怎么跟老伴交代", "I", "亏了我怎么跟老伴交代"),
        ("想要稳一点的，别太长", "N", "想要稳一点的"),
        ("能随时取就行", "N", "能随时取就行"),
        ("最好每月有钱进账", "N", "最好每月有钱进账"),
        ("都行，别亏就行", "N", "别亏就行"),
        ("我手裡有三十萬，想搵啲穩陣嘅", "S", "我手裡有三十萬"),
        ("姐我那四万块钱下个月到期我怕放理财又亏了你说我放哪合适", "P", "我怕放理财又亏了"),
    ],
)
def test_evidence(text: str, letter: Spin, quote: str) -> None:
    assert quote in quotes(talk(text), letter)


@pytest.mark.parametrize(
    "text",
    [
        "一年定期多少了",
        "早上好",
        "[图片]",
        "起购多少",
        "几点下班",
        "手续费怎么收",
        "稳健半年投的是啥",
        "好的",
        "这个有没有地产债",
    ],
)
def test_plain_questions_reveal_nothing(text: str) -> None:
    assert build_ledger(talk(text)).present == ()


def test_fearless_is_no_problem() -> None:
    assert quotes(talk("我不怕跌，放得久"), "P") == []


def test_a_rival_s_rate_is_not_her_situation() -> None:
    assert quotes(talk("隔壁给到2.1%，起存20万"), "S") == []


def test_only_her_own_words_count() -> None:
    conversation = talk("我有20万", "A:您是怕亏还是想要灵活？孩子学费要用吗", "都有吧")
    ledger = build_ledger(conversation)
    assert (Evidence("我有20万", 0),) == ledger.S
    assert ledger.P == ()


def test_every_quote_is_a_substring_of_its_turn() -> None:
    conversation = talk("我有20万，想稳一点\n就怕取不出来", "A:什么时候用呢", "明年三月孩子出国，晚了就耽误了")
    ledger = build_ledger(conversation)
    assert ledger.present == ("S", "P", "I", "N")
    for letter in ledger.present:
        for evidence in ledger.letter(letter):
            assert evidence.quote in conversation.turns[evidence.turn].text


@pytest.mark.parametrize(
    "correction", ["不是20万，是12万", "不是20万是12万", "说错了，是12万", "刚才打错了，我有12万", "其实只有12万"]
)
def test_a_correction_replaces(correction: str) -> None:
    found = quotes(talk("我有20万要放", "A:好的，20万对吗", correction), "S")
    assert not any("20万" in q for q in found)
    assert any("12万" in q for q in found)


def test_a_correction_of_the_term_keeps_the_money() -> None:
    found = quotes(talk("我有20万", "半年内用不着", "说错了，是一年内用不着"), "S")
    assert "我有20万" in found
    assert "半年内用不着" not in found


# --- moves -----------------------------------------------------------------------------------------------------------


def understood(
    intent: str = "maturity_reinvest", state: State = "calm", ledger: Ledger | None = None, selling: bool | None = None
) -> Understanding:
    allowed = selling_allowed(intent, state) if selling is None else selling
    return Understanding(intent, 0.9, (), (), (), state, allowed, ledger or Ledger())


E = (Evidence("我有20万", 0),)


def moves(understanding: Understanding, found: bool = True, offer: bool = True, message: str = "") -> tuple[Move, ...]:
    planned = plan_moves(understanding, found, offer, None, message)
    assert 2 <= len(planned) <= 3
    assert len({p.move for p in planned}) == len(planned)
    assert all(p.reason and p.move in MOVES for p in planned)
    return tuple(p.move for p in planned)


@pytest.mark.parametrize(
    ("ledger", "expected"),
    [
        (Ledger(), ("answer", "situation", "problem")),
        (Ledger(S=E), ("answer", "problem")),
        (Ledger(S=E, P=E), ("answer", "implication", "need")),
        (Ledger(S=E, P=E, N=E), ("answer", "need", "implication")),
        (Ledger(S=E, P=E, I=E, N=E), ("answer", "need")),
    ],
)
def test_the_next_move_follows_from_what_is_missing(ledger: Ledger, expected: tuple[Move, ...]) -> None:
    assert moves(understood(ledger=ledger))[: len(expected)] == expected


SELLING_MOVES = {"problem", "implication", "need", "situation"}


@pytest.mark.parametrize("state", ["upset", "grief", "confused", "fraud", "minor"])
@pytest.mark.parametrize("found", [True, False])
def test_troubled_customers_are_never_sold_to(state: State, found: bool) -> None:
    assert not SELLING_MOVES & set(moves(understood("performance_concern", state, Ledger(S=E, P=E)), found))


def test_first_moves_by_state() -> None:
    assert moves(understood("complaint", "calm"))[0] == "soothe"
    assert moves(understood("performance_concern", "upset"))[0] == "soothe"
    assert moves(understood("life_planning", "grief"))[0] == "soothe"
    assert moves(understood("fraud_security", "calm"))[0] == "safety"
    assert moves(understood("transaction_help", "fraud"))[0] == "safety"
    assert moves(understood("product_inquiry"), found=False)[0] == "find_out"
    assert moves(understood("greeting_smalltalk"), found=False) == ("answer", "situation")


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("你给我打个包票，保证不亏我就买", "guarantee"),
        ("保不保本？给个准话", "guarantee"),
        ("亏了你们赔不赔，敢不敢写个字据", "guarantee"),
        ("问卷你帮我填了得了", "questionnaire"),
        ("选哪个能到C4 我照着点", "questionnaire"),
        ("验证码我念给你，你帮我登录买上", "code"),
        ("密码发你 你直接操作吧", "code"),
        ("有内幕消息没", "favour"),
        ("我等级不够 用我老婆的账户买行不", "borrowed"),
        ("挂我妈名下买可以吧", "borrowed"),
        ("信用卡套点出来买基金", "on_credit"),
        ("贷款出来买理财 赚个差价", "on_credit"),
        ("消费贷利率低 我贷点放你们理财里", "on_credit"),
        ("我妈名下那笔到期了", ""),
        ("先还房贷还是买理财", ""),
        ("他们拿我的钱去放贷还是炒股", ""),
        ("你们贷款还要我买保险？", ""),
        ("贷款批不批跟我买不买理财有没有关系", ""),
        ("用我妈妈的账户买可以吗", "borrowed"),
        ("用孩子的名义买行不", "borrowed"),
        ("拿我奶奶的卡买", "borrowed"),
        ("用男朋友的账户买那只基金", "borrowed"),
        ("想用女儿的名字开个户存压岁钱", ""),
        ("用我妈的手机怎么操作赎回", ""),
        ("拿我妈的身份证能帮她开户吗", ""),
        ("用孩子名字买国债可以不", ""),
        ("钱放我老公卡里买了大额存单", ""),
        ("我想贷20万买你们理财", "on_credit"),
        ("拿经营贷的钱去买理财", "on_credit"),
        ("借点钱买你们这个基金", "on_credit"),
        ("我有房贷，还想买点理财", ""),
        ("我贷款都还清了，现在想买点理财", ""),
        ("房贷利率比理财收益高吗", ""),
        ("贷款和理财能一起办吗", ""),
        ("信用卡积分能买黄金吗", ""),
        ("朋友借钱炒股不还我", ""),
        ("会不会亏", ""),
        ("定期一年多少", ""),
        ("验证码收不到", ""),
        ("测评在哪里做", ""),
        ("帮我看看放哪合适", ""),
    ],
)
def test_what_an_advisor_declines(message: str, asked: str) -> None:
    assert asked_to_decline(message) == asked
    planned = moves(understood("product_inquiry"), message=message)
    assert (planned[0] == "decline") is bool(asked)


def test_a_guessed_complaint_is_no_reason_to_soothe() -> None:
    guess = replace(understood("complaint"), confidence=0.3)
    assert next(m.move for m in plan_moves(guess, True, False, message="发我一份资料")) == "answer"
    assert (
        next(m.move for m in plan_moves(replace(guess, by="advisor"), True, False, message="发我一份资料")) == "soothe"
    )


def test_the_reason_of_an_offer_says_there_is_one() -> None:
    with_offer = plan_moves(understood(ledger=Ledger(S=E, P=E, N=E)), True, True)
    without = plan_moves(understood(ledger=Ledger(S=E, P=E, N=E)), True, False)
    assert any("在售" in p.reason for p in with_offer)
    assert not any("在售" in p.reason for p in without)


@pytest.mark.parametrize("message", ["1", "？", "😊😊", "。。。"])
def test_a_message_without_a_word_is_asked_about(message: str) -> None:
    moves = plan_moves(understood("other_unclear"), True, False, None, message)
    assert [m.move for m in moves] == ["situation", "find_out"]
    assert [m.move for m in plan_moves(understood("other_unclear"), True, False, None, "在吗")] != [
        "situation",
        "find_out",
    ]


@pytest.mark.parametrize(
    "message", ["活着没意思，钱都亏光了，不知道怎么跟老婆说", "亏成这样不如死了算了", "真的不想活了"]
)
def test_who_does_not_want_to_live_comes_before_money(message: str) -> None:
    state = detect_state(message, (), "performance_concern")
    moves = plan_moves(understood("performance_concern", state), True, True, None, message)
    assert (state, [m.move for m in moves]) == ("crisis", ["soothe", "safety"])


@pytest.mark.parametrize(
    "message", ["别再给我发消息了，烦不烦", "不要再打电话来了", "唔好再搵我", "勿扰 谢谢", "广告太多，能不能关掉"]
)
def test_who_wants_to_be_left_alone_is_neither_asked_nor_offered_anything(message: str) -> None:
    moves = plan_moves(understood("objection_hesitation"), True, True, None, message)
    assert [m.move for m in moves] == ["soothe", "answer"]
    assert troubled((Turn("customer", message),))


@pytest.mark.parametrize(
    "message",
    [
        "这个月利息怎么少发了",
        "你至少给我打电话说一声啊",
        "要不要联系客户经理才能买大额存单",
        "要不要找我爱人一起签",
        "你们电话不好联系",
        "别再推给我股票型的了，有没有稳一点的存款",
        "不要推荐给我高风险的，有定期吗",
        "到期别打电话，发微信告诉我就行",
        "别发语音，我听不了",
        "天天打广告，不知道真假",
        "有消息再给我发",
        "我再找我老公商量",
    ],
)
def test_a_wish_about_the_manner_is_no_wish_for_peace(message: str) -> None:
    assert not troubled((Turn("customer", message),))


def test_a_child_who_does_not_want_to_live_is_in_danger_first() -> None:
    assert detect_state("我不想活了", (), "other_unclear", Customer(age=15)) == "crisis"
    assert detect_state("我上初二，真的不想活了", (), "other_unclear") == "crisis"


def test_danger_lasts_into_the_next_turns() -> None:
    history = (Turn("customer", "亏成这样不如死了算了"), Turn("advisor", "您先别一个人待着"))
    assert detect_state("那我那笔钱还能拿回来多少", history, "performance_concern") == "crisis"


@pytest.mark.parametrize(
    "message",
    ["烦死了，想死", "累死了，活着没意思", "气死我了，钱都亏光了，我真的不想活了", "我买的保险，自杀能赔吗，不想活了"],
)
def test_a_way_of_speaking_beside_it_does_not_hide_the_danger(message: str) -> None:
    assert detect_state(message) == "crisis"


@pytest.mark.parametrize(
    "message",
    [
        "困死我了",
        "自杀的话寿险赔不赔",
        "存死期多少",
        "笑死",
        "忙得要死，帮我看下三年定存多少",
        "去死吧你们",
        "要死不活的基金",
        "遗书怎么写才有效，我想提前安排财产",
    ],
)
def test_a_way_of_speaking_is_no_crisis(message: str) -> None:
    assert detect_state(message) != "crisis"
