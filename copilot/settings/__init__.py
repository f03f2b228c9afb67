"""Settings: one file and the environment, unknown keys refused.

Order of precedence: environment (`ADVISOR_COPILOT_MODEL__PATH=…`), the TOML file named by `ADVISOR_COPILOT_CONFIG`
or `advisor-copilot.toml` in the working directory, then the defaults below.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from copilot.errors import SettingsError
from copilot.settings.serving import OidcSettings, ServeSettings
from copilot.settings.strict import LOOPBACK, Strict
from copilot.settings.telemetry import TelemetrySettings

CONFIG_NAME = "advisor-copilot.toml"
PREFIX = "ADVISOR_COPILOT_"
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "ANONYMIZED_TELEMETRY": "False",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Switches that keep the libraries silent and at home."""
FRESH_DAYS: Mapping[str, int] = MappingProxyType({"净值": 7, "七日年化": 7, "利率": 92})
"""Days for which a dated fact may be told."""


def packaged(package: str, *parts: str) -> Path:
    """The path of a data file or folder shipped inside one of our packages."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SettingsError(f"{package}: the installation is not whole; run `make run` again")
    # `prompts` holds data alone, so it is a namespace: the first real folder among its locations is ours
    folder = next(Path(p) for p in spec.submodule_search_locations if Path(p).is_dir())
    return folder.joinpath(*parts)


class ModelSettings(Strict):
    """Which model writes the drafts."""

    kind: Literal["embedded", "remote", "scripted"] = "embedded"
    path: Path | None = Field(None, description="GGUF file; the bundled drafter when empty")
    sha256: str | None = Field(
        None, description="expected hash of the file; recorded hash of the bundled one when empty"
    )
    context: int = Field(2048, ge=256, le=131072)
    threads: int = Field(2, ge=1, le=256)
    gpu_layers: int = Field(0, ge=-1)
    max_tokens: int = Field(160, ge=16, le=2048)
    temperature: float = Field(0.3, ge=0, le=2)
    timeout_s: float = Field(20.0, gt=0)
    first_token_timeout_s: float = Field(8.0, gt=0)
    queue: int = Field(16, ge=1, le=1024)
    base_url: str | None = Field(None, description="OpenAI-compatible server, when kind is remote")
    api_key: str | None = Field(None, repr=False)
    name: str | None = Field(None, description="model name at the server")
    grammar_field: Literal["grammar", "structured_outputs", "none"] = Field(
        "grammar", description="how the server takes a GBNF grammar: llama.cpp `grammar`, vLLM `structured_outputs`"
    )


class KnowledgeSettings(Strict):
    """Where the bank's knowledge lies and how it is searched."""

    content: Path | None = Field(None, description="content folder; the bundled invented bank when empty")
    embedder: Path | None = Field(None, description="a sentence-transformers model folder; the bundled one when empty")
    top_k: int = Field(6, ge=1, le=50)
    fresh_days: dict[str, Annotated[int, Field(ge=0)]] = Field(
        dict(FRESH_DAYS),
        description="field to the days for which a dated value may be told; those not named keep theirs",
    )

    @field_validator("fresh_days")
    @classmethod
    def _beside_the_defaults(cls, value: dict[str, int]) -> dict[str, int]:
        return {**FRESH_DAYS, **value}


class GuardSettings(Strict):
    """How the guardrail behaves."""

    rules: Path | None = Field(None, description="rule folder; the bundled rules when empty")
    off: tuple[str, ...] = Field(
        (), description="rule ids the bank switched off; statutory ones are shown on every report"
    )
    severity: dict[str, Literal["block", "review", "warn"]] = Field(
        {},
        description="rule id to the severity the bank gives it; a statutory rule made milder is shown on every report",
    )
    meaning_bar: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="probability from which the classifier holds a text; the one set in training when empty",
    )
    one_to_one_is_marketing: bool = Field(
        True, description="whether the online-marketing measures (W) are applied to one-to-one chat"
    )


class JudgeSettings(Strict):
    """A larger model that reads beside the guard. It may send a text to review and clears nothing."""

    kind: Literal["none", "model", "remote"] = Field(
        "none", description="none; the model that drafts (not the bundled one); or one at a server of its own"
    )
    base_url: str | None = Field(None, description="OpenAI-compatible server, when kind is remote")
    api_key: str | None = Field(None, repr=False)
    name: str | None = Field(None, description="model name at the server")
    grammar_field: Literal["grammar", "structured_outputs", "none"] = "grammar"
    timeout_s: float = Field(4.0, gt=0, description="longest wait for its word; then the guard's stands")
    queue: int = Field(16, ge=1, le=1024)


class UnderstandingSettings(Strict):
    """How the customer's wish is read."""

    model_decides: bool = Field(
        True, description="whether a larger model, where one drafts, chooses the intent when the classifier is unsure"
    )


class RecordSettings(Strict):
    """Where the record is kept."""

    url: str | None = Field(None, repr=False, description="SQLAlchemy URL; SQLite in the data folder when empty")
    key: Path | None = Field(None, description="file of the signing key; record.key in the data folder when empty")
    keep_days: int | None = Field(None, ge=1, description="days that contents are kept; for ever when empty")


