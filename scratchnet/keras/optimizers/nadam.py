"""Nadam: Adam with Nesterov momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import check_factors, check_numbers
from scratchnet.keras.optimizers.optimizer import Optimizer, shared_arguments
from scratchnet.keras.optimizers.slices import Slices, of_each
from scratchnet.keras.variable import Variable


class Nadam(Optimizer):
    """Adam with Nesterov momentum (``keras.optimizers.Nadam``).

        u = beta_1 (1 - 0.96ᵗ / 2);      u' that of the next step;      U = U u
        m = m + (g - m) (1 - beta_1)
        v = v + (g² - v) (1 - beta_2)
        m̂ = u' m / (1 - U u') + (1 - u) g / (1 - U);      v̂ = v / (1 - beta_2ᵗ)
        w = w - learning_rate m̂ / (√v̂ + ε)

    U, the product of all u so far, is one variable for all.

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        beta_1, beta_2: the decay rates of m and v, moving averages of the gradient and its square.
        epsilon: ε.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: as of
            `Optimizer`.

    Reference: Dozat 2015, *Incorporating Nesterov momentum into Adam*.

    >>> from scratchnet.keras import Variable
    >>> w = Variable([1.0, 2.0])
    >>> _ = Nadam(0.5).apply_gradients([(Tensor(np.array([1e-2, 1e3], np.float32)), w)])
    >>> w.numpy().round(2)
    array([0.47, 1.47], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
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
        check_numbers("Nadam", beta_1=beta_1, beta_2=beta_2)
        check_factors("Nadam", epsilon=epsilon)
        super().__init__(**shared_arguments(locals()))
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self._momentums: list[Variable] = []
        self._velocities: list[Variable] = []

    def build(self, variables: Sequence[Any]) -> None:
        """Make one m and one v for each variable, and U."""
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(
            variables, ["momentum", "velocity"]
        )
        first = variables[0].dtype if variables else None
        self._u_product = Variable(1.0, dtype=first)

    def _step(
        self, arrays: list[Array], variables: list[Any], slices: Sequence[Slices | None]
    ) -> None:
        """U is brought forward once for all variables."""
        product = self._u_product._data
        kind = product.dtype.type
        t = kind(self.iterations._data + 1)
        u = kind(1) - kind(0.5) * kind(0.96) ** t
        self._u_product._data = np.asarray(product * kind(self.beta_1) * u)
        super()._step(arrays, variables, slices)

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """One step of one variable."""
        w, i = variable._data, self._get_variable_index(variable)
        g, kind = np.asarray(gradient._data, w.dtype), w.dtype.type
        t, u_product = kind(self.iterations._data + 1), kind(self._u_product._data)
        # As in Keras, numbers pass through float32 on the way to a power in float64.
        beta_1, beta_2 = kind(np.float32(self.beta_1)), kind(np.float32(self.beta_2))
        decay, one, half = kind(np.float32(0.96)), kind(1), kind(0.5)
        u, u_next = (beta_1 * (one - half * decay**step) for step in (t, t + one))
        m, v = self._momentums[i], self._velocities[i]
        m._data = np.asarray(m._data + (g - m._data) * (one - beta_1))
        squared = of_each(np.square, gradient, w.dtype)
        v._data = np.asarray(v._data + (squared - v._data) * (one - beta_2))
        m_hat = u_next * m._data / (one - u_product * u_next) + (one - u) * g / (one - u_product)
        v_hat = v._data / (one - beta_2**t)
        step = m_hat * kind(learning_rate._data) / (np.sqrt(v_hat) + kind(self.epsilon))
        variable._data = np.asarray(w - step)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        own = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
        return {**super().get_config(), **own}
