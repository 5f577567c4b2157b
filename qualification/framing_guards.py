"""Guards of the HTTP core: framing, connections, and what is answered."""

from __future__ import annotations

from typing import Any

from qualification.guards import guard, replaced


@guard
def takes_upgrades() -> None:
    """The body behind an offered upgrade is no body, as llhttp has it."""
    from burnish.service.http import framing, message

    headers = message.HeadersReader._headers

    def taking(self: Any, *line: Any) -> Any:
        found = headers(self, *line)
        if any(name == b"upgrade" for name, _ in found.fields):
            object.__setattr__(found, "body", framing.Counted(0))
        return found

    replaced(message.HeadersReader, "_headers", taking)


@guard
def endless_trailers() -> None:
    """Trailers of any size, kept."""
    from burnish.service.http import framing

    kept: list[bytes] = []
    take = framing.Chunked._take_trailer

    def keeping(self: Any, buffer: bytearray, at: int) -> int:
        end = take(self, buffer, at)
        kept.append(bytes(buffer[at:end]))
        return end

    replaced(framing, "_MAX_TRAILER_BYTES", 1 << 40)
    replaced(framing.Chunked, "_take_trailer", keeping)


@guard
def few_descriptors() -> None:
    """No guard less: 256 descriptors, for a row that uses them up."""
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


@guard
def any_connections() -> None:
    """Connections for as long as there are descriptors."""
    from burnish.service import server
    from burnish.service.http import listener

    replaced(server, "limits_here", lambda **_: listener.Limits(1 << 30, None))
    replaced(listener.Listener, "_make_room", lambda *_: False)


@guard
def endless_handshakes() -> None:
    """TLS handshakes have the minute that asyncio gives them."""
    from burnish.service.http import listener

    begin = listener.Listener.__init__

    def patient(self: Any, *given: Any, **named: Any) -> None:
        begin(self, *given, **(named | {"handshake_timeout_s": 60.0}))

    replaced(listener.Listener, "__init__", patient)


@guard
def any_keys() -> None:
    """Bodies of any number of keys are parsed and judged, and refused at once."""
    from burnish.service.api import aside, parsing

    limits = parsing.BodyLimits(strings=1 << 30, keys=1 << 30)
    replaced(parsing.parse_json, "__defaults__", (limits,))
    replaced(aside, "_LATE_S", 0.0)


@guard
def silent_end() -> None:
    """What is no request, and a client that sends no more, end a connection without a word."""
    from burnish.service.http import protocol

    def cut(self: Any, _: Any) -> None:
        self.cut()

    replaced(protocol.Connection, "_refuse_and_close", cut)
    replaced(protocol.Connection, "eof_received", lambda _: False)
