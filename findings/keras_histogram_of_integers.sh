#!/usr/bin/env bash
# Keras 3.15.1 (on TensorFlow 2.21.0): keras.ops.histogram of integers cuts the edges of its bins
# off to integers.  Ten bins from 0 to 3 have the edges 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3: the 3 falls
# into one bin with the 2, and bins between two equal edges stay empty for ever.  All counts are int32
# and there are as many as asked for; the same numbers as floats are counted as NumPy does.
#
# Guessed before it was run: edges 0, 0.3, 0.6 …, one of the four numbers in each of four bins.
# Seen:  histogram([0, 1, 2, 3]):           counts 0 0 0 1 0 0 1 0 0 2   (NumPy 1 0 0 1 0 0 1 0 0 1)
#        histogram([0., 1., 2., 3.]):       counts 1 0 0 1 0 0 1 0 0 1
#        the 256 grey values, four of each, in 100 bins: 10 of the counts are not NumPy's
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "keras==3.15.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import keras
import numpy as np

few = np.array([0, 1, 2, 3], "int32")
counts, edges = (np.asarray(part).tolist() for part in keras.ops.histogram(few))
floats = np.asarray(keras.ops.histogram(few.astype("float32"))[0]).astype(int).tolist()
by_numpy = np.histogram(few)[0].tolist()
grey = np.repeat(np.arange(256, dtype="int32"), 4)
wide = np.asarray(keras.ops.histogram(grey, 100)[0])
wide_by_numpy = np.histogram(grey, 100)[0]
print("integers", counts, edges, "floats", floats, "NumPy", by_numpy)
print("256 grey values, four of each, in 100 bins: differ in", int((wide != wide_by_numpy).sum()))
same = (
    counts == [0, 0, 0, 1, 0, 0, 1, 0, 0, 2]
    and edges == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3]
    and floats == by_numpy == [1, 0, 0, 1, 0, 0, 1, 0, 0, 1]
    and (wide != wide_by_numpy).any()
)
sys.exit(0 if same else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
