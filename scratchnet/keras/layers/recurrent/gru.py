"""GRUCell, GRU."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.listening import within
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import activations
from scratchnet.keras.config import check_flags, check_numbers
from scratchnet.keras.layers.recurrent.cell import RecurrentCell
from scratchnet.keras.layers.recurrent.rnn import CellLayer, check_use_cudnn


class GRUCell(RecurrentCell):
    """One step of a gated recurrent unit (``keras.layers.GRUCell``).

        z = σ(x W_z + h U_z + b_z)                         update gate
        r = σ(x W_r + h U_r + b_r)                         reset gate
        g = tanh(x W_h + b_h + r (h U_h + d_h))            candidate, with `reset_after`
        g = tanh(x W_h + b_h + (r h) U_h)                  without it
        h' = z h + (1 - z) g

    Args:
        units: the size u of the state.
        activation: in place of tanh.
        recurrent_activation: in place of σ.
        use_bias: whether there are b and, with `reset_after`, d.
        kernel_initializer, recurrent_initializer, bias_initializer: what W (n, 3u), U (u, 3u) and
            the biases (2, 3u), or (3u,) without `reset_after`, begin with; blocks z, r, h.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: applied after each update.
        dropout, recurrent_dropout: the share of x, and of h, to drop in training.
        reset_after: whether the reset gate acts on the product with U.
        seed: an integer, which makes the masks of dropout repeatable.
        implementation: 1: each gate has masks of its own; 2: all gates have one (with
            `recurrent_dropout` it is always 1).  The products are the same.
        **kwargs: of `Layer`.

    Called on x (N, n) and h (N, u), or [h]; returns the output h' and the state h', or [h'].

    Raises:
        ValueError: `units` is no positive integer.

    >>> import scratchnet as tf
    >>> cell = GRUCell(1, kernel_initializer="ones", recurrent_initializer="ones")
    >>> cell(tf.ones((1, 2)), tf.ones((1, 1)))[0].numpy().round(3)
    array([[1.]], dtype=float32)
    """

    gates = 3

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: int | None = None,
        implementation: int = 2,
        **kwargs: Any,
    ) -> None:
        check_numbers("GRUCell", recurrent_dropout=recurrent_dropout)
        check_flags("GRUCell", implementation=implementation)
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
        check_flags("GRUCell", reset_after=reset_after)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def _bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def _input_bias(self) -> Any:
        return self.bias[0] if self.bias is not None and self.reset_after else self.bias

    def shared(self, training: bool | None) -> Any:
        """(U, d); without `reset_after`, the parts of U."""
        if not self.reset_after:
            return ops.split(self.recurrent_kernel, 3, axis=1), None
        return super().shared(training), None if self.bias is None else self.bias[1]

    def step(self, x: Tensor, states: list[Tensor], shared: Any, training: bool | None) -> Any:
        """``h' = z h + (1 - z) g``."""
        (h,), (u, d) = states, shared
        x_z, x_r, x_h = ops.split(x, 3, axis=1)  # (N, 3u) -> 3 times (N, u)
        gate = self.recurrent_activation
        if self.reset_after:
            product = self._recurrent_product(h, u, training)
            if d is not None:
                product = ops.bias_add(product, d)
            h_z, h_r, h_h = ops.split(product, 3, axis=1)
            z, r = within("z", gate, x_z + h_z), within("r", gate, x_r + h_r)
            g = within("g", self.activation, x_h + r * h_h)
        else:
            masks = self._recurrent_masks_for(h, training)
            in_z, in_r, in_h = (h, h, h) if masks is None else [h * mask for mask in masks]
            z = within("z", gate, x_z + ops.matmul(in_z, u[0]))
            r = within("r", gate, x_r + ops.matmul(in_r, u[1]))
            g = within("g", self.activation, x_h + ops.matmul(r * in_h, u[2]))
        h = z * h + (1 - z) * g
        return h, [h]

    def can_fuse(self, training: bool | None) -> bool:
        """With tanh, sigmoid and `reset_after`, and without recurrent dropout."""
        usual = self.activation is activations.tanh and self.reset_after
        usual = usual and self.recurrent_activation is activations.sigmoid
        return usual and not self._dropping(training, self.recurrent_dropout)

    def fused(self, x: Tensor, states: list[Tensor], mask: Any) -> tuple[Tensor, list[Tensor]]:
        """`ops.gru`."""
        if self.bias is None:
            d = ops.zeros((3 * self.units,), x.dtype)
        else:
            d = self.bias[1]
        hs = ops.gru(x, states[0], self.recurrent_kernel, d, mask)
        return hs, [hs[-1]]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this cell again."""
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "reset_after": self.reset_after,
        }


class GRU(CellLayer):
    """A gated recurrent unit: `GRUCell` from the first step on (``keras.layers.GRU``).

        z = σ(x_t W_z + h_{t-1} U_z + b_z)
        r = σ(x_t W_r + h_{t-1} U_r + b_r)
        g = tanh(x_t W_h + b_h + r (h_{t-1} U_h + d_h))
        h_t = z h_{t-1} + (1 - z) g

    Args:
        units: the size u of the state.
        activation: in place of tanh.
        recurrent_activation: in place of σ.
        use_bias: whether there are b and, with `reset_after`, d.
        kernel_initializer, recurrent_initializer, bias_initializer: what W (n, 3u), U (u, 3u) and
            the biases (2, 3u), or (3u,) without `reset_after`, begin with; blocks z, r, h.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: of `Layer`.
        kernel_constraint, recurrent_constraint, bias_constraint: applied after each update.
        dropout, recurrent_dropout: the share of x, and of h, to drop in training: of each sample
            the same at all steps.
        seed: an integer, which makes the masks of dropout repeatable.
        return_sequences: whether to return all outputs (N, T, u), and not the last one (N, u).
        return_state: whether to return the last state, too.
        go_backwards: whether to begin with the last step; outputs come in the order of work.
        stateful: whether a batch begins with the states that the one before ended with.
        unroll: whether the tape gets each step in small ops, to be read one by one, and not all of
            them in one op, `scratchnet.ops.gru`.  `tf.trace` tells the step and the gate
            of each, such as ``t=1/z``.
        reset_after: whether the reset gate acts on the product with U; see `GRUCell`.
        use_cudnn: ``"auto"`` or False; there is no cuDNN here.
        implementation: of `GRUCell`.
        **kwargs: of `RNN`.

    Input (N, T, n), output (N, u) or (N, T, u).

    Raises:
        ValueError: `units` is no positive integer; an input of another rank; ``use_cudnn=True``.

    Reference: Cho and others 2014, arxiv.org/abs/1406.1078; without `reset_after`, its version 1.

    >>> import scratchnet as tf
    >>> layer = GRU(1, kernel_initializer="ones", recurrent_initializer="ones")
    >>> layer(tf.ones((1, 2, 2))).numpy().round(3)
    array([[0.207]], dtype=float32)
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
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        implementation: int = 2,
        **kwargs: Any,
    ) -> None:
        cell = GRUCell(
            units,
            activation,
            recurrent_activation,
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
            reset_after,
            seed,
            implementation,
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="gru_cell",
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
        self.use_cudnn = check_use_cudnn("GRU", use_cudnn)
