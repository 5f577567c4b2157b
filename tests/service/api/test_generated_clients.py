"""Clients that generators write from ``/openapi.json`` call every route."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from burnish.service.routes import ROUTES

CALLS = Path(__file__).parent / "generated"
EXPECTED = {
    "classify": "billing",
    "extract": ["Anna", "Paris"],
    "answer": "seven",
    "ask a classifier": "billing",
    "ask an extractor": ["Anna", "Paris"],
    "ask for an answer": "seven",
    "an error": "not_found",
    "model": "tiny-qa",
    "models": ["tiny-classification", "tiny-extraction", "tiny-qa"],
    "livez": "alive",
    "readyz": "ready",
    "metrics": True,
    "openapi": "3.1.0",
    "page": True,
}


@pytest.fixture(scope="module")
def document(server, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("openapi") / "openapi.json"
    path.write_bytes(httpx.get(f"{server.url}/openapi.json").content)
    return path


def generate(*command: str, folder: Path) -> str:
    # The generator formats what it wrote with ruff, which lies beside this Python.
    beside = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PATH": beside},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def call(script: str, client: Path, url: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, CALLS / script, url],
        env={**os.environ, "PYTHONPATH": str(client), "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def needs(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed: pip install '.[dev]'")


def test_openapi_python_client_writes_every_route(server, document, tmp_path):
    needs("openapi_python_client")
    said = generate(
        "-m", "openapi_python_client", "generate", "--path", str(document), folder=tmp_path
    )
    assert "WARNING" not in said.upper()
    client = tmp_path / "burnish-client"
    found = call("ask_python_client.py", client, server.url)
    assert found.pop("classify many") == ["list", "ErrorReply"]
    assert found == EXPECTED
    written = {path.stem for path in (client / "burnish_client/api/default").glob("*.py")}
    assert len(written - {"__init__"}) == len(ROUTES) + 1  # a model's has GET and POST


def test_openapi_generators_python_client_calls_every_route(server, document, tmp_path):
    needs("openapi_generator_cli")
    if shutil.which("java") is None:
        pytest.skip("openapi-generator needs Java")
    into = tmp_path / "client"
    generate(
        *("-c", "import sys, openapi_generator_cli as cli; cli.run(sys.argv[1:])"),
        *("generate", "-g", "python"),
        *("-i", str(document), "-o", str(into)),
        folder=tmp_path,
    )
    found = call("ask_openapi_generator.py", into, server.url)
    assert found.pop("classify many") == [["billing"], ["billing"]]
    assert found == EXPECTED
