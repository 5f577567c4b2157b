"""What `burnish demo` trains, one model a sample, and what it asks them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

__all__ = ["DEMO_MODELS", "DemoModel"]


@dataclass(frozen=True, slots=True)
class DemoModel:
    """A sample, a recipe for it, and a request."""

    name: str
    """The sample's, the run's and the bundle's."""
    what: str
    recipe: str
    """YAML; ``{data}`` is the sample's file, ``{runs}`` the directory of runs."""
    route: str
    inputs: Any
    precision: Literal["auto", "fp32"] = "auto"

    def write_recipe(self, path: Path, *, data: Path, runs: Path) -> None:
        """Write the recipe, so that it can be read, changed and trained again."""
        text = self.recipe.format(data=data, runs=runs)
        path.write_text(f"# {self.what}: burnish train {path.name}\n{text}", encoding="utf-8")


_TICKETS = """\
task: classification
base_model: minilm
method: lora
data:
  train: {data}
  validation: 0.2
  test: 0.2
train:
  seeds: 1                    # to save time; by default three are trained and averaged
output: {runs}/tickets
"""
_NOTICES = """\
task: extraction
base_model: minilm
method: full
data:
  train: {data}
  validation: 0.2
  test: 0.2
train:
  epochs: 6
  seeds: 1
output: {runs}/notices
"""
_HANDBOOK = """\
task: qa
base_model: minilm
method: full
data:
  train: {data}
  validation: 0.2
  test: 0.2
train:
  epochs: 1                   # 193 questions are too few to learn from: this only shows the steps
  max_length: 192
  stride: 48
  seeds: 1
output: {runs}/handbook
"""
_CONTEXT = (
    "The repair café in the old fire station opens on the first Sunday of every month. Bring "
    "clocks, lamps and small kitchen machines; microwaves are turned away. A visit costs nothing, "
    "but spare parts are paid for in cash."
)

DEMO_MODELS = (
    DemoModel(
        "tickets",
        "sort support tickets",
        _TICKETS,
        "/classify",
        "My card was charged twice for the same order.",
    ),
    DemoModel(
        "notices",
        "find people, places, organisations and dates",
        _NOTICES,
        "/extract",
        "Ingrid Solberg of Harbour Trust opens the new library in Leeds on 14 March.",
    ),
    DemoModel(
        "handbook",
        "answer questions about a text (too few rows to learn from: shows the steps)",
        _HANDBOOK,
        "/answer",
        {"question": "Which machines are turned away?", "context": _CONTEXT},
        precision="fp32",
    ),
)
