"""Traces: their numbers are the engine's, and they answer what is asked of a step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.traces import NoGradientError, SeveralPassesError

layers = tf.keras.layers
RNG = np.random.default_rng(5)
IMAGES, LABELS = RNG.random((5, 9, 7, 2), np.float32), np.array([0, 2, 1, 1, 0])


def convnet(activation: str = "softmax") -> Any:
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential(
        name="model",
        layers=[
            tf.keras.Input((9, 7, 2)),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Dropout(0.3, name="drop"),
            layers.BatchNormalization(name="norm"),
            layers.Flatten(name="flatten"),
            layers.Dense(3, activation=activation, name="dense"),
        ],
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


@pytest.fixture
def without_fusion() -> Any:
    tf.keras.config.disable_layer_fusion()
    yield
    tf.keras.config.enable_layer_fusion()


def by_hand(model: Any) -> tuple[Any, dict[str, Any]]:
    """Loss and gradients of the step, without a trace."""
    x = tf.constant(IMAGES)
    with model._step_context(), tf.GradientTape() as tape:
        tape.watch(x)
        loss = model.compute_loss(x, tf.constant(LABELS), model(x, training=True))
    weights = model.trainable_variables
    *gradients, gx = tape.gradient(loss, [*weights, x])
    found = {w.path: g.numpy() for w, g in zip(weights, gradients, strict=True)}
    return loss.numpy(), found | {"x": gx.numpy()}


def test_a_traced_step_is_the_step_bit_for_bit(without_fusion: Any) -> None:
    loss, gradients = by_hand(convnet())
    trace = tf.trace(convnet(), IMAGES, LABELS)
    assert trace.loss == loss
    assert sorted([*trace.gradients, "x"]) == sorted(gradients)
    for path, gw in trace.gradients.items():
        assert np.array_equal(gw, gradients[path])
    assert np.array_equal(trace["conv"].input_gradient, gradients["x"])


def test_training_goes_the_same_way_while_it_is_traced(without_fusion: Any) -> None:
    plain, traced = convnet(), convnet()
    plain.fit(IMAGES, LABELS, batch_size=2, epochs=2, verbose=0)
    with tf.tracing() as trace:
        traced.fit(IMAGES, LABELS, batch_size=2, epochs=2, verbose=0)
    for a, b in zip(plain.get_weights(), traced.get_weights(), strict=True):
        assert np.array_equal(a, b)
    assert len(trace.calls("conv")) == 6


def test_a_trace_leaves_the_model_as_it_was() -> None:
    """Weights, moving averages, and the state of Dropout's random generator."""
    model = convnet()
    before = [v.numpy() for v in model.variables]
    first, again = (tf.trace(model, IMAGES, LABELS) for _ in range(2))
    assert len(before) > len(model.weights) > len(model.trainable_variables)
    for variable, value in zip(model.variables, before, strict=True):
        assert np.array_equal(variable.numpy(), value)
    assert np.array_equal(first["drop"].output, again["drop"].output)
    assert (first["drop"].output == 0).any()


def test_cotangents_are_those_of_the_tape() -> None:
    model = convnet()
    trace = tf.trace(model, IMAGES, LABELS, training=False)
    h = tf.constant(IMAGES)
    outputs = {}
    with model._step_context(), tf.GradientTape(persistent=True) as tape:
        tape.watch(h)
        for layer in model.layers:
            h = layer(h, training=False) if layer.name in ("drop", "norm") else layer(h)
            outputs[layer.name] = h
        loss = model.compute_loss(None, tf.constant(LABELS), h, training=False)
    for name, y in outputs.items():
        expected = tape.gradient(loss, y)
        if name == "dense":
            assert expected is None
        else:
            np.testing.assert_allclose(trace[name].gradient, expected, atol=1e-7)
            np.testing.assert_allclose(trace[name].output, y, atol=1e-6)


def test_the_hidden_softmax_is_told_and_p_minus_y_is_there() -> None:
    trace = tf.trace(convnet(), IMAGES, LABELS)
    with pytest.raises(NoGradientError, match=r"takes the logits behind the softmax") as caught:
        print(trace["dense"].gradient)
    assert 'trace["dense"].logits_gradient' in str(caught.value)
    p, y = trace["dense"].output, np.eye(3)[LABELS]
    np.testing.assert_allclose(trace["dense"].logits_gradient, (p - y) / 5, atol=1e-6)
    eager = tf.trace(convnet("linear"), IMAGES, np.eye(3)[LABELS], loss="mse")
    assert eager["dense"].gradient.shape == (5, 3)
    with pytest.raises(NoGradientError, match="no softmax or sigmoid"):
        print(eager["dense"].logits_gradient)


def test_what_max_pooling_and_dropout_let_through() -> None:
    trace = tf.trace(convnet(), IMAGES, LABELS)
    pool, drop = trace["pool"], trace["drop"]
    reached = pool.input_gradient != 0
    assert reached.shape == pool.input.shape
    assert reached.sum() == (pool.gradient != 0).sum()
    assert not drop.input_gradient[(drop.output == 0) & (drop.input != 0)].any()
    np.testing.assert_allclose(pool.input_gradient.sum(), pool.gradient.sum(), rtol=1e-4)


