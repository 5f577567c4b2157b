from itertools import pairwise

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

MODELS = ("tiny-classification", "tiny-extraction", "tiny-qa")
LONG = "Donaudampfschifffahrtsgesellschaft" * 8 + " Anna paris seven card"


def show(page, model: str, *, text: str = "") -> None:
    """Have an answer on the page, and every part of it open."""
    page.choose(model)
    page.element("example").click()
    if text:
        page.write("text", text)
    if model == "tiny-qa":
        page.write("first", "the days")  # its window is too small for the example's
    page.ask()
    page.script("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    page.until("document.getAnimations().length === 0")


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_wider_than_a_phone(browse, server, model):
    page = browse(server, width=360)
    page.until("!document.getElementById('model').disabled")
    assert page.overflow() == 0
    for text in ("", LONG):
        show(page, model, text=text)
        assert page.overflow() == 0
    page.script("document.querySelector('main').append('m'.repeat(200))")
    page.script("document.body.style.overflowWrap = 'normal'")
    assert page.overflow() > 0  # or the test would see nothing


def test_two_panes_stand_side_by_side_from_900_pixels(browse, server):
    page = browse(server, width=900)
    page.choose(MODELS[0])
    sides = "return ['ask-form', 'answer'].map((i) => document.getElementById(i).offsetLeft)"
    left, right = page.script(sides)
    assert right > left
    page.width = 880
    page.open()
    page.choose(MODELS[0])
    left, right = page.script(sides)
    assert right == left


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("model", MODELS)
def test_every_text_can_be_read(browse, server, model, scheme):
    page = browse(server, scheme=scheme)
    page.refused = {422}
    show(page, model)
    page.script("document.getElementById('key-form').hidden = false")
    answered = page.contrasts()
    page.write("text", " ")
    page.ask(answered=False)
    texts = [*answered, *page.contrasts()]
    assert len(texts) > 60
    low = [text for text in texts if text["ratio"] < (3 if text["large"] else 4.5)]
    assert not low
    edges = page.edges()
    assert len(edges) >= 5
    assert not [edge for edge in edges if edge["ratio"] < 3]


def test_a_text_that_cannot_be_read_would_be_seen(browse, server):
    page = browse(server)
    page.choose(MODELS[0])
    page.script("document.getElementById('verdict').style.color = '#aaaaaa'")
    assert [text["what"] for text in page.contrasts() if text["ratio"] < 4.5] == ["P.quiet#verdict"]


def test_dark_is_dark_and_light_is_light(browse, server):
    page = browse(server, scheme="light")
    page.choose(MODELS[0])
    colours = (
        "const s = getComputedStyle(document.body), p = getComputedStyle("
        "document.getElementById('ask')); return [s.backgroundColor, s.color, p.backgroundColor]"
    )
    light = page.script(colours)
    page.prefer("dark")
    page.until("document.getAnimations().length === 0")
    dark = page.script(colours)
    assert all(one != other for one, other in zip(light, dark, strict=True))
    assert sum(map(int, light[0][4:-1].split(","))) > 600
    assert sum(map(int, dark[0][4:-1].split(","))) < 150


def test_nothing_moves_for_whoever_wants_no_motion(browse, server):
    page = browse(server)
    show(page, MODELS[0])
    moves = (
        "return [...document.querySelectorAll('*')].filter((n) => "
        "getComputedStyle(n).transitionDuration !== '0s').length"
    )
    assert page.script(moves) > 0
    feature = {"name": "prefers-reduced-motion", "value": "reduce"}
    page.devtools("Emulation.setEmulatedMedia", features=[feature])
    assert page.script(moves) == 0


def test_every_control_has_a_name_and_every_reference_a_target(browse, server):
    page = browse(server)
    show(page, "tiny-extraction")
    page.script("document.getElementById('key-form').hidden = false")
    page.script("document.getElementById('first-field').hidden = false")
    bare = page.script(
        "return [...document.querySelectorAll('input, select, textarea')].filter((n) => "
        "![...n.labels].some((l) => l.checkVisibility() && l.textContent.trim())).length"
    )
    assert bare == 0
    lost = page.script(
        "return [...document.querySelectorAll('[aria-describedby], [aria-labelledby]')].flatMap("
        "(n) => `${n.getAttribute('aria-describedby') ?? ''} "
        "${n.getAttribute('aria-labelledby') ?? ''}`.split(' '))"
        ".filter((id) => id && !document.getElementById(id))"
    )
    assert lost == []
    nodes = page.devtools("Accessibility.getFullAXTree")["nodes"]
    controls = [n for n in nodes if not n["ignored"] and is_control(n)]
    assert len(controls) >= 9
    assert not [n for n in controls if not n.get("name", {}).get("value")]


def is_control(node) -> bool:
    roles = {"textbox", "combobox", "button", "DisclosureTriangle", "region", "form"}
    return node["role"]["value"] in roles


def test_headings_are_in_order(browse, server):
    page = browse(server)
    show(page, MODELS[0])
    levels = page.script(
        "return [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]"
        ".filter((h) => h.checkVisibility()).map((h) => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_answer_is_told_and_the_marked_text_is_not_read_out_whole(browse, server):
    page = browse(server)
    show(page, MODELS[1])
    live = page.script("return [...document.querySelectorAll('[aria-live]')].map((n) => n.id)")
    assert live == ["verdict"]
    assert page.script("return document.getElementById('answer').ariaBusy") == "false"


def focused(page) -> str:
    """The focused element: its id, or what it is."""
    name: str = page.script(
        "const n = document.activeElement; return n.id || n.className || n.localName"
    )
    return name


def press(page, *keys: str) -> str:
    from selenium.webdriver import ActionChains

    actions = ActionChains(page.driver)
    for key in keys:
        actions.send_keys(key)
    actions.perform()
    return focused(page)


def test_everything_can_be_done_with_the_keyboard(browse, server):
    from selenium.webdriver import ActionChains, Keys

    page = browse(server)
    page.until("!document.getElementById('about').hidden")
    assert press(page, Keys.TAB) == "model"
    press(page, "tiny-e")
    page.until("document.getElementById('ask').textContent === 'Find entities'")
    assert press(page, Keys.TAB) == "example"
    assert press(page, Keys.TAB) == "text"
    press(page, "Anna was in Paris")
    ActionChains(page.driver).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(
        Keys.CONTROL
    ).perform()
    page.until("document.getElementById('reading').textContent")
    assert page.marks() == ["Anna", "Paris"]
    order = [press(page, Keys.TAB)]
    while len(order) < 20 and order[-1] != "body":
        outline = page.script(
            "const s = getComputedStyle(document.activeElement);"
            "return s.outlineStyle === 'none' ? 0 : parseFloat(s.outlineWidth)"
        )
        assert outline >= 2, order[-1]
        if order[-1] == "mark":
            detail = page.script("return document.querySelector('.detail').textContent")
            assert detail.startswith(("person, ", "place, "))
        if order[-1].endswith("summary"):
            press(page, Keys.SPACE)
            assert page.script("return document.activeElement.parentElement.open")
        order.append(press(page, Keys.TAB))
    assert order == [
        "ask",
        "marked",
        "mark",
        "mark",
        "copy",
        "curl-line",
        "gates-summary",
        "scroll",
        "summary",
        "body",
    ]
