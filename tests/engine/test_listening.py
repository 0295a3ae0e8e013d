"""The seam: what a listener is told, and that being told changes nothing."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet import keras
from scratchnet.engine import listening as module
from scratchnet.engine.op import ACTIVE, Op, Record
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import apply
from scratchnet.extend import LayerCall, Listener, listening

HERE = __file__


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    assert ACTIVE.tapes == ACTIVE.listeners == ACTIVE.layers == []


class Diary(Listener):
    """Writes down all that it is told."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.vjps: list[tuple[Record, int, Any, Any]] = []
        self.events: list[str] = []
        self.calls: list[Any] = []

    def record(self, record: Record) -> None:
        self.records.append(record)
        self.events.append(record.op.name)

    def vjp(self, record: Record, argument: int, g: Any, gx: Any) -> None:
        self.vjps.append((record, argument, g, gx))
        self.events.append(f"vjp {record.op.name} {argument}")

    def begin_layer(self, call: LayerCall) -> None:
        self.events.append(f"begin {call.path}")

    def end_layer(self, call: LayerCall) -> None:
        self.calls.append(call)
        self.events.append(f"end {call.path}")

    def begin_loss(self, call: Any) -> None:
        self.events.append("begin loss")

    def end_loss(self, call: Any) -> None:
        self.calls.append(call)
        self.events.append("end loss")

    def begin_tape(self, tape: Any) -> None:
        self.events.append("begin tape")

    def end_tape(self, tape: Any) -> None:
        self.events.append("end tape")

    def begin_gradient(self, call: Any) -> None:
        self.events.append(f"begin {call.method}")

    def end_gradient(self, call: Any) -> None:
        self.calls.append(call)
        self.events.append(f"end {call.method}")

    def begin_update(self, update: Any) -> None:
        self.events.append("begin update")

    def end_update(self, update: Any) -> None:
        self.calls.append(update)
        self.events.append("end update")

    def end_epoch(self, model: Any, epoch: int, logs: Any) -> None:
        self.calls.append((model, epoch, logs))
        self.events.append(f"end epoch {epoch}")

    @property
    def names(self) -> list[str]:
        return [record.op.name for record in self.records]


def line() -> int:
    """The line that calls this function."""
    import sys

    return sys._getframe(1).f_lineno


# -- records ---------------------------------------------------------------------------------------


def test_every_record_is_told_without_any_tape() -> None:
    x = tf.constant(2.0)
    with listening(Diary()) as diary:
        y, here = x * x, line()
    assert diary.names == ["multiply"]
    (record,) = diary.records
    assert record.outputs[0] is y
    assert record.inputs == (x, x)
    assert record.layer is None
    assert record.site == (HERE, here)
    assert str(record.site) == f"{HERE}:{here}"


def test_outside_of_the_context_nothing_is_told_and_nothing_is_looked_for() -> None:
    with listening(Diary()) as diary:
        pass
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(1.0))
        _ = x * x
    assert diary.events == []
    assert tape.records[0].layer is tape.records[0].site is None


def test_with_a_tape_listener_and_tape_have_the_same_record() -> None:
    with listening(Diary()) as diary, tf.GradientTape() as tape:
        tape.watch(x := tf.constant(1.0))
        _ = tf.exp(x)
        _ = tf.exp(tf.constant(1.0))  # which the tape does not keep
    assert tape.records == (diary.records[0],)
    assert diary.names == ["exp", "exp"]


def test_records_outlive_a_tape_that_is_not_persistent_and_go_when_the_listener_does() -> None:
    class Weak(Listener):
        def __init__(self) -> None:
            self.outputs: list[Any] = []

        def record(self, record: Record) -> None:
            self.outputs.append(weakref.ref(record.output))

    x = tf.constant(np.ones(10))
    with listening(Diary()) as diary, listening(Weak()) as weak:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.exp(tf.sin(x)))
        tape.gradient(y, x)
    del y, tape
    assert [record.output.shape for record in diary.records[:3]] == [(10,), (10,), ()]
    assert all(ref() is not None for ref in weak.outputs)
    diary.records.clear()
    diary.vjps.clear()
    diary.calls.clear()
    assert all(ref() is None for ref in weak.outputs)  # at once: there is no cycle


