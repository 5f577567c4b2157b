"""From a run whose model writes to a verified pair of fp32 graphs.

Two things are compared after each step. *Logits*, while both models write the same given texts: the
validation rows' targets. And *what is written* of the model's own accord, greedily and token for
token: that goes through the graphs' own cache, step upon step.

Where two tokens are as likely but for rounding, either is right, and all that follows differs. Such
a tie is known by its probabilities, and does not count as a changed answer.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from transformers import PreTrainedModel

from burnish.arrays import FloatArray
from burnish.gates import Gate
from burnish.generation.answering import Writer, writing_task
from burnish.generation.layout import GenerationLayout
from burnish.generation.session import Seq2SeqSession
from burnish.notify import Notify
from burnish.plural import plural
from burnish.run import Run
from burnish.runtime import usable_cpus
from burnish.steps import Steps
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows
from burnish.torch_models.checkpoint import has_adapter, load_run_model
from burnish.torch_models.merging import merge_adapter

from ..answers import Answers, ask_at_once
from ..exactness import exact_gates, torch_answers
from ..files import write_config
from ..gates import Budgets, Gates
from ..int8.search import Reference
from .convert import convert_generator
from .fidelity import Pair, largest_change, largest_difference

__all__ = ["COMPARED_ROWS", "convert_writing_run", "open_writer"]

COMPARED_ROWS = 500
"""Validation rows that torch writes too, drawn by the run's seed: it takes as long as the whole
rest of an export, and each row is some dozens of comparisons."""
_TIE = 1e-3
"""Of the logarithms of two probabilities: as far as conversion may move a logit. Chosen."""
_HALF = math.log(0.5)


def open_writer(directory: Path, *, task: Task, layout: GenerationLayout) -> Writer:
    """Load a pair of graphs as the runtime loads it."""
    return Writer(Seq2SeqSession(directory, layout), writing_task(task))


def convert_writing_run(
    run: Run,
    rows: EncodedRows,
    *,
    graph: Path,
    config: Path,
    gates: Gates,
    budgets: Budgets,
    notify: Notify,
    steps: Steps,
) -> Reference:
    """Write a run's model as two fp32 graphs, and compare what they write with what torch does.

    Args:
        run: the run.
        rows: the validation rows.
        graph: the directory to make for the graphs.
        config: the ``config.json`` to write.
        gates: keeps the figures.
        budgets: the thresholds.
        notify: called with each line of progress.
        steps: "answer", "merge", "convert" and "check" are begun here.

    Raises:
        BaseModelError: the model cannot be converted.
        GateError: the merged model or the graphs give other answers than the trained model.
    """
    task = run.record.task
    greedy = task.model_copy(update={"beams": 1})
    steps.begin("answer")
    model = load_run_model(run)
    compared = rows.take(rows.draw(COMPARED_ROWS, seed=run.record.training.seed))
    notify(f"torch: answering {_some(compared, rows)}")
    trained = copy.deepcopy(model).eval()  # merging and converting may change the other
    exact = _Exact(run, compared, len(rows), torch_answers(trained, run, greedy, compared))
    if has_adapter(model):
        steps.begin("merge")
        notify("merging the adapter, in fp32")
        model = merge_adapter(model)
        merged = torch_answers(model, run, greedy, compared)
        difference = largest_change(trained, model, exact.pairs)
        names = ("merged_equals_unmerged", "merged_flips")
        gates.check(*exact.gates(names, difference, merged, threshold=budgets.merge_difference))
    write_config(model.config, task, config)
    steps.begin("convert")
    notify("converting to ONNX")
    graph.mkdir()
    layout = convert_generator(cast(PreTrainedModel, model), graph)
    del model
    steps.begin("check")
    session, threads = Seq2SeqSession(graph, layout), usable_cpus()
    written = ask_at_once(Writer(session, writing_task(greedy)), greedy, compared, threads=threads)
    difference = largest_difference(trained, session, exact.pairs, threads=threads)
    names = ("onnx_equals_torch", "onnx_flips")
    gates.check(*exact.gates(names, difference, written, threshold=budgets.difference))
    del trained
    answers = written
    if task != greedy or len(compared) < len(rows):
        answers = ask_at_once(Writer(session, writing_task(task)), task, rows, threads=threads)
    return Reference(graph, task, ("input_ids",), rows, answers, layout)


@dataclass(frozen=True, slots=True)
class _Exact:
    """What the trained model writes for the compared rows, by which each step is judged."""

    run: Run
    rows: EncodedRows
    of: int
    """How many validation rows there are."""
    trained: Answers

    @property
    def pairs(self) -> list[Pair]:
        """Sources with the texts that models are made to write for them: the targets.

        A row that is too long to be written whole has what torch wrote for each of its pieces.
        """
        task = self.run.record.task
        start = _start(task)
        given = zip(self.rows.examples, self.rows.encodings, self.trained.logits, strict=True)
        found: list[Pair] = []
        for example, encoding, written in given:
            lessons = task.lessons(example, encoding)
            own = zip(encoding.windows, (_ids(each) for each in written), strict=True)
            for window, target in [(w, t.tolist()) for w, t in lessons] or own:
                most = writing_task(task).search(window).max_length
                found.append((window.input_ids.tolist(), [start, *target[:-1]][:most]))
        return found

    def gates(
        self, names: tuple[str, str], difference: float, answers: Answers, *, threshold: float
    ) -> tuple[Gate, Gate]:
        """The gates of a step after which the model gives these answers."""
        some = f"{len(self.rows)} of {self.of}" if len(self.rows) < self.of else f"{self.of}"
        ties, flips = 0, 0
        for one, other in zip(self.trained.logits, answers.logits, strict=True):
            pairs = zip(one, other, strict=True)
            tied = [_is_tie(*each) for each in pairs if _ids(each[0]) != _ids(each[1])]
            flips += not all(tied)
            ties += bool(tied) and all(tied)
        rows = f"{some} validation rows"
        more = plural(ties, "; # [more changes|more change] where two tokens are as likely")
        changed = f"changed answers of {rows}, token for token, written greedily"
        return exact_gates(
            names,
            difference=difference,
            flips=flips,
            threshold=threshold,
            details=(
                f"largest difference of a logit at any step of writing the targets of {rows}",
                changed + (more if ties else ""),
            ),
        )


def _is_tie(left: FloatArray, right: FloatArray) -> bool:
    """Whether what is written differs from a place on where two tokens are as likely.

    Up to there both models have written the same, and each chose the likelier token. If they agree
    but for rounding, both tokens have nearly the same probability, which is at most a half.
    """
    ids, others = _ids(left), _ids(right)
    pairs = enumerate(zip(ids, others, strict=False))
    place = next((at for at, (a, b) in pairs if a != b), None)
    if place is None:  # one goes on where the other was cut
        return False
    one, other = float(left[place, 1]), float(right[place, 1])
    return abs(one - other) <= _TIE and max(one, other) <= _HALF + _TIE


def _ids(written: FloatArray) -> list[int]:
    return [int(each) for each in written[:, 0]]


def _start(task: Task) -> int:
    settings = writing_task(task).generation
    assert settings is not None  # noqa: S101  of a trained model
    return settings.start_id


def _some(rows: EncodedRows, all_rows: EncodedRows) -> str:
    some = f"{len(rows)} of " if len(rows) < len(all_rows) else ""
    return f"{some}{len(all_rows)} validation rows"
