#!/usr/bin/env bash
# Keras 3.15.1 (on TensorFlow 2.21.0): keras.ops.logaddexp2 of float64 numbers is right to eight
# digits.  The logarithm of 2 in its formula is made in float32, and only then cast to float64; what
# comes out is float64 by its dtype alone.  Where the second number is far smaller the error hides:
# it is largest for two that are equal, the commonest test there is.
#
# Guessed before it was run: log2(2^0 + 2^0) = 1 to sixteen digits, as numpy.logaddexp2 and as
# keras.ops.logaddexp, which has no such constant.
# Seen:  logaddexp2([0, 3], [0, 1]) = [0.9999999972521647, 3.3219280929…]; off by 2.7e-09, float64
#        keras.ops.logaddexp([0], [0]) - log(2) = 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "keras==3.15.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import keras
import numpy as np

x, y = np.array([0.0, 3.0, -5.0]), np.array([0.0, 1.0, -5.0])
found = np.asarray(keras.ops.logaddexp2(x, y))
off = np.abs(found - np.logaddexp2(x, y))
natural = np.abs(np.asarray(keras.ops.logaddexp(x, y)) - np.logaddexp(x, y))
print(found.dtype, found.tolist(), "off by", off.tolist(), "logaddexp:", natural.max())
same = found.dtype == np.float64 and off[0] > 1e-9 and off[2] > 1e-9 and natural.max() < 1e-14
sys.exit(0 if same else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
