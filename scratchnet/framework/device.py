"""tf.device: the context that says where ops run, which is always the one CPU."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext

from scratchnet.engine.tracebacks import warn

_PART = re.compile(r"(job|replica|task|device|cpu|gpu|tpu)(?::(.*))?", re.IGNORECASE)


def device(device_name: str | None) -> AbstractContextManager[None]:
    """A context whose ops run on a device (``tf.device``).

    Args:
        device_name: ``"CPU:0"``, ``"/CPU:0"``, ``"/device:CPU:0"`` and the like; None for any.

    Raises:
        ValueError: `device_name` is no name of a device.

    Where it names a GPU or TPU, the ops run on the CPU, as in TensorFlow on a machine without one;
    a warning says so, that nobody times the wrong machine.

    >>> import scratchnet as tf
    >>> with tf.device("CPU:0"):
    ...     x = tf.constant(1.0)
    >>> x.device
    '/job:localhost/replica:0/task:0/device:CPU:0'
    """
    if device_name is None:
        return nullcontext()
    if not isinstance(device_name, str):
        raise ValueError(
            f"Expecting a string device name. Got {type(device_name)}({device_name!r})"
        )
    for part in filter(None, device_name.split("/")):
        kind = _kind(part, device_name)
        if kind not in (None, "CPU"):
            warn(
                f"device: scratchnet computes on the CPU only, not on device_name={device_name!r}; "
                f"tf.config.list_physical_devices({kind!r}) is [] here, by which a program can "
                "choose"
            )
    return nullcontext()


def _kind(part: str, whole: str) -> str | None:
    """The kind of device that one part of a name asks for, if it does."""
    found = _PART.fullmatch(part)
    if not found:
        raise ValueError(
            f"Unknown attribute '{part}' is encountered while parsing the device spec: '{whole}'."
        )
    key, rest = found[1].lower(), found[2] or ""
    if key == "device":
        return rest.partition(":")[0].upper() or None
    return key.upper() if key in ("cpu", "gpu", "tpu") else None