def test_a_shared_layer_and_a_branch() -> None:
    tf.keras.utils.set_random_seed(0)
    dense = layers.Dense(3, name="shared")
    a = tf.keras.Input((3,))
    h = dense(a)
    model = tf.keras.Model(a, layers.Add(name="add")([dense(h), h]))
    x, y = RNG.random((2, 3), np.float32), np.zeros((2, 3), np.float32)
    trace = tf.trace(model, x, y, loss=tf.keras.losses.MeanSquaredError())
    first, second = trace.calls("shared")
    np.testing.assert_allclose(first.gradient, second.input_gradient + trace["add"].gradient)
    variable = next(v for v in model.weights if v.path.endswith("kernel"))
    total = first.weight_gradients["kernel"] + second.weight_gradients["kernel"]
    np.testing.assert_allclose(trace.gradients[variable.path], total)
    assert len(trace["add"].inputs) == 2


def test_any_code_with_a_tape() -> None:
    w = tf.Variable([3.0, -1.0], name="w")
    with tf.tracing() as trace:
        tf.square(w)  # a forward pass alone
    assert [row.op for row in trace] == ["read_variable", "square"]
    with pytest.raises(NoGradientError, match="row 1, `square`: no gradient came by"):
        print(trace[1].gradient)
    with tf.tracing() as trace, tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = w**3
        gw = inner.gradient(y, w)
        loss = tf.reduce_sum(gw * gw)
    with tf.tracing() as second:
        outer.gradient(loss, w)
    assert [row.op for row in trace][-2:] == ["multiply", "reduce_sum"]
    assert len(second) == 0
    assert trace[0].parameters == 2
    np.testing.assert_allclose(trace.gradients["w:0"], 3 * w.numpy() ** 2)


# -- questions -------------------------------------------------------------------------------------


def test_complex_numbers() -> None:
    x = tf.Variable([3.0, 4.0])
    with tf.tracing() as trace, tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.abs(tf.complex(x, 0.0) * 2j))
        tape.gradient(y, x)
    rows = {row.op: row for row in trace.rows}
    assert rows["multiply"].output.tolist() == [6j, 8j]
    assert rows["multiply"].gradient.tolist() == [1j, 1j]  # the size grows along the number
    line = next(line for line in str(trace).splitlines() if "multiply" in line)
    assert "10" in line.split()  # |y|, of both parts
    assert "1.414" in line.split()  # |g|


def test_the_first_nan_is_named() -> None:
    w = tf.Variable([0.0, 1.0])
    with tf.tracing() as trace:
        with tf.GradientTape() as tape:
            y = tf.sqrt(w)
        tape.gradient(y, w)
    found = trace.nan()
    assert found is not None
    assert (found.row.op, found.where, found.argument, found.index) == ("sqrt", "gradient", 0, (0,))
    assert "of its gradient by argument 0 are not finite, the first at [0]: inf" in str(found)
    assert "cotangent of the output: shape (2,), float32, from 1 to 1" in str(found)
    with tf.tracing() as trace:
        tf.math.log(tf.constant([[1.0, 0.0]])) + 1.0
    found = trace.nan()
    assert found is not None
    assert (found.row.op, found.where, found.value) == ("log", "output", -np.inf)
    assert "(1 of 2 elements" not in str(found)
    assert "argument 0: shape (1, 2), float32, from 0 to 1, 1 zeros" in str(found)
    assert tf.trace(convnet(), IMAGES, LABELS).nan() is None


@pytest.mark.parametrize("kind", ["layer", "op"])
def test_dead_units(kind: str) -> None:
    x = np.array([[1.0, -1.0, 2.0], [0.5, -3.0, -1.0]], np.float32)
    with tf.tracing() as trace:
        if kind == "op":
            tf.nn.relu(tf.constant(x))
        else:
            conv = layers.Conv2D(3, 1, activation="relu", use_bias=False, name="c")
            conv.build((None, 1, 1, 3))
            conv.set_weights([np.eye(3, dtype="f")[None, None]])
            conv(x[:, None, None])
    (dead,) = trace.dead()
    assert (dead.units, dead.of) == ((1,), 3)
    assert str(dead).endswith(": 1 of 3 units never fire: 1")


# -- how it shows itself ---------------------------------------------------------------------------


def test_the_table() -> None:
    trace = tf.trace(convnet(), IMAGES, LABELS)
    head, *lines = str(trace).splitlines()
    assert head.split() == "op layer line output |y| |g| ms ms back parameters".split()
    assert len(lines) == len(trace) == len(list(trace))
    assert any("max_pool2d" in line and "test_traces.py:" in line for line in lines)
    html = trace._repr_html_()
    assert html.count("<tr>") == len(trace) + 1
    assert repr(trace).startswith("<Trace of ")
    assert sum(row.parameters for row in trace) == sum(
        v._data.size for v in convnet().trainable_variables
    )
    assert all(row.ms >= 0 and row.backward_ms >= 0 for row in trace)


def test_a_data_frame(monkeypatch: Any) -> None:
    class Frame:
        def __init__(self, rows: Any) -> None:
            self.rows = rows

    trace = tf.trace(convnet(), IMAGES, LABELS)
    pandas = type("pandas", (), {"DataFrame": Frame})
    monkeypatch.setitem(__import__("sys").modules, "pandas", pandas)
    rows = trace.to_dataframe().rows
    assert [row["op"] for row in rows] == [row.op for row in trace]
    assert rows[0].keys() >= {"layer", "line", "shape", "norm", "gradient_norm", "ms", "zeros"}
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pandas"):
        trace.to_dataframe()


