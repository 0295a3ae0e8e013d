"""The first step of Adam by hand, and what Adam refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, twins


def test_first_adam_step() -> None:
    """About the rate for any gradient far above ε, less for one near it."""

    def program(tf: Any) -> list[Any]:
        found = []
        for size, epsilon in ((1e3, 1e-7), (1e-3, 1e-7), (1e-8, 1e-7), (1.0, 1.0)):
            v = tf.keras.Variable([0.0])
            tf.keras.optimizers.Adam(0.1, epsilon=epsilon).apply_gradients(
                [(tf.constant([size]), v)]
            )
            found.append(v.numpy())
        return found

    close(program, 20)
    first = [abs(float(v[0])) for v in twins(program)[1]]
    np.testing.assert_allclose(
        first, [0.1, 0.1, 0.1 * 1e-8 / (1e-8 + 1e-7 / 0.001**0.5), 0.0030653], rtol=5e-3
    )


@pytest.mark.parametrize("name", ["beta_1", "beta_2"])
@pytest.mark.parametrize("beta", [-0.1, 1.0, 2.0])
def test_betas_out_of_range_are_refused(name: str, beta: float) -> None:
    """Keras takes them; with 1 the step divides by 0."""
    with pytest.raises(ValueError, match=rf"Adam: `{name}` must be in \[0, 1\), received {name}="):
        scratchnet.keras.optimizers.Adam(**{name: beta})
