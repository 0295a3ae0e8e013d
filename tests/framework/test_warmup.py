"""warmup: kernels are compiled before they are needed."""

from __future__ import annotations

import numpy as np
import pytest

import scratchnet
from scratchnet.framework import warmup as warmup_module
from scratchnet.kernels import kernel_cache
from tests.support.ops_checks import DTYPES


@pytest.mark.parametrize("dtype", DTYPES)
def test_warmup_leaves_nothing_to_compile(dtype, monkeypatch):
    rng = np.random.default_rng(3)
    scratchnet.warmup(dtype)
    monkeypatch.setattr(
        kernel_cache._PROGRESS, "tell", lambda name: pytest.fail(f"compiles {name}")
    )
    model = scratchnet.keras.Sequential(
        [
            scratchnet.keras.Input((28, 28, 1), dtype=dtype),
            scratchnet.keras.layers.Conv2D(32, 3, activation="relu", dtype=dtype),
            scratchnet.keras.layers.Conv2D(64, 3, activation="relu", dtype=dtype),
            scratchnet.keras.layers.MaxPooling2D(dtype=dtype),
            scratchnet.keras.layers.Dropout(0.25, dtype=dtype),
            scratchnet.keras.layers.Flatten(dtype=dtype),
            scratchnet.keras.layers.Dense(10, activation="softmax", dtype=dtype),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = rng.random((64, 28, 28, 1)).astype(dtype), rng.integers(0, 10, 64)
    model.fit(x, y, batch_size=32, verbose=0)


def test_its_parts_are_counted(monkeypatch):
    """How many kernels a program compiles is not known, how many parts this has is."""
    seen = []
    for name in ("_images", "_pooled", "_normalized", "_matrices", "_updates", "_random"):
        monkeypatch.setattr(
            warmup_module, name, lambda *_: seen.append(kernel_cache._PROGRESS.part)
        )
    scratchnet.warmup()
    assert seen == [f", part {i} of 7 of warmup" for i in range(1, 8)]
    assert kernel_cache._PROGRESS.part == ""


def test_warmup_of_another_dtype_is_refused():
    with pytest.raises(ValueError, match=r"`dtype` must be float32 or float64, received .*int32"):
        scratchnet.warmup("int32")