def test_arrays_cannot_be_written_into() -> None:
    trace = tf.trace(convnet(), IMAGES, LABELS)
    for array in (trace[2].output, trace["conv"].gradient, trace["conv"].input):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


# -- what is refused -------------------------------------------------------------------------------


def test_what_is_refused() -> None:
    trace = tf.trace(convnet(), IMAGES, LABELS)
    with pytest.raises(KeyError, match=r"name of a layer that was called \(conv, pool, .*'foo'"):
        trace["foo"]
    with pytest.raises(IndexError, match=r"one of \d+ rows, received key=99"):
        trace[99]
    with pytest.raises(TypeError, match="`model` must be a Keras model or layer, received"):
        tf.trace(abs, IMAGES, LABELS)
    bare = tf.keras.Sequential([layers.Dense(1)])
    with pytest.raises(ValueError, match="`loss` must be given where the model is not compiled"):
        tf.trace(bare, IMAGES, LABELS)
    with pytest.raises(ValueError, match="Could not interpret"):
        tf.trace(bare, IMAGES, LABELS, loss="foo")


def test_variables_of_one_name_stay_apart() -> None:
    """Those without a name, and the kernels of the layers inside a layer."""
    v, w = tf.Variable([1.0, 2.0]), tf.Variable([[3.0], [4.0], [5.0]])
    with tf.tracing() as trace:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(v * v) + tf.reduce_sum(w)
        tape.gradient(loss, [v, w])
    assert {name: gw.shape for name, gw in trace.gradients.items()} == {
        "Variable:0": (2,),
        "Variable:0_1": (3, 1),
    }
    np.testing.assert_array_equal(trace.gradients["Variable:0"], [2.0, 4.0])
    whole = tf.trace(convnet(), IMAGES, LABELS)
    assert whole["model"].weight_gradients.keys() == whole.gradients.keys()
    assert set(whole["dense"].weight_gradients) == {"kernel", "bias"}


def test_summed_gradients_cannot_be_written_into() -> None:
    trace = tf.trace(convnet(), IMAGES, LABELS)
    for array in (trace["conv"].input_gradient, trace["conv"].weight_gradients["kernel"]):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_why_a_gradient_is_none() -> None:
    w, frozen = tf.Variable([1.0, 3.0]), tf.Variable([1.0, 1.0], trainable=False)
    plain, unused = tf.constant([2.0, 2.0]), tf.constant(1.0)
    with tf.tracing() as trace, tf.GradientTape() as tape:
        place = tf.argmax(w)
        aside = tf.square(w)
        loss = tf.reduce_sum(w * frozen * plain)
    assert trace.why_none(w) == "no tape was asked for gradients while this was traced"
    with tf.tracing() as trace, tf.GradientTape() as tape:
        place = tf.argmax(w)
        aside = tf.square(w)
        tf.sqrt(aside)
        loss = tf.reduce_sum(w * frozen * plain) + tf.cast(tf.argmax(plain), tf.float32)
        tape.gradient(loss, w)
    assert trace.gradient_of(w) is not None
    assert "trainable=False, and so `multiply` sent nothing" in trace.why_none(frozen)
    assert trace.why_none(plain).startswith("`multiply`, `argmax` sent nothing back to it: it is")
    assert trace.why_none(aside).startswith("no gradient came by what `sqrt` made of it")
    assert trace.why_none(place) == "nothing was computed from it while this was traced"
    assert trace.why_none(unused) == "nothing was computed from it while this was traced"
    with tf.tracing() as trace, tf.GradientTape() as tape:
        tape.gradient(tf.cast(tf.argmax(w), tf.float32), w)
    assert trace.why_none(w) == "`argmax` has no gradient: an index is an integer"
    with tf.tracing() as trace:
        layers.Dense(1, name="d")(np.ones((1, 2), np.float32))
    with pytest.raises(NoGradientError, match="by its output: no tape was asked for"):
        print(trace["d"].gradient)


def test_the_gradient_of_every_layer() -> None:
    trace = tf.trace(convnet(), IMAGES, LABELS)
    found = trace.layer_gradients
    assert list(found) == ["conv", "pool", "drop", "norm", "flatten", "dense"]
    assert found["dense"] is None
    for name in list(found)[:-1]:
        assert found[name] is not None
        assert np.array_equal(found[name], trace[name].gradient)
    tf.keras.utils.set_random_seed(0)
    shared = layers.Dense(3, name="shared")
    a = tf.keras.Input((3,))
    inner = tf.keras.Sequential([layers.Dense(3, name="shared")], name="inner")
    model = tf.keras.Model(a, inner(shared(shared(a))), name="outer")
    x, y = RNG.random((2, 3), np.float32), np.zeros((2, 3), np.float32)
    named = tf.trace(model, x, y, loss="mse").layer_gradients
    assert list(named) == ["outer/shared", "outer/shared_1", "outer/inner/shared"]


# -- several inputs and outputs, as `fit` takes them -----------------------------------------------

A, B = RNG.random((5, 3), np.float32), RNG.random((5, 2), np.float32)
TRUTHS = [RNG.random((5, 1), np.float32), RNG.random((5, 4), np.float32)]


