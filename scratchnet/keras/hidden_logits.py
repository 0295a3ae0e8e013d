"""The hidden logits: what a softmax or sigmoid was computed from travels with its output.

The cross entropies then work on the logits, which is exact where the probabilities have rounded to
0 or 1. Only the functions of `keras.activations` hide them; ``tf.nn.softmax`` does not.
"""

from __future__ import annotations

import warnings

from scratchnet.engine.tensor import Tensor


def hide(output: Tensor, logits: Tensor) -> Tensor:
    """`output`, which now carries the `logits` it was computed from."""
    output._keras_logits = logits  # type: ignore[attr-defined]
    return output


def find(output: Tensor, from_logits: bool, made_by: str, asked_by: str) -> tuple[Tensor, bool]:
    """``(logits, True)`` where `output` carries hidden logits, else ``(output, from_logits)``.

    Warns where the caller believed the output of a `made_by` (Softmax, Sigmoid) to be logits.
    """
    logits: Tensor | None = getattr(output, "_keras_logits", None)
    if logits is None:
        return output, from_logits
    if from_logits:
        warnings.warn(
            f'"`{asked_by}` received `from_logits=True`, but the `output` argument was produced '
            f"by a {made_by} activation and thus does not represent logits. Was this intended?",
            stacklevel=4,
        )
    return logits, True
