"""Label Studio's machine learning backend: a model's answers as predictions in the tool.

``configuration`` reads a project's labelling configuration, ``plan`` finds in it what a model
needs, ``requests`` reads what the tool sends, and ``backend`` answers.
"""

from .backend import LabelStudio

__all__ = ["LabelStudio"]
