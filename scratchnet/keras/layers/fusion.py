"""Layer fusion: layers in one pass, each of which alone reads what the one before returns.

A Conv2D and the MaxPooling2D after it; a BatchNormalization and the relu after it; an Add and the
relu after it, and in training the BatchNormalization before the Add, too.  What is between them is
among the largest arrays of a network, and nobody else sees it; so a model computes them in one pass
(`scratchnet.ops.pooled_conv2d`, `fused_batch_norm`, `add_relu`, `fused_batch_norm_add_relu`),
unless `scratchnet.keras.config.disable_layer_fusion` was called or a listener `wants_layers`
(`scratchnet.engine.listening`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from scratchnet import ops
from scratchnet.engine.listening import layers_are_wanted, notifying_layer
from scratchnet.engine.op import ACTIVE
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import activations
from scratchnet.keras.config import is_layer_fusion_enabled
from scratchnet.keras.keras_mask import MADE, get_mask
from scratchnet.keras.layers import tensor_operators as operators
from scratchnet.keras.layers.activation import Activation, ReLU
from scratchnet.keras.layers.batch_normalization import BatchNormalization
from scratchnet.keras.layers.call_context import CONTEXT
from scratchnet.keras.layers.conv2d import Conv2D
from scratchnet.keras.layers.merging import Add
from scratchnet.keras.layers.pooling import MaxPooling2D

CHANNELS = 16  # of the image, a multiple: what fills a vector register

# What the layers call, as it is written; a program may replace it at any time, as it may in Keras.
_KINDS = (Conv2D, MaxPooling2D, BatchNormalization, Add, operators.Add, Activation, ReLU)
_AS_WRITTEN = {kind: (kind.__call__, kind.call) for kind in _KINDS}


def layers_are_fused() -> bool:
    """Whether layers may be fused now: it is enabled, and no listener wants each by itself."""
    return is_layer_fusion_enabled() and not layers_are_wanted()


class FusedLayers:
    """Layers in one; call it like a layer.

    Whatever it does not know to be right it leaves to the layers themselves: first calls, which
    make weights, KerasTensors, masks, activity regularizers, and wrong inputs.
    """

    def __init__(self, first: Any, second: Any) -> None:
        self.first, self.second = first, second
        self.name = f"{first.name}+{second.name}"  # as listeners are told

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the last layer returns."""
        if not kwargs and self._can_fuse() and self._takes(*args):
            if not ACTIVE.listeners:
                return self._together(*args)
            with notifying_layer(self, args, kwargs) as event:
                event.outputs = self._together(*args)
            return event.outputs
        return self._apart(*args, **kwargs)

    def _layers(self) -> tuple[Any, ...]:
        return self.first, self.second

    def _can_fuse(self) -> bool:
        """Whether layers are fused now, and these call what stands in their classes."""
        return (
            layers_are_fused()
            and self.first.built
            and all(
                (type(layer).__call__, type(layer).call) == _AS_WRITTEN[type(layer)]
                and "call" not in vars(layer)
                and getattr(layer, "activity_regularizer", None) is None  # an operator has none
                for layer in self._layers()
            )
        )

    def _takes(self, *args: Any) -> bool:
        """Whether `args` are what the layers are known to take, as they are now."""
        raise NotImplementedError

    def _together(self, *args: Any) -> Tensor:
        raise NotImplementedError

    def _apart(self, *args: Any, **kwargs: Any) -> Any:
        """What the last layer returns, one layer after the other."""
        return self.second(self.first(*args, **kwargs))

    def _are_tensors(self, args: Sequence[Any], count: int) -> bool:
        """Whether `args` are so many tensors, of the dtype of the layers, without masks."""
        if MADE.any and any([get_mask(x) is not None for x in args]):
            return False
        dtypes = [layer.compute_dtype for layer in self._layers()]
        return len(args) == count and all(
            isinstance(x, Tensor) and all(x._data.dtype == dtype for dtype in dtypes) for x in args
        )


class PooledConv(FusedLayers):
    """A Conv2D and a MaxPooling2D."""

    def _takes(self, *args: Any) -> bool:
        if not self._are_tensors(args, 1):
            return False
        (x,), conv, pool = args, self.first, self.second
        return (
            x._data.ndim == 4
            and conv.bias is not None
            and x._data.dtype == conv.kernel.dtype
            and conv.groups == 1
            and conv.activation in (activations.relu, activations.linear)
            and conv.data_format == pool.data_format == "channels_last"
            and pool.strides == pool.pool_size
            and conv.kernel.shape[2] % CHANNELS == 0
            and x._data.shape[3] == conv.kernel.shape[2]
            and self._windows_fit(x._data.shape)
        )

    def _windows_fit(self, shape: tuple[int, ...]) -> bool:
        """Whether windows fit in; at "same" only where none reaches over the border."""
        sizes = self.first._windows(shape)
        if self.second.padding == "same":
            return all(
                n > 0 and n % a == 0 for n, a in zip(sizes, self.second.pool_size, strict=True)
            )
        return all(n >= a for n, a in zip(sizes, self.second.pool_size, strict=True))

    def _together(self, *args: Any) -> Tensor:
        (x,), conv = args, self.first
        return ops.pooled_conv2d(
            x,
            conv.kernel,
            conv.bias,
            strides=conv.strides,
            padding=conv.padding.upper(),
            pool_size=self.second.pool_size,
            dilations=conv.dilation_rate,
            activation="relu" if conv.activation is activations.relu else None,
        )