@pytest.fixture
def two_by_two() -> Any:
    tf.keras.utils.set_random_seed(0)
    a, b = tf.keras.Input((3,), name="a"), tf.keras.Input((2,), name="b")
    both = layers.Concatenate()([a, b])
    outputs = [layers.Dense(1, name="one")(both), layers.Dense(4, name="four")(b)]
    model = tf.keras.Model([a, b], outputs)
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([A, B], TRUTHS),
        ((tf.constant(A), B), tuple(TRUTHS)),
        ({"b": B, "a": A}, [tf.constant(part) for part in TRUTHS]),
        ([A, tf.constant(B)], TRUTHS),
    ],
    ids=["lists", "tuples", "dict", "tensors"],
)
def test_several_inputs_and_truths_are_taken_as_fit_takes_them(
    two_by_two: Any, x: Any, y: Any
) -> None:
    trace = tf.trace(two_by_two, x, y)
    np.testing.assert_allclose(trace.loss, two_by_two.test_on_batch(x, y)[0], rtol=1e-6)
    assert trace["one"].input.shape == (5, 5)
    assert trace["four"].input_gradient.shape == (5, 2)
    given = tf.trace(two_by_two, x, y, loss=["mse", "mse"])
    np.testing.assert_allclose(given.loss, trace.loss, rtol=1e-6)
    assert tf.trace(two_by_two, x, y, loss="mse").loss == given.loss


def test_a_list_of_numbers_is_one_array() -> None:
    model = convnet()
    expected = tf.trace(model, IMAGES, LABELS).loss
    for y in (LABELS.tolist(), list(LABELS)):
        assert tf.trace(model, IMAGES.tolist(), y).loss == expected


def test_no_samples_are_refused(two_by_two: Any) -> None:
    with pytest.raises(ValueError, match="trace: `x` must hold at least one sample, received x="):
        tf.trace(convnet(), IMAGES[:0], LABELS[:0])
    with pytest.raises(ValueError, match="`x` must hold at least one sample"):
        tf.trace(two_by_two, [A[:0], B[:0]], [part[:0] for part in TRUTHS])


# -- several backward passes -----------------------------------------------------------------------


def test_passes_of_a_persistent_tape_are_kept_apart(monkeypatch: Any) -> None:
    w = tf.Variable([1.0, 2.0], name="w")
    with tf.tracing() as trace:
        with tf.GradientTape(persistent=True) as tape:
            shared = w * 1.0
            two, three = 2.0 * shared, 3.0 * shared
        tape.gradient(two, w), tape.gradient(three, w)
    chosen = [one.gradient_of(w).tolist() for one in trace.passes]
    assert chosen == [[2.0, 2.0], [3.0, 3.0]]
    assert [one.gradients["w:0"].tolist() for one in trace.passes] == chosen
    assert [one.loss.tolist() for one in trace.passes] == [[2.0, 4.0], [3.0, 6.0]]
    assert [one.gradient_of(two) is None for one in trace.passes] == [False, True]
    assert trace.gradient_of(two).tolist() == [1.0, 1.0]  # one pass reached it
    row = next(row for row in trace if row.op == "multiply")
    for ask in (
        lambda: trace.gradient_of(w),
        lambda: trace.gradients,
        lambda: row.gradient,
        lambda: row.input_gradients,
    ):
        with pytest.raises(SeveralPassesError, match=r"each of 2 backward .*trace\.passes\[0\]"):
            ask()
    assert trace.why_none(w) == "its gradient is not None (of passes 0, 1)"
    assert trace.nan() is None
    head, *lines = str(trace).splitlines()
    assert head.split()[:4] == ["op", "layer", "line", "pass"]
    assert len(lines) == len(trace) + 2  # what both passes reached is there twice
    assert "pass" not in str(trace.passes[0])
    pandas = type("pandas", (), {"DataFrame": list})
    monkeypatch.setitem(__import__("sys").modules, "pandas", pandas)
    found = [(row["pass"], row["gradient_norm"]) for row in trace.to_dataframe()][:2]
    assert [number for number, _ in found] == [0, 1]
    np.testing.assert_allclose([g for _, g in found], [8**0.5, 18**0.5])
    assert repr(trace).endswith("2 backward passes>")
    assert repr(trace.passes[1]).endswith("backward pass 1>")


def test_a_layer_that_several_passes_reach() -> None:
    """As the discriminator of a GAN; the generator is reached by one pass alone."""
    tf.keras.utils.set_random_seed(0)
    made, judge = layers.Dense(3, name="made"), layers.Dense(1, name="judge")
    noise = tf.constant(B)
    for layer in (made, judge):
        layer.build((None, 2 if layer is made else 3))
    with tf.tracing() as trace:
        with tf.GradientTape() as first, tf.GradientTape() as second:
            verdict = judge(made(noise))
            real = judge(tf.constant(A))
            wrong, right = tf.reduce_mean(verdict) - tf.reduce_mean(real), -tf.reduce_sum(verdict)
        ours = first.gradient(wrong, judge.trainable_variables)
        theirs = second.gradient(right, made.trainable_variables)
    for one, layer, expected in zip(trace.passes, (judge, made), (ours, theirs), strict=True):
        for variable, g in zip(layer.trainable_variables, expected, strict=True):
            np.testing.assert_allclose(one.gradients[variable.path], g, atol=1e-6)
    calls = trace.calls("judge")
    match = r"trace\.passes\[0\]\[\"judge\"\]\."
    with pytest.raises(SeveralPassesError, match=match + "gradient$"):
        print(calls[0].gradient)
    with pytest.raises(SeveralPassesError, match=match + "weight_gradients"):
        print(calls[0].weight_gradients)
    with pytest.raises(SeveralPassesError, match=r"ask one of them"):
        print(trace.layer_gradients)
    assert calls[1].gradient.tolist() == [[np.float32(-0.2)]] * 5  # the real ones: one pass
    assert calls[1].weight_gradients["bias"].tolist() == [-1.0]
    assert trace.passes[1]["judge"].gradient.tolist() == [[-1.0]] * 5
    assert repr(calls[1]) == "<LayerTrace judge, call 2 of 2: Dense -> (5, 1)>"


