"""``burnish keys``, and how a command has actions."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from burnish.cli.command import COMMANDS, command_parser, load_command, parsers
from burnish.service.access import Keyring, read_keys

KEY = re.compile(r"bk_[a-z2-9]{8}_[A-Za-z0-9_-]{43}")
ACTIONS = [
    (name, words, parser)
    for name in COMMANDS
    for words, parser in parsers(name).items()
    if words != name
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_the_key_stands_alone_on_standard_output(shell, file: Path) -> None:
    done = shell("keys", "create", "--keys", file, "--name", "ward-7")
    assert done.code == 0
    key = done.out.removesuffix("\n")
    assert KEY.fullmatch(key)
    assert done.notes == (
        f"key {key[3:11]} added to {file}; it is shown only this once, "
        "keep it where only its user can read it\n"
    )
    assert Keyring(file).caller(b"Bearer " + key.encode()) is not None


def test_options_that_take_several_values_may_be_said_several_times(shell, file: Path) -> None:
    said = ("--scope", "metrics", "--scope", "infer", "--model", "a", "--model", "b", "c")
    assert shell("keys", "create", "--keys", file, "--name", "x", *said).code == 0
    shell("keys", "create", "--keys", file, "--name", "y")
    several, plain = json.loads(file.read_text(encoding="utf-8"))["keys"]
    assert (set(several["scopes"]), several["models"]) == ({"metrics", "infer"}, ["a", "b", "c"])
    assert (plain["scopes"], plain["models"]) == (["infer"], None)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_a_key_goes_to_a_file_that_its_owner_alone_may_read(shell, file, tmp_path, umask) -> None:
    out = tmp_path / "ward-7.key"
    before = os.umask(umask)
    try:
        done = shell("keys", "create", "--keys", file, "--name", "ward-7", "--out", out)
    finally:
        os.umask(before)
    assert done.code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    key = out.read_text().removesuffix("\n")
    assert KEY.fullmatch(key)
    assert key not in done.out + done.notes
    assert f"it is in {out} alone" in done.out
    assert Keyring(file).caller(b"Bearer " + key.encode()) is not None


def test_a_key_is_never_made_where_its_file_cannot_be(shell, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "there"
    out.write_text("something")
    for place in (out, tmp_path / "none" / "a.key"):
        done = shell("keys", "create", "--keys", file, "--name", "a", "--out", place)
        assert done.code == 1
        assert str(place) in done.notes
        assert not file.exists(), "a key that nobody has"
    assert out.read_text() == "something"
    new = tmp_path / "new.key"
    done = shell("keys", "create", "--keys", file, "--name", " a ", "--out", new)
    assert done.code == 2
    assert not new.exists()


def test_with_out_the_document_names_the_file_and_not_the_key(shell, file, tmp_path) -> None:
    out = tmp_path / "a.key"
    document = shell(
        "keys", "create", "--keys", file, "--name", "a", "--out", out, "--json"
    ).document
    assert "key" not in document
    assert document["out"] == str(out)


@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o640, True), (0o600, False)])
def test_a_key_that_goes_to_a_file_open_to_others_is_warned_of(
    file: Path, tmp_path: Path, mode: int, warned: bool
) -> None:
    out = tmp_path / "a.key"
    out.touch()
    out.chmod(mode)
    command = [
        sys.executable,
        "-m",
        "burnish",
        "keys",
        "create",
        "--keys",
        str(file),
        "--name",
        "a",
    ]
    with out.open("w") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True, check=True)
    assert (f"chmod 600 {out}" in done.stderr) == warned
    assert KEY.search(out.read_text())


def test_a_key_is_made_as_asked_for(shell, file: Path) -> None:
    words = (
        "--scope infer metrics --model tickets notes --expires 90d "
        "--requests-per-minute 600 --tokens-per-minute 100000 --json"
    )
    done = shell("keys", "create", "--keys", file, "--name", "a", *words.split())
    document = done.document
    assert KEY.fullmatch(document.pop("key"))
    created = datetime.fromisoformat(document.pop("created"))
    assert datetime.fromisoformat(document.pop("expires")) - created == timedelta(days=90)
    assert document.pop("id") in done.notes
    assert document == {
        "state": "active",
        "name": "a",
        "scopes": ["infer", "metrics"],
        "models": ["tickets", "notes"],
        "revoked": None,
        "requests_per_minute": 600,
        "tokens_per_minute": 100_000,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2999-01-31", "2999-01-31T00:00:00+00:00"),
        ("2999-01-31T18:00", "2999-01-31T18:00:00+00:00"),
        ("2999-01-31T18:00+01:00", "2999-01-31T17:00:00+00:00"),
    ],
)
def test_an_end_may_be_a_date(shell, file: Path, text: str, expected: str) -> None:
    assert shell("keys", "create", "--keys", file, "--name", "a", "--expires", text).code == 0
    (key,) = read_keys(file).keys
    assert key.expires is not None
    assert key.expires.astimezone(UTC).isoformat() == expected


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--name", "a", "--expires", "soon"], "'soon' is neither a duration nor a date"),
        (["--name", "a", "--expires", "0d"], "'0d' is neither a duration nor a date"),
        (["--name", "a", "--expires", "2020-01-01"], "2020-01-01 has passed already"),
        (["--name", "a\tb"], "name: Value error, a name has 1 to 100 characters"),
        (["--name", "a", "--scope", "root"], "there is no --scope 'root'"),
        (["--name", "a", "--requests-per-minute", "0"], "'0' is not a whole number"),
        ([], "the following arguments are required: --name"),
    ],
)
def test_what_a_key_cannot_be_is_wrong_usage(shell, file: Path, words, message: str) -> None:
    done = shell("keys", "create", "--keys", file, *words)
    assert (done.code, done.out) == (2, "")
    assert message in done.notes
    assert not file.exists()


def test_the_list_shows_states_and_never_a_secret(shell, file: Path) -> None:
    made = [
        shell("keys", "create", "--keys", file, "--name", name, *more).out.strip()
        for name, more in [("one", ()), ("two", ("--expires", "1m")), ("three", ())]
    ]
    shell("keys", "revoke", made[2][3:11], "--keys", file)
    expires = next(key.expires for key in read_keys(file).keys if key.expires)
    text = file.read_text().replace(expires.isoformat().replace("+00:00", "Z"), "2020-01-01T00:00Z")
    file.write_text(text)
    table = shell("keys", "list", "--keys", file)
    document = shell("keys", "list", "--keys", file, "--json")
    rows = [line.split()[:3] for line in table.out.splitlines()[1:]]
    states = ["active", "expired", "revoked"]
    assert rows == [
        [key[3:11], name, state]
        for key, name, state in zip(made, ["one", "two", "three"], states, strict=True)
    ]
    assert [key["state"] for key in document.document["keys"]] == states
    for key, stored in zip(made, read_keys(file).keys, strict=True):
        for shown in (table.out, table.notes, document.out, document.notes):
            assert key[12:] not in shown
            assert stored.sha256 not in shown


def test_a_revocation_is_told_and_may_be_said_twice(shell, file: Path) -> None:
    key = shell("keys", "create", "--keys", file, "--name", "a").out.strip()
    done = shell("keys", "revoke", "--keys", file, key[3:11])
    assert (done.code, done.out) == (0, f"key {key[3:11]} is revoked\n")
    assert Keyring(file).caller(b"Bearer " + key.encode()) is None
    again = shell("keys", "revoke", key[3:11], "--keys", file)
    assert again.code == 0
    assert "is revoked since 20" in again.out
    assert shell("keys", "revoke", key[3:11], "--keys", file, "--json").document["state"] == (
        "revoked"
    )


def test_a_file_that_is_open_to_others_is_an_error_with_a_fix(shell, file: Path) -> None:
    shell("keys", "create", "--keys", file, "--name", "a")
    file.chmod(0o644)
    done = shell("keys", "list", "--keys", file)
    assert (done.code, done.out) == (1, "")
    assert f"{file}: other users may read or write it (mode 0644)\n  chmod 600" in done.notes
    document = shell("keys", "list", "--keys", file, "--json").document
    assert set(document) == {"error", "hint"}


def test_the_command_imports_no_model_and_no_server(file: Path) -> None:
    code = (
        "import sys; from burnish.cli import main\n"
        "main(['keys', 'create', '--name', 'a', '--keys', sys.argv[1]])\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, file], capture_output=True, text=True, check=True
    )
    tops = {name.partition(".")[0] for name in done.stdout.split()}
    assert not {"numpy", "onnxruntime", "torch", "bentoml", "starlette"} & tops


# Actions


def test_a_commands_help_lists_its_actions(shell) -> None:
    done = shell("keys", "--help")
    assert done.code == 0
    assert "actions:\n  create       create a key and print it once\n" in done.out


def test_an_actions_help_is_its_own(shell) -> None:
    done = shell("keys", "revoke", "--help")
    assert done.code == 0
    assert done.out.startswith("usage: burnish keys revoke [-h] --keys FILE")


@pytest.mark.parametrize("words", [["keys"], ["keys", "nope"], ["keys", "--json", "list"]])
def test_a_command_without_its_action_is_wrong_usage(shell, words: list[str]) -> None:
    done = shell(*words)
    assert (done.code, done.out) == (2, "")
    assert "usage: burnish keys ACTION ..." in done.notes


@pytest.mark.parametrize(("name", "words", "parser"), ACTIONS, ids=[each[1] for each in ACTIONS])
def test_every_actions_example_is_of_itself_and_can_be_parsed(name, words: str, parser) -> None:
    _, _, example = parser.format_help().partition("example:\n")
    assert example.strip()
    for line in example.strip().splitlines():
        given = shlex.split(line.partition(" > ")[0])
        assert given[:3] == ["burnish", *words.split()]
        parsed = command_parser(name, load_command(name)).parse_intermixed_args(given[2:])
        assert callable(parsed.command)
