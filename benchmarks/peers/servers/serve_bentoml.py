"""BentoML with adaptive batches, as its page on them writes it.

https://docs.bentoml.com/en/latest/get-started/adaptive-batching.html, with the batch size and the
latency of its example. The latency's default, a minute, let a lone request wait for 36 s; the
example's second refuses with 503 what would take longer. ``bentoml serve serve_bentoml:Classifier
--port PORT`` in this folder; the model and the threads come from the environment: ``MODEL`` and
``THREADS``.
"""

import os

import bentoml
from onnx_text import OnnxText  # type: ignore[import-not-found,unused-ignore]


@bentoml.service(workers=1, traffic={"timeout": 60})
class Classifier:
    """A service with one batchable endpoint."""

    def __init__(self) -> None:
        self.model = OnnxText(os.environ["MODEL"], threads=int(os.environ["THREADS"]))

    @bentoml.api(batchable=True, max_batch_size=32, max_latency_ms=1000)
    def classify(self, texts: list[str]) -> list[list[dict]]:
        """Scores of each text."""
        return self.model(texts)
