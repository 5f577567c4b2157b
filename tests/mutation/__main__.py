"""Mutation testing: faults are put into the code one at a time, and a test should notice each.

``make mutate`` draws 25 of the places in each target (`targets.py`) at which cosmic-ray can put a
fault. For each, it makes one fault in a copy of the tree and runs the tests that mirror the module.
It names the faults that no test noticed. ``equivalent.yaml`` lists the mutants that change nothing
that a test could see, each with the reason.

    python -m tests.mutation --target gates --target split --count 50 --seed 7
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections import Counter
from pathlib import Path

from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.testing import TestOutcome, run_tests
from cosmic_ray.work_db import WorkDB, use_db

from tests.mutation.operators import register
from tests.mutation.sampling import drawn, places_of
from tests.mutation.survivors import Survivor, equivalents, survivor_of
from tests.mutation.targets import TARGETS, Target

ROOT = Path(__file__).parent.parent.parent
COPY = ROOT / ".cache" / "mutation" / "tree"
REPORT = ROOT / "build" / "mutation.txt"
_LEFT_OUT = shutil.ignore_patterns(
    ".*", "__pycache__", "build", "dist", "demo", "runs", "bundles", "*.egg-info"
)
_MOST = 0.10
"""The share of mutants that may survive."""


def main(arguments: list[str]) -> int:
    """Mutate and test; 1 where too many mutants survive."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--target", action="append", choices=TARGETS, help="all of them if unsaid")
    parser.add_argument("--count", type=int, default=25, help="per target; 0: every place")
    parser.add_argument("--seed", type=int, default=13)
    said = parser.parse_args(arguments)
    os.nice(10)
    # Nothing of a test may hang on the load of the machine, or be drawn anew.
    os.environ.update(CI="true", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    shutil.rmtree(COPY.parent, ignore_errors=True)
    shutil.copytree(ROOT, COPY, ignore=_LEFT_OUT)
    os.chdir(COPY)
    register()
    chosen = {name: TARGETS[name] for name in said.target or TARGETS}
    limits_s = {}
    for name, target in chosen.items():
        begin = time.monotonic()
        outcome, output = run_tests(_command(target, next(target.files(COPY))), 900)
        limits_s[name] = 20 + 4 * (time.monotonic() - begin)  # a mutant may never end
        if outcome is not TestOutcome.SURVIVED:
            print(f"{name}: its tests fail without a mutation\n{output}", file=sys.stderr)
            return 2
    survivors, tried = _try(chosen, limits_s, count=said.count or None, seed=said.seed)
    report = _report(survivors, tried)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(report, encoding="utf-8")
    print(report)
    matter = sum(not each.reason for each in survivors)
    return int(matter > _MOST * sum(tried.values()))


def _try(
    chosen: dict[str, Target], limits_s: dict[str, float], *, count: int | None, seed: int
) -> tuple[list[Survivor], Counter[str]]:
    owners = {file: name for name, target in chosen.items() for file in target.files(COPY)}
    survivors: list[Survivor] = []
    tried: Counter[str] = Counter()
    known = equivalents()
    with use_db(COPY.parent / "mutants.sqlite", WorkDB.Mode.create) as database:
        init(owners, database, {})
        places = places_of(database.pending_work_items, root=COPY)
        mutants = [
            mutant
            for name in chosen
            for mutant in drawn([p for p in places if owners[p.file] == name], count, seed=seed)
        ]
        for number, mutant in enumerate(mutants, 1):
            name = owners[mutant.mutations[0].module_path]
            begin = time.monotonic()
            command = _command(chosen[name], mutant.mutations[0].module_path)
            result = mutate_and_test(mutant.mutations, command, limits_s[name])
            database.set_result(mutant.job_id, result)
            tried[name] += 1
            word = str(result.test_outcome and result.test_outcome.value)
            if not result.is_killed:
                survivors.append(survivor_of(name, mutant, result.diff or "", known))
                word = f"survived: {survivors[-1]}"
            seconds = time.monotonic() - begin
            print(f"{number}/{len(mutants)} {seconds:.0f} s {word}", file=sys.stderr, flush=True)
    return survivors, tried


def _command(target: Target, file: Path) -> str:
    groups = " -- ".join(" ".join(group) for group in target.tests_of(file, COPY))
    return f"{sys.executable} -m tests.mutation.in_turn {groups}"


def _report(survivors: list[Survivor], tried: Counter[str]) -> str:
    lines = ["target        mutants  survived  of these equivalent"]
    for name, total in tried.items():
        own = [each for each in survivors if each.target == name]
        same = sum(bool(each.reason) for each in own)
        lines.append(f"{name:12}  {total:7}  {len(own):8}  {same:19}")
    matter = [each for each in survivors if not each.reason]
    share = len(matter) / max(1, sum(tried.values()))
    lines += ["", f"{len(matter)} mutants that matter survive: {share:.1%}"]
    lines += [f"  {each}" for each in matter]
    lines += ["", "survivors that change nothing that a test could see:"]
    lines += [f"  {each}: {each.reason}" for each in survivors if each.reason]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
