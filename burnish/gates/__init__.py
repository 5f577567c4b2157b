"""Gates: named checks with a threshold, in one place for training and export."""

from burnish.gates.checks import CHECKS, check_names
from burnish.gates.judging import blocking, judge, limit_of, unknown
from burnish.gates.markdown import gate_table
from burnish.gates.record import Gate, Severity
from burnish.gates.settings import GateSettings

__all__ = [
    "CHECKS",
    "Gate",
    "GateSettings",
    "Severity",
    "blocking",
    "check_names",
    "gate_table",
    "judge",
    "limit_of",
    "unknown",
]
