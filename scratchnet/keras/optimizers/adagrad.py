"""Adagrad: steps divided by the root of the sum of all squares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.tensor import Tensor
from scratchnet.keras import initializers
from scratchnet.keras.config import check_factors, check_numbers
from scratchnet.keras.optimizers.optimizer import Optimizer, shared_arguments
from scratchnet.keras.optimizers.slices import of_each
from scratchnet.keras.variable import Variable


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients (``keras.optimizers.Adagrad``).

        v = v + g²
        w = w - learning_rate g / √(v + ε)

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        initial_accumulator_value: what v begins with.
        epsilon: ε.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: as of
            `Optimizer`.

    Reference: Duchi, Hazan and Singer 2011, *Adaptive subgradient methods for online learning*.

    >>> from scratchnet.keras import Variable
    >>> w = Variable([1.0])
    >>> optimizer = Adagrad(0.5, initial_accumulator_value=3.0)
    >>> _ = optimizer.apply_gradients([(Tensor(np.ones(1, np.float32)), w)])
    >>> w.numpy().round(3)
    array([0.75], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
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
        check_numbers("Adagrad", initial_accumulator_value=initial_accumulator_value)
        check_factors("Adagrad", epsilon=epsilon)
        super().__init__(**shared_arguments(locals()))
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon
        self._accumulators: list[Variable] = []

    def build(self, variables: Sequence[Any]) -> None:
        """Make one v for each variable."""
        if self.built:
            return
        super().build(variables)
        start = initializers.Constant(self.initial_accumulator_value)
        self._accumulators = self.add_optimizer_variables(variables, "accumulator", start)

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """One step of one variable."""
        w, i = variable._data, self._get_variable_index(variable)
        g, kind = np.asarray(gradient._data, w.dtype), w.dtype.type
        v = self._accumulators[i]
        v._data = np.asarray(v._data + of_each(np.square, gradient, w.dtype))
        step = kind(learning_rate._data) * g / np.sqrt(v._data + kind(self.epsilon))
        variable._data = np.asarray(w - step)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        own = {
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }
        return {**super().get_config(), **own}
