"""FastAPI around a transformers pipeline: https://fastapi.tiangolo.com/advanced/events/.

``python serve_fastapi.py MODEL PORT THREADS``. The page loads a model in the lifespan and calls it
in an ``async def``: one call at a time, which keeps to the threads that all have.
"""

import sys
from contextlib import asynccontextmanager

import torch
import uvicorn
from fastapi import FastAPI  # type: ignore[import-not-found,unused-ignore]  # of its own environment
from pydantic import BaseModel
from transformers import pipeline

ml_models: dict = {}


class Texts(BaseModel):
    """A body: one text or several."""

    inputs: str | list[str]


@asynccontextmanager
async def lifespan(app: FastAPI):
    """Load the model, serve, let it go."""
    del app
    torch.set_num_threads(int(sys.argv[3]))
    ml_models["classifier"] = pipeline("text-classification", model=sys.argv[1], device="cpu")
    yield
    ml_models.clear()


app = FastAPI(lifespan=lifespan)


@app.post("/predict")
async def predict(texts: Texts):
    """Every label of a text with its score."""
    return ml_models["classifier"](texts.inputs, top_k=None)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=False)
