"""Metric: a running value over all batches seen since the last reset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array, as_dtype
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.keras import initializers
from scratchnet.keras.config import standardize_dtype
from scratchnet.keras.losses.loss import in_dtype, same_rank
from scratchnet.keras.naming import auto_name, name_scope
from scratchnet.keras.tracking import owned, unique
from scratchnet.keras.variable import Variable


class Metric:
    """The base of all metrics (``keras.metrics.Metric``): override `update_state` and `result`.

    Args:
        dtype: the dtype computed in; ``"float32"`` if not given.
        name: the name; automatic if not given.
    """

    def __init__(self, dtype: object = None, name: str | None = None) -> None:
        self.name = name or auto_name(type(self).__name__)
        self.dtype = standardize_dtype(dtype)
        self._added: list[Variable] = []

    def add_variable(
        self, shape: Any, initializer: Any = "zeros", dtype: object = None, name: str | None = None
    ) -> Variable:
        """Make a variable that belongs to this metric and is 0 again after `reset_state`."""
        with name_scope(self.name.replace("/", ">"), self):
            kind = standardize_dtype(dtype) if dtype is not None else self.dtype
            variable = Variable(
                initializers.get(initializer), shape, kind, trainable=False, name=name
            )
        self._added.append(variable)
        return variable

    def add_weight(
        self,
        shape: Any = (),
        initializer: Any = "zeros",
        dtype: object = None,
        name: str | None = None,
    ) -> Variable:
        """The same as `add_variable`."""
        return self.add_variable(shape, initializer, dtype, name)

    @property
    def variables(self) -> list[Variable]:
        """The state of this metric and of the metrics it holds."""
        inner = [v for metric in owned(self, Metric) for v in metric.variables]
        return unique(owned(self, Variable) + inner)

    def reset_state(self) -> None:
        """Forget all batches."""
        for variable in self.variables:
            variable._data = np.zeros_like(variable._data)

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take one batch into account."""
        raise NotImplementedError(f"{type(self).__name__}: `update_state` is not overridden")

    def result(self) -> Any:
        """The value now, a scalar tensor or a dict of them."""
        raise NotImplementedError(f"{type(self).__name__}: `result` is not overridden")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`update_state`, then `result`."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The metric that `get_config` described, without its state."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


class Mean(Metric):
    """The mean of all values seen, each with its weight (``keras.metrics.Mean``).

    Args:
        name, dtype: as of `Metric`.

    >>> mean = Mean()
    >>> mean.update_state([1.0, 3.0])
    >>> mean.update_state(8.0, sample_weight=2)
    >>> mean.result().numpy()
    np.float32(5.0)
    """

    def __init__(self, name: str | None = "mean", dtype: object = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")
        self.count = self.add_variable((), name="count")

    def update_state(self, values: TensorLike, sample_weight: TensorLike = None) -> None:
        """Add `values`, one per sample (further axes are averaged), each times its weight."""
        per_sample, weight = _per_sample(in_dtype(values, self.dtype), sample_weight, self.dtype)
        kind = as_dtype(self.dtype).numpy
        if weight is not None:
            count = np.sum(weight, dtype=kind)
        else:
            count = kind.type(len(per_sample) if per_sample.ndim else 1)
        self.total._data = np.asarray(self.total._data + np.sum(per_sample, dtype=kind))
        self.count._data = np.asarray(self.count._data + count)

    def result(self) -> Tensor:
        """The mean; 0 before any value."""
        total, count = self.total._data, self.count._data
        return Tensor(np.asarray(total / count if count else np.zeros_like(total)))


def _per_sample(
    values: Tensor, sample_weight: TensorLike, dtype: str
) -> tuple[Array, Array | None]:
    """(weighted values, weights) as arrays with one entry per sample."""
    if sample_weight is None:
        array = values._data
        return array.mean(tuple(range(1, array.ndim))) if array.ndim > 1 else array, None
    values, weight = same_rank(values, in_dtype(sample_weight, dtype))
    array, factor = values._data, weight._data
    if array.ndim > factor.ndim:
        array = np.asarray(array.mean(tuple(range(factor.ndim, array.ndim))))
    rank, factor = factor.ndim, np.broadcast_to(factor, array.shape)
    array = array * factor
    if rank > 1:
        factor = factor.mean(tuple(range(1, rank)))
    return array.mean(tuple(range(1, array.ndim))) if array.ndim > 1 else array, factor


class MeanMetricWrapper(Mean):
    """The mean of ``fn(y_true, y_pred, **kwargs)`` over all samples.

    Args:
        fn: returns one value per sample.
        name, dtype: as of `Metric`.
        **kwargs: passed on to `fn`.

    Reference: ``keras.metrics.MeanMetricWrapper``.
    """

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: object = None, **kwargs: Any
    ) -> None:
        super().__init__(name or auto_name(type(self).__name__), dtype)
        self._fn, self._fn_kwargs = fn, kwargs

    def update_state(  # type: ignore[override]  # as in Keras: a wrapper compares two things
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Add the values of one batch, each times its weight."""
        super().update_state(self._fn(y_true, y_pred, **self._fn_kwargs), sample_weight)
