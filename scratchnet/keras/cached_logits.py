"""The logits behind the output of a softmax or sigmoid, which the cross entropies use instead.

That is exact where the probabilities have rounded to 0 or 1.  As in Keras, there are two ways to
know them.  The functions of `keras.activations`, and so the layers, keep them on their outputs.
And in a graph, which is to say in a step of ``fit``, ``predict`` and their like that is not run
eagerly, in a ``tf.function``, a function of a ``tf.data.Dataset`` and in ``tf.vectorized_map``, the
op that made a tensor is known: ``tf.nn.softmax`` along the last axis for the two losses of classes,
``tf.sigmoid`` for the binary one.
"""

from __future__ import annotations

from scratchnet.engine.graph import belongs, made_by, stamp
from scratchnet.engine.op import ACTIVE
from scratchnet.engine.tensor import Tensor
from scratchnet.engine.tracebacks import warn

REASONS = {
    made_with: f"the loss takes the logits behind this {made_with.lower()} in place of it, so it "
    "has no gradient of its own; that of a sample's loss by the logits is p - y"
    for made_with in ("Softmax", "Sigmoid")
}


def cache(output: Tensor, logits: Tensor) -> Tensor:
    """`output`, with the `logits` that it was computed from as an attribute."""
    output._keras_logits = logits  # type: ignore[attr-defined]
    return stamp(output)


def find(output: Tensor, from_logits: bool, made_with: str, asked_by: str) -> tuple[Tensor, bool]:
    """``(logits, True)`` if the logits behind `output` are known, else ``(output, from_logits)``.

    Warns if `from_logits` is True for the output of an activation, `made_with` (Softmax, Sigmoid).
    """
    logits: Tensor | None = getattr(output, "_keras_logits", None)
    if logits is None or not belongs(output):
        logits = made_by(output, made_with)
    if logits is None:
        return output, from_logits
    if from_logits:
        warn(
            f'"`{asked_by}` received `from_logits=True`, but the `output` argument was produced '
            f"by a {made_with} activation and thus does not represent logits. Was this intended?"
        )
    for tape in ACTIVE.tapes:
        tape.detached(output, REASONS[made_with])
    return logits, True
