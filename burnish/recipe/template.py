"""The text of a new recipe, a comment on every line, for ``burnish init``."""

from __future__ import annotations

__all__ = ["init_recipe"]

_DATA = {
    "classification": (
        "tickets.csv",
        """\
  text: text                  # column of the text
  label: label                # column of the label
  # labels: labels            # or a column of several labels per text
  # separator: "|"            # what splits several labels in one cell
  # unlabelled: leave_out     # leave out rows without a label (error: refuse them)
  # out_of_scope: other       # a label whose rows are measured, not trained on
""",
    ),
    "extraction": (
        "notices.jsonl",
        """\
  text: text                  # field of the text
  entities: entities          # field of the entities: start, end, label
""",
    ),
    "qa": (
        "handbook.jsonl",
        """\
  question: question          # field of the question
  context: context            # field of the text with the answer
  answers: answers            # field of the answers: text, start; an empty list: none
""",
    ),
}

_TEXT = """\
# A burnish recipe. Train with: burnish train THIS_FILE
# Override on the command line: burnish train THIS_FILE train.epochs=3 output=runs/quick
# Files are relative to this file; on the command line, to the working directory.

task: {task}
base_model: minilm            # minilm (embedded, English), a local directory, or a hub id
method: full                  # full: every weight; lora, ia3: small updates, merged afterwards;
                              # adapters, prefix: small parts that stay; head: only the head
{few}
data:
  train: {train}
  validation: 0.15            # a file, or a share of train; chooses the best epoch
  test: 0.15                  # optional: a file, or a share; judges the finished model
{columns}  # group: document           # rows of one group stay in one part of a split
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
  patience: 2                 # epochs without a better validation score
  seed: 13                    # the same seed gives the same model on the same machine
  seeds: auto                 # how many are trained (3 below 2,000 rows); the best is kept
{own}
# Settings of single methods:
lora: {{r: 16, alpha: 32, dropout: 0.1, variant: lora}}  # or rslora, dora, adalora
adapters: {{kind: houlsby, reduction: 16}}               # or pfeiffer: half as many
prefix: {{length: 16, reparametrization: true}}          # false: as in P-tuning v2
{sections}
thresholds: f1                # or precision>=0.95, recall>=0.9: {aim}
# abstain: {{error: 0.05, confidence: 0.95}}  # mark unsure answers: at most 5 % of the rest wrong
{reject}# abstain: {{score: 0.7}}     # or mark answers with a lower score

output: runs/{name}
"""

_FEW = {
    "classification": "                              # setfit: for a few rows per class\n",
    "extraction": "",
    "qa": "",
}
"""The method that classification alone has."""

_SECTIONS = {
    "classification": (
        "setfit: {weight_ensemble: 0.5, use_label_names: auto}  # share of the tuned weights\n"
    ),
    "extraction": "",
    "qa": "qa: {max_answer_tokens: auto}                         # auto: the longest of the rows\n",
}
"""The sections that one task alone has."""

_OWN = {
    "classification": (
        "  class_weights: none         # balanced: rare labels count as much as frequent ones\n"
    ),
    "extraction": "",
    "qa": "  synthetic_questions: auto   # per labelled row, to warm up on; 0: none\n",
}
"""What one task alone has, in the section of training."""

_REJECT = {
    "classification": "# abstain: {reject: 0.9}    # or mark 9 of 10 rows out of scope\n",
    "extraction": "",
    "qa": "",
}

_AIM = {
    "classification": "of the labels that are given",
    "extraction": "of the entities that are given",
    "qa": "of the answers that are given",
}


def init_recipe(task: str) -> str:
    """A recipe to start from, as YAML.

    Args:
        task: classification, extraction or qa.
    """
    train, columns = _DATA[task]
    return _TEXT.format(
        task=task,
        train=f"{train:<22}# a file of rows: CSV, TSV, JSON Lines, CoNLL or SQuAD",
        columns=columns,
        own=_OWN[task],
        few=_FEW[task],
        sections=_SECTIONS[task],
        aim=_AIM[task],
        reject=_REJECT[task],
        name=train.partition(".")[0],
    )
