"""`advisor-copilot import` from the bank's own tables: the commands, over a real product with its record."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import copilot.cli.content
from copilot.cli import cards
from copilot.cli.cards import read_cards
from copilot.cli.commands import app
from copilot.errors import InputError
from copilot.settings import ModelSettings, Settings, packaged
from copilot.wiring import App
from knowledge_base import daily, holiday_rows, product_rows
from knowledge_base.load import content_version, load_content
from knowledge_base.product_rows import read_products
from knowledge_base.schema import ProductEntry
from tests.copilot.fakes import NOW

CONTENT = packaged("knowledge_base", "content")
BUNDLED = load_content(CONTENT)
FUZZ = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def product(tmp_path):
    made = App(Settings(data=tmp_path / "data", model=ModelSettings(kind="scripted")), lambda: NOW)
    made.users.add("zhao", "advisor")
    yield made
    made.close()


@pytest.fixture
def call(product, monkeypatch):
    """`import …` as a person types it: every call a process of its own, so the library is read anew."""

    def run(*arguments: object):
        product.__dict__.pop("library", None)
        monkeypatch.setattr(copilot.cli.content, "build", lambda: product)
        return CliRunner().invoke(app, ["import", *map(str, arguments)])

    return run


def table(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """Rows as csv, xlsx or json, by the path's ending."""
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row))
    if path.suffix == ".xlsx":
        made = openpyxl.Workbook()
        for row in (names, *([row.get(name) for name in names] for row in rows)):
            made.active.append(row)
        made.save(path)
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows, ensure_ascii=False, default=str, indent=1), encoding="utf-8")
    else:
        with path.open("w", encoding="gb18030", newline="") as out:
            writer = csv.DictWriter(out, names)
            writer.writeheader()
            writer.writerows(rows)
    return path


def recorded(product: App) -> list[dict[str, object]]:
    return [dict(e.payload or {}) for e in product.record.read(kinds=("import",))]


KINDS = pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])


class TestValues:
    @KINDS
    def test_a_day_is_taken_in_told_and_recorded(self, call, product, tmp_path, ending):
        rows = [
            {"产品": "周周澜", "日期": "2026-11-21", "净值": "1.0190", "七日年化": ""},
            {"产品": "零钱澜", "日期": "2026-11-21", "净值": "", "七日年化": "1.30%"},
        ]
        path = table(tmp_path / f"day.{ending}", rows)
        done = call("values", path)
        assert (done.exit_code, done.stderr) == (0, "")
        assert "LJ-W-004 净值 2026-11-21: 单位净值1.0190（2026-11-21）" in done.stdout
        assert "2 added, 0 corrected, 0 unchanged" in done.stdout
        assert recorded(product)[-1]["part"] == "values"
        assert len(recorded(product)[-1]["changed"]) == 2
        again = call("values", path)
        assert (again.exit_code, again.stdout) == (0, "nothing new\n")
        assert len(recorded(product)) == 1

    def test_a_running_product_tells_the_new_value_and_its_index_stays(self, call, product, tmp_path):
        library = product.library
        version = library.version
        call("values", table(tmp_path / "day.csv", [{"产品": "周周澜", "日期": "2026-11-21", "净值": "1.0190"}]))
        told = next(f for f in library.facts("LJ-W-004") if f.field == "净值")
        assert told.value == "单位净值1.0190（2026-11-21）"
        assert library.version == version
        assert product.status()["knowledge"] == "11-21"

    def test_a_percent_cell_of_a_sheet_and_the_long_form(self, call, product, tmp_path):
        made = openpyxl.Workbook()
        made.active.append(["产品", "字段", "值", "日期"])
        made.active.append(["零钱澜", "七日年化", 0.0131, datetime(2026, 11, 21)])
        made.active["C2"].number_format = "0.00%"
        made.save(tmp_path / "day.xlsx")
        assert "七日年化1.31%（2026-11-21" in call("values", tmp_path / "day.xlsx").stdout

    def test_a_wrong_row_is_named_and_the_exit_code_says_so(self, call, product, tmp_path):
        rows = [
            {"产品": "没有", "日期": "2026-11-21", "净值": "1"},
            {"产品": "周周澜", "日期": "2026-11-23", "净值": "1"},
            {"产品": "月月澜", "日期": "2026-11-21", "净值": "1.03"},
        ]
        done = call("values", table(tmp_path / "day.csv", rows))
        assert done.exit_code == 1
        assert done.stderr.splitlines() == [
            "day.csv:2: 没有 is no product of the catalogue; give its id, code, name or alias",
            "day.csv:3: 2026-11-23 lies in the future",
        ]
        assert "1 added" in done.stdout

    def test_a_dry_run_says_and_leaves_all_as_it_is(self, call, product, tmp_path):
        path = table(tmp_path / "day.csv", [{"产品": "周周澜", "日期": "2026-11-21", "净值": "1.0190"}])
        assert "1 would be added" in call("values", path, "--dry-run").stdout
        assert not product.settings.values_path.exists()
        assert recorded(product) == []

    @pytest.mark.parametrize("name", ["nothing.csv", "day.pdf"])
    def test_a_file_that_cannot_be_read(self, call, tmp_path, name):
        done = call("values", tmp_path / name)
        assert isinstance(done.exception, InputError)
        assert name in str(done.exception)


