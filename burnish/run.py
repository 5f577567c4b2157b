"""The run directory: what training leaves and export reads.

::

    recipe.yaml    resolved: every default filled in
    record.json    what a paper must state, and the SHA-256 of every other file
    metrics.json   validation, test and baseline, with intervals; every seed's scores
    log.jsonl      one line a step
    model/         what from_pretrained or PEFT loads, and the tokenizer
    README.md      the model card
    report.html    the report for a reviewer
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from burnish.data.split_record import SplitRecord
from burnish.digest import file_sha256
from burnish.errors import RunError
from burnish.recipe.recipe import Recipe, load_recipe
from burnish.tasks import AnyTask

__all__ = [
    "AdoptionRecord",
    "BaseRecord",
    "Hardware",
    "Run",
    "RunRecord",
    "TermsRecord",
    "TrainingRecord",
    "file_digests",
    "read_run",
    "write_record",
]

_HINT = "train it again: burnish train RECIPE"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BaseRecord(_Record):
    """The base model."""

    name: str
    """As the recipe says it."""
    revision: str | None
    """The hub's commit."""
    digest: str
    """SHA-256 of the weights."""
    family: str


class TermsRecord(_Record):
    """A user's file of terms, by which bias was looked for."""

    path: str
    sha256: str


class TeacherRecord(_Record):
    """The run whose answers a student learned, and the texts without labels that it answered."""

    run: str
    sha256: str
    """Of the run's ``record.json``, which has the digests of its other files."""
    unlabelled: str | None = None
    unlabelled_sha256: str | None = None


class AdoptionRecord(_Record):
    """Where a model comes from that burnish did not train."""

    kind: Literal["checkpoint", "setfit", "adapter"]
    source: str
    """The directory, or the hub's id."""
    files: dict[str, str]
    """SHA-256 of every file that was read, by its name in the source."""
    outputs: tuple[str, ...]
    """The names of the model's outputs in the source, in order."""
    renamed: dict[str, str] = {}
    """What the user called them, where the name is another."""
    unknown: tuple[str, ...]
    """The facts about the training that nobody can read off a checkpoint."""


class TrainingRecord(_Record):
    """How the weights came about; None where the model was adopted and the figure is not known."""

    seed: int
    """Of the split, and the first that was trained."""
    seeds: tuple[int, ...] = ()
    """All that were trained."""
    seed_kept: int | None = None
    """The best on validation: the one whose model this is, unless several are averaged."""
    seeds_averaged: tuple[int, ...] = ()
    """This model's weights are the average of these seeds'. Empty if they are those of one seed."""
    threads: int
    """Of each process."""
    processes: int = 1
    """That shared every batch."""
    precision: Literal["fp32", "bf16"] = "fp32"
    learning_rate: float | None
    head_learning_rate: float | None
    batch_size: int | None
    gradient_accumulation: int | None
    epochs: int | None
    """Asked for."""
    epochs_run: int | None
    """Done until patience ended."""
    best_epoch: int | None
    """The one whose weights were kept; 0: the linear probe, or the untrained start."""
    steps: int | None
    resumed: int = 0
    """How often it was interrupted and went on."""
    parameters: int
    parameters_trained: int | None
    wall_time_s: float | None


class Hardware(_Record):
    """The machine."""

    processor: str
    cores: int
    gpu: str | None = None
    """That trained, where one did."""
    memory_gib: float
    system: str
    python: str


class RunRecord(_Record):
    """``record.json``."""

    schema_version: Literal[1] = 1
    burnish_version: str
    created: str
    """UTC, ISO 8601."""
    task: AnyTask
    """With the thresholds tuned on validation."""
    method: str
    pooling: Literal["mean", "cls", "native"]
    base_model: BaseRecord
    data: SplitRecord
    """The files with their digests, and the row ids of each part."""
    bias_terms: TermsRecord | None = None
    """Where the recipe names them; None in older runs too."""
    training: TrainingRecord
    taught_by: TeacherRecord | None = None
    """Where the model is a student of another; None in older runs too."""
    adopted: AdoptionRecord | None = None
    """Where burnish did not train the model; None in older runs too."""
    packages: dict[str, str]
    hardware: Hardware
    notes: tuple[str, ...] = ()
    """What a reader must know: rows left out, a run below its baseline."""
    files: dict[str, str]
    """SHA-256 of every other file, by its path in the run directory."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run directory that was read and found whole."""

    path: Path
    recipe: Recipe
    record: RunRecord
    metrics: dict[str, Any]
    """``metrics.json``."""

    @property
    def digest(self) -> str:
        """SHA-256 of ``record.json``, which holds the digest of every other file."""
        return hashlib.sha256((self.path / "record.json").read_bytes()).hexdigest()


def read_run(path: Path) -> Run:
    """Read a run directory and verify every file of it.

    Raises:
        RunError: names the file that is missing, changed, or added to ``model/``.
    """
    record_file = path / "record.json"
    if not record_file.is_file():
        raise RunError(f"{path} is not a run directory: it has no record.json", _HINT)
    try:
        record = RunRecord.model_validate_json(record_file.read_bytes())
    except ValidationError as e:
        first = e.errors()[0]
        where = " -> ".join(map(str, first["loc"]))
        raise RunError(f"{record_file}: {where}: {first['msg']}", _HINT) from e
    _verify(path, record.files)
    metrics = json.loads((path / "metrics.json").read_bytes())
    return Run(path, load_recipe(path / "recipe.yaml"), record, metrics)


def write_record(directory: Path, record: RunRecord) -> None:
    """Write ``record.json``, the last file of a run."""
    text = json.dumps(record.model_dump(mode="json"), indent=1, ensure_ascii=False)
    (directory / "record.json").write_text(text + "\n", encoding="utf-8")


def file_digests(directory: Path) -> dict[str, str]:
    """SHA-256 of every file of a run but its record, by relative path."""
    return {
        name: file_sha256(directory / name)
        for name in sorted(
            path.relative_to(directory).as_posix()
            for path in directory.rglob("*")
            if path.is_file()
        )
        if name != "record.json"
    }


def _verify(path: Path, expected: dict[str, str]) -> None:
    found = file_digests(path)
    for name, digest in expected.items():
        if name not in found:
            raise RunError(f"{path}: {name} is missing", _HINT)
        if found[name] != digest:
            raise RunError(f"{path}: {name} was changed after the training", _HINT)
    for name in found:
        if name not in expected and name.startswith("model/"):
            raise RunError(f"{path}: {name} does not belong to the run", "remove it")
