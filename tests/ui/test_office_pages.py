"""What stands behind the pages of trainers, of the record and of the rule workbench; and who is let in."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import replace

import pytest
from fake_app import PASSWORD
from fastapi.testclient import TestClient

from copilot.errors import AccessDenied, InputError, OwnText
from copilot.records import User
from copilot.records.keys import make_key
from copilot.records.verifier import unpacked
from evals.running import Running
from ui.app import create_app
from ui.desk import ALLOWED
from ui.handlers import learning, ruling, searching, training
from ui.leaf import Place, deed, go, place_of, unhexed
from ui.present import archive as archive_html
from ui.present import learning as learning_html
from ui.present import rulebook as rulebook_html
from ui.present import training as training_html
from ui.text import Words

ZH, EN = Words("zh"), Words("en")
ROLES = {
    name: User(name, role, name) for name, role in (("li", "advisor"), ("chen", "compliance"), ("zhou", "trainer"))
}
SUN = User("sun", "compliance", "孙合规")


@pytest.fixture
def worked(desk, app):
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))
    from seeded import seed

    seed(app)
    return desk


def asked(function):
    """Arguments for a handler, by the names of its parameters."""
    given = {}
    for name, parameter in list(inspect.signature(function).parameters.items())[2:]:
        kind = str(parameter.annotation)
        given[name] = {} if "Mapping" in kind else 1 if "int" in kind else () if "Sequence" in kind else "x"
    return given


DOORS = [
    (module, name)
    for module in (training, learning, ruling, searching)
    for name, function in vars(module).items()
    if inspect.isfunction(function)
    and function.__module__ == module.__name__
    and not name.startswith("_")
    and list(inspect.signature(function).parameters)[:2] == ["desk", "user"]
]


def test_every_handler_called_directly_refuses_every_other_role(desk):
    """Before it looks at anything else: what it is given here is nonsense."""
    assert len(DOORS) > 30
    for module, name in DOORS:
        page = "trainer" if module in (training, learning) else "compliance"
        allowed = ALLOWED[page] | ({"compliance"} if name == "proposed" else set())
        for user in ROLES.values():
            if user.role not in allowed:
                with pytest.raises(AccessDenied):
                    getattr(module, name)(desk, user, **asked(getattr(module, name)))
    assert desk.app.record.read() == []


def test_runs_their_figures_and_the_cases_behind_them(worked):
    zhou = ROLES["zhou"]
    found = training.runs(worked, zhou)
    assert [r.name for r in found.runs] == ["20261122-100000", "20261121-100000"]
    opened = training.opened(worked, zhou, "20261121-100000", "intent")
    assert dict(opened.matrix) == {("fee_inquiry", "fee_inquiry"): 2, ("fee_inquiry", "other_unclear"): 2}
    cases = training.cases(worked, zhou, "20261121-100000", "intent", "accuracy")
    assert [(r.case, said) for r, said in cases.rows] == [("i2", "miss"), ("i0", "hit"), ("i1", "hit")]
    assert (cases.held, cases.held_missed) == (1, 1)
    cell = training.cases(worked, zhou, "20261121-100000", "intent", "", "fee_inquiry", "other_unclear")
    assert [r.case for r, _ in cell.rows] == ["i2"]
    with pytest.raises(InputError):
        training.case(worked, zhou, "20261121-100000", "intent", "i3")
    found = training.trend(worked, zhou, "intent")
    assert (len(found.runs), found.lines["accuracy"], found.unit) == (2, [0.5, 1.0], "")


@pytest.mark.parametrize("name", ["../x", "newest", "", "20261121-999999"])
def test_a_run_is_named_by_its_folder_alone(worked, name):
    with pytest.raises(InputError):
        training.run_of(worked, ROLES["zhou"], name)


def test_two_runs_beside_each_other_name_the_cases_that_turned(worked):
    found = training.compared(worked, ROLES["zhou"], "20261121-100000", "20261122-100000")
    html = training_html.compared(ZH, found, everything=False)
    assert "i2" in html
    assert "i3" not in html, "a held-out case is counted, not named"


def test_a_case_is_shown_as_an_advisor_would_have_seen_it(worked):
    row = training.case(worked, ROLES["zhou"], "20261121-100000", "line", "c1")
    html = training_html.case(ZH, row, Place("case", {"run": "20261121-100000", "suite": "line"}))
    assert "candidate-text" in html
    assert 'mark class="is-warn"' in html
    assert "该说的说了" in html


def test_a_damaged_run_is_named_and_the_others_are_shown(worked, app):
    broken = app.settings.data / "reports" / "20261122-120000"
    broken.mkdir()
    (broken / "results.jsonl").write_text('{"line": "figure", \n', encoding="utf-8")
    found = training.runs(worked, ROLES["zhou"])
    assert (len(found.runs), len(found.wrong)) == (2, 1)


def test_private_data_is_masked_where_a_trainer_reads_it(worked):
    zhou = ROLES["zhou"]
    found = learning.replies(worked, zhou, "person", "li")
    assert any("13812345678" in r.message for r in found)
    assert "13812345678" not in learning_html.replies(ZH, found, "person", "li", {})


def test_a_case_is_made_of_a_conversation_without_what_tells_who_she_is(worked, app):
    zhou = ROLES["zhou"]
    reply = next(r for r in learning.replies(worked, zhou, "person", "li") if "138" in r.message)
    case = learning.fresh(worked, zhou, reply.entry)
    assert "13812345678" not in case.text
    with pytest.raises(InputError, match="private"):
        learning.keep(worked, zhou, reply.entry, "我手机13812345678", "", case.intent)
    with pytest.raises(InputError, match="begin each turn"):
        learning.keep(worked, zhou, reply.entry, case.text, "没有开头", case.intent)
    assert learning.keep(worked, zhou, reply.entry, "那笔理财到期了怎么办", "客户：您好\n经理：您好", case.intent)
    assert not learning.keep(worked, zhou, reply.entry, "那笔理财到期了怎么办", "客户：您好\n经理：您好", case.intent)
    (line,) = (app.settings.data / "cases" / "intent.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["history"][1] == {"role": "advisor", "text": "您好"}


def test_a_habit_becomes_a_script_by_two_people(worked, app):
    zhou, chen = ROLES["zhou"], ROLES["chen"]
    (habit,) = learning.habits(worked, zhou)
    text = "{客户.称呼}，先别急着动，我把几种安排列出来给您看"
    made = learning.propose(worked, zhou, habit.key, habit.intent, habit.move, "warm", text)
    assert len(made.sources) == 3
    ruling.decide(worked, chen, made.entry, "approve", "")
    assert made.id in app.office.scriptbook.path.read_text(encoding="utf-8")
    ruling.decide(worked, chen, made.entry, "withdraw", "过时")
    assert made.id not in app.office.scriptbook.path.read_text(encoding="utf-8")


def test_the_record_is_searched_by_a_persons_either_name(worked):
    chen = ROLES["chen"]
    for said in ("wang", "王经理"):
        found = searching.search(worked, chen, {"asked": "1", "advisor": said})
        assert {f.advisor for f in found.rows} == {"wang"}
    with pytest.raises(InputError, match="nobody"):
        searching.search(worked, chen, {"asked": "1", "advisor": "某某"})
    assert not searching.search(worked, chen, {}).asked


def test_a_sample_is_judged_one_after_another(worked):
    chen = ROLES["chen"]
    waiting = searching.samples(worked, chen).waiting
    first = waiting[0][0].release
    following = searching.judge(worked, chen, first, "poor", "没答到")
    assert following in {s.release for s, _ in waiting[1:]}
    html = archive_html.samples(ZH, searching.samples(worked, chen))
    assert "没答到" in html


def test_a_rule_is_changed_tried_and_published_by_two(worked, app):
    chen = ROLES["chen"]
    ruling.try_out(worked, chen)
    assert app.office.trial.wait(120).stricter == 3
    drafted = ruling.drafted(worked, chen)
    html = rulebook_html.draft(ZH, drafted)
    assert "几种安排" in html
    ruling.propose(worked, chen, "催促的反面也会误导")
    assert app.office.rulebook.bench().proposed.trial.endswith("+3 · -0")
    with pytest.raises(OwnText):
        ruling.publish(worked, chen, app.office.rulebook.bench().proposed.entry)
    ruling.publish(worked, SUN, app.office.rulebook.bench().proposed.entry)
    ruling.switch(worked, chen, "G01-capital", False)
    assert "G01-capital" in rulebook_html.draft(EN, ruling.drafted(worked, chen))
    assert "Statutory rules weakened" in rulebook_html.draft(EN, ruling.drafted(worked, chen))
    ruling.discard(worked, chen)


def test_a_verdict_of_compliance_is_an_example_of_the_rule_and_a_change_that_contradicts_it_is_told(worked, app):
    chen = ROLES["chen"]
    (case,) = app.cases.waiting()
    rule = app.record.get(case.referral).payload["verdict"]["findings"][0]["rule"]
    assert ruling.verdicts(worked, chen, rule) == ruling.Verdicts()
    app.casework.decide(chen, case.referral, "returned", "去掉最好", "这是最好的安排")
    said = ruling.verdicts(worked, chen, rule)
    assert (said.rightly, said.wrongly) == (("这是最好的安排",), ())
    name = ruling.shelf(worked, chen).rules.rules[0].id
    html = rulebook_html.rule(ZH, ruling.shelf(worked, chen), name, said)
    assert html.index("合规退回或驳回过的") < html.index("这是最好的安排") < html.index(">应当命中")
    ruling.try_out(worked, chen)
    assert app.office.trial.wait(120).total == 5


@pytest.fixture
def web(worked, app):
    return TestClient(create_app(app), follow_redirects=False)


def sign_in(web, name):
    web.cookies.clear()
    csrf = re.search(r'name="csrf" value="([^"]+)"', web.get("/login").text).group(1)
    web.post("/login", data={"name": name, "password": PASSWORD, "csrf": csrf, "next": ""})


FILES = {
    "/exports/report/20261122-100000": "zhou",
    "/exports/trend/intent.svg": "zhou",
    "/exports/lessons.tsv": "zhou",
    "/exports/archive?form=csv": "chen",
}


def test_files_leave_only_for_the_role_they_are_for(web, app):
    for name in ("li", "chen", "zhou"):
        sign_in(web, name)
        for path, whose in FILES.items():
            assert web.get(path).status_code == (200 if name == whose else 403), (name, path)
    web.cookies.clear()
    assert {web.get(path).status_code for path in FILES} == {401}
    assert len(app.record.read(kinds=("export",))) == 1


def test_what_leaves_is_what_was_found(web):
    sign_in(web, "chen")
    found = web.get("/exports/archive", params={"form": "json", "text": "保本"}).json()
    assert [f["text"] for f in found] == ["这款保本，您放心"]
    assert web.get("/exports/archive?form=xml").status_code == 404
    assert web.get("/exports/archive?since=gestern").status_code == 404
    table = web.get("/exports/archive?form=csv")
    assert table.text.startswith("\ufeffentry,")
    assert "attachment" in table.headers["content-disposition"]
    cross = web.get("/exports/archive", headers={"sec-fetch-site": "cross-site"})
    assert cross.status_code == 403


def test_an_evidence_pack_leaves_with_a_page_to_read_and_its_leaving_is_recorded(web, app):
    (case,) = app.cases.waiting()
    sign_in(web, "chen")
    without = web.get(f"/exports/evidence/{case.referral}.zip")
    assert (without.status_code, "audit key" in without.text, str(app.settings.data) in without.text) == (
        409,
        True,
        False,
    )
    make_key(app.settings.record_key_path)
    found = web.get(f"/exports/evidence/{case.referral}.zip")
    assert found.headers["content-disposition"] == f'attachment; filename="evidence-{case.referral}.zip"'
    assert unpacked(found.content)["evidence.pdf"].startswith(b"%PDF-")
    (told,) = app.record.read(kinds=("export",))
    assert (told.actor, told.payload["form"], told.payload["wanted"]) == (
        "chen",
        "evidence",
        {"entry": str(case.referral)},
    )
    assert web.get("/exports/evidence/99999.zip").status_code == 404
    sign_in(web, "li")
    assert web.get(f"/exports/evidence/{case.referral}.zip").status_code == 403


def test_corrections_leave_as_lines_to_learn_from(web):
    sign_in(web, "zhou")
    lines = web.get("/exports/lessons.tsv").text.splitlines()
    assert lines[1].startswith("product_inquiry\t")


def test_a_picture_over_runs_says_above_it_what_it_shows_and_in_what(web):
    sign_in(web, "zhou")
    for language, title in (
        ("zh", "意图：各次评测的主要指标（占比，0 到 1）"),
        ("en", "intent: first figures by run (share, 0 to 1)"),
    ):
        picture = web.get(f"/exports/trend/intent.svg?language={language}").text
        assert picture.startswith("<svg xmlns")
        assert f">{title}</text>" in picture


def test_milliseconds_over_runs_have_a_scale_of_their_own(web, worked):
    for run, ms in (("20261121-100000", 12.5), ("20261122-100000", 42.0)):
        results = worked.app.settings.data / "reports" / run / "results.jsonl"
        figure = {"line": "figure", "suite": "speed", "name": "guard_p95_ms", "value": ms, "n": 9, "unit": "ms"}
        *head, end = results.read_text(encoding="utf-8").splitlines()
        told = [
            head[0].replace('["line", "intent"]', '["line", "intent", "speed"]'),
            *head[1:],
            json.dumps(figure),
            end,
        ]
        results.write_text("\n".join(told) + "\n", encoding="utf-8")
    sign_in(web, "zhou")
    picture = web.get("/exports/trend/speed.svg?language=en").text
    assert ">speed: first figures by run (ms)</text>" in picture
    assert ">50</text>" in picture


def test_a_place_is_read_back_as_it_was_written():
    place = Place("cases", {"run": "a", "figure": "x&y=z", "none": ""})
    assert place_of(place.written()) == Place("cases", {"run": "a", "figure": "x&y=z"})
    assert place_of("x" * 9000).view == ""
    assert (Place("", {"n": "9" * 20}).number("n"), Place("", {"n": "12"}).number("n")) == (0, 12)
    act = re.search(r"do-go-([0-9a-f]+)", go("王姐<b>", "case", case="王姐")).group(1)
    assert place_of(unhexed(act)) == Place("case", {"case": "王姐"})
    assert unhexed(re.search(r"do-act-drop-([0-9a-f]+)", deed("x", "drop", "a\nb")).group(1)) == "a\nb"


@pytest.mark.parametrize(("made_with", "told"), [("scripts", "scripts alone"), ("drafter-9b", "drafter-9b")])
def test_the_list_of_runs_names_the_model_that_drafted(worked, made_with, told):
    found = training.runs(worked, ROLES["zhou"])
    header = replace(found.runs[0].header, provenance={"model": made_with})
    html = training_html.runs(EN, replace(found, runs=(replace(found.runs[0], header=header),)))
    assert told in html


def test_a_trainer_begins_a_run_with_a_model_that_is_there(worked, monkeypatch):
    begun = []
    monkeypatch.setattr(
        Running, "start", lambda self, suites, by, *, own, model: begun.append((suites, by, own, model))
    )
    training.start(worked, ROLES["zhou"], ["ledger"], False, "scripted")
    assert begun == [(["ledger"], "zhou", False, "scripted")]
