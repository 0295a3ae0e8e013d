#!/usr/bin/env bash
# Keras 3.15.1: LayerNormalization and GroupNormalization of integers give whole numbers, rounded
# towards 0, as floats.  BatchNormalization of the same input gives fractions.
#
# Guessed before it was run: integers are cast to float32 first and stay so, in all three.
# Seen, for [[3, 0, -3, 3]] as int32:
#        LayerNormalization   [0, 0, -1, 0], float32, where floats give [0.90, -0.30, -1.51, 0.90]
#        GroupNormalization   [0, 0, 0, 0]
#        BatchNormalization   [3.00, 0, -3.00, 3.00], the fractions kept (inference)
# They compute in float32, cast the result to the dtype of the input, and that to float32.
#
# Why it matters: images as uint8 or counts as integers lose nearly all they hold, and nothing says so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "keras==3.15.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import keras
import numpy as np
import tensorflow as tf

x = tf.constant([[3, 0, -3, 3]])
layers = keras.layers.LayerNormalization(), keras.layers.GroupNormalization(2)
whole = [layer(x).numpy() for layer in layers]
floats = [layer(tf.cast(x, tf.float32)).numpy() for layer in layers]
batch = keras.layers.BatchNormalization()(x).numpy()
print(keras.__version__, whole, floats, batch)
seen = all(np.array_equal(a, np.trunc(b)) and a.dtype == "f" for a, b in zip(whole, floats))
sys.exit(0 if seen and floats[0].max() > 0.9 and 2.99 < batch.max() < 3 else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
