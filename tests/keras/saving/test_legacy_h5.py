"""Models and weights in HDF5: both directions with Keras, files of old versions, bad files."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.saving.h5 import HDF5_SIGNATURE
from tests.support.keras_programs import complain_alike, same
from tests.support.model_files import little_memory, small, unchanged, unpacked
from tests.support.saved_models import (
    BOTH,
    agree,
    differences,
    fill,
    fresh,
    plain,
    read,
    saved,
    write,
)

keras = scratchnet.keras
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning",
    "ignore:The structure of `inputs` doesn't match",
    "ignore:.*No training configuration found",
)
X = np.random.default_rng(3).normal(size=(4, 6, 6, 2)).astype("f")
OLD = Path(__file__).with_name("old_models.zip")


# -- both directions -------------------------------------------------------------------------------


def convolutional(tf: Any) -> Any:
    k = tf.keras
    layers = k.layers
    model = k.Sequential(
        [
            k.Input((6, 6, 2)),
            layers.Conv2D(3, 3, activation="relu", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(2, name="d"),
        ]
    )
    rate = k.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    metrics = ["mae", "accuracy", k.metrics.MeanSquaredError(name="x")]
    model.compile(k.optimizers.Adam(rate), k.losses.MeanSquaredError(), metrics=metrics)
    return model


def shared_and_nested(tf: Any) -> Any:
    k = tf.keras
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    dense = k.layers.Dense(4, name="shared")
    x, y = dense(a), dense(b)
    inner = k.Sequential(
        [k.Input((4,)), k.layers.Dense(3), k.layers.BatchNormalization()], name="inner"
    )
    end = k.Input((4,))
    graph = k.Model(end, k.layers.Dense(3)(end), name="graph")
    z = k.layers.Concatenate()([inner(y), k.layers.Add()([inner(x), graph(y)])])
    model = k.Model([a, b], {"o1": k.layers.Dense(1, name="o1")(z), "o2": graph(dense(a))})
    losses = {"o1": "mse", "o2": "mean_absolute_error"}
    model.compile("sgd", losses, metrics={"o1": ["mse"], "o2": ["mae", "mse"]})
    return model


def recurrent(tf: Any) -> Any:
    k = tf.keras
    layers = k.layers
    model = k.Sequential(
        [
            k.Input((5,), dtype="int32"),
            layers.Embedding(7, 4, mask_zero=True),
            layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
            layers.TimeDistributed(layers.Dense(2)),
            layers.GRU(2, dropout=0.1),
        ]
    )
    model.compile("rmsprop", "mean_squared_error", metrics=["accuracy"])
    return model


def operators(tf: Any) -> Any:
    a = tf.keras.Input((4,))
    hidden = tf.keras.layers.Dense(4)(a)
    return tf.keras.Model(a, (hidden + a) * 2.0 - a[:, :1])


ROWS = np.random.default_rng(4).normal(size=(2, 4)).astype("f")
MODELS: dict[Callable[[Any], Any], Any] = {
    convolutional: X,
    shared_and_nested: [ROWS, ROWS * 2],
    recurrent: np.array([[1, 2, 3, 0, 0], [4, 5, 6, 1, 2]]),
    operators: ROWS,
}


def tree(path: Path) -> tuple[Any, Any]:
    """(group or array -> attributes, or shape and dtype; the attributes of the file, JSON read)."""
    found: dict[str, Any] = {}

    def visit(name: str, thing: Any) -> None:
        attributes = {key: np.asarray(value).tolist() for key, value in thing.attrs.items()}
        is_array = isinstance(thing, h5py.Dataset)
        found[name] = (thing.shape, thing.dtype.name) if is_array else attributes

    with h5py.File(path) as file:
        file.visititems(visit)
        config = plain(json.loads(file.attrs["model_config"]))
        training = plain(json.loads(file.attrs.get("training_config", "{}")))
        rest = {k: v for k, v in file.attrs.items() if not k.endswith("_config")}
    return (found, rest), [config, training]


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_files_cross(make: Callable[[Any], Any], tmp_path: Path) -> None:
    """Equal files; the other predicts as the writer, with its step count and learning rate."""
    files = []
    for writer, reader in BOTH:  # Keras reads operators in our files alone
        path = tmp_path / f"{writer.__name__}.h5"
        model = saved(writer, make, path)
        if make is convolutional:
            model.fit(X, np.ones((4, 2), "f"), epochs=2, verbose=0)
            write(model, path)
        files.append(path)
        loaded = read(reader, path)
        agree(loaded(MODELS[make]), model(MODELS[make]), 64)
        assert loaded.compiled == model.compiled
        if model.compiled:
            rates = [float(np.asarray(m.optimizer.learning_rate)) for m in (loaded, model)]
            assert rates[0] == rates[1]
            assert int(loaded.optimizer.iterations.numpy()) == 2 * (make is convolutional)
    (their_tree, theirs), (our_tree, ours) = map(tree, files)
    assert our_tree == their_tree
    found = [d for d in differences(ours, theirs) if "/loss/" not in d]
    expected = ["module", "registered_name"] if make is operators else []
    assert {d.split(":")[0].split("/")[-1] for d in found} == set(expected), found


def test_training_goes_on_with_all_of_the_optimizers_state(tmp_path: Path) -> None:
    """Keras forgets the moments, and its `fit` fails on such a model."""
    fresh(scratchnet)
    model = convolutional(scratchnet)
    model.layers[4].rate = 0.0
    y = np.random.default_rng(0).normal(size=(4, 2)).astype("f")
    for path in (tmp_path / "a.hdf5", tmp_path / "b.keras"):
        model.fit(X, y, epochs=2, verbose=0)
        model.save(path)
        loaded = keras.models.load_model(path)
        loaded.layers[4].rate = 0.0
        for a, b in zip(loaded.optimizer.variables, model.optimizer.variables, strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())
    logs = [m.fit(X, y, epochs=2, verbose=0).history["loss"] for m in (loaded, model)]
    assert logs[0] == logs[1]
    loaded = keras.models.load_model(tmp_path / "a.hdf5", compile=False)
    assert not loaded.compiled
    model.save(tmp_path / "c.h5", include_optimizer=False)
    with pytest.warns(UserWarning, match="No training configuration found in the save file"):
        assert not keras.models.load_model(tmp_path / "c.h5").compiled


def test_names_of_metrics_are_those_that_keras_gives_them_after_loading(tmp_path: Path) -> None:
    def program(tf: Any) -> Any:
        model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
        metrics = ["mae", "accuracy", "cosine_similarity", "mean_squared_error"]
        model.compile("sgd", "mean_squared_error", metrics=metrics, weighted_metrics=["mse"])
        write(model, tmp_path / "a.h5")
        return sorted(
            read(tf, tmp_path / "a.h5").evaluate(
                ROWS, np.ones((2, 2), "f"), return_dict=True, verbose=0
            )
        )

    assert "mean_absolute_error" in same(program)


# -- files of old versions -------------------------------------------------------------------------

with zipfile.ZipFile(OLD) as _archive:
    OLD_NAMES = sorted(n.removesuffix(".h5") for n in _archive.namelist() if n.endswith(".h5"))
# Of which Keras 3.15 reads none or not with its optimizer, as of most.
CHANGED_SINCE = {
    "keras231_lstm": 1e-2,  # gradients of an embedding's equal rows, now squared one by one
    "tf213_lstm": 1e-3,  # of whose gradients some are so small that Adam enlarges their rounding
    "tf23_sep": 1e-3,  # RMSprop, whose epsilon has moved into the root
    "tf23_seq2seq": 1e-3,
}


@pytest.mark.filterwarnings("ignore:LeakyReLU. the argument `alpha`")
@pytest.mark.parametrize("name", OLD_NAMES)
def test_files_of_old_versions(name: str, tmp_path: Path) -> None:
    """They were written by TensorFlow 2.3 and 2.13 and Keras 2.3.1, with what these computed:
    predictions, and the losses of the next three steps."""
    with zipfile.ZipFile(OLD) as archive:
        path = Path(archive.extract(f"{name}.h5", tmp_path))
        known = np.load(io.BytesIO(archive.read(f"{name}.npz")))
    x, y, p = ([known[f"{c}{i}"] for i in range(3) if f"{c}{i}" in known] for c in "xyp")
    loaded = keras.models.load_model(path)
    assert loaded.compiled
    agree(loaded.predict(x if len(x) > 1 else x[0], verbose=0), p if len(p) > 1 else p[0], 64)
    for layer in loaded.layers:
        if getattr(layer, "stateful", False):
            layer.reset_states()
    other = keras.models.clone_model(loaded)
    other.load_weights(path)
    unchanged(other, loaded.get_weights())
    losses = []
    for _ in range(3):
        step = loaded.train_on_batch(x if len(x) > 1 else x[0], y if len(y) > 1 else y[0])
        losses.append(np.ravel(step)[0])
    np.testing.assert_allclose(losses, known["losses"], rtol=CHANGED_SINCE.get(name, 1e-5))


def rewritten(path: Path, change: Callable[[Any, Any], Any]) -> Path:
    """The file at `path` with its two JSON texts changed."""
    with h5py.File(path, "a") as file:
        texts = [json.loads(file.attrs.get(f"{n}_config", "{}")) for n in ("model", "training")]
        change(*texts)
        for name, text in zip(("model", "training"), texts, strict=True):
            file.attrs[f"{name}_config"] = json.dumps(text)
    return path


def as_keras_2_wrote(model: Any, training: Any) -> None:
    """What Keras 3.15 still reads of it."""
    model["class_name"] = "Model"
    config = model["config"]
    for layer in config["layers"]:
        inner = layer["config"]
        inner["dtype"] = "float32"
        if layer["class_name"] == "InputLayer":
            inner["batch_input_shape"] = inner.pop("batch_shape")
            del inner["optional"]
        if layer["class_name"] == "BatchNormalization":
            inner["axis"] = [1]
            inner["renorm"] = False
        layer["inbound_nodes"] = [
            [[*x["config"]["keras_history"], {}] for x in node["args"]]
            if isinstance(node["args"][0], dict)
            else [[*x["config"]["keras_history"], {}] for x in node["args"][0]]
            for node in layer["inbound_nodes"]
        ]
    training.pop("jit_compile")
    training["sample_weight_mode"] = None


def branches(tf: Any) -> Any:
    k = tf.keras
    a = k.Input((4,), name="a")
    x = k.layers.BatchNormalization(name="n")(k.layers.Dense(4, name="h")(a))
    model = k.Model(a, k.layers.Dense(2, name="o")(k.layers.Add(name="s")([x, a])))
    model.compile("adam", "mean_squared_error")
    return model


def test_layouts_that_keras_still_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    model = saved(tensorflow, branches, path)
    rewritten(path, as_keras_2_wrote)
    for tf in (tensorflow, scratchnet):
        agree(read(tf, path)(ROWS), model(ROWS), 64)


def as_older_ones_wrote(model: Any, training: Any) -> None:
    """What Keras 3.15 refuses, or takes for something else."""
    layers = model["config"].pop("layers")
    model["config"] = layers[1:]  # a Sequential was the list of its layers
    layers[1]["config"]["batch_input_shape"] = [None, 6, 6, 2]
    for layer in layers:
        layer["config"]["dtype"] = {"class_name": "Policy", "config": {"name": "float32"}}
        for key, part in layer["config"].items():
            if key.endswith("_initializer"):
                layer["config"][key] = {
                    **{"class_name": part["class_name"]},
                    "config": {**part["config"], "dtype": "float32"},
                }
    layers[2]["class_name"] = "BatchNormalizationV1"
    layers[2]["config"] |= {"fused": True, "virtual_batch_size": None, "axis": [3]}
    optimizer = training["optimizer_config"]
    optimizer["class_name"] = "Custom>Adam"
    optimizer["config"] |= {"jit_compile": True, "is_legacy_optimizer": False, "decay": 0.0}
    optimizer["config"]["lr"] = 0.25
    del optimizer["config"]["learning_rate"]
    training["loss"] = {"class_name": "MeanSquaredError", "config": {"reduction": "auto"}}
    fn = {"name": "accuracy", "dtype": "float32", "fn": "binary_accuracy"}
    training["metrics"] = [[{"class_name": "MeanMetricWrapper", "config": fn}]]


def test_layouts_that_keras_reads_no_more(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    model = saved(scratchnet, convolutional, path)
    loaded = read(scratchnet, rewritten(path, as_older_ones_wrote))
    agree(loaded(X), model(X), 64)
    assert float(loaded.optimizer.learning_rate) == 0.25
    assert loaded.input_shape == (None, 6, 6, 2)
    found = loaded.evaluate(X, np.ones((4, 2), "f"), return_dict=True, verbose=0)
    assert set(found) == {"loss", "accuracy"}


def test_what_old_files_do_not_say(tmp_path: Path) -> None:
    """Whether a GRU resets after the product, its bias says; hard_sigmoid has changed since."""
    for reset_after in (True, False):
        model = keras.Sequential(
            [
                keras.Input((5, 2)),
                keras.layers.Bidirectional(
                    keras.layers.GRU(3, reset_after=reset_after, recurrent_activation="sigmoid")
                ),
            ]
        )
        model.save(tmp_path / "a.h5")

        def change(config: Any, training: Any) -> None:
            inner = config["config"]["layers"][1]["config"]
            for name in ("layer", "backward_layer"):
                del inner[name]["config"]["reset_after"]
                del inner[name]["module"]
                inner[name]["config"]["time_major"] = False

        loaded = keras.models.load_model(rewritten(tmp_path / "a.h5", change))
        x = np.ones((1, 5, 2), "f")
        agree(loaded(x), model(x), 64)
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="hard_sigmoid")]).save(
        tmp_path / "b.h5"
    )
    with h5py.File(tmp_path / "b.h5", "a") as file:
        file.attrs["keras_version"] = "2.2.4"
    with pytest.warns(UserWarning, match=r"Keras 2\.2\.4 wrote it, whose hard_sigmoid was"):
        keras.models.load_model(tmp_path / "b.h5")

    def of_then(x: Any) -> Any:
        return scratchnet.clip_by_value(0.2 * x + 0.5, 0.0, 1.0)

    with pytest.warns(UserWarning, match=r"custom_objects={'hard_sigmoid'"):
        loaded = keras.models.load_model(tmp_path / "b.h5", {"hard_sigmoid": of_then})
    assert loaded.layers[0].activation is of_then


# -- what cannot be made ---------------------------------------------------------------------------


class Sized(keras.layers.Layer):
    """It takes the place of a Lambda."""

    @classmethod
    def from_config(cls, config: Any) -> Any:
        return cls(name=config["name"])

    def call(self, inputs: Any) -> Any:
        return inputs * 2.0


def with_lambda() -> Any:
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Lambda(lambda x: x + 1), keras.layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("ending", [".h5", ".keras"])
def test_code_in_a_file_is_not_run_and_there_is_a_way_out(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    model = with_lambda()
    model.save(path)
    with pytest.raises(ValueError, match=r"no code from a file is run.*custom_objects={'Lambda'"):
        keras.models.load_model(path)
    loaded = keras.models.load_model(path, custom_objects={"Lambda": Sized})
    assert isinstance(loaded.layers[0], Sized)
    unchanged(loaded, model.get_weights())
    again = with_lambda()
    again.load_weights(path)
    unchanged(again, model.get_weights())
    if ending == ".h5":  # as Keras 2 wrote it: the code, its defaults and its closure in a list

        def change(config: Any, training: Any) -> None:
            inner = config["config"]["layers"][1]["config"]
            inner |= {"function": ["4wEAAAA=", None, None], "function_type": "lambda"}

        with pytest.raises(ValueError, match=r"no code from a file is run.*`load_weights` reads"):
            keras.models.load_model(rewritten(path, change))


def test_layers_that_are_not_here_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with_lambda().save(path)

    def change(config: Any, training: Any) -> None:
        config["config"]["layers"][1]["class_name"] = "TFOpLambda"

    rewritten(path, change)
    with pytest.raises(ValueError, match=r"a\.h5.*'TFOpLambda'.*`load_weights` reads its weights"):
        keras.models.load_model(path)
    complain_alike(lambda tf: tf.keras.models.load_model(path), "Unknown layer: 'TFOpLambda'")
    loaded = keras.models.load_model(path, custom_objects={"TFOpLambda": Sized})
    assert loaded.layers[0].name == "lambda" or isinstance(loaded.layers[0], Sized)


def nope(y_true: Any, y_pred: Any) -> Any:
    return y_pred


# part -> (what it is changed to, is the model compiled, a phrase of the warning)
LOST = {
    "metrics": (["mae", "nope_metric", {"class_name": "Nope", "config": {}}], True, "nope_metric"),
    "loss": ("nope_loss", False, "loss: .*nope_loss"),
    "optimizer": ({"class_name": "Muon", "config": {}}, False, "optimizer: .*Muon"),
}


@pytest.mark.parametrize("ending", [".h5", ".keras"])
@pytest.mark.parametrize("part", LOST)
def test_what_cannot_be_made_of_compile_refuses_no_file(
    part: str, ending: str, tmp_path: Path
) -> None:
    value, is_compiled, text = LOST[part]
    path = tmp_path / f"a{ending}"
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(ROWS[:, :2], ROWS[:, :1], verbose=0)
    model.save(path)
    if ending == ".h5":
        key = {"optimizer": "optimizer_config"}.get(part, part)
        rewritten(path, lambda config, training: training.update({key: value}))
    else:
        members = unpacked(path)
        config = json.loads(members["config.json"])
        config["compile_config"][part] = value
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                text_of = json.dumps(config).encode() if name == "config.json" else content
                archive.writestr(name, text_of)
    with pytest.warns(UserWarning, match=text) as heard:
        loaded = keras.models.load_model(path)
    assert {w.filename for w in heard} == {__file__}
    assert loaded.compiled == is_compiled
    unchanged(loaded, model.get_weights())
    if is_compiled:
        logs = loaded.evaluate(ROWS[:, :2], ROWS[:, :1], return_dict=True, verbose=0)
        assert len(logs) == 2
        assert int(loaded.optimizer.iterations) == 1
        given = keras.models.load_model(
            path, custom_objects={"nope_metric": nope, "Nope": keras.metrics.MeanSquaredError}
        )
        assert len(given.evaluate(ROWS[:, :2], ROWS[:, :1], verbose=0)) == 4
    elif part == "loss":
        assert keras.models.load_model(path, custom_objects={"nope_loss": nope}).compiled


# -- weights alone ---------------------------------------------------------------------------------


def two_layers(tf: Any, first: int = 2, names: tuple[str, str] = ("d", "e")) -> Any:
    k = tf.keras
    return k.Sequential(
        [
            k.Input((3,)),
            k.layers.Dense(first, name=names[0]),
            k.layers.Dropout(0.5),
            k.layers.Dense(1, name=names[1]),
        ]
    )


def loading(path: Path, **kwargs: Any) -> Callable[[Any], Any]:
    """The weights that are loaded from `path`, as a program for both."""
    given = dict(kwargs)
    make = given.pop("make", two_layers)

    def program(tf: Any) -> Any:
        model = make(tf)
        model.set_weights([np.zeros_like(w) for w in model.get_weights()])
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always", UserWarning)
            model.load_weights(path, **given)
        texts = [w for w in heard if w.category is UserWarning]
        return [w.tolist() for w in model.get_weights()], len(texts)

    return program


def test_weights_by_position_and_by_name(tmp_path: Path) -> None:
    """Of a whole model, and of weights alone as TensorFlow 1 and 2 wrote them."""
    whole, alone = tmp_path / "a.h5", tmp_path / "b.hdf5"
    model = saved(tensorflow, two_layers, whole)
    with h5py.File(whole) as file, h5py.File(alone, "w") as target:
        for name, value in file["model_weights"].attrs.items():
            target.attrs[name] = value
        for name in file["model_weights"]:
            file.copy(f"model_weights/{name}", target)
    wide = lambda tf: two_layers(tf, 5)  # noqa: E731
    other = lambda tf: two_layers(tf, 2, ("x", "e"))  # noqa: E731
    none = lambda tf: two_layers(tf, 2, ("x", "y"))  # noqa: E731
    full = [w.tolist() for w in model.get_weights()]
    for path in (whole, alone):
        assert same(loading(path)) == (full, 0)
        assert same(loading(path, by_name=True)) == (full, 0)
        assert same(loading(path, by_name=True, make=other))[0][2:] == full[2:]
        assert same(loading(path, by_name=True, make=none))[1] == 0
        assert same(loading(path, skip_mismatch=True, make=wide))[1] > 0
        assert same(loading(path, by_name=True, skip_mismatch=True, make=wide))[1] > 0
    renamed = tmp_path / "b.weights.h5"  # of TensorFlow 2, which wrote that layout in it as well
    renamed.write_bytes(alone.read_bytes())
    assert loading(renamed)(scratchnet) == (full, 0)
    k = scratchnet.keras
    more = lambda tf: tf.keras.Sequential(  # noqa: E731
        [tf.keras.Input((3,)), tf.keras.layers.Dense(2), tf.keras.layers.Dense(1)] * 1
        + [tf.keras.layers.Dense(1)]
    )
    complain_alike(loading(whole, make=wide), "Shape mismatch in layer #0 (named d)")
    complain_alike(loading(whole, make=more), "Layer count mismatch when loading weights from file")
    biased = lambda tf: tf.keras.Sequential(  # noqa: E731
        [
            tf.keras.Input((3,)),
            tf.keras.layers.Dense(2, use_bias=False, name="d"),
            tf.keras.layers.Dense(1),
        ]
    )
    complain_alike(loading(whole, make=biased), "Weight count mismatch for layer #0 (named d")
    complain_alike(loading(whole, make=biased, by_name=True), "Weight count mismatch for layer #")
    complain_alike(loading(tmp_path / "none.h5"), "", "must be a file that exists")
    changed = two_layers(scratchnet, 2, ("d", "x"))
    changed.pop()
    changed.add(k.layers.Dense(3, name="e"))
    before = [w.copy() for w in changed.get_weights()]
    for by_name in (True, False):
        with pytest.raises(ValueError, match="Shape mismatch"):
            changed.load_weights(whole, by_name=by_name)
        unchanged(changed, before)  # the first layer fits, and has not changed either


# -- bad files -------------------------------------------------------------------------------------


def spoiled(path: Path, change: Callable[[Any], Any]) -> Path:
    with h5py.File(path, "a") as file:
        change(file)
    return path


def long_names(file: Any) -> None:
    group = file["model_weights"]
    names = [f"{i}{'x' * 60_000}" for i in range(3)]
    del group.attrs["layer_names"]
    for i, name in enumerate(names):
        group.attrs[f"layer_names{i}"] = [name.encode()]


def without(path: str) -> Callable[[Any], None]:
    return lambda file: file.__delitem__(path)


def link(file: Any) -> None:
    del file["model_weights/d"]
    file["model_weights/d"] = h5py.ExternalLink("other.h5", "/d")


def soft(file: Any) -> None:
    del file["model_weights"]
    file["model_weights"] = h5py.SoftLink("/elsewhere")


def text_array(file: Any) -> None:
    name = file["model_weights/d"].attrs["weight_names"][0]
    del file[f"model_weights/d/{name}"]
    file[f"model_weights/d/{name}"] = [b"text"] * 6


def huge(file: Any) -> None:
    name = file["model_weights/d"].attrs["weight_names"][0]
    del file[f"model_weights/d/{name}"]
    shape = (2**20, 2**10)
    file["model_weights/d"].create_dataset(name, shape, "f", chunks=(1024, 1024))


def attribute(name: str, value: Any, group: str = "/") -> Callable[[Any], None]:
    return lambda file: file[group].attrs.__setitem__(name, value)


def large_layer(file: Any) -> None:
    config = json.loads(file.attrs["model_config"])
    config["config"]["layers"][1]["config"]["units"] = 2**26
    file.attrs["model_config"] = json.dumps(config)


BAD: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "no config": (lambda file: file.attrs.__delitem__("model_config"), ValueError, "No model conf"),
    "no JSON": (attribute("model_config", "{nope"), ValueError, "model_config is not JSON"),
    "no model": (attribute("model_config", '{"a": 1}'), ValueError, "must describe a model"),
    "numbers": (attribute("model_config", np.ones(3)), ValueError, "other things than text"),
    "an array of text": (attribute("model_config", [b"a", b"b"]), ValueError, "No model config"),
    "no JSON of compile": (attribute("training_config", "["), ValueError, "training_config is not"),
    "a list of compile": (attribute("training_config", "[1]"), ValueError, "must be a dict"),
    "a large layer": (large_layer, ValueError, "is larger than the weights in the file"),
    "no weights": (without("model_weights"), ValueError, "found 0 saved layers"),
    "no layer": (without("model_weights/d"), ValueError, "the layer 'd', which it lists, is not"),
    "no array": (
        attribute("weight_names", ["nope", "no"], "model_weights/d"),
        ValueError,
        "'model_weights/d/nope', which it lists",
    ),
    "a path": (
        attribute("weight_names", ["../e/x", "."], "model_weights/d"),
        ValueError,
        "which it lists, is not",
    ),
    "names that are numbers": (
        attribute("layer_names", np.arange(3), "model_weights"),
        ValueError,
        "other things than text",
    ),
    "long names": (long_names, ValueError, "which it lists, is not in it"),
    "an external link": (link, ValueError, "Not allowed: H5 file with ExternalLink"),
    "a soft link": (soft, ValueError, "Not allowed: H5 file with SoftLink"),
    "text": (text_array, ValueError, "not plain numbers"),
    "a huge array": (huge, ValueError, "of which 0 bytes are stored"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_by_name(name: str, tmp_path: Path) -> None:
    change, kind, text = BAD[name]
    model = small(scratchnet)
    path = tmp_path / "a.h5"
    model.save(path)
    spoiled(path, change)
    with little_memory(), pytest.raises(kind, match=text) as caught:
        keras.models.load_model(path)
    assert "a.h5" in str(caught.value)


def test_files_that_are_no_hdf5(tmp_path: Path) -> None:
    model = small(scratchnet)
    for content in (b"", b"PK\x03\x04", HDF5_SIGNATURE, HDF5_SIGNATURE + b"\xff" * 200):
        (tmp_path / "a.h5").write_bytes(content)
        for load in (keras.models.load_model, model.load_weights):
            with pytest.raises(OSError, match=r"a\.h5.* is not a readable HDF5 file"):
                load(tmp_path / "a.h5")
    model.save(tmp_path / "b.h5")
    (tmp_path / "b.keras").write_bytes((tmp_path / "b.h5").read_bytes())
    with pytest.raises(ValueError, match=r"this is HDF5: rename it to '\.h5'.*b\.keras"):
        keras.models.load_model(tmp_path / "b.keras")
    whole = (tmp_path / "b.h5").read_bytes()
    refused = 0
    for at in range(0, 1024, 8):  # in each place that could be an address or a size
        changed = whole[:at] + (2**64 - 2).to_bytes(8, "little") + whole[at + 8 :]
        (tmp_path / "b.h5").write_bytes(changed)
        try:
            keras.models.load_model(tmp_path / "b.h5")
        except (OSError, ValueError, TypeError):  # of a class whose name is spoiled
            refused += 1
    assert refused > 10


def test_saving_replaces_a_file_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "folder" / "a.h5"
    model = small(scratchnet)
    model.save(path)  # Keras makes the folder for these files, too
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="overwrite=False"):
        model.save(path, overwrite=False)

    def full(*args: Any) -> None:
        raise OSError("No space left on device")

    fill(model)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        model.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["a.h5"]


def test_many_long_names_and_equal_paths(tmp_path: Path) -> None:
    """An attribute holds 64 KiB; longer lists are several. Old programs say `save_format`."""
    layers = [keras.layers.Dense(1, name=f"{'n' * 4000}_{i}") for i in range(18)]
    model = keras.Sequential([keras.Input((1,)), *layers])
    with pytest.warns(UserWarning, match="`save_format` is not looked at"):
        model.save(tmp_path / "a.h5", save_format="h5")
    with h5py.File(tmp_path / "a.h5") as file:
        assert "layer_names1" in file["model_weights"].attrs
    loaded = keras.models.load_model(tmp_path / "a.h5", compile=False)
    unchanged(loaded, model.get_weights())
    theirs = read(tensorflow, tmp_path / "a.h5", compile=False)
    agree(theirs.get_weights(), model.get_weights(), 1)
