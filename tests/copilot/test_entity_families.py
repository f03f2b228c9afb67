"""Families of names: what belongs to one is heard, what only looks like it is not. Words as customers send them."""

from datetime import datetime

import pytest

from copilot.entities import Extractor
from copilot.types import Turn
from tests.copilot.test_entities import Shelf

AT = datetime(2026, 11, 24, 10, 0)
EXTRACT = Extractor(Shelf())


def heard(text: str, kind: str, history: tuple[Turn, ...] = ()) -> list[str]:
    return [e.text for e in EXTRACT(text, at=AT, history=history) if e.type == kind]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("齐商银行三年的给2.1", "齐商银行"),
        ("我在宁波行还有一笔", "宁波行"),
        ("同学去平安卖保险了", "平安"),
        ("我跑滴滴的，每天有进账", "滴滴"),
        ("他让我下个叫云视会议的", "云视会议"),
        ("说是农业局的，有补贴", "农业局"),
        ("钱转给鼎丰资本了", "鼎丰资本"),
        ("我妈在省四院住着", "省四院"),
        ("在石家庄车辆厂上班", "石家庄车辆厂"),
        ("银联后台关掉就行吗", "银联"),
        ("我爸在湛江中心医院", "湛江中心医院"),
    ],
)
def test_institutions(text: str, name: str) -> None:
    assert any(name in found for found in heard(text, "institution"))


@pytest.mark.parametrize(
    "text",
    [
        "你们银行几点开门",
        "那个理财银行倒了怎么办",
        "这是其中信用最好的",
        "孩子平安就好",
        "工资在手中行情又跌",
        "我们家物业费要交了",
        "别微信，打电话",
        "这局面怎么收场",
        "能做期货吗",
        "医院让先交钱",
        "带的的确良",
        "不用走银行，直接转",
        "叫我莫告诉银行",
        "今年过年银行歇几天",
    ],
)
def test_what_only_looks_like_an_institution(text: str) -> None:
    assert heard(text, "institution") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("你们那个经营快贷我能办不", "经营快贷"),
        ("那个活钱宝比它强在哪", "活钱宝"),
        ("那只先进制造混合还套着", "先进制造混合"),
        ("新能源那只，跌到十三万八", "新能源那只"),
        ("那个悦享啥的，保本不", "悦享"),
        ("上礼拜买的那个周周，今天能不能赎", "周周"),
        ("添利一年持有到手一点四", "添利一年持有"),
        ("说我开了个百万保障", "百万保障"),
        ("叫啥子福满一生", "福满一生"),
        ("恒泰三号信托还能兑吗", "信托"),
        ("沪深300跌成这样", "沪深300"),
        ("年轻时买国库券", "国库券"),
        ("想每晚转进活钱那个", "活钱那个"),
        ("我那只沪深增强亏了四万多", "沪深增强"),
        ("买那个进取平衡说我不合适", "进取平衡"),
        ("跟老师做原油内盘", "原油内盘"),
    ],
)
def test_products_by_the_look_of_their_name(text: str, name: str) -> None:
    assert any(name in found for found in heard(text, "product"))


@pytest.mark.parametrize(
    "text",
    [
        "短信天天发",
        "不要主题太单一的",
        "我们开个小金库",
        "房贷还剩多少",
        "一年跟一存",
        "消费多少才送",
        "黄金周去玩",
        "职业年金之外还要不要",
        "一年大概要多少",
        "稳健一点",
    ],
)
def test_what_only_looks_like_a_product(text: str) -> None:
    assert heard(text, "product") == []


def test_a_house_and_its_kind_are_one_name() -> None:
    assert heard("那个恒泰三号信托", "product") == ["恒泰三号信托"]
    assert heard("鑫享三号年金那个", "product") == ["鑫享三号年金"]


