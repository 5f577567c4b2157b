"""From a base and texts without labels to a base that has read them."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from burnish.directory import check_free, staged_directory
from burnish.errors import DataError
from burnish.interruption import Interruption
from burnish.notify import Notify, ignore
from burnish.plural import plural
from burnish.recipe.sections import TrainSection
from burnish.runtime.cpus import usable_cpus
from burnish.torch_models.base import BaseModel, resolve_base
from burnish.torch_models.build import encoder_inputs

from ...checkpointing.checkpoints import Clock, Keeping
from ...checkpointing.workdir import TrainingPlace, telling_full_disk
from ...diagnostics.vocabulary import Term
from ...distributed.determinism import reproducible
from ...loop.fitting import practise
from ...loop.loop import TrainingLoop
from ...record.fingerprint import COMPUTING
from ...record.provenance import package_versions
from .added_tokens import choose_tokens, write_tokenizer
from .model import MaskedModel, load_masked
from .saving import RECORD, save_base
from .settings import Losses, Pretrained, PretrainSettings
from .streams import DOMAIN, Streams
from .texts import Survey, survey, training_texts
from .windows import EveryWindow, MaskedWindows

__all__ = ["pretrain"]

_MEASURED_SIZE = 384
_HEAD_RATE = 1e-3
"""Of a head that the base lacks, which first learns alone for an epoch: a random one would send
the encoder off, and no loss would tell what the encoder has learned."""


def pretrain(
    texts: Path,
    output: Path,
    *,
    base_model: str = "minilm",
    revision: str | None = None,
    held_out: Path | None = None,
    settings: PretrainSettings | None = None,
    replace: bool = False,
    fresh: bool = False,
    notify: Notify | None = None,
    progress: bool | None = None,
) -> Pretrained:
    """Go on with a base's pre-training, on texts without labels, and write a new base.

    Masked language modelling with whole words masked (Devlin et al. 2019), on a field's texts
    (DAPT) or a task's own (TAPT; Gururangan et al. 2020, "Don't Stop Pretraining"). The tokens lie
    on disk, so the memory does not grow with the texts. A run that was stopped goes on where it
    was, and ends with the bits of one that was not.

    Args:
        texts: a file or a folder, as ``burnish predict`` reads it.
        output: the new base's directory.
        base_model: as in a recipe.
        revision: of a hub id.
        held_out: texts to measure the loss on; a twentieth of ``texts`` where None.
        settings: how long, and how fast.
        replace: put the base in place of an older one.
        fresh: begin anew where an interrupted run could go on.
        notify: told what is going on, a line at a time.
        progress: show a bar on stderr; where None, if stderr is a terminal.

    Raises:
        UsageError: there are no such texts, or the output may not be replaced.
        DataError: the texts cannot be read, or are too few.
        BaseModelError: the base is refused, or its family has no masked language model.
        RunError: another process writes the output; an interrupted run was begun with something
            else; the disk is full.
        StoppedError: SIGTERM or SIGINT came.
    """
    given, say = settings or PretrainSettings(), notify or ignore
    check_free(output, marker=RECORD, replace=replace)
    base = resolve_base(base_model, revision)
    base.check_length(given.max_length)
    threads = given.threads or usable_cpus()
    stop = Interruption()
    keeping = Keeping(stop, Clock(time.monotonic()), say)
    place = TrainingPlace(output, keeping)
    place.check_unowned()
    shown = sys.stderr.isatty() if progress is None else progress
    found = survey(texts, given.text)
    others = None if held_out is None else survey(held_out, given.text)
    _tell(found, texts, say)
    basis = _basis(base, given, threads, found, others)
    with (
        stop.listening(),
        reproducible(seed=given.seed, threads=threads),
        place.held(basis, fresh=fresh),
        telling_full_disk(place),
    ):
        added, source = _added(given, base, texts, held_out, found, place.path)
        if added:
            shown_few = ", ".join(term.word for term in added[:5])
            say(plural(len(added), "# [token|tokens] added: ") + f"{shown_few}, …")
        streams = Streams(place.path, source / "tokenizer.json", base, given, stop)
        tokens = streams.write(texts, found, held_out)
        windows = streams.windows(DOMAIN, epochs=given.epochs)
        if tokens < given.max_length:
            raise DataError(
                f"{texts}: the texts have {tokens} tokens, less than one window of "
                f"{given.max_length}",
                "give more texts: pre-training is worth while from some hundred thousand tokens",
            )
        say(
            plural(found.texts, "# [text|texts], ")
            + f"{tokens:,} tokens to train on in "
            + plural(windows.windows, "# [window|windows]")
        )
        model = load_masked(base, seed=given.seed, added=added)
        section = _section(given, base, threads)
        first = place.seed(given.seed)
        if model.new_head:
            say("the base has no head for masked tokens: a new one is trained alone first")
            alone = section.model_copy(update={"epochs": 1})
            loop = _loop(model, windows, alone, head=True)
            checkpoints = first.stage("head", every_minutes=given.checkpoint_minutes)
            practise(loop, checkpoints=checkpoints, progress=shown, say=say)
        before = streams.losses(model)
        say(f"before: {_said(before)}")
        loop = _loop(model, windows, section)
        checkpoints = first.stage("pretraining", every_minutes=given.checkpoint_minutes)
        practise(loop, checkpoints=checkpoints, progress=shown, say=say)
        after = streams.losses(model)
        say(f"after: {_said(after)}")
        done = Pretrained(
            path=output,
            texts=found.texts,
            tokens=tokens,
            steps=loop.done,
            before=before,
            after=after,
            added=tuple(term.word for term in added),
            new_head=model.new_head,
        )
        with staged_directory(output, marker=RECORD, replace=replace, within=place.path) as staging:
            save_base(model, staging, base=base, tokenizer=source, done=done, basis=basis)
    return done


def _tell(found: Survey, path: Path, say: Notify) -> None:
    if found.left_out:
        left = plural(found.left_out, "# [row is|rows are] left out")
        say(f"{path.name}: {left}, without a text that can be read ({found.first_left_out})")


def _added(
    settings: PretrainSettings,
    base: BaseModel,
    texts: Path,
    held_out: Path | None,
    found: Survey,
    directory: Path,
) -> tuple[list[Term], Path]:
    """The tokens that the base is to get, and the directory of its tokenizer with them."""
    if not settings.add_tokens:
        return [], base.path
    given = training_texts(texts, settings.text, None if held_out else found)
    terms = choose_tokens(base, given, settings.add_tokens)
    write_tokenizer(base, directory / "tokenizer", terms)
    return terms, directory / "tokenizer"


def _basis(
    base: BaseModel,
    settings: PretrainSettings,
    threads: int,
    found: Survey,
    others: Survey | None,
) -> dict[str, Any]:
    versions = package_versions()
    named = {key: value for key, value in asdict(settings).items() if key != "checkpoint_minutes"}
    return {
        **named,
        "threads": threads,
        "SHA-256 of the base model": base.digest,
        "SHA-256 of the texts": found.digest,
        "SHA-256 of the held-out texts": others.digest if others else "a share of the texts",
        **{f"version of {name}": versions.get(name) for name in COMPUTING},
    }


def _section(settings: PretrainSettings, base: BaseModel, threads: int) -> TrainSection:
    """The loop's settings."""
    rate = settings.learning_rate or 2e-4 * _MEASURED_SIZE / max(base.hidden_size, _MEASURED_SIZE)
    return TrainSection(
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        learning_rate=rate,
        head_learning_rate=rate,
        max_length=settings.max_length,
        seed=settings.seed,
        seeds=1,
        patience=settings.epochs,
        schedule="linear",
        layer_decay=1.0,
        gradual_unfreezing=False,
        regularization_strength=1.0,
        embeddings="tuned",
        attention_dropout="base",
        device="cpu",
        precision="fp32",
        threads=threads,
    )


def _loop(
    model: MaskedModel,
    features: MaskedWindows,
    section: TrainSection,
    *,
    head: bool = False,
) -> TrainingLoop:
    """A loop over all windows: of a new head alone, or of everything."""
    if head:
        section = section.model_copy(
            update={"learning_rate": _HEAD_RATE, "head_learning_rate": _HEAD_RATE}
        )
        model.requires_grad_(False)
        embedding = model.encoder.get_input_embeddings().weight
        for parameter in model.head.parameters():
            parameter.requires_grad_(parameter is not embedding)
    else:
        model.requires_grad_(True)
    batches = EveryWindow(features.windows, batch_size=int(section.batch_size), seed=section.seed)
    return TrainingLoop(
        model,
        features,
        names=encoder_inputs(model.encoder),
        new_parameters=frozenset(),
        loss=model.loss(),
        settings=section,
        batches=batches,
    )


def _said(losses: Losses) -> str:
    domain, neutral = losses.perplexities
    return (
        f"loss on held-out texts {losses.domain:.4f} (perplexity {domain:.1f}), on neutral "
        f"sentences {losses.neutral:.4f} ({neutral:.1f})"
    )
