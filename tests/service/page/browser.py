"""What the tests do to the page and ask of it, through Chromium's own driver."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["FLAGS", "Page", "enter_key"]

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--lang=en",
)
WAIT_S = 30

# Luminance as WCAG 2.2 has it. A canvas turns any colour, oklch too, into sRGB bytes.
CONTRAST = """
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
function bytes(colour) {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
}
function luminance(colour) {
  const [r, g, b] = bytes(colour).map((byte) => byte / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function ratio(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
function ground(node) {
  for (let at = node; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (bytes(colour)[3] === 255) return colour;
    if (bytes(colour)[3] !== 0) throw new Error("a half-transparent ground: " + colour);
  }
  return "white";
}
"""
TEXTS = (
    CONTRAST
    + """
const found = [];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim());
  const typed = node.matches("input, textarea") && node.value;
  if (!(own || typed) || !node.checkVisibility() || node.disabled) continue;
  if (node.closest(".unseen, script, style, noscript")) continue;
  const style = getComputedStyle(node);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
  const what = `${node.tagName}.${node.className}#${node.id}`;
  found.push({ what, large, ratio: ratio(style.color, ground(node)) });
}
return found;
"""
)
EDGES = (
    CONTRAST
    + """
return [...document.querySelectorAll("input, select, textarea, button:not(.link)")]
  .filter((node) => node.checkVisibility() && !node.disabled)
  .map((node) => {
    const style = getComputedStyle(node), panel = ground(node.parentElement);
    const edge = ratio(style.borderTopColor, panel), fill = ratio(style.backgroundColor, panel);
    return { what: node.id, ratio: Math.max(edge, fill) };
  });
"""
)


class Page:
    """A browser's one tab, showing a server's page."""

    def __init__(self, driver: Any, url: str, *, width: int = 1280, scheme: str = "light") -> None:
        self.driver = driver
        self.url = url
        self.width = width
        self.scheme = scheme
        self.refused: set[int] = set()
        """Statuses that a test provokes; Chromium's console tells of each."""

    def open(self) -> None:
        """Show the page, wide or narrow, light or dark."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=self.width,
            height=800,
            deviceScaleFactor=1,
            mobile=self.width < 600,
        )
        self.prefer(self.scheme)
        self.driver.get(f"{self.url}/")

    def prefer(self, scheme: str) -> None:
        """Light or dark, as the system would say."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.devtools("Emulation.setEmulatedMedia", features=[feature])

    def devtools(self, command: str, **arguments: Any) -> Any:
        """Chromium's own protocol."""
        return self.driver.execute_cdp_cmd(command, arguments)

    def expects(self, entry: dict[str, Any]) -> bool:
        """Whether a line of the console is one that the test provoked."""
        status = re.search(r"status of (\d+)", entry["message"])
        return bool(status and int(status[1]) in self.refused) or (
            0 in self.refused and "net::ERR_" in entry["message"]
        )

    def script(self, source: str, *arguments: Any) -> Any:
        """Run a script in the page; its result."""
        return self.driver.execute_script(source, *arguments)

    def until(self, condition: str, *arguments: Any) -> Any:
        """Wait for an expression of JavaScript to be true; its value."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, WAIT_S, 0.05).until(
            lambda _: self.script(f"return ({condition});", *arguments)
        )

    def element(self, name: str) -> Any:
        """The element of an id."""
        from selenium.webdriver.common.by import By

        return self.driver.find_element(By.ID, name)

    def text(self, name: str) -> str:
        """What an element shows."""
        shown: str = self.element(name).text
        return shown

    def choose(self, model: str) -> None:
        """Choose a model, and wait for its card."""
        from selenium.webdriver.support.ui import Select

        self.until("!document.getElementById('model').disabled")
        Select(self.element("model")).select_by_value(model)
        self.until("!document.getElementById('about').hidden")

    def write(self, name: str, text: str) -> None:
        """Type into a field as an input method does: any character, not only those of keys."""
        self.script("arguments[0].focus(); arguments[0].select()", self.element(name))
        if text:
            self.devtools("Input.insertText", text=text)
        else:
            self.element(name).clear()

    def paste(self, name: str, text: str) -> None:
        """A text that is too long to be typed."""
        self.script(
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new InputEvent('input', { bubbles: true }))",
            self.element(name),
            text,
        )

    def ask(self, *, answered: bool = True) -> str:
        """Press the button and wait; what the page says first of the answer, or of the error."""
        self.element("ask").click()
        place = "reading" if answered else "ask-error"
        self.until(f"document.getElementById('{place}').textContent")
        return self.text("verdict" if answered else "ask-error")

    def marks(self) -> list[str]:
        """The stretches of the text that are marked, without their chips."""
        found: list[str] = self.script(
            "return [...document.querySelectorAll('#result mark')].map(m => m.firstChild.data)"
        )
        return found

    def shown_text(self) -> str:
        """The text that is shown with its marks, without chips."""
        shown: str = self.script(
            "const copy = document.querySelector('#result .marked').cloneNode(true);"
            "copy.querySelectorAll('.chip, .unseen').forEach((n) => n.remove());"
            "return copy.textContent"
        )
        return shown

    def contrasts(self) -> list[dict[str, Any]]:
        """Every visible text, with the contrast to what it stands on."""
        self.until("document.getAnimations().length === 0")
        found: list[dict[str, Any]] = self.script(TEXTS)
        return found

    def edges(self) -> list[dict[str, Any]]:
        """Every control, with the contrast of its edge or fill to its panel."""
        found: list[dict[str, Any]] = self.script(EDGES)
        return found

    def overflow(self) -> int:
        """Pixels by which the page can be scrolled sideways."""
        wide: int = self.script("return document.documentElement.scrollWidth")
        return wide - self.width  # a phone's innerWidth grows with what overflows


def enter_key(page: Page, key: str) -> None:
    page.until("!document.getElementById('key-form').hidden")
    page.write("key", key)
    page.element("key").submit()
