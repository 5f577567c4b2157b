"""`predict --ray`: each shard as `predict -o` answers it alone, done once, whoever is lost."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import psutil
import pytest

from burnish.batch import shard_work
from burnish.batch.journal import Journal
from burnish.batch.shards import find_shards, record_of
from burnish.cli import shard_files
from burnish.errors import UsageError
from tests.tiny_onnx import tiny_bundle

ROOT = Path(__file__).parents[3]
CSV = "id,text\n1,my card\n2,\n3,the parcel 😀\n"
JSONL = '{"text": "hello", "n": 7}\n'


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    folder = tmp_path / "shards"
    (folder / "may").mkdir(parents=True)
    (folder / "a.csv").write_text(CSV, encoding="utf-8")
    (folder / "may" / "b.jsonl").write_text(JSONL, encoding="utf-8")
    (folder / "_SUCCESS").touch()
    (folder / ".hidden.csv").touch()
    return folder


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Shards are answered in this process, as another one would: from a pickled task."""
    asked = []

    def spread(work, items, *, processors):
        for index, item in reversed(list(enumerate(items))):
            asked.append(item.shard.source.name)
            yield index, work(pickle.loads(pickle.dumps(item)))

    monkeypatch.setattr(shard_files, "on_cluster", lambda address, processors: nullcontext())
    monkeypatch.setattr(shard_files, "spread", spread)
    return asked


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_a_shards_output_is_that_of_predict_alone(
    shell, bundles, shards, tmp_path, here, ending: str
) -> None:
    out = tmp_path / "out"
    bundle = bundles["classification"]
    flags = ["--ray", "--shard-format", ending, "--top-k", 2, "--abstain-score", "0.9"]
    done = shell("predict", bundle, shards, "-o", out, *flags)
    assert (done.code, done.out) == (1, f"{out}: 2 shards, 4 rows\n")
    assert "1 of 4 rows could not be answered" in done.notes
    assert set(state(out)) == {f"a.{ending}", f"may/b.{ending}"}
    for source, name in ((shards / "a.csv", "a"), (shards / "may" / "b.jsonl", "may/b")):
        alone = tmp_path / f"alone.{ending}"
        shell("predict", bundle, source, "-o", alone, "--replace", *flags[3:])
        assert (out / f"{name}.{ending}").read_bytes() == alone.read_bytes()


def test_what_is_done_is_not_done_again(shell, bundles, shards, tmp_path, here) -> None:
    out, words = tmp_path / "out", ["predict", bundles["classification"], shards, "--ray", "-o"]
    shell(*words, out)
    first = state(out)
    refused = shell(*words, out)
    assert refused.code == 2
    assert "2 outputs exist already" in refused.notes
    assert "--resume" in refused.notes

    assert "2 shards were answered before" in shell(*words, out, "--resume").notes
    assert state(out) == first

    (shards / "may" / "b.jsonl").write_text(JSONL * 2)
    told = shell(*words, out, "--resume").notes
    assert "1 shard was answered before" in told
    assert "1 shard was answered again, for this has changed since: input" in told
    assert state(out)["a.jsonl"] == first["a.jsonl"]
    assert state(out)["may/b.jsonl"][0].count(b"\n") == 2

    told = shell(*words, out, "--resume", "--top-k", 2).notes
    assert "2 shards were answered again, for this has changed since: --top-k" in told
    (out / "a.jsonl").write_text("damaged")
    shell(*words, out, "--resume", "--top-k", 2)
    assert state(out)["a.jsonl"][0].count(b"\n") == 3
    shell(*words, out, "--replace")
    assert state(out)["a.jsonl"][0] == first["a.jsonl"][0]
    assert state(out)["a.jsonl"] != first["a.jsonl"]  # written anew


def test_another_bundle_answers_all_shards_again(shell, bundles, shards, tmp_path, here) -> None:
    out, bundle = tmp_path / "out", tmp_path / "bundle"
    shutil.copytree(bundles["classification"], bundle)
    shell("predict", bundle, shards, "--ray", "-o", out)
    shutil.rmtree(bundle)
    tiny_bundle(bundle, name="other")
    told = shell("predict", bundle, shards, "--ray", "-o", out, "--resume").notes
    assert "2 shards were answered again, for this has changed since: bundle" in told


def test_a_bad_shard_is_said_at_the_end(shell, bundles, shards, tmp_path, here) -> None:
    (shards / "bad.csv").write_text("id,body\n1,my card\n")
    out, words = tmp_path / "out", ["predict", bundles["classification"], shards, "--ray", "--json"]
    done = shell(*words, "-o", out)
    assert done.code == 1
    assert (done.document["shards"], done.document["rows"]) == (2, 4)
    assert list(done.document["errors"]) == [str(shards / "bad.csv")]
    assert "no column 'text'" in done.notes
    assert "1 shard has no output" in done.notes
    assert not list(out.glob("bad*"))
    (shards / "bad.csv").write_text("id,text\n1,my card\n")
    assert shell(*words, "-o", out, "--resume").document["shards"] == 3