def test_a_read_of_a_variable_is_told_with_the_variable_as_its_input() -> None:
    v = tf.Variable(3.0)
    with listening(Diary()) as diary:
        _ = v * 2.0
    assert diary.names == ["read_variable", "multiply"]
    assert diary.records[0].inputs[0] is v


def test_the_line_is_that_of_the_users_innermost_function() -> None:
    def helper(x: Any) -> Any:
        return tf.nn.relu(x), line()

    class Own(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            y, self.line = helper(x)
            return y

    layer = Own(name="own")
    model = keras.Sequential([layer, keras.layers.Dense(1)])
    with listening(Diary()) as diary:
        model(tf.ones((2, 3)))
        here = line() - 1
    (relu,) = [record for record in diary.records if record.op.name == "relu"]
    assert relu.site == (HERE, layer.line)
    assert relu.layer == f"{model.name}/own"
    matmul = next(record for record in diary.records if record.op.name == "matmul")
    assert matmul.site == (HERE, here)


def test_the_standard_library_is_not_the_users() -> None:
    from functools import partial, reduce

    with listening(Diary()) as diary:
        reduce(lambda a, b: a + b, [tf.constant(1.0)] * 3)
        list(map(partial(tf.multiply, tf.constant(2.0)), [tf.constant(1.0)]))
        exec(compile("y = x * 2.0", "<cell 1>", "exec"), {"x": tf.constant(1.0)})
    assert {record.site.file for record in diary.records[:-1] if record.site} == {HERE}
    assert diary.records[-1].site == ("<cell 1>", 1)


def test_ops_inside_a_function_are_told() -> None:
    @tf.function
    def f(x: Any) -> Any:
        return tf.exp(x) + 1.0

    for _ in range(2):
        with listening(Diary()) as diary:
            f(tf.constant(1.0))
        assert diary.names == ["exp", "add"]
        assert diary.records[0].site[0] == HERE


def test_an_op_with_several_outputs() -> None:
    with listening(Diary()) as diary, tf.GradientTape() as tape:
        tape.watch(x := tf.constant([1.0, 2.0, 3.0, 4.0]))
        a, _ = tf.split(x, 2)
        gx = tape.gradient(a, x)
    record = next(record for record in diary.records if record.op.name == "split")
    assert len(record.outputs) == 2
    _, _, g, told = next(vjp for vjp in diary.vjps if vjp[0] is record)
    np.testing.assert_array_equal([part.numpy() for part in g], [[1, 1], [0, 0]])
    assert told is gx


def test_a_custom_gradient_is_one_record_to_the_listener_and_to_all_tapes() -> None:
    @tf.custom_gradient
    def triple(x: Any) -> Any:
        return 3.0 * x, lambda g: 5.0 * g

    x = tf.constant(2.0)
    with listening(Diary()) as diary:
        with tf.GradientTape() as outer, tf.GradientTape() as inner:
            outer.watch(x)
            inner.watch(x)
            y = triple(x)
        found = [float(tape.gradient(y, x)) for tape in (outer, inner)]  # type: ignore[arg-type]
    assert found == [5.0, 5.0]
    assert diary.names[:2] == ["multiply", "triple"]
    assert [vjp[0] for vjp in diary.vjps] == [diary.records[1]] * 2


def test_nothing_is_told_of_layers_tried_out_or_of_the_functions_of_a_dataset() -> None:
    class Own(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return tf.exp(x)

    with listening(Diary()) as diary:
        inputs = keras.Input((3,))
        keras.Model(inputs, Own()(keras.layers.Dense(2)(inputs)))
        list(tf.data.Dataset.range(2).map(lambda i: tf.exp(tf.cast(i, tf.float32))))
    assert "exp" not in diary.names
    assert not [event for event in diary.events if event.startswith(("begin", "end"))]


# -- the way back ----------------------------------------------------------------------------------


def test_each_vjp_is_told_with_both_cotangents() -> None:
    with listening(Diary()) as diary:
        with tf.GradientTape() as tape:
            a, b = tf.constant([1.0, 2.0]), tf.constant(3.0)
            tape.watch([a, b])
            y = a * b
        ga, gb = tape.gradient(y, [a, b], output_gradients=tf.constant([10.0, 20.0]))
    told = {argument: (g.numpy(), gx) for record, argument, g, gx in diary.vjps}
    np.testing.assert_array_equal(told[0][0], [10, 20])
    np.testing.assert_array_equal(told[1][0], [10, 20])
    assert told[0][1] is ga
    assert told[1][1] is gb
    assert gb.shape == ()  # summed over what was broadcast


def test_what_begins_a_joint_vjp_is_not_what_is_told() -> None:
    """The cotangent is that of the output, of an op whose VJPs share a prologue, too."""
    x, k = tf.ones((1, 4, 4, 16)), tf.ones((3, 3, 16, 16))
    with listening(Diary()) as diary, tf.GradientTape() as tape:
        tape.watch([x, k])
        y = tf.nn.relu(tf.nn.conv2d(x, k, 1, "SAME"))
    tape.gradient(y, [x, k])
    with listening(diary):
        conv = keras.layers.Conv2D(16, 3, activation="relu")
        with tf.GradientTape() as tape:
            y = keras.Sequential([conv, keras.layers.MaxPooling2D()])(x)
        tape.gradient(y, conv.weights)
    for record, _, g, gx in diary.vjps:
        assert g.shape == record.output.shape
        assert isinstance(gx, tf.Tensor)


def test_vjps_of_a_second_order_gradient() -> None:
    x = tf.constant(2.0)
    with listening(Diary()) as diary:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = x * x * x
            (gx,) = inner.gradient(y, [x])
        gxx = outer.gradient(gx, x)
    assert (float(gx), float(gxx)) == (12.0, 12.0)  # type: ignore[arg-type]
    first = diary.events.index("end gradient")
    assert diary.events[:4] == ["begin tape", "begin tape", "multiply", "multiply"]
    assert diary.events[first + 1 : first + 3] == ["end tape", "begin gradient"]
    told = {id(record) for record, *_ in diary.vjps}
    assert told <= set(map(id, diary.records))  # every record of the way back was told before


def test_gradient_calls_and_their_results() -> None:
    x = tf.constant([1.0, 2.0])
    with listening(Diary()) as diary:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = x * x
        found = tape.gradient(y, {"a": x})["a"]
        tape.jacobian(y, x)
        tape.batch_jacobian(tf.reshape(y, (2, 1)), tf.reshape(x, (2, 1)))
        with pytest.raises(ValueError, match="output_gradients"):
            tape.gradient(y, x, output_gradients=[1.0])
    calls = [call for call in diary.calls]
    assert [call.method for call in calls] == ["gradient", "jacobian", "batch_jacobian"]
    assert calls[0].tape is tape
    assert calls[0].targets == [y]
    assert calls[0].sources == [x]
    assert calls[0].gradients[0] is found
    assert all(call.error is None for call in calls)


def test_a_batch_jacobian_is_one_gradient_of_its_source() -> None:
    x = tf.constant([[1.0], [2.0]])
    with listening(Diary()) as diary:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.concat([x * x, x, x], 1)
        whole = tape.batch_jacobian(y, x)
    assert whole.shape == (2, 3, 1)
    assert [[g.shape for g in call.gradients] for call in diary.calls] == [[whole.shape]]


def test_a_gradient_that_fails_ends_with_the_error() -> None:
    @tf.custom_gradient
    def bad(x: Any) -> Any:
        return x * 1.0, lambda g: 1 / 0

    with listening(Diary()) as diary:
        with tf.GradientTape() as tape:
            tape.watch(x := tf.constant(1.0))
            y = bad(x)
        with pytest.raises(ZeroDivisionError):
            tape.gradient(y, x)
    assert isinstance(diary.calls[-1].error, ZeroDivisionError)
    assert diary.calls[-1].gradients is None


# -- layers, losses, updates -----------------------------------------------------------------------


def test_layers_in_layers() -> None:
    class Block(keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__(name="block")
            self.inner = keras.layers.Dense(2, name="inner")

        def call(self, x: Any) -> Any:
            return self.inner(x) + self.inner(x)

    block = Block()
    x = np.ones((1, 2), np.float64)
    with listening(Diary()) as diary:
        y = block(x)
        z = block.inner(tf.constant(x, tf.float32))
    paths = [event for event in diary.events if event.startswith(("begin", "end"))]
    inner = ["begin block/inner", "end block/inner"]
    assert paths == ["begin block", *inner, *inner, "end block", "begin inner", "end inner"]
    *_, outer, last = diary.calls
    assert outer.layer is block
    assert outer.args[0] is x  # as it was given, not as `call` gets it
    assert outer.outputs is y
    assert last.outputs is z
    assert {record.layer for record in diary.records if record.op.name == "matmul"} == {
        "block/inner",
        "inner",
    }
    assert [record.layer for record in diary.records if record.outputs[0] is y] == ["block"]


def test_a_layer_that_fails_ends_with_the_error() -> None:
    class Bad(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            raise KeyError("no")

    class Outer(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return Bad(name="bad")(x)

    with listening(Diary()) as diary, pytest.raises(KeyError):
        Outer(name="outer")(tf.ones((1, 1)))
    assert diary.events[-4:] == ["begin outer", "begin outer/bad", "end outer/bad", "end outer"]
    assert [type(call.error) for call in diary.calls] == [KeyError, KeyError]
    assert diary.calls[0].outputs is None


def test_the_events_of_fit_in_their_order() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="dense")])
    model.compile("sgd", "mse")
    x, y = np.ones((4, 2), np.float32), np.ones((4, 1), np.float32)
    with listening(Diary()) as diary:
        history = model.fit(x, y, batch_size=2, epochs=2, verbose=0)
    kinds = [event for event in diary.events if event.startswith(("begin", "end"))]
    layers = [f"begin {model.name}", f"begin {model.name}/dense"]
    layers += [event.replace("begin", "end") for event in reversed(layers)]
    gradient = ["begin gradient", "end gradient"]
    step = ["begin tape", *layers, "end tape", *gradient, "begin update", "end update"]
    assert [kind for kind in kinds if "loss" not in kind] == [
        *step, *step, "end epoch 0", *step, *step, "end epoch 1"
    ]  # fmt: skip
    told, epoch, logs = diary.calls[-1]
    assert (told, epoch) == (model, 1)
    assert logs["loss"] == history.history["loss"][1]


def test_losses_and_updates() -> None:
    v, loss = keras.Variable([1.0, 2.0]), keras.losses.MeanSquaredError()
    optimizer = keras.optimizers.SGD(1.0)
    truth = np.float32([0, 0])
    seen = []

    class Values(Diary):
        def begin_update(self, update: Any) -> None:
            seen.append(update.variables[0].numpy())

        def end_update(self, update: Any) -> None:
            super().end_update(update)
            seen.append(update.variables[0].numpy())

    with listening(Values()) as diary:
        with tf.GradientTape() as tape:
            value = loss(truth, v)
        gradient = tape.gradient(value, v)
        optimizer.apply_gradients([(gradient, v)])
        with pytest.raises(ValueError, match="Unknown variable"):
            optimizer.apply_gradients([(gradient, keras.Variable([1.0, 2.0]))])
    np.testing.assert_array_equal(seen, [[1, 2], [0, 0]])
    call = next(call for call in diary.calls if hasattr(call, "y_true"))
    assert call.y_true is truth
    assert call.y_pred is v
    assert call.value is value
    update = diary.calls[-1]
    assert update.gradients == [gradient]
    assert update.optimizer is optimizer


# -- fused layers ---------------------------------------------------------------------------------


def fusible() -> Any:
    return keras.Sequential(
        [
            keras.Input((8, 8, 16)),
            keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
            keras.layers.MaxPooling2D(name="pool"),
        ]
    )


def test_fused_layers_are_told_as_one_unless_every_layer_is_wanted() -> None:
    class All(Diary):
        wants_layers = True

    model, x = fusible(), tf.ones((1, 8, 8, 16))
    with listening(Diary()) as diary:
        together = model(x)
    assert f"begin {model.name}/conv+pool" in diary.events
    assert diary.records[-1].op.name == "pooled_conv2d"
    assert diary.records[-1].layer == f"{model.name}/conv+pool"
    assert diary.calls[0].outputs is together
    with listening(All()) as diary:
        apart = model(x)
    assert [call.path.rpartition("/")[2] for call in diary.calls] == ["conv", "pool", model.name]
    np.testing.assert_allclose(together, apart, rtol=1e-6)
    with listening(All()), listening(Diary()) as diary:
        model(x)
    assert "pooled_conv2d" not in diary.names


# -- nothing changes -------------------------------------------------------------------------------


def trained(listener: Listener | None) -> list[np.ndarray]:
    keras.utils.set_random_seed(7)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.Conv2D(8, 3),
            keras.layers.MaxPooling2D(),
            keras.layers.BatchNormalization(),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 8, 8, 1)).astype(np.float32), rng.integers(0, 3, 20)
    if listener is None:
        history = model.fit(x, y, batch_size=8, epochs=2, verbose=0)
    else:
        with listening(listener):
            history = model.fit(x, y, batch_size=8, epochs=2, verbose=0)
    return [np.array(history.history["loss"]), *model.get_weights()]


