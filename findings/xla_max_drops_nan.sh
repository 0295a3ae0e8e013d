#!/usr/bin/env bash
# TensorFlow 2.21.0 on a CPU: in a tf.function with jit_compile=True, reduce_max and reduce_min drop nan
# from two numbers on, wherever it stands.  Without XLA they are nan.
#
# Guessed before it was run: nan in both, as XLA describes its Max.
# Seen:  reduce_max([1, nan, 3])    eager nan, XLA 3.0       reduce_min   eager nan, XLA 1.0
#        reduce_max([nan])          eager nan, XLA nan
#        and so along an axis, and over 1,000 numbers
#
# Why it matters: a training that has gone to nan can show finite maxima in its logs once it is compiled.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf

nan = float("nan")
programs = [
    (tf.reduce_max, [1.0, nan, 3.0]),
    (tf.reduce_min, [1.0, nan, 3.0]),
    (tf.reduce_max, [nan]),
    (lambda x: tf.reduce_max(x, axis=0)[1], [[1.0, nan], [2.0, 5.0]]),
    (lambda x: tf.reduce_max(x), [nan] + [2.0] * 999),
]
eager = [float(f(tf.constant(x))) for f, x in programs]
xla = [float(tf.function(f, jit_compile=True)(tf.constant(x))) for f, x in programs]
print(tf.__version__, eager, xla)
same = np.array_equal(xla, [3.0, 1.0, nan, 5.0, 2.0], equal_nan=True)
sys.exit(0 if np.isnan(eager).all() and same else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
