#!/usr/bin/env bash
# Keras 3.15.1 (on TensorFlow 2.21.0): keras.ops.add(square, column) adds the column as a row.
# Where the second operand has one axis that is longer than 1, and as long as axis 1 or the last of
# the first operand, Keras takes it for a bias and squeezes it: along the last axis if both are as
# long.  So a (3, 3) plus a (3, 1), a Keras variable plus an array, and the bias of a channels-first
# convolution whose images are as wide as there are filters go along the wrong axis, without a
# word.  Subtraction, the operands in the other order, tf.add and NumPy broadcast as they should.
#
# Guessed before it was run: NumPy's broadcasting, [[1, 1, 1], [2, 2, 2], [3, 3, 3]], everywhere.
# Seen:  keras.ops.add(zeros (3, 3), [[1], [2], [3]])                 = [[1, 2, 3]] three times
#        keras.Variable(zeros (3, 3)) + [[1], [2], [3]]               = [[1, 2, 3]] three times
#        keras.ops.add([[1], [2], [3]], zeros (3, 3))                 = [[1, 1, 1], [2, 2, 2], …]
#        keras.ops.subtract(zeros (3, 3), [[1], [2], [3]])            = [[-1, -1, -1], …]
#        Conv1D(3, 1, data_format="channels_first") of zeros (1, 2, 3), with the bias [1, 2, 3]:
#            [1, 2, 3] in each channel; of zeros (1, 2, 2): 1 in the first, 2 in the next, 3
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "keras==3.15.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import keras
import numpy as np

square, column = np.zeros((3, 3), "float32"), np.array([[1.0], [2.0], [3.0]], "float32")
right, wrong = (square + column).tolist(), (square + column.T).tolist()


def first(steps):
    """What a convolution of zeros with the bias [1, 2, 3] returns: its bias."""
    bias = keras.initializers.Constant([1.0, 2.0, 3.0])
    layer = keras.layers.Conv1D(3, 1, data_format="channels_first", bias_initializer=bias)
    return np.asarray(layer(np.zeros((1, 2, steps), "float32")))[0].tolist()


found = {
    "add": np.asarray(keras.ops.add(square, column)).tolist(),
    "Variable +": np.asarray(keras.Variable(square) + column).tolist(),
    "add, swapped": np.asarray(keras.ops.add(column, square)).tolist(),
    "subtract": np.asarray(keras.ops.subtract(square, -column)).tolist(),
    "add, not square": np.asarray(keras.ops.add(np.zeros((3, 2), "float32"), column)).tolist(),
    "Conv1D of 3 steps": first(3),
    "Conv1D of 2 steps": first(2),
}
for name, value in found.items():
    print(name, value)
oblong = [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]
expected = [wrong, wrong, right, right, oblong, wrong, oblong]
sys.exit(0 if list(found.values()) == expected else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
