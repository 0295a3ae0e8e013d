"""LSTMCell, LSTM."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.listening import within
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import activations, initializers
from scratchnet.keras.config import check_flags, check_numbers
from scratchnet.keras.layers.recurrent.cell import RecurrentCell
from scratchnet.keras.layers.recurrent.rnn import CellLayer, check_use_cudnn


class LSTMCell(RecurrentCell):
    """One step of a long short-term memory (``keras.layers.LSTMCell``).

        i, f, g, o = the four blocks of x W + b + h U        input, forget, candidate, output
        c' = σ(f) c + σ(i) tanh(g)
        h' = σ(o) tanh(c')

    Args:
        units: the size u of h and of c.
        activation: in place of tanh.
        recurrent_activation: in place of σ.
        use_bias: whether there is a b.
        kernel_initializer, recurrent_initializer, bias_initializer: what W (n, 4u), U (u, 4u) and
            b (4u,) begin with.
        unit_forget_bias: whether the forget gate's part of b begins with ones.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: applied after each update.
        dropout, recurrent_dropout: the share of x, and of h, to drop in training.
        seed: an integer, which makes the masks of dropout repeatable.
        implementation: 1: each gate has masks of its own; 2: all gates have one (with
            `recurrent_dropout` it is always 1).  The products are the same.
        **kwargs: of `Layer`.

    Called on x (N, n) and [h, c], each (N, u); returns h' and [h', c'].

    Raises:
        ValueError: `units` is no positive integer.

    >>> import scratchnet as tf
    >>> cell = LSTMCell(1, kernel_initializer="ones", recurrent_initializer="ones")
    >>> h, (_, c) = cell(tf.ones((1, 2)), cell.get_initial_state(1))
    >>> h.numpy().round(3), c.numpy().round(3)
    (array([[0.608]], dtype=float32), array([[0.849]], dtype=float32))
    """

    gates = 4

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        implementation: int = 2,
        **kwargs: Any,
    ) -> None:
        check_numbers("LSTMCell", recurrent_dropout=recurrent_dropout)
        check_flags("LSTMCell", implementation=implementation)
        super().__init__(
            units,
            activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            seed,
            implementation == 1 or recurrent_dropout > 0,
            **kwargs,
        )
        check_flags("LSTMCell", unit_forget_bias=unit_forget_bias)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [units, units]

    def _initial_bias(self) -> Any:
        if not self.unit_forget_bias:
            return self.bias_initializer
        others: Any = self.bias_initializer
        if not callable(others):
            rule = "must be an initializer where `unit_forget_bias` is True"
            raise TypeError(say("LSTMCell", "bias_initializer", rule, others))
        ones = initializers.Ones()

        def with_ones(shape: Any, dtype: object = None) -> Tensor:
            u = self.units
            parts = [others((u,), dtype=dtype), ones((u,), dtype=dtype)]
            return ops.concat([*parts, others((2 * u,), dtype=dtype)], 0)

        return with_ones

    def step(self, x: Tensor, states: list[Tensor], shared: Any, training: bool | None) -> Any:
        """``c' = σ(f) c + σ(i) tanh(g)``, ``h' = σ(o) tanh(c')``."""
        h, c = states
        z = x + self._recurrent_product(h, shared, training)
        i, f, g, o = ops.split(z, 4, axis=1)  # (N, 4u) -> 4 times (N, u)
        gate = self.recurrent_activation
        c = within("f", gate, f) * c + within("i", gate, i) * within("g", self.activation, g)
        h = within("o", gate, o) * within("c", self.activation, c)
        return h, [h, c]

    def can_fuse(self, training: bool | None) -> bool:
        """With tanh and sigmoid, and without recurrent dropout."""
        usual = self.activation is activations.tanh
        usual = usual and self.recurrent_activation is activations.sigmoid
        return usual and not self._dropping(training, self.recurrent_dropout)

    def fused(self, x: Tensor, states: list[Tensor], mask: Any) -> tuple[Tensor, list[Tensor]]:
        """`ops.lstm`."""
        h, c = states
        hs, c = ops.lstm(x, h, c, self.recurrent_kernel, mask)
        return hs, [hs[-1], c]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this cell again."""
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "unit_forget_bias": self.unit_forget_bias,
        }


class LSTM(CellLayer):
    """A long short-term memory: `LSTMCell` from the first step on (``keras.layers.LSTM``).

        i, f, g, o = the four blocks of x_t W + b + h_{t-1} U
        c_t = σ(f) c_{t-1} + σ(i) tanh(g)
        h_t = σ(o) tanh(c_t)

    On the way back the cotangent of c passes a step by a product with σ(f) alone, and by no kernel:
    where the forget gate stays open, it neither vanishes nor explodes.

    Args:
        units: the size u of h and of c.
        activation: in place of tanh.
        recurrent_activation: in place of σ.
        use_bias: whether there is a b.
        kernel_initializer, recurrent_initializer, bias_initializer: what W (n, 4u), U (u, 4u) and
            b (4u,) begin with.
        unit_forget_bias: whether the forget gate's part of b begins with ones.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: of `Layer`.
        kernel_constraint, recurrent_constraint, bias_constraint: applied after each update.
        dropout, recurrent_dropout: the share of x, and of h, to drop in training: of each sample
            the same at all steps.
        seed: an integer, which makes the masks of dropout repeatable.
        return_sequences: whether to return all outputs (N, T, u), and not the last one (N, u).
        return_state: whether to return the last h and c, too.
        go_backwards: whether to begin with the last step; outputs come in the order of work.
        stateful: whether a batch begins with the states that the one before ended with.
        unroll: whether the tape gets each step in small ops, to be read one by one, and not all of
            them in one op, `scratchnet.ops.lstm`.  `tf.trace` tells the step and the gate
            of each, such as ``t=1/f``.
        use_cudnn: ``"auto"`` or False; there is no cuDNN here.
        implementation: of `LSTMCell`.
        **kwargs: of `RNN`.

    Input (N, T, n), output (N, u) or (N, T, u).

    Raises:
        ValueError: `units` is no positive integer; an input of another rank; ``use_cudnn=True``.

    Reference: Hochreiter, Schmidhuber 1997, doi.org/10.1162/neco.1997.9.8.1735.

    >>> import scratchnet as tf
    >>> layer = LSTM(1, kernel_initializer="ones", recurrent_initializer="ones", return_state=True)
    >>> [f"{part.numpy().item():.3f}" for part in layer(tf.ones((1, 2, 2)))]
    ['0.877', '0.877', '1.748']
    """

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: Any = "auto",
        implementation: int = 2,
        **kwargs: Any,
    ) -> None:
        cell = LSTMCell(
            units,
            activation,
            recurrent_activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            unit_forget_bias,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            seed,
            implementation,
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="lstm_cell",
        )
        super().__init__(
            cell,
            return_sequences,
            return_state,
            go_backwards,
            stateful,
            unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.use_cudnn = check_use_cudnn("LSTM", use_cudnn)
