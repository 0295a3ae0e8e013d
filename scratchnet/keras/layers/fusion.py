"""Layer fusion: a Conv2D and the MaxPooling2D that alone reads its output, in one pass.

The image between the two is the largest array of most networks, and nobody else sees it; so a model
computes both in one pass (`scratchnet.ops.pooled_conv2d`), unless
`scratchnet.keras.config.disable_layer_fusion` was called or a listener `wants_layers`
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
from scratchnet.keras.layers.conv2d import Conv2D
from scratchnet.keras.layers.pooling import MaxPooling2D

_AS_WRITTEN = (Conv2D.__call__, Conv2D.call, MaxPooling2D.__call__, MaxPooling2D.call)
CHANNELS = 16  # of the image, a multiple: what fills a vector register


class PooledConv:
    """A Conv2D and a MaxPooling2D in one; call it like a layer.

    Whatever it does not know to be right it leaves to the layers themselves: first calls, which
    make weights, KerasTensors, wrong inputs, and all errors.
    """

    def __init__(self, conv: Conv2D, pool: MaxPooling2D) -> None:
        self.conv, self.pool = conv, pool
        self.name = f"{conv.name}+{pool.name}"  # as listeners are told

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The pooled image."""
        if len(args) == 1 and not kwargs and self._takes(args[0]):
            if not ACTIVE.listeners:
                return self._pooled(args[0])
            with notifying_layer(self, args, kwargs) as event:
                event.outputs = self._pooled(args[0])
            return event.outputs
        return self.pool(self.conv(*args, **kwargs))

    def _takes(self, x: Any) -> bool:
        """Whether `x` is an image that both layers are known to take."""
        conv = self.conv
        if not (isinstance(x, Tensor) and x._data.ndim == 4 and conv.built and self._can_fuse()):
            return False
        kernel = conv.kernel
        dtypes = (kernel.dtype, conv.compute_dtype, self.pool.compute_dtype)
        fits = all(x._data.dtype == dtype for dtype in dtypes) and (
            x._data.shape[3] == kernel.shape[2]
        )
        return fits and self._windows_fit(x._data.shape)

    def _can_fuse(self) -> bool:
        """Whether the layers can be fused as they are now; their attributes may have changed."""
        conv, pool = self.conv, self.pool
        return (
            is_layer_fusion_enabled()
            and not layers_are_wanted()
            and self._are_as_written()
            and conv.bias is not None
            and conv.groups == 1
            and conv.activity_regularizer is pool.activity_regularizer is None
            and conv.activation in (activations.relu, activations.linear)
            and conv.data_format == pool.data_format == "channels_last"
            and pool.strides == pool.pool_size
            and conv.kernel.shape[2] % CHANNELS == 0
        )

    def _are_as_written(self) -> bool:
        """Whether the layers call what stands in their classes, and not a function of the user's.

        A program may replace `call` of a layer, or of the class, at any time, as it may in Keras.
        """
        called = (Conv2D.__call__, Conv2D.call, MaxPooling2D.__call__, MaxPooling2D.call)
        own = "call" in vars(self.conv) or "call" in vars(self.pool)
        return called == _AS_WRITTEN and not own

    def _windows_fit(self, shape: tuple[int, ...]) -> bool:
        """Whether windows fit in; at "same" only where none reaches over the border."""
        sizes = self.conv._windows(shape)
        if self.pool.padding == "same":
            return all(
                n > 0 and n % a == 0 for n, a in zip(sizes, self.pool.pool_size, strict=True)
            )
        return all(n >= a for n, a in zip(sizes, self.pool.pool_size, strict=True))

    def _pooled(self, x: Tensor) -> Tensor:
        conv = self.conv
        return ops.pooled_conv2d(
            x,
            conv.kernel,
            conv.bias,
            strides=conv.strides,
            padding=conv.padding.upper(),
            pool_size=self.pool.pool_size,
            dilations=conv.dilation_rate,
            activation="relu" if conv.activation is activations.relu else None,
        )


def can_fuse(layer: Any, following: Any) -> bool:
    """Whether these are a Conv2D and a MaxPooling2D, as Keras has them and not as subclasses."""
    return type(layer) is Conv2D and type(following) is MaxPooling2D


def fused(layers: Sequence[Any]) -> list[Callable[..., Any]]:
    """`layers`, each of which reads what the one before made, with pairs fused."""
    found: list[Callable[..., Any]] = []
    for layer in layers:
        append_fused(found, layer)
    return found


def append_fused(calls: list[Callable[..., Any]], layer: Any) -> None:
    """Put `layer`, which reads what the last of `calls` made, behind it or into one with it."""
    if calls and can_fuse(calls[-1], layer):
        calls[-1] = PooledConv(calls[-1], layer)  # type: ignore[arg-type]
    else:
        calls.append(layer)
