"""The files of a base model's directory: stubs, pipes and links are refused by their names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from burnish.torch_models.base import resolve_base
from tests.torch_models.bases import refusal

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 90868376\n"


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LFS, "Git LFS pointer"),
        (b"../.git/annex/objects/xx/yy", "git-annex pointer"),
        (b"<!DOCTYPE html><title>404</title>", "web page"),
        (b"", "is empty"),
        (b"\x1f\x8b\x08\x00aaaa", "gzip"),
        (b"\xff\xfe{\x00}\x00", "UTF-16"),
        (b"\x80\x04\x95aaaaaaaaa", "pickle"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_stub_is_called_what_it_is(model, file, content, said) -> None:
    (model / file).write_bytes(content)
    assert said in refusal(model).message
    assert file in refusal(model).message


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_byte_order_mark_is_named(model, file) -> None:
    (model / file).write_bytes(b"\xef\xbb\xbf" + (model / file).read_bytes())
    assert "byte order mark" in refusal(model).message


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_pipe_or_a_directory_is_no_file_and_nobody_waits_for_it(model, file) -> None:
    for make in (os.mkfifo, os.mkdir):
        (model / file).unlink(missing_ok=True)
        make(model / file)
        assert "not a plain file" in refusal(model).message
        (model / file).unlink() if (model / file).is_fifo() else (model / file).rmdir()


@pytest.mark.parametrize(
    "file", ["config.json", "model.safetensors", "tokenizer.json", "vocab.txt", "1_Pooling"]
)
def test_a_link_out_of_the_directory_is_refused(model, file) -> None:
    outside = model.parent / "outside"
    if (model / file).exists():
        (model / file).rename(outside)
    else:
        outside.write_text("a secret")
    (model / file).symlink_to(outside)
    assert f"{file} is a link that leads out" in refusal(model).message


def test_a_link_that_leads_nowhere_is_refused(model) -> None:
    (model / "vocab.txt").symlink_to("nowhere")
    (model / "vocab.json").symlink_to("vocab.json")
    assert "link" in refusal(model).message


def test_links_inside_the_directory_and_those_of_the_hubs_cache_are_followed(model) -> None:
    (model / "config.json").rename(model / "other.json")
    (model / "config.json").symlink_to("other.json")
    assert resolve_base(str(model)).family == "bert"

    cache = model.parent / "models--a--b"
    (cache / "blobs").mkdir(parents=True)
    snapshot = cache / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    for path in [each for each in model.iterdir() if each.is_file()]:
        shutil.copy(path, cache / "blobs" / path.name)
        (snapshot / path.name).symlink_to(Path("../../blobs") / path.name)
    assert resolve_base(str(snapshot)).family == "bert"

    (snapshot / "vocab.txt").symlink_to("/etc/hostname")
    assert "vocab.txt" in refusal(snapshot).message
