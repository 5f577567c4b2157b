"""The runtime: a bundle's predictions with onnxruntime, tokenizers and numpy alone."""

from burnish.runtime.cpus import usable_cpus
from burnish.runtime.model import Model, load_model
from burnish.runtime.session import ModelFaultError
from burnish.runtime.workers import Workers

__all__ = ["Model", "ModelFaultError", "Workers", "load_model", "usable_cpus"]
