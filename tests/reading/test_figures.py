"""Figures as people write them, on a Tuesday: 24 November 2026."""

import math
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.reading.dates import first_day
from copilot.reading.figures import find_figures, fold, parse_han

AT = datetime(2026, 11, 24, 10, 0)


def read(text: str) -> list[tuple[str, float | str, float | None, str, str]]:
    return [(f.kind, f.value, f.high, f.unit, f.text) for f in find_figures(text, AT)]


@pytest.mark.parametrize(
    ("text", "value", "high", "unit", "quote"),
    [
        ("我有20万", 200_000, None, "元", "20万"),
        ("20 万左右", 200_000, None, "元", "20 万"),
        ("２０万", 200_000, None, "元", "２０万"),
        ("二十萬", 200_000, None, "元", "二十萬"),
        ("贰拾万元整", 200_000, None, "元", "贰拾万元"),
        ("十来万吧", 100_000, None, "元", "十来万"),
        ("手头有一百多个闲钱", 1_000_000, None, "元", "一百多个"),
        ("二十来个，想放稳一点", 200_000, None, "元", "二十来个"),
        ("拿30个出来", 300_000, None, "元", "30个"),
        ("首付还差二十个", 200_000, None, "元", "二十个"),
        ("我存了5个，想取", 50_000, None, "元", "5个"),
        ("转了20个w过去", 200_000, None, "元", "20个w"),
        ("3k", 3_000, None, "元", "3k"),
        ("1.5w", 15_000, None, "元", "1.5w"),
        ("50W左右", 500_000, None, "元", "50W"),
        ("五万多美金", 50_000, None, "USD", "五万多美金"),
        ("$5000", 5_000, None, "USD", "$5000"),
        ("¥1,234.56", 1234.56, None, "元", "¥1,234.56"),
        ("两万五", 25_000, None, "元", "两万五"),
        ("3万5", 35_000, None, "元", "3万5"),
        ("3万5千", 35_000, None, "元", "3万5千"),
        ("四十万零三千", 403_000, None, "元", "四十万零三千"),
        ("亏了三千多", 3_000, None, "元", "三千多"),
        ("扣了我五百", 500, None, "元", "五百"),
        ("2千多", 2_000, None, "元", "2千多"),
        ("两百来块", 200, None, "元", "两百来块"),
        ("千把块", 1_000, None, "元", "千把块"),
        ("两三万块", 20_000, 30_000, "元", "两三万块"),
        ("七八十万", 700_000, 800_000, "元", "七八十万"),
        ("十七八万", 170_000, 180_000, "元", "十七八万"),
        ("十几万", 100_000, 190_000, "元", "十几万"),
        ("好几十万", 200_000, 900_000, "元", "几十万"),
        ("三五万", 30_000, 50_000, "元", "三五万"),
        ("10-20万", 100_000, 200_000, "元", "10-20万"),
        ("5000到1万", 5_000, 10_000, "元", "5000到1万"),
        ("3、4万", 30_000, 40_000, "元", "3、4万"),
        ("三千多万", 30_000_000, None, "元", "三千多万"),
        ("100万元", 1_000_000, None, "元", "100万元"),
    ],
)
def test_money(text: str, value: float, high: float | None, unit: str, quote: str) -> None:
    assert read(text) == [("money", value, high, unit, quote)]


@pytest.mark.parametrize(
    ("text", "value", "high", "quote"),
    [
        ("三个点", 3.0, None, "三个点"),
        ("3.5个点", 3.5, None, "3.5个点"),
        ("三个半点", 3.5, None, "三个半点"),
        ("半个点", 0.5, None, "半个点"),
        ("百分之三点二", 3.2, None, "百分之三点二"),
        ("百分之三到四", 3.0, 4.0, "百分之三到四"),
        ("3到3.5%", 3.0, 3.5, "3到3.5%"),
        ("2.60%—3.10%", 2.6, 3.1, "2.60%—3.10%"),
        ("３．２％", 3.2, None, "３．２％"),
        ("千分之一", 0.1, None, "千分之一"),
        ("2‰", 0.2, None, "2‰"),
        ("降了20个bp", 0.2, None, "20个bp"),
        ("亏了十几个点", 10.0, 19.0, "十几个点"),
        ("利率才2.1", 2.1, None, "2.1"),
        ("收益三点五", 3.5, None, "三点五"),
        ("定期那个2.85的没了", 2.85, None, "2.85"),
        ("万三的手续费", 0.03, None, "万三"),
        ("亏了三成", 30.0, None, "三成"),
    ],
)
def test_rates(text: str, value: float, high: float | None, quote: str) -> None:
    found = read(text)
    assert [(k, v, h, q) for k, v, h, _, q in found] == [("rate", value, high, quote)]


