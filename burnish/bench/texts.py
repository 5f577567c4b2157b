"""Neutral texts of an exact number of tokens, counted by a bundle's own tokenizer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

from burnish.errors import BundleError, UsageError
from burnish.tasks import Encoding, Input, Task, TextEncoder
from burnish.tasks.table import find_task

__all__ = ["encode_input", "inputs_of_length"]

_PASSAGE = """
The ferry leaves the small harbour at seven in the morning and comes back before dark. In summer
a second boat carries visitors to the island, where an old keeper shows them the lighthouse and
the garden behind it. Bread, milk and letters cross on the same deck as the school children, who
know every rope by name. When the wind turns to the north the captain waits, sometimes for an
hour, sometimes until the next day, and nobody complains, because the coffee in the waiting room
is free. Last winter the pier was repaired with oak from the hills; two carpenters and a baker
did the work in nine days. On the first of May the band plays near the water, the shops stay open
late, and the boats are painted in the colours that each family has used for a hundred years.
Someone always writes down the number of the guests, the price of the fish and the height of the
tide, so that the book in the town hall grows by a page a week.
"""
_WORDS = _PASSAGE.split()
_NEARBY_CHARS = 12


def inputs_of_length(
    task: Task, encoder: TextEncoder, tokens: int, *, count: int = 8
) -> tuple[Input, ...]:
    """Different inputs that fill a window of exactly ``tokens`` tokens.

    Special tokens and, for question answering, the question are counted, as they are in
    ``max_length``: 512 tokens are one full window of 512. A longer input is counted as if its
    window were long enough, and becomes several.

    Args:
        task: whose inputs.
        encoder: the bundle's tokenizer with its windows.
        tokens: how long.
        count: how many, at most; each begins at another word.

    Raises:
        UsageError: fewer tokens are asked for than an input of one word has.
        BundleError: the tokenizer cannot be brought to this number of tokens.
    """
    fixed = _fixed_tokens(task, encoder)
    if tokens <= fixed:
        raise UsageError(
            f"an input of {tokens} tokens is too short: {fixed} stand around the text",
            f"measure lengths from {fixed + 1} tokens on",
        )
    inputs = tuple(islice(_inputs(task, encoder, tokens - fixed), count))
    if not inputs:
        raise BundleError(
            f"no text of exactly {tokens} tokens was found for this bundle's tokenizer",
            "measure another length",
        )
    return inputs


def encode_input(task: Task, encoder: TextEncoder, given: Input) -> Encoding:
    """Windows of an input that is of the task's kind, whichever task it is."""
    return task.encode(given, encoder)


def _fixed_tokens(task: Task, encoder: TextEncoder) -> int:
    """How many tokens of a window are not the text's own."""
    encoding = encode_input(task, encoder, _input(task, _WORDS[0]))
    return len(encoding.windows[0]) - encoding.tokens


def _inputs(task: Task, encoder: TextEncoder, tokens: int) -> Iterator[Input]:
    for start in range(len(_WORDS)):
        # A word has one token or more; a few tokenizers have some for two words.
        text = " ".join(islice(cycle(_WORDS), start, start + 2 * tokens))
        ends = encoder.encode(text).offsets[:, 1]
        if len(ends) < tokens:
            continue
        near = int(ends[tokens - 1])
        for end in range(near, min(near + _NEARBY_CHARS, len(text) + 1)):
            # A tokenizer may split the cut word otherwise than the whole one.
            given = _input(task, text[:end])
            if encode_input(task, encoder, given).tokens == tokens:
                yield given
                break


def _input(task: Task, text: str) -> Input:
    given: Input = find_task(task.task).neutral.around(text)
    return given
