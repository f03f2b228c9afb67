"""Two officers in two processes claim the same cases at the same moment: each case goes to one of them, on either database."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from datetime import datetime, timedelta

from copilot.casework import Casework
from copilot.errors import CaseRefused
from copilot.records import CaseStore, RecordStore, User, UserStore, open_database
from tests.copilot.records.test_cases import refer

AT = datetime(2026, 11, 22, 10)
CASES = 30


def claiming(url, name, ready, go, taken):
    """What an officer's process does: claim every case in the order of the queue, as seen before the start."""
    engine = open_database(url)
    record, cases = RecordStore(engine), CaseStore(engine)
    work = Casework(record, cases, UserStore(engine).list, lambda: AT, timedelta(minutes=30))
    queue = [(case.referral, case.last) for case in cases.waiting()]
    ready.release()
    go.wait(60)
    for referral, seen in queue:
        try:
            work.claim(User(name, "compliance", name), referral, seen)
            taken.put((name, referral, "claimed"))
        except CaseRefused as error:
            taken.put((name, referral, error.why))
    taken.put((name, 0, "done"))


def test_each_case_is_claimed_once(url):
    record = RecordStore(open_database(url))
    referrals = [refer(record) for _ in range(CASES)]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.copilot.records.test_two_officers"])
    ready, go, taken = context.Semaphore(0), context.Event(), context.Queue()
    officers = [context.Process(target=claiming, args=(url, n, ready, go, taken), daemon=True) for n in ("chen", "sun")]
    for officer in officers:
        officer.start()
    for _ in officers:
        assert ready.acquire(timeout=60)
    go.set()
    said, done = [], 0
    while done < 2:
        name, referral, what = taken.get(timeout=60)
        done += what == "done"
        if referral:
            said.append((name, referral, what))
    for officer in officers:
        officer.join(60)
    assert Counter(referral for _, referral, what in said if what == "claimed") == dict.fromkeys(referrals, 1)
    assert {what for *_, what in said} == {"claimed", "taken"}
    fresh = CaseStore(open_database(url))
    assert {(case.holder, case.referral) for case in fresh.waiting()} == {(n, r) for n, r, w in said if w == "claimed"}
    assert fresh.compare()
    claims = [e for e in record.read(kinds=("case",))]
    assert len(claims) == CASES
    assert record.verify().ok
