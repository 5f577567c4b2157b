"""A plain Trainer as its documentation writes one, over the literature's grid.

Three rates by three lengths, a random head, linear decay after a tenth of warm-up (Devlin et al.
2019; Mosbach et al. 2021 for 20 epochs). Validation
chooses one of the nine.
"""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import torch
from given import Given, Row, labels_of, take_part
from linear import THRESHOLDS, label_score, labels_said
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
)

RATES = (2e-5, 5e-5, 2e-4)
EPOCHS = (3, 10, 20)
TOKENS = 256


class Encoded(torch.utils.data.Dataset):
    """Encoded rows."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self._rows[index]


def answer(given: Given) -> tuple[list[Any], str]:
    """Answers for the test rows."""
    torch.set_num_threads(given.threads)
    kind = Tagger(given) if given.answer == "entities" else Classifier(given)
    best: tuple[float, list[Any], str] = (-1.0, [], "")
    for rate in RATES:
        for epochs in EPOCHS:
            score, said = kind.train(rate, epochs)
            if score > best[0]:
                best = score, said, f"rate {rate:g}, {epochs} epochs"
    return best[1], best[2]


class _Kind:
    """Rows, model and answers of a task."""

    collator: Any

    def __init__(self, given: Given) -> None:
        self.given = given
        self.tokenizer = AutoTokenizer.from_pretrained(given.base)
        self.parts = {part: given.rows(part) for part in ("train", "validation", "test")}

    def model(self) -> Any:
        """A fresh one."""

    def encode(self, row: Row, *, labelled: bool) -> dict[str, Any]:
        """A row for the model."""
        return {}

    def choose(self, held: Any, test: Any) -> tuple[float, list[Any]]:
        """Score on validation, and answers for the test rows, from the model's outputs."""
        return 0.0, []

    def train(self, rate: float, epochs: int) -> tuple[float, list[Any]]:
        """Train once; score on validation, answers for the test rows."""
        with tempfile.TemporaryDirectory() as directory:
            arguments = TrainingArguments(
                directory,
                learning_rate=rate,
                num_train_epochs=epochs,
                per_device_train_batch_size=16,
                per_device_eval_batch_size=32,
                warmup_steps=0.1,  # of all steps
                weight_decay=0.01,
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
                seed=self.given.seed,
            )
            trainer = Trainer(
                model=self.model(),
                args=arguments,
                train_dataset=self._encoded("train", labelled=True),
                data_collator=self.collator,
            )
            trainer.train()
            held = trainer.predict(self._encoded("validation", labelled=False)).predictions
            test = trainer.predict(self._encoded("test", labelled=False)).predictions
        return self.choose(held, test)

    def _encoded(self, part: str, *, labelled: bool) -> Encoded:
        return Encoded([self.encode(row, labelled=labelled) for row in self.parts[part]])


class Classifier(_Kind):
    """One label or several."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self.names = sorted({label for row in self.parts["train"] for label in labels_of(row)})
        self.several = given.answer == "labels"
        self.collator = DataCollatorWithPadding(self.tokenizer)

    def model(self) -> Any:
        problem = "multi_label_classification" if self.several else "single_label_classification"
        return AutoModelForSequenceClassification.from_pretrained(
            self.given.base, num_labels=len(self.names), problem_type=problem
        )

    def encode(self, row: Row, *, labelled: bool) -> dict[str, Any]:
        encoding = dict(self.tokenizer(row["text"], truncation=True, max_length=TOKENS))
        if labelled and self.several:
            encoding["labels"] = [float(name in row["labels"]) for name in self.names]
        elif labelled:
            encoding["labels"] = self.names.index(row["label"])
        return encoding

    def choose(self, held: Any, test: Any) -> tuple[float, list[Any]]:
        rows, names = self.parts["validation"], np.array(self.names)
        if not self.several:
            said = labels_said(held, names, 0.0, several=False)
            return label_score(said, rows), labels_said(test, names, 0.0, several=False)
        held, test = 1 / (1 + np.exp(-held)), 1 / (1 + np.exp(-test))
        scores = {
            t: label_score(labels_said(held, names, t, several=True), rows) for t in THRESHOLDS
        }
        best = max(scores, key=lambda t: scores[t])
        return scores[best], labels_said(test, names, best, several=True)


class Tagger(_Kind):
    """BIO tags of words."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self.tags = sorted({tag for row in self.parts["train"] for tag in row["tags"]})
        self.collator = DataCollatorForTokenClassification(self.tokenizer)

    def model(self) -> Any:
        return AutoModelForTokenClassification.from_pretrained(
            self.given.base, num_labels=len(self.tags)
        )

    def _words(self, row: Row) -> Any:
        return self.tokenizer(
            row["tokens"], is_split_into_words=True, truncation=True, max_length=TOKENS
        )

    def encode(self, row: Row, *, labelled: bool) -> dict[str, Any]:
        encoding = self._words(row)
        firsts = _firsts(encoding.word_ids())
        tags = [
            -100 if word is None else self.tags.index(row["tags"][word]) if labelled else 0
            for word in firsts
        ]
        return {**encoding, "labels": tags}

    def choose(self, held: Any, test: Any) -> tuple[float, list[Any]]:
        known = self.parts["validation"]
        said = [self._entities(row, each) for row, each in zip(known, held, strict=True)]
        hits = sum(len(a & _keys(row["entities"])) for a, row in zip(said, known, strict=True))
        weight = sum(len(a) + len(row["entities"]) for a, row in zip(said, known, strict=True))
        answers = [
            [{"start": start, "end": end, "label": label} for start, end, label in sorted(found)]
            for found in (
                self._entities(row, each)
                for row, each in zip(self.parts["test"], test, strict=True)
            )
        ]
        return 2 * hits / max(weight, 1), answers

    def _entities(self, row: Row, scores: Any) -> set[tuple[int, int, str]]:
        """Entities of the words' tags; an I without a beginning begins one."""
        tags = ["O"] * len(row["tokens"])
        for position, word in enumerate(_firsts(self._words(row).word_ids())):
            if word is not None:
                tags[word] = self.tags[int(scores[position].argmax())]
        found, begun, at = [], None, 0
        for token, tag in zip(row["tokens"], tags, strict=True):
            start = row["text"].index(token, at)
            at = start + len(token)
            kind = tag[2:]
            if tag[:2] == "I-" and begun is not None and begun[2] == kind:
                begun = (begun[0], at, kind)
                found[-1] = begun
            elif tag != "O":
                begun = (start, at, kind)
                found.append(begun)
            else:
                begun = None
        return set(found)


def _firsts(words: list[int | None]) -> list[int | None]:
    """Each word's number at its first token, else None."""
    before: int | None = None
    firsts = []
    for word in words:
        firsts.append(None if word == before else word)
        before = word
    return firsts


def _keys(entities: list[dict[str, Any]]) -> set[tuple[int, int, str]]:
    return {(each["start"], each["end"], each["label"]) for each in entities}


if __name__ == "__main__":
    take_part(answer)
