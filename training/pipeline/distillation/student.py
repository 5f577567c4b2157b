"""The base of a student: a directory made of the teacher's own weights, with the teacher's head."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from burnish.data import DataSet
from burnish.digest import file_sha256
from burnish.directory import staged_directory
from burnish.errors import ConfigError, RunError, UsageError
from burnish.notify import Notify
from burnish.recipe.recipe import Recipe
from burnish.run import Run
from burnish.tasks import TextEncoder
from burnish.tasks.encoded import EncodedRows, encode_rows
from burnish.torch_models.build import encoder_inputs
from burnish.torch_models.checkpoint import load_run_model, save_encoder
from burnish.torch_models.merging import merge_adapter
from burnish.torch_models.pooled import PooledClassifier
from burnish.torch_models.quiet import quiet
from burnish.torch_models.shrinking import count_layers, even_layers, keep_layers, static
from burnish.torch_models.structures import StructuredModel
from burnish.torch_models.tokenizer_files import write_tokenizer_files

from ...data.features import make_features
from ...data.splits import read_split
from .pruning import Served, prune, size_for, unit_importance

__all__ = ["Asked", "make_student"]

_ORIGIN = "student.json"
_JUDGED = 512
"""Training rows on which inner units are judged."""
_TIMED = 24
"""Of them, those that are answered to time a size."""
_TOKENS = 512
"""Tokens whose vectors are taken at once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How small the student is to be: one of these, or half of the layers.

    Raises:
        UsageError: two of them are given, or no student is of that size.
    """

    layers: int | None = None
    cost: float | None = None
    """Its processor time for an answer, as a share of the teacher's, both served in int8."""
    static: bool = False
    """No layers: each token has one vector."""

    def __post_init__(self) -> None:
        given = [name for name, value in asdict(self).items() if value not in (None, False)]
        if len(given) > 1:
            raise UsageError(
                f"{' and '.join(given)}: a student has one size", "give one of them alone"
            )
        if self.layers is not None and self.layers < 1:
            raise UsageError(
                f"layers is {self.layers}, and a student has at least 1",
                "give static for a student without layers",
            )
        if self.cost is not None and not 0 < self.cost < 1:
            raise UsageError(
                f"cost is {self.cost}, and it is a share of the teacher's time",
                "give a number between 0 and 1, such as 0.5",
            )


def make_student(
    run: Run,
    directory: Path,
    asked: Asked,
    *,
    recipe: Recipe,
    data: DataSet | Mapping[str, DataSet] | None = None,
    served: Served | None = None,
    replace: bool,
    say: Notify,
) -> bool:
    """Write a base made of a run's model, or find it there.

    Args:
        run: the teacher.
        directory: for the base.
        asked: how small.
        recipe: the student's, whose training rows tell which inner units matter.
        data: its rows, where they are in memory.
        served: times models as they are served, for a cost.
        replace: put it in place of another student's base.
        say: told what the student is made of.

    Returns:
        Whether it was written now.

    Raises:
        ConfigError: the teacher has no more layers, or nothing is as cheap.
        RunError: its encoder cannot be cut.
        UsageError: the directory holds something else, or a cost is asked for and nothing times it.
        BaseModelError: the family's layers, or inner units, are not known.
    """
    teacher = file_sha256(run.path / "record.json")
    origin = {"teacher": teacher, "asked": asdict(asked)}
    if _is_there(directory, origin):
        say(f"the student's base is there already: {directory.name}")
        return False
    model = _plain(run)
    if asked.cost is not None:
        rows = _judging_rows(run, recipe, data)
        shrunk, made_of = _of_cost(asked.cost, model, run, rows, served=served, say=say)
    else:
        shrunk, made_of = _of_layers(model, run, asked)
    said = f"the student is made of {made_of}"
    say(f"{said}: {directory.name}")
    with staged_directory(directory, marker=_ORIGIN, replace=replace) as staging, quiet():
        if asked.static:
            save_encoder(shrunk, staging, pooling="mean")
        elif isinstance(model, PooledClassifier):
            save_encoder(shrunk, staging, pooling=model.pooling)
        else:
            shrunk.save_pretrained(staging, safe_serialization=True)
        write_tokenizer_files(
            run.path / "model", staging, max_length=None, inputs=encoder_inputs(shrunk)
        )
        card = _card(run, made_of, teacher=teacher)
        (staging / "README.md").write_text(card, encoding="utf-8")
        text = json.dumps({**origin, "made_of": made_of}, indent=1)
        (staging / _ORIGIN).write_text(text + "\n", encoding="utf-8")
    return True


def _plain(run: Run) -> Any:
    """The run's model as plain modules."""
    model = load_run_model(run)
    if isinstance(model, StructuredModel):
        raise RunError(
            f"{run.path} was tuned with {run.record.method}, whose parts stand between the layers",
            "name a smaller base with --base, which such a run can teach as well",
        )
    return merge_adapter(model)


def _whole(model: Any) -> Any:
    """The part of a model that has the layers, with the architecture's own head."""
    return model.encoder if isinstance(model, PooledClassifier) else model


