"""What every test runs under: offline, without telemetry, one thread a process."""

from __future__ import annotations

import os

from hypothesis import settings

_ENVIRONMENT = {
    "BENTOML_DO_NOT_TRACK": "True",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
# Before any test module imports the libraries that read them.
os.environ.update(_ENVIRONMENT)
for name in ("NO_COLOR", "FORCE_COLOR"):
    os.environ.pop(name, None)

# A test asserts behaviour; how long an example takes depends on what else the machine does.
settings.register_profile("burnish", deadline=None)
settings.load_profile("burnish")
