"""MultiHeadAttention: several attentions side by side, over learned projections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from string import ascii_lowercase
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import constraints, initializers, regularizers
from scratchnet.keras.config import check_flags, check_integers
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.keras_mask import get_mask, set_mask
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.activation import Softmax
from scratchnet.keras.layers.dropout import Dropout
from scratchnet.keras.layers.einsum_dense import EinsumDense
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.noise import check_fraction

_FLASH = "there is no flash attention on a CPU, in TensorFlow neither"


class MultiHeadAttention(Layer):
    """``y = Wo concat(head_1, …)``, ``head_i = softmax(q_i k_iᵀ / √key_dim) v_i``.

    q_i, k_i and v_i are learned projections of query, key and value.

    Args:
        num_heads: how many heads.
        key_dim: the size of a q_i and k_i.
        value_dim: the size of a v_i; `key_dim` if not given.
        dropout: the share of the weights of the means to drop in training.
        use_bias: whether the projections have biases.
        output_shape: the sizes of the output behind those of the queries; the last one of the query
            if not given.
        attention_axes: the axes along which is attended; all but the first and last if not given.
        sliding_window: if given, a query sees only the keys less than so many places away.
        kernel_initializer, bias_initializer: what the projections begin with.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties, of each projection.
        kernel_constraint, bias_constraint: applied after each update.
        use_gate: multiply the heads by ``sigmoid`` of a projection of the query.
        seed: an integer, which makes the masks of dropout repeatable.
        **kwargs: of `Layer`; `flash_attention` must be None.

    It is called on query (N, T, …), value (N, S, …) and key (N, S, …), which is the value if it is
    not given.  The output is (N, T, …).

    Raises:
        ValueError: sizes that are no positive integers.

    Reference: ``keras.layers.MultiHeadAttention``; Vaswani et al. 2017, arXiv:1706.03762.

    >>> import scratchnet as tf
    >>> layer = MultiHeadAttention(num_heads=2, key_dim=3)
    >>> x = tf.ones((4, 5, 6))
    >>> y, weights = layer(x, x, return_attention_scores=True)
    >>> tuple(y.shape), tuple(weights.shape), tuple(layer.query_dense.kernel.shape)
    ((4, 5, 6), (4, 2, 5, 5), (6, 2, 3))
    """

    supports_masking = True

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        where = type(self).__name__
        _check_positive(where, num_heads=num_heads, key_dim=key_dim)
        optional = {"value_dim": value_dim, "sliding_window": sliding_window}
        _check_positive(where, **{k: v for k, v in optional.items() if v is not None})
        super().__init__(**kwargs)
        check_flags(where, use_bias=use_bias, use_gate=use_gate, flash_attention=flash_attention)
        check_fraction(where, "dropout", dropout)
        if flash_attention:
            raise ValueError(say(where, "flash_attention", f"must be None: {_FLASH}", True))
        self._num_heads, self._key_dim = num_heads, key_dim
        self._value_dim = value_dim or key_dim
        self._dropout, self._use_bias, self._use_gate = dropout, use_bias, use_gate
        self._output_shape = _sizes_behind(where, output_shape)
        self._attention_axes: Any = _axes(where, attention_axes)
        self._sliding_window, self.seed = sliding_window, seed
        self._kernel_initializer = initializers.get(kernel_initializer)
        self._bias_initializer = initializers.get(bias_initializer)
        self._kernel_regularizer = regularizers.get(kernel_regularizer)
        self._bias_regularizer = regularizers.get(bias_regularizer)
        self._activity_regularizer = regularizers.get(activity_regularizer)
        self._kernel_constraint = constraints.get(kernel_constraint)
        self._bias_constraint = constraints.get(bias_constraint)
        # Keras makes a float32 of it, for float64 too.
        self._scale = float(np.float32(1.0 / math.sqrt(key_dim)))

    num_heads = property(lambda self: self._num_heads, doc="How many heads.")
    key_dim = property(lambda self: self._key_dim, doc="The size of a q_i and k_i.")
    value_dim = property(lambda self: self._value_dim, doc="The size of a v_i.")
    dropout = property(lambda self: self._dropout, doc="The share of weights to drop.")
    use_bias = property(lambda self: self._use_bias, doc="Whether the projections have biases.")
    attention_axes = property(
        lambda self: self._attention_axes, doc="The axes along which is attended."
    )
    query_dense = property(lambda self: self._query_dense, doc="The projection of the query.")
    key_dense = property(lambda self: self._key_dense, doc="The projection of the key.")
    value_dense = property(lambda self: self._value_dense, doc="The projection of the value.")
    output_dense = property(lambda self: self._output_dense, doc="The projection of the heads.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As of `Layer`, on a query and the value that it attends to."""
        for i, name in enumerate(("query", "value")):
            given = args[i] if len(args) > i else kwargs.get(name)
            if given is None or isinstance(given, dict):
                rule = "must be given: the layer takes a query and the value that it attends to"
                raise TypeError(say("MultiHeadAttention", name, rule, given))
        return super().__call__(*args, **kwargs)

    # -- weights -----------------------------------------------------------------------------------

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Make the projections, each a layer of its own."""
        key_shape = value_shape if key_shape is None else key_shape
        if len(query_shape) < 2:
            rule = "must have at least two axes: a batch and features"
            raise IndexError(say("MultiHeadAttention", "query", rule, query_shape))
        _check_lengths(value_shape, key_shape)
        rank, heads = len(query_shape), self._num_heads
        self._query_dense = self._projection("query", query_shape, self._key_dim)
        self._key_dense = self._projection("key", key_shape, self._key_dim)
        if self._use_gate:
            self._gate_dense = self._projection("gate", query_shape, self._value_dim, "sigmoid")
        self._value_dense = self._projection("value", value_shape, self._value_dim)
        self._build_attention(len(value_shape) + 1)
        behind = self._output_shape or (query_shape[-1],)
        equation, bias_axes = _projection_equation(rank - 1, 2, len(behind))
        sizes = (None,) * (rank - 2) + behind
        self._output_dense = self._dense("attention_output", equation, sizes, bias_axes)
        self._output_dense.build((*query_shape[:-1], heads, self._value_dim))

    def _projection(
        self, name: str, shape: Any, size: int, activation: str | None = None
    ) -> EinsumDense:
        """(N, …, C) -> (N, …, heads, size)."""
        equation, bias_axes = _projection_equation(len(shape) - 1, 1, 2)
        sizes = (None,) * (len(shape) - 2) + (self._num_heads, size)
        dense = self._dense(name, equation, sizes, bias_axes, activation=activation)
        dense.build(shape)
        return dense

    def _dense(
        self, name: str, equation: str, sizes: Any, bias_axes: str, **more: Any
    ) -> EinsumDense:
        # Copies: an initializer that is called twice gives the same numbers twice.
        kernel, bias = _copied(self._kernel_initializer), _copied(self._bias_initializer)
        return EinsumDense(
            equation,
            sizes,
            bias_axes=bias_axes if self._use_bias else None,
            kernel_initializer=kernel,
            bias_initializer=bias,
            kernel_regularizer=self._kernel_regularizer,
            bias_regularizer=self._bias_regularizer,
            activity_regularizer=self._activity_regularizer,
            kernel_constraint=self._kernel_constraint,
            bias_constraint=self._bias_constraint,
            dtype=self.dtype,
            name=name,
            **more,
        )

    def _build_attention(self, rank: int) -> None:
        """What `_compute_attention` uses; `rank` is that of a projected value."""
        if self._attention_axes is None:
            self._attention_axes = tuple(range(1, rank - 2))
        else:
            axes = [axis if axis >= 0 else rank - 1 + axis for axis in self._attention_axes]
            if any(not -rank <= axis < rank for axis in axes):
                rule = f"must be axes of a projected value, of rank {rank} (index out of range)"
                given = self._attention_axes
                raise IndexError(say("MultiHeadAttention", "attention_axes", rule, given))
            self._attention_axes = tuple(axes)
        equations = _attention_equations(rank, self._attention_axes)
        self._dot_product_equation, self._combine_equation, scores_rank = equations
        along = tuple(range(scores_rank - len(self._attention_axes), scores_rank))
        self._softmax = Softmax(axis=along, dtype=self.dtype)
        self._dropout_layer = Dropout(self._dropout, seed=self.seed, dtype=self.dtype)

    # -- calls -------------------------------------------------------------------------------------

    def call(
        self,
        query: Tensor,
        value: Tensor,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """The heads' means of the values, projected.

        Args:
            query, value, key: the inputs.
            query_mask, value_mask, key_mask: (N, T) and (N, S), those that the inputs carry.
            attention_mask: which key each query sees, (N, T, S), broadcast to (N, heads, T, S).
            return_attention_scores: return (output, weights (N, heads, T, S)).
            training: whether weights are dropped.
            use_causal_mask: no query sees the keys after it.
        """
        key = value if key is None else key
        query_mask = get_mask(query)
        for x in (query, value, key):  # as in Keras, they end here
            if get_mask(x) is not None:
                set_mask(x, None)
        mask = self._compute_attention_mask(
            query,
            value,
            query_mask=query_mask,
            value_mask=value_mask,
            key_mask=key_mask,
            attention_mask=attention_mask,
            use_causal_mask=use_causal_mask,
        )
        gate = self._gate_dense(query) if self._use_gate else None
        query, key, value = (
            self._query_dense(query),
            self._key_dense(key),
            self._value_dense(value),
        )
        heads, scores = self._compute_attention(
            query, key, value, mask, training, return_attention_scores
        )
        output = self._output_dense(heads if gate is None else heads * gate)
        if query_mask is not None:
            set_mask(output, query_mask)
        return (output, scores) if return_attention_scores else output

    def _compute_attention(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attention_mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
    ) -> tuple[Tensor, Any]:
        """(heads (N, T, heads, value_dim), weights) of the projected inputs.

        Without dropout, and where nobody wants the weights, a query that sees no key gets the mean
        of all values, else 0: as in Keras.
        """
        if not (self._dropout > 0.0 or return_attention_scores or query._data.ndim != 4):
            return scaled_dot_product(query, key, value, attention_mask, self._scale), None
        query = ops.multiply(query, self._scale)
        scores = ops.einsum(self._dot_product_equation, key, query)
        weights = self._masked_softmax(scores, attention_mask)
        kept = self._dropout_layer(weights, training=training) if self._dropout > 0.0 else weights
        return ops.einsum(self._combine_equation, kept, value), weights

    def _masked_softmax(self, scores: Tensor, attention_mask: Any = None) -> Tensor:
        if attention_mask is not None:
            behind = -2 * len(self._attention_axes) - 1
            attention_mask = _expanded(attention_mask, scores._data.ndim, behind)
        result: Tensor = self._softmax(scores, mask=attention_mask)
        return result

    def _compute_attention_mask(
        self,
        query: Tensor,
        value: Tensor,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """(N, T, S): which keys each query sees, by all masks together; None for all."""
        masks = []
        if query_mask is not None:
            masks.append(ops.expand_dims(ops.cast(query_mask, bool), -1))
        masks += [
            ops.expand_dims(ops.cast(mask, bool), -2)
            for mask in (value_mask, key_mask)
            if mask is not None
        ]
        places = np.arange(query._data.shape[1])[:, None] - np.arange(value._data.shape[1])
        if use_causal_mask:
            masks.append(Tensor(places[None] >= 0))
        if self._sliding_window is not None:
            masks.append(Tensor(np.abs(places)[None] < self._sliding_window))
        if attention_mask is not None:
            masks.insert(0, ops.cast(attention_mask, bool))
        found = None
        for mask in masks:
            found = mask if found is None else ops.logical_and(found, mask)
        return found

    # -- shapes ------------------------------------------------------------------------------------

    def compute_output_shape(  # type: ignore[override]  # as in Keras
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> Any:
        """The shape of the query, but for the sizes of `output_shape`."""
        _check_lengths(value_shape, value_shape if key_shape is None else key_shape)
        if self._output_shape:
            return (*tuple(query_shape)[:-1], *self._output_shape)
        return tuple(query_shape)

    def compute_output_spec(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """KerasTensors like what this layer returns."""
        shape = self.compute_output_shape(
            tuple(query.shape), tuple(value.shape), None if key is None else tuple(key.shape)
        )
        output = KerasTensor(shape, self.compute_dtype)
        if not return_attention_scores:
            return output
        batch, steps = query.shape[:2]
        scores = (batch, self._num_heads, steps, value.shape[1])
        return output, KerasTensor(scores, self.compute_dtype)

    # -- configs and files -------------------------------------------------------------------------

    def _attributes_to_save(self) -> list[tuple[str, Any]]:
        """The projections by their public names, which come first in Keras's files."""
        public = {f"_{name}_dense": f"{name}_dense" for name in ("query", "key", "value", "output")}
        named = [(public.get(name, name), held) for name, held in super()._attributes_to_save()]
        return sorted(named, key=lambda item: (item[0].startswith("_"), item[0]))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        plain = (
            *("num_heads", "key_dim", "value_dim", "dropout", "use_bias", "use_gate"),
            *("output_shape", "attention_axes", "sliding_window"),
        )
        objects = (
            *("kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer"),
            *("activity_regularizer", "kernel_constraint", "bias_constraint"),
        )
        return {
            **super().get_config(),
            **{name: getattr(self, f"_{name}") for name in plain},
            **{name: serialize_keras_object(getattr(self, f"_{name}")) for name in objects},
            "seed": self.seed,
        }


