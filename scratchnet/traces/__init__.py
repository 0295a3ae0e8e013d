"""Traces: every number of a training step, forward and back, to be looked at afterwards.

>>> import numpy as np
>>> import scratchnet as tf
>>> tf.keras.utils.set_random_seed(0)
>>> model = tf.keras.Sequential([
...     tf.keras.Input((10, 10, 1)),
...     tf.keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
...     tf.keras.layers.Conv2D(4, 3, activation="relu", name="conv_1"),
...     tf.keras.layers.MaxPooling2D(2, name="pool"),
...     tf.keras.layers.Flatten(name="flatten"),
...     tf.keras.layers.Dense(3, activation="softmax", name="dense"),
... ])
>>> model.compile("adam", "sparse_categorical_crossentropy")
>>> x, y = np.random.default_rng(0).random((2, 10, 10, 1), np.float32), np.array([0, 2])
>>> trace = tf.trace(model, x, y)

Printed, it is a table with a row for each op; in a notebook, the page of `scratchnet.explain` is
below the table.  What one asks of a step, and how:

The gradient at the output of the second convolution.  Layers are found by their names:

>>> trace["conv_1"].gradient.shape                # of the loss, by the output of the layer
(2, 6, 6, 4)

Which pixels got gradient through the max pool (as ``np.argwhere`` lists them, too):

>>> reached = trace["pool"].input_gradient != 0
>>> reached.shape, int(reached.sum())
((2, 6, 6, 4), 72)

The gradient of every layer, by its output and by its weights:

>>> {name: g if g is None else g.shape for name, g in trace.layer_gradients.items()}
{'conv': (2, 8, 8, 4), 'conv_1': (2, 6, 6, 4), 'pool': (2, 3, 3, 4), 'flatten': (2, 36),
 'dense': None}
>>> [g.shape for layer in trace.layers for g in layer.weight_gradients.values()]
[(3, 3, 1, 4), (4,), (3, 3, 4, 4), (4,), (36, 3), (3,)]

Why that of the last layer is None: its softmax is hidden, since the loss takes the logits behind
it.  The gradient by those is there, p - y:

>>> trace["dense"].gradient
Traceback (most recent call last):
scratchnet.traces.row.NoGradientError: `dense`: its output has no gradient of its own: the loss ...
>>> p_minus_y = trace["dense"].logits_gradient * len(x)
>>> np.allclose(p_minus_y, trace["dense"].output - np.eye(3)[y], atol=1e-6)
True

Why any other gradient is None, of a layer or of a tensor (`GradientTape.explain_none` says it of a
tape's):

>>> model.get_layer("conv").trainable = False
>>> frozen = tf.trace(model, x, y)
>>> frozen.why_none(model.get_layer("conv").weights[0])
'it has trainable=False, and so `fused_conv2d` sent nothing back to it'

Of a layer that is called several times ``trace.calls(name)`` has all calls, and of one that is
called on several tensors ``trace[name].input_gradients`` has the gradient of each; of one that
returns several, ``trace[name].output_gradients``.  Instead of a name there may be the layer itself.

`tracing` is the same around any code with a tape.  Where that asks for gradients several times, as
the step of a GAN, `Trace.passes` are its backward passes, each a trace with its own gradients:
``trace.passes[1]["dense"].gradient``.  What else is asked of a whole step: `Trace.nan`,
the first op with a value or a gradient that is not finite; `Trace.dead`, the units that never fire;
`Trace.to_dataframe`.
"""

from __future__ import annotations

from scratchnet.traces.layer_trace import LayerTrace
from scratchnet.traces.recording import trace, tracing
from scratchnet.traces.row import NoGradientError, Row, SeveralPassesError
from scratchnet.traces.trace import NonFinite, Trace

__all__ = [
    "LayerTrace",
    "NoGradientError",
    "NonFinite",
    "Row",
    "SeveralPassesError",
    "Trace",
    "trace",
    "tracing",
]
