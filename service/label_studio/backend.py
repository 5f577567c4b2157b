"""The backend's endpoints: what Label Studio asks, and how its requests become a model's.

Predictions run through the same queue, limits and checks as those of every other route. What
else the tool sends (its address, a token of the user's account, events) is not kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from burnish.data.writers.label_studio_results import prediction, results
from burnish.errors import InputError
from burnish.runtime.project import project_of
from burnish.tasks import Prediction

from ..access import Caller
from ..api.aside import parsed
from ..api.requests import TaskRequest
from ..api.responses import Told, error_of, refusal_of
from ..api.tasks import SERVICE_TASKS
from ..errors import HTTPError
from ..models import Registry, ServedModel
from ..request_context import RequestContext, Response, json_response
from ..scheduling.inference import Inference
from .configuration import read_configuration
from .plan import NoControlError, Plan, plan_for
from .requests import PredictRequest, parse_event, parse_predict, parse_setup, texts_of

__all__ = ["LabelStudio"]

_SHOWN = 5
"""Models that a message names."""
_TRAINING = "START_TRAINING"

Texts = tuple[str, ...]


class LabelStudio:
    """The endpoints for Label Studio of one server."""

    def __init__(self, registry: Registry, inference: Inference) -> None:
        self._registry = registry
        self._inference = inference
        self.endpoints: Mapping[str, Callable[[RequestContext], Awaitable[Response]]] = {
            "/health": self._health,
            "/setup": self._setup,
            "/predict": self._predict,
            "/versions": self._versions,
            "/webhook": self._webhook,
            "/train": self._train,
        }
        """By the template of their route."""

    async def _health(self, request: RequestContext) -> Response:
        names = [each.name for each in self._of(request.caller)]
        return json_response({"status": "UP", "model_class": ", ".join(names)})

    async def _setup(self, request: RequestContext) -> Response:
        source = await parsed(request.body, parse_setup)
        served, _ = self._chosen(source, request.caller)
        response = json_response({"model_version": _version(served)})
        response.model = served.digest
        return response

    async def _versions(self, request: RequestContext) -> Response:
        versions = [_version(each) for each in self._of(request.caller)]
        return json_response({"versions": versions, "message": "the versions that are served"})

    async def _webhook(self, request: RequestContext) -> Response:
        if await parsed(request.body, parse_event) == _TRAINING:
            return await self._train(request)
        return json_response({"status": "ignored"})

    async def _train(self, _: RequestContext) -> Response:
        raise HTTPError(
            "not_implemented",
            "burnish does not train while it serves: export the project as JSON, train on it "
            "with burnish train, and put the new version in service",
        )

    async def _predict(self, request: RequestContext) -> Response:
        workers = self._registry.workers
        self._inference.check_room(request.caller, workers)
        asked = await parsed(request.body, parse_predict)
        served, plan = self._chosen(asked.label_config, request.caller)
        texts = [_texts(asked, number, plan) for number in range(len(asked.tasks))]
        return await self._inference.answer(
            request,
            _task_request(served, texts),
            served,
            workers,
            reply=partial(_reply, texts=texts, plan=plan, served=served),
        )

    def _of(self, caller: Caller) -> list[ServedModel]:
        return [each for each in self._registry.models if caller.may_ask(each.name)]

    def _chosen(self, source: str, caller: Caller) -> tuple[ServedModel, Plan]:
        """The model that fits a project, among those that a caller may ask.

        Raises:
            HTTPError: none fits, or several do.
        """
        configuration = read_configuration(source)
        models = self._of(caller)
        found: list[tuple[ServedModel, Plan]] = []
        refused: list[tuple[ServedModel, HTTPError]] = []
        for served in models:
            try:
                found.append((served, plan_for(configuration, served)))
            except HTTPError as refusal:
                refused.append((served, refusal))
        if not found:
            raise _none_fits(refused)
        if len(found) > 1:
            names = ", ".join(served.name for served, _ in found[:_SHOWN])
            raise HTTPError(
                "validation",
                f"label_config: several models fit it: {names}; serve one of them alone, or make "
                "a key for one: burnish keys create --model NAME",
            )
        return found[0]


def _none_fits(refused: Sequence[tuple[ServedModel, HTTPError]]) -> HTTPError:
    if not refused:
        return HTTPError("not_found", "this key may use none of the models")
    near = [each for each in refused if not isinstance(each[1], NoControlError)]
    refused = near or refused  # what a project for another kind of answers lacks helps nobody
    if len(refused) == 1:
        return refused[0][1]
    told = (
        f"{served.name}: {error.message.removeprefix('label_config: ')}"
        for served, error in refused[:_SHOWN]
    )
    return HTTPError("validation", f"label_config: it fits no model. {'. '.join(told)}")


def _version(served: ServedModel) -> str:
    """Name and version, the same as in pre-annotations that ``burnish predict`` writes."""
    return project_of(served.model).model


def _texts(asked: PredictRequest, number: int, plan: Plan) -> Texts | HTTPError:
    try:
        return texts_of(asked.tasks[number], number, plan.keys)
    except HTTPError as refusal:
        return refusal


def _task_request(served: ServedModel, texts: Sequence[Texts | HTTPError]) -> TaskRequest:
    """The tasks as a request of the model's own route; what is not a text fails there alone."""
    request = SERVICE_TASKS[served.task].request
    fields = request.item_fields

    def item(given: Texts | HTTPError) -> object:
        if isinstance(given, HTTPError):
            return None
        return dict(zip(fields, given, strict=True)) if fields else given[0]

    return request.model_validate({"inputs": [item(each) for each in texts]})


def _reply(
    told: Told, *, texts: Sequence[Texts | HTTPError], plan: Plan, served: ServedModel
) -> Any:
    """The predictions, one per task in their order: the tool knows them by their place.

    Raises:
        HTTPError: no task can be answered; the first one's.
    """
    version = _version(served)
    answers = [
        _prediction(result, text, plan, version) for result, text in zip(told, texts, strict=True)
    ]
    refusals = [each for each in answers if isinstance(each, HTTPError)]
    if len(refusals) == len(answers):
        raise refusals[0]
    nothing = {"result": [], "model_version": version}
    return {
        "results": [
            {**nothing, **error_of(each)} if isinstance(each, HTTPError) else each
            for each in answers
        ],
        "model_version": version,
    }


def _prediction(
    result: Prediction | InputError | HTTPError, text: Texts | HTTPError, plan: Plan, version: str
) -> dict[str, object] | HTTPError:
    if isinstance(text, HTTPError):
        return text
    if not isinstance(result, Prediction):
        return refusal_of(result)
    marks = result.marks
    if plan.stars is not None and marks.number is not None:
        if not -0.5 <= marks.number < plan.stars + 1.5:
            return HTTPError(
                "validation",
                f"label_config: the model's score is outside the Rating's {plan.stars} stars; "
                "set its maxRating, or use a Number tag",
            )
        marks = replace(marks, number=min(max(marks.number, 1), plan.stars))
    found = results(marks, text[plan.marked], plan.control)
    return prediction(found, marks, model=version)
