"""The runtime: a bundle's predictions with onnxruntime, tokenizers and numpy alone."""

from burnish.runtime.cpus import usable_cpus
from burnish.runtime.job import Job, Results
from burnish.runtime.loading import load_model, open_model
from burnish.runtime.model import Model, Prepared
from burnish.runtime.session import ModelFaultError
from burnish.runtime.workers import Workers

__all__ = [
    "Job",
    "Model",
    "ModelFaultError",
    "Prepared",
    "Results",
    "Workers",
    "load_model",
    "open_model",
    "usable_cpus",
]
