#!/usr/bin/env bash
# TensorFlow 2.21.0: the variance of tf.nn.moments has the gradient of tf.math.reduce_variance and
# another Hessian, that of a sum of squares about a fixed point.
#
# Guessed before it was run: two names of one function, with the same derivatives of every order.
# Seen, for [1, 2, 4] in float64:
#        gradients                   the same
#        Hessian, reduce_variance    2/3 (I - 1/3), as by finite differences
#        Hessian, tf.nn.moments      2/3 I: the mean is a constant in it (stop_gradient), which
#                                    changes no first derivative
#
# Why it matters: curvature, Hessian-vector products and influence functions of a network that
# normalizes by tf.nn.moments are wrong.  (A penalty on the gradient of a BatchNormalization is right
# all the same: that gradient sums to 0, and the missing term is its mean.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "keras==3.15.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf

x = tf.constant([1.0, 2.0, 4.0], tf.float64)


def derivatives(f):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        gradient = inner.gradient(y, x)
    return gradient.numpy(), outer.jacobian(gradient, x).numpy()


one = derivatives(lambda x: tf.nn.moments(x, [0])[1])
other = derivatives(tf.math.reduce_variance)
print(tf.__version__, one, other)
seen = np.allclose(one[0], other[0]) and np.allclose(one[1], 2 / 3 * np.eye(3))
sys.exit(0 if seen and np.allclose(other[1], 2 / 3 * (np.eye(3) - 1 / 3)) else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