@pytest.mark.parametrize(
    ("text", "days", "unit", "quote"),
    [
        ("182天", 182, "天", "182天"),
        ("半年", 182, "年", "半年"),
        ("有没有半拉年的", 182, "年", "半拉年"),
        ("就放仨月", 90, "月", "仨月"),
        ("俩礼拜够不够", 14, "周", "俩礼拜"),
        ("一年零两个月了", 425, "年", "一年零两个月"),
        ("还有1年3个月", 455, "年", "1年3个月"),
        ("一年半载的", 365, "年", "一年半载"),
        ("再拿两季度看看", 180, "季", "两季度"),
        ("上次那个半年的", 182, "年", "半年"),
        ("三个月", 90, "月", "三个月"),
        ("一个多月", 30, "月", "一个多月"),
        ("两个半月", 75, "月", "两个半月"),
        ("一年半", 547, "年", "一年半"),
        ("3年交", 1095, "年", "3年"),
        ("三年期国债", 1095, "年", "三年"),
        ("两周", 14, "周", "两周"),
        ("3个工作日到账", 3, "工作日", "3个工作日"),
        ("七天通知", 7, "天", "七天"),
    ],
)
def test_terms(text: str, days: float, unit: str, quote: str) -> None:
    assert read(text) == [("term", days, None, unit, quote)]


@pytest.mark.parametrize(
    ("text", "iso", "unit", "quote"),
    [
        ("11月27日", "2026-11-27", "day", "11月27日"),
        ("2026-11-27", "2026-11-27", "day", "2026-11-27"),
        ("二零二六年十一月二十七号", "2026-11-27", "day", "二零二六年十一月二十七号"),
        ("2027年5月31日", "2027-05-31", "day", "2027年5月31日"),
        ("11.27到期", "2026-11-27", "day", "11.27"),
        ("3月5日", "2027-03-05", "day", "3月5日"),
        ("10月8号到账的", "2026-10-08", "day", "10月8号"),
        ("明年三月", "2027-03", "month", "明年三月"),
        ("去年12月买的", "2025-12", "month", "去年12月"),
        ("9月买的那个", "2026-09", "month", "9月"),
        ("26年3月到期", "2026-03", "month", "26年3月"),
        ("15号", "2026-12-15", "day", "15号"),
        ("二十四号", "2026-11-24", "day", "二十四号"),
        ("下个月15号要用", "2026-12-15", "day", "下个月15号"),
        ("这周五", "2026-11-27", "weekday", "这周五"),
        ("週五", "2026-11-27", "weekday", "週五"),
        ("下周三", "2026-12-02", "weekday", "下周三"),
        ("这礼拜天", "2026-11-29", "weekday", "这礼拜天"),
        ("周末", "2026-11-28", "weekday", "周末"),
        ("明天", "2026-11-25", "word", "明天"),
        ("后天", "2026-11-26", "word", "后天"),
        ("大后天", "2026-11-27", "word", "大后天"),
        ("月底", "2026-11-30", "word", "月底"),
        ("月初", "2026-11-01", "word", "月初"),
        ("年底", "2026-12-31", "word", "年底"),
        ("年前", "2027-02-05", "word", "年前"),
        ("春节", "2027-02-06", "word", "春节"),
        ("过年前要用", "2027-02-05", "word", "过年前"),
        ("国庆后", "2027-10-08", "word", "国庆后"),
        ("五一放假吗", "2027-05-01", "word", "五一"),
        ("十一放假能赎吗", "2027-10-01", "word", "十一"),
        ("2027年底", "2027-12-31", "day", "2027年底"),
        ("明年", "2027", "year", "明年"),
    ],
)
def test_dates(text: str, iso: str, unit: str, quote: str) -> None:
    assert read(text) == [("date", iso, None, unit, quote)]
    assert first_day(iso) is not None


@pytest.mark.parametrize(
    ("text", "kind", "value", "quote"),
    [
        ("15:30", "time", "15:30", "15:30"),
        ("15：30", "time", "15:30", "15：30"),
        ("下午三点半", "time", "15:30", "下午三点半"),
        ("3点能到账不", "time", "15:00", "3点"),
        ("T+1", "tplus", 1.0, "T+1"),
        ("Ｔ＋２到账", "tplus", 2.0, "Ｔ＋２"),
        ("赎回T加1", "tplus", 1.0, "T加1"),
        ("R2级", "level", "R2", "R2"),
        ("我是C3", "level", "C3", "C3"),
        ("RⅣ", "level", "R4", "RⅣ"),
        ("净值1.0213", "netvalue", 1.0213, "1.0213"),
        ("净值跌到0.98了", "netvalue", 0.98, "0.98"),
        ("他16岁", "count", 16.0, "16岁"),
        ("买了2个都亏了", "count", 2.0, "2个"),
        ("上证3900点", "count", 3900.0, "3900点"),
        ("买了20克", "count", 20.0, "20克"),
        ("95588", "count", 95588.0, "95588"),
    ],
)
def test_others(text: str, kind: str, value: float | str, quote: str) -> None:
    assert [(k, v, q) for k, v, _, _, q in read(text)] == [(kind, value, quote)]


