"""What a frozen encoder says of the data before anything is trained: is it enough, and is it right.

One pass over the texts: the same vectors give the learning curve, its continuation to twice the
rows, and the labels that the other rows speak against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from burnish.data import Rows
from burnish.data.checks.finding import Finding
from burnish.data.checks.long_answers import find_long_answers
from burnish.data.checks.subject import Entry, Subject
from burnish.data.checks.vocabulary import (
    find_unknown_tokens,
    find_wordless,
    read_vocabulary,
)
from burnish.data.groups import group_keys
from burnish.data.split_record import PartName
from burnish.plural import plural
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.examples import Example
from burnish.tasks.extraction.example import ExtractionExample
from burnish.torch_models.base import BaseModel, resolve_base
from burnish.torch_models.support import check_task

from .embedding import Embedder
from .enough import Enough, describe_enough
from .entity_errors import doubted_entities, held_out_types
from .label_errors import doubted_labels
from .learning_curve import CurveRows, LearningCurve, measure_curve, row_order
from .token_rows import TokenRows, read_token_rows

__all__ = ["Diagnosis", "curve_rows", "diagnose"]

Notify = Callable[[str], None]

_SEED = 13
_FEWEST_ROWS = 40
_FOLDS = {"classification": 5, "extraction": 3}
_WINDOW = 128


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found."""

    findings: tuple[Finding, ...]
    enough: Enough | None
    notes: tuple[str, ...] = field(default=())
    """What was left out, and why."""

    def render(self) -> str:
        """For a terminal."""
        lines = [] if self.enough is None else self.enough.lines()
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def to_json(self) -> dict[str, object]:
        """As JSON values."""
        curve = None if self.enough is None else asdict(self.enough)
        return {"curve": curve, "notes": list(self.notes)}


def diagnose(
    parts: Mapping[PartName, Rows],
    *,
    base_model: str = "minilm",
    revision: str | None = None,
    rows: int = 5000,
    answer_tokens: int | None = None,
    notify: Notify | None = None,
) -> Diagnosis:
    """Look at the training rows with a frozen encoder.

    Args:
        parts: the rows; the curve and the doubts are those of ``train``.
        base_model: the encoder, as a recipe names it.
        revision: of a hub id.
        rows: that the encoder reads at most.
        answer_tokens: of the longest answer that may be given, where a recipe says so.
        notify: told what is going on.

    Raises:
        BaseModelError: the base model is refused.
        MissingExtraError: the embedded model's package is not installed.
    """
    say = notify or _ignore
    base = resolve_base(base_model, revision)
    subject = Subject(parts)
    check_task(base.family, subject.task, name=base.name)
    vocabulary = read_vocabulary(subject, base.path / "tokenizer.json")
    findings = [
        *find_wordless(subject, vocabulary),
        *find_unknown_tokens(subject, vocabulary),
        *find_long_answers(subject, base.path / "tokenizer.json", limit=answer_tokens),
    ]
    longer = vocabulary.longer_than(_WINDOW - 2)
    unknown = f"{100 * vocabulary.unknown_share:.2g} %"
    notes = [
        plural(longer, "# [text is|texts are] ")
        + f"longer than a window of {_WINDOW} tokens, of {len(vocabulary.tokens):,}",
        f"{unknown} of the tokens are unknown to {base.name}",
    ]
    reason = _no_curve(subject)
    if reason:
        return Diagnosis(tuple(findings), None, (*notes, reason))
    entries = drawn_entries(subject, rows)
    folds = _FOLDS[subject.task]
    reason = _few_groups(_groups([entry.example for entry in entries]), folds)
    if reason:
        more = "; --embed reads more rows" if len(entries) < len(subject.train) else ""
        return Diagnosis(tuple(findings), None, (*notes, reason + more))
    say(plural(len(entries), "reading # [row|rows] with ") + f"{base.name}, frozen")
    if subject.task == "extraction":
        read = read_token_rows(base, _entity_rows(entry.example for entry in entries), deep=True)
        data, labels = read.curve, read.labels
        reason = _few_groups(data.groups, folds)
        if reason:
            return Diagnosis(tuple(findings), None, (*notes, reason))
        findings += _doubted_entities(read, [entries[place] for place in read.places])
    else:
        data, labels = curve_rows(base, [entry.example for entry in entries], subject.train)
    curve = measure_curve(data, folds=folds, seed=_SEED)
    if subject.task == "classification":
        findings += _doubts(curve, data, labels, entries)
    if len(data.groups) < len(subject.train):
        notes.append(
            f"the encoder read {len(data.groups):,} of {len(subject.train):,} training rows; "
            "--embed reads more"
        )
    enough = describe_enough(curve, data, labels, total=len(subject.train), seed=_SEED)
    return Diagnosis(tuple(findings), enough, tuple(notes))


