"""Embedding."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.tensor import Tensor
from scratchnet.engine.tracebacks import warn
from scratchnet.keras import constraints, initializers, regularizers
from scratchnet.keras.config import Shape, check_flags, refuse_unsupported
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.arguments import check_one_tensor, positive_integer
from scratchnet.keras.layers.input_conversion import standardized
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.mask_operators import not_equal
from scratchnet.keras.variable import Variable

# Arguments of Keras's layer for what does not exist here.
_KERAS_ONLY = dict.fromkeys(("lora_rank", "lora_alpha", "quantization_config"))


class Embedding(Layer):
    """A row of numbers for each integer: ``y[n, t] = E[x[n, t]]`` (``keras.layers.Embedding``).

    The gradient of E adds up the cotangents of all places that looked a row up; rows that nobody
    looked up get zeros.  As in Keras, Adam and other optimizers that square the gradient square the
    cotangent of each place, and add up the squares.

    Args:
        input_dim: how many rows E has: one more than the largest integer.
        output_dim: how long they are.
        embeddings_initializer: what E (input_dim, output_dim) begins with.
        embeddings_regularizer, embeddings_constraint: of E.
        mask_zero: whether the integer 0 is padding: those places are masked for the layers behind
            (its row is looked up and trained like all others).
        weights: an array that E begins with.
        **kwargs: of `Layer`.

    Input (…) of integers, output (…, output_dim).  Fractions are cut off; a negative integer counts
    from the last row.

    Raises:
        ValueError: a size that is no positive integer.
        InvalidArgumentError: called on an integer that has no row.

    >>> import numpy as np, scratchnet as tf
    >>> layer = Embedding(3, 2, mask_zero=True, weights=np.eye(3, 2))
    >>> y = layer(tf.constant([[1, 0]]))
    >>> y.numpy()
    array([[[0., 1.],
            [1., 0.]]], dtype=float32)
    >>> y._keras_mask.numpy()
    array([[ True, False]])
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        **kwargs: Any,
    ) -> None:
        refuse_unsupported("Embedding", kwargs, _KERAS_ONLY)
        self.input_dim = positive_integer("Embedding", "input_dim", input_dim)
        self.output_dim = positive_integer("Embedding", "output_dim", output_dim)
        if kwargs.pop("input_length", None) is not None:
            warn("Argument `input_length` is deprecated. Just remove it.")
        super().__init__(**kwargs)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        check_flags("Embedding", mask_zero=mask_zero)
        self.mask_zero = mask_zero
        self.supports_masking = self._makes_masks = bool(mask_zero)
        self._embeddings: Variable | None = None
        if weights is not None:
            self.build()
            one = not (isinstance(weights, list) and len(weights) == 1)
            self.set_weights([weights] if one else weights)

    def build(self, input_shape: Shape | None = None) -> None:
        """Make E of shape (input_dim, output_dim)."""
        if self._embeddings is None:
            self._embeddings = self.add_weight(
                (self.input_dim, self.output_dim),
                self.embeddings_initializer,
                regularizer=self.embeddings_regularizer,
                constraint=self.embeddings_constraint,
                name="embeddings",
            )

    @property
    def embeddings(self) -> Variable:
        """E.

        Raises:
            AttributeError: the layer is not built.
        """
        if self._embeddings is None:
            raise AttributeError("You must build the layer before accessing `embeddings`.")
        return self._embeddings

    def _standardized(self, x: Any) -> Any:
        return standardized("Embedding", x, "float64")  # not rounded before it becomes an integer

    def call(self, inputs: Tensor) -> Tensor:
        """The rows of E at `inputs`."""
        check_one_tensor("Embedding", inputs)
        at = inputs if inputs._data.dtype.name in ("int32", "int64") else ops.cast(inputs, "int32")
        if at._data.size and at._data.min() < 0:
            at = Tensor(np.where(at._data < 0, at._data + self.input_dim, at._data))
        return ops.gather(self.embeddings, at, axis=0)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """False where an integer is 0, with `mask_zero`; else None."""
        return not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(…) -> (…, output_dim)."""
        return (*input_shape, self.output_dim)

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:
        """Of the dtype of the layer, whatever the integers have."""
        return KerasTensor(self.compute_output_shape(inputs.shape), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        objects = ("embeddings_initializer", "embeddings_regularizer", "embeddings_constraint")
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            **{name: serialize_keras_object(getattr(self, name)) for name in objects},
            "activity_regularizer": serialize_keras_object(self.activity_regularizer),
            "mask_zero": self.mask_zero,
            "quantization_config": None,
        }
