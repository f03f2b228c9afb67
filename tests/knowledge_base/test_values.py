"""Daily values: read, settled with what is known, told by the library, and dropped when they are old."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.errors import ContentError, InputError, SettingsError
from copilot.pipeline import propose
from copilot.settings import FRESH_DAYS
from copilot.types import Entity, Fact, Ledger, Understanding
from knowledge_base.daily import Settled, import_values, names_of
from knowledge_base.document import product_document
from knowledge_base.library import ContentLibrary, load_library
from knowledge_base.schema import ProductEntry
from knowledge_base.telling import day_in, tell
from knowledge_base.values import NOTHING, DailyValue, ValueFile, values_of
from tests.copilot.fakes import line, said
from tests.knowledge_base.conftest import CONTENT, NOW

TODAY = date(2026, 11, 25)
CONTENTS = load_library(CONTENT).content
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Clock:
    """A clock that a test sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def file(tmp_path: Path) -> ValueFile:
    return ValueFile(tmp_path / "var" / "values.json")


@pytest.fixture
def bring(tmp_path: Path, file: ValueFile):
    """Import rows of a csv; what became of them."""

    def run(*rows: str, header: str = "产品,字段,值,日期", today: date = TODAY, dry_run: bool = False) -> Settled:
        path = tmp_path / "day.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return import_values(path, CONTENTS.products, file, today, dry_run=dry_run)

    return run


def known(file: ValueFile) -> list[tuple[str, str, str, str]]:
    return [(v.product, v.field, v.on.isoformat(), v.value) for v in file.read().recorded]


def library(file: ValueFile | None, at: datetime = datetime(2026, 11, 25, 10), **limits: int) -> ContentLibrary:
    return ContentLibrary(CONTENTS, Clock(at), file, {**FRESH_DAYS, **limits})


def fact(books: ContentLibrary, product: str, name: str) -> Fact | None:
    return next((f for f in books.facts(product) if f.field == name), None)


def changed(product: str, **values: object) -> ProductEntry:
    """A bundled product with other values."""
    return next(p for p in CONTENTS.products if p.id == product).model_copy(update=values)


