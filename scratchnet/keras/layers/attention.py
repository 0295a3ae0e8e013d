"""Attention and AdditiveAttention: means of values, weighted by how queries and keys fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import check_flags
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.noise import check_fraction
from scratchnet.keras.random import SeedGenerator, dropout
from scratchnet.keras.variable import Variable


class Attention(Layer):
    """``y = softmax(q kᵀ) v``: for each query the mean of the values whose keys fit.

    With ``score_mode="concat"`` the scores are ``w Σ tanh(scale (q + k))`` instead.

    Args:
        use_scale: multiply by a scalar weight that is learned.
        score_mode: ``"dot"`` or ``"concat"``.
        dropout: the share of the weights of the mean to drop in training.
        seed: an integer, which makes the masks repeatable.
        **kwargs: of `Layer`.

    It is called on a list [query (N, Tq, d), value (N, Tv, dv)], or with key (N, Tv, d) as the
    third; without it the values are the keys. The output is (N, Tq, dv).

    Raises:
        ValueError: another `score_mode`, inputs that are no such list.

    Reference: ``keras.layers.Attention``; Luong, Pham and Manning 2015, arXiv:1508.04025.

    >>> import scratchnet as tf
    >>> q, v = tf.constant([[[9.0, 0.0]]]), tf.constant([[[9.0, 0.0], [0.0, 9.0]]])
    >>> Attention()([q, v]).numpy().round(3)
    array([[[9., 0.]]], dtype=float32)
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        where = type(self).__name__
        super().__init__(**kwargs)
        check_flags(where, use_scale=use_scale)
        check_fraction(where, "dropout", dropout)
        if not isinstance(score_mode, str) or score_mode not in ("dot", "concat"):
            raise ValueError(say(where, "score_mode", "must be 'dot' or 'concat'", score_mode))
        self.use_scale, self.score_mode = use_scale, score_mode
        self.dropout, self.seed = dropout, seed
        if dropout > 0:
            self.seed_generator = SeedGenerator(seed)
        self.scale: Variable | None = None
        self.concat_score_weight: Variable | None = None

    def build(self, input_shape: Any) -> None:
        """Make the scalar weights, if there are any."""
        self._check_list(input_shape)
        if self.use_scale:
            self.scale = self.add_weight((), "ones", name="scale")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight((), "ones", name="concat_score_weight")

    def call(
        self,
        inputs: list[Tensor],
        mask: Any = None,
        training: bool | None = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """The weighted means of the values.

        Args:
            inputs: [query, value] or [query, value, key].
            mask: [query mask (N, Tq), value mask (N, Tv)], each may be None: outputs of False
                queries are 0, values that are False have no weight.
            training: whether weights are dropped.
            return_attention_scores: return (outputs, weights (N, Tq, Tv)).
            use_causal_mask: no query sees the values after it.
        """
        self._check_list(inputs, mask)
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) > 2 else value
        query_mask, value_mask = (mask[0], mask[1]) if mask else (None, None)
        scores = self._scores(query, key)
        seen = _seen(scores, value_mask, use_causal_mask)
        if seen is not None:
            most = 65504.0 if scores.dtype == "float16" else 1e9
            scores = ops.where(seen, scores, scores - most)
        weights = ops.softmax(scores, axis=-1)
        if training and self.dropout > 0:
            weights = dropout(weights, self.dropout, seed=self.seed_generator)
        outputs = ops.matmul(weights, value)
        if query_mask is not None:
            kept = ops.expand_dims(ops.cast(query_mask, bool), -1)
            outputs = ops.where(kept, outputs, ops.zeros_like(outputs))
        return (outputs, weights) if return_attention_scores else outputs

    def _scores(self, query: Tensor, key: Tensor) -> Any:
        """(N, Tq, Tv): how each query fits each key."""
        if self.score_mode == "dot":
            scores = ops.matmul(query, key, transpose_b=True)
            return scores if self.scale is None else scores * self.scale
        both: Any = ops.expand_dims(query, -2) + ops.expand_dims(key, -3)
        if self.scale is not None:
            both = self.scale * both
        return self.concat_score_weight * ops.reduce_sum(ops.tanh(both), -1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the queries."""
        return None if mask is None else mask[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, Tq, dv)."""
        self._check_list(input_shape)
        return (*input_shape[0][:-1], input_shape[1][-1])

    def compute_output_spec(
        self,
        inputs: Any,
        mask: Any = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """KerasTensors like what this layer returns."""
        self._check_list(inputs, mask)
        shapes = [tuple(x.shape) for x in inputs]
        outputs = KerasTensor(self.compute_output_shape(shapes), self.compute_dtype)
        if not return_attention_scores:
            return outputs
        scores = (*shapes[0][:-1], shapes[-1][-2])
        return outputs, KerasTensor(scores, self.compute_dtype)

    def _check_list(self, inputs: Any, mask: Any = None) -> None:
        where = type(self).__name__
        if not isinstance(inputs, list):
            raise ValueError(
                f"{where} layer must be called on a list of inputs, namely [query, value] or "
                f"[query, value, key]. Received: inputs={inputs}."
            )
        if not 2 <= len(inputs) <= 3:
            raise ValueError(
                f"{where} layer accepts inputs list of length 2 or 3, namely [query, value] or "
                f"[query, value, key]. Received length: {len(inputs)}."
            )
        if mask is not None and (not isinstance(mask, list) or not 2 <= len(mask) <= 3):
            raise ValueError(
                f"{where} layer mask must be a list, namely [query_mask, value_mask]. Received: "
                f"mask={mask}."
            )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        names = ("use_scale", "score_mode", "dropout", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _seen(scores: Tensor, value_mask: Any, causal: bool) -> Tensor | None:
    """Which values each query may see; None for all."""
    values = None
    if value_mask is not None:
        values = ops.expand_dims(ops.cast(value_mask, bool), -2)
    if not causal:
        return values
    lower = Tensor(np.tril(np.ones(scores._data.shape[-2:], bool))[None])
    return lower if values is None else ops.logical_and(values, lower)


class AdditiveAttention(Attention):
    """Attention with the scores ``Σ scale tanh(q + k)`` (``keras.layers.AdditiveAttention``).

    Args:
        use_scale: whether `scale` (d,) is learned; else it is 1.
        dropout: as of `Attention`.
        **kwargs: of `Attention` and `Layer`.

    Inputs and output as of `Attention`.

    Reference: Bahdanau, Cho and Bengio 2015, arXiv:1409.0473.

    >>> import scratchnet as tf
    >>> x = tf.constant([[[1.0, 2.0], [1.0, 2.0]]])
    >>> AdditiveAttention(use_scale=False)([x, x]).numpy()
    array([[[1., 2.],
            [1., 2.]]], dtype=float32)
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Make `scale`, of the size of a query."""
        self._check_list(input_shape)
        if not input_shape[0]:
            rule = "must be of at least one axis"
            raise ValueError(say("AdditiveAttention", "inputs[0]", rule, input_shape[0]))
        if self.use_scale:
            self.scale = self.add_weight((input_shape[0][-1],), "glorot_uniform", name="scale")

    def _scores(self, query: Tensor, key: Tensor) -> Any:
        both = ops.tanh(ops.expand_dims(query, -2) + ops.expand_dims(key, -3))
        return ops.reduce_sum(both if self.scale is None else self.scale * both, -1)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {k: v for k, v in super().get_config().items() if k != "score_mode"}
