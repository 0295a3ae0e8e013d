"""Files that are damaged, wrong, or made to do harm: a clear error, and nothing is changed."""

from __future__ import annotations

import io
import json
import pickle
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.configs import limits
from tests.support.keras_programs import complain_alike, fresh
from tests.support.saved_models import fill, read, write

CONFIG, WEIGHTS = "config.json", "model.weights.h5"


def small(tf: Any) -> Any:
    k = tf.keras
    return k.Sequential([k.Input((3,)), k.layers.Dense(2, name="d"), k.layers.Dense(1, name="e")])


@pytest.fixture(scope="module")
def members(tmp_path_factory) -> dict[str, bytes]:
    """The members of a good file."""
    fresh(scratchnet)
    model = small(scratchnet)
    model.compile("adam", "mse")
    model.train_on_batch(np.ones((2, 3), np.float32), np.ones((2, 1), np.float32))
    path = tmp_path_factory.mktemp("good") / "a.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, members: dict[str, bytes], mode: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", mode) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def load(path: Any, **kwargs: Any) -> Any:
    return lambda tf: read(tf, path, **kwargs)


# -- the zip --------------------------------------------------------------------------------------


def test_a_good_file_can_be_loaded(members, tmp_path):
    assert (
        scratchnet.keras.models.load_model(packed(tmp_path / "a.keras", members)).count_params()
        == 11
    )


def test_what_is_no_zip(tmp_path):
    path = tmp_path / "a.keras"
    complain_alike(load(path), "File not found", "must exist")
    path.write_bytes(b"")
    complain_alike(load(path), "accessible `.keras` zip file", str(path))
    path.write_bytes(b"not a zip file" * 99)
    complain_alike(load(path), "accessible `.keras` zip file", str(path))


def test_a_zip_that_was_cut_off(members, tmp_path):
    path = packed(tmp_path / "a.keras", members)
    whole = path.read_bytes()
    for size in (10, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:size])
        complain_alike(load(path), "accessible `.keras` zip file", "a.keras")


@pytest.mark.parametrize("missing", [CONFIG, WEIGHTS])
def test_missing_members(missing, members, tmp_path):
    rest = {name: content for name, content in members.items() if name != missing}
    complain_alike(load(packed(tmp_path / "a.keras", rest)), missing, "a.keras")


def test_the_metadata_may_be_missing(members, tmp_path):
    rest = {name: content for name, content in members.items() if name != "metadata.json"}
    assert scratchnet.keras.models.load_model(packed(tmp_path / "a.keras", rest)).built


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/evil", "assets/../../evil", "..\\evil", "C:/evil"]
)
def test_members_that_reach_out_of_their_folder(name, members, tmp_path):
    path = packed(tmp_path / "a.keras", members)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"print('evil')")
    before = sorted(tmp_path.parent.rglob("*"))
    with pytest.raises(ValueError, match=r"a\.keras.*reaches out of its folder"):
        scratchnet.keras.models.load_model(path)
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_two_members_of_one_name(members, tmp_path):
    path = packed(tmp_path / "a.keras", members)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr(CONFIG, b"{}")
    with pytest.raises(ValueError, match="two members of one name"):
        scratchnet.keras.models.load_model(path)


def test_a_member_that_unpacks_to_far_more_than_is_stored(members, tmp_path):
    bomb = {**members, CONFIG: b" " * (65 * limits.MIB)}
    path = packed(tmp_path / "a.keras", bomb, zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match=r"a\.keras.*unpacks to"):
        scratchnet.keras.models.load_model(path)


def test_a_member_with_a_wrong_checksum(members, tmp_path):
    path = packed(tmp_path / "a.keras", members)
    content = bytearray(path.read_bytes())
    content[content.index(b'"class_name"') + 3] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ValueError, match=r"config\.json is damaged.*CRC"):
        scratchnet.keras.models.load_model(path)


# -- config.json ----------------------------------------------------------------------------------


def changed(members: dict[str, bytes], path: Path, change: Any) -> Path:
    """A file whose configuration `change` has worked on; it may return another one."""
    config = json.loads(members[CONFIG])
    config = change(config) or config
    return packed(path, {**members, CONFIG: json.dumps(config).encode()})


def of_layer(**parts: Any) -> Any:
    """Changes the description of the first Dense layer."""

    def change(config: Any) -> None:
        config["config"]["layers"][1].update(parts)

    return change


