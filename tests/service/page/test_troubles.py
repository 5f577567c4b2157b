"""The page where no answer comes: errors, a busy server, one that is gone."""

import httpx
import pytest

from tests.service.page.browser import enter_key
from tests.service.page.conftest import KEY

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

TICKET = "my card and the invoice"


def problems(page) -> list[str]:
    """Whatever the page shows as an error."""
    script = "return [...document.querySelectorAll('.problem')].map((n) => n.textContent)"
    return [text for text in page.script(script) if text]


@pytest.mark.parametrize("model", ["tiny-classification", "tiny-extraction", "tiny-qa"])
def test_no_error_is_shown_before_anything_was_asked(browse, server, model):
    page = browse(server)
    page.choose(model)
    assert problems(page) == []
    assert page.text("verdict") == "Nothing asked yet."
    assert (
        page.script("return document.querySelectorAll(':user-invalid, [aria-invalid]').length") == 0
    )


def test_a_key_that_is_still_to_be_typed_is_no_error(browse, keyed):
    page = browse(keyed)
    page.refused = {401}
    page.until("!document.getElementById('key-form').hidden")
    assert problems(page) == []
    assert page.element("model").text == "Enter the API key first"


def test_a_server_that_is_not_ready_yet_is_waited_for(browse, keyed):
    page = browse(keyed)
    page.refused = {401}
    page.script(BUSY.replace("arguments[0]", "503").replace("arguments[1]", '"not_ready"'))
    enter_key(page, KEY)
    page.until("document.getElementById('model').textContent.startsWith('The server is not')")
    assert problems(page) == []
    page.choose("tiny-classification")
    assert not page.element("key-form").is_displayed()


def test_an_empty_text_is_told_of_beside_the_button(browse, server):
    page = browse(server)
    page.choose("tiny-classification")
    assert page.ask(answered=False) == "Not answered. Type or paste a text first."
    assert page.driver.switch_to.active_element.get_attribute("id") == "text"
    page.write("text", "card")
    page.ask()
    assert page.text("ask-error") == ""


def test_the_servers_own_words_and_the_request_id_are_shown(browse, server):
    page = browse(server)
    page.refused = {422}
    page.choose("tiny-classification")
    page.write("text", "   ")
    first, last = page.ask(answered=False).splitlines()
    reply = httpx.post(f"{server.url}/classify", json={"inputs": "   "})
    assert first == f"Not answered. {reply.json()['error']}"
    assert last.startswith("Request ID ")
    assert len(last.split()[2]) >= 12
    assert page.text("verdict") == "Not answered."
    alert = page.script("return document.querySelector('#ask-error [role=alert]').textContent")
    assert alert == first


def test_a_text_above_the_limit_is_warned_of_and_refused(browse, server):
    page = browse(server)
    page.refused = {413}
    page.choose("tiny-classification")
    page.paste("text", "card " * 10)
    assert page.text("count") == "50 characters, 0.1 KiB to send"
    page.paste("text", "\U0001f600 card " * 190_000)
    assert page.text("count").startswith("1,330,000 characters, 1,")
    assert "more than a request may hold" in page.text("count")
    assert page.ask(answered=False).startswith("The request is too large.")


BUSY = """
const real = window.fetch;
let left = 1;
window.fetch = async (...call) => {
  if (left-- <= 0) return real(...call);
  const body = JSON.stringify({ error: "ask again later", error_type: arguments[1] });
  return new Response(body, { status: arguments[0], headers: { "Retry-After": "2" } });
};
"""


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [(429, "overloaded", "The server is busy."), (503, "not_ready", "Not ready.")],
)
def test_a_busy_server_is_asked_again_after_a_countdown(browse, server, status, kind, said):
    page = browse(server)
    page.choose("tiny-classification")
    page.write("text", TICKET)
    page.script(BUSY.replace("arguments[0]", str(status)).replace("arguments[1]", f'"{kind}"'))
    assert page.ask(answered=False).splitlines()[0] == f"{said} ask again later"
    button = "document.querySelector('#ask-error .retry')"
    assert page.until(f"{button}.textContent") in ("Ask again in 2 s", "Ask again in 1 s")
    assert page.script(f"return {button}.disabled")
    page.until(f"!{button}.disabled")
    assert page.script(f"return {button}.textContent") == "Ask again"
    page.script(f"{button}.click()")
    page.until("document.getElementById('reading').textContent")
    assert page.text("verdict").startswith("billing, ")
    assert page.text("ask-error") == ""


def test_a_server_that_is_gone_is_told_of(browse, bundles, start_server):
    running = start_server(bundles)
    running.wait_ready()
    page = browse(running)
    page.refused = {0}
    page.choose("tiny-classification")
    running.process.kill()
    running.process.wait()
    page.write("text", TICKET)
    said = page.ask(answered=False).splitlines()
    assert said[0].startswith("The server cannot be reached.")
    assert said[-1] == "Ask again"


def test_a_long_reading_can_be_stopped(browse, server):
    page = browse(server)
    page.choose("tiny-classification")
    page.paste("text", "the week " * 100_000)
    page.element("ask").click()
    page.until("!document.getElementById('stop').hidden")
    page.element("stop").click()
    page.until("document.getElementById('verdict').textContent === 'Stopped.'")
    page.write("text", TICKET)
    assert page.ask().startswith("billing, ")
