"""KerasTensor: a tensor that is known by its shape and dtype only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scratchnet.keras.config import Shape, standardize_dtype, standardize_shape
from scratchnet.keras.naming import auto_name


class KerasTensor:
    """What a layer will receive or return, before there is data (``keras.KerasTensor``).

    Layers called on it return KerasTensors, too; ``keras.Model(inputs, outputs)`` is made of them.

    Args:
        shape: its sizes, None where unknown.
        dtype: its dtype, `config.floatx` if not given.
        name: its name, automatic if not given.

    >>> KerasTensor((None, 3), name="digits")
    <KerasTensor shape=(None, 3), dtype=float32, sparse=False, ragged=False, name=digits>
    """

    sparse = ragged = False  # as all tensors here

    def __init__(self, shape: Any, dtype: object = None, name: str | None = None) -> None:
        self.shape: Shape = standardize_shape(shape)
        self.dtype = standardize_dtype(dtype)
        self.name = name or auto_name("KerasTensor")
        self.node: Any = None  # the call that returns it
        self.index = 0  # its place among what that call returns

    @property
    def layer(self) -> Any:
        """The layer that returns it; None for one that you made yourself."""
        return self.node and self.node.layer

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __repr__(self) -> str:
        known = f"shape={self.shape}, dtype={self.dtype}, sparse=False, ragged=False"
        return f"<KerasTensor {known}, name={self.name}>"

    # -- what asks for values that are not there ---------------------------------------------------

    def _no_values(self, wanted: str) -> ValueError:
        return ValueError(
            f"a KerasTensor stands for a shape and a dtype and has no values to make {wanted} of: "
            "call layers on it, or do it in the `call` of a Layer of your own"
            f"{self._how_to_compute()}; received {self!r}"
        )

    def _how_to_compute(self) -> str:
        """How to get the values that a layer of a model returns for data x."""
        if self.node is None:
            return ""
        return (
            "; what a layer returns for data x, `keras.Model(model.inputs, layer.output)([x])` "
            "computes"
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise self._no_values("an array")

    def __float__(self) -> float:
        raise self._no_values("a float")

    def __int__(self) -> int:
        raise self._no_values("an int")

    def __bool__(self) -> bool:
        raise TypeError(
            "a KerasTensor cannot be used as a bool: its values are not known"
            f"{self._how_to_compute()}; received {self!r}"
        )

    def __iter__(self) -> Any:
        raise NotImplementedError(
            "a KerasTensor cannot be iterated over: its values are not known"
            f"{self._how_to_compute()}; received {self!r}"
        )

    if not TYPE_CHECKING:  # else any name would be right to a type checker

        def __getattr__(self, name: str) -> Any:
            """Asked for what tensors have and this has not."""
            error = f"'KerasTensor' object has no attribute {name!r}"
            if name in ("numpy", "eval", "item", "tolist", "astype", "value"):
                error += f": its values are not known{self._how_to_compute()}"
            raise AttributeError(error)