def test_a_kill_at_any_moment_of_the_end_does_no_harm(
    shell, bundles, shards, tmp_path, here, monkeypatch
) -> None:
    """Before the record is written, and between the record and the journal's end."""
    out = tmp_path / "out"
    words = ["predict", bundles["classification"], shards / "a.csv", "--ray", "-o", out, "--resume"]
    for owner, name in ((shard_work, "_keep"), (Journal, "discard")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, _lost)
            with pytest.raises(KeyError):
                shell(*words, "--debug")
        before = state(out)
        assert shell(*words).code == 1
        assert state(out) == before  # the same bytes, and not written again
        assert not list(out.glob(".*.part"))
        shutil.rmtree(out)


def _lost(*_: object) -> None:
    raise KeyError("the process ends here")


def test_what_cannot_be_done_is_refused_early(shell, bundles, shards, tmp_path, here) -> None:
    (tmp_path / "empty").mkdir()
    out, words = tmp_path / "out", ["predict", bundles["classification"]]
    (tmp_path / "file").touch()
    (tmp_path / "a.jsonl").write_text(JSONL)
    for given, said in (
        ([shards], "--ray writes files"),
        ([shards, "-o", tmp_path / "file"], "is a file"),
        ([tmp_path / "empty", "-o", out], "there are no shards"),
        (["-o", out], "there are no shards: no file is named"),
        (["-", "-o", out], "-: no such file"),
        ([shards / "nope.csv", "-o", out], "nope.csv: no such file"),
        ([shards / "a.csv", tmp_path / "a.jsonl", "-o", out], "would both be written to"),
        ([shards, "-o", shards / "out"], "lies in the folder of the shards"),
        ([shards, "-o", out, "--as", "doccano"], "--as writes one file"),
        ([shards, "-o", out, "--threshold", "0.5"], "threshold"),
    ):
        done = shell(*words, *given, "--ray")
        assert (done.code, said in done.notes) == (2, True), done.notes
    done = shell(*words, shards / "a.csv", shards / "b.csv")
    assert (done.code, "'" + str(shards / "b.csv") + "' is another" in done.notes) == (2, True)
    assert shell(*words, shards / "a.csv", "--ray-address", "x:1").code == 2
    assert here == []
    assert not out.exists()


def test_names_of_outputs(tmp_path: Path) -> None:
    names = {"a.b.csv.gz": "a.b.jsonl", "x.zip": "x.jsonl", "v1.5": "v1.5.jsonl"}
    for name in names:
        (tmp_path / name).touch()
    found = find_shards([tmp_path / name for name in names], Path("o"), ending=".jsonl", form="csv")
    assert [shard.output.name for shard in found] == list(names.values())
    with pytest.raises(UsageError, match="the format cannot be told"):
        find_shards([tmp_path / "v1.5"], Path("o"), ending=".jsonl")
    assert record_of(Path("o/a.jsonl")) == Path("o/.a.jsonl.done")


def test_without_ray_the_extra_is_named(shell, bundles, shards, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    done = shell("predict", bundles["classification"], shards, "--ray", "-o", tmp_path / "out")
    assert done.code == 1
    assert "pip install 'burnish[ray]'" in done.notes


@pytest.mark.slow
def test_a_lost_worker_of_two_costs_nothing(shell, bundles, tmp_path) -> None:
    pytest.importorskip("ray", reason="pip install 'burnish[ray]'")
    folder, out, bundle = tmp_path / "shards", tmp_path / "out", bundles["classification"]
    folder.mkdir()
    for name in "abc":
        rows = "".join(f"{number},my card {name} the parcel\n" for number in range(2000))
        (folder / f"{name}.csv").write_text(f"id,text\n{rows}")
    words = ["predict", bundle, folder, "-o", out, "--ray", "--json"]
    command = subprocess.Popen(
        [sys.executable, "-m", "burnish", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    lost = _holder(out / ".a.jsonl.part", command)
    os.kill(lost.pid, signal.SIGKILL)
    answers, notes = command.communicate(timeout=240)
    assert command.returncode == 0, notes
    assert json.loads(answers)["rows"] == 6_000
    assert not lost.is_running()
    assert "A worker died or was killed" in notes  # Ray's own words
    for name in "abc":
        shell("predict", bundle, folder / f"{name}.csv", "-o", tmp_path / f"{name}.jsonl")
        assert (out / f"{name}.jsonl").read_bytes() == (tmp_path / f"{name}.jsonl").read_bytes()
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [*(f"{name}.jsonl" for name in "abc"), *(f".{name}.jsonl.done" for name in "abc")]
    )


def _holder(journal: Path, command: subprocess.Popen[str]) -> psutil.Process:
    """The worker that writes a journal, once some hundred rows are in it."""
    while not journal.exists() or journal.stat().st_size < 20_000:
        assert command.poll() is None, command.communicate()
        time.sleep(0.005)
    workers = [
        process
        for process in psutil.Process(command.pid).children(recursive=True)
        if any(Path(file.path) == journal for file in process.open_files())
    ]
    (worker,) = workers
    return worker
