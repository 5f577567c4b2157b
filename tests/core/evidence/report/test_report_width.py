"""The report on a phone, in a real browser: nothing is lost at the side."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from burnish.evidence.report import render_report
from tests.core.evidence.report.facts_of_a_run import make_facts
from tests.service.page.browser import FLAGS, Page

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

WIDER = """
const wide = document.documentElement.clientWidth;
return [...document.querySelectorAll("body *")]
  .filter((node) => node.getBoundingClientRect().right > wide + 0.5)
  .filter((node) => !node.closest(".scroll")?.querySelector("thead th:first-child")
    .textContent.startsWith("true \\\\"))  // a matrix of confusions is scrolled
  .map((node) => node.tagName + ": " + node.textContent.slice(0, 40));
"""
SMALLEST_LETTER = """
const sizes = [...document.querySelectorAll(".chart text")].map((node) =>
  parseFloat(getComputedStyle(node).fontSize) *
  node.ownerSVGElement.getBoundingClientRect().width / node.ownerSVGElement.viewBox.baseVal.width);
return Math.min(...sizes);
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    from selenium.webdriver.chrome.service import Service

    browser, program = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or program is None:
        pytest.skip("no Chromium: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    started = webdriver.Chrome(options=options, service=Service(program))
    yield started
    started.quit()


@pytest.fixture
def page(driver: Any, tmp_path: Path) -> Page:
    """A report with long names and every chapter, 360 pixels wide."""
    facts = make_facts()
    errors = facts.metrics["errors"]
    errors["mistakes"] = [
        {"row": "a-long-file-name.csv:1234", "true": "x" * 80, "predicted": "c & d", "score": 0.9}
    ]
    facts.metrics["validation"]["labels"]["a-label-without-a-space-" * 3] = {
        **facts.metrics["validation"]["labels"]["a<b"]
    }
    (tmp_path / "index.html").write_text(render_report(facts), encoding="utf-8")
    shown = Page(driver, tmp_path.as_uri() + "/index.html?", width=360)
    shown.open()
    return shown


def test_nothing_of_a_report_is_wider_than_a_phone(page: Page) -> None:
    assert page.overflow() == 0
    assert page.script(WIDER) == []
    page.script("document.querySelector('main').append('m'.repeat(200))")
    page.script("document.body.style.overflowWrap = 'normal'")
    assert page.overflow() > 0  # or the test would see nothing


def test_charts_can_be_read_on_a_phone(page: Page) -> None:
    assert page.script(SMALLEST_LETTER) >= 9


def test_a_wide_table_is_a_list_with_the_columns_names(page: Page) -> None:
    named = "return [...document.querySelectorAll('.stack td')].map((n) => n.dataset.head)"
    shown = "return getComputedStyle(document.querySelector('.stack td')).display"
    assert {"gate", "value", "limit", "verdict"} <= set(page.script(named))
    assert page.script(shown) == "flex"
    page.width = 1280
    page.open()
    assert page.script(shown) == "table-cell"
