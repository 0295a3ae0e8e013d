"""Ftrl: follow the regularized leader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import initializers
from scratchnet.keras.config import check_numbers
from scratchnet.keras.optimizers.optimizer import Optimizer, shared_arguments
from scratchnet.keras.optimizers.slices import of_each
from scratchnet.keras.variable import Variable


class Ftrl(Optimizer):
    """Follow the regularized leader (``keras.optimizers.Ftrl``).

        n' = n + g²;      p = -learning_rate_power;      λ₂ = l2 + beta / (2 learning_rate)
        z = z + g + 2 shrinkage w - (n'ᵖ - nᵖ) w / learning_rate
        w = (clip(z, -l1, l1) - z) / (n'ᵖ / learning_rate + 2 λ₂);      n = n'

    Weights whose |z| stays below l1 are exactly 0: it is made for sparse linear models.

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        learning_rate_power: -p, at most 0; 0 keeps the learning rate.
        initial_accumulator_value: what n begins with, at least 0.
        l1_regularization_strength, l2_regularization_strength: l1 and l2, at least 0.
        l2_shrinkage_regularization_strength: shrinkage, at least 0: a penalty of the gradient.
        beta: as in the paper.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: as of
            `Optimizer`.

    Raises:
        ValueError: an argument out of range.

    Reference: McMahan et al. 2013, *Ad click prediction: a view from the trenches*.

    >>> from scratchnet.keras import Variable
    >>> w = Variable([1.0])
    >>> optimizer = Ftrl(0.5, initial_accumulator_value=0.0, l1_regularization_strength=10.0)
    >>> _ = optimizer.apply_gradients([(Tensor(np.ones(1, np.float32)), w)])
    >>> w.numpy()
    array([0.], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
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
        check_numbers("Ftrl", learning_rate_power=learning_rate_power, beta=beta)
        given = {
            "initial_accumulator_value": initial_accumulator_value,
            "l1_regularization_strength": l1_regularization_strength,
            "l2_regularization_strength": l2_regularization_strength,
            "l2_shrinkage_regularization_strength": l2_shrinkage_regularization_strength,
        }
        check_numbers("Ftrl", **given)
        for argument, value in given.items():
            if value < 0:
                raise ValueError(say("Ftrl", argument, "needs to be positive or zero", value))
        if learning_rate_power > 0:
            rule = "needs to be negative or zero"
            raise ValueError(say("Ftrl", "learning_rate_power", rule, learning_rate_power))
        super().__init__(**shared_arguments(locals()))
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        self._accumulators: list[Variable] = []
        self._linears: list[Variable] = []

    def build(self, variables: Sequence[Any]) -> None:
        """Make one n and one z for each variable."""
        if self.built:
            return
        super().build(variables)
        start = initializers.Constant(self.initial_accumulator_value)
        self._accumulators, self._linears = self.add_optimizer_variables(
            variables, ["accumulator", "linear"], [start, "zeros"]
        )

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """One step of one variable."""
        w, i = variable._data, self._get_variable_index(variable)
        g, kind = np.asarray(gradient._data, w.dtype), w.dtype.type
        n, z, rate = self._accumulators[i], self._linears[i], kind(learning_rate._data)
        power, l1 = kind(-self.learning_rate_power), kind(self.l1_regularization_strength)
        l2 = kind(self.l2_regularization_strength) + kind(self.beta) / (kind(2) * rate)
        new = n._data + of_each(np.square, gradient, w.dtype)
        scaled = new**power / rate
        shrunk = g + kind(2 * self.l2_shrinkage_regularization_strength) * w
        z._data = np.asarray(z._data + (shrunk - (new**power - n._data**power) / rate * w))
        left = np.clip(z._data, -l1, l1) - z._data
        variable._data = np.asarray(left / (scaled + kind(2) * l2))
        n._data = np.asarray(new)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        own = {
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.initial_accumulator_value,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }
        return {**super().get_config(), **own}