def drawn_entries(subject: Subject, rows: int) -> list[Entry]:
    """At most so many training rows, in their order, groups kept together."""
    entries = list(subject.of_part("train"))
    order = row_order(_groups([entry.example for entry in entries]), seed=_SEED)
    return [entries[index] for index in sorted(order[:rows].tolist())]


def curve_rows(
    base: BaseModel, examples: Sequence[object], rows: Rows
) -> tuple[CurveRows, tuple[str, ...]]:
    """Vectors and targets of examples, and the labels' names."""
    if rows.task == "extraction":
        read = read_token_rows(base, _entity_rows(examples))
        return read.curve, read.labels
    texts = [e for e in examples if isinstance(e, ClassificationExample)]
    labels = tuple(sorted({label for each in texts for label in each.labels}))
    data = CurveRows(
        vectors=Embedder(base).embed([each.text for each in texts]),
        targets=np.array([[label in each.labels for label in labels] for each in texts]),
        rows=np.arange(len(texts)),
        groups=_groups(texts),
        multi_label=rows.multi_label,
    )
    return data, labels


def _doubts(
    curve: LearningCurve, data: CurveRows, labels: Sequence[str], entries: Sequence[Entry]
) -> Iterator[Finding]:
    doubts = doubted_labels(curve.probabilities, data.targets, labels, multi_label=data.multi_label)
    if doubts:
        yield Finding(
            kind="likely-label-error",
            severity="note",
            message=plural(len(doubts), "# label [issue|issues], most confident first: ")
            + "a classifier that had not seen these rows gives another label, with a confidence at "
            "which four of five of its answers agree with the labels",
            fix="read them from the top, and correct those that are wrong",
            rows=tuple(
                entries[each.row].place.with_detail(_doubt(each.given, each.likely))
                for each in doubts
            ),
        )


def _doubted_entities(read: TokenRows, entries: Sequence[Entry]) -> Iterator[Finding]:
    known = held_out_types(read.tokens, read.types, labels=len(read.labels), groups=read.groups)
    doubts = doubted_entities(
        known, read.tokens, read.types, examples=read.examples, labels=read.labels
    )
    if doubts:
        yield Finding(
            kind="likely-label-error",
            severity="note",
            message=plural(
                len(doubts),
                "# label [issue|issues]: to a classifier that had not seen the row, an ",
            )
            + "entity looks missing or of another type; those whose words have that type elsewhere "
            "come first",
            fix="read them from the top, and correct those that are wrong: most are right",
            rows=tuple(
                entries[each.row].place.with_detail(
                    f"characters {each.start}-{each.end} {_doubt(each.given, each.likely)}"
                )
                for each in doubts
            ),
        )


def _entity_rows(examples: Iterable[object]) -> list[ExtractionExample]:
    return [each for each in examples if isinstance(each, ExtractionExample)]


def _doubt(given: str, likely: str) -> str:
    if not given:
        return f"{likely!r} is missing"
    return f"{given!r} is likely wrong" if not likely else f"{given!r}, likely {likely!r}"


def _no_curve(subject: Subject) -> str:
    """Why there is none; empty where there is."""
    if subject.task == "qa":
        contexts = {e.example.context for e in subject.of_part("train")}  # type: ignore[attr-defined]
        return (
            plural(len(subject.train), "# [question|questions] on ")
            + plural(len(contexts), "# [context|contexts]")
            + ". burnish has no cheap learning curve for question answering: train on half of the "
            "contexts and on all, and compare"
        )
    if len(subject.train) < _FEWEST_ROWS:
        return plural(
            len(subject.train), "# [row is|rows are] too few to measure a learning curve on"
        )
    if len(subject.labels) < (1 if subject.task == "extraction" else 2):
        return "there is nothing to learn, so there is no curve"
    return ""


def _few_groups(groups: Sequence[str], folds: int) -> str:
    """Why rows of these groups cannot be held out in turn; empty where they can."""
    count = len(set(groups))
    if count >= folds:
        return ""
    return (
        f"no learning curve and no likely label errors: the {len(groups)} rows that the encoder "
        f"would read are of {plural(count, '# [group|groups]')} (data.group, or one text), and "
        f"{folds} are needed, each held out whole"
    )


def _groups(examples: Sequence[Example]) -> list[str]:
    return ["\0".join(key) for key in group_keys(examples)]


def _ignore(_: str) -> None:
    """Nobody is told."""
