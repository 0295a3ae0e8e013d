#!/usr/bin/env bash
# TensorFlow 2.21.0 on a CPU: max pooling over a window that holds nothing but -inf gives the lowest
# finite number of the dtype, in one, two and three dimensions, with gradient 1 to the first of the
# window.  GlobalMaxPooling2D gives -inf and splits the gradient, and so does max pooling under XLA, as
# to the value.
#
# Guessed before it was run: -inf everywhere.
# Seen:  max_pool2d(-inf)          -3.4028235e+38, in float64 -1.797e+308; under XLA -inf
#        GlobalMaxPooling2D(-inf)  -inf, gradient 0.25 each
#
# Why it matters: scores that were masked by -inf come out of a pooling as numbers, so that a later
# isinf or softmax no longer sees the mask.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf

x = tf.Variable(np.full((1, 2, 2, 1), -np.inf, "f"))
pool = lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID")
with tf.GradientTape(persistent=True) as tape:
    y, whole = pool(x), tf.keras.layers.GlobalMaxPooling2D()(x)
found = {
    "eager": y.numpy().item(),
    "float64": pool(tf.cast(x, tf.float64)).numpy().item(),
    "1-D": tf.nn.max_pool1d(x[:, 0], 2, 2, "VALID").numpy().item(),
    "3-D": tf.nn.max_pool3d(x[:, None], (1, 2, 2), 1, "VALID").numpy().item(),
    "XLA": tf.function(pool, jit_compile=True)(x).numpy().item(),
    "global": whole.numpy().item(),
    "gradient": tape.gradient(y, x).numpy().ravel().tolist(),
    "global gradient": tape.gradient(whole, x).numpy().ravel().tolist(),
}
low = float(np.finfo("f").min)
expected = {
    "eager": low,
    "float64": float(np.finfo("d").min),
    "1-D": low,
    "3-D": low,
    "XLA": -np.inf,
    "global": -np.inf,
    "gradient": [1.0, 0.0, 0.0, 0.0],
    "global gradient": [0.25] * 4,
}
print(tf.__version__, found)
sys.exit(0 if found == expected else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