class TestReading:
    @pytest.mark.parametrize(
        "product",
        ["LJ-W-004", "lj-w-004", "Z7A1025000401", "周周澜", "周周蓝", "澜江理财周周澜最短持有7天固定收益类理财产品"],
    )
    def test_a_product_by_any_of_its_names(self, bring, file, product):
        assert bring(f"{product},净值,1.0190,2026-11-24").wrong == ()
        assert known(file) == [("LJ-W-004", "净值", "2026-11-24", "单位净值1.0190（2026-11-24）")]

    def test_one_row_a_day_and_a_column_a_field(self, bring, file):
        done = bring(
            "周周澜,2026/11/24,１.019,,,赎回确认后T+2个工作日到账,",
            "零钱澜,20261124,,1.3%,,,",
            "一年定存,2026年11月24日,,,年利率1.00%,,",
            header="产品名称,净值日期,单位净值,七日年化收益率,执行利率,到账,费率",
        )
        assert done.wrong == ()
        assert known(file) == [
            ("LJ-W-004", "净值", "2026-11-24", "单位净值1.0190（2026-11-24）"),
            ("LJ-W-004", "到账", "2026-11-24", "赎回确认后T+2个工作日到账"),
            ("LJ-C-001", "七日年化", "2026-11-24", "七日年化1.30%（2026-11-24，过往表现不代表未来）"),
            ("LJ-D-001", "利率", "2026-11-24", "年利率1.00%"),
        ]

    @pytest.mark.parametrize(
        ("row", "what"),
        [
            ("没有的产品,净值,1.01,2026-11-24", "没有的产品 is no product of the catalogue"),
            (",净值,1.01,2026-11-24", "产品: missing"),
            ("周周澜,净值,1.01,", "日期: missing"),
            ("周周澜,净值,,2026-11-24", "值: missing"),
            ("周周澜,,1.01,2026-11-24", "字段: missing"),
            ("周周澜,,,2026-11-24", "no value; fill one of"),
            ("周周澜,状态,在售,2026-11-24", "状态 does not change from day to day; 净值 七日年化 利率 到账 费用 do"),
            ("周周澜,基准,2%,2026-11-24", "基准 does not change"),
            ("周周澜,净值,1.01,2026-11-26", "2026-11-26 lies in the future"),
            ("周周澜,净值,1.01,11月24日", "11月24日 is no day"),
            ("周周澜,净值,1.01,2026-11-19", "净值 of LJ-W-004 on 2026-11-19 is older than what is there (2026-11-20)"),
            ("周周澜,净值,-1.01,2026-11-24", "-1.01 is no 净值; write it like 1.0234"),
            ("周周澜,净值,0,2026-11-24", "净值 of 0 cannot be"),
            ("周周澜,净值,1.02%,2026-11-24", "1.02% is no 净值"),
            ("周周澜,净值,约1.02,2026-11-24", "约1.02 is no 净值"),
            ("周周澜,净值,单位净值1.0190（2026-11-23）,2026-11-24", "is no 净值"),
            ("周周澜,净值,#REF!,2026-11-24", "its formula failed"),
            ("周周澜,七日年化,1.5%,2026-11-24", "周周澜 has no 七日年化"),
            ("一年定存,净值,1.01,2026-11-24", "一年定存 has no 净值"),
            ("零钱澜,七日年化,1.52,2026-11-24", "1.52 is no 七日年化; write it like 1.52%"),
            ("零钱澜,七日年化,0.0152,2026-11-24", "0.0152 is no 七日年化"),
            ("零钱澜,七日年化,152%,2026-11-24", "152% is no 七日年化"),
            ("零钱澜,七日年化,31%,2026-11-24", "七日年化 of 31% cannot be"),
            ("一年定存,利率,1.05,2026-11-24", "1.05 is no 利率; write it like 1.35%"),
            ("一年定存,利率,一点零五,2026-11-24", "is no 利率"),
            ("一年定存,利率,最高99%利率,2026-11-24", "利率 of 99% cannot be"),
            ("一年定存,利率,1.05%起,2026-11-24", "is no 利率"),
            ("汇观三个月,利率,1.05%,2026-11-24", "利率 is told here in words of its own"),
            ("周周澜,到账,很快,2026-11-24", "很快 is no 到账"),
            ("周周澜,费用,{甲.净值}费,2026-11-24", "without braces"),
            ("周周澜,费用," + "费" * 121 + ",2026-11-24", "at most 120 characters"),
        ],
    )  # fmt: skip
    def test_a_wrong_row_is_named_and_passed_over(self, bring, file, row, what):
        done = bring(row, "月月澜,净值,1.0280,2026-11-24")
        assert [w.split(": ", 1)[0] for w in done.wrong] == ["day.csv:2"]
        assert what in done.wrong[0]
        assert [k[0] for k in known(file)] == ["LJ-W-005"]

    def test_a_row_is_taken_whole_or_not_at_all(self, bring, file):
        done = bring("周周澜,2026-11-24,1.02,很快", header="产品,日期,净值,到账")
        assert len(done.wrong) == 1
        assert known(file) == []

    def test_both_shapes_in_a_row_are_one_too_many(self, bring):
        done = bring("周周澜,净值,1.02,2026-11-24,1.03", header="产品,字段,值,日期,净值")
        assert "either 字段 and 值, or a column a field" in done.wrong[0]

    def test_an_unknown_column_stops_the_file(self, bring, file):
        with pytest.raises(
            InputError, match=r"day\.csv:1: 状态: no such column; the columns are 产品 日期 字段 值 净值"
        ):
            bring("周周澜,2026-11-24,在售", header="产品,日期,状态")
        assert not file.path.exists()

    def test_names_are_those_of_the_catalogue(self):
        names = names_of(CONTENTS.products)
        assert set(names.values()) == {p.id for p in CONTENTS.products}


