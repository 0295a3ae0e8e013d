"""CompileLoss: the loss that `compile` was given, the weighted sum of those of all outputs."""

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
from scratchnet.keras.models.output_structure import OutputStructure, label_encoding
from scratchnet.keras.naming import object_name

_CROSSENTROPY = {
    "binary": losses.binary_crossentropy,
    "sparse": losses.sparse_categorical_crossentropy,
    "categorical": losses.categorical_crossentropy,
}


class _OutputLoss(NamedTuple):
    """The loss of one output."""

    output: int
    loss: Loss
    weight: Any
    mean: Mean | None  # of this loss alone, for the log, if there are several


class CompileLoss:
    """The sum of the weighted losses of all outputs.

    Args:
        loss: a Loss, a function or a name: for all outputs; or a list, or a dict by the names of
            the outputs, where None means no loss.  ``"crossentropy"`` is chosen by the shapes.
        loss_weights: the factor of each loss, in the same form.
        names: the names of the outputs, if the model knows them.
        weight_by_samples: whether, in the logs of single outputs, a batch counts by its samples.
            Keras does so with ``run_eagerly=True`` only; else each batch counts the same, and after
            a smaller last batch the logged parts do not add up to the logged loss.

    Raises:
        ValueError: `loss_weights` that are no number, list, tuple or dict.
    """

    def __init__(
        self,
        loss: Any,
        loss_weights: Any = None,
        names: list[str] | None = None,
        weight_by_samples: bool = False,
    ) -> None:
        if isinstance(loss_weights, np.ndarray) or (
            loss_weights and not isinstance(loss_weights, int | float | list | tuple | dict)
        ):
            rule = "must be a number, or a list, tuple or dict of numbers"
            raise ValueError(say("compile", "loss_weights", rule, loss_weights))
        self._given, self._weights, self._names = loss, loss_weights, names
        self._weight_by_samples = weight_by_samples
        self._losses: list[_OutputLoss] = []

    @property
    def metrics(self) -> list[Mean]:
        """The running loss of each output, if there are several."""
        return [mean for *_, mean in self._losses if mean is not None]

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Tensor | None:
        """The loss, a scalar; None where `compile` was given None for each output.

        Raises:
            ValueError: targets or losses that do not fit the outputs.
        """
        outputs = OutputStructure(y_pred, self._names)
        targets = self._targets(y_true, outputs)
        if not self._losses:
            self._losses = self._build(targets, outputs)
        weights = [sample_weight] * len(targets)
        if nest.is_nested(sample_weight):
            weights = outputs.per_output("sample_weight", sample_weight)
        total: Tensor | None = None
        for output_loss in self._losses:
            i = output_loss.output
            value = in_dtype(output_loss.loss(targets[i], outputs.values[i], weights[i]), floatx())
            if output_loss.mean is not None:
                count = np.float32(len(outputs.values[i]._data) if self._weight_by_samples else 1)
                output_loss.mean.update_state(value, sample_weight=Tensor(np.array(count)))
            if output_loss.weight is not None:
                value = value * output_loss.weight
            total = value if total is None else total + value
        return total

    def _targets(self, y_true: Any, outputs: OutputStructure) -> list[Any]:
        """The target for each output; where some outputs have no loss, they may be left out."""
        scored = [i for i, loss in enumerate(self._losses_given(outputs)) if loss is not None]
        listed = isinstance(y_true, list | tuple)
        if not isinstance(y_true, dict) and len(scored) < len(outputs.values):
            parts = list(y_true) if listed else [y_true]
            is_flat = not outputs.paths or not any(map(nest.is_nested, parts))
            if is_flat and len(parts) == len(scored):
                found = dict(zip(scored, parts, strict=True))
                return [found.get(i) for i in range(len(outputs.values))]
        return outputs.per_output("y", y_true)

    def _losses_given(self, outputs: OutputStructure) -> list[Any]:
        """What `compile` was given as the loss of each output."""
        given = self._given
        if not nest.is_nested(given):
            return [given] * len(outputs.values)
        if isinstance(given, dict) and outputs.keys is None and set(given) != set(outputs.names):
            if not outputs.is_dict:
                raise ValueError(
                    f"compile: Expected keys {outputs.names} in loss dict, but found {list(given)}"
                )
        return outputs.per_output("loss", given)

    def _build(self, targets: list[Any], outputs: OutputStructure) -> list[_OutputLoss]:
        given = self._losses_given(outputs)
        weights: list[Any] = [None] * len(given)
        if self._weights is not None:
            weights = self._loss_weights(outputs)
        found, several = [], sum(loss is not None for loss in given) > 1
        for i in self._output_order(outputs):
            if given[i] is None:
                continue
            if targets[i] is None:
                raise ValueError(f"`y` must hold the truth for the output {outputs.names[i]!r}")
            loss = _get_loss(given[i], targets[i], outputs.values[i])
            mean = Mean(name=f"{outputs.loss_name(i, loss.name)}_loss") if several else None
            found.append(_OutputLoss(i, loss, weights[i], mean))
        return found

    def _output_order(self, outputs: OutputStructure) -> list[int]:
        """The outputs in the order in which their losses are logged: of a dict, as it was made."""
        if outputs.keys and outputs.made_in_order:
            made = self._given if isinstance(self._given, dict) else outputs.made_in_order
            return [outputs.keys.index(key) for key in made]
        if outputs.paths is not None:
            return outputs.order_of(self._given)
        return list(range(len(outputs.values)))

    def _loss_weights(self, outputs: OutputStructure) -> list[Any]:
        many, given = len(nest.flatten(self._weights)), len(nest.flatten(self._given))
        if many != given:
            raise ValueError(
                f"compile: `loss_weights` must match the number of losses, received {given} losses "
                f"and {many} weights"
            )
        if not nest.is_nested(self._weights):
            return [self._weights] * len(outputs.values)
        return outputs.per_output("loss_weights", self._weights)


def _get_loss(identifier: Any, y_true: Tensor, y_pred: Tensor) -> Loss:
    if str(identifier).lower() in ("crossentropy", "ce"):
        found = _CROSSENTROPY[label_encoding(y_true, y_pred)]
    else:
        found = losses.get(identifier)
    if isinstance(found, Loss):
        return found
    name = identifier if isinstance(identifier, str) else object_name(found)
    return LossFunctionWrapper(found, name=name)
