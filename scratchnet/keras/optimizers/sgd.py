"""SGD, with momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import check_flags
from scratchnet.keras.optimizers.optimizer import Optimizer, shared_arguments
from scratchnet.keras.variable import Variable
from scratchnet.ops import optimizer_updates


class SGD(Optimizer):
    """Stochastic gradient descent (``keras.optimizers.SGD``).

        w = w - learning_rate g                      momentum 0
        m = momentum m - learning_rate g;  w = w + m
        m = momentum m - learning_rate g;  w = w + momentum m - learning_rate g      nesterov

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        momentum: in [0, 1], a float.
        nesterov: Nesterov's momentum.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: as of
            `Optimizer`.

    Raises:
        ValueError: `momentum` out of range or no float.

    >>> from scratchnet.keras import Variable
    >>> w = Variable([1.0, 2.0])
    >>> _ = SGD(0.5).apply_gradients([(Tensor(np.ones(2, np.float32)), w)])
    >>> w.numpy()
    array([0.5, 1.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
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
        super().__init__(**shared_arguments(locals()))
        check_flags("SGD", nesterov=nesterov)
        if not isinstance(momentum, float) or not 0 <= momentum <= 1:
            raise ValueError(say("SGD", "momentum", "must be a float in [0, 1]", momentum))
        self.momentum, self.nesterov = momentum, nesterov
        self.momentums: list[Variable] = []

    def build(self, variables: Sequence[Any]) -> None:
        """Make one m for each variable, if there is momentum."""
        if self.built:
            return
        super().build(variables)
        if self.momentum:
            self.momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """One step of one variable."""
        w = variable._data
        g, rate = np.asarray(gradient._data, w.dtype), w.dtype.type(learning_rate._data)
        if not self.momentum:
            variable._data = optimizer_updates.sgd_step(w, g, rate)
            return
        step = g * rate
        slot, momentum = (
            self.momentums[self._get_variable_index(variable)],
            w.dtype.type(np.float32(self.momentum)),  # as in Keras, whatever the dtype of w
        )
        m = slot._data = np.asarray(slot._data * momentum - step)
        variable._data = np.asarray(w + (m * momentum - step if self.nesterov else m))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
