"""The first step of Adam by hand, and what Adam refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, twins
from tests.support.signatures import taken_alike


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


def test_small_variables_are_updated_together_with_the_numbers_of_one_by_one(monkeypatch):
    shapes = (), (3,), (2, 5), (0, 4), (200, 200), (7, 1)  # one is large, one is empty
    dtypes = ("float32", "float32", "float32", "float32", "float32", "float64")

    def trained(optimizer):
        rng = np.random.default_rng(0)
        kinds = zip(shapes, dtypes, strict=True)
        draw = [rng.standard_normal((4, *shape)).astype(dtype) for shape, dtype in kinds]
        variables = [scratchnet.Variable(values[0]) for values in draw]
        for step in range(1, 4):
            pairs = zip([values[step] for values in draw], variables, strict=True)
            optimizer.apply_gradients(pairs)
        return [v.numpy() for v in [*variables, *optimizer.variables]]

    class OneByOne(scratchnet.keras.optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            seen.append(variable)
            super().update_step(gradient, variable, learning_rate)

    seen = []
    together, alone = trained(scratchnet.keras.optimizers.Adam(0.1)), trained(OneByOne(0.1))
    assert len(seen) == 3 * len(shapes)  # what a subclass says is done for each
    for a, b in zip(together, alone, strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        assert np.array_equal(a, b)


def test_a_variable_that_comes_twice_is_updated_twice():
    w, other = scratchnet.Variable([1.0]), scratchnet.Variable([1.0])
    optimizer = scratchnet.keras.optimizers.Adam(0.1)
    optimizer.build([w, other])
    optimizer.apply_gradients([([1.0], w), ([1.0], other), ([1.0], w)])
    assert w.numpy() < other.numpy()


def test_what_is_taken() -> None:
    taken_alike("optimizers", "Adam")
