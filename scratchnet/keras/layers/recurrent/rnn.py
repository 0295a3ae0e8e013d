"""RNN: a cell on each step of a sequence, and what SimpleRNN, GRU and LSTM share."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar

import numpy as np

from scratchnet import ops
from scratchnet.engine import nest
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.listening import within
from scratchnet.engine.tensor import Operators, Tensor, convert
from scratchnet.keras.config import Shape, check_flags, is_layer_fusion_enabled
from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.arguments import check_one_shape
from scratchnet.keras.layers.call_context import CONTEXT
from scratchnet.keras.layers.input_spec import InputSpec
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.recurrent.cell import RecurrentCell
from scratchnet.keras.layers.recurrent.stacked_rnn_cells import (
    StackedRNNCells,
    initial_state,
    output_size,
)
from scratchnet.keras.layers.symbolic import map_shapes
from scratchnet.keras.naming import name_scope
from scratchnet.keras.variable import Variable

Step = Callable[[Tensor, list[Any]], tuple[Tensor, Any]]

_FLAGS = (
    *("return_sequences", "return_state", "go_backwards", "stateful", "unroll"),
    "zero_output_for_mask",
)


class _Kept:
    """The states that a stateful layer keeps: in no attribute of it, as they are no weights."""

    def __init__(self, states: Any) -> None:
        self.states = states


class RNN(Layer):
    """A loop over the steps of a sequence (``keras.layers.RNN``).

        output_t, states_t = cell(x_t, states_{t-1})

    Args:
        cell: what does one step: an object with ``call(inputs, states) -> (output, states)`` and
            `state_size`, a size or a list of them; if it has `output_size` and
            ``get_initial_state(batch_size)``, these are used.  A list is a `StackedRNNCells`.
        return_sequences: whether to return all outputs (N, T, …), and not the last one (N, …).
        return_state: whether to return the last states, too.
        go_backwards: whether to begin with the last step; outputs come in the order of work.
        stateful: whether a batch begins with the states that the one before ended with, until
            `reset_states`; all batches must then be of one size.
        unroll: whether LSTM and GRU put each step on the tape, to be read one by one, and not all
            of them in one op.  Other cells are a loop of Python anyway.
        zero_output_for_mask: whether the outputs of masked steps are zeros, and not those of the
            step before.
        **kwargs: of `Layer`.

    At steps that are masked, states stay as they are; until the first one that is not, outputs are
    zeros.  As in Keras, the mask of the input is not looked for where an `initial_state` is given:
    pass ``mask=``, too.

    Input (N, T, …), output (N, …) or (N, T, …); with `return_state` (output, state, …).

    Raises:
        ValueError: `cell` has no `call` or `state_size`; stateful, for an unknown batch size.

    >>> import scratchnet as tf
    >>> class Sum(tf.keras.layers.Layer):
    ...     state_size = 2
    ...     def call(self, inputs, states):
    ...         return states[0] + inputs, [states[0] + inputs]
    >>> RNN(Sum())(tf.ones((1, 3, 2))).numpy()
    array([[3., 3.]], dtype=float32)
    """

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        if isinstance(cell, list | tuple):
            cell = StackedRNNCells(cell)
        sizes = _checked_cell(cell)
        super().__init__(**kwargs)
        flags = {
            "return_sequences": return_sequences,
            "return_state": return_state,
            "go_backwards": go_backwards,
            "stateful": stateful,
            "unroll": unroll,
            "zero_output_for_mask": zero_output_for_mask,
        }
        check_flags(type(self).__name__, **flags)
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.cell = cell
        self.single_state = isinstance(sizes, int)
        self.state_size = [sizes] if isinstance(sizes, int) else list(sizes)
        self._kept = _Kept(None)
        self._takes_training = "training" in _parameters(cell)

    # -- shapes ------------------------------------------------------------------------------------

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        """Build the cell for one step; make the variables that a stateful layer keeps states in."""
        check_one_shape(type(self).__name__, sequences_shape)
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((sequences_shape[0], *sequences_shape[2:]))
        if not self.stateful:
            return
        if self.states is not None:
            return self.reset_state()
        if sequences_shape[0] is None:
            if CONTEXT.any_batch:
                return  # the first batch will tell
            raise ValueError(
                "When using `stateful=True` in a RNN, the batch size must be static: give it by "
                "`Input(batch_shape=(…))`. Found dynamic batch size: "
                f"sequence.shape={sequences_shape}"
            )

        self._make_states(sequences_shape[0])

    def _make_states(self, batch_size: int) -> None:
        def variable(value: Tensor) -> Variable:
            return Variable(value, dtype=self.dtype, trainable=False, name="rnn_state")

        with name_scope(self.name, self):
            self._kept.states = _map(variable, self.get_initial_state(batch_size))

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        """(N, T, …) -> (N, u), or (N, T, u) of sequences; with `return_state` those of states."""
        batch, length = sequences_shape[:2]
        size = output_size(self.cell)
        shape = (batch, length, size) if self.return_sequences else (batch, size)
        if not self.return_state:
            return shape
        return (shape, *_map(lambda n: (batch, n), self.state_size))

    def compute_output_spec(
        self, sequences: KerasTensor, initial_state: Any = None, mask: Any = None, **kwargs: Any
    ) -> Any:
        """KerasTensors like what `call` returns."""
        shapes = self.compute_output_shape(sequences.shape)
        return map_shapes(lambda shape: KerasTensor(shape, self.compute_dtype), shapes)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """That of the input for sequences, none for a last output; states have none."""
        mask = nest.flatten(previous_mask)[0] if self.return_sequences else None
        return [mask, *[None for _ in self.state_size]] if self.return_state else mask

    # -- states ------------------------------------------------------------------------------------

    @property
    def states(self) -> Any:
        """What a stateful layer begins the next batch with; None before it is built."""
        return self._kept.states

    def get_initial_state(self, batch_size: int | None) -> list[Any]:
        """The states before the first step: what the cell says, else zeros."""
        state = initial_state(self.cell, batch_size, self.compute_dtype)
        return list(state) if nest.is_nested(state) else [state]

    def reset_state(self) -> None:
        """Let a stateful layer begin with zeros again."""
        for variable in nest.flatten(self.states) if self.states is not None else ():
            variable.assign(np.zeros_like(variable._data))

    def reset_states(self) -> None:
        """The same as `reset_state`."""
        self.reset_state()

    # -- calling -----------------------------------------------------------------------------------

    def call(
        self,
        sequences: Tensor,
        initial_state: Any = None,
        mask: Any = None,
        training: bool | None = False,
    ) -> Any:
        """The outputs.

        Args:
            sequences: (N, T, …), T >= 1.
            initial_state: the states before the first step, a list of tensors; zeros if not given.
            mask: bool (N, T): False where a step is left out.
            training: handed to the cell.
        """
        where = type(self).__name__
        if sequences._data.ndim < 2 or not sequences._data.shape[1]:
            raise InvalidArgumentError(
                f"{where}: `sequences` must have at least one step (slice index 0 of dimension 1 "
                f"out of bounds), received shape {sequences._data.shape}"
            )
        self._check_batch(sequences._data.shape[0])
        states = self._first_states(sequences._data.shape[0], initial_state)
        valid = None if mask is None else _checked_mask(where, mask, sequences._data.shape)
        _draw_masks(self.cell, ops.getitem(sequences, (slice(None), 0)), states)
        try:
            output, states = self._all_steps(sequences, states, valid, training)
        finally:
            _forget_masks(self.cell)
        if self.stateful:
            for variable, state in zip(
                nest.flatten(self.states), nest.flatten(states), strict=True
            ):
                variable.assign(state)
        return (output, *states) if self.return_state else output

    def _check_batch(self, size: int) -> None:
        if not self.stateful:
            return
        if self.states is None:
            self._make_states(size)
        expected = nest.flatten(self.states)[0]._data.shape[0]
        if size != expected:
            raise ValueError(
                "If an RNN is stateful, the batch size of the input sequences must be the same as "
                f"the batch size of the initial state. \n- Expected batch size: {expected}\n- "
                f"Received batch size: {size}"
            )

    def _first_states(self, batch: int, given: Any) -> list[Any]:
        """The states before the first step, as a list."""
        if given is None:
            found: list[Any]
            found = _map(convert, self.states if self.stateful else self.get_initial_state(batch))
            return found
        states: list[Any] = list(given) if isinstance(given, list | tuple) else [given]
        states = _map(lambda x: ops.cast(x, self.compute_dtype), states)
        if len(states) != len(self.state_size):
            kind = IndexError if len(states) < len(self.state_size) else ValueError
            rule = f"must hold one tensor for each state, of the sizes {self.state_size}"
            shapes = [x._data.shape for x in nest.flatten(states)]
            raise kind(
                f"{type(self).__name__}: `initial_state` {rule} (list index out of range), "
                f"received {len(states)} of shapes {shapes}"
            )
        self._check_states(batch, states)
        return states

    def _check_states(self, batch: int, states: list[Any]) -> None:
        for state, size in zip(states, self.state_size, strict=True):
            if isinstance(size, int) and not isinstance(state, Tensor):
                rule = "must hold one tensor for each state"
                raise ValueError(say(type(self).__name__, "initial_state", rule, states))
            if isinstance(size, int) and isinstance(state, Tensor):
                shape = state._data.shape
                if len(shape) != 2 or shape[0] not in (1, batch) or shape[1] != size:
                    raise InvalidArgumentError(
                        f"{type(self).__name__}: `initial_state` must be of shape "
                        f"{(batch, size)}, received {shape}: Matrix size-incompatible or "
                        "Incompatible shapes"
                    )

    # -- the loop ----------------------------------------------------------------------------------

    def _all_steps(
        self, sequences: Tensor, states: list[Any], mask: Any, training: bool | None
    ) -> tuple[Tensor, list[Any]]:
        """The outputs of all steps, or that of the last one, and the last states."""
        step: Step
        cell = self.cell
        if self._can_fuse(training):
            return self._fused(sequences, states, mask, training)
        if has_two_halves(cell):
            sequences = cell.project(sequences, training)  # of all steps: (N, T, gates u)
            shared = cell.shared(training)
            step = lambda x, h: cell.step(x, h, shared, training)  # noqa: E731
        elif self._takes_training:
            step = lambda x, h: cell(x, tuple(h), training=training)  # noqa: E731
        else:
            step = lambda x, h: cell(x, tuple(h))  # noqa: E731
        outputs, states = unrolled(
            step, sequences, states, mask, self.go_backwards, self.zero_output_for_mask
        )
        return ops.stack(outputs, axis=1) if self.return_sequences else outputs[-1], states

    def _can_fuse(self, training: bool | None) -> bool:
        """Whether all steps are one op: not where the program wants to see them."""
        if self.unroll or not is_layer_fusion_enabled() or not has_two_halves(self.cell):
            return False
        return bool(self.cell.can_fuse(training))

    def _fused(
        self, sequences: Tensor, states: list[Tensor], mask: Any, training: bool | None
    ) -> tuple[Tensor, list[Any]]:
        """What `unrolled` computes, by an op of the cell."""
        x = ops.transpose(sequences, (1, 0, 2))  # (N, T, n) -> (T, N, n)
        valid = None if mask is None else mask._data.T
        if self.go_backwards:
            x, valid = ops.reverse(x, [0]), None if valid is None else valid[::-1]
        N = x._data.shape[1]
        states = [ops.broadcast_to(s, (N, s._data.shape[1])) for s in states]
        hs, states = self.cell.fused(self.cell.project(x, training, steps_axis=0), states, valid)
        shown = None  # the steps whose outputs are not zeros
        if valid is not None:
            shown = valid if self.zero_output_for_mask else np.maximum.accumulate(valid)
        if not self.return_sequences:
            output = states[0]
            if shown is not None:
                output = ops.where(shown[-1][:, None], output, ops.zeros_like(output))
            return output, states
        if shown is not None:
            hs = ops.where(shown[:, :, None], hs, ops.zeros_like(hs))
        return ops.transpose(hs, (1, 0, 2)), states

    # -- configs -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        flags = {name: getattr(self, name) for name in _FLAGS}
        return {**super().get_config(), **flags, "cell": serialize_keras_object(self.cell)}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Any:
        """A layer like the one whose `get_config` returned `config`, with new weights."""
        config = dict(config)
        cell = deserialize_keras_object(config.pop("cell"), custom_objects)
        return cls(cell, **config)


def unrolled(
    step: Step,
    sequences: Tensor,
    states: list[Any],
    mask: Any = None,
    go_backwards: bool = False,
    zero_output_for_mask: bool = False,
) -> tuple[list[Tensor], list[Any]]:
    """The steps of a sequence, one after the other, so that a tape holds each of them.

        output_t, states_t = step(x_t, states_{t-1})

    Args:
        step: ``step(x, states) -> (output, states)``.
        sequences: (N, T, …).
        states: those before the first step.
        mask: bool (N, T), or None: where it is False, states and output stay as they were.
        go_backwards: whether to begin with the last step.
        zero_output_for_mask: whether masked outputs are zeros instead.

    Returns:
        The outputs in the order of work, and the last states.
    """
    inputs = ops.unstack(sequences, axis=1)  # T times (N, …)
    valid = [None] * len(inputs) if mask is None else ops.unstack(mask, axis=1)
    order = range(len(inputs))[::-1] if go_backwards else range(len(inputs))
    outputs: list[Tensor] = []

    def masked_step(x: Tensor, now: Tensor | None, states: list[Any]) -> tuple[Tensor, list[Any]]:
        output, new = step(x, states)
        new = nest.pack(states, nest.flatten(new))
        if now is None:
            return output, new
        zeros = zero_output_for_mask or not outputs
        output = _where(now, output, ops.zeros_like(output) if zeros else outputs[-1])
        return output, _map(lambda a, b: _where(now, a, b), new, states)

    for t in order:
        output, states = within(f"t={t}", masked_step, inputs[t], valid[t], states)
        outputs.append(output)
    return outputs, states


def _where(valid: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """`x` of the samples for which `valid` (N,) is True, `y` of the others."""
    return ops.where(ops.reshape(valid, [-1] + [1] * (x._data.ndim - 1)), x, y)


def _map(function: Callable[..., Any], *structures: Any) -> Any:
    """`function` of the leaves of structures that are alike."""
    found = [function(*leaves) for leaves in zip(*map(nest.flatten, structures), strict=True)]
    return nest.pack(structures[0], found)


def has_two_halves(cell: Any) -> bool:
    """Whether `cell` does what the halves of a `RecurrentCell` say, and no `call` of the user's."""
    own = type(cell).__module__.startswith("scratchnet.") and "call" not in vars(cell)
    return isinstance(cell, RecurrentCell) and own


