"""A batch, and its parts: inputs, targets and the weights of samples."""

from __future__ import annotations

from typing import Any


def unpack_x_y_sample_weight(batch: Any) -> tuple[Any, Any, Any]:
    """A batch ``x``, ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)`` as three parts, some None.

    Raises:
        ValueError: no parts, or more than three.

    >>> unpack_x_y_sample_weight((1, 2))
    (1, 2, None)
    """
    if not isinstance(batch, tuple | list):
        return batch, None, None
    if not 1 <= len(batch) <= 3:
        raise ValueError(
            "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`: a "
            "batch must be x, (x,), (x, y) or (x, y, sample_weight), "
            f"received {len(batch)} parts: {batch}"
        )
    x, y, sample_weight = (*batch, None, None)[:3]
    return x, y, sample_weight


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """A batch, with as few parts as will do, as Keras hands it to ``train_step``.

    `unpack_x_y_sample_weight` takes it apart again.  Without `y` there are no weights, as in Keras.

    >>> pack_x_y_sample_weight(1, 2), pack_x_y_sample_weight(1)
    ((1, 2), 1)
    """
    if y is None:
        return (x,) if isinstance(x, list | tuple) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)
