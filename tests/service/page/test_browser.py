import os
import shutil
import subprocess
from typing import Any

import httpx
import pytest

from tests.service.page.browser import enter_key
from tests.service.page.conftest import KEY
from tests.tiny_onnx import tiny_bundle

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

TICKET = "my card and the invoice"
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"


def curl(page) -> dict[str, Any]:
    """Run the shown line in a shell of its own."""
    page.devtools(
        "Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"]
    )
    page.element("copy").click()
    page.until("document.getElementById('copied').textContent === 'Copied.'")
    line = page.driver.execute_async_script(
        "const done = arguments[0]; navigator.clipboard.readText().then(done)"
    )
    program = shutil.which("curl")
    if program is None:
        pytest.skip("no curl")
    done = subprocess.run(
        ["sh"],
        input=line,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "BURNISH_API_KEY": KEY},
    )
    return {"line": line, "reply": httpx.Response(200, text=done.stdout).json()}


def asked(server, path: str, **body) -> httpx.Response:
    reply = httpx.post(f"{server.url}/{path}", json=body)
    assert reply.status_code == 200
    return reply


# --- The three tasks


def test_classification_shows_each_label_with_its_share(browse, server):
    page = browse(server)
    page.choose("tiny-classification")
    page.write("text", TICKET)
    verdict = page.ask()
    reply = asked(server, "classify", inputs=TICKET)
    shares = [f"{entry['label']}\n{100 * entry['score']:.1f} %" for entry in reply.json()]
    assert verdict == shares[0].replace("\n", ", ")
    assert page.text("result").splitlines() == "\n".join(shares).splitlines()
    fills = page.script(
        "return [...document.querySelectorAll('.fill')].map(f => f.style.inlineSize)"
    )
    for fill, entry in zip(fills, reply.json(), strict=True):
        assert float(fill.rstrip("%")) == pytest.approx(100 * entry["score"], abs=0.01)
    reading = page.text("reading")
    assert f"Tokens read\n{reply.headers['x-burnish-tokens']}\n" in reading
    assert f"Windows\n{reply.headers['x-burnish-windows']}\n" in reading
    assert reading.endswith(f"Answered by\n{reply.headers['x-burnish-model'][:12]}")
    facts = page.text("model-facts")
    assert "Precision\nint8" in facts
    assert "Labels\n3" in facts
    assert "Window\n32 tokens" in facts


def test_several_labels_show_which_pass_their_thresholds(browse, start_server, tmp_path):
    thresholds = {"billing": 0.999999, "delivery": 0.000001}
    tiny_bundle(tmp_path / "b" / "m", multi_label=True, thresholds=thresholds)
    running = start_server(tmp_path / "b")
    running.wait_ready()
    page = browse(running)
    page.choose("tiny-classification")
    page.write("text", TICKET)
    verdict = page.ask()
    passing = {entry["label"] for entry in asked(running, "classify", inputs=TICKET).json()}
    assert "delivery" in passing
    assert "billing" not in passing
    shown = page.script(
        "return [...document.querySelectorAll('.bars li')].map(li => "
        "[li.querySelector('.name').firstChild.data, !!li.querySelector('.badge')])"
    )
    assert {label for label, passes in shown if passes} == passing
    assert len(shown) == 3
    assert all(label in verdict for label in passing)


def test_the_best_label_is_shown_as_given_where_none_passes(browse, start_server, tmp_path):
    thresholds = dict.fromkeys(("billing", "delivery", "other"), 0.999999)
    settings: dict[str, Any] = {"multi_label": True, "at_least_one": True, "thresholds": thresholds}
    tiny_bundle(tmp_path / "b" / "m", **settings)
    running = start_server(tmp_path / "b")
    running.wait_ready()
    page = browse(running)
    page.choose("tiny-classification")
    page.write("text", TICKET)
    verdict = page.ask()
    (given,) = asked(running, "classify", inputs=TICKET).json()
    share = f"{100 * given['score']:.1f} %"
    assert verdict == f"{given['label']}, {share}. No label passes its threshold."
    chosen = (
        "return [...document.querySelectorAll('.bars li.chosen .name')].map(e => e.textContent)"
    )
    assert page.script(chosen) == [given["label"]]


def test_a_translation_is_shown_beside_its_text(browse, start_server, tmp_path):
    tiny_bundle(tmp_path / "b" / "m", "translation")
    running = start_server(tmp_path / "b")
    running.wait_ready()
    page = browse(running)
    page.choose("tiny-translation")
    page.write("text", "my card\nhello courier")
    assert page.ask().startswith("Translated, 9")
    sides = "return [...document.querySelectorAll('.sides .marked')].map(e => e.textContent)"
    assert page.script(sides) == ["my card\nhello courier", "my invoice\nhello parcel"]


def test_what_is_abstained_from_is_told(browse, start_server, tmp_path):
    for task in ("classification", "extraction", "qa"):
        tiny_bundle(tmp_path / "b" / task, task, abstain_below=2.0)
    running = start_server(tmp_path / "b")
    running.wait_ready()
    page = browse(running)
    for name, text in (("classification", TICKET), ("extraction", "Anna was in Paris")):
        page.choose(f"tiny-{name}")
        page.write("text", text)
        assert "not sure" in page.ask()
        assert "Abstained. Do not rely on this" in page.text("result")
        assert "Abstains below\nany score" in page.text("model-facts")


