"""Configs of old versions: of each argument of then, what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

import scratchnet
from scratchnet.keras.configs.old_layouts import (
    deserialize_layer,
    inner_configs,
    is_old,
    upgraded,
    upgraded_optimizer,
)


class Mine(scratchnet.keras.layers.Layer):  # type: ignore[misc]
    """A layer of the user's, that keeps its arguments."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(name=kwargs.pop("name", None))
        self.given = kwargs


def function(x: Any) -> Any:
    return x


def upgraded_config(name: str, known: Any = None, /, **config: Any) -> Any:
    return upgraded({"class_name": name, "config": config}, known or {})["config"]


KERNEL = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")
# (class, its arguments of then, what they are now)
ARGUMENTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("Dense", {"units": 2, "implementation": 1, "input_length": 3, "fused": True}, {"units": 2}),
    ("Dense", {"batch_input_shape": [None, 3]}, {}),
    ("InputLayer", {"batch_input_shape": [None, 3]}, {"batch_shape": [None, 3]}),
    ("InputLayer", {"batch_input_shape": None, "sparse": False, "ragged": None}, {}),
    ("InputLayer", {"sparse": True, "ragged": True}, {"sparse": True, "ragged": True}),
    ("BatchNormalization", {"axis": [3]}, {"axis": 3}),
    ("BatchNormalization", {"axis": [1, 2]}, {"axis": [1, 2]}),
    ("BatchNormalization", {"axis": 3}, {"axis": 3}),
    ("Dense", {"dtype": {"class_name": "Policy", "config": {"name": "f"}}}, {"dtype": "f"}),
    ("Dense", {"dtype": {"class_name": "A", "config": {}}},
     {"dtype": {"class_name": "A", "config": {}}}),
    ("Dense", {"dtype": "float32"}, {"dtype": "float32"}),
    *[
        ("Dense", {key: value}, {key: value} if kept else {})
        for key, value, kept in (
            *(("renorm", False, False), ("renorm", None, False), ("renorm", True, True)),
            *(("virtual_batch_size", None, False), ("virtual_batch_size", 3, True)),
            *(("adjustment", None, False), ("mode", 0, False), ("mode", 1, True)),
            *(("causal", False, False), ("causal", True, True)),
            *(("time_major", False, False), ("time_major", True, True)),
            *(("groups", 1, True), ("groups", 2, True), ("quantization_config", None, False)),
            *(("sparse", True, True), ("ragged", False, False)),
        )
    ],
    *[
        (name, {"groups": groups}, {"groups": groups} if groups == 2 else {})
        for groups in (1, 2)
        for name in ("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D")
    ],
    *[(name, {"groups": 1}, {}) for name in ("Conv1DTranspose", "Conv2DTranspose")],
    ("Conv2D", {"groups": 1}, {"groups": 1}),
    *[
        (name, dict.fromkeys((*KERNEL, "filters"), 5), {} if one else {"filters": 5})
        for name, one in (
            *(("SeparableConv1D", False), ("SeparableConv2D", False)),
            *(("DepthwiseConv1D", True), ("DepthwiseConv2D", True)),
        )
    ],
    *[
        (name, {"rate": 0.5, "trainable": True, "noise_shape": None}, {"rate": 0.5})
        for name in ("SpatialDropout1D", "SpatialDropout2D")
    ],
    ("Dropout", {"trainable": True, "noise_shape": None}, {"trainable": True, "noise_shape": None}),
    ("ReLU", {"max_value": {"type": "ndarray", "value": 6.0}}, {"max_value": 6.0}),
    ("ReLU", {"max_value": {"type": "other", "value": 6.0}},
     {"max_value": {"type": "other", "value": 6.0}}),
    (
        "Dense",
        {"kernel_initializer": {"class_name": "Zeros", "config": {"dtype": "f", "a": 1}}},
        {"kernel_initializer": {"class_name": "Zeros", "config": {"a": 1}}},
    ),
    (
        "Dense",
        {"kernel_initializer": {"class_name": "Z", "config": {"dtype": "f"}, "module": "k"}},
        {"kernel_initializer": {"class_name": "Z", "config": {"dtype": "f"}, "module": "k"}},
    ),
    (
        "Dense",
        {"kernel_regularizer": {"class_name": "L2", "config": {"dtype": "f"}}},
        {"kernel_regularizer": {"class_name": "L2", "config": {"dtype": "f"}}},
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", ARGUMENTS)
def test_arguments_of_then(case: Any) -> None:
    name, before, after = case
    given = dict(before)
    assert upgraded_config(name, **given) == after
    assert given == before  # what was given stays


@pytest.mark.parametrize(
    ("name", "module", "now"),
    [
        ("Dense", "keras.layers", "Dense"),
        ("Model", "keras.src.models.functional", "Functional"),
        ("Functional", "keras.src.models.functional", "Functional"),
        ("Sequential", "keras", "Sequential"),
        ("BatchNormalizationV1", "keras.layers", "BatchNormalization"),
        ("BatchNormalizationV2", "keras.layers", "BatchNormalization"),
        ("GetItem", "keras.src.ops.numpy", "GetItem"),
        ("Add", "keras.src.ops.numpy", "Add"),
        ("Multiply", "keras.src.ops.numpy", "Multiply"),
        ("Subtract", "keras.src.ops.numpy", "Subtract"),
        ("Maximum", "keras.layers", "Maximum"),
        ("Foo", None, "Foo"),
    ],
)
def test_where_classes_are_now(name: str, module: str | None, now: str) -> None:
    old = {"class_name": name, "config": {}, "name": "n", "inbound_nodes": [], "other": 3}
    assert upgraded(old, {}) == {
        **{"module": module, "class_name": now, "config": upgraded(old, {})["config"], "other": 3},
        "registered_name": None if module else now,
    }
    if name in ("Add", "Multiply", "Subtract"):  # a layer says whether it is trained
        layer = {"class_name": name, "config": {"trainable": True}}
        assert upgraded(layer, {})["module"] == "keras.layers"


def test_classes_of_the_user() -> None:
    """By their names, with arguments as they are; functions among them by theirs."""
    known: Any = {"Mine": Mine, "twice": function, "Dense": Mine, "Kind": Mine}
    found = upgraded(
        {
            "class_name": "Mine",
            "config": {
                **{"batch_input_shape": [None, 3, 4], "axis": [2], "sparse": False, "a": "twice"},
                **{"name": "twice", "b": "Kind", "c": 3, "implementation": 1},
            },
            "name": "m",
        },
        known,
    )
    assert found == {
        **{"class_name": "Mine", "module": None, "registered_name": "Mine", "name": "m"},
        "config": {
            **{"input_shape": (3, 4), "axis": 2, "sparse": False, "a": function},
            **{"name": "twice", "b": "Kind", "c": 3, "implementation": 1},
        },
    }
    assert upgraded({"class_name": "Dense", "config": {}}, known)["module"] is None
    mine = upgraded({"class_name": "Mine", "config": {"batch_input_shape": None}}, known)
    assert mine["config"] == {}
    sequential = {"class_name": "Sequential", "config": {"layers": [], "axis": [1]}}
    assert upgraded(sequential, {"Sequential": Mine})["config"] == {"layers": [], "axis": 1}


def test_layers_inside_layers() -> None:
    inner = {"class_name": "Dense", "config": {"units": 2, "implementation": 0}}
    now = {"module": "keras.layers", "registered_name": None, "class_name": "Dense"}
    for key in ("layer", "backward_layer", "cell"):
        found = upgraded_config("TimeDistributed", **{key: inner})
        assert found == {key: {**now, "config": {"units": 2}}}
    assert (
        upgraded_config("StackedRNNCells", cells=[inner, inner])["cells"]
        == [{**now, "config": {"units": 2}}] * 2
    )
    with pytest.raises(
        ValueError, match="Unknown layer: 'Foo': scratchnet has none, and none of y"
    ):
        upgraded_config("TimeDistributed", layer={"class_name": "Foo", "config": {}})
    activation = {"class_name": "ReLU", "config": {"max_value": 6.0}}
    found = upgraded_config("Dense", activation=activation)["activation"]
    assert (found["module"], found["config"]) == ("keras.layers", {"max_value": 6.0})
    assert upgraded_config("Dense", other=activation) == {"other": activation}
    newer = {**activation, "module": "keras.layers"}
    assert upgraded_config("Dense", activation=newer) == {"activation": newer}


def test_stacks_of_before() -> None:
    """A list of layers alone; an Input for a first layer that says the shape of its own."""
    dense = {"class_name": "Dense", "config": {"units": 2, "batch_input_shape": [None, 3]}}
    entry = {"class_name": "InputLayer", "config": {"batch_shape": [None, 3]}}
    as_list = upgraded({"class_name": "Sequential", "config": [dense]}, {})
    assert as_list["config"] == {"name": None, "layers": [entry, dense]}
    as_dict = upgraded_config("Sequential", name="s", layers=[dense, dense])
    assert as_dict == {"name": "s", "layers": [entry, dense, dense]}
    plain = {"class_name": "Dense", "config": {"units": 2}}
    first = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 3]}}
    for layers in ([plain], [first, plain], [], [{**dense, "module": "keras.layers"}], "layers",
                   [{"class_name": "Dense", "config": 3}], [3]):  # fmt: skip
        assert upgraded_config("Sequential", layers=layers) == {"layers": layers}
    assert upgraded({"class_name": "Functional", "config": [1]}, {})["config"] == [1]
    assert upgraded_config("Functional", layers=[dense]) == {"layers": [dense]}
    model = deserialize_layer({"class_name": "Sequential", "config": [dense]})
    assert (model.input_shape, model.count_params()) == ((None, 3), 8)


