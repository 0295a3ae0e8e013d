"""SimpleRNNCell, SimpleRNN."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.tensor import Tensor
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.layers.recurrent.cell import RecurrentCell, check_states
from scratchnet.keras.layers.recurrent.rnn import CellLayer


class SimpleRNNCell(RecurrentCell):
    """``h' = activation(x W + b + h U)`` (``keras.layers.SimpleRNNCell``).

    Args:
        units: the size u of the state.
        activation: a function or its name; None is linear.
        use_bias: whether there is a b.
        kernel_initializer, recurrent_initializer, bias_initializer: what W (n, u), U (u, u) and
            b (u,) begin with.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: applied after each update.
        dropout, recurrent_dropout: the share of x, and of h, to drop in training.
        seed: an integer, which makes the masks of dropout repeatable.
        **kwargs: of `Layer`.

    Called on x (N, n) and h (N, u), or [h]; returns the output h' and the state h', or [h'].

    Raises:
        ValueError: `units` is no positive integer.

    >>> import scratchnet as tf
    >>> cell = SimpleRNNCell(1, "linear", kernel_initializer="ones", recurrent_initializer="ones")
    >>> cell(tf.ones((1, 2)), tf.ones((1, 1)))[0].numpy()
    array([[3.]], dtype=float32)
    """

    gates = 1
    _draws_seed_first = True

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
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
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
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
            **kwargs,
        )

    def call(self, inputs: Tensor, states: Any = None, training: bool | None = False) -> Any:
        """One step; see `RecurrentCell`.  Masks of dropout are drawn outside of training, too."""
        check_states("SimpleRNNCell", states)
        self.get_dropout_mask(inputs)
        self.get_recurrent_dropout_mask(states[0] if isinstance(states, list | tuple) else states)
        return super().call(inputs, states, training)

    def step(self, x: Tensor, states: list[Tensor], shared: Any, training: bool | None) -> Any:
        """``h' = activation(x + h U)``."""
        h = x + self._recurrent_product(states[0], shared, training)
        h = h if self.activation is None else self.activation(h)
        return h, [h]

    def _dropping(self, training: bool | None, rate: float) -> bool:
        return bool(training) and rate > 0


class SimpleRNN(CellLayer):
    """``h_t = activation(x_t W + b + h_{t-1} U)``, for t = 1 … T (``keras.layers.SimpleRNN``).

    Backpropagation through time is the tape's way back through these steps: W, U and b are the same
    at all of them, so their gradients add up over the steps, and

        gh_{t-1} = gy_{t-1} + (gh_t · activation'(…)) Uᵀ

    Args:
        units: the size u of the state.
        activation: a function or its name; None is linear.
        use_bias: whether there is a b.
        kernel_initializer, recurrent_initializer, bias_initializer: what W (n, u), U (u, u) and
            b (u,) begin with.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: has no effect, as in Keras, where it is lost; a warning says so.
        kernel_constraint, recurrent_constraint, bias_constraint: applied after each update.
        dropout, recurrent_dropout: the share of x, and of h, to drop in training: of each sample
            the same at all steps.
        return_sequences: whether to return all outputs (N, T, u), and not the last one (N, u).
        return_state: whether to return the last state, too.
        go_backwards: whether to begin with the last step; outputs come in the order of work.
        stateful: whether a batch begins with the states that the one before ended with.
        unroll: changes nothing: the tape gets each step anyway.
        seed: an integer, which makes the masks of dropout repeatable.
        **kwargs: of `RNN`.

    Input (N, T, n), output (N, u) or (N, T, u).

    Raises:
        ValueError: `units` is no positive integer; an input of another rank.

    Reference: Elman 1990, doi.org/10.1207/s15516709cog1402_1.

    >>> import scratchnet as tf
    >>> ones = {"kernel_initializer": "ones", "recurrent_initializer": "ones"}
    >>> layer = SimpleRNN(1, "linear", return_sequences=True, **ones)
    >>> layer(tf.constant([[[1.0], [2.0], [3.0]]])).numpy().ravel()
    array([1., 3., 6.], dtype=float32)
    """

    _not_in_config = ("seed",)  # as in Keras's files

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
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
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        if activity_regularizer is not None:
            warn(
                "SimpleRNN: `activity_regularizer` has no effect, as in Keras; an "
                "ActivityRegularization layer behind it has"
            )
        cell = SimpleRNNCell(
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
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="simple_rnn_cell",
        )
        super().__init__(
            cell,
            return_sequences,
            return_state,
            go_backwards,
            stateful,
            unroll,
            **kwargs,
        )
