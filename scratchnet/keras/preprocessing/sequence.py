"""Sequences, by their older names (``tf.keras.preprocessing.sequence``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet.keras.utils.sequences import pad_sequences
from scratchnet.keras.utils.timeseries_generator import TimeseriesGenerator
from scratchnet.unsupported import listed, missing

__all__ = ["TimeseriesGenerator", "pad_sequences"]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.preprocessing.sequence")
    __dir__ = listed(__name__)
