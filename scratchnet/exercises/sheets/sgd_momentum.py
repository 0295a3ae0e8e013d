"""sgd_momentum: gradient descent that keeps some of its speed.

The velocity v is a running sum of the steps so far, each step forgotten by the factor `momentum`;
it already holds the learning rate and the sign.  The weight moves by the new velocity.

To derive.  Keras's form: first the old velocity times the momentum, then minus the gradient times
the learning rate; then the weight.  With momentum 0 it is w - learning_rate g.

Source: B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964;
``tf.keras.optimizers.SGD``.
"""

import numpy as np

Array = np.ndarray


def step(
    w: Array, g: Array, v: Array, t: int, learning_rate: float, momentum: float
) -> tuple[Array, Array]:
    """The new w and the new v; t counts the steps from 1.  Leave w, g and v as they are."""
    raise NotImplementedError("write the new w and v")
