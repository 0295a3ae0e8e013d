"""Steps of an optimizer on some variables."""

from __future__ import annotations

from typing import Any

import numpy as np

RNG = np.random.default_rng(11)
START = [RNG.normal(size=shape).astype("f") for shape in ((4, 3), (3,), (), (2, 3, 4))]
GRADS = [[(RNG.normal(size=w.shape) * 10.0**k).astype("f") for w in START] for k in range(-3, 4)]


def trajectory(tf: Any, make: Any) -> list[Any]:
    """The variables after each of some steps, and what the optimizer remembers at the end."""
    rng = np.random.default_rng(5)
    gradients = GRADS + [[rng.normal(size=w.shape).astype("f") for w in START] for _ in range(13)]
    keras = tf.keras
    variables = [keras.Variable(w, name=f"w{i}") for i, w in enumerate(START)]
    optimizer = make(keras.optimizers)
    path = []
    for grads in gradients:
        optimizer.apply_gradients(zip([tf.constant(g) for g in grads], variables, strict=True))
        path.append([v.numpy() for v in variables])
    count = tf.convert_to_tensor(optimizer.iterations).numpy()
    found = [path, [v.numpy() for v in optimizer.variables], count]
    optimizer.finalize_variable_values(variables)
    return [*found, [v.numpy() for v in variables], [v.path for v in optimizer.variables]]
