"""Arguments that fit, evaluate and predict share, checked before any work is done."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.keras.models.data_adapter import are_arrays


def check_data(where: str, x: Any, batch_size: Any, validation_batch_size: Any = None) -> None:
    """Refuse arrays `x` without samples, and batch sizes that are none; None stands for a default.

    Raises:
        ValueError: one of these.
    """
    sizes = (("batch_size", batch_size), ("validation_batch_size", validation_batch_size))
    for name, size in sizes:
        if size is not None and (not _is_integer(size) or size < 1):
            raise ValueError(say(where, name, "must be a positive integer", size))
    if x is None or not are_arrays(x):
        return
    shapes = [tuple(leaf.shape) for leaf in nest.flatten(x) if leaf is not None]
    if not shapes or any(shape[:1] == (0,) for shape in shapes):
        received = f"of shape {', '.join(map(str, shapes))}" if shapes else repr(x)
        raise ValueError(f"{where}: `x` must hold at least one sample, received x {received}")


def check_fit(
    epochs: Any,
    validation_split: Any,
    initial_epoch: Any,
    validation_freq: Any,
    shuffle: Any,
    class_weight: Any,
) -> None:
    """Refuse what `fit` alone takes, where it is of no use.

    Raises:
        ValueError: a number out of range; an unknown `shuffle`; classes or weights that are no
            numbers.
        TypeError: `initial_epoch` is no integer.
        AttributeError: `class_weight` is no dict.
        ZeroDivisionError: `validation_freq` is 0.
    """
    if not _is_integer(epochs) or epochs < 0:
        raise ValueError(say("fit", "epochs", "must be an integer of at least 0", epochs))
    share = 0.0 if is_one_of(validation_split, None, 0) else validation_split
    if not isinstance(share, float | np.floating) or (share != 0 and not 0 < share < 1):
        rule = "must lie between 0 and 1, or be 0 for no validation"
        raise ValueError(say("fit", "validation_split", rule, validation_split))
    _check_count("fit", "initial_epoch", initial_epoch, 0)
    _check_frequency(validation_freq)
    if not is_one_of(shuffle, True, False, "batch"):
        raise ValueError(say("fit", "shuffle", "must be True, False or 'batch'", shuffle))
    check_class_weight("fit", class_weight)


def _check_frequency(frequency: Any) -> None:
    if not isinstance(frequency, int | list):
        rule = "must be an integer or a list of epochs"
        raise ValueError(say("fit", "validation_freq", rule, frequency))
    if isinstance(frequency, list) and not all(isinstance(epoch, int) for epoch in frequency):
        rule = "must be an integer or a list of epochs"
        raise ValueError(say("fit", "validation_freq", rule, frequency))
    if isinstance(frequency, int) and frequency < 1:
        error = ValueError if frequency else ZeroDivisionError  # Keras divides by it
        raise error(say("fit", "validation_freq", "must be at least 1", frequency))


def check_class_weight(where: str, class_weight: Any) -> None:
    """Refuse what is no dict of class -> weight; None stands for weights of 1.

    Raises:
        AttributeError: no dict.
        ValueError: a class or a weight that is no number.
    """
    if class_weight is None:
        return
    if not isinstance(class_weight, Mapping):
        rule = "must be a dict of class -> weight"
        raise AttributeError(say(where, "class_weight", rule, class_weight))
    for number in (*class_weight, *class_weight.values()):
        if not hasattr(number, "__float__") or np.ndim(number):
            rule = "must be a dict of the numbers of classes -> numbers"
            raise ValueError(say(where, "class_weight", rule, class_weight))


def check_steps(where: str, name: str, steps: Any) -> None:
    """Refuse a number of batches that is none; None stands for all.

    Raises:
        TypeError: no integer.
        ValueError: less than 1.
    """
    if steps is not None:
        _check_count(where, name, steps, 1)


def check_callbacks(where: str, verbose: Any, callbacks: Any) -> None:
    """Refuse what cannot report on a run.

    Raises:
        ValueError: an unknown `verbose`.
        AttributeError: something in `callbacks` that is no callback.
        TypeError: a class in `callbacks`.
    """
    if not is_one_of(verbose, 0, 1, 2, "auto"):
        raise ValueError(say(where, "verbose", "must be 0, 1, 2 or 'auto'", verbose))
    some = isinstance(callbacks, np.ndarray) or callbacks
    for callback in nest.flatten(callbacks) if some else ():
        if isinstance(callback, type):
            rule = f"must hold objects: call the class, {callback.__name__}(…)"
            raise TypeError(say(where, "callbacks", rule, callbacks))
        if not hasattr(callback, "set_model"):
            rule = "must be a Callback or a list of them"
            raise AttributeError(say(where, "callbacks", rule, callbacks))


def _check_count(where: str, name: str, count: Any, least: int) -> None:
    rule = f"must be an integer of at least {least}"
    if not _is_integer(count):
        raise TypeError(say(where, name, rule, count))
    if count < least:
        raise ValueError(say(where, name, rule, count))


def is_one_of(value: Any, *options: Any) -> bool:
    """Whether `value` is one of the `options`; an array, of whatever it is, is none."""
    return not getattr(value, "shape", ()) and value in options


def _is_integer(value: Any) -> bool:
    """Whether it is a Python or NumPy integer; True and False are none."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)
