"""Discretization: numbers as the number of the bin that they lie in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.keras.config import Shape, check_factors, check_numbers, refuse_unsupported
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.arguments import check_one_tensor, is_row
from scratchnet.keras.layers.category_encoding import encoded
from scratchnet.keras.layers.input_conversion import standardized
from scratchnet.keras.layers.layer import Layer
from scratchnet.ops.random_seeds import in_traced_function

_MODES = ("int", "one_hot", "multi_hot", "count")


class Discretization(Layer):
    """The number of the bin of each number (``keras.layers.Discretization``).

        y = how many of the boundaries are <= x

    Args:
        bin_boundaries: the boundaries, which rise; their number and 1 is the number of bins.
        num_bins: how many bins, if `adapt` is to find their boundaries.
        epsilon: how exact `adapt` is, as a share of the data.
        output_mode: ``"int"``: int32; ``"one_hot"``, ``"multi_hot"`` and ``"count"`` as of
            `CategoryEncoding`.
        **kwargs: of `Layer`.

    Raises:
        ValueError: both or neither of the first two, another `output_mode`; when it is called,
            there are no boundaries yet.

    >>> layer = Discretization(bin_boundaries=[0.0, 1.0, 2.0])
    >>> layer([[-1.5, 1.0, 3.4, 0.5]]).numpy()
    array([[0, 2, 3, 1]], dtype=int32)
    """

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        dtype: object = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        where = "Discretization"
        refuse_unsupported(where, kwargs, {"sparse": False})
        super().__init__(name=name, dtype=dtype, **kwargs)
        if not isinstance(output_mode, str) or output_mode not in _MODES:
            raise ValueError(say(where, "output_mode", f"must be one of {_MODES}", output_mode))
        if num_bins is not None and (not isinstance(num_bins, int) or num_bins < 0):
            raise ValueError(
                f"`num_bins` must be greater than or equal to 0. Received: `num_bins={num_bins}`"
            )
        if num_bins is not None and bin_boundaries is not None:
            raise ValueError(
                "Both `num_bins` and `bin_boundaries` should not be set. Received: "
                f"`num_bins={num_bins}` and `bin_boundaries={bin_boundaries}`"
            )
        if num_bins is None and bin_boundaries is None:
            raise ValueError("You need to set either `num_bins` or `bin_boundaries`.")
        if bin_boundaries is not None and not is_row(bin_boundaries):
            rule = "must be a list of numbers"
            raise ValueError(say(where, "bin_boundaries", rule, bin_boundaries))
        if bin_boundaries is not None:
            check_factors(where, bin_boundaries=bin_boundaries)
        check_numbers(where, epsilon=epsilon)
        if not epsilon > 0:
            raise ValueError(say(where, "epsilon", "must be positive", epsilon))
        self.bin_boundaries, self.num_bins = bin_boundaries, num_bins
        self.epsilon, self.output_mode = epsilon, output_mode
        self.summary: Any = _EMPTY if bin_boundaries is None or not len(bin_boundaries) else None

    def __call__(self, inputs: Any, **kwargs: Any) -> Any:
        """As of `Layer`, on numbers and lists of them too."""
        if isinstance(inputs, bool | int | float | list | tuple):
            inputs = ops.convert_to_tensor(inputs)
        if in_traced_function() and not isinstance(inputs, KerasTensor):
            inputs = ops.cast(inputs, self.compute_dtype)  # as in Keras
        return super().__call__(inputs, **kwargs)

    def _standardized(self, x: Any) -> Any:
        return standardized("Discretization", x, None)  # whatever the dtype of the layer is

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Find boundaries between bins that hold equally much of `data`.

        Args:
            data: an array or tensor, a `tf.data.Dataset` of batches, or other batches.
            steps: how many batches to take; all if not given.

        Raises:
            ValueError: the boundaries were given.
        """
        if self.num_bins is None:
            raise ValueError(
                "Cannot adapt a Discretization layer that has been initialized with "
                "`bin_boundaries`, use `num_bins` instead."
            )
        self.reset_state()
        for batch in batches_of("Discretization", data, steps):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Take a batch into the summary of the data."""
        values = np.sort(np.asarray(convert(data)._data, np.float32).reshape(-1))
        merged = np.concatenate([_summarized(values, self.epsilon), self.summary], axis=1)
        self.summary = _compressed(merged[:, np.argsort(merged[0])], self.epsilon)

    def finalize_state(self) -> None:
        """Take the boundaries from the summary."""
        if self.num_bins is not None:
            if self.num_bins == 0:
                raise ZeroDivisionError("Discretization: `num_bins` must be positive to adapt")
            self.bin_boundaries = _compressed(self.summary, 1.0 / self.num_bins)[0, :-1].tolist()

    def reset_state(self) -> None:
        """Forget what was seen."""
        if self.num_bins is not None:
            self.summary = _EMPTY

    def call(self, inputs: Tensor) -> Tensor:
        """The numbers of the bins, int32, or rows that encode them."""
        if self.bin_boundaries is None:
            raise ValueError(
                "You need to either pass the `bin_boundaries` argument at construction time or "
                "call `adapt(dataset)` before you can start using the `Discretization` layer."
            )
        check_one_tensor("Discretization", inputs)
        boundaries = np.asarray(self.bin_boundaries, np.float32)
        x = inputs._data.astype(np.float32) if inputs._data.dtype.kind == "f" else inputs._data
        found = np.searchsorted(boundaries, x, side="right")
        bins = Tensor(np.asarray(found, np.int32))
        return encoded(bins, self.output_mode, len(boundaries) + 1, self._output_dtype)

    @property
    def _output_dtype(self) -> str:
        return "int32" if self.output_mode == "int" else self.compute_dtype

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input, or with an axis of the bins, as Keras says it."""
        if self.output_mode == "int":
            return input_shape
        depth = self.num_bins if self.bin_boundaries is None else len(self.bin_boundaries) + 1
        if self.output_mode == "one_hot":
            single = len(input_shape) > 1 and input_shape[-1] == 1
            return (*(input_shape[:-1] if single else input_shape), depth)
        return (input_shape[0], *input_shape[2:], depth) if len(input_shape) > 1 else (depth,)

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        """A KerasTensor like what this layer returns."""
        return KerasTensor(self.compute_output_shape(inputs.shape), self._output_dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again, and the boundaries that it found."""
        names = ("bin_boundaries", "num_bins", "epsilon", "output_mode")
        own = {name: getattr(self, name) for name in names}
        return {**own, "sparse": False, "name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer with the arguments that `get_config` returned."""
        boundaries = config.get("bin_boundaries")
        if boundaries is None or config.get("num_bins") is None:
            return cls(**config)
        layer = cls(**{**config, "bin_boundaries": None})
        layer.bin_boundaries = boundaries
        return layer


_EMPTY = np.zeros((2, 0), np.float32)  # values that rise, and how much each stands for


def _summarized(values: Array, epsilon: float) -> Array:
    """About ``1 / epsilon`` of the sorted `values`, at even steps, each standing for its step."""
    step = max(values.size / (1.0 / epsilon), 1)
    kept = values[int(step - 1) :: int(step)]
    return np.stack([kept, np.ones_like(kept) * step])


def _compressed(summary: Array, epsilon: float) -> Array:
    """The summary by values at each `epsilon` of all that it stands for, interpolated."""
    if summary.shape[1] * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    until = summary[1].cumsum()
    values, passed = (np.interp(shares, until / until[-1], part) for part in (summary[0], until))
    weights = passed - np.concatenate([[0], passed[:-1]])
    return np.stack([values, weights]).astype(np.float32)


def batches_of(where: str, data: Any, steps: int | None) -> Iterator[Any]:
    """The batches of `data`, at most `steps` of them; an array or tensor is one."""
    if isinstance(data, np.ndarray | Operators):
        return iter([data])
    if not hasattr(data, "__iter__"):
        raise TypeError(
            say(f"{where}.adapt", "data", "must be an array, a tensor, a Dataset or batches", data)
        )
    return islice(iter(data), steps)