def test_watching_changes_no_number() -> None:
    class Busy(Diary):
        """Computes with all that it is told."""

        def record(self, record: Record) -> None:
            super().record(record)
            for y in record.outputs:
                tf.reduce_sum(tf.cast(y, tf.float32)).numpy()

        def vjp(self, record: Record, argument: int, g: Any, gx: Any) -> None:
            super().vjp(record, argument, g, gx)
            float(tf.norm(gx))

        def begin_layer(self, call: LayerCall) -> None:
            with tf.GradientTape() as tape:
                tape.watch(x := tf.constant(1.0))
                y = x * x
            assert float(tape.gradient(y, x)) == 2.0  # type: ignore[arg-type]

    plain = trained(None)
    busy = Busy()
    for other in (trained(Listener()), trained(busy)):
        for a, b in zip(plain, other, strict=True):
            np.testing.assert_array_equal(a, b)
    assert {record.site[0] for record in busy.records if record.site} == {HERE}
    assert all(record.site for record in busy.records)


def test_what_a_listener_computes_is_on_no_tape_and_explains_no_none() -> None:
    v = tf.Variable(5.0)

    class Reader(Listener):
        def record(self, record: Record) -> None:
            record.output.numpy()
            _ = v * record.output

    with listening(Reader()), tf.GradientTape() as tape:
        tape.watch(x := tf.constant(2.0))
        y = tf.exp(x)
    assert tape.watched_variables() == (x,) or tape.watched_variables() == ()
    assert [record.op.name for record in tape.records] == ["exp"]
    assert tape.gradient(tf.constant(1.0), x) is None
    assert ".numpy()" not in tape.explain_none(x)
    assert y is not None