@pytest.mark.parametrize("key", ["function", "output_shape", "mask"])
def test_code_of_lambdas_is_put_aside(key: str) -> None:
    refused = {"class_name": "__lambda__", "config": {}}
    kept: dict[str, Any] = {} if key == "output_shape" else {"output_shape": [3]}
    assert upgraded_config("Lambda", **{key: ["code", None, None], **kept}) == {
        **{key: refused},
        **kept,
    }
    for other in ([1, None, None], ["a", "b"], "name"):
        assert upgraded_config("Lambda", **{key: other, **kept}) == {key: other, **kept}
    noise = dict.fromkeys(("module", "function_type", "output_shape_type", "output_shape_module"))
    assert upgraded_config("Lambda", function="f", output_shape=None, **noise) == {"function": "f"}


def test_which_configs_are_old() -> None:
    assert is_old({"class_name": "A", "config": 3})
    for other in (
        *({"class_name": "A"}, {"config": {}}, {"class_name": "A", "config": {}, "module": None}),
        *([], "A", None),
    ):
        assert not is_old(other)
    with pytest.raises(TypeError, match="'class_name' must be a string, received 3"):
        upgraded({"class_name": 3, "config": {}}, {})


def test_layers_of_newer_files_may_have_arguments_of_then() -> None:
    new = {"class_name": "Dense", "module": "keras.layers", "registered_name": None}
    layer = deserialize_layer({**new, "config": {"units": 2, "implementation": 1}})
    assert layer.units == 2
    mine = {"class_name": "Mine", "config": {"implementation": 1}}
    for data in (mine, {**mine, "module": "own", "registered_name": "Mine"}):
        assert deserialize_layer(data, {"Mine": Mine}).given == {"implementation": 1}
    with scratchnet.keras.saving.CustomObjectScope({"Mine": Mine}):
        assert deserialize_layer(mine).given == {"implementation": 1}
    with pytest.raises(
        ValueError, match=r"^Unknown layer: 'Mine': .*as custom_objects=\{'Mine': …\}$"
    ):
        deserialize_layer(mine)


