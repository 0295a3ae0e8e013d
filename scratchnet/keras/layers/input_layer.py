"""Input: where a model's data comes in, with a shape and a dtype."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.errors import say
from scratchnet.keras.config import (
    Shape,
    refuse_unsupported,
    standardize_dtype,
    standardize_shape,
)
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.node import Node


class InputLayer(Layer):
    """The first element of a model (``keras.layers.InputLayer``); made by `Input`.

    Args:
        shape: the shape of one input, without the batch axis.
        batch_size: the size of the batch axis, if it is fixed.
        dtype: what inputs are cast to.
        sparse, ragged: must be False or None: every tensor is dense.
        batch_shape: instead of `shape` and `batch_size`: the shape with the batch axis.
        input_tensor: a KerasTensor that becomes the input, such as one in the middle of another
            model: the shape and the dtype are its own.
        optional: must be False.
        name: the name; automatic if not given.
        **kwargs: `shape` and `batch_shape` under their names in Keras 2, `input_shape` and
            `batch_input_shape`, which take their places.

    Raises:
        ValueError: neither or both of `shape` and `batch_shape`; an `input_tensor` that is no
            KerasTensor, or is of another shape or dtype than is given.
    """

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: object = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        given = {"sparse": sparse, "ragged": ragged, "optional": optional}
        given = {name: value for name, value in given.items() if value is not None}
        refuse_unsupported("InputLayer", given, _FALSE)
        shape = kwargs.pop("input_shape", shape)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        if input_tensor is not None:
            _check_tensor(input_tensor, shape, batch_size, batch_shape, dtype)
            shape, batch_size, batch_shape = None, None, input_tensor.shape
            dtype = input_tensor.dtype
        super().__init__(name=name, dtype=dtype, **kwargs)
        if (shape is None) == (batch_shape is None):
            raise ValueError(
                "Input: one of `shape` and `batch_shape` must be given, "
                f"received shape={shape}, batch_shape={batch_shape}"
            )
        if batch_size is not None and batch_shape is not None:
            raise ValueError(
                say("Input", "batch_size", "must not stand beside `batch_shape`", batch_size)
            )
        if shape is not None:
            batch_shape = (batch_size, *standardize_shape(shape))
        self.batch_shape: Shape = standardize_shape(batch_shape)
        tensor = input_tensor
        if tensor is None:
            tensor = KerasTensor(self.batch_shape, standardize_dtype(dtype), name)
        Node(self, (), {}, tensor)
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> None:
        """Not called: a model hands its input to the next layer."""

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {"batch_shape": self.batch_shape, "dtype": self.dtype, **_FALSE, "name": self.name}


_FALSE = {"sparse": False, "ragged": False, "optional": False}


def _check_tensor(
    tensor: Any, shape: Any, batch_size: int | None, batch_shape: Any, dtype: object
) -> None:
    """Refuse an `input_tensor` of another kind than what is said beside it."""
    if not isinstance(tensor, KerasTensor):
        raise ValueError(say("InputLayer", "input_tensor", "must be a KerasTensor", tensor))
    fits = {
        "batch_size": batch_size is None or tensor.shape[:1] == (batch_size,),
        "shape": shape is None or tuple(shape) == tensor.shape[1:],
        "batch_shape": batch_shape is None or tuple(batch_shape) == tensor.shape,
        "dtype": dtype is None or standardize_dtype(dtype) == tensor.dtype,
    }
    for name, right in fits.items():
        if not right:
            raise ValueError(
                f"When providing the `input_tensor` argument, you cannot provide an incompatible "
                f"`{name}` argument: received input_tensor={tensor}"
            )


def Input(  # noqa: N802 - Keras's name
    shape: Any = None,
    batch_size: int | None = None,
    dtype: object = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> KerasTensor:
    """Where data comes in: the first element of a Sequential (``keras.Input``).

    Args:
        shape: the shape of one input, without the batch axis.
        batch_size, dtype, sparse, ragged, batch_shape, name, optional: as of `InputLayer`.
        tensor: the `input_tensor` of `InputLayer`.

    Returns:
        A KerasTensor that knows its InputLayer.

    >>> Input((28, 28, 1), name="digits")
    <KerasTensor shape=(None, 28, 28, 1), dtype=float32, sparse=False, ragged=False, name=digits>
    """
    layer = InputLayer(
        *(shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name)
    )
    made: KerasTensor = layer.output
    return made