def argument(**parts: Any) -> Any:
    """Changes arguments of the first Dense layer."""

    def change(config: Any) -> None:
        config["config"]["layers"][1]["config"].update(parts)

    return change


LAMBDA = {"class_name": "__lambda__", "config": {"value": ["4wEAAAA=", None, None]}}
CALLABLE = {"module": "os", "class_name": "function", "config": "system", "registered_name": "x"}
# name -> (change, a phrase of both texts, a phrase of ours)
WRONG = {
    "unknown module": (of_layer(module="os", class_name="system"), "system", "Could not locate"),
    "module of ours": (of_layer(module="scratchnet.cli", class_name="main"), "main", "scratchnet"),
    "a subprocess": (of_layer(module="subprocess", class_name="Popen"), "Popen", "custom_objects"),
    "builtin": (of_layer(module="builtins", class_name="eval"), "eval", "Could not locate"),
    "no module": (of_layer(module=None, class_name="Nope"), "Nope", "Could not locate class"),
    "unknown room": (of_layer(module="keras.nope"), "keras.nope", "no module"),
    "unknown layer": (of_layer(class_name="Nope"), "Could not deserialize", "which has"),
    "a loader": (
        of_layer(module="keras.models", class_name="load_model", config={"filepath": "x"}),
        "Cannot deserialize `keras.models.load_model`",
        "modeling",
    ),
    "a downloader": (
        of_layer(module="keras.utils", class_name="function", config="get_file"),
        "Cannot deserialize `keras.utils.get_file`",
        "modeling",
    ),
    "a tool of the library": (
        argument(activation={**CALLABLE, "module": "builtins", "config": "deserialize_known"}),
        "deserialize_known",
        "Could not locate function",
    ),
    "the function for absent names": (
        argument(activation={**CALLABLE, "module": "keras.losses", "config": "missing"}),
        "missing",
        "Could not locate function",
    ),
    "a function of os": (argument(activation=CALLABLE), "system", "Could not locate function"),
    "lambda": (argument(activation=LAMBDA), "lambda", "never run"),
    "unknown argument": (argument(foo=3), "foo", "a.keras"),
    "negative units": (argument(units=-3), "units", "must be a positive integer"),
    "units of text": (argument(units="3"), "units", "must be a positive integer"),
    "unknown activation": (argument(activation="nope"), "nope", "a.keras"),
    "unknown dtype": (argument(dtype="string of pearls"), "string of pearls", "a.keras"),
    "config of text": (of_layer(config="text"), "'config'", "must be a dict"),
    "name for a builtin": (of_layer(registered_name="a>b"), "registered_name", "Keras's own"),
    "a list": (lambda config: [config], "", "must describe a model"),
    "no class": (lambda config: {"a": 1}, "", "must describe a model"),
    "unknown optimizer": (
        lambda config: config.update(compile_config={"optimizer": "nope"}),
        "Could not interpret optimizer identifier: nope",
        "a.keras",
    ),
    "other input": (of_layer(build_config={"input_shape": [None, 7]}), "expected axis -1", "7"),
}


@pytest.mark.parametrize("name", WRONG)
def test_configurations_that_are_wrong(name, members, tmp_path, capfd):
    change, shared, ours = WRONG[name]
    path = changed(members, tmp_path / "a.keras", change)
    complain_alike(load(path), shared, ours)
    with pytest.raises((TypeError, ValueError), match=r"a\.keras"):
        scratchnet.keras.models.load_model(path)


def first(**parts: Any) -> Any:
    return lambda config: config["config"]["layers"][0]["config"].update(parts)


def normalizing(**parts: Any) -> Any:
    """Has BatchNormalization in the place of the last layer."""

    def change(config: Any) -> None:
        description = {"class_name": "BatchNormalization", "config": parts, "build_config": None}
        config["config"]["layers"][2].update(description)

    return change