def _copied(initializer: Any) -> Any:
    if not hasattr(initializer, "get_config"):
        return initializer
    return type(initializer).from_config(initializer.get_config())


def scaled_dot_product(
    query: Tensor, key: Tensor, value: Tensor, mask: Any, scale: float, bias: Any = None
) -> Tensor:
    """(N, T, heads, value_dim): ``softmax(scale q kᵀ + bias) v`` of each head."""
    narrow = query.dtype == "float16"
    scores = ops.einsum("BTNH,BSNH->BNTS", query, key)
    scores = ops.multiply(ops.cast(scores, "float32") if narrow else scores, scale)
    scores = scores if bias is None else scores + ops.cast(bias, scores.dtype)
    if mask is not None:
        least = -0.7 * float(np.finfo(scores._data.dtype).max)
        scores = ops.where(_expanded(mask, 4, -3), scores, least)
    weights = ops.softmax(scores, axis=-1)
    return ops.einsum("BNTS,BSNH->BTNH", ops.cast(weights, value.dtype), value)


def _expanded(mask: Any, rank: int, axis: int) -> Tensor:
    """`mask` with axes of size 1 at `axis`, until it has that rank."""
    found = ops.cast(mask, bool)
    while found._data.ndim < rank:
        found = ops.expand_dims(found, axis)
    return found


