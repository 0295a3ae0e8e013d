#!/usr/bin/env bash
# TensorFlow 2.21.0 on a CPU: tf.math.top_k(x, 1) is not the first of tf.math.top_k(x, 2) where x holds
# a nan.  For k = 1 it searches with a comparison that a nan behind the largest number sets back; the
# answer is not even the largest of the numbers.
#
# Guessed before it was run: nan or 0.5 first, and the same for every k.
# Seen:  top_k([0.3, 0.5, nan], 1) = [0.3]
#        top_k([0.3, 0.5, nan], 2) = [0.5, 0.3]
#        reduce_max of the same    = nan
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf

x = tf.constant([0.3, 0.5, float("nan")])
one, two = (tf.math.top_k(x, k).values.numpy().tolist() for k in (1, 2))
largest = float(tf.reduce_max(x))
print(tf.__version__, one, two, largest)
expected = np.float32([0.3]).tolist(), np.float32([0.5, 0.3]).tolist()
sys.exit(0 if (one, two) == expected and np.isnan(largest) else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
