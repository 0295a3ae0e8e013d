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


def test_global_heaps_in_which_hdf5_would_go_round_for_ever(tmp_path: Path) -> None:
    """Each object of each heap with the sizes 0 and nearly 2^64; where those end, they are read."""
    path = tmp_path / "a.h5"
    small(scratchnet).save(path)
    whole, load = path.read_bytes(), scratchnet.keras.models.load_model
    heap = whole.index(b"GCOL\x01")
    at, end = heap + 16, heap + int.from_bytes(whole[heap + 8 : heap + 16], "little")
    sizes = []  # index, where the size is
    while at + 16 <= end:
        index, size = (
            whole[at] + 256 * whole[at + 1],
            int.from_bytes(whole[at + 8 : at + 16], "little"),
        )
        sizes.append((index, at + 8))
        at += 16 + (size + 7) // 8 * 8 if index else size
    assert sizes[-1][0] == 0
    assert at == end
    for index, where in sizes[-3:]:
        for size in (0, 2**64 - 16, 2**64 - 4096):
            path.write_bytes(whole[:where] + size.to_bytes(8, "little") + whole[where + 8 :])
            if index and not size:
                continue  # an empty text
            with pytest.raises(OSError, match=r"the global heap at byte \d+ has .* without an end"):
                load(path)
            with pytest.raises(OSError, match="without an end"):
                small(scratchnet).load_weights(path)
    path.write_bytes(whole + b"GCOL")
    small(scratchnet).load_weights(path)