NEW = {
    "id": "B-W-1",
    "名称": "云杉双月",
    "品类": "理财",
    "类型": "固定收益类理财产品",
    "风险等级": "R2",
    "代销": "是",
    "生效日": "2026-11-20",
    "sale_from": "2026/11/20",
    "截止": "2026-11-28 17:00",
    "起息": "2026-12-01",
    "到期日": "2027-01-31",
    "期限": "61天",
    "起购": "1,0000".replace(",", ""),
    "净值": "1.0012",
    "数据日期": "2026-11-20",
    "状态": "在售",
    "业绩比较基准": "业绩比较基准年化1.80%",
    "基准选择原因": "期限短",
    "基准测算依据": "存单",
    "基准测算方法": "加权",
    "别名": "双月云杉、云杉两个月",
    "标签": "固收;两个月",
    "须告知": "理财非存款、产品有风险、投资须谨慎。",
    "说明": "云杉双月是封闭式产品。",
    "说明:费用": "固定管理费0.10%/年。",
}
FACTS = {
    "名称": "云杉双月",
    "类型": "固定收益类理财产品",
    "风险等级": "R2（中低风险）",
    "期限": "61天",
    "起购": "1万元",
    "基准": "业绩比较基准年化1.80%（不是预期收益率，也不是收益承诺）",
    "净值": "单位净值1.0012（2026-11-20）",
    "截止": "11月28日17:00",
    "起息": "12月1日",
    "到期日": "2027年1月31日",
    "状态": "在售",
}


def as_row(original: ProductEntry) -> dict[str, object]:
    """A product as a row of a table that leaves nothing out."""
    kept = {"facts", "as_of", "benchmark", "sections"}
    typed = original.model_dump(mode="json", exclude=kept, exclude_defaults=True)
    row: dict[str, object] = dict(original.facts)
    row |= {name: "、".join(value) if isinstance(value, list) else value for name, value in typed.items()}
    if original.benchmark:
        row |= {f"benchmark.{name}": value for name, value in original.benchmark.model_dump().items()}
    if original.as_of:
        (row["as_of"],) = {str(day) for day in original.as_of.values()}
    return row | {f"说明:{section.title}": section.text for section in original.sections}


def entry(product: App, identity: str) -> ProductEntry:
    return next(p for p in load_content(product.settings.content_dir).products if p.id == identity)


