#!/usr/bin/env bash
# numba 0.68.1 with NumPy 2.4.6: in compiled code `np.floor_divide(x, y)` of float arrays is the floor of the
# rounded quotient, and `x // y` of the same arrays is the floor of the true one, as both are in NumPy.
# `np.divmod` goes with the first for the quotient and with the second for the remainder, so that
# quotient * y + remainder is not x: 6 is 60 * 0.1 + 0.1.
#
# Guessed before it was run: the same numbers from all three, those of NumPy.
# Seen:  x = [-1, 5, 1, 6], y = [inf, -inf, 0.1, 0.1]
#        np.floor_divide(x, y)     = [-0, -0, 10, 60]
#        x // y                    = [-1, -1,  9, 59]      NumPy: all three
#        np.divmod(x, y)           = [-0, -0, 10, 60], [inf, -inf, 0.1, 0.1]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "numba==0.68.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numba
import numpy as np

x, y = np.array([-1.0, 5.0, 1.0, 6.0]), np.array([np.inf, -np.inf, 0.1, 0.1])


def quotients(x, y):
    return np.floor_divide(x, y), x // y, *np.divmod(x, y)


by_numpy = [z.tolist() for z in quotients(x, y)]
by_numba = [z.tolist() for z in numba.njit(quotients)(x, y)]
print(numba.__version__, np.__version__, by_numba, by_numpy)
floors, rounded, rest = [-1.0, -1.0, 9.0, 59.0], [-0.0, -0.0, 10.0, 60.0], by_numpy[3]
same = by_numpy[:3] == [floors] * 3 and by_numba == [rounded, floors, rounded, rest]
sys.exit(0 if same else 1)
PYTHON
"$folder/venv/bin/python" "$folder/program.py"
echo "as described"
