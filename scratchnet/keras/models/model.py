"""Model: layers put together, trained, summed up and saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scratchnet.engine.errors import say
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.stand_in import call_on_zeros
from scratchnet.keras.models.training import Trainer
from scratchnet.keras.saving.weights import load_weights, save_weights
from scratchnet.keras.utils.summary import print_summary


class Model(Trainer):
    """The base of all models (``keras.Model``).

    Make the layers in `__init__` as attributes, and use them in `call`.  (Models made from
    ``inputs=`` and ``outputs=`` are not supported.)

    Args:
        **kwargs: of `Layer`.

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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args or "inputs" in kwargs or "outputs" in kwargs:
            raise NotImplementedError(
                f"{type(self).__name__}: models made from `inputs` and `outputs` are not "
                "supported; use Sequential, or subclass Model and override `call`"
            )
        super().__init__(**kwargs)

    def build(self, input_shape: Any) -> None:
        """Make all weights, by calling the model once on zeros of shape `input_shape`."""
        call_on_zeros(self, input_shape)

    def _prepare(self, x: Any) -> None:
        if type(self).build is not Model.build:
            super()._prepare(x)
        # Otherwise the layers inside are built while `call` runs.

    @property
    def layers(self) -> list[Any]:
        """The layers that the model holds, in the order in which they were set."""
        return self.sublayers()

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError("`layers` lists the layers of the model and cannot be set")

    def held(self) -> list[tuple[str, Any]]:
        """As of a layer, and the list of all layers: a file names by it what stands after it."""
        names = [name for name, _ in super().held()]
        at = sum(name < "layers" and not name.startswith("_") for name in names)
        return [*super().held()[:at], ("layers", self.layers), *super().held()[at:]]

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
            if index >= len(layers):
                raise ValueError(
                    say("get_layer", "index", f"must be below {len(layers)}, the layers", index)
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise ValueError(
            f"get_layer: `name` must be one of {[layer.name for layer in layers]}, received "
            f"name={name!r}"
        )

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

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Write all weights, and the state of the optimizer, to a file.

        Args:
            filepath: ends in ``.weights.h5`` (Keras's own layout: Keras reads it) or ``.npz``.
            overwrite: whether a file that exists is replaced.

        Raises:
            ValueError: another ending; the model is not built.
            FileExistsError: the file exists, with `overwrite` False.
        """
        save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False) -> None:
        """Read what `save_weights`, here or in Keras, wrote for a model of the same layers.

        Args:
            filepath: ends in ``.weights.h5`` or ``.npz``.
            skip_mismatch: leave layers that do not fit as they are, with a warning.

        Raises:
            ValueError: another ending; the model is not built; layers that do not fit.
            FileNotFoundError: there is no such file.
            OSError: it is not a readable ``.weights.h5`` file.
        """
        load_weights(self, filepath, skip_mismatch)
