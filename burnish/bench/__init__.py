"""Timing of a bundle on this machine, with nothing but the base install."""

from burnish.bench.machine import Machine, describe_machine
from burnish.bench.measure import DEFAULT_LENGTHS, bench_bundle
from burnish.bench.report import BenchReport, LengthFigures

__all__ = [
    "DEFAULT_LENGTHS",
    "BenchReport",
    "LengthFigures",
    "Machine",
    "bench_bundle",
    "describe_machine",
]
