"""The card's section on loading a run's model with other tools, with code to paste."""

from __future__ import annotations

from torch import nn
from transformers import EncoderDecoderModel

from burnish.tasks import Task
from burnish.tasks.heads import Head
from burnish.torch_models.base import Pooling
from burnish.torch_models.checkpoint import is_native
from burnish.torch_models.pooled import PooledClassifier

__all__ = ["loading_lines"]

_OPTIONS = {Head.SEQUENCE: ", top_k=None"}
"""Further arguments of ``pipeline``, which then returns every label's score."""
_NATIVE = """\
`model/` is a checkpoint of transformers:

```python
from transformers import pipeline

answer = pipeline("{name}", model="model"{options})
```

It gives the same logits as burnish. burnish also reads texts longer than {max_length} tokens in
windows, calibrates the scores, and applies the thresholds.
"""

_WRITTEN = """\
`model/` is a checkpoint of transformers, which has no pipeline for writing since its version 5:

```python
from transformers import AutoTokenizer, {auto}

tokenizer = AutoTokenizer.from_pretrained("model")
model = {auto}.from_pretrained("model").eval()
given = tokenizer("a text", return_tensors="pt", return_token_type_ids=False)
written = model.generate(**given, max_new_tokens=128)[0]
answer = tokenizer.decode(written, skip_special_tokens=True)
```

It writes what burnish writes for a short text. burnish also divides longer ones, keeps their line
breaks, and calibrates the score.
"""

_SPAN = """\
`model/` is a checkpoint of transformers, which has no pipeline for question answering since its
version 5:

```python
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("model")
model = AutoModelForQuestionAnswering.from_pretrained("model").eval()


def answer(question, context):
    inputs = tokenizer(question, context, truncation="only_second", return_tensors="pt")
    with torch.inference_mode():
        output = model(**inputs)
    first = int(output.start_logits.argmax())
    last = int(output.end_logits.argmax())
    return tokenizer.decode(inputs["input_ids"][0, first : last + 1])
```

It gives the same logits as burnish. burnish also looks for the best pair of first and last token
inside the context, says when there is no answer, reads contexts longer than {max_length} tokens in
windows, and calibrates the scores.
"""

_POOLED = """\
No class of transformers pools as this model does ({pooling}), so `model/` has no `config.json`,
and `AutoModelForSequenceClassification` refuses it. The encoder is a checkpoint of its own in
`model/encoder`, and the head is one matrix:

```python
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("model/encoder")
encoder = AutoModel.from_pretrained("model/encoder").eval()
head = load_file("model/head.safetensors")


{logits}
```

The columns are the labels in this order: {labels}. It gives the same logits as burnish. burnish
also reads texts longer than {max_length} tokens in windows, calibrates the scores, and applies the
thresholds.
"""
_LOGITS = """\
def logits(texts):
    inputs = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
    with torch.inference_mode():
        vectors = encoder(**inputs).last_hidden_state
    {pool}
    return pooled @ head["weight"].T + head["bias"]"""
_COMPARED = """\
def pool(texts):
    inputs = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
    with torch.inference_mode():
        vectors = encoder(**inputs).last_hidden_state
    {pool}
    return pooled


def logits(texts, others):
    one, other = pool(texts), pool(others)
    compared = torch.cat([one, other, (one - other).abs(), one * other], dim=-1)
    return compared @ head["weight"].T + head["bias"]"""
_POOL = {
    "mean": 'mask = inputs["attention_mask"].unsqueeze(-1)\n'
    "    pooled = (vectors * mask).sum(1) / mask.sum(1)",
    "cls": "pooled = vectors[:, 0]",
}
_NORMALIZE = "\n    pooled = torch.nn.functional.normalize(pooled, dim=-1)"

_BURNISH = """\
`model/` holds only what was trained, and is read together with the base model. It has no
`config.json`, and `AutoModelFor…` refuses it. burnish loads it as a torch module:

```python
from pathlib import Path

from burnish.run import read_run
from burnish.training import load_run_model

model = load_run_model(read_run(Path(".")))
```

`burnish export` writes a bundle, whose `model.onnx` needs neither the base model nor burnish: ONNX
Runtime loads it.
"""


def loading_lines(model: nn.Module, *, task: Task, pooling: Pooling) -> list[str]:
    """Lines of Markdown; the code runs in the run's directory.

    Args:
        model: as it is saved.
        task: the model's window and labels.
        pooling: how a classifier pools.
    """
    if is_native(model) and task.head is Head.SPAN:
        text = _SPAN.format(max_length=task.max_length)
    elif is_native(model) and task.head is Head.WRITTEN:
        joined = isinstance(model, EncoderDecoderModel)
        text = _WRITTEN.format(auto="EncoderDecoderModel" if joined else "AutoModelForSeq2SeqLM")
    elif is_native(model):
        text = _NATIVE.format(
            name=task.head.pipeline,
            options=_OPTIONS.get(task.head, ""),
            max_length=task.max_length,
        )
    elif isinstance(model, PooledClassifier):
        text = _POOLED.format(
            pooling="the mean of the tokens' vectors"
            if pooling == "mean"
            else "the first token's vector as it is",
            logits=(_COMPARED if task.reads_apart else _LOGITS).format(
                pool=_POOL[pooling] + (_NORMALIZE if model.normalized else "")
            ),
            labels=", ".join(f"`{label}`" for label in task.output_labels),
            max_length=task.max_length,
        )
    else:
        text = _BURNISH
    return ["## Load it with other tools", "", *text.splitlines(), ""]