@pytest.mark.parametrize(
    "text",
    [
        "Anna was in Paris",
        f"{FAMILY}\U0001f1eb\U0001f1f7 Anna \U0001f600 was in Paris{FAMILY} and Berlin \U0001f389",
        "A\u0308 Cafe\u0301 \U0001f600 in Berlin\nand   paris",
        "\u4e2d\u6587 \U00020000 anna \u05d0\u05d1 berlin",
    ],
)
def test_entities_are_marked_where_the_server_found_them(browse, server, text):
    page = browse(server)
    page.choose("tiny-extraction")
    page.write("text", text)
    verdict = page.ask()
    found = asked(server, "extract", inputs=text).json()
    assert len(found) >= 2
    assert page.marks() == [entity["word"] for entity in found]
    assert page.marks() == [text[e["start"] : e["end"]] for e in found]
    assert page.shown_text() == text
    assert verdict == f"{len(found)} entities"
    chips = page.script(
        "return [...document.querySelectorAll('mark .chip')].map(c => c.textContent)"
    )
    assert chips == [entity["entity_group"] for entity in found]


def test_an_entity_tells_its_score_on_focus_and_under_the_pointer(browse, server):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    page = browse(server)
    page.choose("tiny-extraction")
    page.write("text", "\U0001f600 Anna was in Paris")
    page.ask()
    anna, paris = asked(server, "extract", inputs="\U0001f600 Anna was in Paris").json()
    marks = page.driver.find_elements(By.CSS_SELECTOR, "mark")
    page.script("arguments[0].focus()", marks[0])
    score = f"{100 * anna['score']:.1f} %"
    assert page.driver.find_element(By.CLASS_NAME, "detail").text == (
        f"person, {score}, characters 2 to 6"
    )
    ActionChains(page.driver).move_to_element(marks[1]).perform()
    told = page.driver.find_element(By.CLASS_NAME, "detail").text
    assert told == f"place, {100 * paris['score']:.1f} %, characters 14 to 19"


def test_a_text_without_entities_says_so(browse, server):
    page = browse(server)
    page.choose("tiny-extraction")
    page.write("text", "the week")
    assert page.ask() == "No entities found."
    assert page.shown_text() == "the week"


def test_an_answer_is_marked_in_its_context(browse, server):
    page = browse(server)
    page.choose("tiny-qa")
    context = f"{FAMILY} it was \U0001f600 seven days"
    page.write("first", "the days")
    page.write("text", context)
    verdict = page.ask()
    inputs = {"question": "the days", "context": context}
    found = asked(server, "answer", inputs=inputs).json()
    assert found["answer"] == "seven"
    assert found["score"] > 0.9995
    assert verdict == "\u201cseven\u201d, > 99.9 %"
    assert page.marks() == ["seven"]
    assert page.shown_text() == context


def test_no_answer_is_said_plainly(browse, server):
    page = browse(server)
    page.choose("tiny-qa")
    page.write("first", "the")
    page.write("text", "days in")
    inputs = {"question": "the", "context": "days in"}
    assert asked(server, "answer", inputs=inputs).json()["answer"] == ""
    assert page.ask().startswith("The context holds no answer to this question")
    assert page.marks() == []


def test_every_task_has_an_example_that_is_answered(browse, start_server, tmp_path):
    for task in ("classification", "extraction", "qa"):
        tiny_bundle(tmp_path / "b" / task, task, max_length=128)
    running = start_server(tmp_path / "b")
    running.wait_ready()
    page = browse(running)
    for model in ("tiny-classification", "tiny-extraction", "tiny-qa"):
        page.choose(model)
        page.element("example").click()
        page.ask()
        assert int(page.text("reading").split("Tokens read\n")[1].split("\n")[0]) > 20


# --- The shell's line


@pytest.mark.parametrize(
    "text",
    [
        "it's my card\n\nand 'the' \"invoice\" $HOME `id` $(id) \\n ! \U0001f600 %s",
        "'",
        "invoice " * 20_000,
    ],
    ids=["signs", "quote", "longer than an argument"],
)
def test_the_line_asks_the_same_of_a_shell(browse, server, text):
    page = browse(server)
    page.choose("tiny-classification")
    page.paste("text", text)
    page.ask()
    assert curl(page)["reply"] == asked(server, "classify", inputs=text).json()


def test_with_a_key_the_line_names_a_variable_and_not_the_key(browse, keyed):
    page = browse(keyed)
    page.refused = {401}
    enter_key(page, KEY)
    page.choose("tiny-classification")
    page.write("text", TICKET)
    page.ask()
    ran = curl(page)
    assert '-H "Authorization: Bearer $BURNISH_API_KEY"' in ran["line"]
    assert KEY not in page.script("return document.documentElement.outerHTML") + ran["line"]
    assert ran["reply"][0]["label"] == "billing"