class TestProducts:
    @KINDS
    def test_a_row_becomes_a_product(self, call, product, tmp_path, ending):
        path = table(tmp_path / f"new.{ending}", [NEW])
        dry = call("products", path, "--dry-run")
        assert (dry.exit_code, dry.stdout) == (0, "products/B-W-1.yaml: added\n")
        assert not product.settings.own_content_dir.exists()
        assert call("products", path).exit_code == 0
        made = entry(product, "B-W-1")
        assert dict(made.facts) == FACTS
        assert (made.type, made.risk_level, made.agency, made.status) == ("wealth", "R2", True, "on_sale")
        assert (made.sale_to, made.value_date, made.maturity_date) == (
            datetime(2026, 11, 28, 17),
            date(2026, 12, 1),
            date(2027, 1, 31),
        )
        assert (made.term_days, made.minimum, made.as_of) == (61, 10_000, {"净值": date(2026, 11, 20)})
        assert (made.aliases, made.tags) == (("双月云杉", "云杉两个月"), ("固收", "两个月"))
        assert [(s.title, s.text) for s in made.sections] == [
            ("产品概览", "云杉双月是封闭式产品。"),
            ("费用", "固定管理费0.10%/年。"),
        ]
        assert made.benchmark is not None
        assert made.benchmark.method == "加权"
        assert len(load_content(product.settings.content_dir).products) == len(BUNDLED.products) + 1
        assert recorded(product)[-1]["changed"] == ["products/B-W-1.yaml: added"]

    def test_the_same_again_is_unchanged_another_is_replaced(self, call, product, tmp_path):
        call("products", table(tmp_path / "a.csv", [NEW]))
        version = content_version(product.settings.content_dir)
        again = call("products", tmp_path / "a.csv")
        assert (again.exit_code, again.stdout) == (0, "products/B-W-1.yaml: unchanged\n")
        assert content_version(product.settings.content_dir) == version
        assert len(recorded(product)) == 1
        changed = call("products", table(tmp_path / "b.json", [NEW | {"净值": "1.0015"}]))
        assert changed.stdout == "products/B-W-1.yaml: replaced\n"
        assert entry(product, "B-W-1").facts["净值"] == "单位净值1.0015（2026-11-20）"

    def test_english_columns_and_typed_values_do_as_well(self, call, product, tmp_path):
        row = {
            "id": "B-D-1", "name": "云杉一年存", "type": "deposit", "effective_from": "2026-11-01", "term_days": 365,
            "minimum": "50", "status": "on_sale", "类型": "整存整取定期存款", "利率": "1.1%", "as_of": "2026-11-01", "说明": "x",
        }  # fmt: skip
        assert call("products", table(tmp_path / "a.xlsx", [row])).exit_code == 0
        facts = dict(entry(product, "B-D-1").facts)
        assert facts == {
            "名称": "云杉一年存",
            "类型": "整存整取定期存款",
            "期限": "365天",
            "状态": "在售",
            "利率": "年利率1.10%",
            "起存": "50元",
        }

    def test_every_bundled_product_goes_through_a_table_and_back(self, tmp_path):
        """Nothing is lost on the way, and no fact is written that the bank did not tell."""
        found = read_products(table(tmp_path / "p.json", map(as_row, BUNDLED.products)), BUNDLED)
        assert found.wrong == ()
        assert [e.id for e in found.entries] == []
        assert len(found.unchanged) == len(BUNDLED.products)

    @pytest.mark.parametrize(
        ("change", "what"),
        [
            ({"id": ""}, "id: missing"),
            ({"id": "../x"}, "id: String should match pattern"),
            ({"id": "bank"}, "id bank is already that of another document"),
            ({"id": "Q-014"}, "already that of another document"),
            ({"品类": "彩票"}, "type: Input should be"),
            ({"风险等级": "R9"}, "风险等级 is R9"),
            ({"生效日": ""}, "effective_from: missing"),
            ({"生效日": "下周"}, "effective_from: 下周 is no day"),
            ({"类型": ""}, "类型 is missing"),
            ({"说明": "", "说明:费用": ""}, "说明: missing"),
            ({"期限": "90天"}, "term_days is 90, but the dates are 61 days apart"),
            ({"截止": "随时"}, "截止 is 随时, but the typed value says nothing"),
            ({"到期日": "2026-11-30"}, "days apart"),
            ({"状态": "热卖"}, "状态 is 热卖"),
            ({"数据日期": ""}, "净值 without its day; fill the column as_of"),
            ({"净值": "0"}, "净值 of 0 cannot be"),
            ({"代销": "也许"}, "agency: 也许 is neither"),
            ({"别名": "周周澜"}, "周周澜 already names LJ-W-004 (the catalogue)"),
            ({"名称": "云"}, "too short to name a product"),
            ({"基准测算依据": ""}, "basis: missing"),
            ({"起购": "#VALUE!"}, "its formula failed"),
        ],
    )  # fmt: skip
    def test_a_wrong_row_is_named(self, tmp_path, change, what):
        good = NEW | {"id": "B-W-2", "名称": "杉林双月", "别名": ""}
        found = read_products(table(tmp_path / "a.csv", [NEW | change, good]), BUNDLED)
        assert [e.id for e in found.entries] == ["B-W-2"]
        (said,) = found.wrong
        assert said.startswith("a.csv:2: ")
        assert what in said
        assert "\n" not in said

    def test_the_good_rows_go_on(self, call, product, tmp_path):
        good = NEW | {"id": "B-W-2", "名称": "杉林双月", "别名": ""}
        done = call("products", table(tmp_path / "a.csv", [NEW | {"类型": ""}, good]))
        assert (done.exit_code, done.stdout) == (1, "products/B-W-2.yaml: added\n")
        assert done.stderr == "a.csv:2: 类型 is missing; every product tells it\n"
        assert entry(product, "B-W-2").name == "杉林双月"

    def test_two_rows_that_want_the_same_id_or_name(self, call, product, tmp_path):
        rows = [NEW, NEW | {"名称": "别的双月"}, NEW | {"id": "B-W-3"}]
        done = call("products", table(tmp_path / "a.csv", rows))
        assert done.stderr.splitlines() == [
            "a.csv:3: id B-W-1 stands already at a.csv:2",
            "a.csv:4: 云杉双月 already names B-W-1 (a.csv:2)",
        ]
        assert done.stdout == "products/B-W-1.yaml: added\n"

    def test_a_name_given_up_by_a_row_that_is_wrong_is_not_free(self, tmp_path):
        """周周澜 would become 旧名, which is another's; so it stays 周周澜, and no new product may be called so."""
        old = next(p for p in BUNDLED.products if p.id == "LJ-W-004")
        renamed = {
            "id": old.id,
            "名称": "月月澜",
            "品类": "理财",
            "类型": "x",
            "生效日": "2026-11-20",
            "说明": "x",
            "status": "on_sale",
        }
        found = read_products(table(tmp_path / "a.json", [renamed, NEW | {"名称": "周周澜", "别名": ""}]), BUNDLED)
        assert found.entries == ()
        assert ["already names LJ-W-005" in found.wrong[0], "already names LJ-W-004" in found.wrong[1]] == [True, True]

    def test_a_name_given_up_is_free_at_once(self, tmp_path):
        renamed = as_row(next(p for p in BUNDLED.products if p.id == "LJ-W-004")) | {"名称": "周周新", "name": "周周新"}
        heir = NEW | {"名称": "周周澜", "别名": ""}
        found = read_products(table(tmp_path / "a.json", [renamed, heir]), BUNDLED)
        assert (found.wrong, [e.name for e in found.entries]) == ((), ["周周新", "周周澜"])

    def test_with_every_row_wrong_nothing_is_changed(self, call, product, tmp_path):
        done = call("products", table(tmp_path / "a.csv", [NEW | {"类型": ""}]))
        assert (done.exit_code, done.stdout) == (1, "")
        assert not product.settings.own_content_dir.exists()

    def test_yaml_is_taken_over_as_before(self, call, product, tmp_path):
        text = (CONTENT / "products/LJ-W-004.yaml").read_text(encoding="utf-8")
        path = tmp_path / "p.yaml"
        path.write_text(text, encoding="utf-8")
        assert call("products", path).stdout == "products/LJ-W-004.yaml: unchanged\n"
        path.write_text(text.replace("version: 3", "version: 4"), encoding="utf-8")
        assert call("products", path).stdout == "products/LJ-W-004.yaml: replaced\n"
        assert entry(product, "LJ-W-004").version == 4

    @FUZZ
    @given(
        changes=st.dictionaries(
            st.sampled_from([n for n in NEW if n != "id"]),
            st.text(alphabet="R1２.-:%万元天年月日在售、;（）{}\n: #'\"&*", max_size=9),
        )
    )
    def test_what_is_taken_is_always_content_that_loads(self, tmp_path, changes):
        from knowledge_base.source import read_source
        from knowledge_base.takeover import written

        found = read_products(table(tmp_path / "f.json", [NEW | changes]), BUNDLED)
        assert len(found.entries) + len(found.wrong) == 1
        for made in found.entries:
            with written({"p.yaml": made}) as folder:
                assert read_source(folder / "p.yaml", folder).parse(ProductEntry) == made


