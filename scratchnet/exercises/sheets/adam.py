"""adam: each weight with a step size of its own.

m is a running mean of the gradients and v one of their squares, both 0 at the beginning; the newest
value counts 1 - beta_1 in the one and 1 - beta_2 in the other.  As both begin with 0, they are too
small at first, by the factors 1 - beta_1^t and 1 - beta_2^t at step t: divide by them (m̂ and v̂).
The weight moves by minus learning_rate m̂ / (√v̂ + ε).

To derive.  Keras puts ε beside √v and not √v̂, which makes a small difference in the first steps:
with a = learning_rate √(1 - beta_2^t) / (1 - beta_1^t), its step is -a m / (√v + ε).  Write that
one.

Source: D. P. Kingma, J. Ba, "Adam", 2015, section 2 (the last lines); ``tf.keras.optimizers.Adam``.
"""

import numpy as np

Array = np.ndarray


def step(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    t: int,
    learning_rate: float,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> tuple[Array, Array, Array]:
    """The new w, m and v; t counts the steps from 1.  Leave w, g, m and v as they are."""
    raise NotImplementedError("write the new w, m and v")