def test_what_the_command_does_has_no_line_of_the_users() -> None:
    """Else it would be one of the library that reads the command line, or of this test."""
    space: dict[str, Any] = {"tf": tf}
    command = str(Path(tf.__file__).with_name("cli.py"))
    exec(compile("def command():\n    tf.square(2.0)", command, "exec"), space)
    with listening(Diary()) as diary:
        space["command"]()
        tf.square(3.0)
    assert [record.site and record.site.file for record in diary.records] == [None, HERE]


def test_a_tensor_whose_value_is_read_is_told_to_be_detached() -> None:
    class Reads(Listener):
        told: tuple[Any, str] | None = None

        def detached(self, tensor: Any, reason: str) -> None:
            tensor.numpy()  # nobody is told of that
            self.told = tensor, reason

    y = tf.constant([1.0, 2.0])
    with listening(Reads()) as reads:
        np.asarray(y)
    assert reads.told is not None
    assert reads.told[0] is y
    assert "a NumPy function" in reads.told[1]


# -- hostile listeners and contexts ----------------------------------------------------------------


def test_contexts_nest_and_the_same_listener_may_listen_twice() -> None:
    class Named(Listener):
        def __init__(self, name: str) -> None:
            self.name = name

        def record(self, record: Record) -> None:
            order.append(self.name)

        def begin_layer(self, call: LayerCall) -> None:
            order.append(f"begin {self.name}")

        def end_layer(self, call: LayerCall) -> None:
            order.append(f"end {self.name}")

    order: list[str] = []
    layer = keras.layers.Activation("relu")
    a, b = Named("a"), Named("b")
    with listening(a):
        with listening(b):
            layer(tf.constant([1.0]))
        assert order == ["begin a", "begin b", "a", "b", "end b", "end a"]
        order.clear()
        with listening(a):
            tf.exp(1.0)
        tf.exp(1.0)
    assert order == ["a", "a", "a"]


