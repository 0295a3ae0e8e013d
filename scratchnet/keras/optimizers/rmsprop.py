"""RMSprop, what `compile` takes if no optimizer is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import check_factors, check_flags, check_numbers
from scratchnet.keras.optimizers.optimizer import Optimizer, shared_arguments
from scratchnet.keras.optimizers.slices import of_each
from scratchnet.keras.variable import Variable


class RMSprop(Optimizer):
    """Steps divided by a moving root mean square of the gradient (``keras.optimizers.RMSprop``).

        v = rho v + (1 - rho) g²
        s = learning_rate g / √(v + ε)
        w = w - s                        momentum 0
        m = momentum m + s;  w = w - m

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        rho: the decay rate of v, a moving average of g².
        momentum: the decay rate of m.
        epsilon: ε.
        centered: divide by √(v - a² + ε), a the moving average of g: by an estimate of the
            standard deviation of the gradient.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: as of
            `Optimizer`.

    >>> from scratchnet.keras import Variable
    >>> w = Variable([1.0])
    >>> _ = RMSprop(0.1, rho=0.75).apply_gradients([(Tensor(np.ones(1, np.float32)), w)])
    >>> w.numpy().round(3)
    array([0.8], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
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
        check_numbers("RMSprop", momentum=momentum)
        check_factors("RMSprop", rho=rho, epsilon=epsilon)
        if isinstance(rho, Sequence):
            raise TypeError(say("RMSprop", "rho", "must be a number", rho))
        check_flags("RMSprop", centered=centered)
        super().__init__(**shared_arguments(locals()))
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered
        self._velocities: list[Variable] = []
        self._momentums: list[Variable] = []
        self._average_gradients: list[Variable] = []

    def build(self, variables: Sequence[Any]) -> None:
        """Make one v for each variable, and what momentum and centering need."""
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        if self.momentum > 0:
            self._momentums = self.add_optimizer_variables(variables, "momentum")
        if self.centered:
            self._average_gradients = self.add_optimizer_variables(variables, "average_gradient")

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """One step of one variable."""
        w, i = variable._data, self._get_variable_index(variable)
        g, kind = np.asarray(gradient._data, w.dtype), w.dtype.type
        # Fresh arrays at each step: a tensor may still hold the old ones.
        squared = of_each(np.square, gradient, w.dtype)
        v = kind(self.rho) * self._velocities[i]._data + kind(1 - self.rho) * squared
        self._velocities[i]._data = np.asarray(v)
        if self.centered:
            slot = self._average_gradients[i]
            slot._data = np.asarray(kind(self.rho) * slot._data + kind(1 - self.rho) * g)
            v = v - np.square(slot._data)
        step = kind(learning_rate._data) * g / np.sqrt(v + kind(self.epsilon))
        if self.momentum > 0:
            step = kind(self.momentum) * self._momentums[i]._data + step
            self._momentums[i]._data = np.asarray(step)
        variable._data = np.asarray(w - step)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        own = {
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
        return {**super().get_config(), **own}
