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

import burnish
from burnish.bundle import read_bundle
from burnish.cli.command import COMMANDS, command_parser, load_command
from burnish.cli.reference import render_reference
from burnish.data import sample_path
from burnish.recipe.recipe import Recipe, load_recipe, parse_recipe
from tests.prose import DOCUMENTS, broken_links, phrasings_in

ROOT = Path(__file__).parent.parent
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SEARCHED = (
    *("docker", "nginx", "excel", "pandas", "jupyter", "multilingual", "early stopping"),
    *("confusion matrix", "grafana", "load test", "troubleshooting", "offline install"),
    *("air-gapped", "hierarchical labels", "custom model", "api reference"),
)
"""What people search for; each must find something in docs/."""
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


def train_lines() -> Iterator[list[str]]:
    for document in DOCUMENTS:
        yield from (words for words in command_lines(document) if words[1] == "train")


def test_every_override_of_a_documented_training_is_a_key() -> None:
    lines = list(train_lines())
    assert len(lines) > 10
    for words in lines:
        overrides = [word for word in words[3:] if "=" in word]
        keys = {"task": "classification", "data": {"train": "rows.csv"}, "output": "runs/x"}
        parse_recipe(keys, overrides=overrides)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    assert not list(broken_links(document))


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("[a](b.md)", ["b.md"]),
        ("[a](README.md#what-is-it)", []),
        ("[a](README.md#what-is-not)", ["README.md#what-is-not"]),
        ("[a](#own-heading-2)\n\n## Own heading: 2\n", []),
        ("```\n[a](b.md)\n```\n", []),
        ("[a](https://example.org/b.md)", []),
    ],
)
def test_a_link_to_what_is_not_there_is_found(tmp_path: Path, text: str, broken) -> None:
    (tmp_path / "README.md").write_text("# One\n\n## What is it?\n")
    page = tmp_path / "page.md"
    page.write_text(text)
    assert list(broken_links(page)) == broken


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The gates are held against a\nthreshold.", [(1, "held against")]),
        ("First.\n\nIt is told\nof the error.", [(3, "told of")]),
        ("A few rows a class.", [(1, "rows a class")]),
        ("There is no such file: `is no`.", []),
        ("11 rows, 1 row, and 1,001 rows.", []),
        ("```\nheld against\n```\n", []),
        ("We recommend and amend.", []),
        ("It says 1 rows.", [(1, "1 rows")]),
    ],
)
def test_a_banned_phrasing_is_found_over_line_ends_and_not_in_code(text: str, found) -> None:
    assert list(phrasings_in(text)) == found


def test_what_people_search_for_is_in_the_docs() -> None:
    pages = [path.read_text(encoding="utf-8").lower() for path in (ROOT / "docs").rglob("*.md")]
    words = [re.sub(r"\s+", " ", page) for page in pages]
    missing = [each for each in SEARCHED if not any(each in page for page in words)]
    assert not missing


def test_the_site_has_every_page() -> None:
    listed = set(
        re.findall(r"^ +- ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    )
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert listed == pages


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path) -> None:
    pytest.importorskip("material", reason="needs the extra docs")
    built = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", built],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    loaded = re.compile(r"<(?:script|img|link|iframe)[^>]*(?:src|href)=[\"']?(?:https?:)?//")
    pages = list(built.rglob("*.html"))
    assert len(pages) > 25
    assert not [page.name for page in pages if loaded.search(page.read_text(encoding="utf-8"))]


def test_the_api_reference_has_every_public_name() -> None:
    text = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    missing = [
        name
        for name in burnish.__all__
        if name != "__version__" and f"heading: burnish.{name}" not in text
    ]
    assert missing == ["BurnishError"]  # listed with the other errors
    assert "BurnishError" in text


def shorter(script: str) -> str:
    """The same trainings, of one epoch."""
    return script.replace("train.seeds=1", "train.epochs=1 train.seeds=1")


def run_blocks(document: Path, directory: Path, *, after: str = "") -> str:
    """Run a document's ``sh`` blocks, one after the other, on a port of our own."""
    script = "\n".join(block for language, block in blocks(document) if language == "sh") + after
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", shorter(script.replace("8000", str(_free_port())))],
        cwd=directory,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=1800,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("document", TUTORIALS, ids=lambda path: path.name)
def test_a_tutorials_quick_commands_run(document: Path, tmp_path: Path) -> None:
    """Those that train are the README's or the demo's, which have tests of their own."""
    assert "row" in run_blocks(document, tmp_path)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_exists(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for _, block in blocks(document):
        for target in re.findall(r"^(?:\$ )?make (\w+)", block, re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="argparse words its help otherwise")
def test_the_command_reference_is_made_of_the_parsers() -> None:
    written = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    assert written == render_reference(), "python -m burnish.cli.reference > docs/reference/cli.md"


def test_the_recipe_reference_has_every_key() -> None:
    text = (ROOT / "docs" / "reference" / "recipe.md").read_text(encoding="utf-8")
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


def test_the_readmes_first_screen_says_how_to_install() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("pip install") for line in lines[:25])


@pytest.mark.slow
def test_the_readmes_commands_run(tmp_path: Path) -> None:
    """Its ``sh`` blocks and its Python, on few rows."""
    for name in ("tickets.csv", "tickets-of-may.csv"):
        _write_few_tickets(tmp_path / name)
    printed = run_blocks(ROOT / "README.md", tmp_path, after="\nkill %1\n")
    assert '"label"' in printed.splitlines()[-1]
    assert '"score"' in printed.splitlines()[-1]
    (code,) = [block for language, block in blocks(ROOT / "README.md") if language == "python"]
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            code.replace('"train.seeds=1"', '"train.epochs=1", "train.seeds=1"'),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr
    assert read_bundle(tmp_path / "bundles" / "model").manifest.task.task == "classification"


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


def test_the_worked_task_is_the_task() -> None:
    """Lines of its files, and what it adds to each table."""
    text = (ROOT / "docs" / "adding-a-task.md").read_text(encoding="utf-8")
    files = re.findall(r"^\| `([\w/.]+)` \| .* \| (\d+) \|$", text, flags=re.MULTILINE)
    assert len(files) == 10
    counted = {name: len((ROOT / name).read_text().splitlines()) for name, _ in files}
    assert counted == {name: int(lines) for name, lines in files}
    tables = re.findall(r"^\| `([\w/.]+)` \| `(.+)` \|$", text, flags=re.MULTILINE)
    assert len(tables) == 5
    assert [line for name, line in tables if line not in (ROOT / name).read_text()] == []
