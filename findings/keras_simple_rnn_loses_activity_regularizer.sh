#!/usr/bin/env bash
# Keras 3.15.1: SimpleRNN takes activity_regularizer= and loses it: no penalty, and None in its config.
# LSTM and GRU, whose arguments are the same, have the penalty.
#
# Guessed before it was run: the same penalty in all three.
# Seen:  SimpleRNN   losses []              get_config()["activity_regularizer"] None
#        LSTM, GRU   losses of one number   … L2
#
# Why it matters: a study of regularization that compares the three compares two of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "keras==3.15.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import keras
import tensorflow as tf

found = {}
for name in ("SimpleRNN", "LSTM", "GRU"):
    layer = getattr(keras.layers, name)(2, activity_regularizer="l2")
    layer(tf.ones((1, 3, 2)))
    found[name] = (len(layer.losses), layer.get_config()["activity_regularizer"] is not None)
print(keras.__version__, found)
sys.exit(0 if found == {"SimpleRNN": (0, False), "LSTM": (1, True), "GRU": (1, True)} else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
