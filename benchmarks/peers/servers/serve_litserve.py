"""LitServe with dynamic batches, as https://lightning.ai/docs/litserve/features/batching writes it.

``python serve_litserve.py MODEL PORT THREADS``; one worker, which is LitServe's default.
"""

import sys

import litserve as ls  # type: ignore[import-not-found,unused-ignore]  # of its own environment
from onnx_text import OnnxText  # type: ignore[import-not-found,unused-ignore]


class TextAPI(ls.LitAPI):
    """Decode one request, predict a batch, encode one reply."""

    def setup(self, device):
        """Load the model in the worker."""
        del device
        self.model = OnnxText(sys.argv[1], threads=int(sys.argv[3]))

    def decode_request(self, request):
        """A body to its text."""
        return request["text"]

    def batch(self, inputs):
        """Texts stay a list."""
        return list(inputs)

    def predict(self, x):
        """One batch."""
        return self.model(x)

    def unbatch(self, output):
        """One answer a text."""
        return output

    def encode_response(self, output):
        """An answer to a reply."""
        return {"scores": output}


if __name__ == "__main__":
    api = TextAPI(max_batch_size=8, batch_timeout=0.01)
    server = ls.LitServer(api, accelerator="cpu")
    server.run(host="127.0.0.1", port=int(sys.argv[2]), generate_client_file=False)
