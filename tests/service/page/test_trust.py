"""The page and what it must not do: keep a key, or take what others wrote for markup."""

import pytest

from burnish.bundle import read_bundle, write_manifest
from tests.service.page.browser import enter_key
from tests.service.page.conftest import KEY
from tests.tiny_onnx import tiny_bundle

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

TICKET = "my card and the invoice"
HOSTILE = '<img src=x onerror="window.hacked = true">'
CARD = f"""---
title: {HOSTILE}
---

# A card {HOSTILE}

<script>window.hacked = true</script> and [a link](javascript:hacked=true), **strong** `code`

| part | accuracy |
|---|---|
| {HOSTILE} | 0.7500 |
| a \\| b | 1 |

- one
- **two**

    indented {HOSTILE}

```
fenced **not strong**
```
"""


def test_a_key_is_asked_for_only_where_one_is_needed(browse, server):
    page = browse(server)
    page.choose("tiny-classification")
    assert not page.element("key-form").is_displayed()


def test_a_wrong_key_is_refused_and_the_right_one_opens(browse, keyed):
    page = browse(keyed)
    page.refused = {401}
    page.until("!document.getElementById('key-form').hidden")
    assert page.driver.switch_to.active_element.get_attribute("id") == "key"
    assert not page.element("ask").is_enabled()
    enter_key(page, "not the key")
    assert "no spaces" in page.text("key-error")
    enter_key(page, "n" * 20)
    page.until("document.getElementById('key-error').textContent.includes('wrong')")
    enter_key(page, KEY)
    page.until("document.getElementById('key-form').hidden")
    page.choose("tiny-classification")
    page.write("text", TICKET)
    assert page.ask().startswith("billing, ")


def test_nothing_is_kept_when_the_page_is_loaded_again(browse, keyed):
    page = browse(keyed)
    page.refused = {401}
    enter_key(page, KEY)
    page.choose("tiny-classification")
    page.write("text", TICKET)
    page.ask()
    kept = "return [localStorage.length, sessionStorage.length, document.cookie, location.search]"
    assert page.script(kept) == [0, 0, "", ""]
    page.driver.refresh()
    page.until("!document.getElementById('key-form').hidden")
    values = "return ['key', 'text', 'first'].map((id) => document.getElementById(id).value)"
    assert page.script(values) == ["", "", ""]


@pytest.fixture
def hostile(start_server, tmp_path):
    """A server of a model whose card and labels hold markup."""
    folder = tmp_path / "b" / "m"
    tiny_bundle(folder, labels=(HOSTILE, "<script>window.hacked = true</script>", "other"))
    manifest = read_bundle(folder).manifest
    (folder / "README.md").write_text(CARD)
    write_manifest(folder, manifest)
    running = start_server(tmp_path / "b")
    running.wait_ready()
    return running


def test_markup_in_a_card_and_in_labels_is_text(browse, hostile):
    page = browse(hostile)
    page.choose("tiny-classification")
    page.write("text", f"{TICKET} {HOSTILE}")
    page.ask()
    page.script("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert HOSTILE in page.text("result")
    card = page.text("card-body")
    assert f"A card {HOSTILE}" in card
    assert "<script>window.hacked = true</script> and [a link](javascript:hacked=true)" in card
    assert "title:" not in card
    assert page.script("return window.hacked") is None
    made = "return document.querySelectorAll('img, iframe, a, main script, main [onerror]').length"
    assert page.script(made) == 0


def test_a_card_keeps_its_form(browse, hostile):
    page = browse(hostile)
    page.choose("tiny-classification")
    card = "document.getElementById('card-body')"
    cells = page.script(f"return [...{card}.querySelectorAll('td')].map((c) => c.textContent)")
    assert cells == [HOSTILE, "0.7500", "a | b", "1"]
    assert page.script(f"return [...{card}.querySelectorAll('li')].map((c) => c.textContent)") == [
        "one",
        "two",
    ]
    blocks = page.script(f"return [...{card}.querySelectorAll('pre')].map((c) => c.textContent)")
    assert blocks == [f"indented {HOSTILE}", "fenced **not strong**"]
    assert page.script(f"return {card}.querySelector('p strong').textContent") == "strong"
    assert page.script("return document.getElementById('gates-summary').textContent") == (
        "Gates: none recorded"
    )


def test_even_a_script_that_tried_could_not_make_markup(browse, server):
    page = browse(server)
    page.choose("tiny-classification")
    tried = page.script(
        "try { document.body.insertAdjacentHTML('beforeend', '<b>x</b>'); return 'made'; }"
        " catch (error) { return error.name; }"
    )
    assert tried == "TypeError"
    blocked = page.driver.execute_async_script(
        "const done = arguments[0];"
        "document.addEventListener('securitypolicyviolation', (e) => done(e.violatedDirective));"
        "fetch('http://127.0.0.1:9/').catch(() => {});"
    )
    assert blocked == "connect-src"
    page.driver.get_log("browser")  # which tells of both
