"""Train, export, serve and predict, tiny: ``python -m qualification.offline_line FOLDER [GUARDS]``.

Run where only the loopback device exists; it is brought up here.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

from qualification.alone import raise_loopback
from qualification.servers import ROOT, start
from tests.tiny import tiny_base

__all__: list[str] = []

TEXTS = {"refund": "my card was late money {}", "delivery": "where is the parcel order {}"}
RECIPE = """\
task: classification
base_model: {base}
method: full
data: {{train: {rows}, validation: 0.2, test: 0.2}}
train: {{epochs: 2, seeds: 1, batch_size: 8, max_length: 32, stride: 8}}
output: {run}
"""


def _burnish(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "burnish", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"burnish {arguments[0]}: {done.stderr[-1500:]}")
    return done.stdout


def run_line(folder: Path, guards: list[str]) -> None:
    """The whole line; ends the process where a part fails."""
    folder.mkdir(parents=True)
    rows, run, bundle = folder / "rows.csv", folder / "run", folder / "bundle"
    with rows.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows(
            [text.format(n), label] for n in range(60) for label, text in TEXTS.items()
        )
    base = tiny_base(folder / "base")
    recipe = folder / "recipe.yaml"
    recipe.write_text(RECIPE.format(base=base, rows=rows, run=run), encoding="utf-8")
    _burnish("train", str(recipe))
    _burnish("export", str(run), "-o", str(bundle), "--precision", "fp32")
    _burnish("predict", str(bundle), "my card", "--json")
    served = start([bundle], weakened=guards, folder=folder)
    try:
        served.wait_ready()
        reply = served.ask("POST", "/classify", {"inputs": "my card was late"})
        answer = json.loads(reply.content)
        assert reply.status == 200, reply.content
        assert answer[0]["label"] in TEXTS, reply.content
    finally:
        served.stop()
    print("the whole line works")


if __name__ == "__main__":
    raise_loopback()
    run_line(Path(sys.argv[1]), sys.argv[2].split(",") if len(sys.argv) > 2 else [])
