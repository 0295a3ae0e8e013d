#!/usr/bin/env bash
# h5py 3.14.0 with HDF5 1.14.6: numbers stored in a float16 dataset are converted by HDF5's own code,
# which rounds halves away from zero, where IEEE 754, NumPy and every processor round them to even; and
# integers just above the largest float16 become nan (larger ones infinity again).  It hangs on the type
# they come in and on how they are stored: one by one, h5py lets NumPy convert them.
#
# Guessed before it was run: as NumPy's `astype`: 2048, 1.0, inf, inf, inf.
# Seen:  file["h"][...] = [2049.0, 1 + 2**-11]               ->  [2050.0, 1.0009765625]
#        file["h"][...] = [65520, 70000, -70000, 2**40]      ->  [inf, nan, nan, inf], integers
#        file["h"][...] = [65520.0, 70000.0]                 ->  [65504.0, inf], floats
#        file["h"][0] = 2049.0, file["h"][1] = 70000         ->  [2048.0, inf]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "h5py==3.14.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import io
import sys

import h5py
import numpy as np

np.seterr(all="ignore")
with h5py.File(io.BytesIO(), "w") as file:

    def stored(values):
        dataset = file.create_dataset(f"h{len(file)}", (len(values),), "float16")
        dataset[...] = values
        return dataset[...].tolist()

    found = [
        stored(np.array([2049.0, 1 + 2**-11])),
        stored(np.array([65520, 70000, -70000, 2**40])),
        stored(np.array([65520.0, 70000.0])),
    ]
    alone = file.create_dataset("alone", (2,), "float16")
    alone[0], alone[1] = np.float64(2049), np.int64(70000)
    found.append(alone[...].tolist())
by_numpy = np.array([2049, 1 + 2**-11, 65520, 70000]).astype("float16").tolist()
print(h5py.__version__, h5py.version.hdf5_version, found, "NumPy:", by_numpy)
expected = [
    [2050.0, 1.0009765625],
    [np.inf, np.nan, np.nan, np.inf],
    [65504.0, np.inf],
    [2048.0, np.inf],
]
same = repr(found) == repr(expected) and by_numpy == [2048.0, 1.0, np.inf, np.inf]
sys.exit(0 if same else 1)
PYTHON
"$folder/venv/bin/python" "$folder/program.py"
echo "as described"