# -- checks ---------------------------------------------------------------------------------------


def _checked_cell(cell: Any) -> Any:
    """The `state_size` of `cell`."""
    if not hasattr(cell, "call"):
        raise ValueError(f"Argument `cell` should have a `call` method. Received: cell={cell}")
    if not hasattr(cell, "state_size"):
        raise ValueError(
            "The RNN cell should have a `state_size` attribute (single integer or list of "
            f"integers, one integer per RNN state). Received: cell={cell}"
        )
    if not isinstance(cell.state_size, int | list | tuple):
        raise ValueError(
            "state_size must be an integer, or a list/tuple of integers (one for each state "
            f"tensor), received {cell.state_size!r}"
        )
    return cell.state_size


def _parameters(cell: Any) -> tuple[str, ...]:
    return cell._call_parameters if isinstance(cell, Layer) else ()


def _checked_mask(where: str, mask: Any, shape: tuple[int, ...]) -> Tensor:
    """`mask` as bool (N, T), for a sequence of `shape` (N, T, …)."""
    found = next(iter(nest.flatten(mask)), None)
    if not isinstance(found, Operators | np.ndarray):
        raise AttributeError(say(where, "mask", "must be a tensor or an array", mask))
    valid = ops.cast(found, bool)
    if valid._data.ndim == 3 and valid._data.shape[2] == 1:
        valid = ops.squeeze(valid, -1)
    if valid._data.shape != shape[:2]:
        raise InvalidArgumentError(
            f"{where}: `mask` must be of shape {shape[:2]}, as the sequences are of shape {shape}, "
            f"received {valid._data.shape}"
        )
    return valid


