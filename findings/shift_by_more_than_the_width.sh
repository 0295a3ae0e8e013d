#!/usr/bin/env bash
# TensorFlow 2.21.0 on a CPU: tf.bitwise.left_shift by the width of the integers or more shifts by the
# width less one: 1 << 32 is -2147483648 in int32.  NumPy and XLA give 0, C leaves it undefined.  A
# negative shift is taken for none.
#
# Guessed before it was run: 0, as in NumPy, or 1 << (32 % 32) = 1, as the processor has it.
# Seen:  int32 1 << 31, 32, 33    -2147483648 each;  uint8 1 << 8    128;  8 >> -1    8
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import tensorflow as tf

int32, uint8 = (lambda *x: tf.constant(x)), (lambda *x: tf.constant(x, tf.uint8))
programs = [
    lambda: tf.bitwise.left_shift(int32(1, 1, 1), int32(31, 32, 33)),
    lambda: tf.bitwise.left_shift(uint8(1), uint8(8)),
    lambda: tf.bitwise.right_shift(int32(8), int32(-1)),
]
eager = [f().numpy().tolist() for f in programs]
low = -(2**31)
print(tf.__version__, eager)
sys.exit(0 if eager == [[low, low, low], [128], [8]] else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
