#!/usr/bin/env bash
# Keras 3.15.1 (on TensorFlow 2.21.0): the functions keras.losses.mean_absolute_error and its like
# subtract unsigned integers in their own dtype, so the error of two images is up to 255 too large;
# the class MeanAbsoluteError casts first and is right, and the mean *squared* error of uint8 hides
# the same slip wherever the squares happen to agree modulo 256.
#
# Guessed before it was run: 2.5 from each, since predictions and truth differ by 2 and 3.
# Seen:  keras.losses.mean_absolute_error(uint8 [[1, 2]], uint8 [[3, 5]])   = [253.5]
#        the same with the arguments the other way round, [[3, 5]], [[1, 2]] = [2.5]
#        keras.losses.MeanAbsoluteError()                                    = 2.5 both ways
#        keras.losses.mean_squared_error of [[0]] and [[16]], uint8          = [0.]   (16² = 256)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "keras==3.15.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import keras
import numpy as np

a, b = np.array([[1, 2]], "uint8"), np.array([[3, 5]], "uint8")
mae = keras.losses.mean_absolute_error
found = [
    float(mae(a, b)[0]),
    float(mae(b, a)[0]),
    float(keras.losses.MeanAbsoluteError()(a, b)),
    float(keras.losses.MeanAbsoluteError()(b, a)),
    float(keras.losses.mean_squared_error(np.array([[0]], "uint8"), np.array([[16]], "uint8"))[0]),
]
print(keras.__version__, found)
sys.exit(0 if found == [253.5, 2.5, 2.5, 2.5, 0.0] else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
