"""The other ops of a training step, alone, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.case import Library, Work
from benchmarks.programs.draws import normal

Shape = tuple[int, ...]
NOTHING: Mapping[str, Any] = {}


def forward(lib: Library, op: str, shape: Shape, options: Mapping[str, Any] = NOTHING) -> Work:
    """An op of one array."""
    x, function = lib.tf.constant(normal(0, *shape)), lib.op(op)
    return Work(lib.compiled(lambda: function(x, **options)))


def backward(lib: Library, op: str, shape: Shape, options: Mapping[str, Any] = NOTHING) -> Work:
    """The gradient of an op of one array."""
    function = lib.op(op)
    return gradient(lib, [lib.tf.constant(normal(0, *shape))], lambda x: function(x, **options))


def gradient(lib: Library, sources: list[Any], function: Callable[..., Any]) -> Work:
    """The gradient of a function for a random cotangent; the way forward is not timed."""
    with lib.tf.GradientTape(persistent=True) as tape:
        tape.watch(sources)
        y = function(*sources)
    g = lib.tf.constant(normal(9, *y.shape, dtype=y.dtype.name))
    return Work(lib.compiled(lambda: tape.gradient(y, sources, output_gradients=g)))


def _dense(lib: Library, inputs: Shape, units: int) -> tuple[list[Any], Callable[..., Any]]:
    shapes = (inputs, (inputs[-1], units), (units,))
    matmul, bias_add = lib.op("matmul"), lib.op("bias_add")
    sources = [lib.tf.constant(normal(i, *shape)) for i, shape in enumerate(shapes)]
    return sources, lambda x, w, b: bias_add(matmul(x, w), b)


def dense(lib: Library, inputs: Shape, units: int) -> Work:
    """``x w + b``."""
    sources, function = _dense(lib, inputs, units)
    return Work(lib.compiled(lambda: function(*sources)))


def dense_backward(lib: Library, inputs: Shape, units: int) -> Work:
    """Its three gradients."""
    return gradient(lib, *_dense(lib, inputs, units))


def dense_in_numpy(lib: Library, inputs: Shape, units: int) -> Work:
    """``x w + b``, in NumPy."""
    x, w, b = (normal(i, *s) for i, s in enumerate((inputs, (inputs[-1], units), (units,))))
    return Work(lambda: x @ w + b)


def dense_backward_in_numpy(lib: Library, inputs: Shape, units: int) -> Work:
    """Its three gradients, in NumPy."""
    x, w = normal(0, *inputs), normal(1, inputs[-1], units)
    g = normal(9, inputs[0], units)
    return Work(lambda: [g @ w.T, x.T @ g, g.sum(0)])


def _dropout(lib: Library, rate: float) -> Any:
    lib.tf.keras.utils.set_random_seed(0)
    return lib.tf.keras.layers.Dropout(rate)


def dropout(lib: Library, shape: Shape, rate: float) -> Work:
    """Keras's layer, with a new mask in every call."""
    x, layer = lib.tf.constant(normal(0, *shape)), _dropout(lib, rate)
    return Work(lib.compiled(lambda: layer(x, training=True)))


def dropout_backward(lib: Library, shape: Shape, rate: float) -> Work:
    """Its gradient."""
    layer = _dropout(lib, rate)
    return gradient(lib, [lib.tf.constant(normal(0, *shape))], lambda x: layer(x, training=True))


def _cross_entropy(lib: Library, shape: Shape) -> tuple[list[Any], Callable[..., Any]]:
    labels = lib.tf.constant(np.arange(shape[0]) % shape[1])
    op = lib.op("sparse_softmax_cross_entropy_with_logits")
    return [lib.tf.constant(normal(0, *shape))], lambda x: op(labels=labels, logits=x)


def cross_entropy(lib: Library, shape: Shape) -> Work:
    """Softmax cross-entropy of classes that are given as integers."""
    sources, function = _cross_entropy(lib, shape)
    return Work(lib.compiled(lambda: function(*sources)))


def cross_entropy_backward(lib: Library, shape: Shape) -> Work:
    """Its gradient."""
    return gradient(lib, *_cross_entropy(lib, shape))


def _weights(shapes: tuple[Shape, ...]) -> tuple[list[Any], list[Any]]:
    values = [normal(i, *shape) for i, shape in enumerate(shapes)]
    return values, [normal(50 + i, *shape) for i, shape in enumerate(shapes)]


def update(lib: Library, optimizer: str, shapes: tuple[Shape, ...]) -> Work:
    """One step of an optimizer over variables of these shapes."""
    values, slopes = _weights(shapes)
    weights = [lib.tf.Variable(value) for value in values]
    gradients = [lib.tf.constant(slope) for slope in slopes]
    rule = lib.tf.keras.optimizers.get(optimizer)
    rule.build(weights)

    def step() -> None:
        rule.apply_gradients(zip(gradients, weights, strict=True))

    run = lib.compiled(step)

    def check() -> list[Any]:
        run()
        return [weight.numpy().copy() for weight in weights]

    return Work(run, check)


def update_in_numpy(lib: Library, optimizer: str, shapes: tuple[Shape, ...]) -> Work:
    """The same step as the papers write it."""
    weights, slopes = _weights(shapes)
    means = [np.zeros_like(w) for w in weights]
    squares = [np.zeros_like(w) for w in weights]
    steps = 0

    def sgd() -> list[Any]:
        for w, g in zip(weights, slopes, strict=True):
            w -= np.float32(0.01) * g
        return weights

    def adam() -> list[Any]:
        nonlocal steps
        steps += 1
        rate = np.float32(0.001 * (1 - 0.999**steps) ** 0.5 / (1 - 0.9**steps))
        for i, (w, g) in enumerate(zip(weights, slopes, strict=True)):
            means[i] = np.float32(0.9) * means[i] + np.float32(1 - 0.9) * g
            squares[i] = np.float32(0.999) * squares[i] + np.float32(1 - 0.999) * g * g
            w -= rate * means[i] / (np.sqrt(squares[i]) + np.float32(1e-7))
        return weights

    return Work(sgd if optimizer == "sgd" else adam)