# What Keras has and scratchnet has not: fine at its default, refused otherwise.
BEYOND = {
    "sparse": (first(sparse=False), first(sparse=True)),
    "ragged": (first(ragged=False), first(ragged=True)),
    "synchronized": (normalizing(synchronized=False), normalizing(synchronized=True)),
    "renorm": (normalizing(renorm=False), normalizing(renorm=True)),
    "quantization_config": (argument(quantization_config=None), argument(quantization_config={})),
    "lora_rank": (argument(lora_rank=None), argument(lora_rank=2)),
    "activity_regularizer": (
        argument(activity_regularizer=None),
        argument(activity_regularizer="l2"),
    ),
    "mixed_float16": (
        argument(
            dtype={"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}}
        ),
        argument(
            dtype={
                "module": "keras",
                "class_name": "DTypePolicy",
                "config": {"name": "mixed_float16"},
            }
        ),
    ),
}


@pytest.mark.parametrize("name", BEYOND)
def test_arguments_that_only_keras_has(name, members, tmp_path):
    default, other = (
        changed(members, tmp_path / f"{i}.keras", change) for i, change in enumerate(BEYOND[name])
    )
    if "normalizing" not in BEYOND[name][0].__qualname__:  # which needs other weights
        assert scratchnet.keras.models.load_model(default, compile=False).built
    else:
        with pytest.raises(ValueError, match="could not be loaded"):
            scratchnet.keras.models.load_model(default, compile=False)
    with pytest.raises((TypeError, ValueError), match=rf"1\.keras.*{name}"):
        scratchnet.keras.models.load_model(other, compile=False)


@pytest.mark.parametrize(
    "text", [b"{nope", b"", b"\xff\xfe", b"[" * 100_000], ids=["cut", "empty", "bytes", "deep"]
)
def test_configurations_that_are_no_json(text, members, tmp_path):
    path = packed(tmp_path / "a.keras", {**members, CONFIG: text})
    with pytest.raises(json.JSONDecodeError, match=r"a\.keras.*config\.json is not JSON"):
        scratchnet.keras.models.load_model(path)


def test_a_configuration_nested_without_end(members, tmp_path):
    def change(config):
        for _ in range(300):
            config = {**config, "config": {"name": "a", "layers": [config]}}
        return config

    with pytest.raises(ValueError, match=r"a\.keras.*RecursionError"):
        scratchnet.keras.models.load_model(changed(members, tmp_path / "a.keras", change))


HUGE = {
    "units": argument(units=10**9),
    "input": lambda config: config["config"]["layers"][0]["config"].update(
        batch_shape=[None, 10**12]
    ),
    "build": of_layer(build_config={"input_shape": [None, 10**7, 10**7]}),
    "negative": of_layer(build_config={"input_shape": [None, -1]}),
    "fractions": of_layer(build_config={"input_shape": [None, 1.5]}),
    "of truth values": of_layer(build_config={"input_shape": [None, True]}),
    "whole": lambda config: config["config"].update(build_input_shape=[None, 10**12]),
}


@pytest.mark.parametrize("name", HUGE)
def test_sizes_that_no_model_has(name, members, tmp_path):
    with pytest.raises((ValueError, TypeError), match=r"a\.keras.*(shape|larger)"):
        scratchnet.keras.models.load_model(changed(members, tmp_path / "a.keras", HUGE[name]))


def test_values_that_do_not_fit_their_variable(members, tmp_path):
    """TensorFlow's error class, and the name of the file."""
    constant = {"class_name": "Constant", "config": {"value": [1.0, 2.0, 3.0]}}
    initializer = argument(bias_initializer={"module": "keras.initializers", **constant})
    path = changed(members, tmp_path / "a.keras", initializer)
    for tf, where in ((tensorflow, ""), (scratchnet, r"a\.keras.*")):
        with pytest.raises(tf.errors.InvalidArgumentError, match=f"{where}Incompatible shapes"):
            load(path)(tf)


class Failing(scratchnet.keras.layers.Layer):
    """It fails with what no part of Keras raises."""

    def build(self, input_shape: Any) -> None:
        raise ZeroDivisionError("in your own class")


def test_errors_of_your_own_classes_name_the_file(members, tmp_path):
    change = of_layer(class_name="Failing", module=None, registered_name="Failing", config={})
    path = changed(members, tmp_path / "a.keras", change)
    with pytest.raises(ValueError, match=r"a\.keras.*ZeroDivisionError: in your own class"):
        scratchnet.keras.models.load_model(path, {"Failing": Failing})


# -- graphs that ask for memory --------------------------------------------------------------------


@contextmanager
def little_memory(limit: int = 16 * limits.MIB) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


def graph_file(path: Path, function: Any, *changes: tuple[str, str]) -> Path:
    """A model of two inputs and what `function` makes of them; then parts of its text replaced."""
    x, y = scratchnet.keras.Input(batch_shape=(3, 1)), scratchnet.keras.Input(batch_shape=(1, 3))
    scratchnet.keras.Model([x, y], function(x, y)).save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    text = members[CONFIG].decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return packed(path, {**members, CONFIG: text.encode()})


LONG = (("[3, 1]", "[30000, 1]"), ("[1, 3]", "[1, 30000]"))


@pytest.mark.parametrize(
    "function",
    [lambda x, y: x + y, lambda x, y: x * y - x, lambda x, y: -(x / y), lambda x, y: x < y],
)
def test_shapes_of_arithmetic_are_found_without_the_arrays(function, tmp_path):
    path = graph_file(tmp_path / "a.keras", function, *LONG)
    with little_memory():
        model = scratchnet.keras.models.load_model(path)
    assert model.output_shape == (30000, 30000)


def test_a_product_too_large_to_try_is_refused(tmp_path):
    path = graph_file(tmp_path / "a.keras", lambda x, y: x @ y, *LONG)
    with little_memory(), pytest.raises(ValueError, match=r"(?s)a\.keras.*too large to find out"):
        scratchnet.keras.models.load_model(path)
    assert scratchnet.keras.models.load_model(
        graph_file(path, lambda x, y: x @ y)
    ).output_shape == (3, 3)


def test_an_input_too_large_to_try_is_refused(tmp_path):
    long = (("[3, 1]", "[16384, 16384]"), ("float32", "float64"))
    path = graph_file(tmp_path / "a.keras", lambda x, y: [x[:1], y], *long)
    with little_memory(), pytest.raises(ValueError, match=r"(?s)a\.keras.*too large to find out"):
        scratchnet.keras.models.load_model(path)


def test_trials_together_are_bounded(tmp_path, monkeypatch):
    path = graph_file(tmp_path / "a.keras", lambda x, y: [x[:1][:1][:1], y])
    assert scratchnet.keras.models.load_model(path).outputs
    monkeypatch.setattr(limits, "_TRIALS", 20)  # one of these takes 12 bytes, twice
    with pytest.raises(ValueError, match=r"(?s)a\.keras.*too large to find out"):
        scratchnet.keras.models.load_model(path)


def enlarged(x: Any) -> Any:
    return scratchnet.keras.layers.UpSampling2D((2, 2))(
        inputs=scratchnet.keras.layers.Reshape((1, 1, 1))(x)
    )


def enlarged_inside(x: Any) -> Any:
    inside = scratchnet.keras.Sequential(
        [scratchnet.keras.layers.Reshape((1, 1, 1)), scratchnet.keras.layers.UpSampling2D((2, 2))]
    )
    return inside(x, x)  # no flag, but nothing says so yet


@pytest.mark.parametrize("make", [enlarged, enlarged_inside])
def test_layers_that_enlarge_are_not_tried(make, tmp_path):
    larger = ('"size": [2, 2]', '"size": [20000, 20000]')
    path = graph_file(tmp_path / "a.keras", lambda x, y: [make(x), y], larger)
    with little_memory():
        model = scratchnet.keras.models.load_model(path)
    assert model.output_shape[0] == (3, 20000, 20000, 1)


def test_a_call_on_nothing_but_constants_is_refused(members, tmp_path):
    path = graph_file(tmp_path / "a.keras", lambda x, y: x + y)
    array = {"class_name": "__numpy__", "config": {"value": [1.0], "dtype": "float32"}}

    def change(config: Any) -> None:
        config["config"]["layers"][2]["inbound_nodes"][0]["args"] = [array, array]

    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with pytest.raises(ValueError, match=r"a\.keras.*called on no layer's output"):
        scratchnet.keras.models.load_model(changed(members, path, change))


def test_an_end_of_memory_in_a_layer_is_told_as_such():
    class Large(scratchnet.keras.layers.Layer):
        def call(self, inputs):
            return np.ones((2**40, 2**20), np.int8)

    with pytest.raises(MemoryError, match="Unable to allocate"):
        Large()(np.ones((1, 1)))


def test_a_file_that_describes_no_model(members, tmp_path):
    def change(config):
        return config["config"]["layers"][1]

    with pytest.raises(ValueError, match=r"must describe a model, and describes <Dense"):
        scratchnet.keras.models.load_model(changed(members, tmp_path / "a.keras", change))


def test_lambda_layers_are_refused_with_what_to_do(members, tmp_path):
    change = of_layer(class_name="Lambda", config={"function": LAMBDA})
    path = changed(members, tmp_path / "a.keras", change)
    complain_alike(load(path), "Lambda", "register it")


def test_safe_mode_cannot_be_switched_off(members, tmp_path):
    path = packed(tmp_path / "a.keras", members)
    with pytest.raises(ValueError, match="`safe_mode` must be True: code from a file is never run"):
        scratchnet.keras.models.load_model(path, safe_mode=False)
    with pytest.raises(ValueError, match="`safe_mode` must be True"):
        scratchnet.keras.saving.deserialize_keras_object(LAMBDA, safe_mode=False)


def test_a_lambda_is_not_saved(tmp_path):
    model = scratchnet.keras.Sequential(
        [scratchnet.keras.Input((2,)), scratchnet.keras.layers.Dense(1)]
    )
    model.compile("sgd", lambda y, p: p)
    with pytest.raises(ValueError, match=r"a lambda cannot be saved.*register"):
        model.save(tmp_path / "a.keras")
    assert list(tmp_path.iterdir()) == []


# -- weights --------------------------------------------------------------------------------------


def weights_file(path: Path, fill_in: Any) -> Path:
    with h5py.File(path, "w") as file:
        fill_in(file)
    return path


def good(file: Any) -> None:
    shapes = {"layers/dense": [(3, 2), (2,)], "layers/dense_1": [(2, 1), (1,)]}
    for where, parts in shapes.items():
        for i, shape in enumerate(parts):
            file[f"{where}/vars/{i}"] = np.full(shape, 0.5, np.float32)


def spoiled(what: Any) -> Any:
    """A good file in which `what` has replaced the kernel of the second layer."""

    def fill_in(file: Any) -> None:
        good(file)
        del file["layers/dense_1/vars/0"]
        what(file["layers/dense_1/vars"])

    return fill_in


def virtual(group: Any) -> None:
    layout = h5py.VirtualLayout((2, 1), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "a", (2, 1))
    group.create_virtual_dataset("0", layout)


def pickled(group: Any) -> None:
    data = pickle.dumps(print).hex()
    group.create_dataset("0", data=data, dtype=h5py.string_dtype("ascii"))


EVIL = {
    "external link": lambda g: g.__setitem__("0", h5py.ExternalLink("/etc/passwd", "/a")),
    "soft link": lambda g: g.__setitem__("0", h5py.SoftLink("/layers/dense/vars/0")),
    "external data": lambda g: g.create_dataset("0", (2, 1), "f4", external=[("/etc/x", 0, 8)]),
    "virtual data": virtual,
    "text": pickled,
    "references": lambda g: g.create_dataset("0", (2, 1), h5py.ref_dtype),
    "a group": lambda g: g.create_group("0"),
    "no shape": lambda g: g.create_dataset("0", data=h5py.Empty("f4")),
    "a bomb": lambda g: g.create_dataset("0", (10**6, 10**6), "f4", chunks=True),
    "complex": lambda g: g.create_dataset("0", (2, 1), "c8"),
}


@pytest.mark.parametrize("name", EVIL)
def test_weights_that_are_no_numbers_of_the_file(name, tmp_path):
    path = weights_file(tmp_path / "a.weights.h5", spoiled(EVIL[name]))
    model = small(scratchnet)
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"a\.weights\.h5.*(Not allowed|Invalid)"):
        model.load_weights(path)
    unchanged(model, before)


