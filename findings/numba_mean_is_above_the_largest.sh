#!/usr/bin/env bash
# numba 0.68.1: compiled, `mean`, `var` and `std` of a float32 array keep one running float32 sum, where
# NumPy adds in blocks.  A million numbers are enough for a mean above the largest of them, and for a
# variance of 16,413 where it is 4: no error of rounding any more, another number.
#
# Guessed before it was run: float32's rounding, four or five digits right, the variance too.
# Seen:  10,000 … 10,006 in turn, 1,000,000 float32:  mean 10131.1, variance 16413.8
#        255, 1,000,000 times (a white image):        mean 255.934, variance 0.8727
#        NumPy, same arrays:                          10003.0, 4.000005 and 255.0, 0.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "numba==0.68.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numba
import numpy as np


def statistics(x):
    return x.mean(), x.var()


compiled = numba.njit(statistics)
near = (np.arange(1_000_000) % 7 + 10_000).astype(np.float32)
white = np.full(1_000_000, 255, np.float32)
found = [[round(float(v), 4) for v in f(x)] for x in (near, white) for f in (compiled, statistics)]
print(numba.__version__, np.__version__, found)
(mean, variance), by_numpy, white_by_numba, white_by_numpy = found
same = (
    mean > near.max() + 100
    and variance > 16_000
    and white_by_numba[0] > 255.9
    and white_by_numba[1] > 0.8
    and abs(by_numpy[0] - 10_003) < 0.01
    and abs(by_numpy[1] - 4) < 1e-4
    and white_by_numpy == [255, 0]
)
sys.exit(0 if same else 1)
PYTHON
"$folder/venv/bin/python" "$folder/program.py"
echo "as described"
