"""TensorSpec: what is known of a tensor that is not there yet."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.dtypes import DType, as_dtype, float32
from scratchnet.engine.tensor import Tensor
from scratchnet.engine.tensor_shape import TensorShape


class TensorSpec:
    """The shape and dtype of a tensor that is not there yet (``tf.TensorSpec``).

    Args:
        shape: the sizes, None for one that varies; one size; None if not even the rank is known.
        dtype: the dtype.
        name: a name to print.

    Raises:
        ValueError: a negative size.
        TypeError: `shape` or `dtype` is no shape or dtype.

    >>> TensorSpec((None, 28, 28), "uint8")
    TensorSpec(shape=(None, 28, 28), dtype=tf.uint8, name=None)
    """

    def __init__(self, shape: Any, dtype: object = float32, name: str | None = None) -> None:
        self._shape = TensorShape(shape)
        self._dtype = as_dtype(dtype)
        self._name = name

    @property
    def shape(self) -> TensorShape:
        return self._shape

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def name(self) -> str | None:
        return self._name

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """The spec of `tensor`.

        Raises:
            ValueError: it is something else, such as an array.
        """
        if not isinstance(tensor, Tensor):
            raise ValueError(f"`tensor` should be a tf.Tensor, but got type {type(tensor)}.")
        return cls(tensor.shape, tensor.dtype, name)

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        """`spec` under another name."""
        return cls(spec.shape, spec.dtype, name or spec.name)

    def is_compatible_with(self, spec_or_tensor: Any) -> bool:
        """Whether a tensor could fit this spec and another; of a tensor, whether it fits.

        >>> TensorSpec([None, 2]).is_compatible_with(TensorSpec([3, 2]))
        True
        """
        other = spec_or_tensor
        if not isinstance(other, Tensor | TensorSpec):
            return False
        return self.dtype == other.dtype and self.shape.is_compatible_with(other.shape)

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every tensor that fits this spec fits `other` too."""
        if not isinstance(other, TensorSpec):
            return False
        return self.dtype == other.dtype and self.shape.is_subtype_of(other.shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorSpec) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"
