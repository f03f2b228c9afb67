"""`make bench`: the budgets, each measured beside a peer in the same process or minute, printed as a table.

python -m evals.bench [--quick]
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
import tracemalloc
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from langchain_core.messages import HumanMessage, SystemMessage

from copilot.drafting import ModelDrafter
from copilot.errors import CopilotError
from copilot.pipeline import stream
from copilot.settings import OFFLINE
from copilot.types import GuardContext
from copilot.wiring import App, build
from evals.cases import conversations, intent_cases
from evals.figures import percentile
from guardrails.engine import Engine as GuardEngine
from guardrails.engine import RuleSet, load_rules
from guardrails.patterns import compile_pattern

TERMS = 10_000

LINE_TEXT = (
    "王姐您好，您那笔半年的理财这周五到期，到期当天本金和收益会自动回到卡里，不用您操作。"
    "这款产品的风险等级是中低，封闭期内不能提前赎回，过去的表现不代表以后，理财不是存款，买之前请您看清说明书。"
    "您这笔钱最近有没有要用的打算？要是孩子学费年前要交，咱们就先把这部分留出来，剩下的再慢慢看。"
)


@dataclass(frozen=True)
class Row:
    """One budget: what was measured, the budget, the figure, the peer beside it and its figure."""

    what: str
    budget: str
    measured: str
    peer: str = ""
    beside: str = ""
    n: int = 0


def timed(call: Callable[[], object], n: int) -> list[float]:
    """Milliseconds of `n` calls, after a tenth of them to warm up."""
    for _ in range(max(1, n // 10)):
        call()
    times = []
    for _ in range(n):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return times


def ms(value: float) -> str:
    """A duration for the table."""
    return f"{value:.2f} ms" if value < 100 else f"{value / 1000:.2f} s"


def with_terms(ruleset: RuleSet, count: int) -> tuple[RuleSet, list[str]]:
    """A rule set with a bank's own list of terms: `count` made-up phrases of three to six common characters, seeded."""
    draw = random.Random(7)
    common = [bytes([row, cell]).decode("gb2312") for row in range(0xB0, 0xC0) for cell in range(0xA1, 0xFF)]
    terms = sorted({"".join(draw.choices(common, k=draw.randint(3, 6))) for _ in range(count + 50)})[:count]
    patterns = tuple(compile_pattern(term, {}) for term in terms)
    own = replace(ruleset.rules[0], id="G21-own-terms", check="G21", patterns=patterns, sounds=(), logic=None)
    return replace(ruleset, rules=(*ruleset.rules, own)), terms


