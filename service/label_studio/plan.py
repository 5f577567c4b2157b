"""The plan of a project: which control a model's answers set, and where its texts are.

A control fits by its kind and its labels: it has to offer every label that the model gives, or a
person would see predictions with some of them left out. Of several that fit, the first is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from burnish.data.columns import Columns
from burnish.data.writers.label_studio_results import Control
from burnish.plural import plural
from burnish.tasks import Task
from burnish.tasks.shapes import Shape
from burnish.tasks.table import find_task

from ..errors import HTTPError
from ..models import ServedModel
from .configuration import Configuration, ControlTag, TextTag

__all__ = ["NoControlError", "Plan", "plan_for"]

_SHOWN = 20
"""Labels that a message names."""
_STARS = 5
"""What a Rating has where it does not say."""


class NoControlError(HTTPError):
    """The project is for answers of another kind."""

    def __init__(self, how: str) -> None:
        super().__init__(
            "validation", f"label_config: it has no control for the model's answers; {how}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a project's tasks become a model's inputs, and its answers their predictions."""

    control: Control
    keys: tuple[str, ...]
    """Where the texts of an input are in a task's data, in the order of the model's inputs."""
    marked: int
    """Which of them is marked."""
    stars: int | None = None
    """The best rating, where the control is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The control that answers of a shape need."""

    kinds: tuple[str, ...]
    example: str
    """How it is written, for a message."""
    check: Callable[[ControlTag, Task], str]
    """Why a control of the kind does not fit; empty where it does."""


def plan_for(configuration: Configuration, served: ServedModel) -> Plan:
    """The plan of a model for a project.

    Raises:
        HTTPError: 422, the configuration lacks what the model needs; says what to add.
    """
    task = served.model.bundle.manifest.task
    rows = find_task(served.task).rows
    wanted = _WANTED.get(rows.shape)
    if wanted is None:
        raise NoControlError(f"answers of task {served.task} are not offered to Label Studio")
    control = _fitting(configuration, wanted, task)
    texts = _texts(configuration, control, len(rows.texts(Columns())), rows.shape)
    own = configuration.texts[_marked(configuration, control)]
    return Plan(
        control=_named(control, own, rows.shape),
        keys=tuple(_key(text) for text in texts),
        marked=texts.index(own),
        stars=_stars(control) if control.kind == "rating" else None,
    )


def _fitting(configuration: Configuration, wanted: _Wanted, task: Task) -> ControlTag:
    """The first control that fits."""
    found = [
        each
        for each in configuration.controls
        if each.kind in wanted.kinds
        and not each.is_for_regions
        and any(name in configuration.texts for name in each.marks)
    ]
    reasons = [wanted.check(each, task) for each in found]
    for control, reason in zip(found, reasons, strict=True):
        if not reason:
            return control
    if not reasons:
        how = f"show the text by a Text tag (not HyperText) and add {wanted.example}"
        raise NoControlError(how)
    raise _refusal(reasons[0])


def _marked(configuration: Configuration, control: ControlTag) -> str:
    return next(name for name in control.marks if name in configuration.texts)


def _texts(
    configuration: Configuration, control: ControlTag, count: int, shape: Shape
) -> Sequence[TextTag]:
    """The tags of the model's texts, in the order of its inputs."""
    own = configuration.texts[_marked(configuration, control)]
    if count == 1:
        return [own]
    texts = list(configuration.texts.values())
    if len(texts) != count:
        there = plural(len(texts), "there [is # Text tag|are # Text tags]")
        raise _refusal(f"the model reads {count} texts, and {there}; show each text by a Text tag")
    if shape is Shape.ANSWERS:  # the question, and the text that is marked
        texts = [*(each for each in texts if each is not own), own]
    return texts


def _key(text: TextTag) -> str:
    if text.key is None:
        raise _refusal(
            'a Text tag does not show a text of the task as it is; write value="$NAME", without '
            "valueType and encoding"
        )
    return text.key


def _named(control: ControlTag, text: TextTag, shape: Shape) -> Control:
    aliases: Mapping[str, str] = control.labels
    if shape is Shape.ANSWERS:  # its one label says what a marked passage is
        aliases = {"answer": next(iter(control.labels.values()))}
    return Control(name=control.name, text=text.name, kind=control.kind, aliases=aliases)


def _stars(control: ControlTag) -> int:
    given = control.attributes.get("maxRating", str(_STARS))
    if not (given.isascii() and given.isdecimal() and 0 < int(given[:4]) <= 1000):
        raise _refusal("maxRating of a Rating is not a whole number from 1 to 1000")
    return int(given[:4])


def _lacks(control: ControlTag, task: Task, *, tag: str) -> str:
    """Which of the model's labels a person could not choose."""
    lacking = [label for label in task.answer_labels if label not in control.labels]
    if control.is_open or not lacking:
        return ""
    more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
    names = ", ".join(map(repr, lacking[:_SHOWN]))
    return f"it lacks labels that the model gives: {names}{more}; add a {tag} for each"


def _choices(control: ControlTag, task: Task) -> str:
    one = control.attributes.get("choice", "single") != "multiple"
    if task.several_labels and one:
        return 'the model gives several labels per text; write choice="multiple" in the Choices tag'
    return _lacks(control, task, tag="Choice")


def _labels(control: ControlTag, task: Task) -> str:
    return _lacks(control, task, tag="Label")


def _one_label(control: ControlTag, _: Task) -> str:
    return "" if len(set(control.labels.values())) == 1 else "give the Labels tag one Label"


def _any(_: ControlTag, __: Task) -> str:
    return ""


_WANTED: Final[Mapping[Shape, _Wanted]] = {
    Shape.LABELS: _Wanted(
        kinds=("choices",), example='<Choices name="label" toName="text">', check=_choices
    ),
    Shape.SPANS: _Wanted(
        kinds=("labels",), example='<Labels name="label" toName="text">', check=_labels
    ),
    Shape.ANSWERS: _Wanted(
        kinds=("labels",),
        example='<Labels name="answer" toName="text"> with one Label',
        check=_one_label,
    ),
    Shape.SCORES: _Wanted(
        kinds=("number", "rating"), example='<Number name="score" toName="text"/>', check=_any
    ),
    Shape.WRITTEN: _Wanted(
        kinds=("textarea",), example='<TextArea name="written" toName="text"/>', check=_any
    ),
}


def _refusal(what: str) -> HTTPError:
    return HTTPError("validation", f"label_config: {what}")
