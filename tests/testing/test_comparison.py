"""compare: nothing is found in sound programs, and a planted mistake at the call where it is."""

from __future__ import annotations

import importlib.util
import random
import re
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet.engine.op import OPS
from scratchnet.testing import assert_same_as_tensorflow, compare
from scratchnet.testing.golden import Golden
from tests.support.comparison_programs import PROGRAMS, X, Y

# -- sound programs --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_is_found_in_a_sound_program(name: str) -> None:
    """`python -m tests.long comparisons` does it for as many seeds as you like."""
    found = compare(PROGRAMS[name], seed=sorted(PROGRAMS).index(name))
    assert found.ok, str(found)
    assert found.first is None
    assert found.compared > 10
    assert str(found).startswith(f"The same: {found.compared} arrays of {found.calls} calls")


# -- planted mistakes ------------------------------------------------------------------------------


@contextmanager
def changed(name: str, argument: int, change: Any) -> Any:
    """The VJP of an op is another; or its forward pass, for argument -1."""
    op = OPS[name]
    if argument < 0:
        before, after = op.forward, change(op.forward)
        object.__setattr__(op, "forward", after)
    else:
        before, vjps = op.vjps, list(op.vjps)
        vjps[argument] = change(vjps[argument])
        object.__setattr__(op, "vjps", tuple(vjps))
    try:
        yield
    finally:
        object.__setattr__(op, "forward" if argument < 0 else "vjps", before)


def times(factor: float) -> Any:
    return lambda vjp: lambda g, record: vjp(g, record) * factor


def flipped(vjp: Any) -> Any:
    return lambda g, record: scratchnet.reverse(vjp(g, record), [0, 1])


def forward_times(factor: float) -> Any:
    def change(forward: Any) -> Any:
        def changed_forward(*arrays: Any, **attrs: Any) -> Any:
            out, saved = forward(*arrays, **attrs)
            return out * out.dtype.type(factor), saved

        return changed_forward

    return change


