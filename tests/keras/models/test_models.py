"""The models: what Model and Sequential are made of."""

from __future__ import annotations

import scratchnet
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.models.model import Model
from scratchnet.keras.models.saving import Saving
from scratchnet.keras.models.training import Training


def chain(cls: type) -> int:
    """How many classes of scratchnet follow each other as bases, `cls` included, at most."""
    own = cls.__module__.startswith("scratchnet.")
    return own + max((chain(base) for base in cls.__bases__), default=0)


def test_a_model_is_a_layer_that_can_be_saved_and_trained() -> None:
    assert Model.__mro__[:4] == (Model, Saving, Training, Layer)
    assert not issubclass(Saving, Layer)
    assert not issubclass(Training, Layer)


def test_the_chain_of_classes_below_sequential_is_short() -> None:
    assert chain(scratchnet.keras.Sequential) <= 5


def test_a_subclass_made_of_inputs_and_outputs_becomes_functional() -> None:
    keras = scratchnet.keras

    class Own(keras.Model):
        pass

    x = keras.Input((3,))
    made = [cls(x, keras.layers.Dense(2)(x)) for cls in (keras.Model, Own)]
    assert [type(model).__name__ for model in made] == ["Functional", "Own"]
    assert all(isinstance(model, type(made[0])) for model in made)
    assert all(model.count_params() == 8 for model in made)
