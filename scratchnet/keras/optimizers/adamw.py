"""AdamW: Adam with weight decay."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.errors import say
from scratchnet.keras.optimizers.adam import Adam
from scratchnet.keras.optimizers.optimizer import shared_arguments


class AdamW(Adam):
    """Adam, and each step multiplies the variables by ``1 - learning_rate weight_decay``.

    The decay does not pass through m and v, as a penalty in the loss would; so it does not depend
    on the size of the gradients. (``keras.optimizers.AdamW``)

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        weight_decay: how strongly the variables decay; not None.
        beta_1, beta_2, epsilon, amsgrad: as of `Adam`.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name: as of `Optimizer`.

    Raises:
        ValueError: `weight_decay` is None, and as of `Adam`.

    Reference: Loshchilov and Hutter 2019, arXiv:1711.05101.

    >>> import numpy as np
    >>> from scratchnet.keras import Variable
    >>> w = Variable([1.0, 2.0])
    >>> _ = AdamW(0.5, weight_decay=0.1).apply_gradients([(np.zeros(2, np.float32), w)])
    >>> w.numpy()
    array([0.95, 1.9 ], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        if weight_decay is None:
            raise ValueError(say("AdamW", "weight_decay", "must be a float", weight_decay))
        super().__init__(
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            amsgrad=amsgrad,
            **shared_arguments(locals()),
        )
