#!/usr/bin/env bash
# TensorFlow 2.21.0: `tf.linalg.triangular_solve(a, b, lower=None)` solves with the lower triangle,
# as lower=True, and its eager gradient by `a` is that of the upper one.  In a tf.function the same
# call has the right gradient.
#
# Guessed before it was run: None means the default True both ways, or is refused.
# Seen, a = [[2, 5], [3, 4]], b = [1, 1]: the solution [0.5, -0.125] both times, and the gradients
#        lower=True   [[-0.0625, 0], [-0.125, 0.03125]]
#        lower=None   [[-0.0625, 0.015625], [0, 0.03125]]
# The op fills in its default for a None; the tape keeps the None, which the gradient takes for false.
#
# Why it matters: an option that is passed on (`lower=config.get("lower")`) trains the half of a
# matrix that is never read, and leaves the half alone that is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import tensorflow as tf

b = tf.ones((2, 1))


def solved(a, lower):
    with tf.GradientTape() as tape:
        tape.watch(a)
        y = tf.linalg.triangular_solve(a, b, lower=lower)
    return y, tape.gradient(y, a)


a = tf.constant([[2.0, 5.0], [3.0, 4.0]])
calls = [*((solved, lower) for lower in (True, None)), (tf.function(solved), None)]
found = [[t.numpy().tolist() for t in function(a, lower)] for function, lower in calls]
print(tf.__version__, *found, sep="\n")
(y, right), (y_none, turned), in_a_graph = found
seen = y == y_none == [[0.5], [-0.125]] and in_a_graph == [y, right]
seen = seen and right == [[-0.0625, 0], [-0.125, 0.03125]]
seen = seen and turned == [[-0.0625, 0.015625], [0, 0.03125]]
sys.exit(0 if seen else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES= "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
