"""Saving: models to and from files and plain configs; the work is in ``keras.saving``."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

from scratchnet.keras.configs.serialization import serialize_keras_object, warn_unbuilt
from scratchnet.keras.models.graph_config import deserialize_graph
from scratchnet.keras.saving.model_file import refuse_export, save_model
from scratchnet.keras.saving.weights import load_weights, save_weights

if TYPE_CHECKING:
    from scratchnet.keras.layers.layer import Layer as Mixin  # what it is mixed into
else:
    Mixin = object

_GRAPH = ("layers", "input_layers", "output_layers")


class Saving(Mixin):
    """What lets a model be written to a file and made again; `Model` mixes it into `Layer`."""

    # -- files -------------------------------------------------------------------------------------

    def save(
        self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any
    ) -> None:
        """Write all of the model to a ``.keras`` or ``.h5`` file, which Keras reads, too.

        See `keras.saving.save_model`.
        """
        save_model(self, filepath, overwrite, zipped, **kwargs)

    def save_weights(
        self, filepath: Any, overwrite: bool = True, max_shard_size: float | None = None
    ) -> None:
        """Write all weights, and the state of the optimizer, to a file; see `save_weights`."""
        save_weights(self, filepath, overwrite, max_shard_size)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Read what `save_weights` or `save`, here or in Keras, wrote for a model like this one.

        Args:
            filepath: ends in ``.weights.h5``, ``.keras`` or ``.npz``; or in ``.h5``, of a model or
                of weights as TensorFlow 1 and 2 wrote them.
            skip_mismatch: leave layers that do not fit as they are, with a warning.
            **kwargs: `by_name`: True to find the layers of an ``.h5`` by their names.

        Raises:
            ValueError: another ending; the model is not built; layers that do not fit (then
                nothing was changed).
            FileNotFoundError: there is no such file.
            OSError: it is not readable.
        """
        load_weights(self, filepath, skip_mismatch, **kwargs)

    def export(self, filepath: Any, format: str = "tf_saved_model", **kwargs: Any) -> None:
        """Not here: load a ``.keras`` file in Keras, and export it there.

        Raises:
            NotImplementedError: always; ValueError for an unknown `format`.
        """
        refuse_export(filepath, format)

    # -- configs -----------------------------------------------------------------------------------

    def to_json(self, **kwargs: Any) -> str:
        """The model without its weights, as JSON; `keras.models.model_from_json` reads it.

        Args:
            **kwargs: of ``json.dumps``.
        """
        return json.dumps(serialize_keras_object(self), **kwargs)

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Any:
        """A model like the one whose `get_config` returned `config`, with new weights.

        Args:
            config: what `get_config` returned.
            custom_objects: your own classes, by name.

        Raises:
            TypeError: the constructor does not take what `config` holds.
            ValueError: a graph whose calls need layers that it does not hold.
        """
        if set(_GRAPH) <= set(config) and takes_inputs_and_outputs(cls):
            rest = {k: v for k, v in config.items() if k not in _GRAPH}
            inputs, outputs = deserialize_graph(config, custom_objects)
            return cls(inputs=inputs, outputs=outputs, **rest)
        try:
            return cls(**config)
        except TypeError as error:
            raise TypeError(
                f"Unable to revive model from config: {error}. The constructor of {cls.__name__} "
                "must take what `get_config()` returns: end it with `**kwargs` and hand these to "
                f"`super().__init__(**kwargs)`, or override `get_config()`; received {config}"
            ) from error

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make the weights, given what `get_build_config` returned; warns if that fails."""
        try:
            super().build_from_config(config)
        except Exception as error:  # whatever the `build` or `call` of the user's raises
            warn_unbuilt(self.name, error)


def takes_inputs_and_outputs(cls: type) -> bool:
    """Whether `cls` is made as ``cls(inputs=…, outputs=…)``: it has no constructor of its own."""
    parameters = inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]
    named = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD][1:3]
    return named == ["inputs", "outputs"] or {p.kind for p in parameters} >= {
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.VAR_KEYWORD,
    }
