"""Figures that may not fall: a TOML file with a table a suite, `figure = { least = 0.9 }` or `{ most = 0.05 }`."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from copilot.errors import ContentError
from copilot.settings import packaged
from evals.cases import Strict
from evals.figures import Figure
from evals.suites import SUITES

SHIPPED = packaged("evals", "thresholds.toml")


class Bound(Strict):
    """What one figure must keep."""

    least: float | None = Field(None, allow_inf_nan=False)
    most: float | None = Field(None, allow_inf_nan=False)

    @model_validator(mode="after")
    def _says_something(self) -> Bound:
        if self.least is None and self.most is None:
            raise ValueError("give `least` or `most`")
        return self

    def broken(self, value: float) -> str:
        """How a value breaks it, empty when it does not."""
        if self.least is not None and not value >= self.least:
            return f"below {self.least:g}"
        return f"above {self.most:g}" if self.most is not None and not value <= self.most else ""


_FILE = TypeAdapter(dict[str, dict[str, Bound]])


def bounds(path: Path = SHIPPED) -> dict[str, dict[str, Bound]]:
    """The bounds of a file by suite and figure; ContentError names what is wrong."""
    try:
        found = _FILE.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ContentError(path.name, f"{error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ContentError(path.name, f"not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ContentError(path.name, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    for suite in found:
        if suite not in SUITES:
            raise ContentError(path.name, f"no suite {suite}; there are {', '.join(SUITES)}")
    return found


def broken(figures: Sequence[Figure], suites: Sequence[str], path: Path = SHIPPED) -> list[str]:
    """A line for each bound that the figures of a run break; one that the run no longer has is broken too."""
    found = {(f.suite, f.name): f for f in figures}
    lines = []
    for suite, named in bounds(path).items():
        for name, bound in named.items() if suite in suites else ():
            figure = found.get((suite, name))
            wrong = bound.broken(figure.value) if figure else "not among the figures of the run"
            if wrong:
                value = f" {figure.value:.3f} (n {figure.n})" if figure else ""
                lines.append(f"{suite} {name}{value}: {wrong}")
    return lines