def test_contexts_may_end_in_another_order_than_they_began() -> None:
    first, second = Diary(), Diary()
    one, two = listening(first), listening(second)
    one.__enter__()
    two.__enter__()
    one.__exit__(None, None, None)
    tf.exp(1.0)
    two.__exit__(None, None, None)
    assert (first.names, second.names) == ([], ["exp"])


def test_a_context_is_of_its_thread() -> None:
    other = Diary()

    def run() -> None:
        tf.exp(1.0)
        with listening(other):
            tf.sin(1.0)

    with listening(Diary()) as diary:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    assert diary.names == []
    assert other.names == ["sin"]


EVENTS = [name for name in vars(Listener) if name.startswith(("begin_", "end_", "record", "vjp"))]


@pytest.mark.parametrize("event", EVENTS)
def test_a_listener_that_raises_leaves_the_engine_as_it_was(event: str) -> None:
    class Raises(Diary):
        pass

    def fail(self: Any, *args: Any) -> None:
        raise OSError(event)

    setattr(Raises, event, fail)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    loss = keras.losses.MeanSquaredError()
    model.compile("sgd", loss)
    x, y = np.ones((4, 2), np.float32), np.ones((4, 1), np.float32)
    outer = Diary()

    def train() -> None:
        with listening(outer), listening(Raises()):
            with tf.GradientTape() as tape:  # by hand, so that every event comes
                value = loss(y, model(x))
            tape.gradient(value, model.weights)
            model.fit(x, y, epochs=1, verbose=0)

    with pytest.raises(OSError, match=event):
        train()
    assert ACTIVE.tapes == ACTIVE.listeners == ACTIVE.layers == []
    begun = [e for e in outer.events if e.startswith("begin ")]
    ended = [e for e in outer.events if e.startswith("end ") and "epoch" not in e]
    if event not in ("begin_tape", "end_tape"):  # those are told to the outer one first
        assert sorted(e.replace("begin", "end") for e in begun) == sorted(ended)
    history = model.fit(x, y, epochs=1, verbose=0)
    assert np.isfinite(history.history["loss"][0])


