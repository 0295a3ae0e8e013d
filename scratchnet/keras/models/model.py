"""Model: layers put together, that can be trained and saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.input_conversion import shapes
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.symbolic import build_by_calling, map_shapes
from scratchnet.keras.models.graph import LayerGraph
from scratchnet.keras.models.saving import Saving
from scratchnet.keras.models.training import Training
from scratchnet.keras.utils.summary import print_summary


class Model(Saving, Training, Layer):
    """The base of all models (``keras.Model``): a `Layer` that can be trained and saved.

    Its method resolution order is Model, Saving, Training, Layer.

    Make layers as attributes in `__init__` and use them in `call`, or call layers on what `Input`
    returns and give the inputs and outputs of these calls to ``Model(inputs, outputs)``.

    Args:
        *args: for a model made of KerasTensors: `inputs` and `outputs`, see `Functional`.
        **kwargs: the same by name; else those of `Layer`.

    Raises:
        ValueError: `inputs` without `outputs`.
        TypeError: another argument without its name.

    ``copy.deepcopy``, ``copy.copy`` and ``pickle`` make a model that trains on where this one is,
    with variables of its own.  (Of Keras's the dropout begins with new random numbers, and classes
    of your own must be registered.)

    >>> import scratchnet as tf
    >>> class Net(tf.keras.Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = tf.keras.layers.Dense(4, activation="relu")
    ...         self.out = tf.keras.layers.Dense(1)
    ...     def call(self, inputs):
    ...         return self.out(self.hidden(inputs))
    >>> net = Net()
    >>> net(tf.ones((2, 3))).shape, net.count_params()
    (TensorShape([2, 1]), 21)
    """

    _functional: ClassVar[Any]  # the class Functional, which is a Model and puts itself here

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """A Functional, if it is a Model itself that is made of inputs and outputs."""
        if cls is Model and _functional_init_arguments(args, kwargs):
            return super().__new__(cls._functional, *args, **kwargs)
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not _functional_init_arguments(args, kwargs):
            for name in ("inputs", "outputs"):
                if name in kwargs:
                    raise ValueError(
                        f"{type(self).__name__}: `inputs` and `outputs` must be given together, "
                        f"received {name} alone"
                    )
            if args:
                raise TypeError(
                    f"{type(self).__name__}: `outputs` must be given together with `inputs`, and "
                    f"other arguments by their names, received {args[0]!r} alone"
                )
            super().__init__(**kwargs)
            return
        _inject_functional_model_class(type(self))
        Model._functional.__init__(self, *args, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Make all weights, by calling the model once on ones of shape `input_shape`."""
        x = map_shapes(lambda shape: KerasTensor(shape, self.compute_dtype, "x"), input_shape)
        build_by_calling(self, x)

    def _prepare(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if type(self).build is not Model.build:
            super()._prepare(args, kwargs)
        elif self.build_shape is None:  # the layers inside are built while `call` runs
            self.build_shape = shapes(args[0] if args else next(iter(kwargs.values()), None))

    @property
    def layers(self) -> list[Any]:
        """The layers that the model holds, in the order in which they were set."""
        return self._sublayers()

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError("`layers` lists the layers of the model and cannot be set")

    def _attributes_to_save(self) -> list[tuple[str, Any]]:
        """As of a layer, and the list of all layers: a file names by it what stands after it."""
        held = super()._attributes_to_save()
        before = sum(name < "layers" and not name.startswith("_") for name, _ in held)
        return [*held[:before], ("layers", self.layers), *held[before:]]

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of that name, or at that place.

        Raises:
            ValueError: there is none; neither or both arguments.
        """
        if (index is None) == (name is None):
            raise ValueError(
                f"get_layer: one of `name` and `index` must be given, received {name=}, {index=}"
            )
        layers: list[Layer] = self.layers
        if index is not None:
            if isinstance(index, bool) or not isinstance(index, int | np.integer):
                raise TypeError(say("get_layer", "index", "must be an integer", index))
            if index >= len(layers):
                raise ValueError(
                    say("get_layer", "index", f"must be below {len(layers)}, the layers", index)
                )
            if index < -len(layers):
                rule = f"must not be below -{len(layers)}, the layers"
                raise IndexError(say("get_layer", "index", rule, index))
            return layers[index]
        for layer in layers:
            if isinstance(name, str) and layer.name == name:
                return layer
        raise ValueError(
            f"get_layer: `name` must be one of {[layer.name for layer in layers]}, received "
            f"name={name!r}"
        )

    def _layer_graph(self) -> LayerGraph | None:
        """The layers and their connections; None if only `call` knows them."""
        return None

    def summary(
        self,
        line_length: int | None = None,
        positions: list[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Print a table of the layers: names, output shapes, numbers of parameters.

        Args:
            line_length: the width of the table; at most 88, and what the terminal allows, if not
                given.
            positions: where the columns end, as shares of the width.
            print_fn: gets the whole text, in one call, instead of stdout.
            expand_nested: show the layers of layers, too.
            show_trainable: a column that says whether a layer is trainable.
            layer_range: two names, or patterns of names: the first and the last layer to show.

        Raises:
            ValueError: no room for the columns; a `layer_range` that fits no layer.
        """
        print_summary(
            self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range
        )


def _functional_init_arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether both `inputs` and `outputs` are given."""
    return len(args) + ("inputs" in kwargs) + ("outputs" in kwargs) >= 2


def _inject_functional_model_class(cls: type) -> None:
    """Let `cls`, a subclass of Model made of inputs and outputs, inherit from Functional."""
    functional = Model._functional
    if cls is Model or issubclass(cls, functional):
        return
    if Model in cls.__bases__:
        cls.__bases__ = tuple(functional if base is Model else base for base in cls.__bases__)
        return
    for base in cls.__bases__:
        if issubclass(base, Model):
            _inject_functional_model_class(base)
