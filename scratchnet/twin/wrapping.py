"""TensorFlow, made to tell scratchnet's listeners what it does.

TensorFlow has no seam to listen at, so functions are put around public methods of it, which tell
the listeners of this thread (`scratchnet.engine.listening`) what they would be told of scratchnet:
tapes, layers, losses, gradients, updates and epochs, but neither records nor VJPs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from scratchnet.engine import nest
from scratchnet.engine.listening import GradientCall, LayerCall, LossCall, Update, notify, notifying
from scratchnet.engine.op import StopRecording
from scratchnet.testing.counterpart import is_in_graph


def tell_listeners(tf: Any, nudging: bool = False) -> None:
    """From now on, what the module `tf`, TensorFlow, does is told to the listeners.

    Args:
        tf: TensorFlow.
        nudging: whether everything is to be rounded otherwise than it is: the outputs of layers and
            the cotangents that come back to them are moved by a unit in the last place, see
            `nudged`; and gradients are computed from a multiple of the target, see `_SCALE`.
    """
    keras = tf.keras
    _wrap(tf.GradientTape, "__enter__", _enter)
    _wrap(tf.GradientTape, "__exit__", _exit)
    _wrap(tf.GradientTape, "gradient", _scaled_gradient(tf) if nudging else _gradient)
    _wrap(keras.layers.Layer, "__call__", _nudged_layer(tf) if nudging else _layer)
    _wrap(keras.Operation, "__call__", _operation)
    _wrap(keras.losses.Loss, "__call__", _loss)
    _wrap(keras.optimizers.Optimizer, "apply", _apply)
    _wrap(keras.callbacks.CallbackList, "on_epoch_end", _epoch_end)


def _wrap(cls: Any, name: str, around: Callable[..., Any]) -> None:
    original = getattr(cls, name)

    @wraps(original)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return around(original, *args, **kwargs)

    setattr(cls, name, wrapper)


def _enter(original: Any, tape: Any) -> Any:
    notify("begin_tape", tape)
    return original(tape)


def _exit(original: Any, tape: Any, *error: Any) -> Any:
    notify("end_tape", tape)
    return original(tape, *error)


def _gradient(original: Any, tape: Any, target: Any, sources: Any, *args: Any, **kw: Any) -> Any:
    with notifying("gradient", GradientCall(tape, "gradient", [target], [sources])):
        return original(tape, target, sources, *args, **kw)


# A running sum of equal terms rounds each of them alike, and its error is no random one: moving the
# terms by a unit in their last place leaves it as it is.  Sums of multiples of the terms do not.
_SCALE = 0.739085


def _scaled_gradient(tf: Any) -> Callable[..., Any]:
    """As `_gradient`, of `_SCALE` times the target, divided by it."""

    def gradient(
        original: Any,
        tape: Any,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        def unscaled(g: Any) -> Any:
            if isinstance(g, tf.IndexedSlices):
                return tf.IndexedSlices(g.values / _SCALE, g.indices, g.dense_shape)
            return g / _SCALE if isinstance(g, tf.Tensor) else g

        targets = tf.nest.flatten(target)
        with notifying("gradient", GradientCall(tape, "gradient", [target], [sources])):
            if not all(isinstance(y, tf.Tensor) and y.dtype.is_floating for y in targets):
                return original(tape, target, sources, output_gradients, *args, **kwargs)
            if output_gradients is None:
                scaled = [tf.fill(tf.shape(y), tf.cast(_SCALE, y.dtype)) for y in targets]
            else:
                scaled = [
                    None if g is None else g * _SCALE for g in tf.nest.flatten(output_gradients)
                ]
            found = original(tape, target, sources, scaled, *args, **kwargs)
            found = tf.nest.flatten(found, expand_composites=False)
            return tf.nest.pack_sequence_as(sources, [unscaled(g) for g in found])

    return gradient


def _layer(original: Any, layer: Any, *args: Any, **kwargs: Any) -> Any:
    if _is_symbolic(args, kwargs):
        with StopRecording():  # nobody is told of what has no data
            return original(layer, *args, **kwargs)
    with notifying("layer", LayerCall(layer, layer.name, args, dict(kwargs))) as event:
        event.outputs = original(layer, *args, **kwargs)
    return event.outputs


def _is_symbolic(*structures: Any) -> bool:
    return any(type(x).__name__ == "KerasTensor" for x in nest.flatten(list(structures)))


def _operation(original: Any, operation: Any, *args: Any, **kwargs: Any) -> Any:
    """Of an operator of a functional model, such as ``+``: no layer in Keras, and here one."""
    if hasattr(operation, "trainable_variables") or not is_in_graph(operation):
        return original(operation, *args, **kwargs)  # a layer, which has told; or not of a model
    return _layer(original, operation, *args, **kwargs)


def _nudged_layer(tf: Any) -> Callable[..., Any]:
    def layer(original: Any, layer: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_symbolic(args, kwargs):
            return _layer(original, layer, *args, **kwargs)
        with notifying("layer", LayerCall(layer, layer.name, args, dict(kwargs))) as event:
            outputs = original(layer, *args, **kwargs)
            event.outputs = tf.nest.map_structure(lambda y: nudged(tf, y), outputs)
        return event.outputs

    return layer


def nudged(tf: Any, y: Any) -> Any:
    """`y`, each value moved by a unit in the last place, up or down by a hash of place and bits.

    So is the cotangent on its way back.  It is what another order of summation does to a value, and
    how far that takes a run says how much rounding it makes of a rounding (Parker 1997, "Monte
    Carlo arithmetic"; here without random numbers, of which a program has its own row).  Integers
    stay, 0 among them: they may be indices, and were hardly rounded.

    Returns:
        what is no tensor of floats: `y` itself.
    """
    integers = {tf.float16: tf.int16, tf.float32: tf.int32, tf.float64: tf.int64}
    if not isinstance(y, tf.Tensor) or y.dtype not in integers:
        return y
    bits = integers[y.dtype]

    def move(x: Any) -> Any:
        places = tf.reshape(tf.range(tf.size(x)), tf.shape(x))
        hashed = places * 0x3C6EF35F + tf.cast(tf.bitcast(x, bits), tf.int32)
        up = tf.bitwise.bitwise_and(tf.bitwise.right_shift(hashed, 7), 1)
        moved = tf.bitcast(tf.bitcast(x, bits) + tf.cast(2 * up - 1, bits), x.dtype)
        return tf.where(tf.equal(x, tf.round(x)), x, moved)

    moved = tf.custom_gradient(lambda x: (move(x), move))(y)
    if hasattr(y, "_keras_mask"):
        moved._keras_mask = y._keras_mask
    return moved


def _loss(original: Any, loss: Any, y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
    with notifying("loss", LossCall(loss, y_true, y_pred)) as event:
        event.value = original(loss, y_true, y_pred, *args, **kwargs)
    return event.value


def _apply(original: Any, optimizer: Any, grads: Any, trainable_variables: Any = None) -> Any:
    grads, variables = list(grads), trainable_variables
    variables = list(optimizer._trainable_variables if variables is None else variables)
    if not grads:
        return original(optimizer, grads, variables)
    with notifying("update", Update(optimizer, grads, variables)):
        return original(optimizer, grads, variables)


def _epoch_end(original: Any, callbacks: Any, epoch: int, logs: Any = None) -> Any:
    result = original(callbacks, epoch, logs)
    notify("end_epoch", callbacks.model, epoch, dict(logs or {}))
    return result
