"""Candidates: the ways to quantize that are tried, and one of them measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.gates import Gate

from ..comparison import Comparison
from .plans import Plan
from .sensitivity import Sensitivity
from .timing import Timing

__all__ = ["UNIFORM", "Candidate", "mixed_plans"]

UNIFORM = (
    Plan("tensor", "tensor"),
    Plan("channel", "channel"),
    Plan("smooth", "channel", smoothing=0.7),
    Plan("blocks", "blocks", smoothing=0.5),
)
"""Every multiplication in the same way. Weights of 8 signed bits are left out, since they saturate
on processors without VNNI, and static scales, which agree with fp32 on 9 answers of 10."""

_SHARES = (1 / 12, 1 / 6, 1 / 3)
"""Of the multiplications, the most urgent ones, that a mixed plan takes out: a few
feed-forward outputs of the first layers make most of the error."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan carried out, measured and judged."""

    plan: Plan
    path: Path
    comparison: Comparison
    timing: Timing
    size_bytes: int
    gates: tuple[Gate, ...]

    @property
    def passed(self) -> bool:
        """Whether every gate holds, those that may fail too."""
        return all(gate.passed for gate in self.gates)

    @property
    def dynamic(self) -> bool:
        """Whether most of it has one scale for all tokens: the fast form."""
        return self.plan.scheme != "blocks"

    def to_json(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "name": self.plan.name,
            "scheme": self.plan.scheme,
            "smoothing": self.plan.smoothing,
            "exceptions": dict.fromkeys(self.plan.exceptions, self.plan.exception_scheme),
            "portable": self.plan.portable,
            **self.comparison.to_json(),
            "milliseconds": self.timing.milliseconds,
            "speedup": self.timing.speedup,
            "size_bytes": self.size_bytes,
            "passed": self.passed,
        }


def mixed_plans(base: Plan, ranking: Sequence[Sensitivity]) -> list[Plan]:
    """Plans that spare the most sensitive multiplications, the fewest first.

    Args:
        base: how the others are done.
        ranking: the most urgent first.
    """
    counts = sorted({max(1, round(share * len(ranking))) for share in _SHARES})
    return [
        Plan(
            name=f"{base.name}-{count}-{scheme}",
            scheme=base.scheme,
            exceptions=tuple(each.node for each in ranking[:count]),
            exception_scheme=scheme,
            smoothing=base.smoothing,
        )
        for count in counts
        for scheme in ("blocks", "fp32")
    ]
