"""The logits of many texts, of which each process computes its share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from torch import nn

from burnish.tasks import Encoding, Task
from burnish.torch_models.logits import predict_logits

from .processes import gathered, process_count, process_rank

__all__ = ["shared_logits"]


def shared_logits(
    model: nn.Module, task: Task, encodings: Sequence[Encoding]
) -> list[list[npt.NDArray[np.float32]]]:
    """Share :func:`burnish.torch_models.logits.predict_logits`; every process gets all logits.

    All processes must call it with the same arguments.
    """
    own = encodings[process_rank() :: process_count()]
    return gathered(predict_logits(model, task, own))
