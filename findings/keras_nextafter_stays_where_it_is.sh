#!/usr/bin/env bash
# Keras 3.15.1 (on TensorFlow 2.21.0): keras.ops.nextafter of float32 numbers returns the numbers
# themselves.  It takes the next float64 number, and rounds that to float32 again: which is where it
# began, for every float32 number, 0 included.  float64 numbers do move.  A loop that steps to the
# next float until something changes never ends.
#
# Guessed before it was run: 1 + 1.19e-07 after 1, 1.4e-45 after 0, as numpy.nextafter has them.
# Seen:  nextafter([1, 0, -2], [2, 1, 0]) - [1, 0, -2], float32: [0, 0, 0]
#        10,000 normal float32 numbers towards inf: 0 of them moved (NumPy: all)
#        float64: [2.2e-16, 4.9e-324, 2.2e-16], as NumPy
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "keras==3.15.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import keras
import numpy as np

start, towards = np.array([1.0, 0.0, -2.0]), np.array([2.0, 1.0, 0.0])
many = np.random.default_rng(0).normal(size=10_000).astype(np.float32)
moved = {}
for kind in ("float32", "float64"):
    x, y = start.astype(kind), towards.astype(kind)
    found = np.asarray(keras.ops.nextafter(x, y))
    print(kind, found.dtype, found - x, np.nextafter(x, y) - x)
    moved[kind] = (found != x).tolist(), (found == np.nextafter(x, y)).tolist()
far = int((np.asarray(keras.ops.nextafter(many, np.float32(np.inf))) != many).sum())
by_numpy = int((np.nextafter(many, np.float32(np.inf)) != many).sum())
print("moved of 10,000:", far, "NumPy:", by_numpy)
same = moved["float32"] == ([False] * 3, [False] * 3) and all(moved["float64"][1])
sys.exit(0 if same and (far, by_numpy) == (0, 10_000) else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
