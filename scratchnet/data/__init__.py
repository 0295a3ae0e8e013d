"""Input pipelines, by TensorFlow's names (``tf.data``)."""

from __future__ import annotations

from scratchnet.data.dataset import Dataset as Dataset
from scratchnet.data.node import INFINITE as INFINITE_CARDINALITY
from scratchnet.data.node import UNKNOWN as UNKNOWN_CARDINALITY
from scratchnet.data.steps import AUTOTUNE as AUTOTUNE

__all__ = ["AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "Dataset"]
