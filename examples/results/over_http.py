"""Scores of a served bundle, asked over HTTP, beside those of the run that it came from.

    python examples/results/over_http.py RUN BUNDLE TEST.jsonl

The run is answered by torch, the bundle by ``burnish serve`` in a process of its own, 64 rows a
request. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from burnish.bundle import read_bundle
from burnish.cli.served import served
from burnish.data import Example, read_rows
from burnish.run import read_run
from burnish.tasks import Prediction, Question
from burnish.tasks.classification.prediction import Classification, LabelScore
from burnish.tasks.evaluation import evaluate
from burnish.tasks.extraction.prediction import Entity, Extraction
from burnish.tasks.qa.prediction import Answer, QAPrediction
from burnish.training import evaluate_run

BATCH = 64
ROUTES = {"classification": "/classify", "extraction": "/extract", "qa": "/answer"}


def main() -> None:
    """Ask for every row of the file, twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("rows", type=Path)
    options = parser.parse_args()
    manifest = read_bundle(options.bundle).manifest
    rows = read_rows(options.rows, manifest.task.task)
    torch_scores = evaluate_run(read_run(options.run), rows).values()
    with served([options.bundle]) as client:
        predictions = list(ask(client, manifest.task, rows.examples))
    scores = evaluate(manifest.task, rows.examples, predictions, resamples=1).values()
    names = {"rows": len(rows.examples), "precision": manifest.precision}
    metrics = {
        name: {"torch": torch_scores[name], "over_http": scores[name]} for name in torch_scores
    }
    print(json.dumps({**names, "metrics": metrics}))


def ask(client: Any, task: Any, examples: tuple[Example, ...]) -> Iterator[Prediction]:
    """The server's answer to every example, in order."""
    for begin in range(0, len(examples), BATCH):
        inputs = [task.example_input(example) for example in examples[begin : begin + BATCH]]
        bodies = [body(given) for given in inputs]
        parameters = {} if task.task != "classification" or task.multi_label else {"top_k": 1}
        replies = client.ask(ROUTES[task.task], {"inputs": bodies, "parameters": parameters})
        yield from (prediction(task.task, reply) for reply in replies)


def body(given: str | Question) -> Any:
    """An input as it is sent."""
    if isinstance(given, str):
        return given
    return {"question": given.question, "context": given.context}


def prediction(task: str, reply: Any) -> Prediction:
    """A reply as the prediction that it says."""
    seen = {"tokens": 0, "windows": 0}  # said in the headers, for a whole request
    if task == "classification":
        scores = tuple(LabelScore(entry["label"], entry["score"]) for entry in reply)
        return Classification(labels=tuple(s.label for s in scores), scores=scores, **seen)
    if task == "extraction":
        names = ("entity_group", "score", "word", "start", "end")
        return Extraction(entities=tuple(Entity(*(e[n] for n in names)) for e in reply), **seen)
    answer = Answer(reply["answer"], reply["score"], reply["start"], reply["end"])
    return QAPrediction(answers=(answer,), **seen)


if __name__ == "__main__":
    main()
