"""Adam."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.indexed_slices import slices_of
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import check_factors, check_flags, check_numbers
from scratchnet.keras.optimizers.optimizer import Optimizer, shared_arguments
from scratchnet.keras.optimizers.slices import of_each
from scratchnet.keras.variable import Variable
from scratchnet.ops import optimizer_updates


@lru_cache(maxsize=8)
def _scalars_of(
    kind: Any, step: int, rate: float, beta_1: Any, beta_2: Any, epsilon: Any
) -> tuple[Any, Any, Any, Any]:
    """a, ``1 - beta_1``, ``1 - beta_2`` and ε of a step, the same for all its variables."""
    t = kind(step)
    # As in Keras, float32 on the way to a power in float64, but not below: so a step in float64
    # is off by 1e-5 of its size when t is small.
    power_1, power_2 = (kind(np.float32(beta)) ** t for beta in (beta_1, beta_2))
    a = kind(rate) * np.sqrt(1 - power_2) / (1 - power_1)
    return a, kind(1 - beta_1), kind(1 - beta_2), kind(epsilon)


class Adam(Optimizer):
    """Adaptive moment estimation (``keras.optimizers.Adam``).

        m = m + (g - m) (1 - beta_1)
        v = v + (g² - v) (1 - beta_2)
        w = w - m a / (√v + ε),      a = learning_rate √(1 - beta_2ᵗ) / (1 - beta_1ᵗ)

    ε is added to the root of the uncorrected v (the "epsilon hat" of the paper, not the ε of its
    Algorithm 1), so the first step on a gradient far above ε is about `learning_rate`, whatever its
    size.

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        beta_1, beta_2: the decay rates of m and v, moving averages of the gradient and its square.
        epsilon: ε.
        amsgrad: divide by the largest √v so far (Reddi et al. 2018, arXiv:1904.09237).
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: as of
            `Optimizer`.

    Raises:
        ValueError: a beta outside [0, 1), and as of `Optimizer`.

    Reference: Kingma and Ba 2015, arXiv:1412.6980, section 2.

    >>> from scratchnet.keras import Variable
    >>> w = Variable([1.0, 2.0])
    >>> _ = Adam(0.5).apply_gradients([(Tensor(np.array([1e-2, 1e3], np.float32)), w)])
    >>> w.numpy().round(2)
    array([0.5, 1.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        check_numbers(type(self).__name__, beta_1=beta_1, beta_2=beta_2)
        check_factors(type(self).__name__, epsilon=epsilon)
        check_flags(type(self).__name__, amsgrad=amsgrad)
        for given, beta in (("beta_1", beta_1), ("beta_2", beta_2)):
            if not 0 <= beta < 1:
                raise ValueError(say(type(self).__name__, given, "must be in [0, 1)", beta))
        super().__init__(**shared_arguments(locals()))
        self.beta_1, self.beta_2, self.epsilon, self.amsgrad = beta_1, beta_2, epsilon, amsgrad
        self._momentums: list[Variable] = []
        self._velocities: list[Variable] = []
        self._velocity_hats: list[Variable] = []

    def build(self, variables: Sequence[Any]) -> None:
        """Make one m and one v for each variable; with `amsgrad`, one for the largest v."""
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(
            variables, ["momentum", "velocity"]
        )
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(variables, "velocity_hat")

    def _updates_together(self, variables: list[Any]) -> bool:
        own = type(self).update_step is _OWN_STEP and "update_step" not in vars(self)
        once = len({id(variable) for variable in variables}) == len(variables) > 1
        return own and once and not self.amsgrad

    def _update_together(
        self, arrays: list[Array], variables: list[Any], rate: Tensor
    ) -> Sequence[int]:
        """The small variables of the first one's dtype, end to end as one: so each formula runs
        once.
        """
        dtype = variables[0]._data.dtype
        small: list[int] = []
        rest: list[int] = []
        for i, (g, variable) in enumerate(zip(arrays, variables, strict=True)):
            w = variable._data
            fits = w.dtype == g.dtype == dtype and optimizer_updates.is_small(w)
            (small if fits and dtype.kind == "f" else rest).append(i)
        if len(small) < 2:
            return range(len(variables))
        places = [self._get_variable_index(variables[i]) for i in small]
        slots = (
            [variables[i] for i in small],
            [self._momentums[i] for i in places],
            [self._velocities[i] for i in places],
        )
        w, m, v = (np.concatenate([x._data.ravel() for x in kept]) for kept in slots)
        g = np.concatenate([arrays[i].ravel() for i in small])
        a, one, two, epsilon = self._scalars(dtype, rate)
        new = optimizer_updates.adam_step(w, g, m, v, one, two, a, epsilon)
        for values, kept in zip(new, slots, strict=True):
            end = 0
            for variable in kept:
                begin, shape = end, variable._data.shape
                end += variable._data.size
                variable._data = values[begin:end].reshape(shape)
        return rest

    def _scalars(self, dtype: np.dtype[Any], rate: Tensor) -> tuple[Any, Any, Any, Any]:
        settings = self.beta_1, self.beta_2, self.epsilon
        plain = all([type(x) is float for x in settings])  # which can be looked up
        of_step = _scalars_of if plain else _scalars_of.__wrapped__
        kind: Any = dtype.type
        return of_step(kind, int(self.iterations._data) + 1, rate._data.item(), *settings)

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """One step of one variable."""
        w, i = variable._data, self._get_variable_index(variable)
        g = np.asarray(gradient._data, w.dtype)
        a, one, two, epsilon = self._scalars(w.dtype, learning_rate)
        m, v = self._momentums[i], self._velocities[i]
        if slices_of(gradient) is not None:
            squared = of_each(np.square, gradient, w.dtype)
            m._data = np.asarray((g - m._data) * one + m._data)
            v._data = np.asarray((squared - v._data) * two + v._data)
        elif self.amsgrad:
            m._data, v._data = optimizer_updates.moments_step(g, m._data, v._data, one, two)
        else:
            new = optimizer_updates.adam_step(w, g, m._data, v._data, one, two, a, epsilon)
            variable._data, m._data, v._data = new
            return
        largest = v._data
        if self.amsgrad:
            hat = self._velocity_hats[i]
            largest = hat._data = np.maximum(hat._data, v._data)
        variable._data = optimizer_updates.scaled_step(w, m._data, largest, a, epsilon)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        own = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }
        return {**super().get_config(), **own}


_OWN_STEP = Adam.update_step  # whoever puts another in its place, to study it, is heard
