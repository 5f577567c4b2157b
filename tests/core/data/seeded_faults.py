"""Every fault that is planted: each with the kind, the part and the lines to be found."""

from __future__ import annotations

from collections.abc import Mapping

from tests.core.data.faults_of_answers import ANSWER_FAULTS
from tests.core.data.faults_of_entities import ENTITY_FAULTS
from tests.core.data.faults_of_texts import TEXT_FAULTS
from tests.core.data.planting import Fault

__all__ = ["FAULTS"]

FAULTS: Mapping[str, Fault] = {**TEXT_FAULTS, **ENTITY_FAULTS, **ANSWER_FAULTS}
