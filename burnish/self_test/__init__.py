"""The self-test: neutral texts of our own, and a bundle's answers to them at export.

A server asks them again before a bundle answers anybody: a processor, or a version of a library,
on which the model answers otherwise is found before a user finds it. To ask them at export is
`burnish.self_test.asking`, which loads the graph.
"""

from burnish.self_test.comparison import TOLERANCES, answer_record, mismatches
from burnish.self_test.record import ProbeAnswer, Probes
from burnish.self_test.texts import PROBE_SET, probes_for

__all__ = [
    "PROBE_SET",
    "TOLERANCES",
    "ProbeAnswer",
    "Probes",
    "answer_record",
    "mismatches",
    "probes_for",
]
