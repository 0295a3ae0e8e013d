"""HDF5 files of the format of before, part by part: names, configs, plans of what goes where."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest

import scratchnet
from scratchnet.keras.saving import legacy_h5

keras = scratchnet.keras


# -- writing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "parts"), [(0, 1), (1, 1), (63, 1), (64, 2), (130, 3)])
def test_long_lists_of_names_are_several_attributes(count: int, parts: int) -> None:
    """Each of at most 64512 bytes; and read back as one list."""
    names = [f"{i:04d}" + "x" * 1020 for i in range(count)]
    with h5py.File(io.BytesIO(), "w") as file:
        legacy_h5._write_names(file, "names", names)
        expected = ["names"] if parts == 1 else [f"names{i}" for i in range(parts)]
        assert sorted(file.attrs) == expected
        sizes = [file.attrs.get_id(name).get_storage_size() for name in expected if names]
        assert all(size <= 64512 for size in sizes)
        read = legacy_h5._File(h5py, file, "label")
        assert read.names("", "names") == names
        assert read.has_names("", "names")
        assert not read.has_names("", "name")


def test_arrays_of_equal_paths_are_numbered() -> None:
    def variable(path: str, value: float) -> Any:
        return SimpleNamespace(path=path, numpy=lambda: np.array([value], "f"))

    with h5py.File(io.BytesIO(), "w") as file:
        given = [("a/k", 0.0), ("b", 1.0), ("a/k", 2.0), ("a/k", 3.0)]
        legacy_h5._write_arrays(file, [variable(*one) for one in given])
        names = list(file.attrs["weight_names"])
        assert names == ["a/k", "b", "a/k_1", "a/k_2"]
        assert [float(file[name][0]) for name in names] == [0.0, 1.0, 2.0, 3.0]


def test_what_a_file_says(tmp_path: Path) -> None:
    """Of a model with an operator, a model inside, a shared loss and metrics by name."""
    x = keras.Input((3,), name="x")
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, name="deep")], name="in")
    model = keras.Model(x, inner(x) + x, name="net")
    model.compile("sgd", "mse", metrics=["mae", keras.metrics.Mean(name="m")])
    for include, compiled in ((True, True), (False, False)):
        file = io.BytesIO()
        legacy_h5.write_model(file, model, include)
        with h5py.File(file) as found:
            attributes = dict(found.attrs)
            layers = list(found["model_weights"].attrs["layer_names"])
            groups = {name: list(found["model_weights"][name].attrs["weight_names"])
                      for name in (*layers, "top_level_model_weights")}  # fmt: skip
            assert ("optimizer_weights" in found) == compiled
        assert ("training_config" in attributes) == compiled
        assert (attributes["backend"], attributes["keras_version"][0]) == ("tensorflow", "3")
        assert layers == ["x", "in"]
        assert groups["in"] == ["deep/kernel", "deep/bias"] or len(groups["in"]) == 2
        assert groups["x"] == groups["top_level_model_weights"] == []
        config = legacy_h5.parsed(attributes["model_config"], "label")
        assert config["class_name"] == "Functional"
        kinds = {part["name"]: sorted(part) for part in config["config"]["layers"]}
        assert kinds["in"] == ["class_name", "config", "inbound_nodes", "name"]
        assert [k for k in kinds if "module" in kinds[k]] == [k for k in kinds if "add" in k]
        deep = config["config"]["layers"][1]["config"]["layers"]
        assert all("module" not in part for part in deep)
        if compiled:
            training = legacy_h5.parsed(attributes["training_config"], "label")
            assert training["loss"] == "mean_squared_error"
            assert training["metrics"][0] == "mae"
            assert sorted(training["metrics"][1]) == ["class_name", "config"]
            assert sorted(training["optimizer_config"]) == ["class_name", "config"]


def test_objects_in_the_form_of_then() -> None:
    old = legacy_h5._old_object
    huber = keras.saving.serialize_keras_object(keras.losses.Huber())
    function = keras.saving.serialize_keras_object(keras.losses.mean_squared_error)
    assert old(huber) == {"class_name": "Huber", "config": huber["config"]}
    assert old({**huber, "registered_name": "shop>Huber"})["class_name"] == "shop>Huber"
    assert old(function) == "mean_squared_error"
    assert old([function, {"a": [huber]}, 3, None]) == [
        *("mean_squared_error", {"a": [old(huber)]}, 3, None)
    ]
    assert old((function,)) == ["mean_squared_error"]


def test_names_of_losses_and_metrics() -> None:
    each = legacy_h5._each_name
    config = {"class_name": "A", "config": "mse"}
    assert each(["mse", ("mae",), {"x": "a"}, config, None], str.upper) == [
        *("MSE", ["MAE"], {"x": "A"}, config, None)
    ]
    assert each("a", str.upper) == "A"
    assert [legacy_h5._loss_function(name) for name in ("mse", "Huber", "own")] == [
        *("mean_squared_error", "Huber", "own")
    ]
    metric = legacy_h5._metric_class
    assert metric("mae") in ("mae", {"class_name": "MeanAbsoluteError", "config": {}})
    assert metric("MeanSquaredError") == {"class_name": "MeanSquaredError", "config": {}}
    for name in ("accuracy", "acc", "crossentropy", "ce", "own"):
        assert metric(name) == name
    with keras.saving.CustomObjectScope({"MeanSquaredError": int}):
        assert metric("MeanSquaredError") == "MeanSquaredError"


# -- reading ---------------------------------------------------------------------------------------


def attribute_of(value: Any, shape: Any, itemsize: int, stored: int) -> Any:
    """A group with one attribute that says of itself what a test wants."""
    kind = SimpleNamespace(get_size=lambda: itemsize)
    said = SimpleNamespace(shape=shape, get_type=lambda: kind, get_storage_size=lambda: stored)
    attrs = type("Attrs", (dict,), {"get_id": lambda self, name: said})
    return SimpleNamespace(attrs=attrs({"a": value}))


@pytest.mark.parametrize(
    ("shape", "itemsize", "stored", "refused"),
    [
        ((), 2**20, 1, False),
        ((), 2**20 + 1, 1, True),
        (None, 2**20 + 1, 1, True),
        ((2**20,), 0, 1, False),
        ((2**20 + 1,), 0, 1, True),
        ((2**10, 2**10), 4, 2**20, False),
        ((2**10, 2**10), 4, 2**20 - 1, True),
        ((2,), 16, 0, False),
    ],
)
def test_attributes_that_say_to_be_large(
    shape: Any, itemsize: int, stored: int, refused: bool
) -> None:
    group = attribute_of("text", shape, itemsize, stored)
    if refused:
        with pytest.raises(ValueError, match="label: Not allowed: the attribute a says to take"):
            legacy_h5._texts(group, "a", "label")
    else:
        assert legacy_h5._texts(group, "a", "label") == ["text"]


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("a", ["a"]),
        (b"\xc3\xa4", ["ä"]),
        (np.array([b"a", b"b"]), ["a", "b"]),
        (np.array([["a"], ["b"]], object), ["a", "b"]),
        (np.array([1, 2]), None),
        (b"\xff", None),
        (3, None),
    ],
)
def test_texts_of_attributes(value: Any, texts: list[str] | None) -> None:
    group = attribute_of(value, (), 1, 1)
    if texts is None:
        with pytest.raises(ValueError, match=r"^label: the attribute a holds other"):
            legacy_h5._texts(group, "a", "label")
    else:
        assert legacy_h5._texts(group, "a", "label") == texts
        alone = texts[0] if len(texts) == 1 else None
        assert legacy_h5._text(group, "a", "label") == alone
    assert legacy_h5._text(group, "b", "label") is None


def test_json_of_then() -> None:
    plain = legacy_h5._plain_object
    for name in ("__tuple__", "TensorShape"):
        assert plain({"class_name": name, "items": [1, 2]}) == [1, 2]
        assert plain({"class_name": name}) == {"class_name": name}
    assert plain({"class_name": "A", "items": [1]}) == {"class_name": "A", "items": [1]}
    assert plain({"class_name": "__ellipsis__", "config": 3, "a": 1}) == {
        **{"class_name": "__ellipsis__", "config": {}, "a": 1}
    }
    assert plain({"items": [1]}) == {"items": [1]}


def test_groups_and_arrays_by_path() -> None:
    with h5py.File(io.BytesIO(), "w") as file:
        file["a/b/c"] = np.ones((2, 3))
        file["a"].attrs["weight_names"] = ["b/c"]
        read = legacy_h5._File(h5py, file, "label")
        assert read.group("") == file
        assert read.group("a//b/") == file["a/b"]
        assert read.group("a/x/y") is None
        assert read.dataset("a/b/c").shape == (2, 3)
        assert read.arrays("a") == [legacy_h5._Stored("a/b/c", (2, 3))]
        assert read.arrays("x") == read.names("x", "weight_names") == []
        assert read.names("a", "layer_names") == []
        with pytest.raises(ValueError, match=r"Invalid H5 file, expected a Group at 'a/b/c'$"):
            read.group("a/b/c")
        with pytest.raises(ValueError, match=r"a group was expected above 'd' in 'a/b/c/d'$"):
            read.group("a/b/c/d")
        with pytest.raises(ValueError, match=r"the array 'a/z', which it lists, is not in it$"):
            read.dataset("a/z")


def gru(name: str = "g", kind: str = "GRU", **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": name, **config}}


@pytest.mark.parametrize(
    ("shape", "path", "after"),
    [((6,), "g/bias:0", False), ((2, 6), "g/bias:0", True), ((2, 6), "g/kernel:0", False)],
)
def test_what_old_grus_did_not_say(shape: Any, path: str, after: bool) -> None:
    """Two rows of a bias are of one whose reset gate comes after the product."""
    layout = [("g", [legacy_h5._Stored("x/g/kernel", (2, 6)), legacy_h5._Stored(path, shape)])]
    for config in (
        {"config": {"layers": [gru()]}},
        {"config": [gru()]},
        {"config": {"layers": [gru(kind="RNN", cell=gru("c", "GRUCell"))]}},
    ):
        legacy_h5._complete_gru(config, layout)
        text = repr(config)
        assert f"'reset_after': {after}" in text
        assert text.count("reset_after") == 1
    for config in (
        {"config": {"layers": [gru(reset_after="said"), gru(kind="LSTM")]}},
        *({"config": {"layers": 3}}, {"config": 3}, [], None, {}),
        {"config": {"layers": [3, {"class_name": "GRU"}, {"class_name": "GRU", "config": 3}]}},
    ):
        before = repr(config)
        legacy_h5._complete_gru(config, layout)
        assert repr(config) == before
    other = {"config": {"layers": [gru("unknown")]}}
    legacy_h5._complete_gru(other, layout)
    assert other["config"]["layers"][0]["config"]["reset_after"] is False


@pytest.mark.parametrize(
    ("version", "text", "told"),
    [
        ("2.4.0", '{"activation": "hard_sigmoid"}', "Keras 2.4.0 wrote it"),
        (None, '{"activation": "hard_sigmoid"}', "Keras 1 wrote it"),
        ("3.1", '{"activation": "hard_sigmoid"}', ""),
        ("2.4.0", '{"activation": "sigmoid"}', ""),
    ],
)
def test_hard_sigmoids_of_then(
    version: str | None, text: str, told: str, recwarn: pytest.WarningsRecorder
) -> None:
    if told:
        with pytest.warns(UserWarning, match=f"^label: {told}, whose hard_sigmoid was clip"):
            legacy_h5._warn_of_hard_sigmoid(version, text, "label")
    else:
        legacy_h5._warn_of_hard_sigmoid(version, text, "label")
        assert not recwarn.list


# -- which array is whose --------------------------------------------------------------------------


def stack(*units: int, **options: Any) -> Any:
    names = options.get("names", "defg")
    layers = [keras.layers.Dense(n, name=name) for n, name in zip(units, names, strict=False)]
    return keras.Sequential([keras.Input((3,)), layers[0], keras.layers.ReLU(), *layers[1:]])


def stored(**layers: Any) -> Any:
    """The layout of a file: of each layer the shapes of its arrays."""
    return [
        (name, [legacy_h5._Stored(f"{name}/{i}", shape) for i, shape in enumerate(shapes)])
        for name, shapes in layers.items()
    ]


def paths(plan: Any) -> list[tuple[str, str]]:
    return [(variable.path.split("/", 1)[-1], array.path) for variable, array in plan]


GOOD = {"x": [(3, 2), (2,)], "empty": [], "e": [(2, 1), (1,)]}
EACH = [("d", 0), ("e", 1)]
TOP = "top_level_model_weights"


def test_plans_by_position_and_by_name() -> None:
    model = stack(2, 1)
    by_position = legacy_h5._by_position(model, stored(**GOOD), "label", False)
    assert [array.path for _, array in by_position] == ["x/0", "x/1", "e/0", "e/1"]
    assert [variable is weight for (variable, _), weight in zip(by_position, model.weights,
            strict=True)] == [True] * 4  # fmt: skip
    by_name = legacy_h5._by_name(model, stored(**GOOD), "label", False)
    assert [array.path for _, array in by_name] == ["e/0", "e/1"]
    assert by_name[0][0] is model.weights[2]
    assert legacy_h5._by_name(model, stored(**{TOP: []}, zz=[(1,)]), "label", False) == []
    with_top = legacy_h5._by_position(model, stored(**GOOD, **{TOP: []}), "label", False)
    assert len(with_top) == 4


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (
            {"x": [(3, 2), (2,)]},
            "Layer count mismatch when loading weights from file. Model expected 2 layers, found 1 "
            "saved layers.",
        ),
        (
            {},
            "Layer count mismatch when loading weights from file. Model expected 2 layers, found 0 "
            "saved layers; if Keras 3 wrote these weights, let the file end in .weights.h5.",
        ),
        (
            {"x": [(3, 2)], "e": [(2, 1), (1,)]},
            "Weight count mismatch for layer #0 (named d in the current model, x in the save file)."
            " Layer expects 2 weight(s). Received 1 saved weight(s)",
        ),
        (
            {"x": [(3, 2), (2,)], "e": [(2, 5), (1,)]},
            "e/kernel. Weight expects shape (2, 1). Received saved weight with shape (2, 5)",
        ),
        (
            {"x": [(3, 2), (2,)], "e": [(2, 1), (1,)], TOP: [(1,)]},
            "Weight count mismatch for top-level weights of model. Model expects 0 top-level "
            "weight(s). Received 1 saved top-level weight(s)",
        ),
    ],
)
def test_plans_that_do_not_fit(layers: Any, said: str) -> None:
    with pytest.raises(ValueError, match="label") as caught:
        legacy_h5._by_position(stack(2, 1), stored(**layers), "label", False)
    text = str(caught.value)
    assert text.startswith("label: ")
    assert text.endswith(said), text
    assert ("label: Shape mismatch in layer #1 (named e) for weight " in text) == ("kernel" in said)


def test_what_is_skipped_is_told() -> None:
    model = stack(2, 1)
    wrong = stored(d=[(3, 2)], e=[(2, 5), (1,)], **{TOP: [(1,)]})
    with pytest.raises(ValueError, match=r"^label: Weight count mismatch for layer #0 \(n"):
        legacy_h5._by_name(model, wrong, "label", False)
    with pytest.warns(UserWarning, match="label: Skipping") as caught:
        plan = legacy_h5._by_name(model, wrong, "label", True)
    assert [array.path for _, array in plan] == ["e/1"]
    texts = [str(w.message) for w in caught]
    assert [text.split(" for ")[0] for text in texts[:2]] == [
        "label: Skipping loading of weights", "label: Skipping loading weights"
    ]  # fmt: skip
    assert "layer #0 (named d) due to mismatch in number of weights. Layer expects 2 w" in texts[0]
    assert "layer #1 (named e) due to mismatch in shape for weight" in texts[1]
    assert texts[2] == (
        "label: Skipping loading top-level weights for model due to mismatch in number. Model "
        "expects 0 top-level weight(s). Received 1 saved top-level weight(s)"
    )
    with (
        pytest.raises(ValueError, match="Weight count mismatch for top-level weights of model"),
        pytest.warns(UserWarning, match="Skipping"),
    ):
        legacy_h5._by_position(
            model, stored(d=[(3, 2), (2,)], e=[(2, 5), (1,)], **{TOP: [(1,)]}), "label", True
        )


# -- the state of optimizers -----------------------------------------------------------------------


def planned(optimizer: Any, *arrays: tuple[str, Any]) -> list[tuple[str, str]]:
    """Which variable of the optimizer of a kernel and a bias gets which array."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="d")])
    model.compile(optimizer, "mse")
    optimizer.build(model.trainable_variables)
    file = [legacy_h5._Stored(f"optimizer_weights/{path}", shape) for path, shape in arrays]
    plan = legacy_h5._optimizer_plan(optimizer, file, "label")
    return [(variable.path.rpartition("/")[2], array.path[18:]) for variable, array in plan]


