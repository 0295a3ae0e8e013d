"""Files with Keras's mixed-precision policies: computed in float32, and written as they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(24, 8, 8, 3)).astype("f"), RNG.integers(0, 4, 24)
MIXED = {"mixed_float16": 2e-3, "mixed_bfloat16": 2e-2}

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def trained(policy: str) -> Any:
    """Keras's model under a global policy, with a softmax in float32, as its guide has it."""
    keras = tensorflow.keras
    keras.config.set_dtype_policy(policy)
    try:
        layers = keras.layers
        model = keras.Sequential(
            [
                keras.Input((8, 8, 3)),
                layers.Conv2D(4, 3, activation="relu"),
                layers.BatchNormalization(),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dropout(0.2),
                layers.Dense(4),
                layers.Activation("softmax", dtype="float32"),
            ]
        )
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    return model


@pytest.mark.parametrize("policy", MIXED)
def test_a_mixed_model_is_loaded_to_compute_in_float32(policy: str, tmp_path: Any) -> None:
    theirs = trained(policy)
    theirs.save(tmp_path / "m.keras")
    with pytest.warns(UserWarning, match=f"policy '{policy}' compute in b?float16") as caught:
        ours = scratchnet.keras.models.load_model(tmp_path / "m.keras")
    assert {w.filename for w in caught} == {__file__}
    assert len({str(w.message) for w in caught}) == 1  # shown once, and nothing else to say
    assert ours.layers[0].compute_dtype == "float32"
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.array_equal(a, b)
    found, expected = (model.predict(X, verbose=0) for model in (ours, theirs))
    assert np.max(np.abs(found - expected)) < MIXED[policy]


@pytest.mark.filterwarnings("ignore:Layers of the dtype policy")
@pytest.mark.parametrize("policy", MIXED)
def test_the_optimizer_goes_on(policy: str, tmp_path: Any) -> None:
    """Of a LossScaleOptimizer, the optimizer inside."""
    theirs = trained(policy)
    theirs.save(tmp_path / "m.keras")
    ours = scratchnet.keras.models.load_model(tmp_path / "m.keras")
    inner = getattr(theirs.optimizer, "inner_optimizer", theirs.optimizer)
    assert int(ours.optimizer.iterations) == int(inner.iterations) > 0
    for a, b in zip(ours.optimizer.variables, inner.variables, strict=True):
        assert np.array_equal(a.numpy(), np.asarray(b))
    ours.fit(X, Y, verbose=0)


@pytest.mark.filterwarnings("ignore:Layers of the dtype policy")
def test_the_policy_is_written_as_it_was(tmp_path: Any) -> None:
    trained("mixed_float16").save(tmp_path / "m.keras")
    ours = scratchnet.keras.models.load_model(tmp_path / "m.keras")
    ours.save(tmp_path / "again.keras")
    theirs = tensorflow.keras.models.load_model(tmp_path / "again.keras")
    policies = [layer.dtype_policy.name for layer in theirs.layers]
    assert policies == ["mixed_float16"] * 6 + ["float32"]


def test_float16_models_are_computed_in_float16(tmp_path: Any) -> None:
    theirs = trained("float16")
    theirs.save(tmp_path / "m.keras")
    ours = scratchnet.keras.models.load_model(tmp_path / "m.keras")
    assert ours.layers[0].compute_dtype == "float16"
    found, expected = (model.predict(X, verbose=0) for model in (ours, theirs))
    assert np.max(np.abs(found - expected)) < 4e-3


def test_layers_of_a_mixed_policy() -> None:
    with pytest.warns(UserWarning, match="here they compute in float32"):
        layer = scratchnet.keras.layers.Dense(2, dtype="mixed_float16")
    assert layer(np.ones((1, 3))).dtype == "float32"
    assert layer.get_config()["dtype"]["config"]["name"] == "mixed_float16"
    with pytest.raises(ValueError, match="Invalid dtype: mixed_float17"):
        scratchnet.keras.layers.Dense(2, dtype="mixed_float17")
