#!/usr/bin/env bash
# TensorFlow 2.21.0 on a CPU: `tf.abs` of complex64 numbers is right down to 1e-38, and its gradient
# is 0 for all numbers below some 1e-19.  Of complex128 numbers it is right.
#
# Guessed before it was run: the gradient of |z| is z / |z|, a number of size 1, wherever |z| itself
# does not underflow.
# Seen, z = s (3 + 4i), of which |z| is 5 s and the gradient 0.6 + 0.8i as TensorFlow writes it:
#        s = 1e-18   5e-18     0.6+0.8i        the same in complex128
#        s = 1e-20   5e-20     0               0.6+0.8i
#        s = 1e-38   5e-38     0               0.6+0.8i
# The gradient is `tf.sign`, which is 0 from where on the square of the size is smaller than the
# normal numbers of float32, and there the size itself is far from 0.
#
# Why it matters: magnitudes of a Fourier transform are taken by `tf.abs`.  Where a signal is silent
# no gradient comes back, and the place where that begins depends on the units of the data.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf


def both(s, dtype):
    z = tf.constant([s * (3 + 4j)], dtype)
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = tf.abs(z)
    return y.numpy()[0], tape.gradient(y, z).numpy()[0]


right = 0.6 + 0.8j
seen = True
for s, wanted in ((1e-18, right), (1e-20, 0), (1e-38, 0)):
    for dtype, gradient in (("complex64", wanted), ("complex128", right)):
        y, g = both(s, dtype)
        print(tf.__version__, s, dtype, y, g)
        seen &= bool(np.isclose(y / (5 * s), 1, rtol=1e-3))
        seen &= bool(np.isclose(g, gradient, rtol=1e-5))
sys.exit(0 if seen else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES= "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
