"""Streams of tokens on disk, and the windows with masked words that are cut from them."""

from __future__ import annotations

import numpy as np
import pytest

from burnish.errors import DataError, InputError, UsageError
from burnish.tasks import TextEncoder
from burnish.tasks.regimes import IGNORED
from burnish.training.pipeline.pretraining.texts import (
    WORD,
    is_held_out,
    read_texts,
    survey,
    write_stream,
)
from burnish.training.pipeline.pretraining.windows import EveryWindow, MaskedWindows, Vocabulary
from tests.tiny import tiny_base

MASK, CLS, SEP = 4, 2, 3
VOCABULARY = Vocabulary((CLS,), (SEP,), MASK, 60)


def stream(tmp_path, words: int = 400, *, pieces: int = 2):
    """Words of so many pieces each; no two tokens are equal in a window."""
    ids = np.arange(words * pieces, dtype=np.int32) % 50 + 5
    ids[::pieces] |= WORD
    path = tmp_path / "stream"
    ids.tofile(path)
    return path


def masked(tmp_path, *, epochs=1, seed=13, length=42):
    path = stream(tmp_path)
    return MaskedWindows(path, length=length, vocabulary=VOCABULARY, epochs=epochs, seed=seed)


def test_a_window_is_a_part_of_the_stream_between_special_tokens(tmp_path) -> None:
    windows = masked(tmp_path)
    assert windows.windows == 20
    feature = windows[3]
    ids = feature.window.input_ids
    assert (ids[0], ids[-1], len(ids)) == (CLS, SEP, 42)
    own = np.fromfile(tmp_path / "stream", dtype=np.int32)[120:160] & ~WORD
    told = feature.target[1:-1]
    assert np.array_equal(np.where(told == IGNORED, ids[1:-1], told), own)
    assert feature.target[0] == feature.target[-1] == IGNORED


def test_words_are_masked_whole(tmp_path) -> None:
    windows = masked(tmp_path)
    for place in range(windows.windows):
        told = windows[place].target[1:-1] != IGNORED
        assert np.array_equal(told[::2], told[1::2])
        assert 6 <= told.sum() <= 8  # 15 % of 40, whole words


def test_what_is_shown_is_mostly_the_mask(tmp_path) -> None:
    windows = masked(tmp_path, epochs=50)
    shown, own = [], []
    for feature in (windows[at] for at in range(len(windows))):
        told = feature.target != IGNORED
        shown.append(feature.window.input_ids[told])
        own.append(feature.target[told])
    seen, true = np.concatenate(shown), np.concatenate(own)
    assert np.mean(seen == MASK) == pytest.approx(0.8, abs=0.02)
    assert np.mean(seen == true) == pytest.approx(0.1, abs=0.02)


def test_every_epoch_has_other_masks_and_a_seed_has_the_same(tmp_path) -> None:
    windows, again = masked(tmp_path, epochs=2), masked(tmp_path, epochs=2)
    other = masked(tmp_path, epochs=2, seed=14)
    first, second = windows[0].target, windows[20].target
    assert not np.array_equal(first, second)
    assert np.array_equal(first, again[0].target)
    assert not np.array_equal(first, other[0].target)
    assert len(windows) == 40
    assert len(windows[0:3]) == 3


def test_an_epoch_has_each_window_once() -> None:
    batches = EveryWindow(10, batch_size=4, seed=3)
    assert len(batches) == 3
    epochs = [[place for batch in batches.of_epoch(epoch) for place in batch] for epoch in (0, 1)]
    assert sorted(epochs[0]) == list(range(10))
    assert sorted(epochs[1]) == list(range(10, 20))
    assert [place % 10 for place in epochs[1]] != epochs[0]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory) -> TextEncoder:
    base = tiny_base(tmp_path_factory.mktemp("base") / "bert")
    return TextEncoder.from_file(base / "tokenizer.json", max_length=16, stride=0)


def test_a_stream_is_the_tokens_of_the_texts_with_an_end_between(tmp_path, encoder) -> None:
    texts = ["my card is late " * 40, "no"]
    path = tmp_path / "stream"
    count = write_stream(path, iter(texts), encoder, end=SEP, check=lambda: None)
    written = np.fromfile(path, dtype=np.int32)
    assert len(written) == count
    expected = []
    for text in texts:
        expected += [*encoder._tokenizer.encode(text, add_special_tokens=False).ids, SEP]
    assert (written & ~WORD).tolist() == expected
    words = [each.startswith("##") for each in map(encoder._tokenizer.id_to_token, expected)]
    assert [not each & WORD for each in written.tolist()] == words


def test_a_survey_counts_and_keeps_nothing(tmp_path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("".join(f"text {number}\n" for number in range(400)) + "\n")
    found = survey(path)
    assert found.texts == 400
    assert 5 <= found.held_out <= 40
    assert found.left_out == 0
    texts = [text for text in read_texts(path) if not isinstance(text, InputError)]
    assert sum(is_held_out(text, found) for text in texts) == found.held_out


def test_of_few_texts_one_is_held_out(tmp_path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("one\ntwo\nthree\n")
    found = survey(path)
    texts = ["one", "two", "three"]
    assert sum(is_held_out(text, found) for text in texts) == 1


def test_a_folder_and_a_table_are_read_alike(tmp_path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("a", "b"):
        (tmp_path / "folder" / f"{name}.txt").write_text(f"text {name}")
    (tmp_path / "table.csv").write_text("body,other\ntext a,1\ntext b,2\n")
    assert list(read_texts(tmp_path / "folder")) == ["text a", "text b"]
    assert list(read_texts(tmp_path / "table.csv", "body")) == ["text a", "text b"]
    assert survey(tmp_path / "folder").digest == survey(tmp_path / "table.csv", "body").digest


def test_what_holds_no_text_is_refused(tmp_path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=r"holds no \.txt files"):
        survey(tmp_path / "folder")
    with pytest.raises(UsageError, match="no such file or folder"):
        survey(tmp_path / "missing.txt")
    (tmp_path / "empty.txt").write_text("\n \n")
    with pytest.raises(DataError, match="holds no text"):
        survey(tmp_path / "empty.txt")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 8)
    with pytest.raises(DataError):
        survey(tmp_path / "binary.txt")


def test_a_line_without_end_is_left_out_and_not_read_whole(tmp_path) -> None:
    path = tmp_path / "long.txt"
    with path.open("wb") as stream:
        for _ in range(40):
            stream.write(b"word " * 200_000)
        stream.write(b"\nshort\n")
    found = survey(path)
    assert (found.texts, found.left_out) == (1, 1)
    assert "MiB" in found.first_left_out