def test_an_error_in_the_context_ends_it() -> None:
    diary = Diary()
    with pytest.raises(KeyError), listening(diary):
        raise KeyError
    tf.exp(1.0)
    assert diary.names == []


def test_a_context_opened_in_the_middle_of_a_call() -> None:
    class Opens(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            if begun:
                context.__enter__()
            return tf.exp(x)

    class Closes(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            y = tf.sin(x)
            if begun:
                context.__exit__(None, None, None)
            return y

    diary, begun = Diary(), False
    context = listening(diary)
    model = keras.Sequential([Opens(), keras.layers.Activation("relu", name="act"), Closes()])
    model(tf.ones((1, 1)))
    begun = True
    model(tf.ones((1, 1)))
    assert diary.names == ["exp", "relu", "sin"]
    assert [call.path for call in diary.calls][:1] == ["act"]


def test_a_listener_that_listens_and_differentiates_itself() -> None:
    class Deep(Listener):
        found: float = 0.0

        def record(self, record: Record) -> None:
            with listening(Diary()) as inner, tf.GradientTape() as tape:
                tape.watch(x := tf.constant(3.0))
                y = x * x
            self.found = float(tape.gradient(y, x))  # type: ignore[arg-type]
            assert inner.names == ["multiply"]

    with listening(Deep()) as deep:
        tf.exp(1.0)
    assert deep.found == 6.0


def test_what_is_no_listener_is_refused() -> None:
    with pytest.raises(TypeError, match="`listener` must be a Listener"):
        listening(lambda record: None).__enter__()  # type: ignore[type-var]
    with pytest.raises(TypeError, match="`listener` must be a Listener"):
        listening(Diary).__enter__()  # type: ignore[type-var]


def test_persistent_tapes_and_tapes_that_stop() -> None:
    with listening(Diary()) as diary:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x := tf.constant(2.0))
            y = x * x
            with tape.stop_recording():
                z = tf.exp(x)
        for _ in range(2):
            assert float(tape.gradient(y, x)) == 4.0  # type: ignore[arg-type]
    assert tape.gradient(z, x) is None
    assert diary.events.count("begin gradient") == 2
    assert [e for e in diary.events if "tape" in e] == ["begin tape", "end tape"]
    assert len(diary.vjps) == 4


def test_the_tape_that_a_listener_stops_is_found_again() -> None:
    """A listener may ask the program's own tape, which ends its recording, as a program may."""

    class Asks(Listener):
        def end_layer(self, call: LayerCall) -> None:
            self.gradient = tape.gradient(call.outputs, x)

    with listening(Asks()) as asks, tf.GradientTape() as tape:
        tape.watch(x := tf.constant([2.0]))
        keras.layers.Activation("relu")(x)
    assert asks.gradient.numpy() == 1.0


# -- the docstring ---------------------------------------------------------------------------------


def test_the_script_in_the_docstring_has_at_most_15_lines() -> None:
    lines = str(module.__doc__).splitlines()
    script = [text for text in lines if text.startswith((">>> ", "... "))]
    assert len(script) <= 15
    assert "from scratchnet.extend import Listener, listening" in script[2]
    assert not any("engine" in text for text in script)


def test_nobody_who_listens_costs_nothing_that_grows() -> None:
    """Without a listener no frame is walked: the line is not even looked for."""
    found, site = [], module._site
    module._site = lambda: found.append(1) or site()  # type: ignore[func-returns-value]
    try:
        with tf.GradientTape():
            keras.layers.Dense(2)(tf.ones((1, 2)))
        assert found == []
        with listening(Listener()):
            tf.exp(1.0)
        assert found == [1]
    finally:
        module._site = site


def test_no_cotangent_is_held_that_only_a_listener_would_want() -> None:
    """Its memory is used again on the way back: to hold it made a training step slower."""
    alive = []

    def prologue(g: Any, record: Record, wanted: Any) -> Any:
        alive.append(weakref.ref(g))
        return g * 2.0

    def gx(g: Any, record: Record) -> Any:
        alive.append(alive[-1]() is not None)
        return g

    op = Op("doubled", np.exp, lambda x: (2 * x, None), (gx,), prologue=prologue)
    for listeners in ([], [Listener()]):
        with ExitStack() as stack, tf.GradientTape() as tape:
            for listener in listeners:
                stack.enter_context(listening(listener))
            tape.watch(x := tf.constant([1.0, 2.0]))
            y = tf.exp(apply(op, x))
            tape.gradient(y, x)
    assert alive[1::2] == [False, True]


def test_a_tape_that_was_watched_is_freed() -> None:
    with listening(Diary()):
        with tf.GradientTape() as tape:
            tape.watch(x := tf.constant(1.0))
            y = x * x
        tape.gradient(y, x)
    kept = weakref.ref(tape)
    gc.disable()
    try:
        del tape
        assert kept() is None
    finally:
        gc.enable()
    assert GradientTape is tf.GradientTape