class TestTelling:
    @pytest.mark.parametrize("entry", CONTENTS.products, ids=lambda p: p.id)
    def test_what_the_catalogue_tells_is_of_its_own_form(self, entry):
        for name in ("净值", "七日年化", "利率", "到账", "费用"):
            if name in entry.facts and any(c in entry.facts[name] for c in "0123456789"):
                on = entry.as_of.get(name, TODAY)
                assert tell(name, entry.facts[name], on, entry.facts[name]) == entry.facts[name]

    @pytest.mark.parametrize(
        ("name", "value", "pattern", "told"),
        [
            ("净值", "1.0452", "单位净值1.0440美元（2026-11-20）", "单位净值1.0452美元（2026-11-24）"),
            ("净值", "1.05", "2026年11月20日净值1.0440", "2026年11月24日净值1.0500"),
            ("净值", "1,234.56789", None, "单位净值1234.56789（2026-11-24）"),
            ("七日年化", "-0.1％", None, "七日年化-0.10%（2026-11-24，过往表现不代表未来）"),
            ("利率", "1.6%", "票面年利率1.58%", "票面年利率1.60%"),
            ("利率", "年利率0.60%或1.40%，看黄金价格", "年利率0.60%或1.45%，看黄金价格", "年利率0.60%或1.40%，看黄金价格"),
        ],
    )  # fmt: skip
    def test_a_bare_figure_takes_the_catalogues_words(self, name, value, pattern, told):
        assert tell(name, value, date(2026, 11, 24), pattern) == told

    def test_the_day_in_a_told_value(self):
        assert day_in("单位净值1.0（2026-11-20）") == date(2026, 11, 20)
        assert day_in("2026年1月2日") == date(2026, 1, 2)
        assert day_in("2026-13-40") is day_in("年利率1%") is None

    @FUZZ
    @given(value=st.text(alphabet="0123456789.,%％１-—单位净值七日年化利率到账费（）() \n{}", max_size=24))
    def test_no_value_is_worse_than_refused(self, value):
        for name in ("净值", "七日年化", "利率", "到账", "费用"):
            try:
                told = tell(name, value, TODAY)
            except InputError:
                continue
            assert told == told.strip() != ""
            assert not set(told) & set("{}\n１％")


