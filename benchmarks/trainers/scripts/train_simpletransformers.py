"""simpletransformers' own trainer, its learning rate raised to the one that learns."""

from __future__ import annotations

import json
import sys
import tempfile
from typing import Any

import pandas as pd
import torch
from clock import Clock, accuracy, rows
from simpletransformers.classification import ClassificationModel

LEARNING_RATE = 3e-4


def main(given: dict[str, str]) -> None:
    """Train as the given keys say, an evaluation an epoch."""
    torch.set_num_threads(int(given["threads"]))
    clock = Clock()
    train, validation = rows(given["train"]), rows(given["validation"])
    labels = sorted({row["label"] for row in train})

    def frame(part: list[dict[str, Any]]) -> pd.DataFrame:
        pairs = [[row["text"], labels.index(row["label"])] for row in part]
        return pd.DataFrame(pairs, columns=["text", "labels"])

    def score(right: Any, said: Any) -> float:
        value = accuracy(list(said), list(right))
        clock.scored(value)
        return value

    with tempfile.TemporaryDirectory() as directory:
        model = ClassificationModel(
            "bert",
            given["model"],
            num_labels=len(labels),
            use_cuda=False,
            args={
                "learning_rate": LEARNING_RATE,
                "num_train_epochs": int(given["epochs"]),
                "train_batch_size": int(given["batch_size"]),
                "eval_batch_size": 32,
                "max_seq_length": 128,
                "warmup_ratio": 0.1,
                "evaluate_during_training": True,
                "evaluate_during_training_steps": 0,
                "evaluate_during_training_verbose": False,
                "manual_seed": 13,
                "no_save": True,
                "save_eval_checkpoints": False,
                "save_model_every_epoch": False,
                "silent": True,
                "use_multiprocessing": False,
                "use_multiprocessing_for_evaluation": False,
                "output_dir": directory,
                "cache_dir": f"{directory}/cache",
                "tensorboard_dir": f"{directory}/board",
                "best_model_dir": f"{directory}/best",
                "overwrite_output_dir": True,
            },
        )
        model.train_model(frame(train), eval_df=frame(validation), accuracy=score)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
