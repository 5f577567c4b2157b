import pytest

from burnish.export import export_run
from burnish.runtime import load_model
from burnish.self_test import mismatches, probes_for


@pytest.mark.parametrize("task", ["classification", "extraction", "qa"])
def test_an_export_records_answers_that_the_bundle_gives_again(make_run, tmp_path, task):
    bundle = export_run(make_run(task), tmp_path / "b", precision="fp32")
    recorded = bundle.manifest.probes
    assert recorded is not None
    assert len(recorded.answers) == len(probes_for(task))
    with load_model(bundle.path) as model:
        found = list(model.stream(probes_for(task), errors="yield"))
    assert list(mismatches(recorded, found, bundle.manifest.task)) == []
    assert sum(each.kind != "unanswered" for each in recorded.answers) >= 3
