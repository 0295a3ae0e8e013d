"""TensorFlow, made to tell scratchnet's listeners what it does.

TensorFlow has no seam to listen at, so functions are put around public methods of it, which tell
the listeners of this thread (`scratchnet.engine.listening`) what they would be told of scratchnet:
tapes, layers, losses, gradients, updates and epochs, but neither records nor VJPs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from scratchnet.engine.listening import GradientCall, LayerCall, LossCall, Update, notify, notifying


def tell_listeners(tf: Any) -> None:
    """From now on, what the module `tf`, TensorFlow, does is told to the listeners."""
    keras = tf.keras
    _wrap(tf.GradientTape, "__enter__", _enter)
    _wrap(tf.GradientTape, "__exit__", _exit)
    _wrap(tf.GradientTape, "gradient", _gradient)
    _wrap(keras.layers.Layer, "__call__", _layer)
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


def _layer(original: Any, layer: Any, *args: Any, **kwargs: Any) -> Any:
    with notifying("layer", LayerCall(layer, layer.name, args, dict(kwargs))) as event:
        event.outputs = original(layer, *args, **kwargs)
    return event.outputs


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
