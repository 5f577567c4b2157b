import json
import logging

from burnish.service.logs import JsonLines


def line_of(message: str, *arguments, **fields) -> str:
    record = logging.LogRecord("burnish.service", logging.ERROR, "", 1, message, arguments, None)
    record.__dict__.update(fields)
    return JsonLines().format(record)


def test_a_record_is_one_json_object():
    line = json.loads(line_of("request %s failed", "r1", created=1_777_636_800.0))
    assert line == {
        "time": "2026-05-01T12:00:00.000Z",
        "level": "error",
        "logger": "burnish.service",
        "message": "request r1 failed",
    }


def test_a_record_about_a_model_has_its_fields_and_no_others():
    fields = {"model": "tickets", "version": "2", "change": "switched", "reason": "a\nb"}
    line = json.loads(line_of("model tickets: switched", **fields, text="secret"))
    assert {name: line[name] for name in fields} == fields
    assert "text" not in line


def test_no_line_can_be_forged():
    forged = line_of('x\n{"level": "info"}\r\u2028\x1b[31m')
    assert len(forged.splitlines()) == 1
    assert forged.isascii()
    assert forged.isprintable()


def test_a_traceback_is_left_out():
    try:
        raise ValueError("secret text")
    except ValueError as error:
        line = line_of("failed", exc_info=(ValueError, error, error.__traceback__))
    assert "secret" not in line
