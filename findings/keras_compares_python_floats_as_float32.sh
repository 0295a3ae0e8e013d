#!/usr/bin/env bash
# Keras 3.15.1 on TensorFlow: a comparison makes a float32 of Python's number, arithmetic does not.
#
# Guessed before it was run: the number takes the dtype of the tensor, as in arithmetic.
# Seen, with x = [0.1] in float64:
#        ops.equal(x, 0.1)     False, and greater(0.1, x) is True
#        ops.subtract(x, 0.1)  exactly 0
#        Masking(0.1)(x)       masks nothing
# The same in float16, whose 0.1 is not float32's; 0.5, 1 and 2 are the same in all.
#
# Why it matters: padding marked by -0.1 or 0.1 in float64 data is never masked, and no one is told.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "keras==3.15.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import keras
import tensorflow as tf

x = tf.constant([[0.1]], tf.float64)
found = [
    bool(keras.ops.equal(x, 0.1)),
    bool(keras.ops.greater(0.1, x)),
    float(keras.ops.subtract(x, 0.1)[0, 0]),
    float(keras.layers.Masking(0.1, dtype="float64")(x)[0, 0]),
    float(keras.layers.Masking(0.5, dtype="float64")(x + 0.4)[0, 0]),
]
print(keras.__version__, found)
sys.exit(0 if found == [False, True, 0.0, 0.1, 0.0] else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
