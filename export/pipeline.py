"""An export from run to bundle, to be read from top to bottom."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from burnish import __version__
from burnish.bundle import Bundle, Manifest, read_bundle, write_manifest
from burnish.calibration import Outside, Tolerance, foresee
from burnish.data import DataSet, Split
from burnish.directory import check_free, staged_directory
from burnish.errors import DataError, UsageError
from burnish.evidence.error_analysis import label_limits
from burnish.gates import Gate
from burnish.notify import Notify, ignore
from burnish.plural import plural
from burnish.run import Run, read_run
from burnish.runtime import Workers, load_model
from burnish.steps import Steps, Watch
from burnish.tasks import Task, TextEncoder
from burnish.tasks.encoded import EncodedRows, encode_rows
from burnish.torch_models.vetting import check_environment

from .answers import Answering, Answers, ask, score
from .card import render_card
from .cascade import Cascade, cascade, check_first
from .files import bundle_name, check_name, public_base_name, write_tokenizer
from .forms import form_of
from .gates import Budgets, Gates
from .int8.quantization import Quantized
from .int8.search import Reference
from .materials import write_materials
from .place import check_outside_runs, export_place
from .probes import with_probes
from .rows import restore_rows
from .trust import Served, fit_served

__all__ = ["Precision", "export_run"]

Precision = Literal["auto", "fp32", "int8"]

_STEPS = (
    *("read", "answer", "merge", "convert", "check", "quantize", "cascade"),
    *("calibrate", "score", "prove"),
)
"""What an export does, in order; a run without an adapter has nothing to merge."""
_CALIBRATION_ROWS = 64
_SERVED_ROWS = 32


def export_run(
    run: Run | str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    precision: Precision = "auto",
    budgets: Budgets | Mapping[str, float] | None = None,
    allow: Mapping[str, str] | None = None,
    data: str | os.PathLike[str] | Mapping[str, DataSet] | None = None,
    name: str | None = None,
    replace: bool = False,
    tolerance: Tolerance | None = None,
    first: Run | str | os.PathLike[str] | None = None,
    notify: Notify | None = None,
    watch: Watch | None = None,
) -> Bundle:
    """Turn a run into a bundle: merged, converted, quantized, and verified at every step.

    Args:
        run: a run, or its directory.
        output: the bundle directory to write; it is written only if all gates pass.
        precision: ``auto`` ships the fastest int8 graph that keeps to the budgets, else fp32 with
            the figures; ``int8`` fails instead; ``fp32`` does not quantize.
        budgets: what int8 may lose, and how exact the other steps must be; a mapping overrides
            the recipe's.
        allow: why a gate may fail, by its name; kept, and served.
        data: a directory that holds the run's rows files, where they have moved; or rows in
            memory by part, where the run was trained on some.
        name: what the bundle is called over HTTP; its directory's name where None.
        replace: put the bundle in place of an older one.
        tolerance: how often its answers may be wrong; the run's recipe decides where None.
        first: a smaller run for the same labels, which answers where it is sure, so that the whole
            model computes only the rest.
        notify: called with each line of progress.
        watch: called as each step begins.

    Raises:
        RunError: the run is damaged, or its base model has changed.
        DataError: the validation rows are not those of the run, or the model can read none.
        GateError: a gate fails; the error has the figures of all gates so far.
        UsageError: the output exists or is inside a run, or a precision, gate or name is not valid.
        BurnishError: the output's disk is full.
    """
    output = Path(output)
    say = notify or ignore
    if precision not in get_args(Precision):
        raise UsageError(f"there is no precision {precision!r}", "one of auto, fp32, int8")
    Gates.allowing(allow or {})
    name = bundle_name(output) if name is None else check_name(name)
    check_environment()
    check_outside_runs(output)
    check_free(output, marker="manifest.json", replace=replace)
    run = read_run(run.path if isinstance(run, Run) else Path(run))
    if not isinstance(budgets, Budgets):
        budgets = Budgets.of_recipe(run.recipe.gates, budgets)
    gates = Gates.allowing(allow or {}, run.recipe.gates)
    gates.check(*(Gate.model_validate(entry) for entry in run.metrics.get("gates", ())))
    task = run.record.task
    split = restore_rows(run, data=Path(data) if isinstance(data, str | os.PathLike) else data)
    small = None if first is None else _first_run(first, run)
    left_out = {"quantize": precision == "fp32", "cascade": small is None}
    steps = Steps([each for each in _STEPS if not left_out.get(each)], watch)
    tolerance = tolerance or run.recipe.abstain
    _check_tolerance(tolerance, split, task=run.record.task)
    with (
        export_place(output) as place,
        staged_directory(output, marker="manifest.json", replace=replace, within=place) as staging,
    ):
        steps.begin("read")
        scratch = Path(tempfile.mkdtemp(prefix="graphs-", dir=place))
        encoder = task.text_encoder(run.path / "model" / "tokenizer.json")
        rows = encode_rows(task, split.validation, encoder)
        test = encode_rows(task, split.test or (), encoder)
        _tell_unreadable(task, rows, test, say)
        if early := foresee(task, rows.examples, tolerance):
            say(f"note: {early}")
        form = form_of(task)
        reference = form.convert(
            run,
            rows,
            graph=scratch / form.fp32,
            config=staging / "config.json",
            gates=gates,
            budgets=budgets,
            notify=say,
            steps=steps,
        )
        seed = run.record.training.seed
        calibration = partial(_calibration, task, split, encoder, seed=seed)
        outcome = Quantized(reference.graph, reference.answers, None, {})
        if precision != "fp32":
            steps.begin("quantize")
            outcome = form.quantize(
                reference,
                calibration,
                workplace=scratch,
                gates=gates,
                budgets=budgets,
                forced=precision == "int8",
                seed=seed,
                notify=say,
                steps=steps,
            )
        joined = None
        if small is not None:
            steps.begin("cascade")
            joined = cascade(
                reference,
                outcome,
                first=small,
                calibration=calibration,
                workplace=scratch,
                quantized=precision != "fp32",
                budgets=budgets,
                notify=say,
            )
            gates.check(*joined.gates)
            outcome = joined.outcome
        steps.begin("calibrate")
        for file, source in form.files(outcome.graph).items():
            shutil.copyfile(source, staging / file)
        write_tokenizer(
            run.path / "model", staging, max_length=task.max_length, inputs=reference.inputs
        )
        session = form.open(reference, outcome.graph)
        outside = _outside(run, encode_rows(task, split.out_of_scope, encoder), session)
        served = fit_served(reference, outcome, tolerance=tolerance, outside=outside)
        if served.promise and served.promise.note and not early:
            say(f"note: {served.promise.note}")
        steps.begin("score")
        metrics = _metrics(run, test, reference, session, served)
        gates.judge_again(metrics, run.recipe.gates)
        steps.begin("prove")
        manifest = _manifest(run, name, reference, outcome, served, joined)
        manifest = with_probes(
            staging,
            manifest.model_copy(update={"metrics": metrics}),
            is_either=None if joined is None else joined.switch.is_near,
        )
        write_materials(staging, manifest, run)
        _finish(staging, manifest, rows, served.answers, gates)
    say(f"{output}: {'int8 (' + outcome.chosen.plan.name + ')' if outcome.chosen else 'fp32'}")
    return read_bundle(output)


def _calibration(task: Task, split: Split, encoder: TextEncoder, *, seed: int) -> EncodedRows:
    # An adopted model has no training rows; the validation rows judge the outcome all the same.
    rows = encode_rows(task, split.train or split.validation, encoder)
    return rows.take(rows.draw(_CALIBRATION_ROWS, seed=seed))


def _first_run(first: Run | str | os.PathLike[str], run: Run) -> Run:
    found = read_run(first.path if isinstance(first, Run) else Path(first))
    check_first(run, found)
    return found


def _manifest(
    run: Run,
    name: str,
    reference: Reference,
    outcome: Quantized,
    served: Served,
    joined: Cascade | None,
) -> Manifest:
    base, adopted = run.record.base_model, run.record.adopted
    return Manifest(
        name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        burnish_version=__version__,
        task=served.task,
        precision="int8" if outcome.chosen else "fp32",
        inputs=reference.inputs,
        least_onnxruntime=form_of(reference.task).least_onnxruntime(outcome.graph),
        generation=reference.layout,
        quantization=outcome.report or None,
        cascade=None if joined is None else joined.report,
        base_model={
            **base.model_dump(mode="json"),
            "name": public_base_name(base.name),
            **({} if adopted is None else {"adopted": adopted.kind}),
        },
        run_digest=run.digest,
        scope_scores=served.scope_scores,
    )


def _check_tolerance(tolerance: Tolerance | None, split: Split, *, task: Task) -> None:
    if tolerance is not None and not task.gives_probabilities:
        raise UsageError(
            f"the answers of {task.task} have no probability to abstain by",
            "leave --abstain-… out; each answer has an interval instead",
        )
    if tolerance is not None and tolerance.reject is not None and not split.out_of_scope:
        raise UsageError(
            f"a share of {tolerance.reject:g} of the rows out of scope is to be rejected, but the "
            "run has none",
            "train with data.out_of_scope=LABEL, or choose a score: --abstain-score 0.7",
        )


def _outside(run: Run, rows: EncodedRows, session: Answering) -> Outside | None:
    label = run.recipe.data.out_of_scope
    if label is None or not len(rows):
        return None
    return Outside(label, rows, ask(session, run.record.task, rows).logits)


def _tell_unreadable(task: Task, validation: EncodedRows, test: EncodedRows, say: Notify) -> None:
    for part, rows in (("validation", validation), ("test", test)):
        if rows.unreadable:
            have = plural(len(rows.unreadable), "# [row has|rows have]")
            say(f"{part}: {have} a {task.whole_noun[0]} longer than half a window: not answered")
    if not len(validation):
        raise DataError(
            "the model can read none of the validation rows, so no graph can be verified",
            "train with a larger max_length, or with shorter questions to validate on",
        )


def _metrics(
    run: Run, test: EncodedRows, reference: Reference, session: Answering, served: Served
) -> dict[str, Any]:
    """Scores of the shipped graph by part, and of the run in torch."""
    task = served.task
    answered = {"validation": (reference.rows, served.answers)}
    if test.examples or test.unreadable:
        answered["test"] = (test, ask(session, task, test))
    scores = {part: score(task, rows, answers) for part, (rows, answers) in answered.items()}
    trained = {
        part: {name: entry["value"] for name, entry in run.metrics[part]["metrics"].items()}
        for part in scores
        if run.metrics.get(part)
    }
    unanswered = {
        part: len(rows.unreadable) for part, (rows, _) in answered.items() if rows.unreadable
    }
    part, judged = list(scores.items())[-1]
    return {
        **{name: each.values() for name, each in scores.items()},
        "labels": label_limits(judged, part=part).to_json(),
        "run": trained,
        **({"unanswered": unanswered} if unanswered else {}),
        **served.documents(answered),
    }


def _finish(
    staging: Path, manifest: Manifest, rows: EncodedRows, answers: Answers, gates: Gates
) -> None:
    """Write card and manifest, then load the bundle as a server does and compare its answers."""
    (staging / "README.md").write_text(render_card(manifest), encoding="utf-8")
    write_manifest(staging, manifest)
    count = min(_SERVED_ROWS, len(rows))
    with load_model(staging, workers=Workers(1)) as model:
        served = model.predict(rows.inputs[:count])
    flips = sum(a != b for a, b in zip(served, answers.predictions[:count], strict=True))
    gates.check(
        Gate(
            name="served_flips",
            value=flips,
            threshold=0,
            passed=flips == 0,
            detail=f"answers of the finished bundle to {count} validation rows that are not, "
            "score by score, the verified ones",
        )
    )
    finished = manifest.model_copy(update={"gates": tuple(gates.passed)})
    (staging / "README.md").write_text(render_card(finished), encoding="utf-8")
    write_manifest(staging, finished)
