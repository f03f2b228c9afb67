"""What an administrator does with accounts: each act recorded with what it changes, or not done."""

from __future__ import annotations

import threading

import pytest
from fake_app import PASSWORD, FakeApp

from copilot.errors import AccessDenied, AccountRefused, RecordError
from copilot.records import User
from copilot.records.people import ROLES
from ui.desk import Desk
from ui.handlers import staffing
from ui.present import admin as present
from ui.text import Words

ZH, EN = Words("zh"), Words("en")
ROOT = User("root", "admin", "管理员")


@pytest.fixture
def desk(tmp_path):
    return Desk(FakeApp(tmp_path).people())


def why(act):
    with pytest.raises(AccountRefused) as refused:
        act()
    return refused.value.why


def recorded(desk):
    return [(e.actor, dict(e.payload)) for e in desk.app.record.read(kinds=("account",))]


def test_every_act_is_recorded_with_who_did_it_and_to_whom(desk):
    staffing.add(desk, ROOT, " li.na ", "李娜", "advisor")
    for what in ("unlock", "password", "sign_out", "close", "reopen"):
        staffing.act(desk, ROOT, what, "li.na")
    staffing.act(desk, ROOT, "role", "li.na", "trainer")
    assert recorded(desk) == [
        ("root", {"act": "add", "user": "li.na", "role": "advisor"}),
        *(("root", {"act": what, "user": "li.na"}) for what in ("unlock", "password", "sign_out", "close", "reopen")),
        ("root", {"act": "role", "user": "li.na", "role": "trainer", "before": "advisor"}),
    ]
    assert desk.app.record.verify().ok
    view = staffing.opened(desk, ROOT, "li.na")
    assert (view.person.role, next(d.what for d in view.deeds), len(view.deeds)) == ("trainer", "role", 7)


def test_no_password_stands_in_the_record_or_on_the_page_again(desk):
    first = staffing.add(desk, ROOT, "na", "娜", "advisor")
    second = staffing.act(desk, ROOT, "password", "na")
    assert first != second
    assert len(second) == 16
    drawn = present.people(ZH, staffing.people(desk, ROOT), "na") + present.person(
        ZH, staffing.opened(desk, ROOT, "na")
    )
    for password in (first, second):
        assert password not in str(recorded(desk)) + drawn
    assert second in present.secret(ZH, "x", second)
    assert not desk.app.sessions.proves("na", first)
    assert desk.app.sessions.proves("na", second)


def test_without_a_record_nothing_is_done(desk):
    desk.app.record.broken = True
    for act in (
        lambda: staffing.add(desk, ROOT, "na", "娜", "advisor"),
        lambda: staffing.act(desk, ROOT, "close", "li"),
        lambda: staffing.act(desk, ROOT, "role", "li", "trainer"),
        lambda: staffing.act(desk, ROOT, "password", "li"),
    ):
        with pytest.raises(RecordError):
            act()
    assert desk.app.users.account("na") is None
    assert desk.app.users.account("li").user == User("li", "advisor", "李经理")
    assert desk.app.sessions.proves("li", PASSWORD)


def test_a_closed_account_is_signed_out_at_once_and_can_be_opened_again(desk):
    token = desk.app.sessions.open("li").token
    staffing.act(desk, ROOT, "close", "li")
    assert desk.app.sessions.whose(token) is None
    assert staffing.opened(desk, ROOT, "li").person.standing == "closed"
    assert staffing.people(desk, ROOT)[-1].name == "li"
    staffing.act(desk, ROOT, "reopen", "li")
    assert desk.app.sessions.sign_in("li", PASSWORD).user.name == "li"


def test_another_role_counts_from_the_next_click(desk):
    token = desk.app.sessions.open("li").token
    staffing.act(desk, ROOT, "role", "li", "compliance")
    assert desk.app.sessions.whose(token).role == "compliance"


def test_an_administrator_unlocks_before_the_time(desk):
    for _ in range(5):
        desk.app.sessions.proves("li", "wrong")
    view = staffing.opened(desk, ROOT, "li")
    assert (view.person.standing, "unlock" in view.acts) == ("locked", True)
    assert "锁定到" in present.person(ZH, view)
    staffing.act(desk, ROOT, "unlock", "li")
    assert desk.app.sessions.sign_in("li", PASSWORD).user.name == "li"