def test_derivatives_of_derivatives_and_jacobians() -> None:
    x = tf.constant([1.0, 2.0])
    with tf.tracing() as trace:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.reduce_sum(x**3)
            gx = inner.gradient(y, x)
            loss = tf.reduce_sum(gx * gx)
        second = outer.gradient(loss, x)
    first, last = trace.passes
    assert first.gradient_of(x).tolist() == [3.0, 12.0]
    np.testing.assert_allclose(last.gradient_of(x), second)
    with tf.tracing() as trace:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        tape.jacobian(y, x)
    assert [one.gradient_of(x).tolist() for one in trace.passes] == [[2.0, 0.0], [0.0, 4.0]]


def test_one_pass_is_the_trace_itself() -> None:
    trace = tf.trace(convnet(), IMAGES, LABELS)
    assert trace.passes == [trace]
    with tf.tracing() as trace:
        tf.square(2.0)
    assert trace.passes == []
    v = tf.Variable(2.0)
    with tf.tracing() as trace, tf.GradientTape() as tape:
        tape.gradient(tf.square(v), v)
    assert trace.why_none(v) == "its gradient is not None"


def test_rows_and_calls_have_a_short_repr() -> None:
    trace = tf.trace(convnet(), IMAGES, LABELS)
    assert repr(trace["conv"].rows[0]).startswith("<Row ")
    assert len(repr(trace[0])) < 200
    assert repr(trace["dense"]) == "<LayerTrace model/dense: Dense -> (5, 3)>"


# -- times -----------------------------------------------------------------------------------------


def test_the_time_of_an_op_is_not_that_of_compiling_its_kernel() -> None:
    import time

    from numba import njit

    kernels, calls = [njit(lambda a: a + 1)], []

    class Slow(layers.Layer):
        def call(self, x: Any) -> Any:
            calls.append(kernels[-1](2.0))
            return x * tf.random.uniform((3,))

    model = tf.keras.Sequential([tf.keras.Input((3,)), Slow(name="slow"), layers.Dense(1)])
    kernels.append(njit(lambda a: a + 2))
    calls.clear()
    tf.keras.utils.set_random_seed(3)
    seen = tf.random.uniform((3,)).numpy()
    tf.keras.utils.set_random_seed(3)
    trace = tf.trace(model, A, TRUTHS[0], loss="mse")
    after = tf.random.uniform((3,)).numpy()
    assert len(calls) == 2
    tf.keras.utils.set_random_seed(3)
    again = tf.trace(model, A, TRUTHS[0], loss="mse")
    assert len(calls) == 3
    assert np.array_equal(tf.random.uniform((3,)).numpy(), after)  # moved on by one step alone
    assert np.array_equal(again["slow"].output, trace["slow"].output)
    np.testing.assert_array_equal(trace["slow"].output, A * seen)
    assert not any(row.compiled for row in trace)
    assert "compiled" not in str(trace)
    kernel = njit(lambda a: a + 2)
    with tf.tracing() as own:
        start = time.perf_counter()
        kernel(2.0)
        spent = (time.perf_counter() - start) * 1e3
        tf.square(2.0)
        tf.square(3.0)
    assert [row.compiled for row in own] == [True, False]
    assert own[0].ms >= spent * 0.9
    assert "* with the time in which a kernel was compiled" in str(own)
    assert "<p>* with the time" in own._repr_html_()


# -- names, calls and passes -----------------------------------------------------------------------


def test_a_key_is_the_same_layer_wherever_it_is_asked() -> None:
    """A layer's real name wins over the number of a call; names that repeat ask for a path."""
    tf.keras.utils.set_random_seed(0)
    a, image = layers.Dense(4, name="dense"), tf.keras.Input((4,))
    model = tf.keras.Model(image, layers.Dense(4, name="dense_1")(a(a(image))), name="m")
    x, y = RNG.random((2, 4), np.float32), np.zeros((2, 4), np.float32)
    trace = tf.trace(model, x, y, loss="mse")
    found = trace.layer_gradients
    assert list(found) == ["dense", "dense_2", "dense_1"]
    assert trace["dense_2"] is trace.calls("dense")[1]
    for key, g in found.items():
        assert np.array_equal(g, trace[key].gradient)
        assert key in trace
    assert "dense_3" not in trace
    assert trace[0] in trace
    assert 3 not in trace

    def inner(name: str) -> Any:
        h = tf.keras.Input((4,))
        return tf.keras.Model(h, layers.Dense(4, name="d", activation="tanh")(h), name=name)

    model = tf.keras.Model(image, inner("s2")(inner("s1")(image)), name="top")
    trace = tf.trace(model, x, y, "mse")
    with pytest.raises(KeyError, match=r"\(top/s1/d, top/s2/d\)"):
        trace["d"]
    assert trace["s1/d"] is trace["top/s1/d"]
    assert trace["s2/d"].path == "top/s2/d"
    with pytest.raises(TypeError, match="of a row or the name of a layer, received key=None"):
        trace[None]


