"""Input pipelines, by TensorFlow's names (``tf.data``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from scratchnet.data import experimental as experimental
from scratchnet.data.dataset import AUTOTUNE as AUTOTUNE
from scratchnet.data.dataset import Dataset as Dataset
from scratchnet.data.element_spec import DatasetSpec as DatasetSpec
from scratchnet.data.node import INFINITE as INFINITE_CARDINALITY
from scratchnet.data.node import UNKNOWN as UNKNOWN_CARDINALITY
from scratchnet.data.options import Options as Options
from scratchnet.data.options import ThreadingOptions as ThreadingOptions
from scratchnet.data.unsupported import OF_MODULE, refuse
from scratchnet.unsupported import listed

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "Dataset",
    "DatasetSpec",
    "Options",
    "ThreadingOptions",
    "experimental",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __dir__ = listed(__name__)

    def __getattr__(name: str) -> NoReturn:
        refuse("module 'scratchnet.data'", name, OF_MODULE)
