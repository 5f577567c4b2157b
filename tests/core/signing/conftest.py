"""A bundle, and two people with keys."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.signers import Signer, new_signer
from tests.tiny_onnx import tiny_bundle


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return tiny_bundle(tmp_path_factory.mktemp("bundles") / "whole")


@pytest.fixture
def bundle(whole, tmp_path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "bundle"))


@pytest.fixture(scope="module")
def signer(tmp_path_factory) -> Signer:
    return new_signer(tmp_path_factory.mktemp("signer"))


@pytest.fixture(scope="module")
def other(tmp_path_factory) -> Signer:
    return new_signer(tmp_path_factory.mktemp("other"), "other")
