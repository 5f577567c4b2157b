"""The script that turns the pickled head of a SetFit model into safetensors.

burnish prints it and never runs it: whoever runs it opens a pickle, which can run any code. It
needs nothing of burnish, so that it runs where the model was made.
"""

from __future__ import annotations

__all__ = ["HEAD_SCRIPT"]

HEAD_SCRIPT = '''\
"""Write the head of a SetFit model as safetensors: python setfit_head.py MODEL

This opens MODEL/model_head.pkl. It is a pickle, which can run any code on this machine: run this
only where you trust whoever made the file. It needs joblib, numpy, safetensors, and the package
that made the head (scikit-learn, or setfit for a differentiable head).
"""

import hashlib
import json
import sys
from pathlib import Path

import joblib
import numpy as np
from safetensors.numpy import save_file

directory = Path(sys.argv[1])
pickled = directory / "model_head.pkl"
head = joblib.load(pickled)
several = False
if hasattr(head, "linear"):  # setfit's differentiable head
    scale = float(head.temperature) + float(getattr(head, "eps", 0))
    weight = head.linear.weight.detach().cpu().numpy() / scale
    bias = head.linear.bias.detach().cpu().numpy() / scale
    several = bool(head.multitarget)
    classes = list(range(len(weight)))
elif hasattr(head, "order_"):
    sys.exit("a ClassifierChain feeds one answer into the next: it is not one linear layer")
elif hasattr(head, "estimators_"):  # one logistic regression per label
    if not all(hasattr(each, "coef_") for each in head.estimators_):
        sys.exit("a label of this head has no coefficients: it was in every row, or in none")
    weight = np.stack([each.coef_[0] for each in head.estimators_])
    bias = np.stack([each.intercept_[0] for each in head.estimators_])
    several = True
    classes = list(range(len(weight)))
elif hasattr(head, "coef_"):
    weight, bias = np.asarray(head.coef_), np.asarray(head.intercept_)
    if len(weight) == 1:  # two classes: one score, whose sign decides
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    classes = np.asarray(head.classes_).tolist()
else:
    sys.exit(f"{type(head).__name__} has no coefficients: it is not a linear head")
target = directory / "model_head.safetensors"
tensors = {"weight": weight, "bias": bias}
save_file(
    {name: np.ascontiguousarray(each, dtype=np.float32) for name, each in tensors.items()},
    target,
    metadata={
        "classes": json.dumps(classes),
        "several_labels": json.dumps(several),
        "pickle_sha256": hashlib.sha256(pickled.read_bytes()).hexdigest(),
    },
)
print(f"{target}: {len(weight)} outputs: {', '.join(map(str, classes))}")
'''
