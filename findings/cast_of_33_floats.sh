#!/usr/bin/env bash
# TensorFlow 2.21.0 on an x86-64 CPU: what tf.cast makes of a float that the integer type cannot hold depends
# on the element's place in the tensor.  Whole groups of 32 are cast by vector instructions, which
# saturate; the rest one by one, which wraps around.  So 33 equal numbers become two different ones,
# and slicing before or after the cast gives different images.
#
# Guessed before it was run: all elements alike, 44 (300 modulo 256) or 255 (saturated).
# Seen:  tf.cast(tf.fill([33], 300.0), tf.uint8)  = 255, 32 times, and then 44
#        tf.cast(tf.fill([33], -1.5), tf.uint8)   = 0, 32 times, and then 255
#        tf.cast(tf.fill([31], 300.0), tf.uint8)  = 44, 31 times
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import tensorflow as tf


def runs(n, value):
    """The values along the tensor, each with how often it comes in a row."""
    found = []
    for x in tf.cast(tf.fill([n], value), tf.uint8).numpy().tolist():
        if found and found[-1][0] == x:
            found[-1][1] += 1
        else:
            found.append([x, 1])
    return found


found = [runs(33, 300.0), runs(33, -1.5), runs(31, 300.0)]
print(tf.__version__, found)
sys.exit(0 if found == [[[255, 32], [44, 1]], [[0, 32], [255, 1]], [[44, 31]]] else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
