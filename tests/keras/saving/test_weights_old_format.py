"""Weights in Keras's old HDF5 format: the same advice as for whole models in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scratchnet import keras


@pytest.mark.parametrize("ending", [".h5", ".hdf5"])
def test_old_weights_are_refused_with_advice(tmp_path: Path, ending: str) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    path = tmp_path / f"w{ending}"
    with pytest.raises(FileNotFoundError, match="must be a file that exists"):
        model.load_weights(path)
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(NotImplementedError, match=r"old HDF5 format .* load them in Keras"):
        model.load_weights(path)
