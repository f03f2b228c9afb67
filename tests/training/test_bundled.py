"""What lies in copilot/bundled is what its notes say, and small."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from copilot.settings import Settings, packaged
from training.manifest import file_hash

pytestmark = pytest.mark.model
MIB = 1 << 20


def folders() -> dict[str, tuple[Path, int]]:
    settings = Settings()
    return {
        "drafter": (settings.drafter_path.parent, 25 * MIB),
        "embedder": (settings.embedder_dir, 15 * MIB),
        "intent": (settings.classifier_dir, 12 * MIB),
        "guard": (settings.guard_dir, 8 * MIB),
        "ledger": (settings.ledger_dir, MIB),
        "order": (packaged("copilot", "bundled", "order"), MIB),
    }


@pytest.mark.parametrize("name", ["drafter", "embedder", "intent", "guard", "ledger", "order"])
def test_size_and_manifest(name: str) -> None:
    folder, most = folders()[name]
    assert sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) <= most
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["model"] == name
    assert manifest["machine"] == "2 cores"
    assert {"data", "seed", "minutes", "figures"} <= set(manifest)


def test_the_drafters_hash_is_recorded() -> None:
    path = Settings().drafter_path
    assert Path(f"{path}.sha256").read_text(encoding="utf-8").split() == [file_hash(path), path.name]


@pytest.mark.parametrize("name", ["drafter", "embedder", "intent", "guard", "ledger", "order"])
def test_each_model_has_a_card(name: str) -> None:
    card = Path(__file__).parents[2] / "docs" / "model-cards" / f"{name}.md"
    text = card.read_text(encoding="utf-8")
    for heading in ("## Data", "## Training", "## Figures", "## Limits"):
        assert heading in text


def test_an_adjacent_sentence_is_nearer_than_a_stranger() -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(Settings().embedder_dir), device="cpu", local_files_only=True)
    asked, same, other = model.encode(["钱几号能拿到手", "赎回多久到账", "信用卡积分怎么兑换"])
    assert float(asked @ same) > float(asked @ other)
