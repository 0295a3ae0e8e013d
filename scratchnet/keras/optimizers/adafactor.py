"""Adafactor: Adam with the second moments of a matrix kept as rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.indexed_slices import slices_of
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import check_flags, check_numbers
from scratchnet.keras.optimizers.optimizer import Optimizer, shared_arguments
from scratchnet.keras.optimizers.slices import of_each
from scratchnet.keras.variable import Variable


class Adafactor(Optimizer):
    """Adam with little memory (``keras.optimizers.Adafactor``).

    Of a matrix only the means R of the rows and C of the columns of g² are averaged, and V is
    made of them; of a vector V itself.

        β = 1 - t^beta_2_decay;      ρ = min(learning_rate, 1 / √t)
        R = β R + (1 - β) mean(g² + ε₁, -1);      C = β C + (1 - β) mean(g² + ε₁, -2)
        V = R Cᵀ / mean(R)
        u = g / √V
        w = w - ρ max(ε₂, rms(w)) u / max(1, rms(u) / clip_threshold)

    Args:
        learning_rate: a float, a schedule, or a function without arguments.
        beta_2_decay: how β comes near 1.
        epsilon_1, epsilon_2: ε₁ and ε₂.
        clip_threshold: the root mean square that a step may have.
        relative_step: as in Keras; ρ is at most ``1 / √t`` with it or without.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: as of
            `Optimizer`.

    Reference: Shazeer and Stern 2018, arXiv:1804.04235.

    >>> from scratchnet.keras import Variable
    >>> w = Variable([[1.0, 2.0], [3.0, 4.0]])
    >>> _ = Adafactor(0.5).apply_gradients([(Tensor(np.ones((2, 2), np.float32)), w)])
    >>> w.numpy().round(3)
    array([[-0.369,  0.631],
           [ 1.631,  2.631]], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
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
        check_numbers("Adafactor", beta_2_decay=beta_2_decay, clip_threshold=clip_threshold)
        check_numbers("Adafactor", epsilon_1=epsilon_1, epsilon_2=epsilon_2)
        check_flags("Adafactor", relative_step=relative_step)
        super().__init__(**shared_arguments(locals()))
        self.beta_2_decay, self.epsilon_1, self.epsilon_2 = beta_2_decay, epsilon_1, epsilon_2
        self.clip_threshold, self.relative_step = clip_threshold, relative_step
        self._r: list[Variable] = []
        self._c: list[Variable] = []
        self._v: list[Variable] = []

    def build(self, variables: Sequence[Any]) -> None:
        """Make R, C and V for each matrix, and V for each vector."""
        if self.built:
            return
        super().build(variables)
        for variable in variables:
            shape = tuple(variable.shape)
            for slots, sizes in ((self._r, shape[:-1]), (self._c, (*shape[:-2], *shape[-1:]))):
                if len(shape) > 1:
                    slots.append(self.add_variable(sizes, dtype=variable.dtype, name=variable.name))
                else:  # Keras's files have a 0 in that place
                    slots.append(Variable(0, dtype="int32", trainable=False, name=variable.name))
                    self._variables.append(slots[-1])
            self._v.append(self.add_variable_from_reference(variable, "velocity"))

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        """One step of one variable."""
        w, i = variable._data, self._get_variable_index(variable)
        g, kind = np.asarray(gradient._data, w.dtype), w.dtype.type
        t, one = kind(self.iterations._data + 1), kind(1)
        rho = np.minimum(kind(learning_rate._data), one / np.sqrt(t))
        size = np.maximum(kind(np.float32(self.epsilon_2)), np.sqrt(np.mean(np.square(w)))) * rho
        beta = one - t ** kind(self.beta_2_decay)
        squares = of_each(np.square, gradient, w.dtype) + kind(self.epsilon_1)
        v = self._v[i]
        if w.ndim > 1:
            r, c = self._r[i], self._c[i]
            r._data = np.asarray(beta * r._data + (one - beta) * squares.mean(-1))
            c._data = np.asarray(beta * c._data + (one - beta) * squares.mean(-2))
            part = r._data / r._data.mean(-1, keepdims=True)
            v._data = np.asarray(part[..., None] * c._data[..., None, :])
        else:
            v._data = np.asarray(beta * v._data + (one - beta) * squares)
        down = np.sqrt(v._data)
        u = g / down
        squares = np.square(u)
        if slices_of(gradient) is not None:
            squares = of_each(lambda g, down: np.square(g / down), gradient, w.dtype, down)
        u = u / np.maximum(one, np.sqrt(np.mean(squares)) / kind(self.clip_threshold))
        variable._data = np.asarray(w - size * u)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this optimizer again."""
        own = {
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }
        return {**super().get_config(), **own}
