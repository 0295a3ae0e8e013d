#!/usr/bin/env bash
# h5py 3.14.0 with HDF5 1.14.6 and NumPy 2.4.6: what becomes of a number that does not fit the type of a
# dataset hangs on how it is stored.  A whole array is converted by HDF5, which saturates, without a word;
# a single number by NumPy, which wraps around; a list by NumPy, too, which refuses it.  So a loop over
# the elements of an array writes another dataset than the array itself.  Attributes: `create` wraps
# around, `modify` saturates.
#
# Guessed before it was run: all of them as NumPy's `astype`, [44, 251, 112].
# Seen:  file["u"][...] = array         ->  [255, 0, 255]
#        file["u"][i] = array[i]        ->  [44, 251, 112]
#        file["u"][...] = array.tolist()    raises OverflowError
#        attrs.create, attrs.modify     ->  [44, 251, 112], [255, 0, 255]
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

array = np.array([300, -5, 70000])
with h5py.File(io.BytesIO(), "w") as file:
    whole, single = (file.create_dataset(name, (3,), "uint8") for name in ("whole", "single"))
    whole[...] = array
    for i in range(3):
        single[i] = array[i]
    try:
        whole[...] = array.tolist()
        refused = ""
    except OverflowError as error:
        refused = str(error)
    file.attrs.create("attribute", array, dtype="uint8")
    created = file.attrs["attribute"].tolist()
    file.attrs.modify("attribute", array)
    modified = file.attrs["attribute"].tolist()
    found = [whole[...].tolist(), single[...].tolist(), created, modified]
print(h5py.__version__, h5py.version.hdf5_version, found, refused)
saturated, wrapped = [255, 0, 255], [44, 251, 112]
same = found == [saturated, wrapped, wrapped, saturated] and "out of bounds for uint8" in refused
sys.exit(0 if same else 1)
PYTHON
"$folder/venv/bin/python" "$folder/program.py"
echo "as described"
