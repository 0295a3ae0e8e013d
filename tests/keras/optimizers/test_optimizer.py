"""What the optimizers hand on to the class that they have in common."""

from __future__ import annotations

import inspect

import pytest

from scratchnet import keras

SHARED = {
    "weight_decay": 0.25,
    "clipvalue": 3.0,
    "use_ema": True,
    "ema_momentum": 0.5,
    "ema_overwrite_frequency": 7,
    "loss_scale_factor": 2.0,
    "gradient_accumulation_steps": 4,
    "name": "mine",
}


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_arguments_of_all_optimizers_reach_them_by_name_and_by_place(name):
    cls = getattr(keras.optimizers, name)
    parameters = inspect.signature(cls).parameters
    assert set(inspect.signature(keras.optimizers.Optimizer).parameters) <= set(parameters)
    optimizer = cls(learning_rate=0.5, **SHARED)
    assert optimizer.get_config().items() >= {"learning_rate": 0.5, **SHARED}.items()
    given = {k: p.default for k, p in parameters.items() if k != "kwargs"} | SHARED
    assert cls(*given.values()).get_config() == cls(**given).get_config()


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_an_unknown_argument_is_refused(name):
    with pytest.raises(ValueError, match=r"Argument\(s\) not recognized: {'lr': 0.1}"):
        getattr(keras.optimizers, name)(lr=0.1)
    with pytest.warns(UserWarning, match="`decay` has no effect"):
        getattr(keras.optimizers, name)(decay=0.1)
