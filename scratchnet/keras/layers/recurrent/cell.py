"""RecurrentCell: what SimpleRNNCell, GRUCell and LSTMCell share."""

from __future__ import annotations

from typing import Any, ClassVar

from scratchnet import ops
from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import activations, constraints, initializers, regularizers
from scratchnet.keras.config import check_flags, check_numbers
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.layers.arguments import as_floating, check_one_shape
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.random import SeedGenerator, dropout
from scratchnet.keras.variable import Variable

_OBJECTS = tuple(
    f"{part}_{kind}"
    for kind in ("initializer", "regularizer", "constraint")
    for part in ("kernel", "recurrent", "bias")
)


def check_states(where: str, states: Any) -> None:
    """Refuse the `states` of a cell that was called without.

    Raises:
        TypeError: None.
    """
    if states is None:
        raise TypeError(say(where, "states", "must be the states before the step", states))


class RecurrentCell(Layer):
    """One step of a recurrent layer, in two halves.

        project(x)          x W + b: needs no state, and is one product for all steps
        step(x W + b, h)    the rest: from the state before the step to that after it

    Args:
        units: the size u of a state.
        activation: a function or its name.
        use_bias: whether there is a b.
        initializers, regularizers, constraints: of kernel W (n, gates u), recurrent kernel
            U (u, gates u) and bias.
        dropout, recurrent_dropout: the share of x, and of h, to drop in training.  The masks are
            drawn once, and are the same at all steps.
        seed: an integer, which makes the masks repeatable.
        masks_per_gate: whether each gate has masks of its own.
        **kwargs: of `Layer`.

    Raises:
        ValueError: `units` is no positive integer.
        TypeError: a rate that is no number.
    """

    gates: ClassVar[int]  # how many blocks of u columns the kernels have
    _draws_seed_first: ClassVar[bool] = False  # before the initializers draw theirs; as in Keras

    def __init__(
        self,
        units: int,
        activation: Any,
        use_bias: bool,
        kernel_initializer: Any,
        recurrent_initializer: Any,
        bias_initializer: Any,
        kernel_regularizer: Any,
        recurrent_regularizer: Any,
        bias_regularizer: Any,
        kernel_constraint: Any,
        recurrent_constraint: Any,
        bias_constraint: Any,
        dropout: float,
        recurrent_dropout: float,
        seed: int | None,
        masks_per_gate: bool = False,
        **kwargs: Any,
    ) -> None:
        where = type(self).__name__
        check_units(where, units)
        super().__init__(**kwargs)
        check_flags(where, use_bias=use_bias)
        check_numbers(where, dropout=dropout, recurrent_dropout=recurrent_dropout)
        if self._draws_seed_first:
            self.seed_generator = SeedGenerator(seed)
        self.units = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        self.masks_per_gate = masks_per_gate
        self.seed = seed
        if not self._draws_seed_first:
            self.seed_generator = SeedGenerator(seed)
        self.state_size: Any = units
        self.output_size = units
        self.kernel: Variable
        self.recurrent_kernel: Variable
        self.bias: Variable | None = None
        self._input_masks: Any = None
        self._recurrent_masks: Any = None

    def build(self, input_shape: Any) -> None:
        """Make W (n, gates u), U (u, gates u) and the bias."""
        check_one_shape(type(self).__name__, input_shape)
        if not input_shape:
            rule = "must be of rank 2, (N, n)"
            raise ValueError(say(type(self).__name__, "inputs", rule, tuple(input_shape)))
        columns = self.gates * self.units
        self.kernel = self.add_weight(
            (input_shape[-1], columns),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.recurrent_kernel = self.add_weight(
            (self.units, columns),
            self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
            name="recurrent_kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight(
                self._bias_shape(),
                self._initial_bias(),
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def _bias_shape(self) -> tuple[int, ...]:
        return (self.gates * self.units,)

    def _initial_bias(self) -> Any:
        return self.bias_initializer

    def _input_bias(self) -> Any:
        """The bias that is added to ``x W``; None without one."""
        return self.bias

    # -- one step ----------------------------------------------------------------------------------

    def call(self, inputs: Tensor, states: Any = None, training: bool | None = False) -> Any:
        """One step.

        Args:
            inputs: (N, n).
            states: the state (N, u) before the step, or a list of them.
            training: whether to drop.

        Returns:
            (output, states after the step): the states in a list, if they were in one.
        """
        check_states(type(self).__name__, states)
        nested = nest.is_nested(states)
        x, before = self.project(inputs, training), list(states) if nested else [states]
        output, new = self.step(x, before, self.shared(training), training)
        return output, new if nested else new[0]

    def project(self, inputs: Tensor, training: bool | None = False, steps_axis: int = 1) -> Tensor:
        """``x W + b`` of one step (N, n), or of all: (N, T, n), or (T, N, n) for `steps_axis` 0."""
        x = as_floating(type(self).__name__, inputs, self.compute_dtype)
        masks = self.get_dropout_mask(x) if self._dropping(training, self.dropout) else None
        if masks is None:
            y = _product(x, self.kernel)
        elif isinstance(masks, list):  # for each gate, an input of its own
            kernels = ops.split(self.kernel, self.gates, axis=1)
            pairs = zip(masks, kernels, strict=True)
            parts = [_product(_masked(x, m, steps_axis), k) for m, k in pairs]
            y = ops.concat(parts, axis=-1)
        else:
            y = _product(_masked(x, masks, steps_axis), self.kernel)
        bias = self._input_bias()
        return y if bias is None else ops.bias_add(y, bias)

    def step(self, x: Tensor, states: list[Tensor], shared: Any, training: bool | None) -> Any:
        """(output, states) of the step with ``x W + b`` for `x`, and what `shared` returned."""
        raise NotImplementedError(f"{type(self).__name__}: `step` is not overridden")

    def can_fuse(self, training: bool | None) -> bool:
        """Whether `fused` does what `step` does, from step to step."""
        return False

    def fused(self, x: Tensor, states: list[Tensor], mask: Any) -> tuple[Tensor, list[Tensor]]:
        """All steps in one op.

        Args:
            x: ``x W + b`` of all steps, (T, N, gates u).
            states: those before the first step, (N, u).
            mask: bool (T, N), or None.

        Returns:
            The first state after each step (T, N, u), and the last states.
        """
        raise NotImplementedError(f"{type(self).__name__}: `fused` is not overridden")

    def shared(self, training: bool | None) -> Any:
        """What `step` needs of the weights, read once for all steps: U, or its part of each gate.

        Parts where each gate has a mask of its own.
        """
        if self.masks_per_gate and self._dropping(training, self.recurrent_dropout):
            return ops.split(self.recurrent_kernel, self.gates, axis=1)
        return self.recurrent_kernel.read_value()

    def _recurrent_product(self, h: Tensor, kernel: Any, training: bool | None) -> Tensor:
        """``h U``; in training, h with what is dropped."""
        masks = self._recurrent_masks_for(h, training)
        if isinstance(kernel, list):
            parts = [ops.matmul(h * m, k) for m, k in zip(masks, kernel, strict=True)]
            return ops.concat(parts, axis=-1)
        return ops.matmul(h if masks is None else h * masks, kernel)

    def _recurrent_masks_for(self, h: Tensor, training: bool | None) -> Any:
        dropping = self._dropping(training, self.recurrent_dropout)
        return self.get_recurrent_dropout_mask(h) if dropping else None

    def _dropping(self, training: bool | None, rate: float) -> bool:
        return bool(training) and 0 < rate < 1

    def get_initial_state(self, batch_size: int | None = None) -> list[Tensor]:
        """Zeros (batch_size, u), one for each state."""
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [ops.zeros((batch_size, size), self.compute_dtype) for size in sizes]

    # -- masks of dropout --------------------------------------------------------------------------

    def get_dropout_mask(self, step_input: Tensor) -> Any:
        """What x (N, n) is multiplied by: drawn at the first call, kept until it is reset.

        One tensor, or a list with one for each gate; None without dropout.
        """
        if self._input_masks is None and self.dropout > 0:
            self._input_masks = self._drawn(step_input, self.dropout)
        return self._input_masks

    def get_recurrent_dropout_mask(self, step_input: Tensor) -> Any:
        """Likewise for a state h (N, u)."""
        if self._recurrent_masks is None and self.recurrent_dropout > 0:
            self._recurrent_masks = self._drawn(step_input, self.recurrent_dropout)
        return self._recurrent_masks

    def _drawn(self, like: Tensor, rate: float) -> Any:
        shape = (like._data.shape[0], like._data.shape[-1])
        ones = ops.ones(shape, like._data.dtype)
        masks = [
            dropout(ones, rate, seed=self.seed_generator)
            for _ in range(self.gates if self.masks_per_gate else 1)
        ]
        return masks if self.masks_per_gate else masks[0]

    def reset_dropout_mask(self) -> None:
        """Forget the mask of x: the next call draws another."""
        self._input_masks = None

    def reset_recurrent_dropout_mask(self) -> None:
        """Forget the mask of h."""
        self._recurrent_masks = None

    # -- configs -----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this cell again."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **{name: serialize_keras_object(getattr(self, name)) for name in _OBJECTS},
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }


def check_units(where: str, units: Any) -> None:
    """Refuse `units` that are no positive integer.

    Raises:
        TypeError: they are no number.
        ValueError: another number.
    """
    if not isinstance(units, int) or isinstance(units, bool) or units <= 0:
        kind = ValueError if isinstance(units, int | float) else TypeError
        raise kind(say(where, "units", "must be a positive integer", units))


def _product(x: Tensor, kernel: Any) -> Tensor:
    """``x W``, of one step or of all in one product."""
    return ops.matmul(x, kernel) if x._data.ndim == 2 else ops.tensordot(x, kernel, 1)


def _masked(x: Tensor, mask: Tensor, steps_axis: int) -> Tensor:
    """`x`, of one step or of all, times `mask` (N, n)."""
    return x * mask if x._data.ndim == 2 else x * ops.expand_dims(mask, steps_axis)
