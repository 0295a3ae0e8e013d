"""Metric: a value accumulated over all batches since the last reset."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar
from weakref import WeakValueDictionary

import numpy as np

from scratchnet import ops
from scratchnet.engine.dtypes import Array, as_dtype
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.engine.tracebacks import filters_tracebacks
from scratchnet.keras import initializers
from scratchnet.keras.config import dtypes_of, floatx, standardize_dtype
from scratchnet.keras.losses import LOSSES, loss_mask
from scratchnet.keras.losses.loss import (
    FunctionWrapper,
    Loss,
    apply_mask,
    in_dtype,
    squeeze_or_expand_to_same_rank,
)
from scratchnet.keras.naming import auto_name, name_scope
from scratchnet.keras.tracking import owned, unique
from scratchnet.keras.variable import Variable


class Metric:
    """The base of all metrics (``keras.metrics.Metric``): override `update_state` and `result`.

    Args:
        dtype: the dtype computed in; ``"float32"`` if not given.
        name: the name; automatic if not given.

    Raises:
        ValueError: `name` is no string.
    """

    # All metrics that there are, by id: where a model knows each of them, it need not search its
    # attributes for others, in each step.
    _alive: ClassVar[WeakValueDictionary[int, Metric]] = WeakValueDictionary()

    def __init__(self, dtype: object = None, name: str | None = None) -> None:
        if name is not None and not isinstance(name, str):
            raise ValueError(say(type(self).__name__, "name", "must be a string", name))
        self.name = name or auto_name(type(self).__name__)
        with dtypes_of(type(self).__name__, dtype):
            self._dtype = standardize_dtype(dtype)
        self._added: list[Variable] = []
        Metric._alive[id(self)] = self

    def __setstate__(self, state: dict[str, Any]) -> None:  # of a copy, or out of a pickle
        vars(self).update(state)
        Metric._alive[id(self)] = self

    @property
    def dtype(self) -> str:
        """The name of the dtype computed in."""
        return self._dtype

    def add_variable(
        self,
        shape: Any,
        initializer: Any = "zeros",
        dtype: object = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        """Make a variable that belongs to this metric and is 0 again after `reset_state`.

        Args:
            shape: its shape.
            initializer: an initializer or its name.
            dtype: its dtype; `config.floatx` if not given.
            aggregation: how several machines put it together; there is one, so it changes nothing.
            name: its name; automatic if not given.

        Raises:
            RuntimeError: called before ``super().__init__()``.
        """
        self._check_super_called()
        with name_scope(self.name.replace("/", ">"), self):
            variable = Variable(
                initializers.get(initializer), shape, dtype, trainable=False, name=name
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
        return self.add_variable(shape, initializer, dtype, name=name)

    @staticmethod
    def are_all(metrics: list[Metric]) -> bool:
        """Whether there is no metric but these."""
        return len(Metric._alive) == len({id(metric) for metric in metrics})

    def _check_super_called(self) -> None:
        if "_added" not in self.__dict__:
            raise RuntimeError(
                "You forgot to call `super().__init__()` in the `__init__()` method. Go add it!"
            )

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

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in ("update_state", "result"):
            if name in vars(cls):
                setattr(cls, name, filters_tracebacks(vars(cls)[name]))

    @filters_tracebacks
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`update_state`, then `result`."""
        self._check_super_called()
        self.update_state(*args, **kwargs)
        return self.result()

    def __copy__(self) -> Any:
        """A copy with variables of its own, as in Keras."""
        return copy.deepcopy(self)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A metric with the arguments that `get_config` returned, without its state."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


class Sum(Metric):
    """The sum of all values seen, each times its weight (``keras.metrics.Sum``).

    Args:
        name, dtype: as of `Metric`.

    >>> total = Sum()
    >>> total.update_state([1.0, 3.0], sample_weight=[1, 0.5])
    >>> total.result().numpy()
    np.float32(2.5)
    """

    def __init__(self, name: str | None = "sum", dtype: object = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), dtype=self.dtype, name="total")

    def update_state(self, values: TensorLike, sample_weight: TensorLike = None) -> None:
        """Add `values`, each times its weight."""
        found, _ = _samplewise_values_and_weights(values, sample_weight, self.dtype, np.sum)
        self.total._data = np.asarray(self.total._data + _sum(found, self.total._data.dtype))

    def result(self) -> Tensor:
        """The sum."""
        return Tensor(self.total._data)


