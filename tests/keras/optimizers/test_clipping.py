"""Limits of gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.keras.optimizers.clipping import check_factor_fits
from tests.support.keras_programs import close, complain_alike

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "two clips": (
        lambda tf: tf.keras.optimizers.SGD(clipnorm=1.0, clipvalue=1.0),
        "clipnorm=1.0, clipvalue=1.0",
        "at most one of",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


@pytest.mark.parametrize("name", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_limits_of_gradients_that_are_none(name: str) -> None:
    """Keras takes a text, too, until the first step."""
    with pytest.raises(TypeError, match=f"SGD: `{name}` must be a number.*{name}='a'"):
        scratchnet.keras.optimizers.SGD(**{name: "a"})
    assert getattr(scratchnet.keras.optimizers.SGD(-1.0, **{name: 0.0}), name) == 0.0


def test_a_factor_fits_each_variable_or_is_refused() -> None:
    variables = [scratchnet.Variable([1.0, 2.0, 3.0], name="w")]
    check_factor_fits("SGD", "learning_rate", np.ones(3), variables)
    check_factor_fits("SGD", "learning_rate", np.ones(()), variables)
    for wrong in (np.ones(2), np.ones((2, 3))):
        with pytest.raises(InvalidArgumentError, match="`learning_rate` must be one number"):
            check_factor_fits("SGD", "learning_rate", wrong, variables)


def given(gradient: Any, value: Any, **options: Any) -> None:
    v = scratchnet.keras.Variable(value, name="v")
    scratchnet.keras.optimizers.SGD(**options).apply_gradients([(gradient, v)])


def test_complete_texts() -> None:
    complex_ones = scratchnet.ones((2,), "complex64")
    cases: list[tuple[Any, type[Exception], str]] = [
        (
            lambda: given(np.ones((1, 2), "f"), [1.0, 2.0]),
            InvalidArgumentError,
            "apply_gradients: the gradient of v must have its shape: Incompatible shapes: [2] vs. "
            "[1, 2]",
        ),
        (
            lambda: given(scratchnet.constant([1, 2]), [1.0, 2.0]),
            TypeError,
            "apply_gradients: the gradient of v, of dtype float32, must be floating, received one "
            "of dtype int32",
        ),
        *(
            (
                lambda option=option: given(complex_ones, complex_ones, **{option: 1.0}),
                InvalidArgumentError,
                "apply_gradients: `clipnorm`, `global_clipnorm` and `clipvalue` must not be given "
                "where a gradient is complex, received one of dtype complex64",
            )
            for option in ("clipnorm", "clipvalue", "global_clipnorm")
        ),
        (
            lambda: given([1.0, 2.0], [1.0, 2.0], weight_decay=np.ones(3)),
            InvalidArgumentError,
            "SGD: `weight_decay` must be one number, or fit v of shape [2], received weight_decay="
            "array([1., 1., 1.]): Incompatible shapes",
        ),
        (
            lambda: given([1.0, 2.0], [1.0, 2.0], loss_scale_factor=np.ones((1, 2))),
            InvalidArgumentError,
            "SGD: `loss_scale_factor` must be one number, or fit v of shape [2], received loss_sca",
        ),
    ]
    for call, error, text in cases:
        with pytest.raises(error) as caught:
            call()
        assert str(caught.value).startswith(text), str(caught.value)
    given(scratchnet.constant([1, 2]), [1, 2])  # integers of integers


def test_gradients_on_both_sides_of_each_limit() -> None:
    """By hand: a gradient of norm 5, beside one of norm 12: 13 together."""
    for options, first, second in (
        ({"clipnorm": 5.0}, [3.0, -4.0], [0.0, 5.0]),
        ({"clipnorm": 2.5}, [1.5, -2.0], [0.0, 2.5]),
        ({"global_clipnorm": 13.0}, [3.0, -4.0], [0.0, 12.0]),
        ({"global_clipnorm": 6.5}, [1.5, -2.0], [0.0, 6.0]),
        ({"global_clipnorm": 26.0}, [3.0, -4.0], [0.0, 12.0]),
        ({"clipvalue": 3.5}, [3.0, -3.5], [0.0, 3.5]),
        ({"clipvalue": 12.0}, [3.0, -4.0], [0.0, 12.0]),
        ({"clipnorm": 0.0}, [3.0, -4.0], [0.0, 12.0]),
        ({"clipvalue": -1.0}, [3.0, -4.0], [0.0, 12.0]),
    ):
        a, b = (scratchnet.keras.Variable([0.0, 0.0]) for _ in range(2))
        optimizer = scratchnet.keras.optimizers.SGD(1.0, **options)
        optimizer.apply_gradients([([3.0, -4.0], a), ([0.0, 12.0], b)])
        np.testing.assert_allclose([-a.numpy(), -b.numpy()], [first, second], rtol=3e-7)


@pytest.mark.parametrize("option", ["clipnorm", "global_clipnorm", "clipvalue"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_gradients_that_are_not_finite(option: str, value: float) -> None:
    def program(tf: Any) -> list[Any]:
        a, b = (tf.keras.Variable([1.0, 2.0]) for _ in range(2))
        optimizer = tf.keras.optimizers.SGD(1.0, **{option: 1.0})
        optimizer.apply_gradients([(tf.constant([value, 3.0]), a), (tf.constant([1.0, 2.0]), b)])
        return [a.numpy(), b.numpy()]

    close(program, 4)