# The program, the op, its argument (-1: the forward pass), the change, what the report says first.
FAULTS = {
    "factor": ("ops", "conv2d", 1, times(1.0001),
               r"backward: call \d+, nn.conv2d \(comp.*:\d+\), the gradient of its argument 1"),
    "filter_turned_round": ("convolutions", "fused_conv2d", 1, flipped,
                            r"backward: call \d+, layer conv2d_1, the gradient of conv2d_1/kernel"),
    "input": ("convolutions", "fused_conv2d", 0, times(0.99),
              r"backward: call \d+, layer conv2d_1, the gradient of its argument 0"),
    "bias": ("dense", "bias_add", 1, times(2.0), "the gradient of dense_2/bias"),
    "forward": ("autoencoder", "sigmoid", -1, forward_times(1.001),
                r"forward: call 4, layer conv2d_1\n"),
    "moments": ("residual", "fused_batch_norm", 0, times(1.001),
                "layer batch_normalization_4, the grad"),
    "operator": ("second_order", "matmul", 1, times(1.01),
                 r"call \d+, matmul .* the gradient of Variable"),
    "softmax": ("ops", "softmax", 0, times(1.001), "nn.softmax .* the gradient of its argument 0"),
    "ties": ("ties", "max_pool2d", 0, times(1.5), "nn.max_pool2d .* the gradient of its argument"),
    "between": ("ops", "matmul", -1, forward_times(1.001), r"argument 0 of call \d+, nn.softmax"),
    "float64": ("float64_ops", "det", 0, times(1 + 1e-9), "linalg.det .* the gradient of its arg"),
    "second": ("long_mean", "batch_normalization", 2, times(1.001),
               "nn.batch_normalization .* the gradient of its argument 2"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_mistake_is_named_where_it_is(fault: str) -> None:
    name, op, argument, change, says = FAULTS[fault]
    with changed(op, argument, change):
        found = compare(PROGRAMS[name])
    assert not found.ok
    assert re.search(says, str(found)), str(found)
    assert "TensorFlow's own spread" in str(found)


def test_a_function_with_a_wrong_custom_gradient_is_named() -> None:
    def program(tf: Any) -> Any:
        factor = 1.01 if tf.__name__ == "scratchnet" else 1.0

        @tf.custom_gradient
        def squash(x: Any) -> Any:
            return tf.tanh(x), lambda g: g * (1 - tf.tanh(x) ** 2) * factor

        return tf.exp(squash(2.0 * tf.random.normal([3, 4])))

    found = compare(program)
    assert "and comes through the custom gradient of squash" in str(found.first), str(found)


def test_the_optimizer_and_the_statistics_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    adam, norm = scratchnet.keras.optimizers.Adam, scratchnet.keras.layers.BatchNormalization
    with monkeypatch.context() as patch:
        step = adam.update_step
        patch.setattr(adam, "update_step", lambda self, g, v, r: step(self, g, v, r * 1.001))
        found = compare(PROGRAMS["dense"])
        assert found.ok  # it is SGD
        found = compare(PROGRAMS["convolutions"])
    assert str(found.first).startswith("update: conv2d/kernel after one step of the optimizer")
    with monkeypatch.context() as patch:
        patch.setattr(norm, "_update_moving_average", lambda self, moving, now: None)
        found = compare(PROGRAMS["residual"])
    assert found.first is not None
    assert found.first.what == "batch_normalization/moving_mean after one step"


def test_other_first_weights_and_another_program_are_said() -> None:
    def weights(tf: Any) -> Any:
        start = 1.0 if tf.__name__ == "scratchnet" else 1.5
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        model.set_weights([np.full((3, 2), start, "f"), np.zeros(2, "f")])
        return model, "mse", np.ones((4, 3), "f"), np.ones((4, 2), "f")

    found = compare(weights)
    assert str(found.first).startswith(
        "initial: the first values of sequential/dense/kernel\n  1 at [0, 0]"
    )

    def one_unit(tf: Any) -> Any:
        start = np.ones((3, 2), "f") if tf.__name__ == "scratchnet" else np.full((3, 2), 1 - 2**-24)
        w = tf.Variable(start.astype("f"))
        return tf.ones([4, 3]) @ w

    assert compare(one_unit).first.phase == "initial"

    def other(tf: Any) -> Any:
        x = tf.ones([3])
        return tf.exp(x) if tf.__name__ == "scratchnet" else tf.sin(x)

    found = compare(other)
    assert found.first.phase == "structure"
    assert "scratchnet's run has call 1, exp" in str(found)


def test_weights_of_a_decomposition_may_be_rounded_otherwise() -> None:
    def program(tf: Any) -> Any:
        dense = tf.keras.layers.Dense(10, kernel_initializer="orthogonal")
        model = tf.keras.Sequential([tf.keras.layers.Flatten(), dense])
        return model, "mse", X, np.ones((32, 10), "f")

    found = compare(program)
    assert found.ok, str(found)

    def weights(tf: Any, shape: tuple[int, int]) -> Any:
        return tf.Variable(tf.keras.initializers.Orthogonal(seed=2)(shape)) * 1.0

    for n in (3, 7, 40):
        found = compare(lambda tf, n=n: weights(tf, (n, n)))
        assert found.ok, str(found)


def test_a_lost_gradient_is_a_difference() -> None:
    def program(tf: Any) -> Any:
        x = tf.random.normal([4])
        y = tf.exp(x)
        return tf.sin(tf.stop_gradient(y) if tf.__name__ == "scratchnet" else y)

    found = compare(program)
    assert re.search(r"no gradient can flow to argument 0 of call 2, sin", str(found))


def test_long_sums_of_a_variable_are_rounded_otherwise() -> None:
    """TensorFlow's are running sums in float32: 44 ulps from the exact mean."""
    x = (np.random.default_rng(0).normal(size=(100000, 3)) + 1).astype("f")

    def program(tf: Any) -> Any:
        return tf.nn.moments(tf.Variable(x), [0])

    for seed in range(2):
        found = compare(program, seed=seed)
        assert found.ok, str(found)
    with changed("moments", 0, times(1.001)):
        found = compare(program)
    assert re.search("call 0, nn.moments .*, the gradient of Variable", str(found)), str(found)


# -- what the program returns ----------------------------------------------------------------------


def returning(ours: float, theirs: float) -> dict[str, Any]:
    """Programs that return what operators made, which are no calls; a number in it is given."""

    def number(tf: Any) -> float:
        return ours if tf.__name__ == "scratchnet" else theirs

    def gradient(tf: Any) -> Any:
        x = tf.Variable(X[0, 0])
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.tanh(x) ** 3)
        g = tape.gradient(loss, x)
        return loss, x - 0.1 * g, x + 0.01 * tf.sign(g), {"g": g + number(tf)}

    def model(tf: Any) -> Any:
        layers = [tf.keras.Input((3,)), tf.keras.layers.Dense(2)]
        return tf.keras.Sequential(layers)(X[0, 0]) - number(tf)

    return {
        "sum": lambda tf: tf.tanh(tf.constant([1.0, 2.0])) + number(tf),
        "difference": lambda tf: number(tf) - tf.nn.softmax(tf.random.normal([3, 4])),
        "integers": lambda tf: tf.constant([1, 2, 3]) + int(number(tf)),
        "numbers": lambda tf: (tf.constant([1, 2]), number(tf), np.full(3, number(tf))),
        "model": model,
        "gradient": gradient,
    }


@pytest.mark.parametrize("name", returning(1, 2))
def test_what_the_program_returns_is_compared(name: str, tmp_path: Any) -> None:
    path = tmp_path / "golden.npz"
    found = compare(returning(2.0, 2.0)[name], record=path)
    assert found.ok, str(found)
    assert not found.notes  # a gradient that is added to is not differentiated again
    for found in (
        compare(returning(1.0, 2.0)[name]),
        compare(returning(1.0, 1.0)[name], against=path),
    ):
        assert re.match(r"(for|back)ward: .*what the program returns", str(found.first)), str(found)
        assert abs(found.first.ours - found.first.theirs) == pytest.approx(1.0)


def test_what_only_one_side_returns_is_named() -> None:
    def program(tf: Any) -> Any:
        x = tf.random.normal([3])
        return x, None if tf.__name__ == "scratchnet" else x * 2.0

    assert "numbers [1] are arrays in TensorFlow's run only" in str(compare(program).first)


def test_sums_of_operators_are_rounded_otherwise() -> None:
    def program(tf: Any) -> Any:
        x, w = tf.random.normal([30, 400]), tf.random.normal([400, 20])
        return (x @ w) ** 3 - 1.0, x + 1e8 - 1e8

    for seed in range(3):
        assert compare(program, seed=seed).ok


def test_a_difference_inside_of_a_layer_is_one_line() -> None:
    """Keras puts the arguments of a layer around it, and colours, into the text of an error."""

    def program(tf: Any) -> Any:
        class Own(tf.keras.layers.Layer):
            def call(self, x: Any) -> Any:
                return tf.exp(x) if tf.__name__ == "scratchnet" else tf.sin(x)

        return Own()(tf.ones([3]))

    text = str(compare(program).first)
    assert text.startswith("structure: scratchnet's run has call 2, exp"), text
    assert "\n" not in text


# -- programs that train themselves ----------------------------------------------------------------


def self_training(rate: float = 0.1, optimizer: str = "SGD") -> Any:
    """A program with a loop of its own; `rate` is scratchnet's, TensorFlow's is 0.1."""

    def program(tf: Any) -> Any:
        lr = rate if tf.__name__ == "scratchnet" else 0.1
        step = getattr(tf.keras.optimizers, optimizer)(lr) if optimizer else None
        x, w = tf.random.normal([8, 4]), tf.Variable(tf.random.normal([4, 3]), name="w")
        for _ in range(2):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.tanh(x @ w) ** 2)
            g = tape.gradient(loss, [w])
            if step is None:
                w.assign_sub(lr * g[0])
            else:
                step.apply_gradients(zip(g, [w], strict=True))
        return loss

    return program


