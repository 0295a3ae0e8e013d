"""Traces: every number of a training step, forward and back, to be looked at afterwards.

>>> import numpy as np
>>> import scratchnet as tf
>>> tf.keras.utils.set_random_seed(0)
>>> model = tf.keras.Sequential([
...     tf.keras.Input((8, 8, 1)),
...     tf.keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
...     tf.keras.layers.MaxPooling2D(2, name="pool"),
...     tf.keras.layers.Flatten(name="flatten"),
...     tf.keras.layers.Dense(3, activation="softmax", name="dense"),
... ])
>>> model.compile("adam", "sparse_categorical_crossentropy")
>>> x, y = np.random.default_rng(0).random((2, 8, 8, 1), np.float32), np.array([0, 2])
>>> trace = tf.trace(model, x, y)

Printed, it is a table with a row for each op.  Its layers are found by their names:

>>> trace["conv"].gradient.shape                # of the loss, by the output of the layer
(2, 6, 6, 4)
>>> int((trace["pool"].input_gradient != 0).sum())   # the pixels that max pooling sends it to
72
>>> {name: gw.shape for name, gw in trace["dense"].weight_gradients.items()}
{'kernel': (36, 3), 'bias': (3,)}
>>> [layer.name for layer in trace.layers]
['conv', 'pool', 'flatten', 'dense']
>>> trace["dense"].gradient
Traceback (most recent call last):
scratchnet.traces.row.NoGradientError: `dense`: its output has no gradient of its own: the loss ...
>>> p_minus_y = trace["dense"].logits_gradient * len(x)
>>> np.allclose(p_minus_y, trace["dense"].output - np.eye(3)[y], atol=1e-6)
True

`tracing` is the same around any code with a tape.  What is asked of a whole step: `Trace.nan`, the
first op with a value or a gradient that is not finite; `Trace.dead`, the units that never fire;
`Trace.to_dataframe`.
"""

from __future__ import annotations

from scratchnet.traces.layer_trace import LayerTrace
from scratchnet.traces.recording import trace, tracing
from scratchnet.traces.row import NoGradientError, Row
from scratchnet.traces.trace import NonFinite, Trace

__all__ = ["LayerTrace", "NoGradientError", "NonFinite", "Row", "Trace", "trace", "tracing"]
