"""The output of a softmax or sigmoid keeps its logits, and the cross entropies use them.

That is exact where the probabilities have rounded to 0 or 1. As in Keras, only the functions of
`keras.activations` keep them; ``tf.nn.softmax`` does not.
"""

from __future__ import annotations

from scratchnet.engine.tensor import Tensor
from scratchnet.engine.tracebacks import warn


def cache(output: Tensor, logits: Tensor) -> Tensor:
    """`output`, with the `logits` that it was computed from as an attribute."""
    output._keras_logits = logits  # type: ignore[attr-defined]
    return output


def find(output: Tensor, from_logits: bool, made_by: str, asked_by: str) -> tuple[Tensor, bool]:
    """``(logits, True)`` if `output` has cached logits, else ``(output, from_logits)``.

    Warns if `from_logits` is True for the output of an activation, `made_by` (Softmax, Sigmoid).
    """
    logits: Tensor | None = getattr(output, "_keras_logits", None)
    if logits is None:
        return output, from_logits
    if from_logits:
        warn(
            f'"`{asked_by}` received `from_logits=True`, but the `output` argument was produced '
            f"by a {made_by} activation and thus does not represent logits. Was this intended?"
        )
    return logits, True