def test_a_layer_behind_a_link(tmp_path):
    def fill_in(file: Any) -> None:
        good(file)
        del file["layers/dense_1"]
        file["layers/dense_1"] = h5py.ExternalLink("/etc/passwd", "/a")

    path = weights_file(tmp_path / "a.weights.h5", fill_in)
    complain_alike(lambda tf: small(tf).load_weights(path), "Not allowed: H5 file with External")


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.99])
def test_weights_that_were_cut_off(part, members, tmp_path):
    content = members[WEIGHTS]
    cut = content[: int(len(content) * part)]
    path = tmp_path / "a.weights.h5"
    path.write_bytes(cut)
    complain_alike(lambda tf: small(tf).load_weights(path), "", "not a readable HDF5 file")
    packed(tmp_path / "a.keras", {**members, WEIGHTS: cut})
    complain_alike(load(tmp_path / "a.keras"), "", "a.keras")


def unchanged(model: Any, before: list[Any]) -> None:
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("ending", [".weights.h5", ".npz", ".keras"])
def test_weights_load_all_or_not_at_all(ending, tmp_path):
    """The first layer fits, the second does not."""
    k = scratchnet.keras.layers
    other = scratchnet.keras.Sequential(
        [scratchnet.keras.Input((3,)), k.Dense(2), k.Dense(4, use_bias=False)]
    )
    fill(other)
    path = tmp_path / f"a{ending}"
    if ending == ".keras":
        other.save(path)
    else:
        other.save_weights(path)
    model = small(scratchnet)
    before = model.get_weights()
    with pytest.raises(ValueError, match="A total of 1 objects could not be loaded") as told:
        model.load_weights(path)
    unchanged(model, before)
    lines = [line.split() for line in str(told.value).splitlines()]
    assert ["name", "expected", "shape", "found", "shape"] in lines
    assert ["sequential_1/e/kernel", "(2,", "1)", "(2,", "4)"] in [
        [line[0].replace(model.name, "sequential_1"), *line[1:]] for line in lines if line
    ]
    assert any(line[1:] == ["(1,)", "not", "in", "the", "file"] for line in lines)
    with pytest.warns(UserWarning, match="A total of 1 objects could not be loaded"):
        model.load_weights(path, skip_mismatch=True)
    np.testing.assert_array_equal(model.get_weights()[0], other.get_weights()[0])
    unchanged_part = model.get_weights()[2:]
    for now, then in zip(unchanged_part, before[2:], strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_loader_of_the_users_that_fails_changes_nothing(tmp_path):
    class Own(scratchnet.keras.layers.Dense):
        def load_own_variables(self, store):
            self.kernel.assign(store["0"])
            raise KeyError("own")

    def make(cls):
        return scratchnet.keras.Sequential(
            [scratchnet.keras.Input((3,)), scratchnet.keras.layers.Dense(2), cls(2)]
        )

    make(scratchnet.keras.layers.Dense).save_weights(tmp_path / "a.weights.h5")
    renamed = type("Dense", (Own,), {})
    model = make(renamed)
    before = model.get_weights()
    with pytest.raises(ValueError, match="KeyError: 'own'"):
        model.load_weights(tmp_path / "a.weights.h5")
    unchanged(model, before)


def test_a_model_of_other_weights_than_its_file(members, tmp_path):
    path = changed(members, tmp_path / "a.keras", argument(use_bias=False))
    with pytest.raises(ValueError, match=r"a\.keras.*could not be loaded(.|\n)*not in the model"):
        scratchnet.keras.models.load_model(path, compile=False)


def huge(path: Path) -> None:
    """A file with an array far larger than itself in the place of a kernel."""
    zeros = np.zeros((3000, 3000), np.float32)
    if path.suffix == ".npz":
        np.savez_compressed(path, **{"layers/dense/vars/0": zeros, "layers/dense/vars/1": zeros[0]})
    else:
        with h5py.File(path, "w") as file:
            file.create_dataset("layers/dense/vars/0", data=zeros, compression="gzip")
            file["layers/dense/vars/1"] = zeros[0]
            file.create_dataset("elsewhere/vars/0", data=zeros, compression="gzip")
    assert path.stat().st_size < limits.MIB


@pytest.mark.parametrize("ending", [".weights.h5", ".npz"])
def test_arrays_that_do_not_fit_are_not_even_read(ending, tmp_path):
    path = tmp_path / f"a{ending}"
    huge(path)
    model = small(scratchnet)
    before = model.get_weights()
    with little_memory(4 * limits.MIB), pytest.raises(ValueError, match="A total of 2") as told:
        model.load_weights(path)
    unchanged(model, before)
    rows = [line.split(maxsplit=1) for line in str(told.value).splitlines()]
    shown = {row[0]: " ".join(row[1].split()) for row in rows if len(row) == 2}
    assert shown[f"{model.name}/d/kernel"] == "(3, 2) (3000, 3000)"
    assert shown[f"{model.name}/d/bias"] == "(2,) (3000,)"
    assert shown[f"{model.name}/e/bias"] == "(1,) not in the file"


# -- npz ------------------------------------------------------------------------------------------


def test_npz_files_that_are_none(tmp_path):
    path = tmp_path / "a.npz"
    for content in (b"", b"nonsense", pickle.dumps({"a": 1})):
        path.write_bytes(content)
        with pytest.raises(OSError, match=r"a\.npz.*is not a readable \.npz file"):
            small(scratchnet).load_weights(path)
    small(scratchnet).save_weights(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(OSError, match="is not a readable"):
        small(scratchnet).load_weights(path)


def test_npz_files_with_pickles_are_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "evil",))

    path = tmp_path / "a.npz"
    np.savez(path, **{"layers/dense/vars/0": np.array([Evil()], object)})
    with pytest.raises(ValueError, match=r"a\.npz.*pickled Python objects"):
        small(scratchnet).load_weights(path)
    assert not (tmp_path / "evil").exists()


