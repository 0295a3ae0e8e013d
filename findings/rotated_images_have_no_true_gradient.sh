#!/usr/bin/env bash
# TensorFlow 2.21.0: the gradient of ImageProjectiveTransformV3, by which Keras's RandomRotation,
# RandomZoom and keras.ops.image.affine_transform move images, is not the derivative of what it
# computes.  The op is linear in the image; its gradient is not the transpose.
#
# Guessed before it was run: bilinear interpolation is linear, so the gradient scatters each
# cotangent to the four pixels it was read from.
# Seen, 5x5 images, bilinear, largest difference from the transpose of the op's own matrix:
#        moved by (1/4, 1/2)        0
#        turned by half a radian    0.17 of 1.96
#        zoomed by 2                0.83 of 1.01
# What is registered moves the cotangents by the inverse of the transform, as if they were an image:
# a pixel gets an interpolated cotangent, not the sum of those of all the pixels it was read for.
#
# Why it matters: adversarial images, saliency maps and spatial transformers that are trained through
# an augmentation by this op follow another direction than the steepest.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "tensorflow==2.21.0" "keras==3.15.1" "numpy==2.4.6"
cat >"$folder/program.py" <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf

c, s = np.cos(0.5), np.sin(0.5)
TRANSFORMS = {
    "moved": [1, 0, 0.25, 0, 1, 0.5, 0, 0],
    "turned": [c, -s, 1, s, c, -0.5, 0, 0],
    "zoomed": [2, 0, 0, 0, 2, 0, 0, 0],
}
rng = np.random.default_rng(0)
x, g = rng.standard_normal((2, 1, 5, 5, 1)).astype(np.float32)
off = {}
for name, transform in TRANSFORMS.items():

    def op(images):
        return tf.raw_ops.ImageProjectiveTransformV3(
            images=images,
            transforms=np.array([transform], np.float32),
            output_shape=[5, 5],
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="CONSTANT",
        )

    v = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(v)
        y = op(v)
    gradient = tape.gradient(y, v, tf.constant(g)).numpy().ravel()
    units = np.eye(25, dtype=np.float32).reshape(25, 1, 5, 5, 1)
    matrix = np.stack([op(unit).numpy().ravel() for unit in units], axis=1)
    off[name] = np.abs(gradient - matrix.T @ g.ravel()).max()
print(tf.__version__, off)
sys.exit(0 if off["moved"] < 1e-5 and off["turned"] > 0.1 and off["zoomed"] > 0.5 else 1)
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2>/dev/null
echo "as described"