def test_why_none_is_asked_of_whatever_a_trace_hands_out() -> None:
    model = convnet()
    trace = tf.trace(model, IMAGES, LABELS)
    softmax = next(row for row in trace if row.op == "softmax")
    for hidden in ("dense", trace["dense"], softmax, softmax.record.output, model.layers[-1]):
        assert "the loss takes the logits" in trace.why_none(hidden)
        assert "p - y" in trace.why_none(hidden)
    for reached in ("conv", trace["conv"], model.layers[0], trace["conv"].rows[-1]):
        assert trace.why_none(reached) == "its gradient is not None"
    for nothing in (None, 14, IMAGES, trace["dense"].output, abs):
        with pytest.raises(TypeError, match=r"why_none: `x` must be a tensor, a variable, a row"):
            trace.why_none(nothing)
    with pytest.raises(KeyError, match="name of a layer that was called"):
        trace.why_none("foo")


def test_a_pass_prefers_the_calls_that_it_reached() -> None:
    layer = layers.Dense(2, name="d1")
    layer.build((None, 2))
    with tf.tracing() as trace:
        for _ in range(2):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(layer(tf.constant(B)) ** 2)
            tape.gradient(loss, layer.trainable_variables)
    first, second = trace.passes
    assert first["d1"].gradient.shape == second["d1"].gradient.shape == (5, 2)
    assert second["d1"]._number == 1
    assert np.array_equal(second.layer_gradients["d1"], second["d1"].gradient)
    assert second.layer_gradients["d1_1"] is None
    assert second["d1_1"] is second.calls("d1")[0]
    with pytest.raises(NoGradientError, match=r"call 1 of 2 of the layer: trace\.calls\('d1'\)"):
        print(second["d1_1"].gradient)


def test_a_layer_of_several_inputs_has_a_gradient_of_each() -> None:
    a, b = tf.keras.Input((3,)), tf.keras.Input((2,))
    difference = layers.Subtract(name="sub")([layers.Dense(2, name="p")(a), layers.Dense(2)(b)])
    call = tf.trace(tf.keras.Model([a, b], difference), [A, B], np.zeros((5, 2)), "mse")["sub"]
    with pytest.raises(ValueError, match=r"`sub` was called on 2 tensors: its \.input_gradients"):
        print(call.input_gradient)
    first, second = call.input_gradients
    assert np.array_equal(first, call.gradient)
    assert np.array_equal(second, -call.gradient)


def test_a_function_as_a_loss_is_given_what_compile_would_give_it() -> None:
    model = tf.keras.Sequential([tf.keras.Input((3,)), layers.Dense(1)])
    y = np.zeros((5, 1))  # float64

    def loss(a: Any, b: Any) -> Any:
        return tf.reduce_mean((a - b) ** 2)

    given = tf.trace(model, A, y, loss).loss
    model.compile("sgd", loss)
    assert tf.trace(model, A, y).loss == given
    with pytest.raises(ValueError, match="trace: `y` must be given where there is a `loss`"):
        tf.trace(model, A, None, "mse")


# -- what is said follows from the records ---------------------------------------------------------

ONES = np.ones((5, 1), np.float32)


def two_heads(second: Any, losses: list[Any]) -> Any:
    """Of one hidden layer ``h``: a regression, and `second`."""
    tf.keras.utils.set_random_seed(0)
    i = tf.keras.Input((3,))
    h = layers.Dense(4, name="h")(i)
    model = tf.keras.Model(i, [layers.Dense(1, name="one")(h), second(h)])
    model.compile("sgd", loss=losses)
    return model


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
def test_a_softmax_is_hidden_only_where_a_cross_entropy_took_its_logits() -> None:
    classes = np.eye(4, dtype=np.float32)[[0, 3, 2, 1, 1]]
    model = two_heads(layers.Softmax(name="sm"), ["mse", None])
    trace = tf.trace(model, A, [ONES, classes])
    assert trace["h"].gradient.any()
    assert trace.why_none("sm") == "nothing was computed from it while this was traced"
    with pytest.raises(NoGradientError, match="by its output: nothing was computed from it"):
        print(trace["sm"].gradient)
    with pytest.raises(NoGradientError, match="no softmax or sigmoid whose logits the loss takes"):
        print(trace["sm"].logits_gradient)
    model.compile("sgd", loss=["mse", "categorical_crossentropy"])
    both = tf.trace(model, A, [ONES, classes])
    assert "the loss takes the logits" in both.why_none("sm")
    assert both.why_none("sm").endswith(", and what the other uses of the logits sent back")
    assert np.array_equal(both["sm"].logits_gradient, both["h"].gradient)  # of both losses
    # A metric takes the logits, too, and no gradient comes of it.
    model.compile("sgd", loss=["mse", None], metrics=[[], ["categorical_crossentropy"]])
    with tf.tracing() as measured:
        model.fit(A, [ONES, classes], batch_size=5, verbose=0)
    assert "takes the logits" not in measured.why_none("sm")
    with tf.tracing() as gate:
        w = tf.Variable(A)
        with tf.GradientTape() as tape:
            z = w * 2.0
            s = tf.sigmoid(z)
            loss = tf.reduce_sum(z * tf.stop_gradient(s))
        tape.gradient(loss, w)
    assert gate.why_none(s).startswith("`stop_gradient` has no gradient")
    # Logits that no op made, and a loss of two classes.
    model = tf.keras.Sequential([tf.keras.Input((3,)), layers.Activation("sigmoid", name="s")])
    trace = tf.trace(model, A, np.zeros((5, 3), np.float32), "binary_crossentropy")
    np.testing.assert_allclose(trace["s"].logits_gradient, trace["s"].output / 15, rtol=1e-5)
    assert 'trace["s"].logits_gradient: p - y, times the share' in trace.why_none("s")
    assert "other uses" not in trace.why_none("s")


