import base64
import hashlib
import re
import tomllib
from fnmatch import fnmatch

import pytest

from burnish.service.page import PAGE_HEADERS, page
from burnish.tasks.table import TASKS
from tests.service.conftest import ROOT, assert_envelope

KEY = "a-key-of-more-than-16-characters"
FOLDER = ROOT / "service" / "page"
SOURCES = sorted(
    str(path.relative_to(FOLDER))
    for path in FOLDER.rglob("*")
    if path.suffix in (".html", ".css", ".js")
)


def policy() -> dict[str, str]:
    rules = (rule.split(" ", 1) for rule in PAGE_HEADERS["Content-Security-Policy"].split("; "))
    return dict(rules)


def between(tag: str) -> str:
    """What stands between an element's tags, as a browser takes its digest."""
    (content,) = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", page().decode(), re.DOTALL)
    return content


def digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def test_the_page_is_served_with_its_policy(client):
    reply = client.get("/")
    assert reply.status_code == 200
    assert reply.content == page()
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    for name, value in PAGE_HEADERS.items():
        assert reply.headers[name] == value
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["x-request-id"]


def test_head_has_the_headers_alone(client):
    reply = client.head("/")
    assert reply.status_code == 200
    assert reply.content == b""
    assert reply.headers["content-length"] == str(len(page()))


def test_the_page_needs_no_key_and_what_it_asks_does(local):
    client = local(api_key=KEY)
    assert client.get("/").status_code == 200
    assert_envelope(client.get("/models"), 401, "unauthorized")


def test_the_page_comes_only_under_the_servers_own_name(local):
    client = local()
    foreign = client.get("/", headers={"Host": "rebound.example"})
    assert_envelope(foreign, 403, "forbidden")
    foreign = client.get("/", headers={"Origin": "http://other.example"})
    assert_envelope(foreign, 403, "forbidden")


def test_the_page_cannot_be_posted_to(client):
    assert_envelope(client.post("/", json={}), 405, "method_not_allowed")


@pytest.mark.parametrize("tag", ["script", "style"])
def test_the_policy_allows_the_pages_own_source_and_nothing_else(tag):
    assert policy()[f"{tag}-src"] == digest(between(tag))


def test_the_policy_is_closed():
    assert {name: value for name, value in policy().items() if "sha256" not in value} == {
        "default-src": "'none'",
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


def test_the_page_is_its_files_joined():
    assert between("style").strip() == (FOLDER / "page.css").read_text().strip()
    before, after = (FOLDER / "page.js").read_text().split("/* tasks */\n")
    script = between("script").strip()
    assert script.startswith(before.strip())
    assert script.endswith(after.strip())
    tasks = [(FOLDER / "tasks" / f"{task}.js").read_text() for task in sorted(TASKS)]
    assert all(source.strip() in script for source in tasks)
    assert [
        "page.css",
        "page.html",
        "page.js",
        *(f"tasks/{task}.js" for task in sorted(TASKS)),
    ] == SOURCES


def test_the_page_names_no_other_site():
    found = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s'\"]*", page().decode()))
    assert found == {"http://www.w3.org/2000/svg"}  # a name inside the icon, asked by nobody
    assert not re.search(r"@import|\burl\(|<(?:iframe|img|object|embed|base)\b", page().decode())


@pytest.mark.parametrize(
    "forbidden",
    [
        r"innerHTML|outerHTML|insertAdjacentHTML|DOMParser|document\.write|createContextualFragment",
        r"\beval\b|new Function|setTimeout\(['\"]",
        r"localStorage|sessionStorage|indexedDB|\.cookie|caches\.|history\.|serviceWorker",
        r"XMLHttpRequest|WebSocket|EventSource|sendBeacon|import\(",
    ],
)
def test_the_script_neither_makes_markup_nor_stores_nor_calls_otherwise(forbidden):
    assert not re.search(forbidden, between("script"))


def test_the_document_has_no_inline_handlers_or_styles():
    markup = (FOLDER / "page.html").read_text()
    assert not re.search(r"\son\w+=|\sstyle=", markup)


def test_every_id_that_the_script_uses_is_in_the_document():
    markup = (FOLDER / "page.html").read_text()
    ids = re.findall(r'\bid="([^"]+)"', markup)
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'\bat\("([^"]+)"\)', between("script")))
    assert len(used) > 20
    assert used <= set(ids)


def test_every_source_file_is_shipped():
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    patterns = tables["package-data"]["burnish.service.page"]
    for name in SOURCES:
        assert any(fnmatch(name, pattern) for pattern in patterns), name
