#!/usr/bin/env bash
# TensorFlow 2.21.0: tf.nn.max_pool2d turns a float64 NumPy array into float32 without a word;
# tf.nn.avg_pool2d and tf.nn.conv2d, called the same way, keep float64, and so does max_pool2d where
# it is given a tensor.  A gradient check in float64 that hands it NumPy arrays checks float32.
#
# Guessed before it was run: float64 from all of them.
# Seen:  max_pool2d(array) float32, with 1 + 1e-9 rounded to 1     max_pool2d(tensor) float64
#        avg_pool2d(array) float64                                  conv2d(array)      float64
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf

x = np.full((1, 2, 2, 1), 1 + 1e-9)
pooled = {
    "max of an array": tf.nn.max_pool2d(x, 2, 2, "VALID"),
    "max of a tensor": tf.nn.max_pool2d(tf.constant(x), 2, 2, "VALID"),
    "mean of an array": tf.nn.avg_pool2d(x, 2, 2, "VALID"),
    "convolution of an array": tf.nn.conv2d(x, np.ones((2, 2, 1, 1)), 1, "VALID"),
}
for name, y in pooled.items():
    print(tf.__version__, name, y.dtype.name, repr(float(y[0, 0, 0, 0])))
dtypes = [y.dtype.name for y in pooled.values()]
first = float(pooled["max of an array"][0, 0, 0, 0])
sys.exit(0 if dtypes == ["float32", "float64", "float64", "float64"] and first == 1 else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
