#!/usr/bin/env bash
# TensorFlow 2.21.0 on a CPU: max pooling passes by a nan, but where the nan is the first of its
# window the whole gradient goes to the nan and none to the value that came out.
#
# Guessed before it was run: the gradient goes where the value came from (or is nan).
# Seen, windows of 2x2:
#        [nan, 1, 2, 3]   value 3, gradient [1, 0, 0, 0]
#        [1, nan, 2, 3]   value 3, gradient [0, 0, 0, 1]
#        [1, 2, 3, nan]   value 3, gradient [0, 0, 1, 0]
# The two passes find the maximum by other comparisons: one begins below all numbers, the other at
# the first of the window, than which nothing is larger if it is nan.
#
# Why it matters: a nan in a feature map neither shows in the output nor lets the layers below learn
# from the value that was used.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf


def pooled(window):
    x = tf.reshape(tf.constant(window, tf.float32), (1, 2, 2, 1))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.nn.max_pool2d(x, 2, 2, "VALID")
    return float(y[0, 0, 0, 0]), tape.gradient(y, x).numpy().ravel().tolist()


nan = float("nan")
first = pooled([nan, 1, 2, 3])
others = pooled([1, nan, 2, 3]), pooled([1, 2, 3, nan])
print(tf.__version__, first, others)
seen = first == (3, [1, 0, 0, 0]) and others == ((3, [0, 0, 0, 1]), (3, [0, 0, 1, 0]))
sys.exit(0 if seen else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
