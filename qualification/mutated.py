"""The mutations of a bundle in a process of their own: ``mutated FOLDER COUNT [GUARDS]``."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from qualification.weakened import weaken

__all__: list[str] = []

if __name__ == "__main__":
    folder, count, guards = sys.argv[1:]
    weaken([name for name in guards.split(",") if name])
    from tests.service.models.test_mutations import mutate_and_reload

    with tempfile.TemporaryDirectory(dir=Path(folder)) as place:
        wrong, kinds = mutate_and_reload(Path(place), int(count))
    # One mutation may be wrong in two ways.
    by_number = {each.partition(":")[0]: each for each in wrong}
    print(json.dumps({"wrong": list(by_number.values()), "kinds": dict(kinds)}))
