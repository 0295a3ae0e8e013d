"""The state of a layer: its own variables, those of the layers it holds, and their counts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array
from scratchnet.keras.random import SeedGenerator
from scratchnet.keras.tracking import owned, unique
from scratchnet.keras.variable import Variable


def count_scalars(variables: Iterable[Variable]) -> int:
    """How many numbers `variables` hold."""
    return sum(math.prod(v._data.shape) for v in variables)


def _trainable_first(variables: list[Variable]) -> list[Variable]:
    if all([v.made_trainable for v in variables]):
        return variables  # of most layers
    return sorted(variables, key=lambda v: not v.made_trainable)


class State:
    """What `Layer` inherits: variables, weights, and switching them on and off."""

    name: str
    built: bool
    _trainable: bool
    _losses: list[Any]  # of the last call
    _some_add_losses = False  # whether any layer of this program ever called `add_loss`

    def _sublayers(self) -> list[State]:
        """The layers that this one holds in its attributes, not those inside them."""
        return owned(self, State)

    def _flattened(self) -> list[State]:
        """This layer and all below it, each once, parents first."""
        return [layer for layer, _ in self._holdings()]

    def _holdings(self, *kinds: type) -> list[tuple[State, list[Any]]]:
        """Each of `_flattened`, with the instances of `kinds` that it holds itself."""
        found: dict[int, tuple[State, list[Any]]] = {}
        waiting: list[State] = [self]
        while waiting:
            layer = waiting.pop(0)
            if id(layer) in found:
                continue
            held = owned(layer, State, *kinds)  # one search for both: attributes may be long lists
            things = [thing for thing in held if not isinstance(thing, State)]
            found[id(layer)] = layer, things
            if type(layer)._sublayers is not State._sublayers:
                waiting[:0] = type(layer)._sublayers(layer)
            elif len(things) < len(held):
                waiting[:0] = [thing for thing in held if isinstance(thing, State)]
        return list(found.values())

    def _own_variables(self) -> list[Variable]:
        """The variables that this layer holds itself, those made trainable first."""
        return _trainable_first(owned(self, Variable))

    # -- lists of variables ------------------------------------------------------------------------

    @property
    def variables(self) -> list[Variable]:
        """All state: weights and the counters of random generators."""
        found: list[Variable] = []
        for _, things in self._holdings(Variable, SeedGenerator):
            found += _trainable_first([v for v in things if isinstance(v, Variable)])
            found += [g.state for g in things if isinstance(g, SeedGenerator)]
        return unique(found)

    @property
    def weights(self) -> list[Variable]:
        """The variables of this layer and those below it, without counters of random generators."""
        held = [_trainable_first(variables) for _, variables in self._holdings(Variable)]
        return unique([v for variables in held for v in variables])

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that an optimizer changes; none if ``trainable`` is False."""
        return [v for v in self.weights if v.trainable] if self._trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """All other variables."""
        return [v for v in self.variables if not (self._trainable and v.trainable)]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that an optimizer changes; none if ``trainable`` is False."""
        return self.trainable_variables

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """All other weights."""
        return [v for v in self.weights if not (self._trainable and v.trainable)]

    @property
    def trainable(self) -> bool:
        """Whether an optimizer changes the weights; setting it sets all layers below."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for variable in self._own_variables():
            variable.trainable = variable.made_trainable and self._trainable
        for layer in self._sublayers():
            layer.trainable = value

    # -- losses ------------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Add `loss`, a scalar tensor or a list of them, to what `fit` minimizes.

        Call it in `call`: what a call added stays until the next one of the outermost layer.
        """
        State._some_add_losses = True
        self._losses.extend(nest.flatten(loss))

    @property
    def losses(self) -> list[Any]:
        """What `add_loss` was given since the last call began, then the penalties of the weights.

        A penalty is the value of a weight's regularizer.
        """
        found = []
        if State._some_add_losses:
            found = [loss for layer, _ in self._holdings() for loss in layer._losses]
        if Variable._some_have_regularizers:
            penalties = [(v.regularizer, v) for v in self.trainable_weights]
            found += [penalty(v) for penalty, v in penalties if penalty is not None]
        return found

    def _forget_losses(self) -> None:
        if State._some_add_losses:
            for layer, _ in self._holdings():
                layer._losses.clear()

    def __setstate__(self, state: Any) -> None:
        attributes, slots = state if isinstance(state, tuple) else (state, {})
        vars(self).update(attributes)
        for name, value in slots.items():
            setattr(self, name, value)
        if vars(self).get("_losses"):  # a copy, or unpickled: it may come from another process
            State._some_add_losses = True

    # -- values ------------------------------------------------------------------------------------

    def count_params(self) -> int:
        """The number of scalars in `weights`.

        Raises:
            ValueError: the layer is not built.
        """
        if not self.built:
            raise ValueError(
                f"count_params: the layer {self.name!r} is not built; call it, or "
                "`build(input_shape)`"
            )
        return count_scalars(self.weights)

    def get_weights(self) -> list[Array]:
        """Copies of the values of `weights`."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: list[Any]) -> None:
        """Assign one array to each of `weights`.

        Raises:
            ValueError: another number of arrays, or another shape; nothing was assigned then.
        """
        variables = self.weights
        if len(variables) != len(weights):
            raise ValueError(
                f"set_weights: the layer {self.name!r} has {len(variables)} weights, "
                f"received {len(weights)}"
            )
        for variable, value in zip(variables, weights, strict=True):
            if variable._data.shape != np.shape(value):
                raise ValueError(
                    f"set_weights: {variable.path} has shape {variable._data.shape}, "
                    f"received shape {np.shape(value)}"
                )
        for variable, value in zip(variables, weights, strict=True):
            variable.assign(value)

    # -- saving ------------------------------------------------------------------------------------

    def _held(self) -> list[tuple[str, Any]]:
        """The attributes in the order in which a file lists them: by name, private ones last."""
        return sorted(vars(self).items(), key=lambda item: (item[0].startswith("_"), item[0]))

    def save_own_variables(self, store: dict[str, Array]) -> None:
        """Put this layer's own variables into `store`, by position: ``"0"``, ``"1"``, …"""
        for i, variable in enumerate(self._own_variables()):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: dict[str, Array]) -> None:
        """Take this layer's own variables from `store`, by position.

        Raises:
            ValueError: another number of variables, or another shape.
        """
        variables = self._own_variables()
        if len(store) != len(variables):
            raise ValueError(
                f"the layer {self.name!r} has {len(variables)} variables "
                f"{[v.name for v in variables]}, the file has {len(store)} for it"
            )
        for i, variable in enumerate(variables):
            variable.assign(store[str(i)])
