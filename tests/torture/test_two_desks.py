"""Two real `serve` processes on one PostgreSQL: what is begun at one goes on at the other."""

from __future__ import annotations

import os

import pytest

from copilot.records import RecordStore, open_database
from tests.copilot.records.servers import missing, programs, running
from tests.torture.browser import Browser
from tests.torture.load import PASSWORD, advisors, serving

QUESTION = "赎回几天能到账"


def test_an_advisor_goes_on_at_another_desk(tmp_path):
    if why := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    found = programs()
    assert found is not None
    with running(found) as server:
        database = server.fresh()
        advisors(database, ["li", "wang"])
        # the second starts while the first is there: one index, one schema, for both
        with serving(tmp_path, url=database) as one, serving(tmp_path, url=database) as two:
            here = Browser(one, timeout=300)
            here.sign_in("li", PASSWORD)
            here.open()
            areas = here.ask(QUESTION)
            assert "do-adopt-0" in areas["cards"]
            there = Browser(two, here.page, timeout=300)
            there.client.cookies = here.client.cookies
            there.open()
            assert there.opened == here.opened
            there.adopt(0)
            assert there.text
            sent = there.release()
            assert "released-text" in sent["sent"]
            here.open()
            assert there.text[:10] in here.click("load", [])["chat"]
            stranger = Browser(two, here.page, timeout=300)
            stranger.sign_in("wang", PASSWORD)
            stranger.open()
            stranger.opened = here.opened
            assert QUESTION not in str(stranger.click("go", [here.opened, f"open-{here.opened}"]))
            here.client.post("/logout")
            assert there.client.get("/advisor/config").status_code == 401
        engine = open_database(database)
        record = RecordStore(engine)
        assert record.verify().ok
        assert [e.actor for e in record.read(kinds=("release",))] == ["li"]
        engine.dispose()
