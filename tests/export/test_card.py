"""The bundle's card: names that hold HTML are shown, not rendered."""

from __future__ import annotations

from pathlib import Path

from burnish.bundle import read_bundle
from burnish.export.card import render_card
from tests.tiny_onnx import tiny_bundle


def test_a_name_that_is_a_tag_opens_none(tmp_path: Path) -> None:
    manifest = read_bundle(tiny_bundle(tmp_path / "tiny")).manifest
    card = render_card(manifest.model_copy(update={"name": "<img src=x onerror=y>"}))
    assert "<img" not in card
    assert "&lt;img" in card
