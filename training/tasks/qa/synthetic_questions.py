"""Questions made from the contexts' own sentences: practice in pointing before the real ones.

A sentence without a stretch asks for that stretch (Lewis et al. 2019, "Unsupervised Question
Answering by Cloze Translation"; Ram et al. 2021 for pointing as pre-training). Words are dropped
and the halves may change places, so that matching word by word is not enough. A question's opening
comes from the labelled questions with answers of the same form. Some questions have no answer: a
stretch of the question is exchanged for one of a neighbouring context, or the sentence is removed.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from burnish.tasks.qa.example import GoldAnswer, QAExample

from ...data.wording import Shape, Stretch, Wording, sentences, shape_of, words
from ..practice import Practice

__all__ = ["PRACTICE", "ClozeWriter"]

_NEIGHBOURS = 8
"""So many contexts before and after, in the file's order, count as of the same subject."""
_LONGEST = 60
"""The most characters of an answer."""
_FEWEST, _MOST = 4, 14
"""The fewest and the most words of a question without its opening."""
_AROUND = 4
"""The most sentences of a passage besides the one that is asked about."""
_EXCHANGED, _WITHOUT = 0.2, 0.15
"""Shares of questions without an answer: a stretch exchanged; the sentence removed."""
_DROPPED_COMMON, _DROPPED = 0.25, 0.1
"""Shares of the words that a question leaves out."""
_TRIES = 40