HOLIDAYS = [
    {"假期": "元旦", "休市开始": "2028-01-01", "休市结束": "2028-01-03", "最后申购": "2027-12-31 15:30", "恢复": "2028-01-04",
     "调休上班": "2028-01-08、2028-01-09", "说明": "照常计息"},
    {"假期": "清明", "休市开始": "2028-04-04", "休市结束": "2028-04-04", "最后申购": "2028-04-03 15:30", "恢复": "2028-04-05"},
]  # fmt: skip


class TestCalendar:
    @KINDS
    def test_it_takes_the_place_of_the_old(self, call, product, tmp_path, ending):
        path = table(tmp_path / f"days.{ending}", reversed(HOLIDAYS))
        assert call("calendar", path, "--dry-run").stdout == "calendar.yaml: replaced\n"
        assert not product.settings.own_content_dir.exists()
        assert call("calendar", path).exit_code == 0
        found = load_content(product.settings.content_dir).holidays
        assert [h.name for h in found] == ["元旦", "清明"]
        assert found[0].workdays == (date(2028, 1, 8), date(2028, 1, 9))
        assert found[0].last_subscription == datetime(2027, 12, 31, 15, 30)
        table(path, HOLIDAYS)
        assert call("calendar", path).stdout == "calendar.yaml: unchanged\n"
        assert len(recorded(product)) == 1

    @pytest.mark.parametrize(
        ("change", "what"),
        [
            ({"休市结束": "2028-01-32"}, "off_to: 2028-01-32 is a day that does not exist"),
            ({"休市结束": "2027-12-30"}, "off_to lies before off_from"),
            ({"恢复": "2028-01-02"}, "resume lies within the holiday"),
            ({"最后申购": "2027-12-31"}, "last_subscription: 2027-12-31 is no day with a time"),
            ({"调休上班": "周六"}, "workdays: 周六 is no day"),
            ({"恢复": ""}, "resume: missing"),
            ({"假期": "清明", "休市开始": "2028-04-04", "休市结束": "2028-04-05", "恢复": "2028-04-06"}, "清明 lies over 清明 (days.csv:2)"),
        ],
    )  # fmt: skip
    def test_one_wrong_row_stops_it_all(self, call, product, tmp_path, change, what):
        done = call("calendar", table(tmp_path / "days.csv", [HOLIDAYS[1], HOLIDAYS[0] | change]))
        assert done.exit_code == 1
        assert done.stdout == ""
        assert "nothing was changed" in done.stderr
        assert f"days.csv:3: {what}" in done.stderr
        assert not product.settings.own_content_dir.exists()

    def test_a_missing_column_stops_it_too(self, call, tmp_path):
        done = call("calendar", table(tmp_path / "days.csv", [{"假期": "元旦", "休市开始": "2028-01-01"}]))
        assert isinstance(done.exception, InputError)
        assert "no column off_to" in str(done.exception)


