"""mosec with dynamic batches: https://mosecorg.github.io/mosec/reference/interface.html.

``python serve_mosec.py --address 127.0.0.1 --port PORT``; mosec reads its own options from the
command line, so the model and the threads come from the environment: ``MODEL`` and ``THREADS``.
"""

import os

from mosec import Server, Worker  # type: ignore[import-not-found,unused-ignore]  # of its own environment
from onnx_text import OnnxText  # type: ignore[import-not-found,unused-ignore]


class Classifier(Worker):
    """A worker of batches: ``forward`` gets a list, because ``max_batch_size`` is above 1."""

    def __init__(self):
        super().__init__()
        self.model = OnnxText(os.environ["MODEL"], threads=int(os.environ["THREADS"]))

    def forward(self, data):
        """Bodies to replies."""
        return [{"scores": scores} for scores in self.model([body["text"] for body in data])]


if __name__ == "__main__":
    server = Server()
    server.append_worker(Classifier, num=1, max_batch_size=8, max_wait_time=10)
    server.run()
