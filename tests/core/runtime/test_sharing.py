import gc
import shutil

import burnish
from burnish.runtime import steps as runtime_steps
from burnish.runtime.sharing import Shared
from tests.tiny_onnx import tiny_bundle


class Part:
    pass


def test_a_part_is_made_once_while_anybody_holds_it():
    shared: Shared[Part] = Shared()
    first = shared.get("a", Part)
    assert shared.get("a", Part) is first
    assert shared.get("b", Part) is not first
    del first
    gc.collect()
    assert "a" not in shared


def test_equal_graphs_and_tokenizers_are_loaded_once_and_let_go(tmp_path):
    one = tiny_bundle(tmp_path / "one", int8=True)
    other = shutil.copytree(one, tmp_path / "other")
    before = len(runtime_steps._SESSIONS._parts)
    first, second = burnish.load(one, threads=1), burnish.load(other, threads=1)
    assert first._steps._session is second._steps._session
    assert first._steps._encoder is second._steps._encoder
    assert first.predict_one("my card") == second.predict_one("my card")
    different = burnish.load(tiny_bundle(tmp_path / "fp32"), threads=1)
    assert different._steps._session is not first._steps._session
    assert different._steps._encoder is first._steps._encoder
    for model in (first, second, different):
        model.close()
    del first, second, different, model
    gc.collect()
    assert len(runtime_steps._SESSIONS._parts) <= before