def _of_layers(model: Any, run: Run, asked: Asked) -> tuple[Any, str]:
    """The student's weights, and what they are of the teacher."""
    whole = _whole(model)
    if asked.static:
        return _without_layers(whole, run)
    count = count_layers(whole)
    kept = max(1, count // 2) if asked.layers is None else asked.layers
    if kept >= count:
        raise ConfigError(
            f"--layers {kept}: the teacher has {count}, and a student has fewer",
            f"give --layers {max(1, count // 2)}, or another base with --base"
            if count > 1
            else "give another base with --base, or --static",
        )
    places = even_layers(count, kept)
    return keep_layers(whole, places), f"{_named(places)} of the teacher's {count} layers"


def _of_cost(
    cost: float, model: Any, run: Run, rows: EncodedRows, *, served: Served | None, say: Notify
) -> tuple[Any, str]:
    """The weights of a student of a cost, and what they are of the teacher."""
    if served is None:
        raise UsageError(
            f"a cost of {cost:g} is asked for, and nothing times models as they are served",
            "call burnish.distill(run, output, cost=...)",
        )
    whole, task = _whole(model), run.record.task
    tokenizer = run.path / "model"
    with served(model, task=task, tokenizer=tokenizer, inputs=_timed_inputs(rows)) as meter:
        # The head stays as it is: an encoder takes the place of the teacher's.
        size = size_for(
            cost,
            whole,
            lambda encoder: meter(copy.deepcopy(model, {id(whole): encoder})),
            say=say,
        )
    importance = unit_importance(model, whole, task, make_features(task, rows))
    kept = even_layers(count_layers(whole), size.layers)
    return prune(whole, size, importance), (
        f"{_named(kept)} of the teacher's {count_layers(whole)} layers, with {size.units} inner "
        f"units each, which cost {size.cost:.2f} of the teacher's time"
    )


def _timed_inputs(rows: EncodedRows) -> list[Any]:
    """A few inputs whose lengths are spread as those of all are."""
    lengths = [sum(map(len, encoding.windows)) for encoding in rows.encodings]
    ordered = np.argsort(lengths, kind="stable")
    middles = (np.arange(min(_TIMED, len(rows))) + 0.5) * len(rows) / min(_TIMED, len(rows))
    return [rows.inputs[place] for place in ordered[middles.astype(int)]]


def _named(places: Sequence[int]) -> str:
    numbers = ", ".join(str(place + 1) for place in places)
    return f"layer{'s' if len(places) > 1 else ''} {numbers}"


def _judging_rows(
    run: Run, recipe: Recipe, data: DataSet | Mapping[str, DataSet] | None
) -> EncodedRows:
    """Training rows, drawn at random, with the labels that the teacher knows."""
    task, split = run.record.task, read_split(recipe, data)
    known = [each for each in split.parts["train"] if not task.unknown_labels(each)]
    rows = encode_rows(task, known, _encoder(run))
    return rows.take(rows.draw(_JUDGED, seed=recipe.train.seed))


def _encoder(run: Run) -> TextEncoder:
    return run.record.task.text_encoder(run.path / "model" / "tokenizer.json")


def _without_layers(whole: PreTrainedModel, run: Run) -> tuple[PreTrainedModel, str]:
    if not run.record.task.head.of_windows:
        raise ConfigError(
            f"--static: a model without layers sees no word beside another, and "
            f"{run.record.task.task} needs them",
            "give --layers 1",
        )
    encoder: Any = whole.base_model
    return static(encoder, _token_vectors(encoder, run)), "one vector a token of the teacher's"


def _token_vectors(encoder: Any, run: Run) -> torch.Tensor:
    """(vocabulary, hidden): the mean of the vectors that a token alone gets, special ones beside.

    As model2vec distils them (Tulkens & van Dongen 2024).
    """
    window = _encoder(run).encode("a").windows[0]
    ids = torch.from_numpy(window.input_ids.astype("int64"))
    stop = window.prefix + window.stop - window.start
    before, after = ids[: window.prefix], ids[stop:]
    rows = encoder.get_input_embeddings().weight.shape[0]
    found = []
    with torch.inference_mode():
        for begin in range(0, rows, _TOKENS):
            tokens = torch.arange(begin, min(rows, begin + _TOKENS))
            given = torch.cat(
                [before.expand(len(tokens), -1), tokens[:, None], after.expand(len(tokens), -1)], 1
            )
            hidden = encoder(input_ids=given, attention_mask=torch.ones_like(given))
            found.append(hidden.last_hidden_state.mean(1))
    return torch.cat(found).clone()


def _is_there(directory: Path, origin: dict[str, Any]) -> bool:
    """Whether this student's base stands there already, as after a training that was stopped."""
    path = directory / _ORIGIN
    if not path.is_file():
        return False
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise UsageError(f"{path} is damaged", "use --replace to make it anew") from error
    return isinstance(found, dict) and {key: found.get(key) for key in origin} == origin


def _card(run: Run, made_of: str, *, teacher: str) -> str:
    base = run.record.base_model
    return (
        f"# The start of a student of {run.path.name}\n\n"
        f"Made of {made_of}, a model for {run.record.task.task} that was tuned on {base.name}.\n\n"
        f"- SHA-256 of the teacher's record.json: `{teacher}`\n"
        f"- SHA-256 of the weights of the teacher's base: `{base.digest}`\n\n"
        "It has not been trained since: burnish distill does that next.\n"
    )
