"""Files that ask for more memory than a model needs are refused before it is taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.configs import limits
from scratchnet.keras.configs.limits import take_trial, weights_within
from tests.support.model_files import (
    CONFIG,
    argument,
    changed,
    little_memory,
    load,
    of_layer,
    packed,
    unpacked,
)
from tests.support.threads import elsewhere


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


def graph_file(path: Path, function: Any, *changes: tuple[str, str]) -> Path:
    """A model of two inputs and what `function` makes of them; then parts of its text replaced."""
    x, y = scratchnet.keras.Input(batch_shape=(3, 1)), scratchnet.keras.Input(batch_shape=(1, 3))
    scratchnet.keras.Model([x, y], function(x, y)).save(path)
    members = unpacked(path)
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

    members = unpacked(path)
    with pytest.raises(ValueError, match=r"a\.keras.*called on no layer's output"):
        scratchnet.keras.models.load_model(changed(members, path, change))


def test_an_end_of_memory_in_a_layer_is_told_as_such():
    class Large(scratchnet.keras.layers.Layer):
        def call(self, inputs):
            return np.ones((2**40, 2**20), np.int8)

    with pytest.raises(MemoryError, match="Unable to allocate"):
        Large()(np.ones((1, 1)))


def test_the_limit_of_a_file_is_for_the_thread_that_loads_it() -> None:
    def large() -> int:
        take_trial(2**40, "layer")
        return scratchnet.keras.Variable("zeros", shape=(100,)).numpy().size

    with weights_within(100, "is larger than that"):
        assert elsewhere(large) == 100
        with pytest.raises(ValueError, match="too large"):
            take_trial(2**40, "layer")
        with pytest.raises(ValueError, match="larger than"):
            scratchnet.keras.Variable("zeros", shape=(100,))
    assert large() == 100


# value -> what it is read as
SHAPES: list[tuple[Any, Any]] = [
    (None, None),
    ([], ()),
    ([None, 3], (None, 3)),
    ((0, 2**28), (0, 2**28)),
    ([2**14, None, 2**14], (2**14, None, 2**14)),
    ([[1, 2], [3]], [(1, 2), (3,)]),
    (([1], {"a": [2]}, None), [(1,), {"a": (2,)}, None]),
    ({"a": [1, None], "b": None, "c": [[4]]}, {"a": (1, None), "b": None, "c": [(4,)]}),
]


@pytest.mark.parametrize(("value", "shape"), SHAPES)
def test_shapes_that_a_file_may_hold(value: Any, shape: Any) -> None:
    found = limits.as_shape(value)
    assert found == shape
    assert type(found) is type(shape)
    limits.check_shapes({"config": [({"input_shape": value},)]})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("34", "must be a list of sizes, received '34'"),
        (3, "must be a list of sizes, received 3"),
        ([3, -1], "must hold no such size as -1, received"),
        ([1.0], "must hold no such size as 1.0"),
        ([True], "must hold no such size as True"),
        ([[1], [-2]], "must hold no such size as -2"),
        ({"a": [2, 2**28]}, "must not be as large as"),
        ([2**28 + 1, None], "must not be as large as"),
    ],
)
def test_shapes_that_a_file_may_not_hold(value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"a shape {said}"):
        limits.as_shape(value)


@pytest.mark.parametrize(
    "key", ["input_shape", "batch_shape", "batch_input_shape", "build_input_shape", "shapes_dict"]
)
def test_where_shapes_are_looked_for(key: str) -> None:
    for config in ({key: [-1]}, [{"a": ({key: {"x": [-1]}},)}], {"a": {"b": [[{key: (-1,)}]]}}):
        with pytest.raises(ValueError, match="no such size as -1"):
            limits.check_shapes(config)
    for harmless in ({key: 3}, {key: "text"}, {"units": [-1]}, [-1], None, "text", {"a": None}):
        limits.check_shapes(harmless)


def test_the_limit_of_the_weights_is_reached_and_passed() -> None:
    """Of all together, in bytes; around a limit the outer one holds again."""
    limits.take((10**9,), 8, "free")
    with weights_within(100, "is too much"):
        limits.take((3, 5), 4, "a")
        with weights_within(8, "is more"):
            limits.take((2,), 4, "b")
            with pytest.raises(ValueError, match=r"the weight c of shape \(1,\) is more$"):
                limits.take([1], 1, "c")
        limits.take((5, 2), 4, "d")  # 100 bytes now
        with pytest.raises(ValueError, match=r"the weight e of shape \(\) is too much$"):
            limits.take((), 1, "e")
    limits.take((10**9,), 8, "free")


def test_the_limit_of_one_trial_and_of_all() -> None:
    most = 128 * 2**20
    with weights_within(1, ""):
        take_trial(most, "a")
        with pytest.raises(ValueError, match="the tensors of the layer 'b' are too large"):
            take_trial(most + 1, "b")
    with weights_within(1, ""):
        for _ in range(32):
            take_trial(most, "a")
        with weights_within(1, ""):
            take_trial(1, "inner")
        with pytest.raises(ValueError, match="the tensors of the layer 'c' are too large"):
            take_trial(1, "c")
    take_trial(most + 1, "free")


def test_the_limit_of_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_CALLS", 3)
    with limits.calls_within():
        for _ in range(3):
            limits.take_call("a")
        with limits.calls_within():
            limits.take_call("inner")
        with pytest.raises(ValueError, match=r"more than 3 times, received another .* layer 'b'"):
            limits.take_call("b")
    for _ in range(9):
        limits.take_call("free")


def test_how_many_calls_are_many() -> None:
    assert limits._CALLS == 65536


def test_the_memory_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1000}
    monkeypatch.setattr(limits.os, "sysconf", lambda name: sizes[name])
    assert limits.memory_size() == 4096000

    def none(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr(limits.os, "sysconf", none)
    assert limits.memory_size() == 16 * 2**30