class TestSettling:
    def test_the_same_again_is_nothing_new(self, bring, file):
        rows = ("周周澜,净值,1.0190,2026-11-23", "周周澜,净值,1.0195,2026-11-24")
        assert len(bring(*rows).added) == 2
        before = file.path.read_bytes(), file.path.stat().st_mtime_ns
        again = bring(*rows)
        assert (again.added, again.corrected, again.known, again.wrong) == ((), (), 2, ())
        assert (file.path.read_bytes(), file.path.stat().st_mtime_ns) == before

    def test_what_the_content_says_already_is_nothing_new(self, bring, file):
        done = bring("周周澜,净值,1.0186,2026-11-20")
        assert (done.added, done.known) == ((), 1)
        assert not file.path.exists()

    def test_days_may_come_in_any_order_within_a_file(self, bring, file):
        assert bring("周周澜,净值,1.0195,2026-11-24", "周周澜,净值,1.0190,2026-11-23").wrong == ()
        assert [k[2] for k in known(file)] == ["2026-11-23", "2026-11-24"]

    def test_an_older_day_does_not_overwrite_a_newer(self, bring, file):
        bring("周周澜,净值,1.0195,2026-11-24")
        done = bring("周周澜,净值,1.0190,2026-11-23")
        assert "older than what is there (2026-11-24)" in done.wrong[0]
        assert len(known(file)) == 1

    def test_a_known_day_is_put_right(self, bring, file):
        bring("周周澜,净值,1.0915,2026-11-24")
        done = bring("周周澜,净值,1.0195,2026-11-24")
        assert [v.value for v in done.corrected] == ["单位净值1.0195（2026-11-24）"]
        found = fact(library(file), "LJ-W-004", "净值")
        assert found is not None
        assert found.value == "单位净值1.0195（2026-11-24）"

    def test_the_contents_own_day_is_put_right(self, bring, file):
        assert len(bring("周周澜,净值,1.0168,2026-11-20").corrected) == 1
        assert fact(library(file), "LJ-W-004", "净值").value == "单位净值1.0168（2026-11-20）"  # type: ignore[union-attr]

    def test_what_does_not_hold_yet_is_in_nobodys_way(self, bring, tmp_path, file):
        coming = changed("LJ-W-004", effective_from=date(2026, 12, 1))
        (tmp_path / "day.csv").write_text("产品,费用,日期\n周周澜,管理费0.10%/年,2026-11-24\n", encoding="utf-8")
        assert import_values(tmp_path / "day.csv", [coming], file, TODAY).wrong == ()

    def test_two_values_for_one_day_are_both_refused(self, bring, file):
        done = bring("周周澜,净值,1.01,2026-11-24", "澜周周,净值,1.02,2026-11-24", "月月澜,净值,1.03,2026-11-24")
        assert [w.split(": ", 1)[0] for w in done.wrong] == ["day.csv:2", "day.csv:3"]
        assert "given differently in day.csv:3" in done.wrong[0]
        assert [k[0] for k in known(file)] == ["LJ-W-005"]

    def test_a_dry_run_changes_nothing(self, bring, file):
        assert len(bring("周周澜,净值,1.0190,2026-11-24", dry_run=True).added) == 1
        assert not file.path.parent.exists()

    def test_imports_at_once_lose_nothing(self, tmp_path, file):
        wealth = [p.id for p in CONTENTS.products if p.type == "wealth"][:8]
        ready = threading.Barrier(len(wealth))

        def one(product: str) -> None:
            path = tmp_path / f"{product}.csv"
            path.write_text(f"产品,净值,日期\n{product},1.01,2026-11-24\n", encoding="utf-8")
            ready.wait()
            import_values(path, CONTENTS.products, ValueFile(file.path), TODAY)

        threads = [threading.Thread(target=one, args=(product,)) for product in wealth]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(k[0] for k in known(file)) == wealth


