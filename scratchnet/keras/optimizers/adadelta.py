"""Adadelta: steps as large as the steps before, whatever the size of the gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.indexed_slices import slices_of
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import check_factors
from scratchnet.keras.optimizers.optimizer import Optimizer, shared_arguments
from scratchnet.keras.optimizers.slices import of_each
from scratchnet.keras.variable import Variable


class Adadelta(Optimizer):
    """Steps of the size of the last steps (``keras.optimizers.Adadelta``).

        v = rho v + (1 - rho) g²
        s = -g √(d + ε) / √(v + ε)
        d = rho d + (1 - rho) s²
        w = w + learning_rate s

    The paper has no learning rate: 1.0 is its form.

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        rho: the decay rate of v and d, moving averages of g² and s².
        epsilon: ε.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: as of
            `Optimizer`.

    Reference: Zeiler 2012, arXiv:1212.5701.

    >>> from scratchnet.keras import Variable
    >>> w = Variable([1.0])
    >>> optimizer = Adadelta(1.0, rho=0.75, epsilon=0.25)
    >>> _ = optimizer.apply_gradients([(Tensor(np.ones(1, np.float32)), w)])
    >>> w.numpy().round(3)
    array([0.293], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
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
        check_factors("Adadelta", rho=rho, epsilon=epsilon)
        if isinstance(rho, Sequence):
            raise TypeError(say("Adadelta", "rho", "must be a number", rho))
        super().__init__(**shared_arguments(locals()))
        self.rho, self.epsilon = rho, epsilon
        self._accumulated_grads: list[Variable] = []
        self._accumulated_delta_vars: list[Variable] = []

    def build(self, variables: Sequence[Any]) -> None:
        """Make one v and one d for each variable."""
        if self.built:
            return
        super().build(variables)
        self._accumulated_grads, self._accumulated_delta_vars = self.add_optimizer_variables(
            variables, ["accumulated_grad", "accumulated_delta_var"]
        )

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """One step of one variable."""
        w, i = variable._data, self._get_variable_index(variable)
        g, kind = np.asarray(gradient._data, w.dtype), w.dtype.type
        rho, rest, epsilon = kind(self.rho), kind(1 - self.rho), kind(self.epsilon)
        v, d = self._accumulated_grads[i], self._accumulated_delta_vars[i]
        v._data = np.asarray(rho * v._data + rest * of_each(np.square, gradient, w.dtype))
        up, down = np.sqrt(d._data + epsilon), np.sqrt(v._data + epsilon)
        step = -(up * g / down)
        squared = np.square(step)
        if slices_of(gradient) is not None:
            squared = of_each(
                lambda g, up, down: np.square(up * g / down), gradient, w.dtype, up, down
            )
        d._data = np.asarray(rho * d._data + rest * squared)
        variable._data = np.asarray(w + kind(learning_rate._data) * step)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        own = {
            "rho": self.rho,
            "epsilon": self.epsilon,
        }
        return {**super().get_config(), **own}