def bench_guard(app: App, n: int) -> list[Row]:
    """500 characters through the guard with 10,000 terms, beside a loop of compiled expressions over the same terms."""
    text = (LINE_TEXT * 5)[:500]
    context = GuardContext()
    tracemalloc.start()
    started = time.perf_counter()
    ruleset, terms = with_terms(load_rules(app.settings.guard), TERMS)
    rules_alone = GuardEngine(ruleset)
    loading, (held, _) = time.perf_counter() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    ours = timed(lambda: rules_alone.check(text, context), n)
    recorded = GuardEngine(ruleset, app.library)
    looked_up = timed(lambda: recorded.check(text, context), max(20, n // 4))
    whole = timed(lambda: app.guard.check(text, context), max(20, n // 4))
    expressions = [p.regex for rule in ruleset.rules for p in rule.patterns]
    peer = timed(lambda: [e.search(text) for e in expressions], max(10, n // 20))
    return [
        Row(
            f"guard, deterministic, 500 characters, {len(terms):,} terms and {len(expressions) - len(terms)} patterns",
            "p99 ≤ 1 ms",
            f"p99 {ms(percentile(ours, 99))}, p50 {ms(percentile(ours, 50))}; loads in {loading:.1f} s, {held / 1e6:.0f} MB",
            "the same expressions compiled, one by one, search only",
            f"p99 {ms(percentile(peer, 99))}",
            n,
        ),
        Row(
            f"the same, looking for the names of {len(app.library.products())} products",
            "",
            f"p99 {ms(percentile(looked_up, 99))}, p50 {ms(percentile(looked_up, 50))}",
            n=len(looked_up),
        ),
        Row(
            "guard with records and the classifier, 500 characters",
            "p95 ≤ 10 ms",
            f"p95 {ms(percentile(whole, 95))}, p50 {ms(percentile(whole, 50))}",
            n=len(whole),
        ),
    ]


def bench_intent(app: App, n: int) -> Row:
    """Held-out turns through the classifier alone."""
    cases = intent_cases()
    times: list[float] = []
    for i in range(n):
        case = cases[i % len(cases)]
        started = time.perf_counter()
        app.classifier.classify(case.text, case.history)
        times.append((time.perf_counter() - started) * 1000)
    return Row("intent", "p95 ≤ 10 ms", f"p95 {ms(percentile(times, 95))}, p50 {ms(percentile(times, 50))}", n=n)


def bench_line(app: App, n: int) -> list[Row]:
    """The conversations through the line, beside the bare calls of the same model with the same prompts."""
    cases = conversations()[:n]
    first, total = [], []
    for case in cases:
        conversation = case.input.conversation(app.clock())
        started = time.perf_counter()
        seen = 0
        for proposal in stream(app.line, conversation, actor="bench"):
            if proposal.candidates and not seen:
                first.append((time.perf_counter() - started) * 1000)
                seen = 1
        total.append((time.perf_counter() - started) * 1000)
    bare = _bare_calls(app, n)
    return [
        Row("first guarded candidate", "p95 ≤ 0.5 s", f"p95 {ms(percentile(first, 95))}, p50 {ms(percentile(first, 50))}", "one bare model call", f"p95 {ms(percentile(bare, 95))}, p50 {ms(percentile(bare, 50))}", len(first)),
        Row("all candidates", "p95 ≤ 1.5 s", f"p95 {ms(percentile(total, 95))}, p50 {ms(percentile(total, 50))}", n=len(total)),
    ]  # fmt: skip


def _bare_calls(app: App, n: int) -> list[float]:
    """The model alone on prompts of the drafter's own shape."""
    drafter = app.line.drafter
    if not isinstance(drafter, ModelDrafter):
        return []
    template = drafter.template
    times = []
    for case in conversations()[:n]:
        values = dict.fromkeys(template.variables, "无") | {"message": case.input.message[-100:]}
        messages = [SystemMessage(template.system), HumanMessage(template.fill(**values))]
        started = time.perf_counter()
        drafter.chat.invoke(messages, max_tokens=60, temperature=0.3, seed=1)
        times.append((time.perf_counter() - started) * 1000)
    return times


def bench_prefix(app: App, n: int) -> Row:
    """Time to the first token of 1,000+50 tokens, with the prefix kept and without."""
    chat = app.model
    if chat is None:
        return Row("second turn's prompt, prefix kept", "≥ 18 × faster", "no model")
    unit = "客户的钱什么时候到期，"
    per = max(1, chat.get_num_tokens(unit * 20) // 20)
    kept = min(1000, (chat.info().context or 1200) - 160)
    constant = unit * (kept // per)

    def first_token(system: str, user: str) -> float:
        started = time.perf_counter()
        for _ in chat.stream([SystemMessage(system), HumanMessage(user)], max_tokens=2, temperature=0.0):
            break
        return (time.perf_counter() - started) * 1000

    cold, warm = [], []
    for i in range(n):
        head = f"第{i}次。" + constant
        cold.append(first_token(head, "问" * 20))
        warm.append(first_token(head, "答" * 20 + str(i)))
    slow, fast = percentile(cold, 50), percentile(warm, 50)
    return Row(
        "second turn's prompt, prefix kept",
        "≥ 18 × faster",
        f"{slow / fast:.1f} ×, p50 {ms(fast)}",
        "cold",
        f"p50 {ms(slow)}",
        n,
    )


@contextmanager
def served(data: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], float]]:
    """A desk of its own on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.perf_counter()
    command = [sys.executable, "-m", "copilot.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "ADVISOR_COPILOT_DATA": str(data)},
    )
    try:
        yield f"http://127.0.0.1:{port}", process, started
    finally:
        process.terminate()
        process.wait(20)


def bench_serve(app: App, n: int) -> Row:
    """`serve` with the index present, to the sign-in page; resident memory of all its processes."""
    times, sizes = [], []
    for _ in range(n):
        with served(app.settings.data) as (address, process, started):
            while time.perf_counter() - started < 60:
                try:
                    with urllib.request.urlopen(f"{address}/login", timeout=1) as page:
                        page.read()
                    break
                except OSError:
                    time.sleep(0.05)
            times.append((time.perf_counter() - started) * 1000)
            time.sleep(3)
            sizes.append(sum(_resident(pid) for pid in _family(process.pid)))
    return Row(
        "serve to a usable page", "≤ 10 s, ≤ 1.5 GB", f"{ms(max(times))}, {max(sizes) / 1e9:.2f} GB resident", n=n
    )


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    children = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        children += [int(c) for c in task.read_text().split()]
    return [pid, *(p for child in children for p in _family(child))]


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def bench_search(n: int) -> Row:
    """Search over a grown corpus, beside its parts and rank_bm25."""
    from knowledge_base.bench import measure

    cost = measure(n)
    ours, *others = cost.timings
    beside = "; ".join(f"{t.name} p95 {ms(t.p95)}" for t in others)
    return Row(
        f"hybrid search, {cost.passages:,} passages, {cost.rows:,} rows",
        "p95 ≤ 20 ms",
        f"p95 {ms(ours.p95)}, p50 {ms(ours.p50)}; built in {cost.build_s:.0f} s, {cost.disk_mb:.0f} MB",
        "its parts, rank_bm25",
        beside,
        ours.n,
    )


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    head = ["| what | budget | measured | beside | its figure | n |", "|---|---|---|---|---|---|"]
    return "\n".join(head + [f"| {r.what} | {r.budget} | {r.measured} | {r.peer} | {r.beside} | {r.n} |" for r in rows])


def main() -> int:
    """Print the table and write it to the data folder."""
    os.environ.update(OFFLINE)
    quick = "--quick" in sys.argv
    app = build()
    try:
        app.check_all()
        if app.model is not None:
            app.model.wait_ready(60)
        rows = [*bench_guard(app, 200 if quick else 2000), bench_intent(app, 50 if quick else 500)]
        rows.append(bench_search(2_000 if quick else 10_000))
        rows += bench_line(app, 5 if quick else 40)
        rows.append(bench_prefix(app, 3 if quick else 15))
    except CopilotError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        app.close()
    rows.append(bench_serve(app, 1 if quick else 3))
    print(table(rows))
    out = app.settings.data / "reports" / "bench.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps([r.__dict__ for r in rows], ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
