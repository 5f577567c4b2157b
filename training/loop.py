"""The training loop: Hugging Face's Trainer with our batches, our loss and our evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader
from transformers import PrinterCallback, Trainer, TrainingArguments

from burnish.config import TrainSection
from burnish.errors import RunError
from burnish.torch_models.logits import pad_id

from .batches import Collator, LengthGroupedBatches
from .features import Feature
from .loss import Loss
from .watching import History, ProgressBar, Score, Watcher, restore_best

__all__ = ["fit", "practise"]


def fit(
    model: nn.Module,
    features: Sequence[Feature],
    *,
    names: Sequence[str],
    new_parameters: frozenset[str],
    loss: Loss,
    score: Score,
    settings: TrainSection,
    staging: Path,
    progress: bool,
    say: Callable[[str], None],
    start_score: float | None = None,
) -> History:
    """Train a model in place; it ends with the weights of its best epoch.

    Args:
        model: what requires a gradient is trained.
        features: training windows.
        names: the tensors that the model takes.
        new_parameters: the parameters that take the head's learning rate.
        loss: the task's.
        score: asked before the first step and after every epoch; more is better.
        settings: resolved: nothing is ``auto``.
        staging: ``log.jsonl`` and, while it runs, ``checkpoints/`` are written here.
        progress: show a bar on stderr.
        say: told every epoch's score.
        start_score: the score before the first step, where it is known already.

    Raises:
        RunError: the loss is not a number any more.
    """
    checkpoints = staging / "checkpoints"
    checkpoints.mkdir()
    with (staging / "log.jsonl").open("w", encoding="utf-8") as log:
        watcher = Watcher(
            model,
            score,
            patience=settings.patience,
            best=checkpoints / "best.safetensors",
            log=log,
            say=say,
            start_score=start_score,
        )
        _Trainer(
            model=model,
            args=_arguments(settings, checkpoints),
            train_dataset=list(features),
            data_collator=Collator(names, pad_id=pad_id(_inner(model))),
            callbacks=[watcher, *([ProgressBar()] if progress else [])],
            settings=settings,
            loss=loss,
            new_parameters=new_parameters,
        ).train()
    restore_best(model, watcher.best)
    watcher.best.unlink()
    checkpoints.rmdir()
    return watcher.history


def practise(
    model: nn.Module,
    features: Sequence[Feature],
    *,
    names: Sequence[str],
    new_parameters: frozenset[str],
    loss: Loss,
    settings: TrainSection,
    directory: Path,
    progress: bool,
) -> None:
    """Go through features once, with a rise and fall of the learning rate of their own.

    Args:
        model: trained in place.
        features: windows of made-up rows.
        names: as for :func:`fit`, like ``new_parameters``, ``loss`` and ``progress``.
        new_parameters: see ``names``.
        loss: see ``names``.
        settings: resolved; all but the epochs holds.
        directory: nothing is written there.
        progress: see ``names``.
    """
    once = settings.model_copy(update={"epochs": 1})
    _Trainer(
        model=model,
        args=_arguments(once, directory),
        train_dataset=list(features),
        data_collator=Collator(names, pad_id=pad_id(_inner(model))),
        callbacks=[ProgressBar()] if progress else [],
        settings=once,
        loss=loss,
        new_parameters=new_parameters,
    ).train()


def _arguments(settings: TrainSection, directory: Path) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(directory),
        num_train_epochs=float(settings.epochs),
        per_device_train_batch_size=int(settings.batch_size),
        gradient_accumulation_steps=settings.gradient_accumulation,
        learning_rate=float(settings.learning_rate),
        weight_decay=settings.weight_decay,
        warmup_ratio=settings.warmup_ratio,
        lr_scheduler_type="linear",
        optim="adamw_torch_fused",
        max_grad_norm=1.0,
        seed=settings.seed,
        logging_strategy="steps",
        logging_steps=1,
        logging_nan_inf_filter=False,
        eval_strategy="no",
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        use_cpu=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )


class _Trainer(Trainer):
    def __init__(
        self,
        *,
        settings: TrainSection,
        loss: Loss,
        new_parameters: frozenset[str],
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.remove_callback(PrinterCallback)  # type: ignore[no-untyped-call]
        self._settings = settings
        self._loss = loss
        self._new_parameters = new_parameters
        # Our loss averages over its batch; the Trainer then divides by the accumulated steps.
        self.model_accepts_loss_kwargs = False

    def get_train_dataloader(self) -> DataLoader[Any]:
        features: Any = self.train_dataset
        batches = LengthGroupedBatches(
            [len(feature) for feature in features],
            batch_size=int(self._settings.batch_size),
            seed=self._settings.seed,
        )
        return DataLoader(features, batch_sampler=batches, collate_fn=self.data_collator)

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        del num_items_in_batch  # the loss is an average already
        targets, weights = inputs.pop("targets"), inputs.pop("weights")
        output = self._forward(model, inputs)
        loss = self._loss(output, targets, weights)
        if not math.isfinite(loss.item()):
            raise RunError(
                f"the training diverged: the loss is {loss.item()} at step "
                f"{self.state.global_step + 1}",
                "lower the learning rate, for example train.learning_rate="
                f"{float(self._settings.learning_rate) / 4:.2g}",
            )
        return (loss, output) if return_outputs else loss

    def _forward(self, model: nn.Module, inputs: dict[str, torch.Tensor]) -> Any:
        """In bf16 only the products are: weights, loss and optimizer stay in fp32."""
        if self._settings.precision == "fp32":
            return model(**inputs)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            output = model(**inputs)
        return type(output)(**{name: tensor.float() for name, tensor in output.items()})

    def create_optimizer(self, model: nn.Module | None = None) -> torch.optim.Optimizer:
        trained_model: Any = model or self.model
        trained = [(n, p) for n, p in trained_model.named_parameters() if p.requires_grad]
        decaying = set(self.get_decay_parameter_names(trained_model))
        groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
        for name, parameter in trained:
            key = (name in self._new_parameters, name in decaying)
            groups.setdefault(key, []).append(parameter)
        head_rate, rate = self._settings.head_learning_rate, self._settings.learning_rate
        self.optimizer = torch.optim.AdamW(
            [
                {
                    "params": parameters,
                    "lr": float(head_rate if new else rate),
                    "weight_decay": self._settings.weight_decay if decay else 0.0,
                }
                for (new, decay), parameters in groups.items()
            ],
            fused=True,
        )
        return self.optimizer


def _inner(model: nn.Module) -> nn.Module:
    inner = getattr(model, "get_base_model", None)
    return inner() if inner is not None else model