# (config of an optimizer, what it is now; None: the same)
OPTIMIZERS: list[tuple[Any, Any]] = [
    ("adam", None),
    (None, None),
    ({"class_name": "Adam"}, None),
    ({"class_name": "Adam", "config": None}, None),
    ({"class_name": 3, "config": {"lr": 1}}, None),
    ({"class_name": "Mine", "config": {"lr": 1}}, None),
    ({"class_name": "Adam", "config": {"lr": 1}, "module": "other"}, None),
    (
        {"class_name": "Adam", "config": {"lr": 1, "decay": 0.0, "jit_compile": True}},
        {"class_name": "Adam", "config": {"learning_rate": 1}},
    ),
    (
        {"class_name": "SGD", "config": {"decay": 0.5, "is_legacy_optimizer": 1, "momentum": 0}},
        {"class_name": "SGD", "config": {"decay": 0.5, "momentum": 0}},
    ),
    (
        {"class_name": "Nadam", "config": {"schedule_decay": 1, "epsilon": None}},
        {"class_name": "Nadam", "config": {}},
    ),
    (
        {"class_name": "Adam", "config": {"weight_decay": False, "epsilon": 0.5}},
        {"class_name": "Adam", "config": {"epsilon": 0.5}},
    ),
    (
        {"class_name": "Adam", "config": {"weight_decay": 0, "epsilon": False}},
        {"class_name": "Adam", "config": {"weight_decay": 0}},
    ),
    (
        {"class_name": "Custom>Adam", "config": {}, "registered_name": "Custom>Adam"},
        {"class_name": "Adam", "config": {}, "registered_name": None},
    ),
    (
        {"class_name": "Adam", "config": {}, "module": "keras.src", "registered_name": "Adam"},
        {"class_name": "Adam", "config": {}, "module": "keras.optimizers",
         "registered_name": "Adam"},
    ),
    (
        {"class_name": "Adam", "config": {}, "module": None},
        {"class_name": "Adam", "config": {}, "module": None},
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", OPTIMIZERS)
def test_optimizers_of_then(case: Any) -> None:
    before, after = case
    assert upgraded_optimizer(before) == (before if after is None else after)


def test_configs_inside_a_config() -> None:
    inner = {"class_name": "B", "config": {}}
    whole = {"class_name": "A", "config": {"x": [inner, 3], "y": ({"config": {"z": inner}},)}}
    found = list(inner_configs([whole, {"class_name": "C", "config": 3}]))
    assert found[0] is whole
    assert [x["class_name"] for x in found] == ["A", "B", "B"]
