"""The sections of a recipe: their keys and defaults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from burnish.data.columns import Columns
from burnish.data.label_forms import NO_LABEL
from burnish.data.offsets import parse_counting
from burnish.errors import ConfigError, UsageError
from burnish.recipe.fields import AutoBool, AutoFloat, AutoInt, AutoRatio, AutoWindow, FileOrShare
from burnish.recipe.section import Section

__all__ = [
    "ADOPTED",
    "AdaptersSection",
    "BiasSection",
    "ClassificationSection",
    "DataSection",
    "LoraSection",
    "PairsSection",
    "PrefixSection",
    "QaSection",
    "RegressionSection",
    "SetfitSection",
    "SummarySection",
    "TaxonomySection",
    "TrainSection",
]


ADOPTED = "adopted"
"""The method of a run whose model was trained elsewhere: its recipe names no rows to train on."""


class DataSection(Section):
    """Where the rows are, and what their columns are called."""

    train: Path | None = None
    """None only where the model was adopted."""
    validation: FileOrShare = None
    test: FileOrShare = None
    text: str = "text"
    pair: str = "text_pair"
    label: str = "label"
    labels: str = "labels"
    taxonomy: Path | None = None
    score: str = "score"
    summary: str = "summary"
    source: str = "source"
    target: str = "target"
    languages: tuple[str, str] | None = None
    decimal: Literal[".", ","] = "."
    label_columns: tuple[str, ...] = ()
    separator: str | None = None
    label_names: tuple[str, ...] | None = None
    no_label: tuple[str, ...] = NO_LABEL
    documents: str | None = None
    id: str | None = None
    group: str | None = None
    subgroups: tuple[str, ...] = ()
    entities: str = "entities"
    tokens: str = "tokens"
    tags: str | None = None
    tag_names: tuple[str, ...] | None = None
    word_column: str | None = Field(default=None, coerce_numbers_to_str=True)
    tag_column: str | None = Field(default=None, coerce_numbers_to_str=True)
    offsets: str | None = None
    question: str = "question"
    context: str = "context"
    answers: str = "answers"
    sheet: str | None = None
    unlabelled: Literal["error", "leave_out"] = "error"
    allow_paths: bool = False
    out_of_scope: str | None = Field(default=None, min_length=1)

    @field_validator("no_label", mode="before")
    @classmethod
    def _one_mark_needs_no_list(cls, marks: Any) -> Any:
        return tuple(filter(None, (marks,))) if isinstance(marks, str) or marks is None else marks

    @field_validator("offsets")
    @classmethod
    def _offsets_are_counted_so(cls, name: str | None) -> str | None:
        try:
            return name if name is None else parse_counting(name).name
        except UsageError as error:
            raise ValueError(f"{error.message}; {error.hint}") from error

    @field_validator("languages")
    @classmethod
    def _languages_differ(cls, codes: tuple[str, str] | None) -> tuple[str, str] | None:
        if codes is not None and (not all(codes) or codes[0].lower() == codes[1].lower()):
            raise ValueError("must name two languages, the source's first, for example [en, sw]")
        return codes

    @field_validator("subgroups", mode="before")
    @classmethod
    def _one_column_needs_no_list(cls, names: Any) -> Any:
        return (names,) if isinstance(names, str) else names

    @field_validator("subgroups")
    @classmethod
    def _columns_differ(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not all(names) or len(set(names)) < len(names):
            raise ValueError("must name columns, each once, for example [age, site]")
        return names

    @property
    def train_file(self) -> Path:
        """The file of the training rows.

        Raises:
            ConfigError: the recipe is that of an adopted model, which has none.
        """
        if self.train is None:
            raise ConfigError(
                "data -> train: is missing: the recipe is that of an adopted model, whose training "
                "rows are not known",
                "write a recipe to train with: burnish init TASK",
            )
        return self.train

    def columns(self) -> Columns:
        """The names, for the readers."""
        return Columns(**self.model_dump(exclude={"train", "validation", "test", "out_of_scope"}))

    def columns_to_learn(self) -> Columns:
        """The columns of rows that are only trained on: their subgroups are not needed."""
        return replace(self.columns(), subgroups=())

    def columns_to_score(self) -> Columns:
        """The columns of rows that a finished model is asked about: it knows the tree itself."""
        return replace(self.columns_to_learn(), taxonomy=None)


class TrainSection(Section):
    """How the model is tuned. ``auto`` is a value that suits method, model and task."""

    epochs: AutoInt = "auto"
    batch_size: AutoInt = "auto"
    learning_rate: AutoFloat = "auto"
    head_learning_rate: AutoFloat = "auto"
    max_length: AutoWindow = "auto"
    stride: AutoInt = "auto"
    metric: str = "auto"
    patience: AutoInt = "auto"
    seed: int = Field(default=13, ge=0, lt=2**32)
    seeds: AutoInt = "auto"
    warmup_ratio: float = Field(default=0.1, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    gradient_accumulation: int = Field(default=1, ge=1)
    schedule: Literal["auto", "linear", "slanted", "cosine", "constant"] = "auto"
    layer_decay: AutoFloat = "auto"
    gradual_unfreezing: AutoBool = "auto"
    freeze: int = Field(default=0, ge=0)
    regularization: Literal["none", "l2", "mixout"] = "none"
    """Runs of 0.1.0 may have ``mixout``; training refuses it now."""
    regularization_strength: AutoFloat = "auto"
    class_weights: Literal["none", "balanced"] = "none"
    synthetic_questions: AutoRatio = "auto"
    embeddings: Literal["auto", "tuned", "frozen"] = "auto"
    attention_dropout: Literal["auto", "base", "none"] = "auto"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    threads: AutoInt = "auto"
    checkpoint_minutes: float = Field(default=5, ge=0)
    tracker: Literal["none", "tensorboard", "mlflow"] = "none"
    tracking_dir: str | None = Field(default=None, min_length=1)
    """A directory; for MLflow also a tracking URI."""

    @field_validator("stride")
    @classmethod
    def _stride_leaves_room(cls, stride: int | str, info: ValidationInfo) -> int | str:
        window = info.data.get("max_length", "auto")
        if isinstance(stride, int) and isinstance(window, int) and stride > window // 2:
            raise ValueError(
                f"{stride} is more than half of max_length, {window}; "
                f"use auto or at most {window // 2}"
            )
        return stride

    @field_validator("layer_decay")
    @classmethod
    def _lower_layers_are_slower(cls, factor: float | str) -> float | str:
        if isinstance(factor, float | int) and factor < 1:
            raise ValueError("must be auto, 1 (every layer alike), or more")
        return factor


class BiasSection(Section):
    """Where bias is looked for: texts with terms of people's groups."""

    language: str | None = Field(default=None, min_length=2, max_length=12)
    """Of burnish/evidence/bias/terms.py; None: the one that the texts' common words tell."""
    terms: Path | None = None
    """A YAML file of further terms."""


