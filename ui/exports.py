"""Files that leave the desk: a run's report, a plot over time, corrections, what was found in the record. Session and role are checked at each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

from copilot.errors import AccessDenied, CopilotError, InputError, SettingsError
from copilot.records import User
from evals import charts
from evals import page as report_page
from ui import labels
from ui.desk import Desk, admitted
from ui.frame import SESSION_COOKIE
from ui.handlers import learning, searching, training
from ui.text import Language, Words

_TYPES: Mapping[str, str] = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}


def add_exports(app: FastAPI, desk: Desk) -> None:
    """Mount the doors."""

    async def answered(request: Request, page: str, made: Callable[[User], Response]) -> Response:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return PlainTextResponse("cross-site request refused", 403)

        def make() -> Response:
            return made(admitted(desk, request.cookies.get(SESSION_COOKIE), page))

        try:
            return await anyio.to_thread.run_sync(make)
        except AccessDenied:
            return PlainTextResponse("not yours", 403)
        except CopilotError as error:
            return PlainTextResponse(str(error), 404)

    @app.get("/exports/report/{name}")
    async def report(request: Request, name: str) -> Response:
        def made(user: User) -> Response:
            shown = report_page.render(training.run_of(desk, user, name))
            return Response(shown, media_type="text/html; charset=utf-8")

        return await answered(request, "trainer", made)

    @app.get("/exports/trend/{suite}.svg")
    async def trend(request: Request, suite: str, language: Language = "zh") -> Response:
        def made(user: User) -> Response:
            words, found = Words(language), training.trend(desk, user, suite)
            lines = {labels.figure(words, name): values for name, values in found.lines.items()}
            title = words("t_trend_in", suite=labels.suite(words, suite), unit=found.unit or words("t_share"))
            return Response(charts.whole(charts.trend(found.runs, lines, title)), media_type="image/svg+xml")

        return await answered(request, "trainer", made)

    @app.get("/exports/lessons.tsv")
    async def lessons(request: Request) -> Response:
        def made(user: User) -> Response:
            return _file(learning.lesson_table(desk, user), "lessons.tsv", "text/tab-separated-values; charset=utf-8")

        return await answered(request, "trainer", made)

    @app.get("/exports/archive")
    async def archive(request: Request, form: str = "csv") -> Response:
        def made(user: User) -> Response:
            told = searching.export(desk, user, dict(request.query_params), form)
            marked = f"\ufeff{told}" if form == "csv" else told  # a spreadsheet reads UTF-8 by this mark alone
            return _file(marked, f"record.{form}", _TYPES[form])

        return await answered(request, "archive", made)

    @app.get("/exports/evidence/{number}.zip")
    async def evidence(request: Request, number: str) -> Response:
        def made(user: User) -> Response:
            if not number.isdecimal():
                raise InputError("an entry is named by its number")
            try:
                return _file(searching.evidence(desk, user, int(number)), f"evidence-{number}.zip", "application/zip")
            except SettingsError:
                return PlainTextResponse(f"{Words('zh')('f_no_key')}\n{Words('en')('f_no_key')}", 409)

        return await answered(request, "archive", made)


def _file(text: str | bytes, name: str, kind: str) -> Response:
    return Response(text, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
