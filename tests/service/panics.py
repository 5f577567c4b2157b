"""A panic of the tokenizer, as it is: no `Exception`, and a trace on standard error."""

from __future__ import annotations

import json
from typing import NoReturn

from tokenizers import Tokenizer
from tokenizers.models import WordLevel

__all__ = ["panic"]


def panic(*_: object, **__: object) -> NoReturn:
    """Encode by a template that names a token which is nowhere defined.

    Raises:
        pyo3_runtime.PanicException: the library panics.
    """
    content = json.loads(Tokenizer(WordLevel({"a": 0}, unk_token="a")).to_str())
    content["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {},
    }
    Tokenizer.from_str(json.dumps(content)).encode("a")
    raise AssertionError("it did not panic")