class Mean(Metric):
    """The mean of all values seen, each with its weight (``keras.metrics.Mean``).

    Args:
        name, dtype: as of `Metric`.  With a `dtype` of integers the values and what is added of
            each batch lose their fractions; the mean is float32.

    >>> mean = Mean()
    >>> mean.update_state([1.0, 3.0])
    >>> mean.update_state(8.0, sample_weight=2)
    >>> mean.result().numpy()
    np.float32(5.0)
    """

    def __init__(self, name: str | None = "mean", dtype: object = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), dtype=self.dtype, name="total")
        self.count = self.add_variable((), dtype=self.dtype, name="count")

    def update_state(self, values: TensorLike, sample_weight: TensorLike = None) -> None:
        """Add `values`, one per sample (further axes are averaged), each times its weight."""
        found, weight = _samplewise_values_and_weights(values, sample_weight, self.dtype, _mean)
        kind = as_dtype(self.dtype).numpy
        if weight is not None:
            count = _sum(weight, kind)
        else:
            count = kind.type(len(found) if found.ndim else 1)
        self.total._data = np.asarray(self.total._data + _sum(found, kind))
        self.count._data = np.asarray(self.count._data + count)

    def result(self) -> Tensor:
        """The mean; 0 before any value."""
        total, count = self.total._data, self.count._data
        if total.dtype.kind != "f":
            kind = "complex64" if total.dtype.kind == "c" else floatx()
            total, count = total.astype(kind), count.astype(kind)
        return Tensor(np.asarray(total / count if count else np.zeros_like(total)))


def _mean(array: Array, axis: tuple[int, ...]) -> Array:
    """The mean along `axis`; that of integers is float32, as in Keras."""
    return np.asarray(np.mean(array, axis, None if array.dtype.kind in "fc" else np.float32))


def _sum(array: Array, dtype: np.dtype[Any]) -> Array:
    """The sum of all elements as a number of `dtype`; of floats, only the sum is cast to it."""
    if array.dtype.kind == "f" and dtype.kind not in "fc":
        return ops.cast(Tensor(np.asarray(np.sum(array))), dtype)._data
    return np.asarray(np.sum(array, dtype=dtype))


def _samplewise_values_and_weights(
    values: TensorLike, sample_weight: TensorLike, dtype: str, reduce: Callable[..., Any]
) -> tuple[Array, Array | None]:
    """(weighted values, weights) as arrays with one entry per sample, by `reduce`."""
    mask, values = loss_mask.find(values), in_dtype(values, dtype, "update_state", "values")
    if sample_weight is None:
        return _reduce_each_sample(values._data, reduce), None
    weight = in_dtype(sample_weight, dtype, "update_state", "sample_weight")
    if mask is not None:
        weight = apply_mask(weight, mask, dtype, "sum")
    values, weight = squeeze_or_expand_to_same_rank(values, weight)
    array, factor = values._data, weight._data
    if array.ndim > factor.ndim:
        array = np.asarray(reduce(array, axis=tuple(range(factor.ndim, array.ndim))))
    if factor.shape != array.shape:
        try:
            factor = np.broadcast_to(factor, array.shape)
        except ValueError:
            rule = f"must fit values of shape {array.shape}"
            raise ValueError(
                f"update_state: `sample_weight` {rule}, received a shape of {factor.shape}"
            ) from None
    single = weight._data.ndim < 2
    weighted = array * factor.astype(array.dtype, copy=False)
    return _reduce_each_sample(weighted, reduce), factor if single else _reduce_each_sample(
        factor, reduce
    )


def _reduce_each_sample(array: Array, reduce: Callable[..., Any]) -> Array:
    """`array`, reduced over all axes but the first."""
    if array.ndim < 2:
        return array
    return np.asarray(reduce(array, axis=tuple(range(1, array.ndim))))


class MeanMetricWrapper(FunctionWrapper, Mean):
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
        if name is None or (isinstance(name, str) and not name):
            name = auto_name(type(self).__name__)
        super().__init__(name, dtype)
        self.fn, self._fn_kwargs = fn, kwargs
        if isinstance(fn, Loss) or any(fn is loss for loss in LOSSES.table.values()):
            self._direction = "down"  # the less, the better

    def update_state(  # type: ignore[override]  # as in Keras: a wrapper compares two things
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Add the values of one batch, each times its weight, without those that are masked."""
        values = self.fn(y_true, y_pred, **self._fn_kwargs)
        if (mask := loss_mask.find(y_pred)) is not None:
            weight = sample_weight
            if sample_weight is not None:
                weight = in_dtype(sample_weight, self.dtype, self.name, "sample_weight")
            sample_weight = apply_mask(weight, mask, self.dtype, "sum")
        super().update_state(values, sample_weight)
