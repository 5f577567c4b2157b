"""``POST /translate``: a text in another language, written by the model."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field
from typing_extensions import override

from burnish.generation.settings import MOST_BEAMS, MOST_TOKENS
from burnish.tasks.translation.prediction import Translation
from burnish.tasks.translation.settings import TranslationTask

from ...errors import HTTPError
from ..replies import ScoredReply, mark
from ..requests import AnyText, Closed, InferenceRequest, Parameters, TaskRequest, Text, whole
from .kind import Json, ServiceTask, array_of, schema_ref

__all__ = [
    "TASK",
    "GenerateParameters",
    "TranslateParameters",
    "TranslateRequest",
    "TranslationReply",
    "TranslationService",
]

Beams = Annotated[int, Field(ge=1, le=MOST_BEAMS), BeforeValidator(whole)]
Tokens = Annotated[int, Field(ge=1, le=MOST_TOKENS), BeforeValidator(whole)]


class GenerateParameters(Closed):
    """Settings of the search as transformers calls them."""

    num_beams: Beams | None = Field(None, description="As `beams`.")
    max_new_tokens: Tokens | None = Field(None, description="As `max_length`.")
    do_sample: Literal[False] | None = Field(None, description="No effect: nothing is drawn.")


class TranslateParameters(Parameters):
    """How a translation is searched for; by default as the model was exported."""

    beams: Beams | None = Field(
        None, description="Sequences that are continued at the same time; 1: the likeliest token."
    )
    max_length: Tokens | None = Field(
        None,
        description="The most tokens to write for a sentence or a line, up to the model's own "
        "limit. A translation that is cut there has `ended: false`.",
    )
    src_lang: str | None = Field(None, description="Must be the model's own, where it is given.")
    tgt_lang: str | None = Field(None, description="Must be the model's own, where it is given.")
    generate_parameters: GenerateParameters | None = Field(
        None, description="`beams` and `max_length`, as transformers calls them."
    )
    clean_up_tokenization_spaces: bool | None = Field(
        None, description="No effect: the model's tokenizer decides."
    )
    truncation: str | None = Field(None, description="No effect: texts are read whole.")

    @property
    def search(self) -> tuple[int | None, int | None]:
        """Beams and the most tokens, by either name."""
        other = self.generate_parameters or GenerateParameters()
        return self.beams or other.num_beams, self.max_length or other.max_new_tokens


class TranslateRequest(InferenceRequest[Text, AnyText]):
    """A text or several, to be translated."""

    parameters: TranslateParameters = TranslateParameters()


class TranslationReply(ScoredReply):
    """The translation of a text."""

    translation_text: str
    score: float = Field(description="How good the translation is likely to be, 0 to 1.")
    ended: Literal[False] | None = Field(
        None,
        description="Present, and false, if the model did not end the text by itself: it was cut "
        "at the most tokens.",
    )


class TranslationService(ServiceTask[TranslateParameters, Translation, TranslationTask]):
    """A translation, written by the model."""

    summary = "The translation of a text."
    request: ClassVar[type[TaskRequest]] = TranslateRequest
    replies = (TranslationReply,)
    reply = array_of(schema_ref(TranslationReply))

    @override
    def check(self, wanted: TranslateParameters, task: TranslationTask) -> None:
        sides = (("src_lang", 0, task.source_language), ("tgt_lang", 1, task.target_language))
        for name, side, token in sides:
            given = getattr(wanted, name)
            code = task.languages[side] if task.languages else None
            known = [each for each in (code, token) if each is not None]
            if given is None or given in known:
                continue
            own = (
                f"this model knows {' or '.join(map(repr, known))} alone"
                if known
                else ("this model knows one pair of languages, and no names for them")
            )
            raise HTTPError("validation", f"parameters.{name}: {own}; leave it out")

    @override
    def asked_of(self, wanted: TranslateParameters, task: TranslationTask) -> TranslationTask:
        beams, most = wanted.search
        return task.searching(beams=beams, most=most)

    @override
    def write(
        self, prediction: Translation, wanted: TranslateParameters, task: TranslationTask
    ) -> Json:
        writing = prediction.writing
        cut = {} if writing.ended else {"ended": False}
        reply = {"translation_text": writing.text, "score": writing.score}
        return [{**reply, **cut, **mark(writing)}]

    @override
    def findings(self, prediction: Translation) -> list[tuple[str, float]]:
        writing = prediction.writing
        return [] if writing.abstained else [(prediction.key, writing.score)]


TASK = TranslationService()
