"""Loss: sample losses, weighted and reduced to a scalar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scratchnet import ops
from scratchnet.engine.dtypes import Array, as_dtype
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.listening import LossCall, notifying
from scratchnet.engine.op import ACTIVE
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tracebacks import filters_tracebacks
from scratchnet.keras.config import check_flags, dtypes_of, floatx, standardize_dtype
from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.losses import loss_mask
from scratchnet.keras.naming import auto_name
from scratchnet.ops.arguments import tensor

_REDUCTIONS = ("sum_over_batch_size", "sum", None, "none", "mean", "mean_with_sample_weight")


class Reduction:
    """The older names of some reductions (``tf.keras.losses.Reduction``).

    >>> Reduction.NONE, Reduction.SUM
    ('none', 'sum')
    """

    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


class Loss:
    """The base of all losses (``keras.losses.Loss``): override ``call(y_true, y_pred)``.

    Args:
        name: the name; automatic if not given.
        reduction: how the losses of the samples are reduced to a scalar:

            - ``"sum_over_batch_size"``, ``"mean"``: their sum divided by their number;
            - ``"sum"``;
            - ``"mean_with_sample_weight"``: their sum divided by the sum of the weights;
            - ``"none"`` or None: not at all.
        dtype: the dtype computed in; ``"float32"`` if not given.

    Raises:
        ValueError: an unknown `reduction`.
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: object = None,
    ) -> None:
        if not isinstance(reduction, str | None) or reduction not in _REDUCTIONS:
            raise ValueError(say("Loss", "reduction", f"must be one of {_REDUCTIONS}", reduction))
        check_flags(type(self).__name__, name=name)
        self.name = name or auto_name(type(self).__name__)
        self.reduction = reduction
        with dtypes_of(type(self).__name__, dtype):
            self.dtype = standardize_dtype(dtype)

    @filters_tracebacks
    def __call__(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> Tensor:
        """The loss of the predictions `y_pred`.

        Args:
            y_true: the labels, a tensor or array.
            y_pred: the predictions.
            sample_weight: the factor of each sample's loss: one number, or one per sample.
        """
        if not ACTIVE.listeners:
            return self._computed(y_true, y_pred, sample_weight)
        with notifying("loss", LossCall(self, y_true, y_pred)) as event:
            event.value = value = self._computed(y_true, y_pred, sample_weight)
        return value

    def _computed(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike
    ) -> Tensor:
        where, dtype = self.name, self.dtype
        truth = in_dtype(y_true, dtype, where, "y_true")
        prediction = in_dtype(y_pred, dtype, where, "y_pred")
        try:
            values = self.call(truth, prediction)
        except InvalidArgumentError as error:
            if "Incompatible shapes" not in str(error):
                raise
            shapes = f"`y_true` of shape {truth._data.shape} and `y_pred` of shape "
            told = f"the loss {self.name!r} of {shapes}{prediction._data.shape}: {error}"
            raise type(error)(told) from error
        weight = sample_weight
        if sample_weight is not None:
            weight = in_dtype(sample_weight, dtype, where, "sample_weight")
        if (mask := loss_mask.both(y_pred, values)) is not None:
            weight = apply_mask(weight, mask, self.dtype, self.reduction)
        values = in_dtype(values, self.dtype)
        try:
            return reduce_weighted_values(values, weight, self.reduction)
        except InvalidArgumentError as error:
            if weight is None:
                raise
            told = f"the losses, of shape {values._data.shape}, received a shape of "
            raise type(error)(
                f"the loss {self.name!r}: `sample_weight` must fit {told}{weight._data.shape}: "
                f"{error}"
            ) from error

    def call(self, y_true: Tensor, y_pred: Tensor) -> Any:
        """The losses of the samples."""
        raise NotImplementedError(f"{type(self).__name__}: `call` is not overridden")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this loss again."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A loss with the arguments that `get_config` returned."""
        return cls(**config)


class FunctionWrapper:
    """What a Loss and a Metric made of a function have in common: how they are saved.

    It stands before Loss or Metric among the bases. The class that has it as a base saves its
    function, too; those below are known by their names.
    """

    fn: Callable[..., Any]
    _fn_kwargs: dict[str, Any]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this object again."""
        config = super().get_config()  # type: ignore[misc]  # of Loss or Metric
        config = {**config, **serialize_keras_object(self._fn_kwargs)}
        if FunctionWrapper in type(self).__bases__:
            config["fn"] = serialize_keras_object(self.fn)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """An object with the arguments that `get_config` returned; a metric without its state."""
        if "fn" in config:
            config = {**config, "fn": deserialize_keras_object(config["fn"])}
        return cls(**config)


class LossFunctionWrapper(FunctionWrapper, Loss):
    """A function ``fn(y_true, y_pred, **kwargs)`` that returns one loss per sample, as a Loss.

    Args:
        fn: the function.
        reduction, name, dtype: as of `Loss`.
        **kwargs: passed on to `fn`.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: object = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.fn, self._fn_kwargs = fn, kwargs

    def call(self, y_true: Tensor, y_pred: Tensor) -> Any:
        """``fn(y_true, y_pred)``; a last axis of size 1 that only one of the two has is ignored."""
        y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def __repr__(self) -> str:
        return f"<LossFunctionWrapper({self.fn}, kwargs={self._fn_kwargs})>"


def in_dtype(x: TensorLike, dtype: str, where: str = "", name: str = "") -> Tensor:
    """`x` as a tensor of `dtype`; a tensor that has it is handed back as it is.

    Args:
        x, dtype: those two.
        where, name: of the function and its argument, for messages.
    """
    t = tensor(where, name, x) if name else convert(x)
    return t if t._data.dtype == as_dtype(dtype).numpy else ops.cast(t, dtype)


def apply_mask(weight: Tensor | None, mask: Array, dtype: str, reduction: str | None) -> Tensor:
    """The weights `weight`, 0 where `mask` is False."""
    own = loss_mask.as_weights(mask, dtype, reduction)
    if weight is None:
        return own
    own, weight = squeeze_or_expand_to_same_rank(own, weight)
    return weight * own


def squeeze_or_expand_to_same_rank(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """The two with one rank, where they differ by a last axis of size 1 only.

    A rank of 1 gains that axis, a greater one loses it.
    """
    if a._data.ndim == b._data.ndim + 1 and a._data.shape[-1] == 1:
        b, a = squeeze_or_expand_to_same_rank(b, a)
    elif b._data.ndim == a._data.ndim + 1 and b._data.shape[-1] == 1:
        if a._data.ndim == 1:
            a = ops.expand_dims(a, -1)
        else:
            b = ops.squeeze(b, -1)
    return a, b


def reduce_weighted_values(values: Tensor, weight: Tensor | None, reduction: str | None) -> Tensor:
    """The losses `values` of the samples, times their weights, reduced."""
    if weight is not None:
        values, weight = squeeze_or_expand_to_same_rank(values, weight)
        values = values * weight
    if reduction in (None, "none") or values._data.shape in ((), (0,)):
        return values
    total = ops.reduce_sum(values)
    if reduction == "sum":
        return total
    if total._data.dtype.kind not in "fc":  # as in Keras, a mean of integers is a float
        total = ops.cast(total, floatx())
        weight = None if weight is None else ops.cast(weight, floatx())
    if reduction == "mean_with_sample_weight" and weight is not None:
        return _divide_no_nan(total, ops.reduce_sum(weight))
    return total / max(values._data.size, 1)  # of no values 0, as in Keras


def _divide_no_nan(total: Tensor, divisor: Tensor) -> Tensor:
    """``total / divisor``, 0 where the divisor is 0; so is its gradient."""
    none = divisor == 0
    return ops.where(
        none, ops.zeros_like(total), total / ops.where(none, ops.ones_like(divisor), divisor)
    )
