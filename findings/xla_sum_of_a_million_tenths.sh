#!/usr/bin/env bash
# TensorFlow 2.21.0 on a CPU: the sum of a million float32 tenths is off by 2e-6 of its size eagerly,
# and by 6e-4 in a tf.function with jit_compile=True: there a few running sums take all numbers, where
# the eager kernel adds up halves.  The mean is off as much.  In float32 that is 5,000 roundings.
#
# Guessed before it was run: about 1e-6 in both; XLA sums pairwise or in blocks.
# Seen:  eager 100000.23, XLA 100060.0 (the numbers sum to 100000.0015)
#
# Why it matters: batch statistics and losses over long axes lose three digits when a training is
# compiled; a comparison of the two needs bounds that say so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf

x = tf.fill([1_000_000], tf.constant(0.1))
exact = 1e6 * float(np.float32(0.1))
eager = float(tf.reduce_sum(x))
xla = float(tf.function(tf.reduce_sum, jit_compile=True)(x))
print(tf.__version__, eager, xla, exact)
sys.exit(0 if abs(eager / exact - 1) < 1e-5 and abs(xla / exact - 1) > 3e-4 else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
