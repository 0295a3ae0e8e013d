"""The bounds of a step: each phase has one, and nothing sound passes it."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.twin import bounds as judges
from scratchnet.twin.bounds import Judge
from scratchnet.twin.observe import Seen


def normalized_step(change):
    """A step on a Dense before a BatchNormalization, the gradient of its bias off by `change`."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(64, 5)).astype(F)
    norm, beta = (x - x.mean(0)) * F(4), rng.normal(size=5).astype(F)
    seen = [
        Seen("layer", "dense", terms=9, variables=("dense/kernel", "dense/bias")),
        Seen("layer", "norm", variables=("norm/beta",)),
        Seen("gradient", "dense/kernel"),
        Seen("gradient", "dense/bias"),
        Seen("gradient", "norm/beta"),
    ]
    bias = np.zeros(5, F)
    return seen, [x, norm, np.full((9, 5), 0.01, F), bias + F(change), beta]


@pytest.mark.parametrize(("change", "is_found"), [(3e-7, False), (1e-4, True)])
def test_the_bound_on_a_bias_before_a_normalization(change, is_found):
    seen, theirs = normalized_step(0)
    finding = Judge().step(seen, normalized_step(change)[1], theirs)[1]
    assert (finding is not None) == is_found
    assert Judge().step(seen[:-1], normalized_step(change)[1][:-1], theirs[:-1])[1] is not None


F = np.float32


def dense_step(w, gradient, rate=0.1, spoil=None):
    """What a step of SGD on a layer of one kernel shows."""
    arrays = {
        "initial": w,
        "batch": np.ones((4, w.shape[0]), F),
        "layer": np.ones((4, w.shape[0]), F) @ w,
        "loss": np.float32(1),
        "gradient": gradient,
        "weight": w - F(rate) * gradient,
    }
    if spoil is not None:
        role, factor = spoil
        arrays[role] = arrays[role] * F(factor)
    names = {"batch": "inputs", "loss": "loss", "layer": "dense"}
    seen = [
        Seen(role, names.get(role, "dense/kernel"), terms=w.shape[0] * (role == "layer"),
             variables=("dense/kernel",))
        for role in arrays
    ]  # fmt: skip
    return seen, list(arrays.values())


@pytest.mark.parametrize(
    ("role", "phase"),
    [
        ("initial", "randomness"),
        ("batch", "data order"),
        ("layer", "forward"),
        ("loss", "forward"),
        ("gradient", "backward"),
        ("weight", "update"),
    ],
)
@pytest.mark.parametrize("factor", [1.0001, 2.0, np.nan])
def test_each_phase_has_a_bound(role, phase, factor):
    rng = np.random.default_rng(1)
    w, g = rng.normal(size=(9, 5)).astype(F), rng.normal(size=(9, 5)).astype(F)
    seen, theirs = dense_step(w, g)
    _, ours = dense_step(w, g, spoil=(role, factor))
    assert Judge().step(seen, theirs, theirs)[1] is None
    finding = Judge().step(seen, ours, theirs)[1]
    assert finding is not None
    assert (finding.step, finding.phase) == (1, phase)


def test_every_role_has_a_phase():
    assert set(judges.PHASES) >= {"initial", "batch", "layer", "loss", "gradient", "weight"}


# -- TensorFlow's own spread -----------------------------------------------------------------------


def test_a_difference_may_be_some_times_tensorflows_own_spread():
    rng = np.random.default_rng(1)
    w, g = rng.normal(size=(9, 5)).astype(F), rng.normal(size=(9, 5)).astype(F)
    seen, theirs = dense_step(w, g)
    ours = dense_step(w, g, spoil=("gradient", 1.001))[1]
    for spread, is_found in ((1.0005, False), (1.00001, True)):
        other = dense_step(w, g, spoil=("gradient", spread))[1]
        finding = Judge().step(seen, ours, theirs, other)[1]
        assert (finding is not None) == is_found
    assert "times TensorFlow's own spread" in str(finding)
    finding = Judge().step(seen, ours, theirs, theirs)[1]
    assert str(finding).endswith("(TensorFlow does not differ from itself)")


def chain(*spoiled, kink=None, decides=True):
    """A step of three layers; the gradients of `spoiled` are a tenth too large."""
    rng = np.random.default_rng(2)
    names = ("a", "b", "c")
    seen = [Seen("batch", "inputs", number=0)]
    arrays = [rng.normal(size=(1000, 4)).astype(F)]
    for i, name in enumerate(names):
        seen.append(
            Seen("layer", name, terms=4, variables=(f"{name}/kernel",), number=i + 1, inputs=(i,),
                 decides=decides)
        )  # fmt: skip
        arrays.append(rng.normal(size=(1000, 4)).astype(F))
        if name == kink:
            arrays[-1][3, 2] = -1e-9
    for name in names:
        seen.append(Seen("gradient", f"{name}/kernel"))
        arrays.append(rng.normal(size=(4, 4)).astype(F) * F(1.1 if name in spoiled else 1))
    return seen, arrays


def with_positive(arrays, i):
    arrays = list(arrays)
    arrays[i] = arrays[i].copy()
    arrays[i][3, 2] = 1e-9
    return arrays


def test_of_several_wrong_gradients_the_last_layers_is_named():
    seen, theirs = chain()
    finding = Judge().step(seen, chain("a", "b")[1], theirs, theirs)[1]
    assert finding.tensor == "b/kernel"
    assert "none after it" in str(finding)
    assert str(finding).endswith("in what comes back to it from c")
    finding = Judge().step(seen, chain("a", "b", "c")[1], theirs, theirs)[1]
    assert finding.tensor == "c/kernel"


@pytest.mark.parametrize("decides", [True, False])
def test_a_kink_explains_what_lies_before_it_and_not_more_than_its_share(decides):
    seen, theirs = chain(kink="b", decides=decides)
    kinked = with_positive(theirs, 2)
    judge = Judge()
    for before, explained in (("a", decides), ("b", decides), ("c", False)):
        ours = with_positive(chain(before, kink="b", decides=decides)[1], 2)
        finding = judge.step(seen, ours, theirs, theirs)[1]
        assert (finding is None) == explained
    assert judge.kinked == (3 if decides else 0)
    ours = list(kinked)
    ours[4] = kinked[4] * F(2)
    assert judge.step(seen, ours, theirs, theirs)[1].tensor == "a/kernel"


def test_the_second_optimizer_of_a_step_is_judged_by_the_layers_before_the_first():
    seen, theirs = chain()
    judge = Judge()
    judge.step(seen, theirs, theirs, theirs)
    only, gradients = seen[-3:], theirs[-3:]
    off = [g * F(1 + 3e-6) for g in gradients]
    assert judge.step(only, off, gradients, gradients)[1] is None  # of 4000 roundings
    assert Judge().step(only, off, gradients, gradients)[1] is not None  # of how many?
