"""The job: answer every row of a source, and write the rows with their answers into a new file.

Answers go into a journal first (`journal.py`). The output is made of the source and the journal
when all rows are answered, and appears whole under its name: whoever looks never sees half of it,
and one that was interrupted has the same bytes as one that was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from burnish.batch.answering import answers
from burnish.batch.destination import Destination
from burnish.batch.journal import Entry, Head, Journal, unwritable
from burnish.batch.layout import Layout, make_layout
from burnish.batch.room import check_room
from burnish.batch.rows import AnsweredRow
from burnish.batch.sinks import Table
from burnish.batch.sinks.sink import cell_text
from burnish.batch.source import Source
from burnish.batch.survey import Survey, survey
from burnish.errors import DataError, InputError
from burnish.interruption import Interruption
from burnish.notify import Notify, ignore
from burnish.plural import plural
from burnish.tasks import Prediction
from burnish.tasks.table import find_task

if TYPE_CHECKING:
    from burnish.runtime import Model

__all__ = ["Job", "Outcome", "Watch"]

Results = Iterator[Prediction | InputError]
Watch = Callable[[Results, int, int], Results]
"""Passes answers on and shows how far they are, given how many rows there are and how many were
answered before."""
_SEPARATORS = ("|", ";", ",")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a job."""

    rows: int
    failed: int
    """Rows that have an error instead of an answer."""
    abstained: int
    """Rows whose answer is marked as not to be relied on."""
    renamed: Mapping[str, str]
    """Columns of the answer whose name the input had taken, and what they are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A source, a model and a destination."""

    model: Model
    source: Source
    destination: Destination
    top_k: int = 1
    options: Mapping[str, object]
    """What else the answers depend on, for the journal."""
    written: Callable[[Head, Outcome], None] = lambda *_: None
    """Is told what the output was made of, once it is there and before the journal goes."""

    def head(self) -> Head:
        """What the answers depend on, by names that a person understands."""
        digest = self.source.sha256()
        return {"bundle": self.model.bundle.digest, "input": digest, **self.options}

    def run(self, *, stop: Interruption, watch: Watch, notify: Notify = ignore) -> Outcome:
        """Answer all rows that are not answered yet, and write the output.

        Raises:
            UsageError: the output cannot hold the rows, or what was begun depends on something
                that has changed.
            DataError: the source cannot be read, or changed meanwhile.
            BurnishError: another process writes this output, or the disk is full.
            StoppedError: a signal came; the journal keeps the answers so far.
        """
        with stop.listening():
            return self._run(stop=stop, watch=watch, notify=notify)

    def _run(self, *, stop: Interruption, watch: Watch, notify: Notify) -> Outcome:
        head = self.head()
        found = survey(self.source.rows())
        for note in self.source.notes():
            notify(note)
        layout = make_layout(found.columns, self._sample())
        check_room(self.destination.path, self.destination.sink, found, layout)
        with self.destination.opened(head, rows=found.rows) as journal:
            if journal.rows:
                done = plural(found.rows, f"{journal.rows:,} of # [row|rows]")
                notify(f"{done} answered before; going on with the rest")
            self._answer(journal, found.rows, stop=stop, watch=watch)
            counts = _Counts()
            rows = counts.counted(self._joined(journal, layout))
            self._write(self._table(rows, found, layout), str(head["input"]))
            outcome = Outcome(
                rows=found.rows,
                failed=counts.failed,
                abstained=counts.abstained,
                renamed=layout.renamed,
            )
            self.written(head, outcome)
            journal.discard()
        return outcome

    def _answer(self, journal: Journal, total: int, *, stop: Interruption, watch: Watch) -> None:
        asked = (row.asked for row in islice(self.source.rows(), journal.rows, total))
        with stop.deferred():
            for result in watch(answers(self.model, asked), total, journal.rows):
                journal.append(self._entry(result))
                stop.check()
            journal.sync()
        if journal.rows != total:
            raise self._changed()

    def _entry(self, result: Prediction | InputError) -> Entry:
        if isinstance(result, InputError):
            return Entry(None, result.message)
        task = self.model.bundle.manifest.task
        return Entry(find_task(task.task).cells.answer(task, result, top_k=self.top_k), None)

    def _sample(self) -> dict[str, object]:
        task = self.model.bundle.manifest.task
        cells = find_task(task.task).cells
        return cells.answer(task, cells.sample(task), top_k=self.top_k)

    def _table(self, rows: Iterator[AnsweredRow], found: Survey, layout: Layout) -> Table:
        labels = self.model.bundle.manifest.task.answer_labels
        free = (mark for mark in _SEPARATORS if not any(mark in label for label in labels))
        return Table(
            layout=layout,
            rows=rows,
            sample=self._sample(),
            kinds=found.kinds,
            types=self.source.types(),
            delimiter=self.source.delimiter(),
            separator=next(free, None),
        )

    def _joined(self, journal: Journal, layout: Layout) -> Iterator[AnsweredRow]:
        """The source's rows with their answers; an answer that no cell can hold is an error."""
        most = self.destination.sink.most_units
        for row, entry in zip(self.source.rows(), journal.entries(), strict=True):
            answered = AnsweredRow(row.fields, entry.answer, entry.error)
            yield answered if most is None else _fitted(answered, layout, most)

    def _write(self, table: Table, digest: str) -> None:
        with self.destination.writing() as path:
            try:
                self.destination.sink.write(path, table)
            except OSError as error:
                raise unwritable(self.destination.path, error) from error
            if self.source.sha256() != digest:
                raise self._changed()

    def _changed(self) -> DataError:
        return DataError(
            "the file changed while it was answered", "start again", file=self.source.path
        )


@dataclass(slots=True)
class _Counts:
    failed: int = 0
    abstained: int = 0

    def counted(self, rows: Iterator[AnsweredRow]) -> Iterator[AnsweredRow]:
        for row in rows:
            self.failed += row.answer is None
            self.abstained += bool(row.answer and row.answer.get("abstained"))
            yield row


def _fitted(row: AnsweredRow, layout: Layout, most: int) -> AnsweredRow:
    for name, value in (row.answer or {}).items():
        text = value if isinstance(value, str) else cell_text(value)
        if len(text) * 2 > most and (units := len(text.encode("utf-16-le")) // 2) > most:
            column = layout.answers[name]
            error = f"{column!r} would have {units:,} characters, and a cell holds {most:,}"
            return AnsweredRow(row.fields, None, f"{error}; write .csv, .jsonl or .parquet")
    return row