@pytest.mark.parametrize(
    ("text", "aim"),
    [
        ("明年想添五十只母羊", "添五十只母羊"),
        ("冬天前要买挖掘机", "买挖掘机"),
        ("诊所要换两台CBCT", "换两台CBCT"),
        ("给我妈换暖气片", "换暖气片"),
        ("老伴要放支架", "放支架"),
        ("欠批发部的酒钱", "酒钱"),
        ("化肥钱三月份就得掏", "化肥钱"),
        ("医院说押金先交五万", "押金"),
        ("三月买车首付", "买车首付"),
        ("民工工资还等着发", "民工工资"),
        ("闺女的陪嫁", "陪嫁"),
        ("攒着结婚用", "结婚"),
        ("交二手房定金", "二手房定金"),
        ("尾款要付酒店三万八", "尾款"),
        ("仔后年结婚哦", "结婚"),
        ("工人钱今天就要给", "工人钱"),
        ("老家房子要盖第二层", "盖第二层"),
        ("年前要进批牛油海椒", "进批牛油海椒"),
    ],
)
def test_purposes(text: str, aim: str) -> None:
    assert any(aim in found or found in aim for found in heard(text, "purpose"))


@pytest.mark.parametrize(
    "text",
    [
        "我跟老公刚买房",
        "上周换手机了",
        "积分能换化肥不",
        "我在皮肤科上班",
        "住康乐养老公寓的人",
        "工资卡留着也没用",
        "我开修车厂的",
        "你们代发工资的卡",
        "跟发工资似的",
        "已经交了定金",
        "买国债还是买基金",
        "提前还贷要预约吗",
        "没交费系统选不了",
        "三个月工程款下来了",
        "换了新手机，登不上去",
        "手机落出租车上了",
        "甲方又拖款",
        "认购费是多少",
        "那个同款还有吗",
        "这卡还留着干啥",
        "明年底结婚证过期",
    ],
)
def test_what_the_money_is_not_for(text: str) -> None:
    assert heard(text, "purpose") == []


def test_two_purposes_in_a_row_stay_two() -> None:
    assert heard("学费生活费留十五万", "purpose") == ["学费", "生活费"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("你们三年大额存单，120万", ["三年"]),
        ("先挪一万过去试一个月", ["一个月"]),
        ("一百万三十年月供多少", ["三十年"]),
        ("至少一年", ["一年"]),
        ("老伴没了四年了，就我一个", []),
        ("元旦放三天，算不算利息", []),
        ("逾期了两天会上征信不", []),
        ("还有四年退休", []),
        ("测评二天再做", []),
        ("每两周要八百", []),
    ],
)
def test_terms(text: str, terms: list[str]) -> None:
    assert heard(text, "term") == terms


def test_instalments_are_a_term_where_they_are_spoken_of() -> None:
    asked = (Turn("advisor", "账单可以分期，您想分几期？"),)
    found = [(e.value, e.unit) for e in EXTRACT("12期吧", at=AT, history=asked) if e.type == "term"]
    assert found == [(365, "月")]
    assert heard("稳健的第12期", "term", asked) == []
    assert heard("12期吧", "term") == []


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("当初你们那个小张拍着胸脯说", ["小张"]),
        ("我先生没交", ["我先生"]),
        ("闺女快上小学了", ["闺女"]),
        ("得叫闺女请假陪着", ["闺女"]),
        ("我女在南宁", ["我女"]),
        ("借出三万给老表了", ["老表"]),
        ("说是公安局的陈警官", ["陈警官"]),
        ("我女朋友的卡", ["我女朋友"]),
        ("那个小钱怎么存", []),
        ("好孩子，回头给你拎点柿子", []),
        ("我的老房子能抵押吗", []),
    ],
)
def test_people(text: str, people: list[str]) -> None:
    assert heard(text, "person") == people


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我那个安心盈到了没", "安心盈"),
        ("就想买那个惠利", "惠利"),
        ("那天我买的聚鑫，弹出来不让买", "聚鑫"),
        ("我那天添盈封闭三号后儿到", "天添盈封闭三号"),
        ("装修贷划算还是信用贷划算", "信用贷"),
    ],
)
def test_coined_names(text: str, name: str) -> None:
    assert name in heard(text, "product")


@pytest.mark.parametrize(
    "text", ["那个福利什么时候发", "你们盈利多少", "就是顺利就好", "我的金利息呢", "那个安全不", "他俩月底来"]
)
def test_what_only_sounds_like_a_coined_name(text: str) -> None:
    assert heard(text, "product") + heard(text, "term") == []


@pytest.mark.parametrize(
    ("text", "day"),
    [("冬至你们几点关门", "2026-12-22"), ("大年夜到得了账吗", "2027-02-05"), ("前一日总份额怎么算", "")],
)
def test_days_by_the_almanac(text: str, day: str) -> None:
    assert "".join(str(e.value) for e in EXTRACT(text, at=AT) if e.type == "date") == day
