import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.reading.normalise import read
from copilot.reading.sounds import sound_of, sounds, split_pinyin


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("保 本", "保本"),
        ("保💰本", "保本"),
        ("保​本", "保本"),
        ("保*本*保*息", "保本保息"),
        ("保,本,保,息", "保本保息"),
        ("保(本)", "保本"),
        ("亻呆本", "保本"),
        ("保夲", "保本"),
        ("這款保證", "这款保证"),
        ("ＢＡＯ", "bao"),
        ("bǎoběn", "baoben"),
        ("稳稳稳稳赚", "稳赚"),
        ("不错,挺好", "不错,挺好"),
        ("R2 3.5%", "r2 3.5%"),
    ],
)
def test_folds(written, folded):
    assert read(written).text == folded


@given(st.text(max_size=60))
def test_every_span_maps_into_the_original(text):
    reading = read(text)
    for i in range(len(reading.text)):
        start, end = reading.span(i, i + 1)
        assert 0 <= start < end <= len(text)
    assert list(reading.starts) == sorted(reading.starts)


def test_a_span_covers_what_was_dropped_inside():
    reading = read("这款保💰 本的")
    at = reading.text.index("保本")
    assert reading.raw[slice(*reading.span(at, at + 2))] == "保💰 本"


def test_pinyin():
    assert split_pinyin("baoben") == ("bao", "ben")
    assert split_pinyin("app") == ()
    assert sound_of("稳赚") == ("wen", "zhuan")
    view = sounds(read("wen 转"))
    assert [s.readings[0] for s in view] == ["wen", "zhuan"]
