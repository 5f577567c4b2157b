"""The text of a new recipe, a comment on every line, for ``burnish init``."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

from burnish.tasks.table import find_task

__all__ = ["init_recipe"]

_COMMENT_COLUMN = 30
_SHOWN_METRICS = 3
_LABELS = ("label", "labels", "label_columns")
"""Keys of which a recipe has one."""

_TEXT = """\
# A burnish recipe. Train with: burnish train THIS_FILE
# Override on the command line: burnish train THIS_FILE train.epochs=3 output=runs/quick
# Files are relative to this file; on the command line, to the working directory.

task: {task}
base_model: minilm            # minilm (embedded, English), a local directory, or a hub id
method: full                  # full: every weight; lora, ia3: small updates, merged afterwards;
                              # adapters, prefix: small parts that stay; head: only the head
{lines.methods}
data:
  train: {train}
  validation: 0.15            # a file, or a share of train; chooses the best epoch
  test: 0.15                  # optional: a file, or a share; judges the finished model
{lines.columns}  # id: number                # column that names the rows, in errors and reports
  # group: document           # rows of one group stay in one part of a split
  # subgroups: [age, site]    # columns; each of their values is scored separately
                              # [sex+age]: each combination of the two columns' values

train:
  epochs: auto                # the most epochs; patience may end it earlier
  batch_size: auto            # windows per step
  learning_rate: auto         # a value that suits method, task and model; or a number
  layer_decay: auto           # lower layers learn more slowly by this factor; 1: no
  freeze: 0                   # so many of the lowest layers are not trained: faster
  regularization: none        # l2: stay near the base model's weights
  max_length: auto            # the window, in tokens; longer texts are read in several
  stride: auto                # overlap of windows, in tokens
  metric: auto                # chooses epoch and thresholds, and is judged: {metrics}
  patience: auto              # epochs below the best validation score
  seed: 13                    # the same seed gives the same model on the same machine
  seeds: auto                 # how many are trained and averaged: 3 below 2,000 rows, else 1
{lines.training}
# Settings of single methods:
lora: {{r: 16, alpha: 32, dropout: 0.1, variant: lora}}  # or rslora, dora, adalora
adapters: {{kind: houlsby, reduction: 16}}               # or pfeiffer: half as many
prefix: {{length: 16, reparametrization: true}}          # false: as in P-tuning v2
{lines.sections}
thresholds: f1                # or precision>=0.95, recall>=0.9: {lines.aim}
# abstain: {{error: 0.05, confidence: 0.95}}  # mark unsure answers: at most 5 % of the rest wrong
{lines.abstain}# abstain: {{score: 0.7}}     # or mark answers with a lower score

output: runs/{name}
"""


def init_recipe(
    task: str, *, data: Mapping[str, object] | None = None, name: str | None = None
) -> str:
    """A recipe to start from, as YAML.

    Args:
        task: its name.
        data: values of keys of the section ``data``; None leaves those of the task's sample.
        name: what the run is called; None takes the sample's name.
    """
    lines = find_task(task).words.recipe
    text = _TEXT.format(
        task=task,
        train=f"{lines.train:<22}# a file of rows: CSV, Excel, JSON Lines, CoNLL …",
        lines=lines,
        metrics=", ".join(find_task(task).settings.metric_choices[:_SHOWN_METRICS]),
        name=name or lines.train.partition(".")[0],
    )
    data = data or {}
    for key in _LABELS if any(each in data for each in _LABELS) else ():
        if key not in data:
            text = re.sub(rf"^  {key}: .*\n", "", text, flags=re.MULTILINE)
    for key, value in data.items():
        text = _with_key(text, key, value)
    return text


def _with_key(text: str, key: str, value: object) -> str:
    """The text with a value of the section ``data`` in the key's line, or in a line of its own."""
    plain = list(value) if isinstance(value, tuple) else value
    # A list of one keeps a text on its line; the brackets go.
    listed = yaml.safe_dump([plain], default_flow_style=True, allow_unicode=True, width=10_000)
    line = f"{key}: {listed.strip()[1:-1]}"
    place = re.compile(rf"^  (?:# )?{key}: [^#\n]*(#.*)?$", re.MULTILINE)
    if found := place.search(text):
        new = f"  {line} ".ljust(_COMMENT_COLUMN) + (found[1] or "")
        new = new.rstrip()
        return text[: found.start()] + new + text[found.end() :]
    return text.replace("\ndata:\n", f"\ndata:\n  {line}\n", 1)
