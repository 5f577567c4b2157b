"""The table of known vulnerabilities, and SECURITY.md, which shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.version import Version

from burnish.supply_chain.vulnerabilities import known_vulnerabilities, render_tables

ROOT = Path(__file__).parents[3]
KNOWN = {each.id: each for each in known_vulnerabilities()}


def test_security_md_shows_the_table() -> None:
    assert render_tables() in (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_a_number_is_listed_once() -> None:
    assert len(KNOWN) == len(known_vulnerabilities()) > 100


@pytest.mark.parametrize("known", KNOWN.values(), ids=lambda each: each.id)
def test_the_version_that_fixes_it_is_not_affected(known) -> None:
    if known.fixed is not None:
        assert not known.affects(known.fixed)
        assert any(known.fixed in each for each in known.affected)


@pytest.mark.parametrize("known", KNOWN.values(), ids=lambda each: each.id)
def test_the_code_that_the_reason_names_is_there(known) -> None:
    for path in re.findall(r"[a-z_0-9/]+/[a-z_0-9]+(?:\.py)?", known.detail):
        folder = ROOT / path.split("/")[0]
        if folder.is_dir():
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize(
    ("number", "version", "affected"),
    [
        ("CVE-2026-4372", "4.57.6", True),
        ("CVE-2026-4372", "5.24.0", False),
        ("CVE-2026-1839", "5.0.0rc2", True),
        ("CVE-2025-32434", "2.5.1+cpu", True),
        ("CVE-2025-32434", "2.13.0+cpu", False),
        ("CVE-2026-0994", "5.29.6", False),
        ("CVE-2026-0994", "6.33.4", True),
        ("CVE-2023-48022", "2.60.0", True),
    ],
)
def test_a_version_is_judged(number: str, version: str, *, affected: bool) -> None:
    assert KNOWN[number].affects(version) is affected
    Version(version)
