"""What every test runs under: offline, without telemetry, one thread a process."""

from __future__ import annotations

import os

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
