"""What a paper says about each tuning method: its phrase, its reference and its settings.

The methods themselves lie in training; a manuscript is written without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from burnish.recipe.recipe import Recipe

__all__ = ["PaperMethod", "paper_method"]


def _lora_settings(recipe: Recipe) -> Iterator[str]:
    lora = recipe.lora
    if lora.variant != "lora":
        yield f"the LoRA variant {lora.variant}"
    if lora.plus_ratio > 1:
        yield f"a learning rate {lora.plus_ratio:g} times as large for the second matrix (LoRA+)"


@dataclass(frozen=True, kw_only=True)
class PaperMethod:
    """A method in a paper."""

    phrase: str
    """Its name in a sentence."""
    reference: str | None = None
    """Its key in ``references.bib``."""
    settings: Callable[[Recipe], Iterable[str]] = lambda _: ()
    """A recipe's unusual settings of the method, as parts of a sentence."""


_METHODS = {
    "full": PaperMethod(phrase="full fine-tuning"),
    "lora": PaperMethod(
        phrase="low-rank adaptation (LoRA)", reference="hu2022lora", settings=_lora_settings
    ),
    "adapters": PaperMethod(phrase="bottleneck adapters", reference="houlsby2019adapters"),
    "prefix": PaperMethod(phrase="prefix tuning", reference="li2021prefix"),
    "ia3": PaperMethod(phrase="(IA)³", reference="liu2022ia3"),
    "head": PaperMethod(phrase="a trained head on the frozen encoder"),
    "setfit": PaperMethod(
        phrase="contrastive few-shot tuning (SetFit)", reference="tunstall2022setfit"
    ),
}


def paper_method(name: str) -> PaperMethod:
    """The method of this name; a name that the table lacks is its own phrase."""
    return _METHODS.get(name) or PaperMethod(phrase=name)
