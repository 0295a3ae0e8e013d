"""A convolution and its two gradients, alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.case import Library, Work
from benchmarks.programs.draws import normal


@dataclass(frozen=True)
class Shape:
    """The sizes of a convolution, by TensorFlow's names.

    Attributes:
        images: (N, H, W, C).
        filters: (kh, kw, C, O).
    """

    images: tuple[int, int, int, int]
    filters: tuple[int, int, int, int]
    strides: int = 1
    dilations: int = 1
    padding: str = "VALID"
    dtype: str = "float32"

    @property
    def out(self) -> tuple[int, int, int, int]:
        """(N, oh, ow, O)."""
        N, H, W, _ = self.images
        reach = [(k - 1) * self.dilations for k in self.filters[:2]]
        if self.padding == "SAME":
            reach = [0, 0]
        oh, ow = (-(-(n - r) // self.strides) for n, r in zip((H, W), reach, strict=True))
        return N, oh, ow, self.filters[3]

    @property
    def flops(self) -> float:
        """Of each of the three maps: a product and a sum per output pixel and filter weight."""
        N, oh, ow, O = self.out
        kh, kw, C, _ = self.filters
        return 2.0 * N * oh * ow * O * kh * kw * C

    @property
    def options(self) -> dict[str, Any]:
        """The arguments of the op besides its arrays."""
        return {
            "strides": self.strides,
            "dilations": self.dilations,
            "padding": self.padding,
        }

    def operands(self, tf: Any) -> tuple[Any, Any, Any]:
        """The images, the filters, and a cotangent of the output."""
        shapes = (self.images, self.filters, self.out)
        drawn = [normal(i, *shape, dtype=self.dtype) for i, shape in enumerate(shapes)]
        x, k, g = (tf.constant(array) for array in drawn)
        return x, k, g


def forward(lib: Library, shape: Shape) -> Work:
    """``y = conv2d(x, k)``."""
    x, k, _ = shape.operands(lib.tf)
    conv2d = lib.op("conv2d")
    return Work(lib.compiled(lambda: conv2d(x, k, **shape.options)))


def input_gradient(lib: Library, shape: Shape) -> Work:
    """The cotangent of x."""
    _, k, g = shape.operands(lib.tf)
    op = lib.op("conv2d_backprop_input")
    return Work(lib.compiled(lambda: op(shape.images, k, g, **shape.options)))


def filter_gradient(lib: Library, shape: Shape) -> Work:
    """The cotangent of k."""
    x, _, g = shape.operands(lib.tf)
    op = lib.op("conv2d_backprop_filter")
    return Work(lib.compiled(lambda: op(x, shape.filters, g, **shape.options)))


def input_gradient_by_tape(lib: Library, shape: Shape) -> Work:
    """The cotangent of x, through the small ops that define the convolution."""
    return _by_tape(lib, shape, 0)


def filter_gradient_by_tape(lib: Library, shape: Shape) -> Work:
    """The cotangent of k, in the same way."""
    return _by_tape(lib, shape, 1)


def _by_tape(lib: Library, shape: Shape, of: int) -> Work:
    *operands, g = shape.operands(lib.tf)
    with lib.tf.GradientTape(persistent=True) as tape:
        tape.watch(operands[of])
        y = lib.op("conv2d")(*operands, **shape.options)
    return Work(lambda: tape.gradient(y, operands[of], output_gradients=g))


def layer(lib: Library, shape: Shape) -> Work:
    """The forward pass of Keras's layer, with its bias and ReLU."""
    x, _, _ = shape.operands(lib.tf)
    lib.tf.keras.utils.set_random_seed(0)
    conv = lib.tf.keras.layers.Conv2D(shape.filters[3], shape.filters[:2], activation="relu")
    conv.build(shape.images)
    return Work(lib.compiled(lambda: conv(x)))


def _depthwise(lib: Library, shape: Shape) -> tuple[Any, Any]:
    """Images, and Keras's layer that convolves each channel by itself."""
    x, _, _ = shape.operands(lib.tf)
    lib.tf.keras.utils.set_random_seed(0)
    conv = lib.tf.keras.layers.DepthwiseConv2D(
        shape.filters[:2], shape.strides, shape.padding.lower(), shape.filters[3]
    )
    conv.build(shape.images)
    return x, conv


def depthwise(lib: Library, shape: Shape) -> Work:
    """The forward pass of Keras's DepthwiseConv2D; `filters` are (kh, kw, C, m)."""
    x, conv = _depthwise(lib, shape)
    return Work(lib.compiled(lambda: conv(x)))


def depthwise_backward(lib: Library, shape: Shape) -> Work:
    """Its gradients, of the images, the filters and the bias, for a random cotangent."""
    x, conv = _depthwise(lib, shape)
    with lib.tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = conv(x)
    g = lib.tf.constant(normal(9, *y.shape))
    sources = [x, *conv.trainable_variables]
    return Work(lib.compiled(lambda: tape.gradient(y, sources, output_gradients=g)))


def _pooled(lib: Library, shape: Shape) -> tuple[Any, Callable[[Any], Any], list[Any]]:
    """Images, a Conv2D with its ReLU and the MaxPooling2D after it as a model, and its weights.

    All numbers are whole: sums are exact then, and every window has the same winner on both sides.
    """
    layers, (_, _, _, O) = lib.tf.keras.layers, shape.filters
    conv = layers.Conv2D(O, shape.filters[:2], activation="relu")
    model = lib.tf.keras.Sequential(
        [lib.tf.keras.Input(shape.images[1:]), conv, layers.MaxPooling2D()]
    )
    x, k, b = (
        np.rint(2 * normal(i, *s)) for i, s in enumerate((shape.images, shape.filters, (O,)))
    )
    conv.set_weights([k, b])
    return lib.tf.constant(x), lambda x: model(x, training=True), model.trainable_variables


def pooled(lib: Library, shape: Shape) -> Work:
    """Two of Keras's layers as a model has them: convolution, bias and ReLU, and max pooling."""
    x, model, _ = _pooled(lib, shape)
    return Work(lib.compiled(lambda: model(x)))


def pooled_backward(lib: Library, shape: Shape) -> Work:
    """Their gradients: of the images, the filters and the bias, for a random cotangent."""
    x, model, weights = _pooled(lib, shape)
    with lib.tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = model(x)
    g = lib.tf.constant(np.rint(2 * normal(9, *y.shape)))
    return Work(lib.compiled(lambda: tape.gradient(y, [x, *weights], output_gradients=g)))
