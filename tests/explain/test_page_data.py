"""The data of the page: every array of the trace, what is left out, and what is said of filters."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.explain.arrays import decode
from scratchnet.explain.page_data import INPUT, PageData
from scratchnet.explain.reasons import silent_filters
from tests.support.explained import MODELS


def test_the_nodes_are_the_rows_in_order_and_weights_are_no_nodes(explained: Any) -> None:
    trace, data, _ = explained("seed_network")
    rows = [row.index for row in trace if row.op != "read_variable"]
    assert [node["id"] for node in data.nodes] == [INPUT, *rows]
    conv = data.nodes[1]
    assert [entry["name"] for entry in conv["ins"]] == ["x", "k", "b"]
    assert [entry.get("parameter") for entry in conv["ins"]][1:] == [
        "sequential/conv2d/kernel",
        "sequential/conv2d/bias",
    ]
    assert conv["ins"][0]["from"] == INPUT
    assert conv["parameters"] == 320
    assert conv["layer"].endswith("conv2d")
    assert conv["class"] == "Conv2D"


@pytest.mark.parametrize("name", MODELS)
def test_all_of_it_is_json_and_comes_back_to_the_last_bit(explained: Any, name: str) -> None:
    trace, data, _ = explained(name)
    text = json.dumps(data.to_dict(), allow_nan=False)
    back = json.loads(text)
    assert len(text) < 10e6
    for node in back["nodes"]:
        if node["op"] == "input":
            continue
        row = trace[node["id"]]
        for entry, y in zip(node["outs"], row.outputs, strict=True):
            tensor = back["tensors"][entry["t"]]
            got = decode(tensor, tuple(tensor["shape"]))
            np.testing.assert_array_equal(got, y.astype(got.dtype))


def test_a_dense_gradient_of_one_sample_is_an_outer_product(explained: Any) -> None:
    trace, data, _ = explained("seed_network")
    (node,) = [n for n in data.nodes if n["op"] == "matmul" and n["parameters"] > 100_000]
    tensor = data.to_dict()["tensors"][node["ins"][1]["g"]]
    assert "data" not in tensor
    a, g = (data._arrays[i] for i in tensor["outer"])
    np.testing.assert_array_equal(np.outer(a, g), trace[node["id"]].input_gradients[1])


def test_what_would_make_the_page_too_large_is_left_out_the_largest_first() -> None:
    w = tf.Variable(np.random.default_rng(0).random((64, 64), np.float32))
    with tf.tracing() as trace, tf.GradientTape() as tape:
        tape.gradient(tf.reduce_sum(tf.matmul(tf.ones((3, 64)), w)), w)
    found = PageData(trace).to_dict(limit=6000)
    sizes = [t["shape"] for t in found["tensors"] if t.get("left_out") == "size"]
    assert sizes[0] == [64, 64]
    assert sum(len(t.get("data", "")) for t in found["tensors"]) <= 6000
    assert all("stats" in t for t in found["tensors"])


def test_branches_of_a_residual_network_are_branches(explained: Any) -> None:
    _, data, _ = explained("residual")
    adds = [n["id"] for n in data.nodes if n["op"] == "add"]
    assert len(adds) == 2
    for add in adds:
        assert len([edge for edge in data.edges if edge["to"] == add]) == 2
    assert any(edge["lane"] is not None for edge in data.edges)  # the identity goes around
    assert len({n["lane"] for n in data.nodes}) > 1


def test_the_hidden_softmax_is_aside_and_said_to_be_hidden(explained: Any) -> None:
    _, data, _ = explained("seed_network")
    (softmax,) = [n for n in data.nodes if n["op"] == "softmax"]
    assert softmax["aside"]
    assert softmax["hidden"]
    assert softmax["outs"][0]["g"] is None
    (loss,) = [n for n in data.nodes if "cross_entropy" in n["op"]]
    assert not loss["aside"]


def silent(bias: float, blocked: bool, dark: bool) -> dict[str, str]:
    """The silent filters of a convolution with two filters, the first one made silent."""
    k = np.ones((1, 1, 1, 2), np.float32)
    x = np.zeros((1, 2, 2, 1), np.float32) if dark else np.ones((1, 2, 2, 1), np.float32)
    kernel, b = tf.Variable(k), tf.Variable([bias, 5.0])
    from scratchnet.ops.fused_conv2d import fused_conv2d

    with tf.tracing() as trace, tf.GradientTape() as tape:
        y = fused_conv2d(x, kernel, b, 1, "VALID", activation="relu")
        loss = tf.reduce_sum(y * tf.constant([0.0 if blocked else 1.0, 1.0]))
        tape.gradient(loss, [kernel, b])
    return silent_filters(next(row for row in trace if row.op == "fused_conv2d"))


def test_why_the_gradient_of_a_filter_is_zero() -> None:
    assert silent(-5.0, False, False) == {"0": "relu"}
    assert silent(5.0, True, False) == {"0": "blocked"}
    assert silent(5.0, False, True) == {"0": "input", "1": "input"}
    assert silent(5.0, False, False) == {}


def test_a_line_that_is_not_the_users_is_not_named_as_the_users() -> None:
    with tf.tracing() as trace:
        tf.math.log(tf.constant([-1.0]))
    own, other = (PageData(trace, file=file).about["nan"]["text"] for file in (__file__, "a.py"))
    assert "test_page_data.py:" in own
    assert "test_page_data.py" not in other
    assert other.startswith("row 0, `log`: 1 of 1 elements")


def test_the_moments_that_nobody_took_are_no_targets() -> None:
    """Their cotangent is zeros, and the tape did not begin with it."""
    L = tf.keras.layers
    layers = [L.BatchNormalization(), L.ReLU(), L.Flatten(), L.Dense(2)]
    model = tf.keras.Sequential([tf.keras.Input((3, 3, 2)), *layers])
    x = np.linspace(-1, 1, 36, dtype=np.float32).reshape(2, 3, 3, 2)
    data = PageData(tf.trace(model, x, np.ones((2, 2), np.float32), "mse"))
    assert "targets" not in data.about
    began = [node["op"] for node in data.nodes for out in node["outs"] if out.get("began")]
    assert len(began) == 1


def test_what_another_backward_pass_sent_is_no_target() -> None:
    x = tf.Variable([1.0, 2.0])
    with tf.tracing() as trace, tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(tf.square(x) * x)
        outer.gradient(tf.reduce_sum(inner.gradient(y, x)), x)
    for one in trace.passes:
        data = PageData(one)
        began = [n["op"] for n in data.nodes for out in n["outs"] if out.get("began")]
        assert began == ["reduce_sum"]
        assert "targets" not in data.about


def test_a_step_is_calm_only_where_loss_and_gradients_are_finite() -> None:
    w, calm = tf.Variable([1e-5, 1e-5]), []
    for factor in (1.0, 3e38):  # of which the sum of two is too large for float32
        with tf.tracing() as trace, tf.GradientTape() as tape:
            p = tf.nn.softmax(w * 0.0 + tf.math.log([1.0, 0.0]))  # as behind a mask of -inf
            tape.gradient(tf.reduce_sum(p) + tf.reduce_sum(w * factor + w * factor), w)
        with np.errstate(over="ignore"):
            calm.append(PageData(trace).about["nan"]["calm"])
    assert calm == [True, False]


def test_only_lines_of_the_users_file_are_shown() -> None:
    with tf.tracing() as trace:
        tf.nn.relu([1.0])
    assert PageData(trace).nodes[-1]["site"]["text"] == "tf.nn.relu([1.0])"
    assert "site" in PageData(trace, file=__file__).nodes[-1]
    assert "site" not in PageData(trace, file="other.py").nodes[-1]


def test_a_weight_that_is_used_several_times_is_silent_by_the_sum_of_its_gradients() -> None:
    w = tf.Variable([[1.0, 1.0], [1.0, 1.0]])
    with tf.tracing() as trace, tf.GradientTape() as tape:
        first = tf.constant([[0.0, 0.0]]) @ w  # as a recurrent layer's first step
        second = tf.constant([[2.0, 3.0]]) @ w
        loss = tf.reduce_sum((first + second) * tf.constant([1.0, 0.0]))
        tape.gradient(loss, w)
    data = PageData(trace)
    nodes = [n for n in data.nodes if n["op"] == "matmul"]
    assert [n["silent"] for n in nodes] == [{"1": "blocked"}] * 2
    entries = [n["ins"][1] for n in nodes]
    assert [(e["use"], e["uses"]) for e in entries] == [(1, 2), (2, 2)]
    assert entries[0]["total"] == entries[1]["total"]
    np.testing.assert_array_equal(data._arrays[entries[0]["total"]], trace.gradient_of(w))
    (first_row, _) = (row for row in trace if row.op == "matmul")
    assert silent_filters(first_row).keys() == {"0", "1"}  # of this use alone, all are


def test_a_convolution_without_relu_has_a_formula_without() -> None:
    layer = tf.keras.layers.Conv2D(2, 1)
    trace = tf.trace(layer, np.ones((1, 2, 2, 1), np.float32), np.zeros((1, 2, 2, 2)), "mse")
    ops = PageData(trace).to_dict()["ops"]["fused_conv2d"]
    assert "relu" in ops["formula"]
    assert len(ops["vjps"]) == 4
    assert "relu" not in ops["without_relu"]["formula"]
    assert len(ops["without_relu"]["vjps"]) == 3


def test_the_input_is_what_the_model_was_called_on() -> None:
    """Not the zeros that a recurrent layer begins with, which get a gradient."""
    L = tf.keras.layers
    model = tf.keras.Sequential(
        [tf.keras.Input((4,), dtype="int32"), L.Embedding(9, 3), L.LSTM(2, unroll=True), L.Dense(1)]
    )
    ids = np.array([[1, 2, 3, 4]])
    data = PageData(tf.trace(model, ids, [[0.0]], "mse"))
    (node,) = [n for n in data.nodes if n["op"] == "input"]
    np.testing.assert_array_equal(data._arrays[node["outs"][0]["t"]], ids)


def test_numbers_that_are_not_finite_are_in_the_data() -> None:
    w = tf.Variable([np.inf, 1.0], name="w")
    with tf.tracing() as trace, tf.GradientTape() as tape:
        tape.gradient(tf.reduce_sum(w * [[0.0], [2.0]]), w)
    found = PageData(trace).to_dict()
    json.dumps(found, allow_nan=False)
    assert found["loss"] == {"float": "NaN"}
    nan = found["about"]["nan"]
    assert nan["name"] == "w:0"  # the weight itself, shown where it is read
    assert nan["at"] == [0]
    assert next(n for n in found["nodes"] if n["id"] == nan["node"])["op"] == "multiply"


def test_no_softmax_is_hidden_because_another_head_sends_a_gradient_to_its_input() -> None:
    i = tf.keras.Input((3,))
    h = tf.keras.layers.Dense(4)(i)
    model = tf.keras.Model(i, [tf.keras.layers.Dense(1)(h), tf.keras.layers.Softmax()(h)])
    x, y = np.ones((2, 3), np.float32), [np.ones((2, 1)), np.eye(4)[:2]]
    for loss, is_hidden in ((None, False), ("categorical_crossentropy", True)):
        model.compile("sgd", loss=["mse", loss])
        nodes = PageData(tf.trace(model, x, y)).nodes
        (softmax,) = [node for node in nodes if node["op"] == "softmax"]
        assert softmax.get("hidden", False) is is_hidden


def test_a_sum_that_overflows_is_said_of_the_gradient_of_the_weight() -> None:
    w = tf.Variable(1e-5, name="w")
    with tf.tracing() as trace:
        with tf.GradientTape() as tape:
            loss = w * 3e38 + w * 3e38
        tape.gradient(loss, w)
    said = PageData(trace).about["nan"]
    assert (said["node"], said["phase"], said["name"]) == (1, "backward", "∂L/∂w:0")
    assert said["value"] == np.inf