class LoraSection(Section):
    """Low-rank adaptation (Hu et al. 2021) and its variants."""

    r: int = Field(default=16, ge=1)
    alpha: float = Field(default=32, gt=0)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    variant: Literal["lora", "rslora", "dora", "adalora"] = "lora"
    plus_ratio: float = Field(default=1.0, ge=1)

    @field_validator("plus_ratio")
    @classmethod
    def _adalora_has_no_zero_factor(cls, ratio: float, info: ValidationInfo) -> float:
        if ratio != 1 and info.data.get("variant") == "adalora":
            raise ValueError("must be 1 with adalora, none of whose factors starts at zero")
        return ratio


class AdaptersSection(Section):
    """Bottleneck adapters (Houlsby et al. 2019, Pfeiffer et al. 2021)."""

    kind: Literal["houlsby", "pfeiffer"] = "houlsby"
    reduction: float = Field(default=16, ge=1)


class PrefixSection(Section):
    """Prefix tuning (Li & Liang 2021), and P-tuning v2 (Liu et al. 2022) without the network."""

    length: int = Field(default=16, ge=1)
    reparametrization: bool = True
    bottleneck: int = Field(default=128, ge=1)


class QaSection(Section):
    """What question answering alone reads."""

    max_answer_tokens: AutoInt = "auto"
    """The longest answer that can be given; ``auto``: the longest of the training rows, and 30 at
    least."""


class ClassificationSection(Section):
    """What classification alone reads."""

    at_least_one: AutoBool = "auto"
    """Whether each text of several labels gets its best one where none reaches its threshold;
    ``auto``: if every row has a label, and ``thresholds`` is f1."""


class PairsSection(Section):
    """What text pairs alone read."""

    at_least_one: AutoBool = "auto"
    """As for classification."""
    reading: Literal["auto", "together", "apart"] = "auto"
    """Whether the encoder sees both texts at once, or each alone; ``auto``: apart, if the base is
    one for comparing texts, which declares how it pools."""


class RegressionSection(Section):
    """What scores alone read."""

    ordinal: AutoBool = "auto"
    """Whether scores are levels, such as 1 to 5, so that answers also have the nearest level;
    ``auto``: 3 to 10 different whole numbers are."""


class TaxonomySection(Section):
    """What labels in a tree alone read."""

    loss: Literal["auto", "conditional", "flat", "levels"] = "auto"
    """What the model learns of each label: whether it holds where its parent does, or by itself;
    ``levels`` is conditional, with half the weight for each level further down; ``auto``:
    conditional."""


class SummarySection(Section):
    """What summaries alone read: how long they are, in one of three ways, and how repetitive."""

    sentences: int | None = Field(default=None, ge=1)
    """How many sentences; where no length is given, as many as score best on validation."""
    words: int | None = Field(default=None, ge=1)
    """The most words."""
    ratio: float | None = Field(default=None, gt=0, le=1)
    """The largest share of the document's words."""
    diversity: float | None = Field(default=None, ge=0, le=1)
    """How much a sentence loses that says again what another said; None: what scores best on
    validation."""

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        given = [key for key in ("sentences", "words", "ratio") if getattr(self, key) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are given; a summary has one length")
        return self


class SetfitSection(Section):
    """Contrastive tuning (Tunstall et al. 2022), in the batches' own pairs (Khosla et al. 2020)."""

    loss: Literal["supervised", "cosine"] = "supervised"
    temperature: float = Field(default=0.05, gt=0, le=10)
    samples_per_class: int = Field(default=4, ge=2)
    sampling: Literal["unique", "oversampling"] = "unique"
    weight_ensemble: float = Field(default=0.5, gt=0, le=1)
    use_label_names: Literal["auto", "never"] = "auto"
