#!/usr/bin/env bash
# h5py 3.14.0 with HDF5 1.14.6, on x86-64: a dataset with the filter `scaleoffset` shows other numbers
# while it is open than are in the file afterwards.  The filter works on the way to the file, on a copy:
# the chunk in the dataset's cache stays as written, after `flush`, too.  Opened again, 1.234567 is
# 1.23, as asked for; an integer that does not fit the number of bits is 0; a nan is the least of the
# other numbers, and these are no longer rounded, but wrong in the third digit; and a chunk whose
# largest number has too many digits was written without an error and can be read no more.
#
# Guessed before it was run: 1.23 at once; an error, or the largest number that fits, for 2**40; nan
# stays nan; numbers too large for the filter are stored without it, which HDF5 has a flag for.
# Seen:  as written:    [1.234567, -2.5, 100.0], [1, 2**40, 5], [1.234567, nan, 5.0], [1.234567, 1e30, 5.0]
#        opened again:  [1.23, -2.5, 100.0],     [1, 0, 5],     [1.234567, 1.234567, 5.004567],  OSError
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

written = {
    "rounded": ([1.234567, -2.5, 100.0], 2),  # two digits after the point
    "bits": ([1, 2**40, 5], 4),  # of integers it is the number of bits
    "nan": ([1.234567, np.nan, 5.0], 2),
    "large": ([1.234567, 1e30, 5.0], 2),
}
memory = io.BytesIO()
shown, kept = {}, {}
with h5py.File(memory, "w") as file:
    datasets = {
        name: file.create_dataset(name, data=np.array(values), scaleoffset=scaleoffset)
        for name, (values, scaleoffset) in written.items()
    }
    file.flush()
    for name, dataset in datasets.items():
        shown[name] = repr(dataset[...].tolist())
with h5py.File(memory) as file:
    for name in written:
        try:
            kept[name] = repr(file[name][...].tolist())
        except OSError as error:
            kept[name] = f"OSError: {error}"
print(h5py.__version__, h5py.version.hdf5_version)
for name in written:
    print(name, shown[name], "->", kept[name])
expected = {
    "rounded": "[1.23, -2.5, 100.0]",
    "bits": "[1, 0, 5]",
    "nan": "[1.234567, 1.234567, 5.004567]",
    "large": "OSError: Can't synchronously read data (filter returned failure during read)",
}
as_written = {name: repr(values) for name, (values, _) in written.items()}
sys.exit(0 if (shown, kept) == (as_written, expected) else 1)
PYTHON
"$folder/venv/bin/python" "$folder/program.py"
echo "as described"