class RectifiedNormalization(FusedLayers):
    """A BatchNormalization and a relu."""

    def _takes(self, *args: Any) -> bool:
        if not (self._are_tensors(args, 1) and _is_relu(self.second)):
            return False
        return _normalizes_last_axis(self.first, args[0])

    def _together(self, *args: Any) -> Tensor:
        return self.first._normalized(args[0], CONTEXT.training, activation="relu")  # type: ignore[no-any-return]


class RectifiedSum(FusedLayers):
    """An Add of two tensors of one shape, or ``x + y`` of them, and a relu."""

    def _takes(self, *args: Any) -> bool:
        terms = self._terms(*args)
        return (
            self._are_tensors(terms, 2)
            and terms[0]._data.shape == terms[1]._data.shape
            and _is_relu(self.second)
        )

    def _together(self, *args: Any) -> Tensor:
        return ops.add_relu(*self._terms(*args))

    def _terms(self, *args: Any) -> Sequence[Any]:
        """Add is called on a list."""
        if type(self.first) is operators.Add:
            return args
        return args[0] if len(args) == 1 and isinstance(args[0], list | tuple) else ()

    def of_terms(self, x: Any, y: Any) -> Any:
        """What both return for ``x + y``."""
        return self(x, y) if type(self.first) is operators.Add else self([x, y])


class RectifiedResidual(FusedLayers):
    """A BatchNormalization, the Add of what it returns and of a shortcut, and a relu.

    The shortcut is the last argument of a call.

    Args:
        norm: the BatchNormalization.
        both: the other two.
        place: which term of the sum is what `norm` returns, 0 or 1.
    """

    def __init__(self, norm: Any, both: RectifiedSum, place: int) -> None:
        super().__init__(norm, both)
        self.place = place

    def _layers(self) -> tuple[Any, ...]:
        return self.first, self.second.first, self.second.second

    def _takes(self, *args: Any) -> bool:
        norm = self.first
        return (
            bool(CONTEXT.training and norm.trainable and not norm.renorm)
            and self._are_tensors(args, 2)
            and args[0]._data.dtype.char in "fd"
            and args[0]._data.shape == args[1]._data.shape
            and _normalizes_last_axis(norm, args[0])
            and _is_relu(self.second.second)
        )

    def _together(self, *args: Any) -> Tensor:
        x, shortcut = args
        return self.first._normalized(x, True, activation="relu", side_input=shortcut)  # type: ignore[no-any-return]

    def _apart(self, *args: Any, **kwargs: Any) -> Any:
        *inputs, shortcut = args
        normalized = self.first(*inputs, **kwargs)
        terms = (normalized, shortcut) if self.place == 0 else (shortcut, normalized)
        return self.second.of_terms(*terms)


def _normalizes_last_axis(norm: Any, x: Tensor) -> bool:
    """Whether a BatchNormalization was built for `x`, whose channels come last."""
    shape = x._data.shape
    last = norm.axis in (-1, len(shape) - 1)
    return last and len(shape) == norm.input_spec.ndim and shape[-1:] == norm.moving_mean.shape


def _is_relu(layer: Any) -> bool:
    """Whether an Activation or a ReLU computes ``max(x, 0)``, as it is now."""
    if type(layer) is Activation:
        return layer.activation is activations.relu
    return layer.max_value is None and layer.negative_slope == 0 == layer.threshold


_FUSED: dict[tuple[Any, Any], type[FusedLayers]] = {
    (Conv2D, MaxPooling2D): PooledConv,
    **{(BatchNormalization, kind): RectifiedNormalization for kind in (Activation, ReLU)},
    **{(Add, kind): RectifiedSum for kind in (Activation, ReLU)},
    **{(operators.Add, kind): RectifiedSum for kind in (Activation, ReLU)},
}


def fuse(layer: Any, following: Any) -> FusedLayers | None:
    """Both in one; None unless they are of two kinds that go together, and no subclasses."""
    kind = _FUSED.get((type(layer), type(following)))
    return None if kind is None else kind(layer, following)


def fuse_residual(norm: Any, both: Any, place: int) -> RectifiedResidual | None:
    """All in one, of which `norm` returns term `place` of a sum; None unless they go together."""
    if type(norm) is BatchNormalization and type(both) is RectifiedSum:
        return RectifiedResidual(norm, both, place)
    return None


def fused(layers: Sequence[Any]) -> list[Callable[..., Any]]:
    """`layers`, each of which reads what the one before made, with pairs fused."""
    found: list[Callable[..., Any]] = []
    for layer in layers:
        append_fused(found, layer)
    return found


def append_fused(calls: list[Callable[..., Any]], layer: Any) -> None:
    """Put `layer`, which reads what the last of `calls` made, behind it or into one with it."""
    both = fuse(calls[-1], layer) if calls else None
    if both is None:
        calls.append(layer)
    else:
        calls[-1] = both