class Settings(BaseSettings):
    """All settings. Unknown keys, in the file or in the environment, are refused."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    data: Path = Field(Path("var"), description="folder for index, record, models and logs")
    bank: str = "澜江银行"
    assessment_valid_days: int = Field(
        365, ge=1, description="a risk assessment older than this is expired (F: yearly)"
    )
    model: ModelSettings = ModelSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    guard: GuardSettings = GuardSettings()
    judge: JudgeSettings = JudgeSettings()
    understanding: UnderstandingSettings = UnderstandingSettings()
    record: RecordSettings = RecordSettings()
    serve: ServeSettings = ServeSettings()
    telemetry: TelemetrySettings = TelemetrySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file; no dotenv, no secrets folder."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def content_dir(self) -> Path:
        """The knowledge content folder in use: the setting's, else what was imported, else the bundled example."""
        if self.knowledge.content:
            return self.knowledge.content
        return self.own_content_dir if self.own_content_dir.is_dir() else packaged("knowledge_base", "content")

    @property
    def own_content_dir(self) -> Path:
        """Where imported content is kept."""
        return self.data / "content"

    @property
    def values_path(self) -> Path:
        """The daily values taken in by `import values`."""
        return self.data / "values.json"

    @property
    def proven_path(self) -> Path:
        """Which content has passed the checks that take long."""
        return self.data / "content-proven"

    @property
    def shelf_dir(self) -> Path:
        """Where papers taken in by `import documents` are kept."""
        return self.data / "shelf"

    @property
    def added_scripts_path(self) -> Path:
        """The approved replies that were added at the desk."""
        return self.data / "scripts.json"

    @property
    def embedder_dir(self) -> Path:
        """The sentence-transformers folder in use."""
        return self.knowledge.embedder or packaged("copilot", "bundled", "embedder")

    @property
    def order_dir(self) -> Path | None:
        """The bundled trees that put passages in order, learnt over the bundled embedder's cosines; None with another embedder."""
        return None if self.knowledge.embedder else packaged("copilot", "bundled", "order")

    @property
    def tray_dir(self) -> Path:
        """Where uploaded papers wait to be put on the shelf."""
        return self.data / "tray"

    @property
    def classifier_dir(self) -> Path:
        """The bundled intent classifier."""
        return packaged("copilot", "bundled", "intent")

    @property
    def ledger_dir(self) -> Path:
        """The bundled model behind the ledger."""
        return packaged("copilot", "bundled", "ledger")

    @property
    def book_dir(self) -> Path:
        """The bundled reply book and the judge of drafts."""
        return packaged("copilot", "bundled", "book")

    @property
    def guard_dir(self) -> Path:
        """The guard's bundled classifier."""
        return packaged("copilot", "bundled", "guard")

    @property
    def drafter_path(self) -> Path:
        """The bundled drafter's GGUF."""
        return packaged("copilot", "bundled", "drafter", "drafter.gguf")

    @property
    def index_dir(self) -> Path:
        """Folder of index builds and the pointer to the live one."""
        return self.data / "index"

    @property
    def record_url(self) -> str:
        """SQLAlchemy URL of the record."""
        return self.record.url or f"sqlite:///{(self.data / 'record.db').resolve()}"

    @property
    def record_key_path(self) -> Path:
        """The key that signs checkpoints and evidence."""
        return self.record.key or self.data / "record.key"


def config_path() -> Path | None:
    """The settings file in use, if there is one."""
    named = os.environ.get(f"{PREFIX}CONFIG")
    if named:
        path = Path(named)
        if not path.is_file():
            raise SettingsError(f"{path}: settings file not found; correct {PREFIX}CONFIG or remove it")
        return path
    path = Path(CONFIG_NAME)
    return path if path.is_file() else None


def _known_environment() -> set[str]:
    return {f"{PREFIX}CONFIG", *(f"{PREFIX}{name}" for name in _named(Settings))}


def _named(group: type[BaseModel]) -> Iterator[str]:
    for name, info in group.model_fields.items():
        yield name.upper()
        if isinstance(info.annotation, type) and issubclass(info.annotation, Strict):
            yield from (f"{name.upper()}__{below}" for below in _named(info.annotation))


def load_settings() -> Settings:
    """Read settings; SettingsError with one line per problem, naming file or variable."""
    path = config_path()
    known = _known_environment()
    for key in os.environ:
        if key.upper().startswith(PREFIX) and key.upper() not in known:
            raise SettingsError(f"{key}: no such setting; see docs/settings.md")
    if path is not None:
        try:
            tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: not valid TOML: {error}") from error

    class _FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=path)

    try:
        found = _FromFile()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path or 'environment'}: {where}: {first['msg']}; see docs/settings.md") from error
    # of a class that another process can find: a pool of `eval run --jobs` is handed them
    return Settings.model_construct(found.model_fields_set, **dict(found))


__all__ = [
    "CONFIG_NAME",
    "FRESH_DAYS",
    "LOOPBACK",
    "OFFLINE",
    "PREFIX",
    "GuardSettings",
    "JudgeSettings",
    "KnowledgeSettings",
    "ModelSettings",
    "OidcSettings",
    "RecordSettings",
    "ServeSettings",
    "Settings",
    "Strict",
    "TelemetrySettings",
    "UnderstandingSettings",
    "config_path",
    "load_settings",
    "packaged",
]
