"""Adamax: Adam with the largest gradient in place of the mean square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import check_factors, check_numbers
from scratchnet.keras.optimizers.optimizer import Optimizer, shared_arguments
from scratchnet.keras.optimizers.slices import of_each
from scratchnet.keras.variable import Variable


class Adamax(Optimizer):
    """Adam with an infinity norm (``keras.optimizers.Adamax``).

        m = m + (g - m) (1 - beta_1)
        u = max(beta_2 u, |g|)
        w = w - learning_rate m / ((1 - beta_1ᵗ) (u + ε))

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        beta_1: the decay rate of m, a moving average of the gradient.
        beta_2: the decay rate of u, the largest gradient so far.
        epsilon: ε.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: as of
            `Optimizer`.

    Reference: Kingma and Ba 2015, arXiv:1412.6980, section 7.

    >>> from scratchnet.keras import Variable
    >>> w = Variable([1.0, 2.0])
    >>> _ = Adamax(0.5).apply_gradients([(Tensor(np.array([1e-2, 1e3], np.float32)), w)])
    >>> w.numpy().round(2)
    array([0.5, 1.5], dtype=float32)
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
        check_numbers("Adamax", beta_1=beta_1, beta_2=beta_2)
        check_factors("Adamax", epsilon=epsilon)
        super().__init__(**shared_arguments(locals()))
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon
        self._m: list[Variable] = []
        self._u: list[Variable] = []

    def build(self, variables: Sequence[Any]) -> None:
        """Make one m and one u for each variable."""
        if self.built:
            return
        super().build(variables)
        self._m, self._u = self.add_optimizer_variables(variables, ["momentum", "norm"])

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """One step of one variable."""
        w, i = variable._data, self._get_variable_index(variable)
        g, kind = np.asarray(gradient._data, w.dtype), w.dtype.type
        t = kind(self.iterations._data + 1)
        power = kind(np.float32(self.beta_1)) ** t  # as in Keras, through float32
        m, u = self._m[i], self._u[i]
        m._data = np.asarray(m._data + (g - m._data) * kind(1 - self.beta_1))
        u._data = np.maximum(kind(self.beta_2) * u._data, of_each(np.abs, gradient, w.dtype))
        scale = (kind(1) - power) * (u._data + kind(self.epsilon))
        variable._data = np.asarray(w - kind(learning_rate._data) * m._data / scale)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        own = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
        return {**super().get_config(), **own}
