"""The records of an audit log: the fields of a line, and the chain of lines.

A line is one JSON object. Its ``previous`` is the SHA-256 of the line before, with its newline, so
that ``sed -n 5p FILE | sha256sum`` is what line 6 says. ``sequence`` counts the records of a chain
from 0. A file begins with a header; that of a file which follows another one, after a rotation,
goes on in its chain.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Final, Literal, NoReturn

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ..errors import ErrorType
from ..routes import LABEL_STUDIO_ROUTES, ROUTES
from .caller import LOCAL, ONE_FOR_ALL
from .keys import ID_PATTERN

__all__ = [
    "MAX_LINE_BYTES",
    "NO_LINE",
    "Decision",
    "DecisionLine",
    "HeaderLine",
    "Line",
    "RecoveryLine",
    "TurnedAway",
    "TurnedAwayLine",
    "encode_decision",
    "encode_line",
    "hash_line",
    "now_text",
    "parse_line",
]

NO_LINE: Final = "0" * 64
"""What the first header of a chain has for the line before it."""
MAX_LINE_BYTES: Final = 2048
"""The longest line. Chosen: well above a decision with every field at its longest."""

_TEMPLATES: Final = frozenset(
    {*(route.template for route in (*ROUTES, *LABEL_STUDIO_ROUTES)), "none"}
)


def _known_route(template: str) -> str:
    if template not in _TEMPLATES:
        raise ValueError("not the template of a route")
    return template


def _microseconds(ms: float) -> float:
    return round(ms, 3)


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def now_text(clock: float | None = None) -> str:
    """A moment in UTC by ISO 8601, to the millisecond; ``clock`` in seconds since 1970."""
    milliseconds = int((time.time() if clock is None else clock) * 1000)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Time = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z$")]
Count = Annotated[int, Field(ge=0, lt=2**53)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Decision(_Closed):
    """The decision about one request. No field can hold anything of its content."""

    time: Time = Field(default_factory=now_text)
    """When the reply began."""
    request_id: str = Field(pattern="^[A-Za-z0-9-]{1,64}$")
    key_id: str = Field(pattern=f"^({ID_PATTERN}|{ONE_FOR_ALL.key_id}|{LOCAL.key_id})?$")
    """The caller's key; empty for a caller without a known key."""
    route: Annotated[str, AfterValidator(_known_route)]
    """A template of the table of routes, or ``none``."""
    model: str = Field(pattern="^[0-9a-f]{64}$|^$")
    """The digest of the bundle that answered; empty where none did."""
    status: int = Field(ge=100, le=599)
    error_type: ErrorType | Literal[""] = ""
    items: Count = 0
    tokens: Count = 0
    ms: Annotated[float, Field(ge=0, allow_inf_nan=False), AfterValidator(_microseconds)]
    """From the request's arrival to its reply."""
    input_hmac: Hash | None = None
    """Of the body, under the server's own key, where that is set."""

    @classmethod
    def model_construct(cls, *_: object, **__: object) -> NoReturn:  # type: ignore[override]
        """Refused, because it skips validation."""
        raise TypeError("a decision is always validated")

    def model_copy(self, **_: object) -> NoReturn:
        """Refused, because it skips validation."""
        raise TypeError("a decision is always validated")


class _Chained(_Closed):
    sequence: Count
    previous: Hash


class HeaderLine(_Chained):
    """The first line of a file."""

    kind: Literal["header"] = "header"
    schema_version: Literal[1] = 1
    created: Time
    chain: str = Field(pattern="^[0-9a-f]{32}$")
    """Random; the same in every file of a chain."""


class RecoveryLine(_Chained):
    """What a broken write left, and how many decisions were not recorded.

    The bytes between the last whole line and this one are not records. They are kept where they
    are, and this line has their digest.
    """

    kind: Literal["recovery"] = "recovery"
    time: Time
    torn_bytes: Count
    torn_sha256: Hash
    lost: Count
    """How many decisions could not be written, as far as the writer could still count them."""


class DecisionLine(_Chained):
    """A decision as it is read from a file, which another version of burnish may have written."""

    kind: Literal["decision"] = "decision"
    time: Time
    request_id: str = Field(pattern="^[A-Za-z0-9-]{1,64}$")
    key_id: str = Field(pattern="^[a-z0-9-]{0,16}$")
    route: str = Field(pattern="^[a-z0-9_/{}.-]{1,64}$")
    model: str = Field(pattern="^[0-9a-f]{64}$|^$")
    status: int = Field(ge=100, le=599)
    error_type: str = Field(pattern="^[a-z_]{0,40}$")
    items: Count
    tokens: Count
    ms: float = Field(ge=0, allow_inf_nan=False)
    input_hmac: Hash | None = None


class TurnedAwayLine(_Chained):
    """Many refusals in one line, for callers without a known key from one address."""

    kind: Literal["turned_away"] = "turned_away"
    time: Time
    since: Time
    """When the first of them was refused."""
    address: str = Field(pattern=r"^[0-9a-f.:/]{0,64}$")
    """An IPv4 address, or the /64 of an IPv6 one; empty for all addresses beyond the limit."""
    count: Count


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Refusals of callers without a known key, to be recorded in one line."""

    address: str
    count: int
    since: float
    """Seconds since 1970."""
    until: float

    def line(self, sequence: int, *, previous: str) -> TurnedAwayLine:
        """The line of these refusals."""
        return TurnedAwayLine(
            sequence=sequence,
            previous=previous,
            time=now_text(self.until),
            since=now_text(self.since),
            address=self.address,
            count=self.count,
        )


Line = HeaderLine | RecoveryLine | DecisionLine | TurnedAwayLine
_LINE: Final[TypeAdapter[Line]] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])
_serialize = Decision.__pydantic_serializer__.to_json


def encode_decision(decision: Decision, *, sequence: int, previous: str) -> bytes:
    """The line of a decision, faster than :func:`encode_line`."""
    head = f'{{"kind":"decision","sequence":{sequence},"previous":"{previous}",'
    return b"%s%s\n" % (head.encode("ascii"), _serialize(decision, exclude_none=True)[1:])


def encode_line(line: HeaderLine | RecoveryLine | TurnedAwayLine) -> bytes:
    """Any other line."""
    return line.model_dump_json().encode("ascii") + b"\n"


def parse_line(raw: bytes) -> Line | None:
    """The record of a line, its newline included; None where it is not a whole record."""
    if not raw.endswith(b"\n") or len(raw) > MAX_LINE_BYTES:
        return None
    try:
        return _LINE.validate_json(raw)
    except ValidationError:
        return None


def hash_line(raw: bytes) -> str:
    """The digest of a line, its newline included; the next line has it."""
    return hashlib.sha256(raw).hexdigest()
