"""The guard's suite: held-out advisor messages, plain and in other dress, pairs of opposite polarity, attacks."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from copilot.types import GuardContext, Verdict
from copilot.wiring import App
from evals.cases import Said, attacks, chat_lines, desk_lines, guard_cases, polarity_pairs
from evals.figures import Figure, Outcome, Progress, percentile, share
from evals.mutations import MUTATIONS, mutated
from guardrails.injection import quarantine

HELD = ("block", "review")


@dataclass(frozen=True)
class Read:
    """A case with what the guard said of it."""

    said: Said
    context: GuardContext
    verdict: Verdict
    ms: float

    @property
    def held(self) -> bool:
        """Whether the text may not be released: that is what caught means."""
        return not self.verdict.releasable


def run_guard(app: App, progress: Progress) -> Outcome:
    """Recall by check, alarms on twins, hard cases and chat, each plain and mutated; polarity; attacks."""
    cases = _cases(app)
    total = len(cases) * 2
    plain = []
    for done, (said, context) in enumerate(cases):
        progress(done, total)
        plain.append(_read(app, said, context))
    dressed: dict[str, list[Read]] = defaultdict(list)
    names = list(MUTATIONS)
    for done, (said, context) in enumerate(cases):
        progress(len(cases) + done, total)
        name = names[done % len(names)]
        text = mutated(name, said.text, said.text)
        dressed[name].append(_read(app, said.model_copy(update={"text": text}), context))
    figures = [
        *_figures("", plain),
        *_by_check(plain),
        *_figures("mutated_", [r for reads in dressed.values() for r in reads]),
        *(_recall(f"recall_{name}", reads) for name, reads in dressed.items()),
        *_polarity(app),
        *_attacks(),
        Figure("guard", "check_p99_ms", percentile((r.ms for r in plain), 99), len(plain), unit="ms"),
    ]
    return Outcome(tuple(figures), tuple(_failures(plain)))


def _cases(app: App) -> list[tuple[Said, GuardContext]]:
    found: list[tuple[Said, GuardContext]] = []
    for case in guard_cases():
        kind = "forbidden" if case.label == "forbidden" else "hard"
        said = Said(kind=kind, checks=case.checks, text=case.text, author="heldout")
        found.append((said, case.request().context(app.library.get)))
    found += [(said, GuardContext()) for said in desk_lines()]
    return found + [(Said(kind="chat", text=text, author="chat"), GuardContext()) for text in chat_lines()]


def _read(app: App, said: Said, context: GuardContext) -> Read:
    started = time.perf_counter()
    verdict = app.guard.check(said.text, context)
    return Read(said, context, verdict, (time.perf_counter() - started) * 1000)


def _recall(name: str, reads: Sequence[Read]) -> Figure:
    bad = [r for r in reads if r.said.kind == "forbidden"]
    return share("guard", name, sum(r.held for r in bad), len(bad))


def _figures(prefix: str, reads: Sequence[Read]) -> list[Figure]:
    """Recall, and alarms over all permitted texts and over each kind of them."""
    figures = [_recall(f"{prefix}recall", reads)]
    good = [r for r in reads if r.said.kind != "forbidden"]
    figures.append(share("guard", f"{prefix}false_alarms", sum(r.held for r in good), len(good)))
    for kind in ("twin", "hard", "chat"):
        some = [r for r in good if r.said.kind == kind]
        figures.append(share("guard", f"{prefix}false_alarms_{kind}", sum(r.held for r in some), len(some)))
    warned = sum(r.verdict.outcome == "warn" for r in good)
    return [*figures, share("guard", f"{prefix}warned_permitted", warned, len(good))]


def _by_check(reads: Sequence[Read]) -> list[Figure]:
    """For each check: recall, whether the check itself was named, and its alarms on permitted texts."""
    recall: dict[str, Counter[bool]] = defaultdict(Counter)
    named: dict[str, Counter[bool]] = defaultdict(Counter)
    alarms: Counter[str] = Counter()
    good = sum(r.said.kind != "forbidden" for r in reads)
    for read in reads:
        found = {f.check for f in read.verdict.findings if f.severity in HELD}
        if read.said.kind != "forbidden":
            alarms.update(found)
        for check in read.said.checks[:1]:
            recall[check][read.held] += 1
            if read.held:
                named[check][bool(found & set(read.said.checks))] += 1
    figures = [share("guard", f"recall_{c}", hits[True], hits.total()) for c, hits in sorted(recall.items())]
    right = sum((hits for hits in named.values()), Counter[bool]())
    figures.append(share("guard", "check_named_where_caught", right[True], right.total()))
    return figures + [share("guard", f"false_alarms_{c}", n, good) for c, n in sorted(alarms.items())]


def _failures(reads: Sequence[Read]) -> list[dict[str, Any]]:
    """What was missed and what was held wrongly, the checks wanted beside those found."""
    return [
        {
            "text": r.said.text,
            "kind": r.said.kind,
            "wanted": ",".join(r.said.checks),
            "found": [f"{f.rule}:{f.quote}" for f in r.verdict.findings if f.severity in HELD],
        }
        for r in reads
        if r.held != (r.said.kind == "forbidden")
    ]


def _polarity(app: App) -> list[Figure]:
    """Pairs told apart, and each side by itself."""
    claims, denials, both = 0, 0, 0
    kinds: dict[str, Counter[bool]] = defaultdict(Counter)
    pairs = polarity_pairs()
    for pair in pairs:
        claim = not app.guard.check(pair.claim, GuardContext()).releasable
        denial = not app.guard.check(pair.denial, GuardContext()).releasable
        claims, denials, both = claims + claim, denials + denial, both + (claim and not denial)
        kinds[pair.kind][claim and not denial] += 1
    return [
        share("guard", "polarity_claims_held", claims, len(pairs)),
        share("guard", "polarity_denials_held", denials, len(pairs)),
        share("guard", "polarity_pairs_told_apart", both, len(pairs)),
        *(share("guard", f"polarity_{kind}", hits[True], hits.total()) for kind, hits in sorted(kinds.items())),
    ]


def _attacks() -> list[Figure]:
    """Instructions found in messages, documents and fields, and innocent texts flagged."""
    found: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    for attack in attacks():
        found[(attack.kind, attack.where)][bool(quarantine(attack.text)[1])] += 1
    figures = []
    for kind, name in (("attack", "injection_found"), ("benign", "injection_alarms")):
        whole = sum((hits for (k, _), hits in found.items() if k == kind), Counter[bool]())
        figures.append(share("guard", name, whole[True], whole.total()))
        figures += [
            share("guard", f"{name}_{where}", hits[True], hits.total())
            for (k, where), hits in sorted(found.items())
            if k == kind
        ]
    return figures
