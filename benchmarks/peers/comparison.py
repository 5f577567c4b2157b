"""A comparison from begin to end: environments, servers, agreement, load, faults, schedulers."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.peers.agreement import agreements
from benchmarks.peers.environments import Environment, ready_environment
from benchmarks.peers.faults import FaultRow, provoke, stalled_headers
from benchmarks.peers.figures import Figure, cell_figures, scores_alone
from benchmarks.peers.load import measure_cell
from benchmarks.peers.model import PeerModel
from benchmarks.peers.plan import CALLERS, WORKLOADS, Plan
from benchmarks.peers.results import Results, Start
from benchmarks.peers.running import Running, StartError, running
from benchmarks.peers.scheduler import compare_schedulers
from benchmarks.peers.sleeping import Sleepers, idle_costs
from benchmarks.peers.subjects import SUBJECTS, Subject, baseline
from benchmarks.peers.texts import check_texts, workload_texts
from benchmarks.plan import PRECISIONS
from burnish.bench import describe_machine

__all__ = ["compare", "prepare"]

Notify = Callable[[str], None]


def prepare(
    subjects: Sequence[Subject], directory: Path, notify: Notify, *, build: bool = True
) -> dict[str, Environment]:
    """The environments of subjects, by name; built where they are missing."""
    names = dict.fromkeys(one.environment for one in subjects if one.environment)
    return {name: ready_environment(name, directory, notify, build=build) for name in names}


def compare(
    model: PeerModel,
    plan: Plan,
    directory: Path,
    notify: Notify,
    *,
    environments: dict[str, Environment],
    subjects: Sequence[Subject] = SUBJECTS,
) -> Results:
    """Measure everything of a plan.

    Args:
        model: what all serve.
        plan: for how long.
        directory: where the servers' logs go.
        notify: told what is measured next.
        environments: of the peers; those that failed are reported and left out.
        subjects: burnish in both precisions, and the peers.

    Raises:
        RuntimeError: burnish itself does not run.
    """
    machine = describe_machine("torch", "transformers", "bentoml")
    with ExitStack() as stack:
        up, failed = _started(subjects, model, directory, environments, notify, stack)
        notify("idle")
        idle = idle_costs(up, seconds=plan.idle_s)
        notify("agreement")
        texts = check_texts(model.task, model.encoder(), longest=model.longest)
        agreed = agreements(up, texts)
        void = {row.subject for row in agreed if row.void}
        fit = [one for one in up if one.subject.name not in void]
        figures = list(_loaded(fit, model, plan, Sleepers(up, idle), notify))
        starts = [
            Start(
                one.subject.name,
                "void: answers otherwise" if one.subject.name in void else "measured",
                ready_s=one.server.ready_s,
                idle_ms_per_s=1e3 * idle[one.subject.name],
                held_bytes=one.memory_bytes(),
            )
            for one in up
        ]
        faults, stalled = _provoked(up, plan, notify)
    return Results(
        plan=plan.name,
        machine=machine,
        load_after=round(os.getloadavg()[0], 2),
        starts=(*starts, *failed),
        agreements=tuple(agreed),
        figures=tuple(figures),
        schedulers=tuple(compare_schedulers(model, plan, notify)),
        faults=tuple(faults),
        stalled=stalled,
    )


def _started(
    subjects: Sequence[Subject],
    model: PeerModel,
    directory: Path,
    environments: dict[str, Environment],
    notify: Notify,
    stack: ExitStack,
) -> tuple[list[Running], list[Start]]:
    """The servers that answer, and why the others do not."""
    up, failed = [], []
    for subject in subjects:
        notify(f"starting {subject.name}")
        environment = environments[subject.environment] if subject.environment else None
        folder = environment.bin if environment else Path(sys.executable).parent
        if environment and environment.failure:
            failed.append(Start(subject.name, f"not installed: {environment.failure}"))
            continue
        log = directory / "logs" / f"{subject.name.replace(' ', '-')}.log"
        try:
            up.append(stack.enter_context(running(subject, model, folder, log)))
        except (StartError, OSError) as error:
            failed.append(Start(subject.name, f"not started: {error}"))
            notify(f"{subject.name}: {error}")
    missing = {baseline(name) for name in PRECISIONS} - {one.subject.name for one in up}
    if missing:
        reasons = "; ".join(f"{start.subject}: {start.state}" for start in failed)
        raise RuntimeError(f"no comparison without burnish: {reasons}")
    return up, failed


def _loaded(
    up: Sequence[Running], model: PeerModel, plan: Plan, sleepers: Sleepers, notify: Notify
) -> Iterator[Figure]:
    """The figures of every load, one caller first: it says what each text alone is answered."""
    for workload in WORKLOADS:
        alone: dict[str, dict[str, dict[str, float]]] = {}
        for callers in CALLERS:
            notify(f"{workload}, {callers} callers")
            count = plan.texts[workload, callers]
            texts = workload_texts(
                model.task, model.encoder(), workload, count=count, longest=model.longest
            )
            rounds = measure_cell(
                up,
                texts,
                callers=callers,
                seconds=plan.budget_s[workload],
                least=plan.least_rounds,
                sleepers=sleepers,
            )
            alone = alone or scores_alone(rounds)
            yield from cell_figures(rounds, workload=workload, callers=callers, alone=alone)
    sleepers.wake_all()


def _provoked(
    up: Sequence[Running], plan: Plan, notify: Notify
) -> tuple[list[FaultRow], dict[str, tuple[int, bool]]]:
    """Faults, for the fp32 servers: the precision changes nothing."""
    chosen = [one for one in up if one.subject.precision == "fp32"]
    notify("faults: stalled headers")
    stalled = stalled_headers(chosen, seconds=plan.stalled_s)
    rows = []
    for one in chosen:
        notify(f"faults: {one.subject.name}")
        rows.append(provoke(one, big_body_bytes=plan.big_body_bytes))
    return rows, stalled