@pytest.mark.parametrize("optimizer", ["SGD", "Adam", ""])
def test_nothing_is_found_in_a_program_that_trains_itself(optimizer: str, tmp_path: Any) -> None:
    path = tmp_path / "golden.npz"
    for seed in range(2):
        found = compare(self_training(optimizer=optimizer), seed=seed, record=path)
        assert found.ok, str(found)
        assert any(row.phase == "update" for row in found.rows)
        found = compare(self_training(optimizer=optimizer), seed=seed, against=path)
        assert found.ok, str(found)


def test_nothing_is_found_in_the_steps_of_a_gan() -> None:
    def program(tf: Any) -> Any:
        k = tf.keras.layers
        norm, leaky = k.BatchNormalization(), k.LeakyReLU()
        maker = tf.keras.Sequential([tf.keras.Input((4,)), k.Dense(16), norm, leaky, k.Dense(8)])
        judge = tf.keras.Sequential([tf.keras.Input((8,)), k.Dense(16), k.LeakyReLU(), k.Dense(1)])
        bce = tf.keras.losses.BinaryCrossentropy(from_logits=True)
        steps = tf.keras.optimizers.Adam(1e-3), tf.keras.optimizers.Adam(1e-3)
        real = tf.random.normal([16, 8])
        for _ in range(2):
            z = tf.random.normal([16, 4])
            with tf.GradientTape() as tape, tf.GradientTape() as other:
                made = judge(maker(z, training=True), training=True)
                loss = bce(tf.ones_like(made), made)
                against = bce(tf.ones_like(made), judge(real, training=True))
                against += bce(tf.zeros_like(made), made)
            for model, t, value, step in (
                (maker, tape, loss, steps[0]),
                (judge, other, against, steps[1]),
            ):
                variables = model.trainable_variables
                step.apply_gradients(zip(t.gradient(value, variables), variables, strict=True))
        return loss, against

    for seed in range(2):
        found = compare(program, seed=seed)
        assert found.ok, str(found)


