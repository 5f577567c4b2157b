"""Guards of the loading of bundles, and of the memory of requests."""

from __future__ import annotations

from typing import Any

from qualification.guards import guard, replaced
from qualification.serving_guards import setting

HASTY_S = 15.0


@guard
def hasty_loads() -> None:
    """No guard less: a bundle has 15 seconds to be loaded and to answer its probes."""
    setting(load_timeout_s=HASTY_S)


@guard
def no_trial() -> None:
    """A bundle is loaded in the serving process at once, however long that takes."""
    from burnish.self_test.replay import check_bundle
    from burnish.service.models import loading

    def check(model: Any, **_: Any) -> None:
        model.probe()
        check_bundle(model)

    replaced(loading, "try_bundle", lambda *_, **__: None)
    replaced(loading, "_check_in_time", check)


@guard
def no_graph_scan() -> None:
    """ONNX Runtime is shown whatever stands in ``model.onnx``."""
    from burnish.runtime import session

    replaced(session, "check_graph", lambda *_, **__: None)


@guard
def whole_texts() -> None:
    """A text of any length is tokenized at once."""
    from burnish.tasks import pieces

    replaced(pieces, "_may_be_cut", lambda _: False)


@guard
def no_memory_admission() -> None:
    """Requests hold what they need, and the C library keeps what they held."""
    from burnish.service.scheduling import inference, memory_budget

    replaced(memory_budget.MemoryBudget, "change", lambda *_: None)
    replaced(inference, "trim_heap", lambda: None)


@guard
def no_trust() -> None:
    """Whoever signed a bundle, or nobody: it is taken."""
    from burnish.signing.trust import Trust

    replaced(Trust, "check", lambda *_: ())
