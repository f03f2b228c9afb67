"""Users, passwords, locks and sessions, over each database."""

from __future__ import annotations

import threading

import pytest

from copilot.errors import AccessDenied, AccountRefused, InputError
from copilot.records import SessionStore, UserStore
from copilot.records.sessions import LOCK_SECONDS, LONGEST_LOCK, MAX_FAILURES, lock_seconds

GOOD, BAD = "a-good-password", "a-bad-password"


@pytest.fixture
def now():
    return [1_000_000.0]


@pytest.fixture
def users(engine, now):
    return UserStore(engine, lambda: now[0])


@pytest.fixture
def sessions(engine, now):
    return SessionStore(engine, lambda: now[0], hours=10, idle_minutes=60)


@pytest.fixture
def li(users):
    users.add("li", "advisor", "李经理", GOOD)


def refusal(sessions, name, password):
    with pytest.raises(AccessDenied) as refused:
        sessions.sign_in(name, password)
    return str(refused.value)


def fail(sessions, name="li", times=MAX_FAILURES):
    return {refusal(sessions, name, BAD) for _ in range(times)}


def test_first_users_are_made_once_with_different_one_time_passwords(users):
    first = users.make_first()
    assert {role for role, _ in first.values()} == {"advisor", "compliance", "trainer", "admin"}
    assert len({password for _, password in first.values()}) == 4
    assert all(user.must_change for user in users.list())
    assert users.make_first() == {}


def test_a_session_ends_at_its_last_hour_whatever_is_done(users, sessions, now, li):
    token = sessions.sign_in("li", GOOD).token
    assert sessions.whose(token).display == "李经理"
    for _ in range(19):
        now[0] += 30 * 60
        assert sessions.touch(token)
    now[0] += 30 * 60 + 1
    assert sessions.whose(token) is None
    assert not sessions.touch(token)


def test_a_session_left_alone_ends_and_one_that_is_used_goes_on(users, sessions, now, li):
    used, idle = (sessions.sign_in("li", GOOD).token for _ in range(2))
    now[0] += 59 * 60
    assert sessions.touch(used)
    now[0] += 2 * 60
    assert sessions.whose(used).name == "li"
    assert sessions.whose(idle) is None
    assert not sessions.touch(idle)
    assert sessions.running("li") == 1


def test_signing_out_ends_it_at_once(sessions, li):
    token = sessions.sign_in("li", GOOD).token
    sessions.end(token)
    assert sessions.whose(token) is None


def test_every_sign_in_has_a_token_of_its_own(sessions, li):
    assert len({sessions.sign_in("li", GOOD).token for _ in range(3)}) == 3


def test_a_refusal_says_the_same_whatever_the_reason(users, sessions, now, li):
    users.add("shut", "advisor", password=GOOD)
    users.deactivate("shut")
    said = fail(sessions) | fail(sessions, "nobody", 6) | fail(sessions, "shut", 6)
    said.add(refusal(sessions, "li", GOOD))  # locked by now
    assert len(said) == 1


def test_five_failures_lock_even_the_right_password_also_in_another_process(engine, sessions, now, li):
    fail(sessions)
    restarted = SessionStore(engine, lambda: now[0])
    refusal(restarted, "li", GOOD)
    now[0] += LOCK_SECONDS + 1
    assert restarted.sign_in("li", GOOD).user.name == "li"


def test_each_lock_is_longer_until_somebody_signs_in(users, sessions, now, li):
    for lock in range(3):
        fail(sessions)
        until = users.account("li").locked_until
        assert until == now[0] + LOCK_SECONDS * 2**lock
        now[0] = until + 1
    sessions.sign_in("li", GOOD)
    fail(sessions)
    assert users.account("li").locked_until == now[0] + LOCK_SECONDS
    assert lock_seconds(60) == LONGEST_LOCK


def test_a_success_forgets_earlier_failures(users, sessions, li):
    fail(sessions, times=4)
    sessions.sign_in("li", GOOD)
    fail(sessions, times=4)
    assert sessions.sign_in("li", GOOD).user.name == "li"


def test_a_lock_is_recorded(sessions, record, li):
    fail(sessions)
    (entry,) = record.read(kinds=("account",))
    assert entry.payload == {"act": "locked", "user": "li", "minutes": 15}
    assert record.verify().ok


def test_many_tries_at_once_are_all_counted(engine, users, now, li, monkeypatch):
    """No more than five are read, however many come before the first answer."""
    from copilot.records import sessions as module

    read, gate = [], threading.Event()

    def slow(password, kept):
        if kept:
            read.append(password)
            gate.wait(20)
        return False

    monkeypatch.setattr(module, "proven", slow)
    store = SessionStore(engine, lambda: now[0])
    tries = [threading.Thread(target=lambda: store.proves("li", BAD)) for _ in range(12)]
    for one in tries:
        one.start()
    for one in tries[MAX_FAILURES:]:
        one.join(0.2)
    gate.set()
    for one in tries:
        one.join(20)
    assert len(read) == MAX_FAILURES
    assert users.account("li").locked_until > now[0]


def test_the_store_keeps_neither_password_nor_token(users, sessions, engine, li):
    token = sessions.sign_in("li", GOOD).token
    with engine.connect() as connection:
        dump = str(connection.exec_driver_sql("SELECT * FROM users").fetchall())
        dump += str(connection.exec_driver_sql("SELECT * FROM sessions").fetchall())
    assert GOOD not in dump
    assert token not in dump


def test_a_new_password_ends_old_sessions_and_locks(users, sessions, li):
    token = sessions.sign_in("li", GOOD).token
    fail(sessions)
    users.set_password("li", "another-password")
    assert sessions.whose(token) is None
    assert sessions.sign_in("li", "another-password").user.name == "li"


def test_a_one_time_password_is_worth_nothing_after_three_days(users, sessions, now):
    made = users.add("qian", "advisor")
    assert sessions.sign_in("qian", made).user.must_change
    now[0] += 72 * 3600 + 1
    refusal(sessions, "qian", made)


@pytest.mark.parametrize(
    ("name", "role", "password", "why"),
    [
        ("a b", "advisor", None, "name"),
        ("x" * 65, "advisor", None, "name"),
        ("", "advisor", None, "name"),
        ("li", "boss", None, "role"),
        ("li", "admin", "short", "short"),
        ("li", "admin", "x" * 129, "long"),
        ("zhanghaoran", "admin", "ZhangHaoran", "alike"),
        ("li", "admin", "1111111111", "alike"),
    ],
)
def test_bad_users_and_passwords_are_refused(users, name, role, password, why):
    with pytest.raises(AccountRefused) as refused:
        users.add(name, role, password=password)
    assert refused.value.why == why
    assert isinstance(refused.value, InputError)
    assert users.list() == []


def test_a_closed_account_is_signed_out_and_signs_in_no_more(users, sessions, li):
    token = sessions.sign_in("li", GOOD).token
    users.deactivate("li")
    assert sessions.whose(token) is None
    refusal(sessions, "li", GOOD)


def test_a_user_of_the_bank_s_own_sign_in_has_no_password_to_guess(engine, users, sessions):
    from copilot.records.users import add_in

    with engine.begin() as connection:
        add_in(connection, "na", "advisor", "娜", "", 0.0, "https://idp 7")
    refusal(sessions, "na", "")
    assert users.of_subject("https://idp 7").user.name == "na"
    assert users.account("na").failures == 0
