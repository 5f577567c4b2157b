"""The documents: their commands run, their references are true, their tree is the tree."""

from __future__ import annotations

import csv
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from burnish.cli.command import COMMANDS, command_parser, load_command
from burnish.cli.reference import render_reference
from burnish.config import Recipe, load_recipe
from burnish.data import sample_path

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
ROWS_A_LABEL = 12


def blocks(document: Path) -> Iterator[tuple[str, str]]:
    """Language and content of each fenced block."""
    yield from FENCE.findall(document.read_text(encoding="utf-8"))


def command_lines(document: Path) -> Iterator[list[str]]:
    """Every command line of burnish that stands in a fenced block, as words."""
    for _, block in blocks(document):
        joined = block.replace("\\\n", " ")
        for line in joined.splitlines():
            command = line.removeprefix("$ ").rpartition("| ")[2]
            if command.startswith("burnish ") and "COMMAND" not in command:
                yield shlex.split(command.partition(" > ")[0].rstrip(" &"), comments=True)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_line_can_be_parsed(document: Path) -> None:
    for words in command_lines(document):
        if words[1:2] in (["--help"], ["--version"]):
            continue
        assert words[1] in COMMANDS, words
        command_parser(words[1], load_command(words[1])).parse_intermixed_args(words[2:])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_exists(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for _, block in blocks(document):
        for target in re.findall(r"^(?:\$ )?make (\w+)", block, re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="argparse words its help otherwise")
def test_the_command_reference_is_made_of_the_parsers() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == render_reference(), "python -m burnish.cli.reference > docs/cli.md"


def test_the_recipe_reference_has_every_key() -> None:
    text = (ROOT / "docs" / "recipe.md").read_text(encoding="utf-8")
    for name, field in Recipe.model_fields.items():
        section = getattr(field.annotation, "model_fields", None)
        for key in [f"{name}.{inner}" for inner in section] if section else [name]:
            assert f"`{key}`" in text, key


def test_the_readmes_tree_is_the_tree() -> None:
    (tree,) = [block for _, block in blocks(ROOT / "README.md") if "bentofile.yaml" in block]
    drawn, folder = set(), ""
    for line in tree.splitlines():
        name, _, comment = line.strip().partition(" ")
        assert comment.strip(), f"no comment: {line}"
        if not line.startswith(" "):
            folder = name if name.endswith("/") else ""
        drawn.add(name if not line.startswith(" ") else folder + name)
    missing = [name for name in drawn if not (ROOT / name).exists()]
    assert not missing
    tops = {f"{path.name}/" for path in ROOT.iterdir() if path.is_dir() and _is_ours(path)}
    inner = {f"burnish/{path.name}/" for path in (ROOT / "burnish").iterdir() if _is_ours(path)}
    assert tops <= drawn
    assert {name for name in inner if (ROOT / name).is_dir()} <= drawn


def _is_ours(path: Path) -> bool:
    generated = ("build", "dist", "demo", "runs", "bundles")
    return not path.name.startswith((".", "__")) and not (
        path.name in generated or path.name.endswith(".egg-info")
    )


def test_the_readme_opens_with_the_two_commands() -> None:
    _, first = next(blocks(ROOT / "README.md"))
    targets = [line.partition("#")[0].strip() for line in first.splitlines()]
    assert targets == ["make demo", "make test"]


@pytest.mark.slow
def test_the_readmes_commands_run(tmp_path: Path) -> None:
    """Its ``sh`` blocks, one after the other, on few rows and another port."""
    _write_few_tickets(tmp_path / "tickets.csv")
    script = "\n".join(block for language, block in blocks(ROOT / "README.md") if language == "sh")
    script = script.replace("8000", str(_free_port()))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=600,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert '"labels"' in done.stdout
    assert '"score"' in done.stdout


def _write_few_tickets(target: Path) -> None:
    with sample_path("tickets").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    kept: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        if len(kept.setdefault(row["label"], [])) < ROWS_A_LABEL:
            kept[row["label"]].append(row)
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["text", "label"])
        writer.writeheader()
        for few in kept.values():
            writer.writerows(few)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/**/*.yaml")), ids=lambda p: p.stem)
def test_every_example_recipe_is_one(path: Path) -> None:
    recipe = load_recipe(path)
    assert recipe.output.parts[-2] == "runs"
    assert path.read_text(encoding="utf-8").startswith("# ")
