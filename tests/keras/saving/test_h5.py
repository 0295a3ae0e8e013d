"""HDF5 files whose bytes lie: of each place that could be an address or a size."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import scratchnet
from tests.support.model_files import CONFIG, WEIGHTS, packed, small


@pytest.mark.parametrize("number", [2**62, 2**63 - 1, 2**64 - 2])
def test_an_address_beyond_the_file_is_an_error_of_ours(number: int, tmp_path: Path) -> None:
    """h5py asks the file object for so many bytes: an OverflowError of Python's."""
    weights, path = tmp_path / "a.weights.h5", tmp_path / "a.keras"
    small(scratchnet).save(path)
    small(scratchnet).save_weights(weights)
    whole, model = weights.read_bytes(), small(scratchnet)
    with zipfile.ZipFile(path) as archive:
        config = archive.read(CONFIG)
    refused = 0
    for at in range(0, min(len(whole) - 8, 1024), 8):
        changed = whole[:at] + number.to_bytes(8, "little") + whole[at + 8 :]
        weights.write_bytes(changed)
        packed(path, {CONFIG: config, WEIGHTS: changed})
        for load in (
            lambda: model.load_weights(weights),
            lambda: scratchnet.keras.models.load_model(path),
        ):
            try:
                load()
            except (OSError, ValueError):
                refused += 1
    assert refused > 20