def test_layers_of_one_path_are_told_apart() -> None:
    def model() -> Any:
        return tf.keras.Sequential([tf.keras.Input((2,)), layers.Dense(2, name="d")], name="m")

    a, b = model(), model()
    with tf.tracing() as trace:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(b(a(B)))
        tape.gradient(loss, a.trainable_variables + b.trainable_variables)
    assert list(trace.layer_gradients) == ["m/d", "m/d_1"]
    for key, one in (("m/d", a), ("m/d_1", b)):
        assert trace[key] is trace[one.layers[0]]
        assert np.array_equal(trace.layer_gradients[key], trace[key].gradient)
        assert trace.calls(key) == trace.calls(one.layers[0]) == [trace[key]]
        assert trace.why_none(one.layers[0]) == "its gradient is not None"
        assert one.layers[0] in trace
    assert repr(trace["m/d_1"]) == "<LayerTrace m/d_1: Dense -> (5, 2)>"
    assert trace["m_1"] is trace[b]
    assert "d" not in trace
    with pytest.raises(KeyError, match=r"\(m/d, m/d_1\)"):
        trace["d"]
    with pytest.raises(TypeError, match="a layer that was called, the number of a row"):
        trace[layers.Dense(1)]

    class Two(layers.Layer):
        def __init__(self) -> None:
            super().__init__(name="two")
            self.first, self.second = layers.Dense(3, name="d"), layers.Dense(3, name="d")

        def call(self, x: Any) -> Any:
            return self.second(self.first(x))

    model = tf.keras.Sequential([tf.keras.Input((3,)), Two()], name="top")
    trace = tf.trace(model, A, np.zeros((5, 3)), "mse")
    assert [call.layer for call in trace.layers] == [model.layers[0].first, model.layers[0].second]
    assert list(trace.layer_gradients) == ["top/two/d", "top/two/d_1"]
    assert trace["two/d"].layer is model.layers[0].first
    assert trace["two/d_1"].layer is model.layers[0].second


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
def test_a_pass_has_the_calls_of_its_step_those_without_a_gradient_too() -> None:
    base = tf.keras.Sequential(
        [tf.keras.Input((3,)), layers.Flatten(name="flat"), layers.Dense(3, name="inner")],
        name="base",
    )
    base.trainable = False
    model = tf.keras.Sequential([tf.keras.Input((3,)), base, layers.Dense(1, name="head")])
    model.compile("sgd", "mse")
    with tf.tracing() as trace:
        model.fit(A[:4], ONES[:4], batch_size=2, shuffle=False, verbose=0)
    for number, one in enumerate(trace.passes):
        for name in ("base", "flat", "inner"):
            assert np.array_equal(one[name].input, A[2 * number : 2 * number + 2])
        assert np.array_equal(one["head"].input, one["inner"].output)
        keys = ["flat", "inner", "head"]
        others = [f"{key}_1" for key in keys]
        assert list(one.layer_gradients) == (others + keys if number else keys + others)
    model = two_heads(layers.Dense(2, name="aside"), ["mse", None])
    with tf.tracing() as trace:
        model.fit(A[:4], [ONES[:4], ONES[:4]], batch_size=2, shuffle=False, verbose=0)
    for one in trace.passes:
        assert np.array_equal(one["aside"].input, one["one"].input)


def reason(call: Any, attribute: str = "input_gradient") -> str:
    with pytest.raises(NoGradientError) as caught:
        getattr(call, attribute)
    return str(caught.value)


def test_why_no_gradient_passes_to_an_input() -> None:
    """Of a head without a loss, before `stop_gradient`, of a pass that does not depend on it."""
    model = two_heads(layers.Dense(2, name="aside"), ["mse", None])
    trace = tf.trace(model, A, [ONES, ONES])
    assert "none came by its output: nothing was computed from it" in reason(trace["aside"])

    class Stop(layers.Layer):
        def call(self, x: Any) -> Any:
            return tf.stop_gradient(x)

    ends = [layers.Dense(2, name="a"), Stop(name="stop"), layers.Dense(1, name="o")]
    stopped = tf.keras.Sequential([tf.keras.Input((3,)), *ends])
    trace = tf.trace(stopped, A, ONES, "mse")
    assert "`a`: no gradient passes to its input: none came by its output: `stop_gradient` has" in (
        reason(trace["a"])
    )
    assert trace.why_none(ends[0].kernel).startswith(
        "no gradient came by what `matmul` made of it: `stop_gradient` has no gradient"
    )
    said = reason(trace["o"])
    assert "`matmul` sent nothing back to it: neither it nor anything that leads to it by" in said
    assert "Before it, `stop_gradient` has no gradient" in said
    with tf.tracing() as trace:
        with tf.GradientTape(persistent=True) as tape:
            one, aside = (tf.reduce_sum(y) for y in model(A))
        for loss in (one, aside):
            tape.gradient(loss, model.trainable_variables)
    said = reason(trace.passes[0]["aside"])
    assert said.endswith("made of it: what was differentiated does not depend on that")
    assert trace.passes[1]["aside"].input_gradient.any()
    with tf.tracing() as trace:
        ends[0](tf.constant(A))
    assert "no tape was asked" in reason(trace["a"])


