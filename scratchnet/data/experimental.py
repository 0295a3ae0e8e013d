"""What began as experimental in TensorFlow and is written so in older programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet.data.csv_files import CsvDataset
from scratchnet.data.dataset import AUTOTUNE as AUTOTUNE
from scratchnet.data.dataset import Dataset
from scratchnet.data.node import INFINITE as INFINITE_CARDINALITY
from scratchnet.data.node import UNKNOWN as UNKNOWN_CARDINALITY
from scratchnet.data.options import (
    AutoShardPolicy,
    AutotuneAlgorithm,
    AutotuneOptions,
    DistributeOptions,
    ExternalStatePolicy,
    OptimizationOptions,
    ThreadingOptions,
)
from scratchnet.engine.tensor import Tensor
from scratchnet.unsupported import listed, missing

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "AutoShardPolicy",
    "AutotuneAlgorithm",
    "AutotuneOptions",
    "CsvDataset",
    "DistributeOptions",
    "ExternalStatePolicy",
    "OptimizationOptions",
    "ThreadingOptions",
    "cardinality",
]


def cardinality(dataset: Dataset) -> Tensor:
    """``dataset.cardinality()`` (``tf.data.experimental.cardinality``).

    >>> int(cardinality(Dataset.range(3)))
    3
    """
    return dataset.cardinality()


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.data.experimental")
    __dir__ = listed(__name__)
