#!/usr/bin/env bash
# numba 0.68.1 with NumPy 2.4.6: compiled, `np.median` of an array with a nan is mostly one of the other
# numbers, and which one hangs on their order; `np.percentile(x, 50)` of the same array is nan, and NumPy's
# median is nan, always.
#
# Guessed before it was run: nan.
# Seen:  np.median([1, nan, 3, 2, nan]) = 3      np.nanmedian of it is 2
#        np.median([nan, 1, 2])         = 2      np.median([nan, 1]) = nan
#        np.median([5, nan, 1, 2, 3, 4, 0]) = 3
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "numba==0.68.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numba
import numpy as np

nan = np.nan


def medians(x):
    return np.median(x), np.percentile(x, 50)


arrays = [1, nan, 3, 2, nan], [nan, 1, 2], [5, nan, 1, 2, 3, 4, 0], [nan, 1]
compiled = numba.njit(medians)
found = [[float(v) for v in compiled(np.array(x, float))] for x in arrays]
by_numpy = [float(np.median(x)) for x in arrays]
print(numba.__version__, np.__version__, found, by_numpy)
expected = [[3.0, nan], [2.0, nan], [3.0, nan], [nan, nan]]
sys.exit(0 if repr(found) == repr(expected) and np.isnan(by_numpy).all() else 1)
PYTHON
"$folder/venv/bin/python" "$folder/program.py"
echo "as described"
