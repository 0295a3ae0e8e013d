"""Differences: how good they are, and what they say of kinks, jumps and noise."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.testing.differences import EPS, jacobian, noise_of, slope, step


def one(f):
    return lambda t: np.array([f(t)], np.float64)


def derivative(f, scale=1.0):
    along = one(f)
    with np.errstate(all="ignore"):
        at = along(0.0)
        return slope(along, at, scale, EPS * (abs(at) + 1))


@pytest.mark.parametrize(
    ("f", "value"),
    [
        (np.exp, 1.0),
        (lambda t: np.sin(5 * t + 1), 5 * np.cos(1)),
        (lambda t: 1 / (t + 0.3), -1 / 0.09),
        (lambda t: np.log(t + 0.01), 100.0),
        (lambda t: 1e6 + t, 1.0),
        (lambda t: (t + 1) ** 9, 9.0),
    ],
)
def test_a_smooth_function(f, value):
    found = derivative(f)
    gap = abs(found.value[0] - value)
    assert gap <= found.error[0]
    assert found.error[0] < 1e-6 * abs(value)
    assert abs(found.jump[0]) <= 1e-6 * abs(value)


@pytest.mark.parametrize("distance", [1e-3, 1e-4, 3e-5])
def test_a_kink_near_by_is_not_stepped_over(distance):
    found = derivative(lambda t: max(t - distance, 0) + t)
    assert found.value[0] == pytest.approx(1, abs=1e-6)
    assert found.jump[0] == pytest.approx(0, abs=1e-6)


def test_a_kink_has_a_jump_and_the_mean_of_both_slopes():
    found = derivative(lambda t: max(3 * t, -t))
    assert found.value[0] == pytest.approx(1)
    assert found.jump[0] == pytest.approx(4)


@pytest.mark.parametrize("f", [np.sign, lambda t: np.log(t), lambda t: float(np.floor(t))])
def test_where_there_is_no_derivative_the_error_says_so(f):
    assert not derivative(f).error[0] < 1


def test_a_matrix_of_derivatives():
    x, w = np.array([1.0, 2.0, 0.0]), np.array([[2.0, 0.0, 1.0], [1.0, 3.0, 0.0]])

    def f(arrays):
        return arrays[1] @ np.maximum(arrays[0], 0)

    at = f([x, w])
    found = jacobian(f, [x, w], 0, np.arange(3), at, EPS * abs(at))
    np.testing.assert_allclose(found.value[:2], w.T[:2], atol=1e-9)
    assert found.kinked.tolist() == [[False, False], [False, False], [True, False]]
    g = np.array([1.0, -1.0])
    np.testing.assert_allclose(found.gradient(g), [1, -3, 0.5], atol=1e-9)
    np.testing.assert_allclose(found.uncertainty(g), [0, 0, 0.5], atol=1e-9)
    np.testing.assert_array_equal(x, [1, 2, 0])


def test_elements_that_were_not_moved_are_not_known():
    found = jacobian(
        lambda a: a[0] ** 2, [np.ones(4)], 0, np.array([1, 3]), np.ones(4), np.ones(4) * EPS
    )
    np.testing.assert_array_equal(np.isnan(found.gradient(np.ones(4))), [1, 0, 1, 0])


@pytest.mark.parametrize(("dtype", "eps"), [(np.float64, 2e-16), (np.float32, 1e-7)])
def test_the_noise_of_code_is_its_precision(dtype, eps):
    x = np.random.default_rng(0).normal(size=50)
    noise = noise_of(lambda t: np.sin((x + t).astype(dtype)).astype(np.float64), 1.0)
    assert 0.05 * eps < np.median(noise) < 10 * eps


def test_a_kink_at_the_point_is_no_noise():
    noise = noise_of(lambda t: np.maximum(np.full(9, t), 0), 1.0)
    assert noise.max() < 1e-14


def test_one_step_has_the_slopes_of_both_sides():
    found = step(lambda t: np.array([abs(t), t**2 + t]), 0.25)
    np.testing.assert_array_equal(found.central, [0, 1])
    np.testing.assert_array_equal(found.sides(np.zeros(2)), [[1, 1.25], [-1, 0.75]])
    np.testing.assert_array_equal(found.bend(np.zeros(2)), [2, 0.5])
