"""A headless Chromium that sees this machine alone, and real servers to show it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.service.conftest import ROOT, RunningServer
from tests.service.page.browser import FLAGS, Page

KEY = "a-key-of-more-than-16-characters"


def programs() -> tuple[str, str]:
    """The browser and its driver, or the reason why there is no test."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("no Chromium: apt-get install chromium chromium-driver")
    return browser, driver


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One browser for a module's tests."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    from selenium.webdriver.chrome.service import Service

    browser, program = programs()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(program))
    yield started
    started.quit()


@pytest.fixture
def browse(driver: Any) -> Iterator[Callable[..., Page]]:
    """Open a server's page; at the end, nothing may have been asked elsewhere or gone wrong."""
    pages: list[Page] = []

    def open_page(server: RunningServer | str, **settings: Any) -> Page:
        page = Page(driver, server if isinstance(server, str) else server.url, **settings)
        pages.append(page)
        page.open()
        return page

    for name in ("performance", "browser"):
        driver.get_log(name)
    yield open_page
    (page,) = pages
    faults = [entry for entry in driver.get_log("browser") if not page.expects(entry)]
    asked = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    driver.get("about:blank")
    assert not faults
    sent = [m["params"]["request"]["url"] for m in asked if m["method"] == REQUEST]
    assert f"{page.url}/" in sent
    assert not [url for url in sent if not url.startswith((f"{page.url}/", *INTERNAL))]


INTERNAL = ("data:", "chrome:", "chrome-untrusted:")
"""Of the browser itself: its page for a new tab is still there when the first test begins."""
REQUEST = "Network.requestWillBeSent"


@pytest.fixture
def keyed(bundles: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that asks for `KEY`."""
    folder = tmp_path_factory.mktemp("keyed")
    (folder / "key.txt").write_text(KEY)
    log = folder / "server.log"
    arguments = ["--port", "0", "--api-key-file", str(folder / "key.txt")]
    with ExitStack() as stack:
        output = stack.enter_context(log.open("wb"))
        process = subprocess.Popen(
            [sys.executable, "-m", "burnish", "serve", str(bundles), *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        running = RunningServer(process, log)
        running.wait_ready()
        yield running
