#!/usr/bin/env bash
# TensorFlow 2.21.0: the first tf.nn.max_pool2d of a float64 NumPy array in a process answers in
# float64; every later one, of the same array too, answers in float32 without a word, so that 1e300
# becomes inf.  A tensor of float64 stays float64; so do arrays given to avg_pool2d and conv2d.
#
# Guessed before it was run: float64 each time, as from avg_pool2d.
# Seen:  max_pool2d(array)   float64, then float32, float32 …      max_pool2d(tensor)   float64
#        the second call on 1e300: inf                             avg_pool2d(array)    float64
#
# Why it matters: a gradient check in float64 that hands arrays to max_pool2d is one in float32, but
# for its first evaluation.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf

x = np.full((1, 2, 2, 1), 1e300)
calls = [tf.nn.max_pool2d(x, 2, 2, "VALID") for _ in range(3)]
others = [
    tf.nn.max_pool2d(tf.constant(x), 2, 2, "VALID"),
    tf.nn.avg_pool2d(x, 2, 2, "VALID"),
    tf.nn.avg_pool2d(x, 2, 2, "VALID"),
]
found = [(y.dtype.name, float(y[0, 0, 0, 0])) for y in calls + others]
print(tf.__version__, found)
expected = [("float64", 1e300), ("float32", np.inf), ("float32", np.inf)] + [("float64", 1e300)] * 3
sys.exit(0 if found == expected else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