class ClozeWriter:
    """Writes any number of questions, the same ones for the same seed."""

    def __init__(self, examples: Sequence[QAExample], *, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  nothing secret
        self._contexts = list(dict.fromkeys(example.context for example in examples))
        self._sentences = [sentences(context) for context in self._contexts]
        self._wording = Wording(self._contexts)
        self._openings = self._learn_openings(examples)
        self._banks = [self._bank(context) for context in self._contexts]

    def write(self, count: int) -> list[QAExample]:
        """Write ``count`` examples, or fewer where the contexts do not allow as many."""
        found: list[QAExample] = []
        lengths = [len(context) for context in self._contexts]
        for _ in range(count * _TRIES if any(lengths) else 0):
            if len(found) == count:
                break
            (index,) = self._random.choices(range(len(lengths)), lengths)
            example = self._ask(index, name=f"cloze:{len(found) + 1}")
            if example is not None:
                found.append(example)
        return found

    def _ask(self, index: int, *, name: str) -> QAExample | None:
        """Ask about a random sentence; None where the random choices allow no question."""
        chosen = self._random.randrange(len(self._sentences[index]))
        begin, end = self._sentences[index][chosen]
        sentence = self._contexts[index][begin:end]
        taken = self._answer(sentence)
        question = self._question(sentence, taken) if taken else None
        if taken is None or question is None:
            return None
        answer = sentence[slice(*taken)]
        draw = self._random.random()
        if draw < _WITHOUT:
            elsewhere = self._passage_without(index, chosen)
            if answer.lower() in elsewhere.lower():
                return None
            return QAExample(id=name, context=elsewhere, question=question, answers=())
        first, last = self._around(index, chosen)
        passage = self._contexts[index][first:last]
        if draw < _WITHOUT + _EXCHANGED:
            other = self._exchange(question, answer, passage, index=index)
            if other is None:
                return None
            return QAExample(id=name, context=passage, question=other, answers=())
        gold = GoldAnswer(answer, begin + taken[0] - first)
        return QAExample(id=name, context=passage, question=question, answers=(gold,))

    def _answer(self, sentence: str) -> Stretch | None:
        """Choose a stretch to ask for, preferably a name or number, sometimes a longer one."""
        found = [s for s in self._wording.stretches(sentence) if s[1] - s[0] < _LONGEST]
        if len(found) < 2:
            return None
        named = [s for s in found if shape_of(sentence[slice(*s)]) != "other"]
        start, end = self._random.choice(named if named and self._random.random() < 0.5 else found)
        longer = [s for s in found if s[0] > end and s[1] - start < _LONGEST]
        if longer and self._random.random() < 0.3:
            end = longer[0][1]
        return start, end

    def _question(self, sentence: str, taken: Stretch) -> str | None:
        """An opening that suits the answer, then some of the words around it."""
        count = self._random.randint(_FEWEST + 1, _MOST)
        share = self._random.randint(0, count)
        left = words(sentence[: taken[0]])[-share:] if share else []
        right = words(sentence[taken[1] :])[: count - share]
        if len(left) + len(right) < _FEWEST:
            return None
        parts = [" ".join(self._thinned(right)), " ".join(self._thinned(left))]
        if self._random.random() < 0.6:
            parts.reverse()
        answer = sentence[slice(*taken)]
        opening = self._random.choice(self._openings.get(shape_of(answer)) or [""])
        question = " ".join(part for part in (opening, *parts) if part) + "?"
        return None if answer.lower() in question.lower() else question

    def _thinned(self, given: Sequence[str]) -> list[str]:
        return [
            word
            for word in given
            if self._random.random()
            >= (_DROPPED_COMMON if self._wording.common(word) else _DROPPED)
        ]

    def _exchange(self, question: str, answer: str, passage: str, *, index: int) -> str | None:
        """Ask about something else of the same form, which the passage mostly does not name."""
        found = [s for s in self._wording.stretches(question) if s[0] > 0]
        found = [s for s in found if question[slice(*s)].lower() not in answer.lower()]
        if not found:
            return None
        named = [s for s in found if shape_of(question[slice(*s)]) != "other"]
        start, end = self._random.choice(named if named and self._random.random() < 0.7 else found)
        bank = self._nearby(index, shape_of(question[start:end]))
        for other in self._random.sample(bank, min(len(bank), 8)):
            strange = other.lower() not in passage.lower()
            if other.lower() != question[start:end].lower() and (
                strange or self._random.random() < 0.3
            ):
                return question[:start] + other + question[end:]
        return None

    def _around(self, index: int, chosen: int) -> Stretch:
        """Choose a passage: the sentence with some before and after it."""
        found = self._sentences[index]
        first = max(0, chosen - self._random.randint(0, _AROUND))
        return found[first][0], found[min(len(found) - 1, first + _AROUND)][1]

    def _passage_without(self, index: int, chosen: int) -> str:
        """Sentences before or after the one that is asked about, or another context's."""
        found = self._sentences[index]
        sides = [found[max(0, chosen - _AROUND) : chosen], found[chosen + 1 :][:_AROUND]]
        sides = [side for side in sides if side]
        if not sides or self._random.random() < 0.5:
            index = self._random.choice(self._around_context(index))
            first = self._random.randrange(len(self._sentences[index]))
            sides = [self._sentences[index][first : first + _AROUND + 1]]
        side = self._random.choice(sides)
        return self._contexts[index][side[0][0] : side[-1][1]]

    def _around_context(self, index: int) -> list[int]:
        near = range(max(0, index - _NEIGHBOURS), index + _NEIGHBOURS + 1)
        return [i for i in near if i < len(self._contexts) and i != index] or [index]

    def _nearby(self, index: int, shape: Shape) -> list[str]:
        return [s for i in (index, *self._around_context(index)) for s in self._banks[i][shape]]

    def _bank(self, context: str) -> dict[Shape, list[str]]:
        """The short stretches of a context by form."""
        bank: dict[Shape, list[str]] = {"number": [], "name": [], "other": []}
        for stretch in self._wording.stretches(context):
            text = context[slice(*stretch)]
            if len(words(text)) <= 3:
                bank[shape_of(text)].append(text)
        return bank

    def _learn_openings(self, examples: Sequence[QAExample]) -> dict[Shape, list[str]]:
        """The openings of the questions by the form of their answers."""
        openings: dict[Shape, list[str]] = defaultdict(list)
        for example in examples:
            found = words(example.question)
            if not example.answers or not found:
                continue
            count = 1
            while count < min(4, len(found)) and self._wording.common(found[count]):
                count += 1
            openings[shape_of(example.answers[0].text)].append(" ".join(found[:count]))
        return openings


def _write(examples: Sequence[QAExample], count: int, *, seed: int) -> list[QAExample]:
    return ClozeWriter(examples, seed=seed).write(count)


PRACTICE = Practice(write=_write, rows="synthetic questions made from the contexts")
