"""Bidirectional."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape
from scratchnet.keras.configs.registration import CustomObjectScope
from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.layers.layer import Layer
from scratchnet.ops.arguments import one_of

_MODES = ("sum", "mul", "ave", "concat")


class Bidirectional(Layer):
    """A recurrent layer from the first step on, and one from the last.

    (``keras.layers.Bidirectional``.)

        y_t = [→y_t, ←y_t];   →y from x_1 … x_t, ←y from x_T … x_t

    Args:
        layer: the recurrent layer; both directions are made of its config, so that they have
            weights of their own.  (A seeded initializer makes them begin with equal ones.)
        merge_mode: how outputs are put together: ``"concat"``, ``"sum"``, ``"mul"``, ``"ave"``;
            None returns both.
        weights: taken for old programs' sake, and not used, as in Keras 3.
        backward_layer: the layer for the way from the last step, if it differs.
        **kwargs: of `Layer`.

    Input (N, T, n); output (N, 2u) or (N, T, 2u) of ``"concat"``, the backward outputs turned
    around, so that both are those of step t.  Masked steps of sequences give zeros.  With
    `return_state`: (output, states forward, states backward).

    Raises:
        ValueError: no layer; an unknown mode; directions that are equal, or differ otherwise.

    Reference: Schuster, Paliwal 1997, doi.org/10.1109/78.650093.

    >>> import scratchnet as tf
    >>> k = tf.keras.layers
    >>> layer = Bidirectional(
    ...     k.SimpleRNN(1, "linear", kernel_initializer="ones", recurrent_initializer="ones")
    ... )
    >>> layer(tf.constant([[[1.0], [2.0]]])).numpy()
    array([[3., 3.]], dtype=float32)
    """

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                "Please initialize `Bidirectional` layer with a `keras.layers.Layer` instance. "
                f"Received: {layer}"
            )
        if backward_layer is not None and not isinstance(backward_layer, Layer):
            raise ValueError(
                "`backward_layer` need to be a `keras.layers.Layer` instance. "
                f"Received: {backward_layer}"
            )
        if merge_mode is not None and not one_of(merge_mode, _MODES):
            raise ValueError(
                f"Invalid merge mode. Received: {merge_mode}. Merge mode should be one of "
                '{"sum", "mul", "ave", "concat", None}'
            )
        super().__init__(**kwargs)
        self.forward_layer = _again(layer, "forward_", {})
        if backward_layer is None:
            backward_layer = _again(layer, "backward_", {"go_backwards": True})
        self.backward_layer = backward_layer
        _check_directions(self.forward_layer, backward_layer)
        for part in (self.forward_layer, backward_layer):
            if getattr(part, "zero_output_for_mask", None) is not None:
                part.zero_output_for_mask = part.return_sequences
        self.merge_mode = merge_mode
        of_both: Any = layer
        self.stateful, self.return_state = of_both.stateful, of_both.return_state
        self.return_sequences = of_both.return_sequences
        self.input_spec = layer.input_spec
        if weights:
            half = len(weights) // 2
            self.forward_layer.initial_weights = weights[:half]
            self.backward_layer.initial_weights = weights[half:]

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        """Build both directions."""
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)

    def call(
        self,
        sequences: Tensor,
        initial_state: Any = None,
        mask: Any = None,
        training: bool | None = None,
    ) -> Any:
        """Both directions, and their outputs put together.

        Args:
            sequences: (N, T, n).
            initial_state: the states before the first step, forward, then backward.
            mask: bool (N, T): False where a step is left out.
            training: handed to both layers.
        """
        half = len(initial_state) // 2 if initial_state is not None else 0
        found = []
        for layer, states in (
            (self.forward_layer, initial_state and initial_state[:half]),
            (self.backward_layer, initial_state and initial_state[half:]),
        ):
            options = {"initial_state": states, "mask": mask, "training": training}
            given = {k: v for k, v in options.items() if v is not None}
            found.append(layer(sequences, **given))
        y, y_back = found
        states = ()
        if self.return_state:
            states = (*y[1:], *y_back[1:])
            y, y_back = y[0], y_back[0]
        if self.return_sequences:
            y_back = ops.reverse(y_back, [1])
        output = self._merged(y, y_back)
        if not self.return_state:
            return output
        return (*(output if self.merge_mode is None else (output,)), *states)

    def _merged(self, y: Tensor, y_back: Tensor) -> Any:
        if self.merge_mode == "concat":
            return ops.concat([y, y_back], -1)
        if self.merge_mode == "sum":
            return y + y_back
        if self.merge_mode == "ave":
            return (y + y_back) / 2
        return y * y_back if self.merge_mode == "mul" else (y, y_back)

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        """That of the forward layer, with both outputs put together, and all states."""
        shape = self.forward_layer.compute_output_shape(sequences_shape)
        shape, states = (shape[0], shape[1:] * 2) if self.return_state else (shape, ())
        if self.merge_mode == "concat":
            shape = (*shape[:-1], 2 * shape[-1])
        outputs = (shape, shape) if self.merge_mode is None else (shape,)
        return (*outputs, *states) if len(outputs) > 1 or self.return_state else shape

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """That of the input for sequences, none for last outputs; states have none."""
        if isinstance(previous_mask, list):
            previous_mask = previous_mask[0]
        mask = previous_mask if self.return_sequences else None
        return mask if self.merge_mode is not None else (mask, mask)

    @property
    def states(self) -> Any:
        """What stateful layers begin the next batch with, forward, then backward; else None."""
        forward, backward = self.forward_layer.states, self.backward_layer.states
        return (*forward, *backward) if forward and backward else None

    def reset_state(self) -> None:
        """Let both layers begin with zeros again.

        Raises:
            AttributeError: they are not stateful.
        """
        if not self.stateful:
            raise AttributeError("Layer must be stateful.")
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """The same as `reset_state`."""
        self.reset_state()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {
            **super().get_config(),
            "merge_mode": self.merge_mode,
            "layer": serialize_keras_object(self.forward_layer),
            "backward_layer": serialize_keras_object(self.backward_layer),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Any:
        """A layer like the one whose `get_config` returned `config`, with new weights."""
        config = dict(config)
        for name in ("layer", "backward_layer"):
            if config.get(name) is not None:
                config[name] = deserialize_keras_object(config[name], custom_objects)
        return cls(**config)


def _again(layer: Layer, prefix: str, changes: dict[str, Any]) -> Any:
    """A layer made of the config of `layer`, with `prefix` before its name."""
    data = serialize_keras_object(layer)
    data["config"] |= {**changes, "name": prefix + layer.name.removeprefix(prefix)}
    yours = {type(part).__name__: type(part) for part in layer._flatten_layers()}
    with CustomObjectScope(yours):
        return deserialize_keras_object(data)


def _check_directions(forward: Any, backward: Any) -> None:
    if forward.go_backwards == backward.go_backwards:
        raise ValueError(
            "Forward layer and backward layer should have different `go_backwards` value. "
            f"Received: forward_layer.go_backwards {forward.go_backwards}, "
            f"backward_layer.go_backwards={backward.go_backwards}"
        )
    for name in ("stateful", "return_sequences", "return_state"):
        one, other = getattr(forward, name), getattr(backward, name)
        if one != other:
            raise ValueError(
                "Forward layer and backward layer are expected to have the same value for "
                f'attribute "{name}", got "{one}" for forward layer and "{other}" for backward '
                "layer"
            )
