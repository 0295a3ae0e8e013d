"""Wrong steps of optimizers that are met often, and what is to be said of them.

A wrong answer that makes the same steps as one of these has made that mistake.  Each is
``step(w, g, states, t, o) -> (new w, *new states)``, with the options ``o["learning_rate"]`` ….
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np

from scratchnet.engine.dtypes import Array

States: TypeAlias = tuple[Array, ...]
Options: TypeAlias = Mapping[str, float]


Step: TypeAlias = Callable[[Array, Array, States, int, Options], States]


class Mistake(NamedTuple):
    """A wrong step, and what is wrong with it."""

    sentence: str
    step: Step


UPHILL = "the sign: this climbs. The gradient points uphill, so it is subtracted"

# -- gradient descent with momentum ----------------------------------------------------------------


def _nesterov(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    v = o["momentum"] * states[0] - o["learning_rate"] * g
    return w + o["momentum"] * v - o["learning_rate"] * g, v


def _old_velocity(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    return w + states[0], o["momentum"] * states[0] - o["learning_rate"] * g


def _climbing(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    v = o["momentum"] * states[0] + o["learning_rate"] * g
    return w + v, v


def _running_mean(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    v = o["momentum"] * states[0] - (1 - o["momentum"]) * o["learning_rate"] * g
    return w + v, v


def _rate_outside(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    v = o["momentum"] * states[0] + g
    return w - o["learning_rate"] * v, v


def _rate_outside_descending(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    v = o["momentum"] * states[0] - g
    return w + o["learning_rate"] * v, v


def _velocity_of_other_sign(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    v = o["momentum"] * states[0] + o["learning_rate"] * g
    return w - v, v


def _without_velocity(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    v = o["momentum"] * states[0] - o["learning_rate"] * g
    return w - o["learning_rate"] * g, v


def _rate_twice(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    v = o["momentum"] * states[0] - o["learning_rate"] * g
    return w + o["learning_rate"] * v, v


def _without_rate(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    v = o["momentum"] * states[0] - g
    return w + v, v


def _plain(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    return w - o["learning_rate"] * g, states[0]


def _forgetting(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    v = -o["learning_rate"] * g
    return w + v, v


_OUTSIDE = (
    "the learning rate stands outside of the velocity. While it is constant the steps are the "
    "same; but v is not Keras's, which holds the learning rate and the sign"
)
MOMENTUM = (
    Mistake("this is Nesterov's momentum, which looks one step ahead: w moves by v", _nesterov),
    Mistake("w moves by the old velocity: it moves by the new one", _old_velocity),
    Mistake(UPHILL, _climbing),
    Mistake(
        "the gradient is damped by 1 - momentum, which makes v a running mean, as in Adam: here it "
        "is a running sum",
        _running_mean,
    ),
    Mistake(_OUTSIDE, _rate_outside),
    Mistake(_OUTSIDE, _rate_outside_descending),
    Mistake(
        "w moves as it should, but v has the other sign: Keras's v already points downhill, and is "
        "added",
        _velocity_of_other_sign,
    ),
    Mistake("w moves by the gradient alone: it moves by the velocity", _without_velocity),
    Mistake("the velocity of the step before is forgotten: momentum times it is left", _forgetting),
    Mistake("the learning rate is applied twice: v holds it already", _rate_twice),
    Mistake("the learning rate is missing: v gets - learning_rate g", _without_rate),
    Mistake(
        "this is plain gradient descent, and v is returned as it came: v gets momentum v - "
        "learning_rate g, and w moves by the new v",
        _plain,
    ),
)

# -- Adam ------------------------------------------------------------------------------------------


def _moments(g: Array, states: States, o: Options) -> States:
    m, v = states
    one, two = o["beta_1"], o["beta_2"]
    return one * m + (1 - one) * g, two * v + (1 - two) * g * g


def _rate(t: int, o: Options) -> float:
    """a, the learning rate corrected for means that begin with 0."""
    return float(o["learning_rate"] * np.sqrt(1 - o["beta_2"] ** t) / (1 - o["beta_1"] ** t))


def _uncorrected(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = _moments(g, states, o)
    return w - o["learning_rate"] * m / (np.sqrt(v) + o["epsilon"]), m, v


def _only_m_corrected(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = _moments(g, states, o)
    hat_m = m / (1 - o["beta_1"] ** t)
    return w - o["learning_rate"] * hat_m / (np.sqrt(v) + o["epsilon"]), m, v


def _counting_from_two(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = _moments(g, states, o)
    return w - _rate(t + 1, o) * m / (np.sqrt(v) + o["epsilon"]), m, v


def _epsilon_under_the_root(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = _moments(g, states, o)
    return w - _rate(t, o) * m / np.sqrt(v + o["epsilon"]), m, v


def _of_the_paper(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = _moments(g, states, o)
    hat_m, hat_v = m / (1 - o["beta_1"] ** t), v / (1 - o["beta_2"] ** t)
    return w - o["learning_rate"] * hat_m / (np.sqrt(hat_v) + o["epsilon"]), m, v


def _without_root(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = _moments(g, states, o)
    return w - _rate(t, o) * m / (v + o["epsilon"]), m, v


def _not_squared(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, _ = _moments(g, states, o)
    v = o["beta_2"] * states[1] + (1 - o["beta_2"]) * np.abs(g)
    return w - _rate(t, o) * m / (np.sqrt(v) + o["epsilon"]), m, v


def _mean_of_g(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, _ = _moments(g, states, o)
    v = o["beta_2"] * states[1] + (1 - o["beta_2"]) * g
    with np.errstate(invalid="ignore"):
        return w - _rate(t, o) * m / (np.sqrt(v) + o["epsilon"]), m, v


def _squares_in_m(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    _, v = _moments(g, states, o)
    m = o["beta_1"] * states[0] + (1 - o["beta_1"]) * g * g
    return w - _rate(t, o) * m / (np.sqrt(v) + o["epsilon"]), m, v


def _correction_without_root(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = _moments(g, states, o)
    rate = o["learning_rate"] * (1 - o["beta_2"] ** t) / (1 - o["beta_1"] ** t)
    return w - rate * m / (np.sqrt(v) + o["epsilon"]), m, v


def _adam_climbing(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = _moments(g, states, o)
    return w + _rate(t, o) * m / (np.sqrt(v) + o["epsilon"]), m, v


def _swapped(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = states
    one, two = o["beta_1"], o["beta_2"]
    m, v = (1 - one) * m + one * g, (1 - two) * v + two * g * g
    return w - _rate(t, o) * m / (np.sqrt(v) + o["epsilon"]), m, v


def _betas(for_m: str, for_v: str, also_corrected: bool) -> Step:
    """Steps with other betas than those of m and of v: one for the other, or one for both."""

    def step(w: Array, g: Array, states: States, t: int, o: Options) -> States:
        taken = {**o, "beta_1": o[for_m], "beta_2": o[for_v]}
        m, v = _moments(g, states, taken)
        rate = _rate(t, taken if also_corrected else o)
        return w - rate * m / (np.sqrt(v) + o["epsilon"]), m, v

    return step


def _moments_not_kept(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = _moments(g, states, o)
    return w - _rate(t, o) * m / (np.sqrt(v) + o["epsilon"]), *states


def _without_learning_rate(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = _moments(g, states, o)
    return w - _rate(t, o) / o["learning_rate"] * m / (np.sqrt(v) + o["epsilon"]), m, v


def _gradient_for_m(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = _moments(g, states, o)
    return w - _rate(t, o) * g / (np.sqrt(v) + o["epsilon"]), m, v


def _running_sums(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = o["beta_1"] * states[0] + g, o["beta_2"] * states[1] + g * g
    return w - _rate(t, o) * m / (np.sqrt(v) + o["epsilon"]), m, v


def _old_moments(w: Array, g: Array, states: States, t: int, o: Options) -> States:
    m, v = states
    return w - _rate(t, o) * m / (np.sqrt(v) + o["epsilon"]), *_moments(g, states, o)


def _hats_kept(m_kept: bool, v_kept: bool, as_keras: bool) -> Step:
    """Steps that hand on m̂ or v̂, corrected for beginning with 0, in the place of m or v."""

    def step(w: Array, g: Array, states: States, t: int, o: Options) -> States:
        m, v = _moments(g, states, o)
        hat_m, hat_v = m / (1 - o["beta_1"] ** t), v / (1 - o["beta_2"] ** t)
        if as_keras:
            moved = w - _rate(t, o) * m / (np.sqrt(v) + o["epsilon"])
        else:
            moved = w - o["learning_rate"] * hat_m / (np.sqrt(hat_v) + o["epsilon"])
        return moved, hat_m if m_kept else m, hat_v if v_kept else v

    return step


_KEPT = (
    "{hats} handed on in place of {means}: the next step would correct it once more. m and v stay "
    "the running means, and the correction is made for the step alone"
)

ADAM = (
    Mistake("m and v begin with 0, and are not corrected for it by 1 - beta^t", _uncorrected),
    Mistake("m is corrected for beginning with 0, and v is not", _only_m_corrected),
    Mistake("t counts from 1 already, and this uses t + 1", _counting_from_two),
    Mistake("ε stands under the root: it is added to √v", _epsilon_under_the_root),
    Mistake(
        "these are the steps of the paper's algorithm 1, with ε beside √v̂; Keras has ε beside √v",
        _of_the_paper,
    ),
    Mistake("the step is divided by v: by √v, which has the unit of a gradient", _without_root),
    Mistake("v is a running mean of |g|: of g²", _not_squared),
    Mistake("m is a running mean of g²: of g, v is that of g²", _squares_in_m),
    Mistake("1 - beta_2^t, which corrects v, stands outside of the root", _correction_without_root),
    Mistake(
        "v is a running mean of g, whose root is not real where it is below 0: of g²", _mean_of_g
    ),
    Mistake(UPHILL, _adam_climbing),
    Mistake("beta and 1 - beta are swapped: it is the old value that counts beta", _swapped),
    Mistake("w moves by the old m and v: it moves by the new ones", _old_moments),
    *(
        Mistake(
            "the betas are exchanged: beta_1 is for m, the mean of g, and beta_2 for v, that of g²",
            _betas("beta_2", "beta_1", also),
        )
        for also in (False, True)
    ),
    *(
        Mistake(
            f"{beta} is taken for both means: beta_1 is for m, beta_2 for v",
            _betas(beta, beta, also),
        )
        for beta in ("beta_1", "beta_2")
        for also in (False, True)
    ),
    Mistake(
        "m and v are returned as they came: the next step needs the new ones", _moments_not_kept
    ),
    Mistake("the learning rate is missing", _without_learning_rate),
    Mistake("w moves by g / √v: by m / √v, the running mean", _gradient_for_m),
    Mistake("m and v are running sums: means, with the factors 1 - beta", _running_sums),
    *(
        Mistake(_KEPT.format(hats=hats, means=means), _hats_kept(m_kept, v_kept, as_keras))
        for hats, means, m_kept, v_kept in (
            ("m̂ and v̂ are", "m and v", True, True),
            ("m̂ is", "m", True, False),
            ("v̂ is", "v", False, True),
        )
        for as_keras in (True, False)
    ),
)
