"""Base models for a field: how they read its words, and what they become by its texts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.api.extras import needs_train

if TYPE_CHECKING:
    from burnish.training.pipeline.pretraining.settings import Pretrained
    from burnish.training.pipeline.vocabulary import VocabularyReport
    from burnish.training.pipeline.vocabulary_pruning import PrunedVocabulary

__all__ = ["pretrain", "prune_vocabulary", "vocabulary"]


def pretrain(
    texts: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    base_model: str | os.PathLike[str] = "minilm",
    revision: str | None = None,
    held_out: str | os.PathLike[str] | None = None,
    text: str = "text",
    epochs: int = 3,
    batch_size: int = 16,
    max_length: int = 128,
    learning_rate: float | None = None,
    add_tokens: int = 0,
    seed: int = 13,
    threads: int | None = None,
    replace: bool = False,
    fresh: bool = False,
    notify: Callable[[str], None] | None = None,
    progress: bool | None = None,
) -> Pretrained:
    """Go on with a base model's pre-training, on texts without labels, and write a new base.

    An interrupted pre-training continues from its newest checkpoint and ends with the same
    weights as one that was never interrupted. `compare_bases` says whether the new base helps.

    Args:
        texts: a file of texts (``.txt`` with one per line, ``.jsonl``, ``.csv``, ``.tsv``,
            ``.xlsx``, ``.parquet``), or a folder of ``.txt``. They may be larger than the memory.
        output: the directory of the new base.
        base_model: the base to begin with, as in a recipe.
        revision: the commit, branch or tag of a base on the hub.
        held_out: texts to measure the loss on. None keeps a twentieth of ``texts`` for that.
        text: the column or field of the text.
        epochs: how often every text is read.
        batch_size: windows per step.
        max_length: tokens per window, at least 16.
        learning_rate: None takes 2e-4, and less for larger bases.
        add_tokens: at most this many words that the base reads in pieces become tokens.
        seed: decides which tokens are hidden, and the order of the windows.
        threads: None takes all processors that this process may use.
        replace: replace an older base in the output directory.
        fresh: start again, even if a checkpoint is there.
        notify: called with one line of text per event.
        progress: whether to draw a progress bar on standard error. None draws one on a terminal.

    Returns:
        The losses before and after, in nats per token, and the new base's ``path``, which a
        recipe's ``base_model`` takes.

    Raises:
        burnish.errors.MissingExtraError: the extra ``train`` is not installed.
        burnish.errors.UsageError: there are no such texts, a setting cannot have its value, or
            the output directory holds something that may not be replaced.
        burnish.errors.DataError: the texts cannot be read, or are too few.
        burnish.errors.BaseModelError: the base is refused, or its family has no masked language
            model.
        burnish.errors.RunError: another process writes the output, an interrupted pre-training was
            begun with something else, or the disk is full.
        burnish.errors.StoppedError: SIGTERM or SIGINT stopped it.

    Examples:
        >>> base = burnish.pretrain("letters/", "bases/letters", epochs=2)
        >>> base.before.domain, base.after.domain
        (6.234, 3.393)
        >>> run = burnish.train("tickets.yaml", [f"base_model={base.path}"])
    """
    with needs_train():
        from burnish.training.pipeline.pretraining.pretraining import pretrain
        from burnish.training.pipeline.pretraining.settings import PretrainSettings

    settings = PretrainSettings(
        epochs=epochs,
        batch_size=batch_size,
        max_length=max_length,
        learning_rate=learning_rate,
        seed=seed,
        threads=threads,
        add_tokens=add_tokens,
        text=text,
    )
    return pretrain(
        Path(texts),
        Path(output),
        base_model=os.fspath(base_model),
        revision=revision,
        held_out=None if held_out is None else Path(held_out),
        settings=settings,
        replace=replace,
        fresh=fresh,
        notify=notify,
        progress=progress,
    )


def vocabulary(
    texts: str | os.PathLike[str],
    *,
    base_model: str | os.PathLike[str] = "minilm",
    revision: str | None = None,
    text: str = "text",
) -> VocabularyReport:
    """Say how a base model's tokenizer reads the words of texts, and what to do about it.

    Args:
        texts: a file of texts or a folder of ``.txt``, as `pretrain` takes them. They may be larger
            than the memory.
        base_model: the base whose tokenizer reads, as in a recipe.
        revision: the commit, branch or tag of a base on the hub.
        text: the column or field of the text.

    Returns:
        The figures of these texts (``own``) and of plain sentences (``plain``), and one
        ``advice`` with its ``reason``.

    Raises:
        burnish.errors.MissingExtraError: the extra ``train`` is not installed.
        burnish.errors.UsageError: there are no such texts.
        burnish.errors.DataError: the texts cannot be read, or have no word.
        burnish.errors.BaseModelError: the base is refused.

    Examples:
        >>> found = burnish.vocabulary("letters/")
        >>> str(found.advice), found.own.split
        ('adapt', 0.16)
        >>> [term.word for term in found.own.terms[:2]]
        ['angioplasty', 'ischemic']
    """
    with needs_train():
        from burnish.training.pipeline.vocabulary import judge_vocabulary

    return judge_vocabulary(
        Path(texts), base_model=os.fspath(base_model), revision=revision, text=text
    )


def prune_vocabulary(
    base_model: str | os.PathLike[str],
    texts: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    revision: str | None = None,
    text: str = "text",
    replace: bool = False,
    notify: Callable[[str], None] | None = None,
) -> PrunedVocabulary:
    """Write a base model without the tokens that a field's texts never use.

    A text that needs no removed token keeps its tokens and their vectors, bit for bit.

    Args:
        base_model: the base, as in a recipe.
        texts: a file of texts or a folder of ``.txt``, as `pretrain` takes them: everything that
            the field may hold. A twentieth of them chooses no token, and measures what is lost.
        output: the directory of the new base.
        revision: the commit, branch or tag of a base on the hub.
        text: the column or field of the text.
        replace: replace an older pruned base in the output directory.
        notify: called with one line of text per event.

    Returns:
        The tokens and bytes before and after, how many held-out texts are read otherwise, and the
        new base's ``path``, which a recipe's ``base_model`` takes.

    Raises:
        burnish.errors.MissingExtraError: the extra ``train`` is not installed.
        burnish.errors.UsageError: there are no such texts, or the output directory holds something
            that may not be replaced.
        burnish.errors.DataError: the texts cannot be read.
        burnish.errors.BaseModelError: the base is refused, or its tokens are built of each other.
        burnish.errors.RunError: the new base gives other vectors to the same tokens.

    Examples:
        >>> base = burnish.prune_vocabulary("minilm", "letters/", "bases/letters")
        >>> base.before, base.after
        (30522, 10970)
    """
    with needs_train():
        from burnish.training.pipeline.vocabulary_pruning import prune_vocabulary

    return prune_vocabulary(
        os.fspath(base_model),
        Path(texts),
        Path(output),
        revision=revision,
        text=text,
        replace=replace,
        notify=notify,
    )