def _check_positive(where: str, **sizes: Any) -> None:
    for name, size in sizes.items():
        if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
            raise ValueError(say(where, name, "must be a positive integer", size))


def _sizes_behind(where: str, output_shape: Any) -> tuple[int, ...] | None:
    sizes = (output_shape,) if isinstance(output_shape, int) else output_shape
    if not hasattr(sizes, "shape") and not output_shape:  # an array is not asked whether it is true
        return None
    if not isinstance(sizes, list | tuple):
        raise ValueError(say(where, "output_shape", "must be a tuple, list, or int", output_shape))
    _check_positive(where, **{f"output_shape[{i}]": size for i, size in enumerate(sizes)})
    return tuple(sizes)


def _axes(where: str, axes: Any) -> tuple[int, ...] | None:
    if isinstance(axes, int):
        axes = (axes,)
    if not isinstance(axes, list | tuple | None):
        raise ValueError(say(where, "attention_axes", "must be an int, list, or tuple", axes))
    for axis in axes or ():
        check_integers(where, -(2**31), 2**31, attention_axes=axis)
    return tuple(axes) if axes else None


def _check_lengths(value_shape: Sequence[Any], key_shape: Sequence[Any]) -> None:
    if value_shape[1:-1] != key_shape[1:-1]:
        raise ValueError(
            "All dimensions of `value` and `key`, except the last one, must be equal. Received: "
            f"value_shape={value_shape} and key_shape={key_shape}"
        )


def _projection_equation(free: int, summed: int, outputs: int) -> tuple[str, str]:
    """``"abc,cde->abde"`` of 2 free axes, 1 that is summed over and 2 new ones; ``"de"``."""
    letters = iter(ascii_lowercase)
    kept, over, new = ("".join(next(letters) for _ in range(n)) for n in (free, summed, outputs))
    return f"{kept}{over},{over}{new}->{kept}{new}", new


def _attention_equations(rank: int, axes: tuple[int, ...]) -> tuple[str, str, int]:
    """What makes the scores of keys and queries, what the means of the values, the scores' rank.

    For one axis of attention: ``"aecd,abcd->acbe"`` and ``"acbe,aecd->abcd"``.
    """
    query, more = ascii_lowercase[:rank], iter(ascii_lowercase[rank:])
    key = "".join(next(more) if i in axes else query[i] for i in range(rank))
    batch = "".join(query[i] for i in range(rank - 1) if i not in axes)
    scores = batch + "".join(query[i] for i in axes) + "".join(key[i] for i in axes)
    return f"{key},{query}->{scores}", f"{scores},{key}->{query}", len(scores)
