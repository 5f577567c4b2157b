"""What a frozen encoder says of the data before anything is trained: is it enough, and is it right.

One pass over the texts: the same vectors give the learning curve, its continuation to twice the
rows, and the labels that the other rows speak against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from burnish.data import Rows
from burnish.data.checks.finding import Finding
from burnish.data.checks.language import find_unknown_language
from burnish.data.checks.long_answers import find_long_answers
from burnish.data.checks.subject import Entry, Subject
from burnish.data.checks.vocabulary import (
    find_unknown_tokens,
    find_wordless,
    read_vocabulary,
)
from burnish.data.split_record import PartName
from burnish.notify import Notify, ignore
from burnish.plural import plural
from burnish.torch_models.base import resolve_base
from burnish.torch_models.support import check_task

from ..diagnostics.enough import Enough, describe_enough
from ..diagnostics.frozen import FrozenReader, NoReader, group_names
from ..diagnostics.learning_curve import measure_curve, row_order
from ..tasks import TRAINING_TASKS

__all__ = ["Diagnosis", "diagnose"]


_SEED = 13
_FEWEST_ROWS = 40
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
    say = notify or ignore
    base = resolve_base(base_model, revision)
    subject = Subject(parts)
    check_task(base.family, subject.task, name=base.name)
    vocabulary = read_vocabulary(subject, base.path / "tokenizer.json")
    findings = [
        *find_wordless(subject, vocabulary),
        *find_unknown_language(subject, base.path / "tokenizer.json", base=base.name),
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
    reader = TRAINING_TASKS[subject.task].frozen
    if isinstance(reader, NoReader):
        reason = reader.no_curve(subject.train.examples)
        return Diagnosis(tuple(findings), None, (*notes, reason))
    reason = _too_little(subject, reader)
    if reason:
        return Diagnosis(tuple(findings), None, (*notes, reason))
    entries = drawn_entries(subject, rows)
    reason = _few_groups(group_names([entry.example for entry in entries]), reader.folds)
    if reason:
        more = "; --embed reads more rows" if len(entries) < len(subject.train) else ""
        return Diagnosis(tuple(findings), None, (*notes, reason + more))
    say(plural(len(entries), "reading # [row|rows] with ") + f"{base.name}, frozen")
    examples = [entry.example for entry in entries]
    read = reader.read(base, examples, multi_label=subject.train.multi_label)
    data = read.curve
    reason = _few_groups(data.groups, reader.folds)  # fewer, where not all rows were read
    if reason:
        return Diagnosis(tuple(findings), None, (*notes, reason))
    curve = measure_curve(data, folds=reader.folds, seed=_SEED)
    findings += read.doubts(curve, entries)
    if len(data.groups) < len(subject.train):
        notes.append(
            f"the encoder read {len(data.groups):,} of {len(subject.train):,} training rows; "
            "--embed reads more"
        )
    enough = describe_enough(curve, data, read.labels, total=len(subject.train), seed=_SEED)
    return Diagnosis(tuple(findings), enough, tuple(notes))


def drawn_entries(subject: Subject, rows: int) -> list[Entry]:
    """At most so many training rows, in their order, groups kept together."""
    entries = list(subject.of_part("train"))
    order = row_order(group_names([entry.example for entry in entries]), seed=_SEED)
    return [entries[index] for index in sorted(order[:rows].tolist())]


def _too_little(subject: Subject, reader: FrozenReader) -> str:
    """Why no curve can be measured; empty where one can."""
    if len(subject.train) < _FEWEST_ROWS:
        return plural(
            len(subject.train), "# [row is|rows are] too few to measure a learning curve on"
        )
    if len(subject.labels) < reader.fewest_labels:
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