def test_nobody_shuts_out_herself(desk):
    staffing.add(desk, ROOT, "second", "二", "admin")
    assert why(lambda: staffing.act(desk, ROOT, "close", "root")) == "yourself"
    assert why(lambda: staffing.act(desk, ROOT, "role", "root", "advisor")) == "yourself"
    assert staffing.opened(desk, ROOT, "root").acts == frozenset()


def test_the_last_administrator_stays(desk):
    second = User("second", "admin", "二")
    desk.app.users.add("second", "admin", "二", PASSWORD)
    staffing.act(desk, second, "close", "root")
    for name in ("root", "console:x"):  # one who was closed meanwhile, and the command line
        by = User(name, "admin", "")
        assert why(lambda by=by: desk.app.accounts.close(by, "second")) == "last_admin"
        assert why(lambda by=by: desk.app.accounts.set_role(by, "second", "advisor")) == "last_admin"
    assert desk.app.users.account("second").user.active


def test_of_two_administrators_who_close_each_other_one_stays(desk):
    desk.app.users.add("second", "admin", "二", PASSWORD)
    said = []

    def close(by, name):
        try:
            desk.app.accounts.close(User(by, "admin", ""), name)
        except AccountRefused as refused:
            said.append(refused.why)

    both = [threading.Thread(target=close, args=pair) for pair in (("root", "second"), ("second", "root"))]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    assert said == ["last_admin"]
    assert sum(u.active and u.role == "admin" for u in desk.app.users.list()) == 1


@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        ("li", "advisor", "taken"),
        ("a b", "advisor", "name"),
        ("", "advisor", "name"),
        ("na", "boss", "role"),
        ("na", "", "role"),
    ],
)
def test_what_cannot_be_added_is_told(desk, name, role, expected):
    assert why(lambda: staffing.add(desk, ROOT, name, "x", role)) == expected
    assert recorded(desk) == []


def test_an_unknown_name_is_told(desk):
    assert why(lambda: staffing.opened(desk, ROOT, "nobody")) == "unknown"
    for what in ("close", "reopen", "unlock", "password", "sign_out"):
        assert why(lambda what=what: staffing.act(desk, ROOT, what, "nobody")) == "unknown"
    assert recorded(desk) == []


@pytest.mark.parametrize("role", [r for r in ROLES if r != "admin"])
def test_only_administrators_act_whatever_calls(desk, role):
    """Below the handlers, too: the acts themselves ask."""
    by = User("x", role, "")
    accounts = desk.app.accounts
    for act in (
        lambda: accounts.add(by, "na", "advisor"),
        lambda: accounts.set_role(by, "li", "admin"),
        lambda: accounts.close(by, "li"),
        lambda: accounts.reopen(by, "li"),
        lambda: accounts.unlock(by, "li"),
        lambda: accounts.new_password(by, "li"),
        lambda: accounts.end_sessions(by, "li"),
    ):
        with pytest.raises(AccessDenied):
            act()
    assert recorded(desk) == []


def test_people_are_found_by_name_and_display(desk):
    assert [p.name for p in staffing.people(desk, ROOT, "合规")] == ["chen", "sun"]
    assert [p.name for p in staffing.people(desk, ROOT, "ZHO")] == ["zhou"]
    assert present.people(EN, staffing.people(desk, ROOT, "nobody at all"), "").count("No account matches") == 1


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_hostile_names_stay_text(desk, words):
    desk.app.users.add("evil", "advisor", "<img src=x onerror=alert(1)>", PASSWORD)
    staffing.act(desk, ROOT, "sign_out", "evil")
    drawn = present.people(words, staffing.people(desk, ROOT), "evil")
    drawn += present.person(words, staffing.opened(desk, ROOT, "evil"))
    drawn += present.history(words, staffing.opened(desk, ROOT, "evil"))
    assert "<img" not in drawn
    assert "&lt;img" in drawn


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_every_deed_is_told(desk, words):
    told = {"user": "li", "role": "advisor", "before": "trainer", "minutes": 15}
    for what in ("add", "role", "close", "reopen", "unlock", "password", "own_password", "sign_out", "locked", "link"):
        for actor, more in (("root", {}), ("console:ops", {}), ("li", {"by": "oidc"})):
            desk.app.record.append("account", actor, "", {"act": what, **told, **more})
    drawn = present.history(words, staffing.opened(desk, ROOT, "li"))
    assert drawn.count("<li") == 20
    assert "{" not in drawn
    assert "ops" in drawn
