from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from burnish import __version__, errors
from burnish.bundle import Gate
from burnish.cli import doctor
from burnish.cli.command import COMMANDS, RENAMED, command_parser, load_command
from burnish.errors import BurnishError, DataError, GateError, StoppedError, UsageError

ROOT = Path(__file__).parents[3]


def test_help_lists_every_command(shell) -> None:
    done = shell("--help")
    assert done.code == 0
    assert done.notes == ""
    for name, summary in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(summary)}$", done.out, re.MULTILINE)


def test_version(shell) -> None:
    assert shell("--version").out == f"burnish {__version__}\n"


@pytest.mark.parametrize("words", [[], ["nope"], ["doctor", "--nope"], ["init", "nope"], ["train"]])
def test_wrong_usage_exits_2_and_says_nothing_on_stdout(shell, words: list[str]) -> None:
    done = shell(*words)
    assert done.code == 2
    assert done.out == ""
    assert "usage: burnish" in done.notes


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_a_former_name_of_a_command_works_and_says_the_new_one(shell, old: str, new: str) -> None:
    done = shell(old, "--help")
    assert (done.code, done.out) == (0, shell(new, "--help").out)
    assert done.notes == f"note: burnish {old} is now burnish {new}; 0.3 drops the old name\n"
    assert re.search(rf"^  {old} ", shell("--help").out, re.MULTILINE) is None


@pytest.mark.parametrize("name", COMMANDS)
def test_every_commands_help_holds_an_example_of_itself(name: str) -> None:
    text = command_parser(name, load_command(name)).format_help()
    _, _, example = text.partition("example:\n")
    assert f"burnish {name}" in example


@pytest.mark.parametrize("name", COMMANDS)
def test_every_examples_line_can_be_parsed(name: str) -> None:
    import shlex

    command = load_command(name)
    for line in command.EXAMPLE.splitlines():
        words = shlex.split(line.rpartition("| ")[2].partition(" > ")[0])
        assert words[:2] == ["burnish", name]
        command_parser(name, command).parse_intermixed_args(words[2:])


def test_every_command_has_a_file_and_every_file_is_known() -> None:
    files = {path.stem for path in (ROOT / "burnish" / "cli").glob("*.py")}
    assert {name.replace("-", "_") for name in COMMANDS} <= files


def failing(error: BaseException):
    def run(*_: object) -> int:
        raise error

    return run


def test_an_error_is_a_message_and_a_hint(shell, monkeypatch: pytest.MonkeyPatch) -> None:
    error = DataError("no label", "give it one", file=Path("a.csv"), line=3)
    monkeypatch.setattr(doctor, "run", failing(error))
    done = shell("doctor")
    assert (done.code, done.out) == (1, "")
    assert done.notes == "error: a.csv:3: no label\n  give it one\n"


def test_an_error_is_a_document_where_json_was_asked_for(shell, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "run", failing(UsageError("no such thing", "ask for another")))
    done = shell("doctor", "--json")
    assert done.code == 2
    assert done.document == {"error": "no such thing", "hint": "ask for another"}


GATES = (
    Gate(name="agreement", value=0.9, threshold=0.98, passed=False, detail="same answers"),
    Gate(name="difference", value=1e-5, passed=True),
)


def test_a_failed_gate_shows_what_every_gate_measured(shell, monkeypatch) -> None:
    error = GateError("agreement is too low", "allow it", gates=GATES)
    monkeypatch.setattr(doctor, "run", failing(error))
    done = shell("doctor", "--json")
    assert done.code == 1
    assert done.document == {
        "error": "agreement is too low",
        "hint": "allow it",
        "gates": [
            {"name": "agreement", "value": 0.9, "threshold": 0.98, "passed": False},
            {"name": "difference", "value": 1e-5, "threshold": None, "passed": True},
        ],
    }
    assert "agreement   0.9    0.98   failed    same answers\n" in done.notes
    assert shell("doctor").out == ""


def test_the_error_tree_is_drawn_in_full() -> None:
    def named(kind: type[BaseException]) -> set[str]:
        return {kind.__name__}.union(*map(named, kind.__subclasses__()))

    import burnish.runtime  # where ModelFaultError is
    import burnish.service.models  # noqa: F401  where ContractError is

    drawn = set(re.findall(r"\w+Error", errors.__doc__ or ""))
    ours = {name for name in named(BurnishError) if not name.startswith("_")}
    assert {"BurnishError", "ModelFaultError", "QuestionTooLongError"} <= drawn
    assert drawn <= ours


def test_a_defect_is_reported_without_a_traceback(shell, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "run", failing(ZeroDivisionError("by nought")))
    done = shell("doctor")
    assert done.code == 1
    assert done.notes == (
        "error: ZeroDivisionError: by nought\n"
        "  this is a bug in burnish: run again with --debug, and report it\n"
    )


def test_debug_shows_the_traceback(shell, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "run", failing(DataError("no label")))
    with pytest.raises(DataError):
        shell("doctor", "--debug")


def test_an_interrupt_ends_quietly(shell, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "run", failing(KeyboardInterrupt()))
    done = shell("doctor")
    assert (done.code, done.notes) == (130, "interrupted\n")


def test_an_interrupt_that_a_library_makes_another_error_of_is_one_all_the_same(
    shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def importing(*_: object) -> int:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        except KeyboardInterrupt as error:
            raise RuntimeError("Error calling __set_name__") from error
        return 0

    monkeypatch.setattr(doctor, "run", importing)
    done = shell("doctor")
    assert (done.code, done.notes) == (130, "interrupted\n")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_stopped_training_says_so_on_one_line(shell, monkeypatch: pytest.MonkeyPatch) -> None:
    error = StoppedError(signal.SIGINT, "stopped by SIGINT", "run the same command again to resume")
    monkeypatch.setattr(doctor, "run", failing(error))
    done = shell("doctor")
    line = "stopped by SIGINT; run the same command again to resume\n"
    assert (done.code, done.notes) == (130, line)


def test_a_closed_pipe_ends_quietly() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "burnish", "init", "classification"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_real_interrupt_ends_quietly(bundles) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "burnish", "predict", str(bundles["classification"]), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        # A job started with & inherits an ignored SIGINT, and Python then leaves it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("the invoice\n")
    process.stdin.flush()
    assert "billing" in process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, notes = process.communicate(timeout=20)
    assert (process.returncode, notes) == (130, "interrupted\n")


def test_help_is_fast_because_it_imports_no_model_library() -> None:
    code = (
        "import sys; from burnish.cli.main import top_parser; top_parser().format_help();"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "onnxruntime", "pydantic", "torch"} & set(done.stdout.split())