def test_npz_files_with_other_things_than_numbers_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    model = small(scratchnet)
    before = model.get_weights()
    for dtype in ("complex64", "U3", "datetime64[s]"):
        np.savez(path, **{"layers/dense/vars/0": np.zeros((3, 2), dtype)})
        with pytest.raises(ValueError, match=r"a\.npz.*Not allowed.*not plain numbers"):
            model.load_weights(path)
        unchanged(model, before)


def test_npz_files_that_lie_about_their_sizes(tmp_path):
    path = tmp_path / "a.npz"
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f4", "fortran_order": False, "shape": (10**9, 10**3)}
    )
    packed(path, {"layers/dense/vars/0.npy": head.getvalue() + bytes(8)})
    with pytest.raises(OSError, match="says to be of shape"):
        small(scratchnet).load_weights(path)


# -- endings and arguments ------------------------------------------------------------------------


def saving(name: str, **kwargs: Any) -> Any:
    return lambda tf: small(tf).save(name, **kwargs)


@pytest.mark.parametrize(
    ("program", "shared", "ours"),
    [
        (saving("a"), "Invalid filepath extension", ".keras"),
        (saving("a.tf"), "Invalid filepath extension", ".keras"),
        (saving("a.keras", foo=1), "not supported: ['foo']", "ending"),
        (lambda tf: tf.keras.models.load_model("nowhere"), "File format not supported", "must end"),
        (lambda tf: tf.keras.models.load_model("nowhere.h5"), "nowhere.h5", "must be a file"),
        (lambda tf: small(tf).load_weights("a.weights.h5", foo=1), "keyword arguments", "foo"),
        (lambda tf: small(tf).load_weights("a.keras", by_name=True), "by_name", "a"),
        (lambda tf: small(tf).export("a", format="zip"), "Unrecognized format=zip", "in Keras"),
    ],
)
def test_arguments_that_are_wrong(program, shared, ours, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    complain_alike(program, shared, ours)
    assert list(tmp_path.iterdir()) == []


def test_old_formats_say_what_there_is_instead(tmp_path):
    model = small(scratchnet)
    with pytest.raises(NotImplementedError, match=r"model\.save\('model\.keras'\)"):
        model.save(tmp_path / "a.h5")
    with pytest.raises(NotImplementedError, match="export it there"):
        model.export(tmp_path / "a")
    (tmp_path / "a.h5").write_bytes(b"")
    with pytest.raises(NotImplementedError, match="load it in Keras"):
        scratchnet.keras.models.load_model(tmp_path / "a.h5")
    for arguments in ({"zipped": False}, {"include_optimizer": False}):
        with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be True"):
            model.save(tmp_path / "b.keras", **arguments)
    with pytest.raises(ValueError, match="`max_shard_size` must be None"):
        model.save_weights(tmp_path / "b.weights.h5", max_shard_size=1)


def test_a_file_that_exists_stays_if_asked(tmp_path):
    path = tmp_path / "a.keras"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match="overwrite=False"):
        small(scratchnet).save(path, overwrite=False)
    assert path.read_bytes() == b"precious"
    small(scratchnet).save(path)
    assert zipfile.is_zipfile(path)


def test_a_save_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.keras"
    small(scratchnet).save(path)
    before = path.read_bytes()

    def full(*args: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="No space left"):
        small(scratchnet).save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.keras"]


def test_paths_of_pathlib_and_of_text_are_alike(tmp_path):
    write(small(scratchnet), tmp_path / "a.keras")
    assert scratchnet.keras.models.load_model(str(tmp_path / "a.keras")).built
    scratchnet.keras.saving.save_model(small(scratchnet), str(tmp_path / "b.keras"))
    assert scratchnet.keras.saving.load_model(tmp_path / "b.keras").built
