"""`advisor-copilot guard`: the rules as a compliance officer works with them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from copilot.cli import rulebook
from copilot.errors import InputError
from copilot.rereading import ORIGINS, OnItsDay, approved_texts, guard_of, released
from copilot.types import GuardContext
from copilot.wiring import App, build
from guardrails.reread import Progress

guard_app = typer.Typer(
    help="The rules: list, explain, test, compare, and see what they hold without need.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="as JSON, for a program")]
Rules = Annotated[Path | None, typer.Option("--rules", help="a folder of rules; those in use when left out")]
RuleName = Annotated[str, typer.Argument(metavar="RULE", help="a rule's id; `guard list` shows them")]


@contextmanager
def _product() -> Iterator[App]:
    with closing(build()) as product:
        yield product


@guard_app.command("list")
def guard_list(
    check: Annotated[str | None, typer.Option(help="only the rules of this check, e.g. G02")] = None,
    as_json: AsJson = False,
) -> None:
    """List the rules: check, severity, whether in use, status of the legal basis, days in force.

    Example: advisor-copilot guard list --check G02
    """
    with _product() as product:
        ruleset = product.guard.ruleset
        asked = check.strip().upper() if check else None
        if asked is not None and asked not in {r.check for r in ruleset.rules}:
            raise InputError(f"no check {check!r}; the rules know G01 to G37")
        chosen = [r for r in ruleset.rules if asked in (None, r.check)]
        rulebook.print_list(product.guard, chosen, as_json)


@guard_app.command("show")
def guard_show(rule: RuleName) -> None:
    """Show everything about one rule: scope, patterns, exceptions, examples, legal basis.

    Example: advisor-copilot guard show G01-capital
    """
    from guardrails.card import find

    with _product() as product:
        rulebook.print_rule(find(product.guard.ruleset, rule), product.guard.ruleset)


@guard_app.command("test")
def guard_test(rules: Rules = None) -> None:
    """Run every rule's own examples. Exits with 1 when a message is missed that must be found, or found that must not be.

    Example: advisor-copilot guard test --rules /etc/bank/rules
    """
    from guardrails.proof import prove

    with _product() as product:
        proof = prove(guard_of(product, rules) if rules else product.guard)
    for failure in proof.failures:
        print(f"{failure.where}: {failure.what}: {rulebook.short(failure.text, 80)}")
    print(f"{proof.rules} rules, {proof.examples} examples, {len(proof.failures)} failures")
    if proof.failures:
        raise typer.Exit(1)


@guard_app.command("explain")
def guard_explain(
    text: Annotated[
        str | None, typer.Argument(help="the text; standard input when left out", show_default=False)
    ] = None,
) -> None:
    """Say how a text is read: what is found, what is let stand and why, and what the classifier thinks.

    Example: advisor-copilot guard explain 这款保*本，不保证收益
    """
    if text is None:
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        text = sys.stdin.read().rstrip("\n")
    if not text.strip():
        raise InputError("there is no text; give one, or pipe it in")
    with _product() as product:
        rulebook.print_reading(product.guard, text, GuardContext(at=product.clock()))


@guard_app.command("diff")
def guard_diff(
    old: Annotated[Path, typer.Argument(help="folder of the old rules")],
    new: Annotated[
        Path | None, typer.Argument(help="folder of the new rules; those in use when left out", show_default=False)
    ] = None,
    most: Annotated[int, typer.Option(min=0, help="how many texts to list")] = 20,
) -> None:
    """Compare two sets of rules: what was added, removed, changed, and which known texts get another verdict.

    The texts are both sets' own examples and the approved scripts.

    Example: advisor-copilot guard diff rules-2026-09 rules-2026-12
    """
    from guardrails.changes import compare
    from guardrails.reread import examples, reread

    with _product() as product:
        before = guard_of(product, old)
        after = guard_of(product, new) if new else product.guard
        rulebook.print_changes(compare(before.ruleset, after.ruleset))
        texts = (*examples(before.ruleset, after.ruleset), *approved_texts(product, ["scripts"]))
        found = list(reread(texts, after, before, _progress("diff")))
    rulebook.print_turned(found, most)


@guard_app.command("rescan")
def guard_rescan(
    rules: Rules = None,
    over: Annotated[str, typer.Option(help="what to read, with commas between")] = ",".join(ORIGINS),
    as_json: AsJson = False,
) -> None:
    """Read approved and released texts again and show whose verdict changes.

    With --rules the verdict is compared with that of the rules in use. Without, a released text is compared with the
    verdict it was released with, and an approved text is shown when it does not pass.

    Example: advisor-copilot guard rescan --rules rules-2026-12 --over scripts,faq
    """
    from guardrails.reread import reread

    asked = tuple(dict.fromkeys(part.strip() for part in over.split(",") if part.strip()))
    unknown = [part for part in asked if part not in ORIGINS]
    if unknown or not asked:
        raise InputError(f"--over: {unknown[0] if unknown else 'nothing'} is not one of {', '.join(ORIGINS)}")
    with _product() as product:
        texts = approved_texts(product, asked)
        if "records" in asked:
            texts += released(product)
        now = OnItsDay(product, rules)
        found = list(reread(texts, now, OnItsDay(product) if rules else None, _progress("rescan")))
    if as_json:
        rulebook.print_rescan_json(found, now.version)
    else:
        rulebook.print_turned(found, len(found))


@guard_app.command("alarms")
def guard_alarms(
    days: Annotated[int, typer.Option(min=1, help="how far to look back")] = 90,
    budget: Annotated[float, typer.Option(min=0, max=1, help="share of false alarms the bank allows a rule")] = 0.3,
) -> None:
    """Count each rule's false alarms: texts it held that compliance then released.

    Example: advisor-copilot guard alarms --days 30
    """
    from guardrails.alarms import alarms

    with _product() as product:
        entries = product.record.read(kinds=("held", "referral", "decision"))
        since = product.clock().date() - timedelta(days=days)
    rulebook.print_alarms(alarms(entries, since), budget, since)


@guard_app.command("examples")
def guard_examples(
    rule: Annotated[str | None, typer.Option(help="only this rule's", show_default=False)] = None,
) -> None:
    """Write compliance's decisions as YAML examples: released texts under `passes`, rejected ones under `fails`.

    Example: advisor-copilot guard examples --rule G19-urgency
    """
    from dataclasses import replace

    from guardrails.card import find
    from guardrails.cases import Case, as_examples, decided_cases

    with _product() as product:
        cases = decided_cases(product.record.read(kinds=("proposal", "referral", "decision")))
        if rule is not None:
            if not any(rule in case.rules for case in cases):
                rule = find(product.guard.ruleset, rule).id
            cases = tuple(replace(case, rules=(rule,)) for case in cases if rule in case.rules)

        def remark(name: str, case: Case) -> str:
            alone = product.guard.check(case.text, GuardContext(at=product.clock()))
            needs_more = case.part == "fails" and not any(f.rule == name for f in alone.findings)
            return "not found without its conversation" if needs_more else ""

        sys.stdout.write(as_examples(cases, remark))
    if not cases:
        print("no decided case yet" + (f" of {rule}" if rule else ""), file=sys.stderr)


@guard_app.command("export-wecom")
def guard_export_wecom(
    path: Annotated[Path, typer.Argument(help="CSV file to write")],
    words_per_rule: Annotated[int, typer.Option(min=1, help="words WeCom takes in one rule")] = 300,
    rules: Annotated[int, typer.Option(min=1, help="rules WeCom takes")] = 100,
) -> None:
    """Write the block rules' plain words as a table for WeCom's sensitive-word interception.

    Words of approved texts are left out and named on standard error: WeCom knows no negation.

    Example: advisor-copilot guard export-wecom wecom.csv
    """
    from guardrails.engine import Engine
    from guardrails.wecom import as_csv, lexicon, shared_words, titles_of, word_rules

    with _product() as product:
        ruleset, context = product.guard.ruleset, GuardContext(at=product.clock())
        words_alone = Engine(ruleset, product.library)

        def held(word: str, check: str) -> bool:
            findings = words_alone.check(word, context).findings
            return any(f.check == check and f.severity == "block" for f in findings)

        permitted = approved_texts(product, ("scripts", "faq", "products"))
        found = lexicon(ruleset.rules, held, shared_words(product.settings.guard), permitted)
    made = word_rules(found.words, titles_of(ruleset), words_per_rule, rules)
    try:
        path.write_text(as_csv(made), encoding="utf-8-sig", newline="")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    for left in found.left_out:
        print(f"left out {left.word}: {left.text} says it, and that is approved", file=sys.stderr)
    print(f"{path}: {sum(len(r.words) for r in made)} words in {len(made)} rules, {len(found.left_out)} left out")


def _progress(what: str) -> Progress:
    def show(done: int, total: int) -> None:
        if done == total:
            print(f"\r{what}: {done}/{total}", file=sys.stderr)
        elif sys.stderr.isatty():
            print(f"\r{what}: {done}/{total}", end="", file=sys.stderr)

    return show