@pytest.mark.parametrize(
    "text",
    [
        "一起去 两种都行 十分感谢 万一呢 等一下 快一点 十全十美 老百姓 千万别急 一般般 第一次",
        "我怕万一亏了",
        "千万不要转账",
        "等了半天没人理",
        "七日年化是啥",
        "七上八下的",
        "一分钱没拿到",
        "下半年再说",
        "几年前买的",
        "一周三次",
        "百万医疗险",
        "LJ2026001",
        "第三季度",
        "两个产品有啥区别",
        "三种情况",
        "孩子高三了",
        "一个劲儿催我",
        "一块儿过来办",
        "我有两点意见",
        "双方",
        "微信转账一直不到",
    ],
)
def test_words_that_are_no_figures(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("存20万三年期的利率", ["20万", "三年"]),
        ("20万一年多少利息", ["20万", "一年"]),
        ("20万一起转走", ["20万"]),
        ("20万万一亏了咋办", ["20万"]),
        ("20万全部转走", ["20万"]),
        ("20万能存多久", ["20万"]),
        ("20万分三年存", ["20万", "三年"]),
        ("每个工作日9:00—15:30开放", ["9:00", "15:30"]),
        ("最后申购11月28日17:00", ["11月28日", "17:00"]),
        ("国债3年期1.63%、5年期1.7%", ["3年", "1.63%", "5年", "1.7%"]),
        ("1月1日至1月3日放假", ["1月1日", "1月3日"]),
        ("七日年化1.52%", ["1.52%"]),
        ("我要取五万块，明天上午十点来", ["五万块", "明天", "上午十点"]),
    ],
)
def test_several_in_a_row(text: str, quotes: list[str]) -> None:
    assert [f.text for f in find_figures(text, AT)] == quotes


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("两万五", 25000),
        ("一百五", 150),
        ("一百零五", 105),
        ("三千二", 3200),
        ("十", 10),
        ("二零二六", 2026),
        ("三点二", 3.2),
        ("十二点五", 12.5),
        ("一点五亿", 150000000),
        ("3千万", 30000000),
        ("两亿三", 230000000),
        ("1,234.5", 1234.5),
        ("20w", 200000),
        ("一万零五百", 10500),
    ],
)
def test_parse_han(text: str, value: float) -> None:
    assert parse_han(text) == value


def test_parse_han_refuses_words() -> None:
    with pytest.raises(ValueError, match="not a numeral"):
        parse_han("一起")


def test_folding_keeps_every_offset() -> None:
    text = "２０萬，３．２％ 點"
    assert len(fold(text)) == len(text)
    assert fold(text) == "20万，3.2% 点"


def test_words_for_days_are_not_written_figures() -> None:
    assert [f.written for f in find_figures("明天或下周三或11月27日", AT)] == [False, False, True]


@given(
    st.text(
        alphabet="零一二两三十百千万亿几半多个点年月日号周天元块%％０1２3.:-到至T+RC净值利率存取今明后起下第 ，",
        max_size=30,
    )
)
def test_never_fails_and_quotes_in_order(text: str) -> None:
    last = 0
    for figure in find_figures(text, AT):
        assert last <= figure.start < figure.end <= len(text)
        assert text[figure.start : figure.end] == figure.text
        last = figure.end


@pytest.mark.parametrize("unit", ["", "元", "万元", "%", "天", "个月", "w", "年", "点二", "美元", "亿"])
@pytest.mark.parametrize("number", ["9" * 400, "一" + "亿" * 60, "几" + "亿" * 50, "0." + "1" * 400])
def test_a_number_without_measure_is_read_as_none_or_as_a_number(number, unit):
    """Four hundred digits were infinite, and what was counted with them ended the reading."""
    for figure in find_figures(number + unit, datetime(2026, 11, 22)):
        assert isinstance(figure.value, str) or math.isfinite(figure.value)


def test_a_numeral_larger_than_any_that_is_meant_is_none():
    with pytest.raises(ValueError, match="larger than any number"):
        parse_han("9" * 400)
    assert parse_han("1" + "0" * 29) == 1e29


@pytest.mark.parametrize("run", ["万", "亿", "两三", "一万", "9"])
def test_a_run_of_numerals_is_read_in_time(run: str) -> None:
    """Read anew from each of its places to its end, twenty thousand times 万 took most of a minute."""
    for figure in find_figures(run * 20_000, datetime(2026, 11, 22)):
        assert figure.end - figure.start <= 80
