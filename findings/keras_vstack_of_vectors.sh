#!/usr/bin/env bash
# Keras 3.15.1 (on TensorFlow 2.21.0): keras.ops.vstack of two vectors is one long vector, not a
# matrix of two rows; the symbolic shape agrees.  It joins along the first axis whatever the rank, and
# dstack does make the axes that it needs.  `vstack([v, w]) @ m` then multiplies a vector.
# In the same family keras.ops.prod takes a dtype and ignores it: bytes wrap around, float32
# overflows to inf, while the symbolic tensor says the dtype that was asked for.
#
# Guessed before it was run: the shape (2, 3) of numpy.vstack; 40000 as an int64.
# Seen:  vstack of two (3,): (6,); of two KerasTensors (3,): (6,); dstack: (1, 3, 2)
#        prod([200, 200] uint8, dtype="int64") = 64, uint8; prod([1e30, 1e30], dtype="float64") = inf
#        the dtype of prod(KerasTensor uint8, dtype="int64"): int64
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "keras==3.15.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import keras
import numpy as np

v = np.arange(3, dtype="float32")
inputs = [keras.Input(batch_shape=(3,)) for _ in range(2)]
shapes = [
    tuple(keras.ops.vstack([v, v]).shape),
    tuple(keras.ops.vstack(inputs).shape),
    tuple(keras.ops.dstack([v, v]).shape),
    np.vstack([v, v]).shape,
]
small = keras.ops.prod(np.array([200, 200], "uint8"), dtype="int64")
large = keras.ops.prod(np.array([1e30, 1e30], "float32"), dtype="float64")
said = keras.ops.prod(keras.Input(batch_shape=(2,), dtype="uint8"), dtype="int64").dtype
print(shapes, small.dtype.name, int(small), large.dtype.name, float(large), said)
same = (
    shapes == [(6,), (6,), (1, 3, 2), (2, 3)]
    and (small.dtype.name, int(small)) == ("uint8", 64)
    and (large.dtype.name, float(large)) == ("float32", np.inf)
    and said == "int64"
)
sys.exit(0 if same else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
