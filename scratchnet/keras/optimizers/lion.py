"""Lion: steps of the sign of a moving average."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import check_numbers
from scratchnet.keras.optimizers.optimizer import Optimizer, shared_arguments
from scratchnet.keras.variable import Variable


class Lion(Optimizer):
    """Steps of one size, in the direction of a sign (``keras.optimizers.Lion``).

        w = w - learning_rate sign(beta_1 m + (1 - beta_1) g)
        m = beta_2 m + (1 - beta_2) g

    Its learning rate is to be three to ten times smaller than Adam's, its weight decay as many
    times larger.

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        beta_1: how much of m, a moving average of the gradient, is in a step; in (0, 1].
        beta_2: the decay rate of m.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: as of
            `Optimizer`.

    Raises:
        ValueError: a `beta_1` out of range.

    Reference: Chen et al. 2023, arXiv:2302.06675.

    >>> from scratchnet.keras import Variable
    >>> w = Variable([1.0, 2.0])
    >>> _ = Lion(0.5).apply_gradients([(Tensor(np.array([1e-2, -1e3], np.float32)), w)])
    >>> w.numpy()
    array([0.5, 2.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
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
        check_numbers("Lion", beta_1=beta_1, beta_2=beta_2)
        if not 0 < beta_1 <= 1:
            raise ValueError(say("Lion", "beta_1", "must be in (0, 1]", beta_1))
        super().__init__(**shared_arguments(locals()))
        self.beta_1, self.beta_2 = beta_1, beta_2
        self._momentums: list[Variable] = []

    def build(self, variables: Sequence[Any]) -> None:
        """Make one m for each variable."""
        if self.built:
            return
        super().build(variables)
        self._momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """One step of one variable."""
        w, i = variable._data, self._get_variable_index(variable)
        g, kind = np.asarray(gradient._data, w.dtype), w.dtype.type
        beta_1, beta_2 = kind(np.float32(self.beta_1)), kind(np.float32(self.beta_2))
        m, one = self._momentums[i], kind(1)
        direction = np.sign(m._data * beta_1 + g * (one - beta_1))
        variable._data = np.asarray(w - kind(learning_rate._data) * direction)
        m._data = np.asarray(m._data * beta_2 + g * (one - beta_2))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        own = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
        }
        return {**super().get_config(), **own}
