"""CategoryEncoding: the numbers of categories as rows of 0 and 1, or of counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import invalid, say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape, refuse_unsupported
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.layer import Layer


class CategoryEncoding(Layer):
    """Integers in [0, num_tokens) as rows of that length (``keras.layers.CategoryEncoding``).

    Args:
        num_tokens: how many categories.
        output_mode: ``"one_hot"``: a row for each integer (a last axis of size 1 goes);
            ``"multi_hot"``: for each sample a 1 in the place of each category that it has;
            ``"count"``: how often it has it.
        **kwargs: of `Layer`.

    Inputs of integers (the fraction of a float is cut off), lists too; an integer of `num_tokens`
    or more has no place, as in Keras.

    Raises:
        ValueError: no `num_tokens`, or less than 1; another `output_mode`.
        InvalidArgumentError: a negative integer, if samples are counted or multi-hot.

    >>> CategoryEncoding(num_tokens=4, output_mode="count")([[0, 1], [3, 3]]).numpy()
    array([[1., 1., 0., 0.],
           [0., 0., 0., 2.]], dtype=float32)
    """

    def __init__(
        self, num_tokens: int | None = None, output_mode: str = "multi_hot", **kwargs: Any
    ) -> None:
        refuse_unsupported("CategoryEncoding", kwargs, {"sparse": False})
        super().__init__(**kwargs)
        if isinstance(output_mode, str) and output_mode == "binary":
            output_mode = "multi_hot"
        if not isinstance(output_mode, str) or output_mode not in ("count", "one_hot", "multi_hot"):
            rule = "must be 'count', 'one_hot' or 'multi_hot': Unknown arg for output_mode"
            raise ValueError(say("CategoryEncoding", "output_mode", rule, output_mode))
        if num_tokens is None:
            raise ValueError("CategoryEncoding: num_tokens must be set to use this layer")
        if not isinstance(num_tokens, int):
            raise TypeError(say("CategoryEncoding", "num_tokens", "must be an integer", num_tokens))
        if num_tokens < 1:
            raise ValueError(say("CategoryEncoding", "num_tokens", "must be >= 1", num_tokens))
        self.num_tokens, self.output_mode = num_tokens, output_mode

    def __call__(self, inputs: Any, **kwargs: Any) -> Any:
        """As of `Layer`, on numbers and lists of them too."""
        if isinstance(inputs, bool | int | float | list | tuple):
            inputs = ops.convert_to_tensor(inputs)
        return super().__call__(inputs, **kwargs)

    def call(self, inputs: Tensor, count_weights: Any = None) -> Tensor:
        """The rows.

        Args:
            inputs: integers, (N, categories of a sample).
            count_weights: of the shape of `inputs`: what each counts.
        """
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(
                "CategoryEncoding: `count_weights` is not used when `output_mode` is not "
                f"`'count'`. Received `count_weights={count_weights}`."
            )
        return encoded(
            ops.cast(inputs, "int64"),
            self.output_mode,
            self.num_tokens,
            self.compute_dtype,
            count_weights,
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, categories) -> (N, num_tokens); each integer its own row for ``"one_hot"``."""
        if not input_shape:
            return (self.num_tokens,)
        if self.output_mode == "one_hot" and (len(input_shape) == 1 or input_shape[-1] != 1):
            return (*input_shape, self.num_tokens)
        return (*input_shape[:-1], self.num_tokens)

    def compute_output_spec(self, inputs: Any, count_weights: Any = None) -> KerasTensor:
        """A KerasTensor like what this layer returns."""
        return KerasTensor(self.compute_output_shape(inputs.shape), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        own = {"num_tokens": self.num_tokens, "output_mode": self.output_mode}
        return {**super().get_config(), **own}


def encoded(
    tokens: Tensor, output_mode: str, depth: int, dtype: str, count_weights: Any = None
) -> Tensor:
    """Integers as rows of length `depth`, as `CategoryEncoding` says; as they are for ``"int"``.

    Raises:
        InvalidArgumentError: a negative integer, if samples are counted or multi-hot.
    """
    if output_mode == "int":
        return ops.cast(tokens, dtype)
    if not tokens._data.ndim:
        tokens = ops.expand_dims(tokens, 0)
    sizes = tokens._data.shape
    if output_mode == "one_hot":
        if len(sizes) > 1 and sizes[-1] == 1:
            tokens = ops.squeeze(tokens, -1)
        return ops.one_hot(tokens, depth, dtype=dtype)
    if len(sizes) < 3 and bool((tokens._data < 0).any()):
        wrong = int(tokens._data.min())
        raise invalid("CategoryEncoding", "inputs", "must be non-negative", wrong)
    rows = ops.one_hot(tokens, depth, dtype=dtype)
    if count_weights is not None:
        rows = rows * ops.expand_dims(ops.cast(count_weights, dtype), -1)
    axis = 1 if len(sizes) > 1 else 0
    if output_mode == "count":
        return ops.reduce_sum(rows, axis)
    return Tensor(np.asarray(rows._data.any(axis), rows._data.dtype))
