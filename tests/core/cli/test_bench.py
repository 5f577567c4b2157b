"""`burnish bench`."""

from __future__ import annotations


def test_bench_measures_a_bundle(shell, bundles) -> None:
    words = ("--lengths", 8, "--seconds", 0.05, "--threads", 1, "--json")
    done = shell("bench", bundles["classification"], *words)
    assert done.code == 0
    assert [each["tokens"] for each in done.document["lengths"]] == [8]
