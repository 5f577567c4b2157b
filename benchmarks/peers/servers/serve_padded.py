"""text-embeddings-inference's way of batching, in Starlette: it is not on the package index.

First come, first served; whatever waits, at most 8, becomes one padded batch of one session
(https://github.com/huggingface/text-embeddings-inference: core/src/queue.rs, and
``max_batch_size`` of backends/ort/src/lib.rs). ``python serve_padded.py MODEL PORT THREADS``.
"""

import asyncio
import sys
from contextlib import asynccontextmanager

import uvicorn
from onnx_text import OnnxText  # type: ignore[import-not-found,unused-ignore]
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

LARGEST = 8


async def work(queue, model):
    """Answer batches for ever."""
    while True:
        waiting = [await queue.get()]
        while len(waiting) < LARGEST and not queue.empty():
            waiting.append(queue.get_nowait())
        try:
            answers = await asyncio.to_thread(model, [text for text, _ in waiting])
        except Exception as error:  # noqa: BLE001  a failed batch fails all its requests
            answers = [error] * len(waiting)
        for (_, future), answer in zip(waiting, answers, strict=True):
            if not future.done():
                future.set_result(answer)


@asynccontextmanager
async def lifespan(app):
    """Load the model and begin to work."""
    app.state.queue = asyncio.Queue()
    model = OnnxText(sys.argv[1], threads=int(sys.argv[3]))
    task = asyncio.create_task(work(app.state.queue, model))
    yield
    task.cancel()


async def predict(request):
    """One text, queued."""
    body = await request.json()
    future = asyncio.get_running_loop().create_future()
    await request.app.state.queue.put((body["text"], future))
    answer = await future
    if isinstance(answer, Exception):
        return JSONResponse({"error": str(answer)}, status_code=500)
    return JSONResponse({"scores": answer})


app = Starlette(routes=[Route("/predict", predict, methods=["POST"])], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=False)