def test_a_layer_object_stands_for_the_call_that_the_pass_reached() -> None:
    shared = layers.Dense(2, name="d")
    a, b = (tf.keras.Sequential([tf.keras.Input((2,)), shared], name=name) for name in "ab")
    with tf.tracing() as trace:
        with tf.GradientTape() as tape:
            a(B)
            loss = tf.reduce_sum(b(B))
        tape.gradient(loss, shared.kernel)
    assert trace.why_none(shared) == "its gradient is not None"
    assert trace[shared] is trace["d"] is trace["b/d"]
    assert trace.why_none("a/d") == "nothing was computed from it while this was traced"
    assert "This is call 1 of 2 of the layer: trace.calls('d')" in reason(trace["a/d"], "gradient")


@pytest.mark.filterwarnings("error")
def test_a_sum_of_gradients_that_overflows_is_named() -> None:
    w = tf.Variable(1e-5, name="w")
    with tf.tracing() as trace:
        with tf.GradientTape() as tape:
            loss = w * 3e38 + w * 3e38
        assert tape.gradient(loss, w).numpy() == np.inf
    found = trace.nan()
    assert found is not None
    assert (found.row.op, found.where, found.argument) == ("read_variable", "sum", 0)
    assert "gradient by argument 0, summed over its uses, are not finite" in str(found)
    assert trace.gradients["w:0"] == np.inf
    with tf.tracing() as trace:
        with tf.GradientTape() as tape:
            v = w * 1.0
            loss = v * 3e38 + v * 3e38
        tape.gradient(loss, w)
    found = trace.nan()
    assert found is not None
    assert (found.row.index, found.where, found.argument) == (1, "gradient", None)
    assert "elements of its gradient by its output are not finite" in str(found)


def test_a_layer_of_several_outputs_has_a_gradient_of_each() -> None:
    class Parts(layers.Layer):
        def call(self, x: Any) -> Any:
            return x * 2.0, x * 3.0, x * 4.0

    class Nothing(layers.Layer):
        def call(self, x: Any) -> Any:
            return 3

    i = tf.keras.Input((3,))
    model = tf.keras.Model(i, layers.Dense(1, name="o")(Parts(name="parts")(i)[2]))
    trace = tf.trace(model, A, ONES, "mse")
    first, second, last = trace["parts"].output_gradients
    assert first is second is None
    assert np.array_equal(last, trace["o"].input_gradient)
    said = reason(trace["parts"], "gradient")
    assert "came by the first of its 3 outputs: nothing was computed from it" in said
    assert 'a gradient came by number 2: see trace["parts"].output_gradients' in said
    assert trace.why_none("parts") == trace.why_none(trace["parts"])
    assert trace.why_none("parts") in said
    v = tf.Variable(1.0)
    with tf.tracing() as trace, tf.GradientTape() as tape:
        Nothing(name="nothing")(tf.constant(A))
        tape.gradient(v * 2.0, v)
    assert trace.layer_gradients == {"nothing": None}
    assert trace.why_none(trace["nothing"]) == "it returned no tensor"
    assert "it returned no tensor" in reason(trace["nothing"], "gradient")
    assert "the layer computed nothing from it" in reason(trace["nothing"])


@pytest.mark.parametrize(
    ("kind", "gates"), [("LSTM", "f i g o c"), ("GRU", "z r g"), ("SimpleRNN", "")]
)
def test_rows_of_an_unrolled_layer_tell_the_step_and_the_gate(kind: str, gates: str) -> None:
    layer = getattr(layers, kind)(2, unroll=True, go_backwards=True, name="r")
    model = tf.keras.Sequential([tf.keras.Input((3, 2)), layer], name="model")
    trace = tf.trace(model, RNG.random((4, 3, 2), np.float32), np.ones((4, 2)), loss="mse")
    parts = [row.part for row in trace if row.part]
    assert list(dict.fromkeys(part.split("/")[0] for part in parts)) == ["t=2", "t=1", "t=0"]
    assert [part for part in parts if part.startswith("t=1/")] == [
        f"t=1/{g}" for g in gates.split()
    ]
    for row in trace:  # which gate it is
        if row.part and "/" in row.part:
            assert row.op == ("tanh" if row.part[-1] in "gc" else "sigmoid")
    assert {row.layer for row in trace if row.part} == {"model/r"}
    last = next(row for row in trace if row.part == parts[-1])
    assert f"model/r/{last.part} " in str(trace)
    assert repr(last).startswith(f"<Row {last.index}: {last.op} in model/r/{last.part} -> ")
    assert not any(row.part for row in trace if row.layer is None)


def test_the_fused_row_of_an_lstm_has_the_norm_of_its_gradient() -> None:
    model = tf.keras.Sequential([tf.keras.Input((3, 2)), layers.LSTM(2, return_sequences=True)])
    trace = tf.trace(model, RNG.random((4, 3, 2), np.float32), np.ones((4, 3, 2)), loss="mse")
    (row,) = (row for row in trace if row.op == "lstm")
    assert row.part is None
    assert f"{np.linalg.norm(row.gradient):.4g}" in str(trace).splitlines()[1 + row.index]
