#!/usr/bin/env bash
# TensorFlow 2.21.0 on a CPU, with oneDNN on (its default on x86): tf.nn.softmax of a float32 row that
# holds a NaN or an infinity answers NaN at that one place and 0 everywhere else.
#
# Guessed before it was run: NaN in the whole row, for every entry is divided by a sum that is NaN.
# Seen:  float32, oneDNN on   softmax([nan, 1, 2]) = [nan 0 0]    softmax([1, inf, 2]) = [0 nan 0]
#        float32, oneDNN off  [nan nan nan]                       [nan nan nan]
#        float64, either      [nan nan nan]                       [nan nan nan]
#        log_softmax, either  [nan nan nan]                       [nan nan nan]
#
# Why it matters: a network whose logits have gone bad can look sure of itself.  A check of one
# probability, such as p[target], sees a clean 0, and argmax, which skips no NaN here, decides.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf

nan, inf = np.nan, np.inf
rows = [[nan, 1.0, 2.0], [1.0, inf, 2.0]]
print(tf.__version__, tf.config.experimental.list_logical_devices()[0].device_type)
for dtype in (tf.float32, tf.float64):
    for row in rows:
        x = tf.constant(row, dtype)
        print(dtype.name, row, tf.nn.softmax(x).numpy(), tf.nn.log_softmax(x).numpy())


def hidden(dtype):
    found = [np.isnan(tf.nn.softmax(tf.constant(row, dtype)).numpy()).sum() for row in rows]
    return found == [1, 1]


everywhere = all(np.isnan(tf.nn.softmax(tf.constant(row, tf.float64)).numpy()).all() for row in rows)
expected = sys.argv[1] == "on"
sys.exit(0 if hidden(tf.float32) == expected and everywhere else 1)
PYTHON
for setting in on off; do
    echo "oneDNN $setting"
    TF_CPP_MIN_LOG_LEVEL=3 TF_ENABLE_ONEDNN_OPTS=$([ $setting = on ] && echo 1 || echo 0) \
        "$folder/venv/bin/python" "$folder/program.py" "$setting" 2>/dev/null
done
echo "as described"
