"""Small files that ask for much: each is refused, or loaded, in little time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import pytest

import scratchnet as tf
from scratchnet.keras.saving import model_file

HUGE = 10**9


def layer(kind: str, **config: Any) -> dict[str, Any]:
    config = {"name": "big", **config}
    return {"module": "keras.layers", "class_name": kind, "config": config, "registered_name": None}


def sequential(*layers: Any, shape: Any = (4, 4, 1)) -> dict[str, Any]:
    first = layer("InputLayer", name="i", batch_shape=[None, *shape], dtype="float32")
    config = {"name": "s", "trainable": True, "layers": [first, *layers]}
    return {"module": "keras", "class_name": "Sequential", "config": config}


def functional(inner: dict[str, Any], name: str, calls: int) -> dict[str, Any]:
    """A model that calls `inner` on what `inner` returned, so many times."""
    first = layer("InputLayer", name="i", batch_shape=[None, 4], dtype="float32")
    first |= {"name": "i", "inbound_nodes": []}
    inside = inner["config"]["name"]

    def tensor(of: str, node: int) -> dict[str, Any]:
        config = {"shape": [None, 4], "dtype": "float32", "keras_history": [of, node, 0]}
        return {"class_name": "__keras_tensor__", "config": config}

    args = [tensor("i", 0), *(tensor(inside, i) for i in range(calls - 1))]
    nodes = [{"args": [x], "kwargs": {}} for x in args]
    config = {
        "name": name,
        "trainable": True,
        "layers": [first, {**inner, "name": inside, "inbound_nodes": nodes}],
        "input_layers": [["i", 0, 0]],
        "output_layers": [[inside, calls - 1, 0]],
    }
    module = "keras.src.models.functional"
    return {"module": module, "class_name": "Functional", "config": config}


def doubling(depth: int) -> dict[str, Any]:
    model = layer("Dense", units=4)
    for i in range(depth):
        model = functional(model, f"f{i}", 3)
    return model


LARGE = {
    "Dense": sequential(layer("Dense", units=HUGE)),
    "UpSampling2D": sequential(
        layer("UpSampling2D", size=[HUGE, HUGE]), layer("BatchNormalization", axis=1, name="n")
    ),
    "UpSampling2D many times": sequential(
        *[layer("UpSampling2D", size=[99, 99], name=f"u{i}") for i in range(300)]
    ),
    "ZeroPadding2D": sequential(
        layer("ZeroPadding2D", padding=[HUGE, HUGE]), layer("MaxPooling2D", pool_size=9, name="p")
    ),
    "pool_size": sequential(layer("AveragePooling2D", pool_size=[HUGE, HUGE], padding="same")),
    "strides": sequential(layer("Conv2DTranspose", filters=1, kernel_size=3, strides=[HUGE, HUGE])),
    "filters": sequential(layer("Conv2D", filters=HUGE, kernel_size=1)),
    "dilation": sequential(
        layer("Conv2D", filters=1, kernel_size=2, dilation_rate=[HUGE, HUGE], padding="same")
    ),
    "PReLU": sequential(layer("PReLU"), shape=(30_000, 3_000)),
    "many Dense": sequential(*[layer("Dense", units=900, name=f"d{i}") for i in range(400)]),
    "many layers": sequential(*[layer("Dropout", rate=0.5, name=f"d{i}") for i in range(3000)]),
    "models in models": doubling(40),
}

LOAD = """
import resource, sys, warnings
import scratchnet as tf
from scratchnet.keras.saving import model_file
warnings.simplefilter("ignore")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    try:
        tf.keras.models.load_model(path)
    except ValueError as error:
        assert len(str(error)) < 3000
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures the memory of a process")
def test_no_small_file_takes_much_time_or_memory(tmp_path: Path) -> None:
    weights = BytesIO()
    h5py.File(weights, "w").close()
    paths = []
    for name, config in LARGE.items():
        paths.append(str(tmp_path / f"{name}.keras"))
        with zipfile.ZipFile(paths[-1], "w") as file:
            file.writestr("metadata.json", '{"keras_version": "3.15.1"}')
            file.writestr("config.json", json.dumps(config))
            file.writestr("model.weights.h5", weights.getvalue())
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", LOAD, *paths],
        capture_output=True,
        text=True,
        timeout=150,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 500


@pytest.mark.filterwarnings("ignore:The structure of")
def test_models_that_call_one_another_without_end_are_refused_and_named() -> None:
    with pytest.raises(ValueError, match=r"more than 65,536 times, received another call of the "):
        tf.keras.models.model_from_json(json.dumps(doubling(40)))
    model = tf.keras.models.model_from_json(json.dumps(doubling(5)))
    assert model.output_shape == (None, 4)


HALF = r"^model_from_json: the weight s/big/kernel of .* more than [\d,]+ MiB, half the memory"


def test_the_weights_of_a_json_are_within_half_of_the_memory() -> None:
    """There is no file with weights to compare them with."""
    config = sequential(layer("Dense", units=50_000_000), shape=(50_000_000,))
    with pytest.raises(ValueError, match=HALF):
        tf.keras.models.model_from_json(json.dumps(config))


def test_so_are_all_of_them_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "memory_size", lambda: 64 * 2**20)
    text = json.dumps(sequential(layer("Dense", units=2_000), shape=(4_000,)))  # 32 MB
    assert tf.keras.models.model_from_json(text).count_params() == 8_002_000
    small = layer("Dense", name="small", units=4_000)
    config = sequential(small, layer("Dense", units=2_000), shape=(200,))
    with pytest.raises(ValueError, match=HALF):
        tf.keras.models.model_from_json(json.dumps(config))
