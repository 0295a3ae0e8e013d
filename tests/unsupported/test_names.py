"""What TensorFlow has is here or listed; what is listed, names and identifiers, is not here."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.unsupported import REASONS
from scratchnet.unsupported.names import LISTED
from tests.support.keras_programs import complain_alike
from tests.support.unsupported_names import NOTHING, at, text_of


def test_what_tensorflow_has_is_here_or_listed() -> None:
    """So nothing of TensorFlow's is taken for a slip of the pen."""
    spaces = {name.rpartition(".")[0] for name in LISTED}
    spaces.add("tf.keras.datasets")  # of which all is here
    assert len(spaces) > 15
    names = {
        f"{space}.{name}"
        for space in spaces
        for name in dir(at(tensorflow, space))
        if not name.startswith("_")
    }
    absent = {name for name in names if at(scratchnet, name) is NOTHING}
    assert absent - REASONS.keys() - LISTED.keys() == set()
    assert not REASONS.keys() & LISTED.keys()


@pytest.mark.parametrize("space", sorted({name.rpartition(".")[0] for name in LISTED}))
def test_every_listed_name_is_not_here_and_its_message_says_so(space: str) -> None:
    for name, reason in LISTED.items():
        if name.rpartition(".")[0] == space:
            said = f": scratchnet does not have `{name}`; {reason}"
            assert text_of(name.removeprefix("tf.")).endswith(said)


def test_what_is_said_to_be_here_is_here() -> None:
    advised = {
        (about, name)
        for about, reason in [*REASONS.items(), *LISTED.items()]
        for name in re.findall(r"`(tf\.[\w.]+)", reason)
        if not name.startswith(about)
    }
    assert len(advised) > 100
    assert {(about, name) for about, name in advised if at(scratchnet, name) is NOTHING} == set()


@pytest.mark.parametrize(
    ("program", "shared", "ours"),
    [
        (
            "optimizers.get('sdg')",
            "optimizer identifier: sdg",
            "here are 'adadelta', 'adafactor', 'adagrad', 'adam', ",
        ),
        ("losses.get('foo')", "loss identifier: foo", "'mean_squared_error'"),
        ("metrics.get('foo')", "metric identifier: foo", "'binary_accuracy'"),
        ("activations.get('rleu')", "activation function identifier: rleu", "'relu'"),
        ("initializers.get('foo')", "initializer identifier: foo", "'he_normal'"),
        ("constraints.get('foo')", "constraint identifier: foo", "here are 'max_norm', "),
        ("regularizers.get('foo')", "regularizer identifier: foo", "here are 'l1'"),
    ],
)
def test_an_unknown_identifier_is_told_the_known_ones(program: str, shared: str, ours: str) -> None:
    complain_alike(lambda tf: eval(f"keras.{program}", {"keras": tf.keras}), shared, ours)


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("optimizers.get('lamb')", "optimizers.Lamb"),
        ("Sequential([keras.layers.Dense(1)]).compile('Muon')", "optimizers.Muon"),
        ("losses.get('dice')", "losses.Dice"),
        ("activations.get('sparsemax')", "activations.sparsemax"),
    ],
)
def test_an_identifier_of_keras_only(program: str, name: str) -> None:
    assert at(tensorflow, f"tf.keras.{name}") is not NOTHING
    said = rf"Could not interpret .* identifier: .*; `tf.keras.{name}` is Keras's but not here: "
    with pytest.raises(ValueError, match=said + ".*; here are '"):
        eval(f"keras.{program}", {"keras": scratchnet.keras})


def compiled_and_fitted(model: Any, x: Any, **arguments: Any) -> None:
    model.compile("sgd", **arguments)
    model.fit(x, x, verbose=0)


def test_compile_says_so_too() -> None:
    x = np.ones((2, 1), "f")
    model = scratchnet.keras.Sequential([scratchnet.keras.layers.Dense(1)])
    with pytest.raises(ValueError, match=r"`tf\.keras\.losses\.Dice` is Keras's but not here"):
        compiled_and_fitted(model, x, loss="dice")