def own_tape(flaw: str = "") -> Any:
    """A step of a GAN that returns a loss and its gradients; scratchnet's has a flaw, if given."""

    def program(tf: Any) -> Any:
        k, ours = tf.keras.layers, tf.__name__ == "scratchnet"
        maker = tf.keras.Sequential([tf.keras.Input((4,)), k.Dense(12), k.BatchNormalization()])
        norm = k.BatchNormalization()
        judge = tf.keras.Sequential([tf.keras.Input((12,)), k.Dense(9), norm, k.ReLU(), k.Dense(1)])
        bce = tf.keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)
        with tf.GradientTape(persistent=True) as tape:
            made = maker(tf.random.normal([16, 4]), training=True)
            if ours and flaw == "stop":
                made = 0.5 * made + 0.5 * tf.stop_gradient(made)
            said = judge(made, training=True)
            real = judge(tf.random.normal([16, 12]), training=True)
            loss = bce(tf.ones_like(said), said)
            other = bce(tf.ones_like(real), real) + bce(tf.zeros_like(said), said)
        found = tape.gradient(loss, maker.trainable_variables)
        return loss, found, tape.gradient(other, judge.trainable_variables)

    return program


def test_a_program_may_return_the_gradients_of_its_own_tapes(tmp_path: Any) -> None:
    """They are not differentiated again: TensorFlow's second one of `moments` is another."""
    found = compare(own_tape(), record=tmp_path / "g.npz")
    assert found.ok, str(found)
    assert not found.notes
    assert {"cotangent of output 0", "gradient of argument 0"} <= {row.array for row in found.rows}
    assert compare(own_tape(), against=tmp_path / "g.npz").ok
    golden = Golden.read(tmp_path / "g.npz")  # as one of before, without these gradients
    golden.items = {key: x for key, x in golden.items.items() if not key.startswith("inner|")}
    golden.write(tmp_path / "old.npz")
    found = compare(own_tape(), against=tmp_path / "old.npz")
    assert found.ok, str(found)
    assert "record it anew" in str(found)
    found = compare(own_tape("stop"))
    says = r"backward: the cotangent of what call \d+, layer sequential returned"
    assert re.match(says, str(found.first)), str(found)
    assert re.search(
        r"stop_gradient is called in scratchnet's run only: test_comp.*:\d", str(found)
    )
    says = "number 1 of the program's gradients, that of .*/kernel"
    assert not any(re.match(says, difference.what) for difference in found.differences)
    says = "the program's gradient, that of .*/kernel"
    assert any(re.match(says, difference.what) for difference in found.differences), str(found)


def test_jacobians_and_second_derivatives_of_a_program() -> None:
    def hessian(tf: Any) -> Any:
        x = tf.random.normal([4, 3])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.reduce_sum(tf.tanh(x) ** 3.0)
            g = inner.gradient(y, x)
        return tape.batch_jacobian(g, x), tape.jacobian(g, x)

    def penalty(tf: Any) -> Any:
        x = tf.random.normal([8, 3])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.batch_normalization(x, *tf.nn.moments(x, [0]), None, None, 1e-3) ** 3.0
        return tf.reduce_sum(tape.gradient(y, x) * tf.random.normal([8, 3]))

    found = compare(hessian)
    assert found.ok, str(found)
    found = compare(penalty)  # the two are not the same, and it is said why
    assert found.first is not None
    assert found.first.phase == "backward"
    assert "takes the mean for a constant" in str(found)


