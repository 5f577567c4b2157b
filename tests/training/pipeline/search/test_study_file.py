"""A file of trials that a search cannot use: refused with advice, and left as it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import optuna
import pytest

from burnish.errors import RunError
from burnish.lock import owned
from burnish.recipe.searching import SearchRange
from burnish.training.loop.loop import TrainingLoop
from burnish.training.pipeline.search import search
from burnish.training.pipeline.search.study_file import check_study_file, telling_of_study_file
from burnish.training.pipeline.search.trials import Trials

RANGES = {"train.epochs": SearchRange(choices=(1, 2))}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trials.sqlite"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a search with one trial."""
    path = tmp_path_factory.mktemp("study") / "trials.sqlite"
    trials = opened(path)
    trial, _, _ = trials.ask()
    trials.done(trial, 0.5, low=0.4, high=0.6)
    return path.read_bytes()


def opened(path: Path) -> Trials:
    return Trials(path, RANGES, seed=1, basis={"rows": "some"})


def refusal(path: Path) -> RunError:
    """How a file is refused; it is as it was."""
    before = path.read_bytes()
    with pytest.raises(RunError) as caught:
        opened(path)
    assert path.read_bytes() == before
    assert str(path) in caught.value.message
    return caught.value


def statement(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(sql)


@contextmanager
def locked(path: Path, how: str) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"BEGIN {how}")
        yield


def test_a_whole_file_goes_on(file, study) -> None:
    file.write_bytes(study)
    assert len(opened(file)) == 1


@pytest.mark.parametrize("kept", [50, 4096, 60_000])
def test_a_file_that_lost_its_end_is_refused(file, study, kept) -> None:
    assert len(study) > kept
    file.write_bytes(study[:kept])
    error = refusal(file)
    assert "is damaged" in error.message
    assert "restore it from a copy" in error.hint


def test_an_empty_file_is_one_that_a_killed_search_left(file) -> None:
    file.touch()
    assert len(opened(file)) == 0


@pytest.mark.parametrize(
    "table", ["diary (day TEXT)", "studies (patient TEXT)", "version_info (a); CREATE TABLE b (c)"]
)
def test_another_programs_database_is_refused(file, table) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.executescript(f"CREATE TABLE {table}")
    assert "a database of something else" in refusal(file).message


@pytest.mark.parametrize("name", ["mine", "search"])
def test_another_study_of_optuna_is_refused(file, name) -> None:
    other = optuna.create_study(storage=f"sqlite:///{file}", study_name=name)
    other.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    with pytest.raises(RunError, match=r"something else|did not make"):
        opened(file)
    assert len(optuna.load_study(storage=f"sqlite:///{file}", study_name=name).trials) == 1
    assert optuna.get_all_study_names(f"sqlite:///{file}") == [name]


def test_another_version_of_optuna_is_named(file, study) -> None:
    file.write_bytes(study)
    statement(file, "UPDATE alembic_version SET version_num = 'v9.0.0.a'")
    assert "another version of Optuna" in refusal(file).message


def test_a_folder_is_not_the_file(file) -> None:
    file.mkdir()
    with pytest.raises(RunError, match="is not a file") as caught:
        opened(file)
    assert "move it away" in caught.value.hint
    file.rename(file.with_name("away"))
    assert len(opened(file)) == 0


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_file_that_another_program_has_locked_is_named(file, study, how, monkeypatch) -> None:
    monkeypatch.setattr("burnish.training.pipeline.search.study_file._PATIENCE_S", 0.01)
    file.write_bytes(study)
    with locked(file, how):
        error = refusal(file)
    assert "another program has locked" in error.message
    assert len(opened(file)) == 1


@contextmanager
def without_rights() -> Iterator[None]:
    """Root may write everywhere; others may not."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A directory that others may look into, unlike pytest's."""
    place = Path(tempfile.mkdtemp(prefix="burnish-"))
    place.chmod(0o755)
    yield place
    place.chmod(0o755)
    shutil.rmtree(place)


@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_a_file_without_rights_is_named_with_the_command_that_gives_them(
    open_place, study, mode
) -> None:
    file = open_place / "trials.sqlite"
    file.write_bytes(study)
    file.chmod(mode)
    with without_rights(), pytest.raises(RunError, match="cannot be read and written") as caught:
        check_study_file(file)
    assert f"chmod u+rw {file}" in caught.value.hint
    assert file.read_bytes() == study


def test_a_directory_without_rights_is_named_where_the_file_itself_has_them(
    open_place, study
) -> None:
    file = open_place / "trials.sqlite"
    file.write_bytes(study)
    file.chmod(0o666)
    open_place.chmod(0o555)
    with without_rights(), pytest.raises(RunError, match="cannot be read and written") as caught:
        check_study_file(file)
    assert "its directory must be writable too" in caught.value.hint
    assert file.read_bytes() == study


def test_a_place_that_may_not_be_written_is_named(open_place) -> None:
    open_place.chmod(0o555)
    for directory in (open_place, open_place / "search"):
        with without_rights(), pytest.raises(RunError, match="may not be written") as caught:
            owned(directory, by="search").__enter__()
        assert str(directory) in caught.value.message


def test_a_full_disk_is_told(file, study) -> None:
    file.write_bytes(study)
    with (
        pytest.raises(RunError, match="there is no room"),
        telling_of_study_file(file),
        closing(sqlite3.connect(file)) as database,
    ):
        database.executescript(
            "PRAGMA max_page_count = 1; CREATE TABLE more AS SELECT zeroblob(100000)"
        )


def test_other_errors_stay_what_they_are(file) -> None:
    with pytest.raises(KeyError), telling_of_study_file(file):
        raise KeyError("x")
    told = RunError("said already")
    with pytest.raises(RunError) as caught, telling_of_study_file(file):
        raise told from sqlite3.OperationalError("why")
    assert caught.value is told


def test_a_trial_whose_score_cannot_be_kept_is_not_trained_again(
    make_recipe, tmp_path, monkeypatch
) -> None:
    """The file is locked when the first trial ends; the second call has its score at once."""
    ranges = {"train.epochs": [1, 2]}
    recipe = make_recipe("one", search={"ranges": ranges})
    done, file = Trials.done, tmp_path / "search" / "trials.sqlite"

    def while_locked(*given, **score) -> None:
        with locked(file, "IMMEDIATE"):
            sqlite3.connect(file, timeout=0.01).execute("UPDATE studies SET study_name = 'x'")

    monkeypatch.setattr(Trials, "done", while_locked)
    with pytest.raises(RunError, match="another program has locked"):
        search(recipe, tmp_path / "search", trials=1)

    def stepping(*given: object) -> None:
        raise AssertionError("the trial is trained again")

    monkeypatch.setattr(Trials, "done", done)
    monkeypatch.setattr(TrainingLoop, "_step", stepping)
    found = search(recipe, tmp_path / "search", trials=1)
    assert [each.outcome for each in found.trials] == ["done"]
    assert not list((tmp_path / "search").glob(".trial*"))
