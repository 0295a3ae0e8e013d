"""The loss that `compile` was given: of each output, weighted, and their sum."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import losses
from scratchnet.keras.config import floatx
from scratchnet.keras.losses.loss import Loss, LossFunctionWrapper, in_dtype
from scratchnet.keras.metrics.metric import Mean
from scratchnet.keras.models.output_structure import Outputs, kind
from scratchnet.keras.naming import object_name

_CROSSENTROPY = {
    "binary": losses.binary_crossentropy,
    "sparse": losses.sparse_categorical_crossentropy,
    "categorical": losses.categorical_crossentropy,
}


class _Part(NamedTuple):
    """The loss of one output."""

    output: int
    loss: Loss
    weight: Any
    mean: Mean  # of this loss alone, for the log


class CompileLoss:
    """The sum of the weighted losses of all outputs.

    Args:
        loss: a Loss, a function or a name: for all outputs; or a list, or a dict by the names of
            the outputs, where None means no loss.  ``"crossentropy"`` is chosen by the shapes.
        loss_weights: the factor of each loss, in the same form.
        names: the names of the outputs, if the model knows them.
        by_samples: whether, in the logs of single outputs, a batch counts by its samples.  Keras
            does so with ``run_eagerly=True`` only; else each batch counts the same, and after a
            smaller last batch the logged parts do not add up to the logged loss.

    Raises:
        ValueError: `loss_weights` that are no number, list, tuple or dict.
    """

    def __init__(
        self,
        loss: Any,
        loss_weights: Any = None,
        names: list[str] | None = None,
        by_samples: bool = False,
    ) -> None:
        if loss_weights and not isinstance(loss_weights, int | float | list | tuple | dict):
            rule = "must be a number, or a list, tuple or dict of numbers"
            raise ValueError(say("compile", "loss_weights", rule, loss_weights))
        self._given, self._weights, self._names = loss, loss_weights, names
        self._by_samples = by_samples
        self._parts: list[_Part] = []

    @property
    def metrics(self) -> list[Mean]:
        """The running loss of each output, if there are several."""
        return [part.mean for part in self._parts] if len(self._parts) > 1 else []

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Tensor:
        """The loss, a scalar.

        Raises:
            ValueError: truths or losses that do not fit the outputs.
        """
        outputs = Outputs(y_pred, self._names)
        truths = self._truths(y_true, outputs)
        if not self._parts:
            self._parts = self._resolved(truths, outputs)
        weights = [sample_weight] * len(truths)
        if nest.is_nested(sample_weight):
            weights = outputs.aligned("sample_weight", sample_weight)
        total: Any = None
        for part in self._parts:
            i = part.output
            value = in_dtype(part.loss(truths[i], outputs.values[i], weights[i]), floatx())
            if len(self._parts) > 1:
                count = np.float32(len(outputs.values[i]._data) if self._by_samples else 1)
                part.mean.update_state(value, sample_weight=Tensor(np.array(count)))
            if part.weight is not None:
                value = value * part.weight
            total = value if total is None else total + value
        return total  # type: ignore[no-any-return]

    def _truths(self, y_true: Any, outputs: Outputs) -> list[Any]:
        """The truth for each output; where some outputs have no loss, they may be left out."""
        scored = [i for i, loss in enumerate(self._losses(outputs)) if loss is not None]
        listed = isinstance(y_true, list | tuple)
        if not isinstance(y_true, dict) and 0 < len(scored) < len(outputs.values):
            parts = list(y_true) if listed else [y_true]
            if len(parts) == len(scored):
                found = dict(zip(scored, parts, strict=True))
                return [found.get(i) for i in range(len(outputs.values))]
        return outputs.aligned("y", y_true)

    def _losses(self, outputs: Outputs) -> list[Any]:
        given = self._given
        if not nest.is_nested(given):
            return [given] * len(outputs.values)
        if isinstance(given, dict) and outputs.keys is None and set(given) != set(outputs.names):
            raise ValueError(
                f"compile: Expected keys {outputs.names} in loss dict, but found {list(given)}"
            )
        return outputs.aligned("loss", given)

    def _resolved(self, truths: list[Any], outputs: Outputs) -> list[_Part]:
        given = self._losses(outputs)
        weights: list[Any] = [None] * len(given)
        if self._weights is not None:
            weights = self._aligned_weights(outputs)
        parts = []
        for i in self._order(outputs):
            if given[i] is None:
                continue
            if truths[i] is None:
                raise ValueError(f"`y` must hold the truth for the output {outputs.names[i]!r}")
            loss = _resolved_loss(given[i], truths[i], outputs.values[i])
            mean = Mean(name=f"{outputs.names[i] or loss.name}_loss")
            parts.append(_Part(i, loss, weights[i], mean))
        return parts

    def _order(self, outputs: Outputs) -> list[int]:
        """The outputs in the order of the dict of losses, if there is one for a dict of outputs."""
        if outputs.keys and isinstance(self._given, dict):
            return [outputs.keys.index(key) for key in self._given]
        return list(range(len(outputs.values)))

    def _aligned_weights(self, outputs: Outputs) -> list[Any]:
        many, given = len(nest.flatten(self._weights)), len(nest.flatten(self._given))
        if many != given:
            raise ValueError(
                f"compile: `loss_weights` must match the number of losses, received {given} losses "
                f"and {many} weights"
            )
        if not nest.is_nested(self._weights):
            return [self._weights] * len(outputs.values)
        return outputs.aligned("loss_weights", self._weights)


def _resolved_loss(identifier: Any, y_true: Tensor, y_pred: Tensor) -> Loss:
    if str(identifier).lower() in ("crossentropy", "ce"):
        found = _CROSSENTROPY[kind(y_true, y_pred)]
    else:
        found = losses.get(identifier)
    if isinstance(found, Loss):
        return found
    name = identifier if isinstance(identifier, str) else object_name(found)
    return LossFunctionWrapper(found, name=name)