K, B = (3, 2), (2,)


def test_states_of_now_and_of_then() -> None:
    adam = keras.optimizers.Adam
    names = [variable.path.rpartition("/")[2] for variable in adam().variables]
    assert names == ["iteration", "learning_rate"]
    now = planned(adam(), *zip("abcdef", [(), (), K, K, B, B], strict=True))
    assert [array for _, array in now] == list("abcdef")
    # Of Keras 2, slot by slot; from 2.11 on, variable by variable.
    then = [("i", ()), ("k/m", K), ("b/m", B), ("k/v", K), ("b/v", B)]
    assert [
        (variable.partition("_d_")[2], array) for variable, array in planned(adam(), *then)
    ] == [
        *(("", "i"), ("kernel_momentum", "k/m"), ("kernel_velocity", "k/v")),
        *(("bias_momentum", "b/m"), ("bias_velocity", "b/v")),
    ]
    newer = [("i", ()), ("x/m/k", K), ("x/v/k", K), ("x/m/b", B), ("x/v/b", B)]
    assert [array for _, array in planned(adam(), *newer)] == [path for path, _ in newer]
    rate = [("i", ()), ("learning_rate", ()), *newer[1:]]
    assert [array for _, array in planned(adam(), *rate)] == [path for path, _ in rate]
    # Averages of amsgrad stood at the end, and do now.
    ams = [*then, ("k/vhat", K), ("b/vhat", B)]
    assert [array for _, array in planned(adam(amsgrad=True), *ams)] == [
        *("i", "k/m", "k/v", "b/m", "b/v", "k/vhat", "b/vhat")
    ]
    momentum = [("i", ()), ("k/momentum", K), ("b/momentum", B)]
    assert [array for _, array in planned(keras.optimizers.SGD(momentum=0.9), *momentum)] == [
        *("i", "k/momentum", "b/momentum")
    ]
    # Nothing but steps before the first one.
    assert planned(adam(), ("i", ())) == [("iteration", "i")]
    assert planned(adam()) == []
    without = then[1:]
    assert [array for _, array in planned(adam(), *without)] == ["k/m", "k/v", "b/m", "b/v"]


def test_states_that_do_not_fit() -> None:
    with pytest.warns(UserWarning, match="label: Error in loading the saved optim") as caught:
        found = planned(keras.optimizers.Adam(), ("i", ()), ("k/m", (9, 9)), ("b/m", B))
    assert found == [("iteration", "i")]
    assert str(caught[0].message).endswith(
        "Adam has variables of shapes [(3, 2), (3, 2), (2,), (2,)], the file has [(9, 9), (2,)]"
    )