def check_use_cudnn(where: str, value: Any) -> Any:
    """``"auto"`` or False.

    Raises:
        ValueError: anything else, True included.
    """
    if value is not False and not (isinstance(value, str) and value == "auto"):
        rule = "must be 'auto' or False: cuDNN is not supported here"
        raise ValueError(say(where, "use_cudnn", rule, value))
    return value


# -- masks of dropout -----------------------------------------------------------------------------


def _draw_masks(cell: Any, x: Tensor, states: Any) -> None:
    """Let the cells draw the masks of this call, in Keras's order, outside of training, too."""
    if isinstance(cell, RecurrentCell):
        cell.get_dropout_mask(x)
        cell.get_recurrent_dropout_mask(nest.flatten(states)[0])
    elif isinstance(cell, StackedRNNCells):
        for part, state in zip(cell.cells, states, strict=True):
            _draw_masks(part, x, state)
            x = ops.zeros((x._data.shape[0], output_size(part)), x.dtype)


def _forget_masks(cell: Any) -> None:
    if isinstance(cell, RecurrentCell):
        cell.reset_dropout_mask()
        cell.reset_recurrent_dropout_mask()
    elif isinstance(cell, StackedRNNCells):
        for part in cell.cells:
            _forget_masks(part)


# -- layers with a cell of their own --------------------------------------------------------------