def test_a_variable_may_be_returned() -> None:
    def program(tf: Any) -> Any:
        w = tf.Variable(tf.ones([3]))
        w.assign_sub([0.5, 0.5, 0.25 if tf.__name__ == "scratchnet" else 0.5])
        return w

    found = compare(program)
    assert str(found.first).startswith("initial: the first values of Variable"), str(found)
    assert compare(lambda tf: tf.Variable(tf.random.normal([3]))).ok


def test_another_learning_rate_is_named_at_the_step_of_the_optimizer() -> None:
    found = compare(self_training(0.11))
    assert re.match(r"update: call \d+, optimizer SGD: w after it", str(found.first)), str(found)
    found = compare(self_training(0.11, ""))
    assert "initial" not in {difference.phase for difference in found.differences}
    assert "w as the program leaves it" in [difference.what for difference in found.differences]


def own_step(factor: float = 1.0, with_loss: bool = True) -> Any:
    """A model with a train_step of its own; scratchnet's loss is `factor` times TensorFlow's."""

    def program(tf: Any) -> Any:
        k = tf.keras.layers

        class Own(tf.keras.Model):
            def train_step(self, data: Any) -> Any:
                x, y = data
                with tf.GradientTape() as tape:
                    p = self(x, training=True)
                    loss = tf.reduce_mean(
                        tf.keras.losses.sparse_categorical_crossentropy(y, p, from_logits=True)
                    )
                    if tf.__name__ == "scratchnet":
                        loss = loss * factor
                variables = self.trainable_variables
                self.optimizer.apply_gradients(
                    zip(tape.gradient(loss, variables), variables, strict=True)
                )
                return {"loss": loss}

        inputs = tf.keras.Input((12, 12, 3))
        x = k.BatchNormalization()(k.Conv2D(4, 3, activation="relu")(inputs))
        x = k.Dropout(0.2)(k.GlobalAveragePooling2D()(x))
        model = Own(inputs, k.Dense(10)(x))
        loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss=loss if with_loss else None)
        return model, X.astype("float64"), Y

    return program


@pytest.mark.parametrize("with_loss", [True, False])
def test_the_models_own_train_step_runs(with_loss: bool) -> None:
    for seed in range(2):
        found = compare(own_step(with_loss=with_loss), seed=seed)
        assert found.ok, str(found)
    assert "cotangents were not compared" in str(found)
    found = compare(own_step(1.001, with_loss))
    says = r"backward: the gradient of .*/kernel, as call \d+, optimizer Adam gets it"
    assert re.match(says, str(found.first)), str(found)


def test_what_an_optimizer_keeps_is_seen_in_a_second_step(tmp_path: Any) -> None:
    def program(tf: Any, momentum: float) -> Any:
        k = tf.keras
        model = k.Sequential([k.Input((3,)), k.layers.Dense(2)])
        model.compile(k.optimizers.SGD(0.1, momentum=momentum), "mse")
        return model, np.ones((4, 3), "f"), np.ones((4, 2), "f")

    path = tmp_path / "golden.npz"
    assert compare(lambda tf: program(tf, 0.9), record=path).ok
    assert compare(lambda tf: program(tf, 0.9), against=path).ok
    found = compare(lambda tf: program(tf, 0.8), against=path)
    assert found.first is not None
    assert found.first.what == "sequential/dense/kernel after two steps of the optimizer"
    golden = Golden.read(path)  # as one of before, that has no second step
    golden.items = {key: x for key, x in golden.items.items() if not key.startswith("second|")}
    golden.write(path)
    assert compare(lambda tf: program(tf, 0.9), against=path).ok


# -- golden files ----------------------------------------------------------------------------------


