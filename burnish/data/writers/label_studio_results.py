"""Label Studio's results: the marks of a text as its web page shows them.

The form of each kind is in https://labelstud.io/guide/task_format. Offsets count UTF-16 units, as
a browser does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from burnish.data.writers.utf16 import utf16_offsets
from burnish.tasks.marks import Marks
from burnish.tasks.shapes import Shape

__all__ = ["CONTROLS", "Control", "Result", "prediction", "results"]

Result = dict[str, object]
_Value = tuple[Mapping[str, object], float | None]
"""What a control is set to, and how sure a model is of that alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control of a project's labelling configuration, and the text that it marks."""

    name: str
    text: str = "text"
    """The name of the text's own tag."""
    kind: str
    """``choices``, ``labels``, ``number``, ``rating`` or ``textarea``."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """What the project calls a label in its results, where that is not the label itself."""

    def alias(self, label: str) -> str:
        """The project's name for a label."""
        return self.aliases.get(label, label)


CONTROLS: Final[Mapping[Shape, Control]] = {
    Shape.LABELS: Control(name="label", kind="choices"),
    Shape.SPANS: Control(name="label", kind="labels"),
    Shape.SCORES: Control(name="score", kind="number"),
}
"""Controls as the tool's own templates call them."""


def results(marks: Marks, text: str, control: Control) -> list[Result]:
    """The marks as values of a control."""
    place = {"from_name": control.name, "to_name": control.text, "type": control.kind}
    return [
        {"id": f"mark-{number}", **place, "value": value}
        | ({} if score is None else {"score": score})
        for number, (value, score) in enumerate(_VALUES[control.kind](marks, text, control))
    ]


def prediction(found: list[Result], marks: Marks, *, model: str) -> dict[str, object]:
    """A prediction; its score is that of the mark that is least sure, to sort tasks by."""
    written = () if marks.written is None else (marks.written,)
    scores = [
        each.score for each in (*marks.labels, *marks.spans, *written) if each.score is not None
    ]
    score = {"score": min(scores)} if scores else {}
    return {"model_version": model, **score, "result": found}


def _choices(marks: Marks, _: str, control: Control) -> Iterator[_Value]:
    if marks.labels:
        yield {"choices": [control.alias(mark.label) for mark in marks.labels]}, None


def _spans(marks: Marks, text: str, control: Control) -> Iterator[_Value]:
    at = utf16_offsets(text)
    for span in marks.spans:
        value = {
            "start": at[span.start],
            "end": at[span.end],
            "text": text[span.start : span.end],
            "labels": [control.alias(span.label)],
        }
        yield value, span.score


def _number(marks: Marks, _: str, __: Control) -> Iterator[_Value]:
    if marks.number is not None:
        yield {"number": marks.number}, None


def _rating(marks: Marks, _: str, __: Control) -> Iterator[_Value]:
    if marks.number is not None:
        yield {"rating": round(marks.number)}, None


def _textarea(marks: Marks, _: str, __: Control) -> Iterator[_Value]:
    if marks.written is not None and marks.written.text:
        yield {"text": [marks.written.text]}, None


_VALUES: Final[Mapping[str, Callable[[Marks, str, Control], Iterator[_Value]]]] = {
    "choices": _choices,
    "labels": _spans,
    "number": _number,
    "rating": _rating,
    "textarea": _textarea,
}
"""By a control's kind."""
