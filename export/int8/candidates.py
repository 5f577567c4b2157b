"""Candidates: the plans that the search tries, and what it measures of each."""

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
"""Plans that treat every multiplication alike. Weights of 8 signed bits are left out, since they
saturate on processors without VNNI. So are static scales, which agree with fp32 on only 9 answers
of 10."""

_SHARES = (1 / 12, 1 / 6, 1 / 3)
"""Shares of the multiplications, the most urgent ones, that a mixed plan excepts: a few
feed-forward outputs of the first layers cause most of the error."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan that was carried out, measured and judged."""

    plan: Plan
    path: Path
    comparison: Comparison
    timing: Timing
    size_bytes: int
    gates: tuple[Gate, ...]

    @property
    def passed(self) -> bool:
        """Whether every gate passes, including those that may fail."""
        return all(gate.passed for gate in self.gates)

    @property
    def dynamic(self) -> bool:
        """Whether most multiplications have one scale for all tokens, which is the fast form."""
        return self.plan.scheme != "blocks"

    def to_json(self) -> dict[str, Any]:
        """The JSON object of the manifest."""
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
        base: the plan for all other multiplications.
        ranking: the multiplications, the most urgent first.
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