def test_a_recorded_file_stands_for_tensorflow(tmp_path: Any, monkeypatch: Any) -> None:
    path = tmp_path / "golden.npz"
    for name in ("residual", "ops"):
        assert compare(PROGRAMS[name], seed=3, record=path).ok
        with np.load(path, allow_pickle=False) as file:
            assert "about" in file
        with monkeypatch.context() as patch:
            patch.setattr(importlib.util, "find_spec", lambda name: None)
            assert_same_as_tensorflow(PROGRAMS[name], seed=3, against=path)
            other = compare(PROGRAMS[name], seed=4, against=path)
            assert (other.ok, other.rows) == (False, ())  # no number says what is the matter
            assert "recorded with seed=3, and this run has seed=4" in str(other)
            assert compare(PROGRAMS["dense"], against=path).first.phase == "structure"
            other = compare(PROGRAMS["dense"], seed=3, against=path)
            assert "Note: the golden file was recorded from another program" in str(other)
            with changed("reduce_mean", 0, times(1.01)):
                found = compare(PROGRAMS[name], seed=3, against=path)
            assert re.search("layer global_average|reduce_mean .*gradient of its arg", str(found))
            assert "TensorFlow, as recorded" in str(found)


def test_a_file_of_another_version_is_told_of_where_something_differs(tmp_path: Any) -> None:
    path = tmp_path / "golden.npz"
    assert compare(PROGRAMS["ops"], record=path).ok
    golden = Golden.read(path)
    assert golden.origin["seed"] == 0
    golden.origin["scratchnet"] = "0.0.1"
    golden.write(path)
    assert compare(PROGRAMS["ops"], against=path).notes == ()
    with changed("reduce_mean", 0, times(1.01)):
        found = compare(PROGRAMS["ops"], against=path)
    assert "was recorded with scratchnet 0.0.1 and TensorFlow 2." in found.notes[0]
    golden.origin = {}  # a file of before
    golden.write(path)
    assert compare(PROGRAMS["ops"], against=path).ok


def test_without_tensorflow_the_error_says_what_to_do(monkeypatch: Any) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="`pip install tensorflow` installs it, or"):
        compare(PROGRAMS["ops"])


def test_bad_files_are_refused(tmp_path: Any) -> None:
    for path in (tmp_path / "none.npz", tmp_path / "text.npz", tmp_path / "other.npz"):
        if path.name == "text.npz":
            path.write_text("no archive")
        if path.name == "other.npz":
            np.savez(path, a=np.ones(3))
        kind = ValueError
        if path.name == "none.npz":
            kind = FileNotFoundError
            with pytest.raises(kind, match=": there is no such file"):
                compare(PROGRAMS["ops"], against=path)
        with pytest.raises(kind, match=r"compare: `against` must be a file that compare\(…, rec"):
            compare(PROGRAMS["ops"], against=path)


def test_a_damaged_file_is_said_to_be(tmp_path: Any) -> None:
    path = tmp_path / "golden.npz"
    Golden({"a": np.arange(500.0)}, {"a": (0.0, 0.0)}, [], "TensorFlow").write(path)
    whole = path.read_bytes()
    for damaged in (whole[:-40], whole[:100] + b"x" * 40 + whole[140:], whole[:60]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"must be a file that .* It is damaged \(.*anew"):
            compare(PROGRAMS["ops"], against=path)


# -- the rest --------------------------------------------------------------------------------------


def test_the_report_is_raised() -> None:
    with changed("tanh", 0, times(3.0)), pytest.raises(AssertionError, match="NOT THE SAME"):
        assert_same_as_tensorflow(lambda tf: tf.tanh(tf.random.normal([3])))


def test_random_states_and_tensorflow_are_as_before() -> None:
    import tensorflow

    before = tensorflow.keras.layers.Layer.__call__
    random.seed(5)
    np.random.seed(5)
    states = random.getstate(), np.random.get_state()[1].copy()
    compare(PROGRAMS["own_gradient"])
    assert random.getstate() == states[0]
    assert np.array_equal(np.random.get_state()[1], states[1])
    assert tensorflow.keras.layers.Layer.__call__ is before
    assert not tensorflow.config.functions_run_eagerly()


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (3, "`program` must be a function of the module tf, received program=3"),
        (lambda tf: 3, "`program` must return tensors"),
        (lambda tf: None, "(model, loss, x, y); it returned None"),
        (lambda tf: tf.keras.Sequential([]), "`program` must return tensors"),
        (lambda tf: (tf.keras.Sequential([]), X, Y), "must be compiled"),
        (lambda tf: (tf.keras.Sequential([]), X), "`program` must return tensors"),
    ],
)
def test_another_program_is_refused(program: Any, says: str) -> None:
    with pytest.raises(TypeError, match=f"compare: .*{re.escape(says)}"):
        compare(program)


def test_two_files_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="exclude each other"):
        compare(PROGRAMS["ops"], record="a.npz", against="b.npz")