CARD = {
    "姓名": "王姐",
    "风险等级": "C2（稳健型）",
    "测评日": "2026年3月2日",
    "年龄": "６１",
    "资产": "1,250,000",
    "标签": "退休、爱存款",
    "持仓": "稳健半年5月期|稳健半年5月期|30万|2026-11-27；老国债||５００００",
}


class TestCustomers:
    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    def test_a_row_becomes_a_card(self, call, product, tmp_path, ending):
        path = table(tmp_path / f"cards.{ending}", [CARD, {"姓名": "赵叔"}])
        done = call("customers", path, "--advisor", "zhao")
        assert (done.exit_code, done.stdout) == (0, "2 customers imported, 0 lines wrong\n")
        cards = {c.customer["name"]: c.customer for c in product.conversations.of("zhao")}
        assert cards["王姐"] == {
            "name": "王姐",
            "risk_level": "C2",
            "assessed_on": "2026-03-02",
            "age": 61,
            "aum": 1_250_000.0,
            "tags": ["退休", "爱存款"],
            "holdings": [
                {"name": "稳健半年5月期", "product": "LJ-W-011", "amount": 300_000.0, "maturity": "2026-11-27"},
                {"name": "老国债", "amount": 50_000.0},
            ],
        }
        assert cards["赵叔"] == {"name": "赵叔"}
        assert recorded(product)[-1] == {"customers": 2, "advisor": "zhao"}
        call("customers", path, "--advisor", "zhao")
        assert len(product.conversations.of("zhao")) == 2

    @pytest.mark.parametrize(
        ("change", "what"),
        [
            ({"姓名": ""}, "name: a card needs a name"),
            ({"风险等级": "C9"}, "risk_level:"),
            ({"风险等级": "稳健"}, "risk_level:"),
            ({"风险等级": "C25"}, "risk_level:"),
            ({"测评日": "去年"}, "测评日: 去年 is no day"),
            ({"年龄": "六十"}, "年龄: 六十 is no number"),
            ({"年龄": "200"}, "age:"),
            ({"资产": "很多"}, "资产: 很多 is no number"),
            ({"持仓": "稳健半年|没有的||"}, "持仓: 没有的 is no product"),
            ({"持仓": "a|b|c|d|e"}, "持仓: a|b|c|d|e is no holding"),
            ({"持仓": "|LJ-W-011|"}, "is no holding"),
            ({"持仓": "老国债|||明天"}, "持仓: 明天 is no day"),
        ],
    )
    def test_a_wrong_row_is_named_and_the_rest_goes_on(self, call, product, tmp_path, change, what):
        done = call("customers", table(tmp_path / "c.csv", [CARD | change, {"姓名": "赵叔"}]), "--advisor", "zhao")
        assert done.exit_code == 1
        assert done.stdout == "1 customers imported, 1 lines wrong\n"
        assert done.stderr.startswith(f"c.csv:2: {what}" if ":" in what else "c.csv:2: ")
        assert what in done.stderr
        assert [c.customer["name"] for c in product.conversations.of("zhao")] == ["赵叔"]

    def test_json_lines_are_read_as_ever(self, call, product, tmp_path):
        path = tmp_path / "cards.jsonl"
        path.write_text(
            '{"name": "王姐", "risk_level": "C2"}\n\n[]\n{"name": ""}\nx\n{"nmae": "x"}\n', encoding="utf-8"
        )
        done = call("customers", path, "--advisor", "zhao")
        assert done.exit_code == 1
        assert [line.split(": ")[0] for line in done.stderr.splitlines()] == [f"cards.jsonl:{n}" for n in (3, 4, 5, 6)]

    def test_a_dry_run_saves_nothing(self, call, product, tmp_path):
        done = call("customers", table(tmp_path / "c.csv", [CARD]), "--advisor", "zhao", "--dry-run")
        assert done.stdout == "1 customers would be imported, 0 lines wrong\n"
        assert not product.conversations.of("zhao")
        assert recorded(product) == []

    def test_a_file_that_is_no_text(self, tmp_path):
        (tmp_path / "c.jsonl").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(InputError, match="cannot be read as UTF-8 text"):
            read_cards(tmp_path / "c.jsonl", {})


@pytest.mark.parametrize(
    "columns",
    [daily.COLUMNS, product_rows.COLUMNS, holiday_rows.COLUMNS, cards.COLUMNS],
    ids=["values", "products", "calendar", "customers"],
)
def test_the_page_tells_every_column(columns):
    page = (Path(__file__).parents[1] / "docs/knowledge.md").read_text(encoding="utf-8")
    told = set(re.findall(r"[^\s|`,;：、()（）]+", page.partition("## Daily data")[2].partition("\n## ")[0]))
    assert set(columns.spellings) <= told
