"""Input pipelines, by TensorFlow's names (``tf.data``)."""

from __future__ import annotations

from typing import NoReturn

from scratchnet.data import experimental as experimental
from scratchnet.data.dataset import AUTOTUNE as AUTOTUNE
from scratchnet.data.dataset import Dataset as Dataset
from scratchnet.data.node import INFINITE as INFINITE_CARDINALITY
from scratchnet.data.node import UNKNOWN as UNKNOWN_CARDINALITY
from scratchnet.data.unsupported import OF_MODULE, refuse

__all__ = ["AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "Dataset", "experimental"]


def __getattr__(name: str) -> NoReturn:
    refuse("module 'scratchnet.data'", name, OF_MODULE)
