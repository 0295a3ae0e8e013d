"""BaseVariable: what Keras's variable shares with TensorFlow's, and reading it."""

from __future__ import annotations

import numpy as np

import scratchnet as sn
from scratchnet.engine.variable import BaseVariable


def test_a_base_variable_is_enough_for_the_ops() -> None:
    """Keras's variable shares this base: reading, operators and assigning need nothing else."""
    v = BaseVariable(np.asarray(2, np.float32), "w", True)
    with sn.GradientTape() as tape:
        y = v * v + v
    assert float(tape.gradient(y, v)) == 5.0
    assert v.assign(3.0) is v
    assert float(v) == 3.0