class CellLayer(RNN):
    """What SimpleRNN, GRU and LSTM share: they make their cell, whose arguments are theirs."""

    _not_in_config: ClassVar[tuple[str, ...]] = ()  # arguments of the cell

    def __init__(self, cell: RecurrentCell, *args: Any, **kwargs: Any) -> None:
        super().__init__(cell, *args, **kwargs)
        self.input_spec = InputSpec(ndim=3)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        base = super().get_config()
        del base["cell"]
        own = {k: v for k, v in self.cell.get_config().items() if k not in self._not_in_config}
        regularizer = serialize_keras_object(self.activity_regularizer)
        return {**own, **base, "activity_regularizer": regularizer}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Any:
        """A layer like the one whose `get_config` returned `config`, with new weights."""
        return super(RNN, cls).from_config(config)


_OF_CELL = (
    *("units", "activation", "recurrent_activation", "use_bias", "unit_forget_bias", "reset_after"),
    *("kernel_initializer", "recurrent_initializer", "bias_initializer"),
    *("kernel_regularizer", "recurrent_regularizer", "bias_regularizer"),
    *("kernel_constraint", "recurrent_constraint", "bias_constraint"),
    *("dropout", "recurrent_dropout", "seed"),
)
for _name in _OF_CELL:
    setattr(CellLayer, _name, property(attrgetter(f"cell.{_name}")))