class TestFile:
    def test_none_is_no_values(self, file):
        assert file.look() is file.look() is NOTHING

    @pytest.mark.parametrize(
        "text",
        ["", "{", "[]", '{"form": 2, "values": []}', '{"form": 1}', '{"form": 1, "values": [["a"]]}',
         '{"form": 1, "values": [["a", "净值", "gestern", "x"]]}', '{"form": 1, "values": [["a", "颜色", "2026-11-20", "x"]]}',
         '{"form": 1, "values": [["a", "净值", "2026-11-20", 1]]}', '{"form": 1, "values": 3}', "[" * 100_000, b"\xff\xfe"],
    )  # fmt: skip
    def test_a_damaged_file_stops_the_start_in_one_line(self, file, text):
        file.path.parent.mkdir()
        file.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(ContentError, match=r"values\.json: damaged .*import the values again") as caught:
            load_library(CONTENT, values=file)
        assert "\n" not in str(caught.value)

    def test_a_file_damaged_in_use_leaves_the_last_good_values(self, bring, file, caplog):
        bring("周周澜,净值,1.0190,2026-11-24")
        books = library(file)
        good = books.facts("LJ-W-004")
        file.path.write_text("{", encoding="utf-8")
        assert books.facts("LJ-W-004") == good
        assert books.facts("LJ-W-004") == good
        assert caplog.text.count("the values read before are kept") == 1
        with pytest.raises(ContentError):
            bring("周周澜,净值,1.0200,2026-11-25")

    def test_a_failed_write_leaves_the_old_file(self, bring, file, monkeypatch):
        bring("周周澜,净值,1.0190,2026-11-24")
        before = file.path.read_bytes()

        def full(_handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(InputError, match=r"cannot be written \(No space left"):
            bring("周周澜,净值,1.0200,2026-11-25")
        assert file.path.read_bytes() == before
        assert sorted(p.name for p in file.path.parent.iterdir()) == ["values.json", "values.json.lock"]

    def test_values_of_a_product_that_is_gone_are_nobodys(self, file):
        with file.changing() as append:
            append([DailyValue("LJ-X-999", "净值", date(2026, 11, 24), "单位净值1.0（2026-11-24）")])
        assert library(file).get("LJ-X-999") is None
        assert library(file).facts("V-LJ-X-999") == ()

    @FUZZ
    @given(
        rows=st.lists(
            st.tuples(
                st.sampled_from(["A", "B"]),
                st.sampled_from(["净值", "利率"]),
                st.dates(date(2026, 1, 1), date(2026, 12, 1)),
                st.text(alphabet="1.%（）率\n𠮷", min_size=1, max_size=5),
            ),
            max_size=12,
        )
    )
    def test_every_value_lies_where_it_says_and_what_is_appended_moves_nothing(self, rows):
        recorded = [DailyValue(*row) for row in rows]
        values = values_of(recorded)
        before = values_of(recorded[: len(recorded) // 2])
        for product, fields in values.facts.items():
            for facts in fields.values():
                assert all(values.texts[f.document][f.start : f.end] == f.value for f in facts)
                assert [f.as_of for f in facts] == sorted(f.as_of for f in facts)
                assert all(f.document == f"V-{product}" for f in facts)
        for document, text in before.texts.items():
            assert values.texts[document].startswith(text)

    def test_it_reads_back_what_it_wrote(self, file):
        recorded = [DailyValue("A", "净值", date(2026, 1, n), f'"{n}"\\𠮷') for n in range(1, 9)]
        with file.changing() as append:
            append(recorded[:4])
            append(recorded[4:])
        assert list(file.read().recorded) == recorded
        assert json.loads(file.path.read_text(encoding="utf-8"))["form"] == 1


class TestLibrary:
    def test_the_newest_value_is_told_with_its_day_and_its_place(self, bring, file):
        bring("周周澜,净值,1.0190,2026-11-23", "周周澜,净值,1.0195,2026-11-24")
        books = library(file)
        found = fact(books, "LJ-W-004", "净值")
        assert found is not None
        assert (found.value, found.as_of) == ("单位净值1.0195（2026-11-24）", date(2026, 11, 24))
        assert (found.document, found.product) == ("V-LJ-W-004", "LJ-W-004")
        assert books.text(found.document)[found.start : found.end] == found.value
        assert books.facts("V-LJ-W-004") == (found,)
        product = books.get("LJ-W-004")
        assert product is not None
        assert [f.field for f in product.facts].count("净值") == 1
        assert {f.field for f in product.facts} == {f.field for f in CONTENTS_FACTS["LJ-W-004"]}
        assert found in next(p for p in books.products() if p.id == "LJ-W-004").facts
        assert found in books.named("周周澜怎么样")[0][0].facts

    def test_every_fact_lies_where_it_says(self, bring, file):
        bring(
            "周周澜,净值,1.0195,2026-11-24", "一年定存,利率,1.00%,2026-11-24", "周周澜,费用,管理费0.10%/年,2026-11-24"
        )
        books = library(file)
        for product in books.products():
            for found in product.facts:
                assert books.text(found.document)[found.start : found.end] == found.value

    def test_at_a_moment_nothing_of_later_is_told(self, bring, file):
        bring("周周澜,净值,1.0190,2026-11-23", "周周澜,净值,1.0195,2026-11-24")
        books = library(file)
        told = []
        for day in (22, 23, 24, 25):
            product = books.at("LJ-W-004", datetime(2026, 11, day, 9))
            assert product is not None
            told.append(next(f.value for f in product.facts if f.field == "净值")[4:10])
        assert told == ["1.0186", "1.0190", "1.0195", "1.0195"]

    def test_a_value_known_at_the_moment_is_told_before_content_of_a_later_day(self, file):
        with file.changing() as append:
            append([DailyValue("LJ-W-004", "净值", date(2026, 11, 18), "单位净值1.0180（2026-11-18）")])
        product = library(file).at("LJ-W-004", datetime(2026, 11, 19))
        assert product is not None
        assert "单位净值1.0180（2026-11-18）" in [f.value for f in product.facts]

    def test_a_field_not_told_before_is_told(self, bring, file):
        assert fact(library(None), "LJ-W-001", "净值") is None
        bring("稳健半年,净值,1.0001,2026-11-24")
        assert fact(library(file), "LJ-W-001", "净值") is not None

    def test_newer_content_is_told_before_older_values(self, bring, file):
        bring("周周澜,净值,1.0195,2026-11-24", "周周澜,费用,管理费0.10%/年,2026-11-24")
        entry = changed("LJ-W-004")
        newer = changed(
            "LJ-W-004",
            facts={**entry.facts, "净值": "单位净值1.0200（2026-11-25）"},
            as_of={"净值": date(2026, 11, 25)},
            effective_from=date(2026, 11, 25),
        )
        others = tuple(p for p in CONTENTS.products if p.id != entry.id)
        papers = tuple(d for d in CONTENTS.documents if d.id != entry.id)
        content = replace(CONTENTS, products=(newer, *others), documents=(product_document(newer), *papers))
        books = ContentLibrary(content, Clock(datetime(2026, 11, 25, 10)), file)
        assert [fact(books, entry.id, name).document for name in ("净值", "费用")] == [entry.id] * 2  # type: ignore[union-attr]

    def test_a_running_library_sees_a_new_file(self, bring, file):
        books = library(file)
        assert fact(books, "LJ-W-004", "净值").document == "LJ-W-004"  # type: ignore[union-attr]
        for value in ("1.0190", "1.0191"):  # of one size, within one tick of a coarse clock
            bring(f"周周澜,净值,{value},2026-11-24")
            assert fact(books, "LJ-W-004", "净值").value == f"单位净值{value}（2026-11-24）"  # type: ignore[union-attr]
        file.path.unlink()
        assert fact(books, "LJ-W-004", "净值").document == "LJ-W-004"  # type: ignore[union-attr]

    def test_the_file_is_read_once_a_change(self, bring, file, monkeypatch):
        bring("周周澜,净值,1.0190,2026-11-24")
        books, reads = library(file), []
        monkeypatch.setattr(file, "read", lambda: reads.append(1) or values_of([]))
        for _ in range(50):
            books.products()
            books.named("周周澜")
        assert len(reads) == 1

    def test_the_day_itself_moves_on(self, file):
        clock = Clock(datetime(2026, 11, 25))
        books = ContentLibrary(CONTENTS, clock, file)
        told = []
        for _ in range(5):
            told.append(fact(books, "LJ-W-004", "净值") is not None)
            clock.at += timedelta(days=1)
        assert told == [True, True, True, False, False]

    def test_what_is_kept_of_many_days_has_a_bound(self, monkeypatch):
        monkeypatch.setattr("knowledge_base.library._KEPT", 50)
        books = library(None)
        for day in range(200):
            assert books.at("LJ-W-004", NOW + timedelta(days=day)) is not None
        assert len(books._known.products) <= 50


CONTENTS_FACTS = {p.id: p.facts for p in library(None, NOW).products()}


class TestFreshness:
    def test_nothing_bundled_is_dropped_on_its_day(self):
        books = library(None, NOW)
        told = {(p.id, f.field) for p in books.products() for f in p.facts}
        written = {(d.id, f.field) for d in CONTENTS.documents if d.kind == "product" for f in d.facts}
        assert written == told

    @pytest.mark.parametrize(
        ("product", "name", "days", "is_told"),
        [
            ("LJ-W-004", "净值", 7, True),
            ("LJ-W-004", "净值", 8, False),
            ("LJ-C-001", "七日年化", 8, False),
            ("LJ-D-001", "利率", 92, True),
            ("LJ-D-001", "利率", 93, False),
            ("LJ-W-004", "费用", 4000, True),
            ("LJ-S-001", "利率", 4000, True),
            # what can change no more: a rate no longer offered, a value at maturity
            ("LJ-D-004", "利率", 4000, True),
            ("LJ-T-003", "利率", 4000, True),
            ("LJ-W-012", "净值", 4000, True),
            # closed, and matured since, with a value from before: that one did change
            ("LJ-W-011", "净值", 8, False),
        ],
    )
    def test_a_dated_fact_is_told_for_so_many_days(self, product, name, days, is_told):
        entry = next(p for p in CONTENTS.products if p.id == product)
        on = entry.as_of.get(name, entry.effective_from) + timedelta(days=days)
        books = library(None, datetime(on.year, on.month, on.day, 23, 59))
        assert (fact(books, product, name) is not None) is is_told

    def test_an_imported_value_ages_too_and_the_older_one_does_not_come_back(self, bring, file):
        bring("周周澜,净值,1.0195,2026-11-24")
        later = library(file, datetime(2026, 12, 2, 9))
        assert fact(later, "LJ-W-004", "净值") is None
        assert later.facts("V-LJ-W-004") == ()
        assert "1.0195" in later.text("V-LJ-W-004")

    def test_the_setting_decides(self):
        at = datetime(2026, 11, 25)
        assert fact(library(None, at, 净值=4), "LJ-W-004", "净值") is None
        assert fact(library(None, at, 净值=5), "LJ-W-004", "净值") is not None

    def test_a_field_that_is_none_stops_the_start(self):
        with pytest.raises(SettingsError, match=r"knowledge\.fresh_days: 净直 is no field"):
            load_library(CONTENT, fresh_days={"净直": 7})


ASKED = Understanding(
    "performance_concern", 0.9, (), (("performance_concern", 0.9),), (Entity("product", "周周澜", "LJ-W-004", None, 0, 3),),
    "calm", False, Ledger(),
)  # fmt: skip


class TestDrafting:
    """The real drafters over the real content."""

    def propose(self, books: ContentLibrary, says: list[str] | None = None):
        return propose(
            line(library=books, understanding=ASKED, passages=(), moves=("answer",), says=says),  # type: ignore[arg-type]
            said("周周澜净值多少了"),
        )

    def test_a_fresh_net_value_is_told_and_its_citation_opens(self, bring, file):
        bring("周周澜,净值,1.0195,2026-11-24")
        books = library(file)
        candidate = self.propose(books).candidates[0]
        assert candidate.move == "answer"
        assert "单位净值1.0195（2026-11-24）" in candidate.text
        cited = next(c for c in candidate.citations if c.reference == "甲.净值")
        assert cited.document == "V-LJ-W-004"
        assert books.text(cited.document)[cited.start : cited.end] == cited.value

    @pytest.mark.parametrize("says", [None, ["{客户.称呼}，最近是{甲.净值}。"]], ids=["scripts", "model"])
    def test_with_a_stale_one_the_scripts_promise_to_find_out(self, bring, file, says):
        bring("周周澜,净值,1.0195,2026-11-24")
        proposal = self.propose(library(file, datetime(2026, 12, 2, 9)), says)
        assert "find_out" in {c.move for c in proposal.candidates}
        assert {c.origin for c in proposal.candidates} == {"script"}
        assert all("净值1." not in c.text and "甲.净值" not in c.template for c in proposal.candidates)

    def test_the_model_may_use_a_fresh_one(self, bring, file):
        bring("周周澜,净值,1.0195,2026-11-24")
        candidate = self.propose(library(file), ["{客户.称呼}，最近是{甲.净值}。"]).candidates[0]
        assert (candidate.origin, candidate.text) == ("model", "王姐，最近是单位净值1.0195（2026-11-24）。")
