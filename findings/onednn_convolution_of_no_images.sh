#!/usr/bin/env bash
# TensorFlow 2.21.0 on x86-64 (oneDNN is on by default): a convolution of an empty batch has the shape
# of its *input*, whatever the window, the stride and the number of filters are.  So an empty batch,
# as a filter of a dataset leaves one, does not fit the layers after the convolution, where every
# other batch does.  With oneDNN off the shape is right.
#
# Guessed before it was run: (0, 4, 4, 8), as 2 images give (2, 4, 4, 8).
# Seen:  tf.nn.conv2d of (0, 6, 6, 3), filters (3, 3, 3, 8), VALID              = (0, 6, 6, 3)
#        the same of (2, 6, 6, 3)                                               = (2, 4, 4, 8)
#        stride 2, SAME, of (0, 6, 6, 3)                                        = (0, 6, 6, 3)
#        tf.nn.depthwise_conv2d of (0, 6, 6, 3), filters (3, 3, 3, 2), VALID    = (0, 6, 6, 3)
#        a matrix product of the flattened result with weights (128, 10): InvalidArgumentError, as
#            there are 108 columns; of 2 images (2, 10)
#        with TF_ENABLE_ONEDNN_OPTS=0: (0, 4, 4, 8), (0, 3, 3, 8), (0, 4, 4, 6) and (0, 10)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "keras==3.15.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import tensorflow as tf


def shape_of(n, strides=1, padding="VALID"):
    return tuple(tf.nn.conv2d(tf.zeros((n, 6, 6, 3)), tf.ones((3, 3, 3, 8)), strides, padding).shape)


def depthwise():
    x, k = tf.zeros((0, 6, 6, 3)), tf.ones((3, 3, 3, 2))
    return tuple(tf.nn.depthwise_conv2d(x, k, [1, 1, 1, 1], "VALID").shape)


def then_a_product(n):
    x = tf.nn.conv2d(tf.zeros((n, 6, 6, 3)), tf.ones((3, 3, 3, 8)), 1, "VALID")
    try:
        return tuple(tf.matmul(tf.reshape(x, [n, x.shape[1] * x.shape[2] * x.shape[3]]), tf.ones((128, 10))).shape)
    except tf.errors.InvalidArgumentError as error:
        return type(error).__name__


found = [shape_of(0), shape_of(2), shape_of(0, 2, "SAME"), depthwise()]
found += [then_a_product(0), then_a_product(2)]
print(tf.__version__, "oneDNN:", sys.argv[1], found)
whole = (0, 6, 6, 3)
seen = {
    "0": [(0, 4, 4, 8), (2, 4, 4, 8), (0, 3, 3, 8), (0, 4, 4, 6), (0, 10), (2, 10)],
    "1": [whole, (2, 4, 4, 8), whole, whole, "InvalidArgumentError", (2, 10)],
}
sys.exit(0 if found == seen[sys.argv[1]] else 1)
PYTHON
for on in 0 1; do
    TF_ENABLE_ONEDNN_OPTS=$on TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" $on 2>/dev/null
done
echo "as described"
