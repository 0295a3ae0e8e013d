"""The functions of keras.backend, as Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, fresh
from tests.support.signatures import taken_alike

RNG = np.random.default_rng(2)
X, Y = (RNG.normal(size=(3, 4)).astype("f") for _ in range(2))
P = RNG.uniform(0.05, 0.9, (3, 4)).astype("f")

# Each line is one call; x and y are tensors, p probabilities, t one-hot labels.
CALLS = """abs(x); exp(x); log(p); sqrt(x); square(x); sign(x); sin(x); cos(x); tanh(x); round(x)
sigmoid(x); hard_sigmoid(3.0 * x); softplus(x); softsign(x); softmax(x); softmax(x, (0, 1))
elu(x); elu(x, 0.5); relu(x); relu(x, 0.1); relu(x, 0.1, 1.0, 0.2)
relu(9.0 * x, max_value=6); relu(x, threshold=0.5); clip(x, -0.5, 0.5); clip(x, None, 0.25)
clip(x, 0.5, -1); pow(p, 2.5); sum(x); sum(x, 0); sum(x, -1, True); mean(x); mean(x > 0, 1)
prod(x, 1); std(x, 0); var(x, 1, True); max(x); min(x, 0, keepdims=True); argmax(x)
argmin(x, 0); any(x > 0, 1); all(x > 0); cumsum(x); cumprod(x, 1); maximum(x, y)
minimum(x, y); equal(x, x); not_equal(x, y); greater(x, y); less(x, y); greater_equal(x, y)
less_equal(x, y); dot(x, transpose(y)); dot(x, ones_like(reshape(y, (1, 4, 3)))); flatten(x)
batch_flatten(reshape(x, (3, 2, 2))); expand_dims(x); squeeze(x[:, :1], 1); tile(x, (2, 1))
stack([x, y], 1); concatenate([x, y]); concatenate([x, y], 0); transpose(x); reverse(x, 1)
permute_dimensions(reshape(x, (3, 2, 2)), (2, 0, 1)); repeat(x, 2); repeat_elements(x, 2, 1)
reshape(x, (2, 6)); gather(x, [2, 0]); one_hot(argmax(x), 4); cast(x, 'int32')
cast_to_floatx(x); arange(5); arange(2, 8, 3, 'float32'); zeros((2,)); ones((2, 2)); eye(2)
ones_like(x); zeros_like(x); constant([1, 2]); constant(3.0, shape=(2, 2))
l2_normalize(x, 1); bias_add(x, y[0]); switch(x[0, 0] > 0, x, y)
switch(x > 0, x, lambda: y); switch(x[:, :1] > 0, x, y); binary_crossentropy(p, p)
binary_crossentropy(p, x, from_logits=True); categorical_crossentropy(t, p)
categorical_crossentropy(t, x, True); sparse_categorical_crossentropy(argmax(x), p)
sparse_categorical_crossentropy(argmax(x), x, True); shape(x); random_normal((2, 3))
random_uniform((2,), -1.0, 1.0, seed=3); truncated_normal((4,), 1.0)
random_bernoulli((6,), 0.4); dropout(x, 0.5, seed=1)
batch_dot(x, y); batch_dot(x, y, 1); batch_dot(x, reshape(y, (3, 4, 1)))
batch_dot(reshape(x, (3, 1, 4)), y); batch_dot(reshape(x, (3, 2, 2)), reshape(y, (3, 2, 2)))
batch_dot(reshape(x, (3, 2, 2)), reshape(y, (3, 2, 2)), (-1, -1))
batch_dot(reshape(x, (3, 2, 2, 1)), reshape(y, (3, 1, 2, 2)), (1, 3))
pool2d(reshape(x, (1, 3, 4, 1)), (2, 2)); pool2d(reshape(x, (1, 3, 4, 1)), (2, 3), (2, 1), 'same')
pool2d(reshape(x, (1, 3, 4, 1)), (2, 2), (1, 2), 'same', pool_mode='avg')
arange(-3); arange(-3, 1); arange(1, 7, 2, 'float64'); arange(4, 0, -1); cumsum(x, 1); cumprod(x)
concatenate([x, y], -2); concatenate([x, y, x], 1); stack([x, y], -1); stack([x, y])
tile(x[0], 2); max(x, 1, True); min(x, -1); sum(x, (0, 1), True); prod(x); mean(x, 0, True)
std(x); var(x); any(x > 9, 0, True); all(x, 1, True); mean(x > 0); std(x > 0); var(x > 0, 1)
argmax(x, 0); argmin(x); expand_dims(x, 0); squeeze(x[:1], 0); flatten(x[0]); batch_flatten(x)
reverse(x, (0, 1)); clip(x, 0.1, None); clip(x, 1, 1); clip(x, 0.5, 0.25); clip(x, -1, 0)
hard_sigmoid(9.0 * x); elu(x, 2); relu(x, 0.0, 0.5); relu(x, 0.3, 0.5); relu(x, 0.3, None, 0.25)
relu(x, 0.0, 0.5, -0.25); relu(x, threshold=-0.5); relu(x, 0.2, 1.0); relu(3.0 * x, 0.2, 6)
softmax(x, 0); softmax(x, -2); softmax(x, (1,)); sqrt(p - 0.3); pow(p, -0.5); l2_normalize(x)
l2_normalize(x, 0); binary_crossentropy(round(p), round(p))
categorical_crossentropy(t, round(p))
categorical_crossentropy(t, x, True, 0); categorical_crossentropy(t, p, False, 0)
categorical_crossentropy(t, p, axis=1); sparse_categorical_crossentropy(argmax(x), round(p))
sparse_categorical_crossentropy(argmax(x), p, axis=1); cast_to_floatx(cast(x, 'float64'))
constant([1, 2], 'int32'); constant(2.5, 'float64'); eye(3, 'int32'); ones((2,), 'int32')
zeros((1, 2), 'float64'); ones_like(x, 'int32'); zeros_like(x, 'float64'); dot(x[:, :3], x)
dot(reshape(x, (3, 2, 2)), x[:2]); gather(x, [[0, 1], [2, 2]]); one_hot([0, 2], 3)
switch(x[0, 0] < 0, x, y); switch(x[0, 0] > 0, lambda: x, lambda: y); switch(x > 0, lambda: x, y)
switch(reshape(x, (3, 2, 2))[:, :, 0] > 0, reshape(x, (3, 2, 2)), 0 * reshape(y, (3, 2, 2)))
random_bernoulli((5,), 0.9, seed=2)
random_normal((2,), 1.0, 3.0, 'float64', 5); random_uniform((2,), 2.0, 3.0, 'float64', 5)
truncated_normal((3,), 1.0, 0.5, 'float64', 5); random_uniform((3,)); truncated_normal((2,))
random_bernoulli((3,)); dropout(x, 0.25); dropout(x, 0.5, (3, 1), 4)
bias_add(reshape(x, (3, 2, 2)), y[0, :2]); batch_dot(x, y, (1, 1)); batch_dot(x, y, (-1, -1))
batch_dot(x, reshape(y, (3, 4, 1)), (1, 1)); batch_dot(reshape(x, (3, 4, 1)), y, (1, 1))
batch_dot(reshape(x, (3, 2, 2)), y[:, :2], 1); batch_dot(reshape(x, (3, 2, 2)), y[:, :2])
batch_dot(reshape(x, (3, 2, 2)), reshape(y, (3, 2, 2)), (2, 1))
batch_dot(reshape(x, (3, 2, 2)), reshape(y, (3, 2, 2)), (1, 2)); repeat(x, 1)
repeat_elements(x, 3, 0); permute_dimensions(x, (1, 0)); transpose(reshape(x, (3, 2, 2)))
reshape(x, (-1, 2)); shape(x[:2]); round(x * 10.0); sign(x); softplus(9.0 * x); softsign(-x)
tanh(3.0 * x); sin(x); cos(x); abs(-x); log(2.0 * p); pool2d(reshape(x, (1, 4, 3, 1)), (3, 2))
pool2d(reshape(x, (1, 3, 4, 1)), (1, 3), (2, 1), 'valid', None, 'avg')"""


@pytest.mark.parametrize("line", CALLS.split("\n"))
def test_values_and_gradients(line: str) -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for call in line.split("; "):
            fresh(tf)
            x, y, p = tf.constant(X), tf.constant(Y), tf.constant(P)
            t = tf.one_hot([1, 3, 0], 4)
            names = {**vars(tf.keras.backend), "x": x, "y": y, "p": p, "t": t}
            with tf.GradientTape() as tape:
                tape.watch([x, p])
                made = eval(call, names)
            found.append(np.asarray(made))
            if made.dtype == tf.float32 and isinstance(made, type(x)):
                g = np.cos(np.arange(np.size(made)), dtype="f").reshape(made.shape)
                grads = tape.gradient(made, [x, p], output_gradients=tf.constant(g))
                found += [None if g is None else np.asarray(tf.convert_to_tensor(g)) for g in grads]
        return found

    close(program, 32)


def test_plain_answers() -> None:
    def program(tf: Any) -> list[Any]:
        k, x = tf.keras.backend, tf.constant(X)
        v = k.variable([[1.0, 2.0]], name="v")
        k.set_value(v, [[3.0, 4.0]])
        k.batch_set_value([(v, np.array([[5.0, 6.0]]))])
        k.update_add(v, [[1.0, 1.0]])
        k.update_sub(v, [[0.5, 0.5]])
        kept = [v.numpy().tolist(), k.get_value(v).tolist(), k.eval(v).tolist()]
        k.update(v, [[7.0, 8.0]])
        layer = tf.keras.layers.Lambda(lambda a: k.mean(a, axis=1, keepdims=True) * k.sum(a))
        inputs = tf.keras.Input((4,))
        return [
            *(kept, v.numpy().tolist(), [a.tolist() for a in k.batch_get_value([v, x])]),
            *(k.ndim(x), k.int_shape(x), k.int_shape(inputs), k.dtype(x), k.count_params(x)),
            *(k.is_keras_tensor(inputs), k.is_keras_tensor(x), k.get_value(5)),
            *(str(k.cast_to_floatx([1, 2]).dtype), layer(x).numpy().tolist()),
            [a.numpy().tolist() for a in k.stop_gradient([x])],
        ]

    close(program, 8)


REFUSED: dict[str, tuple[type[Exception], str]] = {
    "bias_add(x, x)": (ValueError, "Unexpected bias dimensions 2. Expected it to be 1"),
    "bias_add(x, x[0], 'channels_first')": (
        scratchnet.errors.UnimplementedError,
        "bias_add: `data_format` must be None, 'N...C' or 'NHWC', received data_format='NCHW'",
    ),
    "bias_add(x, x[0], 'x')": (ValueError, "Unknown data_format: x"),
    "repeat(x[0], 2)": (ValueError, "Expected input `x` to have rank 2. Received: rank(x)=1"),
    "softmax(x[0])": (ValueError, "Cannot apply softmax to a tensor that is 1D. Received input: "),
    "switch(x > 0, x[0], x[0])": (
        ValueError,
        "Rank of `condition` should be less than or equal to rank of `then_expression` and "
        "`else_expression`. ndim(condition)=2, ndim(then_expression)=1",
    ),
    "sparse_categorical_crossentropy([1, 0, 2], x, axis=0)": (
        NotImplementedError,
        "sparse_categorical_crossentropy: `axis` must be the last one and `ignore_class` None: use "
        "`tf.keras.losses.SparseCategoricalCrossentropy`",
    ),
    "sparse_categorical_crossentropy([1, 0, 2], x, ignore_class=0)": (
        NotImplementedError,
        "sparse_categorical_crossentropy: `axis` must be the last one and `ignore_class` None",
    ),
    "pool2d(x, (1, 1), data_format='channels_first')": (
        ValueError,
        "pool2d: `data_format` must be 'channels_last' here, received data_format='channels_first'",
    ),
    "pool2d(x, (1, 1), (1,))": (
        ValueError,
        "pool2d: `strides` must be a tuple of 2 integers, received strides=(1,)",
    ),
    "batch_dot(x, x[:, :2], (1, 1))": (
        ValueError,
        "batch_dot: Received inputs with shapes (3, 4) and (3, 2) with axes=[1, 1]. x.shape[1] != "
        "y.shape[1] (4 != 2).",
    ),
    "batch_dot(x, x, (1, 0))": (ValueError, "Cannot perform batch_dot over axis 0. If your inputs"),
    "batch_dot(x, x[:, 0])": (
        ValueError,
        "Cannot do batch_dot on inputs with rank < 2. Received inputs with shapes (3, 4) and (3,).",
    ),
    "batch_dot(x, x, [1, [1]])": (
        ValueError,
        "batch_dot: Multiple target dimensions are not supported. Expected: None, int, (int, int), "
        "Provided: [1, [1]]",
    ),
}


@pytest.mark.parametrize("call", REFUSED)
def test_complete_texts(call: str) -> None:
    error, text = REFUSED[call]
    x = scratchnet.constant(X)
    with pytest.raises(error) as caught:
        eval(call, {**vars(scratchnet.keras.backend), "x": x})
    assert str(caught.value).startswith(text), str(caught.value)


def test_a_condition_of_fewer_axes_chooses_rows() -> None:
    """Where Keras's condition must have as many."""
    k = scratchnet.keras.backend
    x, y = scratchnet.constant(X), scratchnet.constant(Y)
    for condition in (X[:, 0] > 0, [True, False, True]):
        found = k.switch(scratchnet.constant(condition), x, lambda: y)
        assert np.array_equal(found, np.where(np.asarray(condition)[:, None], X, Y))
    assert k.switch(1, 2, lambda: 3) == 2
    assert k.switch(0, 2, lambda: 3) == 3


def test_complaints() -> None:
    complain_alike(lambda tf: tf.keras.backend.softmax(tf.constant([1.0])), "that is 1D", "")
    complain_alike(lambda tf: tf.keras.backend.repeat(tf.constant([1.0]), 2), "to have rank 2", "")


RNN = {
    "plain": {},
    "backwards": {"go_backwards": True},
    "mask": {"mask": [[True, True, False], [False, True, True]]},
    "mask unrolled": {"mask": [[True, True, False], [False, True, True]], "unroll": True},
    "mask, zeros": {"mask": [[True, True, False], [False, True, True]], "zero_output_for_mask": 1},
    "last": {"return_all_outputs": False},
    "time major": {"time_major": True},
    "constants": {"constants": [2.0]},
}


def test_rnn() -> None:
    x = RNG.normal(size=(2, 3, 4)).astype("f")

    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for kwargs in RNN.values():
            inputs, given = tf.constant(x), dict(kwargs)
            if "mask" in given:
                given["mask"] = tf.constant(given["mask"])
            if "time_major" in given:
                inputs = tf.transpose(inputs, (1, 0, 2))

            def step(x: Any, states: Any) -> Any:
                h, n, *c = states
                return x * (c[0] if c else 1.0) + h * n, [x + h, n * 2]

            with tf.GradientTape() as tape:
                tape.watch(inputs)
                states = [tf.zeros((2, 4)), tf.ones((2, 1))]
                last, outputs, states = tf.keras.backend.rnn(step, inputs, states, **given)
                total = tf.reduce_sum(outputs**2) + tf.reduce_sum(states[0] * last)
            found += [last, outputs, *states, tape.gradient(total, inputs)]
        return [np.asarray(a) for a in found]

    close(program, 32)


@pytest.mark.parametrize(
    ("call", "shared"),
    [
        ("batch_dot(x, y[:, :2])", "x.shape[1] != y.shape[1] (4 != 2)"),
        ("batch_dot(x[0], y)", "Cannot do batch_dot on inputs with rank < 2"),
        ("batch_dot(x[:2], y)", "different batch sizes"),
        ("batch_dot(x, y, 0)", "Cannot perform batch_dot over axis 0"),
        ("batch_dot(x, y, ((1, 1), 1))", "Multiple target dimensions are not supported"),
        ("pool2d(reshape(x, (1, 3, 4, 1)), (2, 2), pool_mode='x')", "Invalid pooling mode: x"),
        ("pool2d(reshape(x, (1, 3, 4, 1)), (2, 2), padding='x')", "Invalid padding: x"),
        ("pool2d(reshape(x, (1, 3, 4, 1)), (2, 2, 2))", "must be a tuple of 2 integers"),
    ],
)
def test_complaints_of_products_and_windows(call: str, shared: str) -> None:
    def program(tf: Any) -> Any:
        return eval(call, {**vars(tf.keras.backend), "x": tf.constant(X), "y": tf.constant(Y)})

    complain_alike(program, shared)


def test_what_they_take() -> None:
    taken_alike("backend", lacking={"ones_like": "name", "zeros_like": "name"})


# What Keras takes, too: calls parted by semicolons; x is float32 (3, 4), z of rank 3, v a variable.
TAKEN = """batch_flatten(2.0); batch_flatten([[1.0, 2.0], [3.0, 4.0]]); batch_flatten(z[0, 0, 0])
batch_flatten(ones((0, 2, 2))); bias_add(z, z[0]); bias_add(z[None], z)
bias_add(z, z[0], 'channels_first'); concatenate(x); concatenate(z); concatenate(z, 0)
concatenate([x[0, 0]]); relu([1.0, -2.0], 0.0, 1.0); relu([1.0, -2.0], threshold=0.5)
relu([[3.0, -2.0]], 0.1); relu(6.0 * round(x), max_value=6.0); relu(x, x[0, 0] ** 2, 1.0)
relu(x, np.array([0.5])); relu(x, 0.5, 1.0, [0.25]); relu(cast(x, 'int32'), 1, 2)
relu(cast(4.0 * x, 'int32'), threshold=1); relu(x, max_value=x ** 2, threshold=0.1)
elu(x, [0.5]); elu(x, [0.5, 1.0, 2.0, 3.0]); elu(x, x[0, 0]); ones((1, 0)); zeros((0,), 'int32')
sparse_categorical_crossentropy([[1], [0]], [[0.5, 0.5], [0.2, 0.8]])
sparse_categorical_crossentropy([1, 0, 1, 0, 1, 1], z / 9.0, True)
sparse_categorical_crossentropy([[1, 0], [1, 0], [1, 1]], z, True)
sparse_categorical_crossentropy([2], x[0], True); sparse_categorical_crossentropy(2, x[0], True)
switch(x[:3, 0] > 0, x[:, :3], y[:, :3]); switch(x[0] > 0, x, y); switch(x[:1, 0] > 0, x, y)
switch(x > 0, x, 0.0); stack([1.0, 2.0]); arange(-2.5); arange(2.5); arange(x[0, 0] ** 2 + 1.0)
cast_to_floatx('1.5'); cast_to_floatx([1, True]); eye(2, name='n'); variable([1.0], name='n')"""


@pytest.mark.parametrize("line", TAKEN.split("\n"))
def test_what_both_take(line: str) -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for call in line.split("; "):
            x, y, z = tf.constant(X), tf.constant(Y), tf.constant(X.reshape(3, 2, 2))
            names = {**vars(tf.keras.backend), "x": x, "y": y, "z": z, "np": np}
            with tf.GradientTape() as tape:
                tape.watch([x, z])
                made = eval(call, names)
            found += [np.asarray(made), isinstance(made, tf.Variable)]
            if made.dtype == tf.float32 and isinstance(made, type(x)):
                g = np.cos(np.arange(np.size(made)), dtype="f").reshape(made.shape)
                grads = tape.gradient(made, [x, z], output_gradients=tf.constant(g))
                found += [None if g is None else np.asarray(tf.convert_to_tensor(g)) for g in grads]
        return found

    close(program, 32)


def test_a_list_of_constants_is_read_once() -> None:
    def program(tf: Any) -> list[Any]:
        found = tf.keras.backend.stop_gradient([tf.constant(X), 2.0])
        return [type(found).__name__, [np.asarray(x).tolist() for x in found], list(found)]

    close(program, 1)


SENTENCES: dict[str, tuple[type[Exception], str]] = {
    "mean('a')": (TypeError, "mean: `x`: convert_to_tensor: tensors of strings are not supported"),
    "std(None)": (ValueError, "std: `x`: Attempt to convert a value (None) with an unsupported"),
    "var([[1], [1, 2]])": (ValueError, "var: `x`: Can't convert non-rectangular Python sequence"),
    "dot(x, 'a')": (TypeError, "dot: `y`: convert_to_tensor: tensors of strings are not supported"),
    "dot(reshape(x, (1, 3, 4)), y[0])": (
        scratchnet.errors.InvalidArgumentError,
        "dot: `y` must have rank >= 2 where `x` has more than two axes, received y=<tf.Tensor: ",
    ),
    "dot(2.0, reshape(x, (1, 3, 4)))": (
        scratchnet.errors.InvalidArgumentError,
        "dot: `x` must have rank >= 1, received x=<tf.Tensor: shape=(), dtype=float32, numpy=2.0>",
    ),
    "bias_add(reshape(x, (3, 2, 2)), x[0, 0])": (
        ValueError,
        "Unexpected bias dimensions 0. Expected it to be 1 or 2",
    ),
    "bias_add(x, y[0], x)": (ValueError, "Unknown data_format: [["),
    "softmax([None])": (ValueError, "softmax: `x`: Attempt to convert a value (None) with an"),
    "sqrt('a')": (TypeError, "sqrt: `x`: convert_to_tensor: tensors of strings are not supported"),
    "hard_sigmoid('a')": (TypeError, "hard_sigmoid: `x`: convert_to_tensor: tensors of strings"),
    "repeat(x, y)": (TypeError, "repeat: `n` must be an integer, received n=array([["),
    "count_params(1.5)": (
        TypeError,
        "count_params: `x` must be a tensor, a variable or an array, received x=1.5",
    ),
    "ndim([[1], [1, 2]])": (TypeError, "ndim: `x` must be a tensor, a variable or an array"),
    "int_shape(1)": (TypeError, "int_shape: `x` must be a tensor, a variable or an array"),
    "dtype(1.0)": (TypeError, "dtype: `x` must be a tensor, a variable or an array, received x=1"),
    "update(x, y)": (TypeError, "update: `x` must be a variable, received x=<tf.Tensor: "),
    "update_add(2.0, y)": (TypeError, "update_add: `x` must be a variable, received x=2.0"),
    "update_sub(x, y)": (TypeError, "update_sub: `x` must be a variable, received x=<tf.Tensor: "),
    "set_value(x, 1.0)": (TypeError, "set_value: `x` must be a variable, received x=<tf.Tensor: "),
    "set_value(variable([1.0]), 'a')": (
        ValueError,
        "set_value: `value` must be numbers of dtype float32, in lists of one length, received "
        "value='a'",
    ),
    "set_value(variable([1.0]), [1j])": (TypeError, "set_value: `value` must be numbers of dtype"),
    "batch_set_value(3)": (
        TypeError,
        "batch_set_value: `tuples` must be a list of pairs, each a variable and its value, received"
        " tuples=3",
    ),
    "batch_set_value([(x, 1.0)])": (TypeError, "batch_set_value: `tuples` must be a variable, rec"),
    "batch_set_value([(1, 2, 3)])": (TypeError, "batch_set_value: `tuples` must be a list of pair"),
    "batch_get_value(1)": (
        TypeError,
        "batch_get_value: `tensors` must be a list of tensors and variables, received tensors=1",
    ),
    "batch_get_value(np.ones((2, 1)))": (TypeError, "batch_get_value: `tensors` must be a list of"),
    "concatenate(1.0)": (
        TypeError,
        "concatenate: `tensors` must be a list of tensors, or a tensor, whose rows are meant, rec",
    ),
    "concatenate([])": (
        scratchnet.errors.InvalidArgumentError,
        "concatenate: `tensors` must hold at least one tensor, received tensors=[]",
    ),
    "concatenate(x, 'a')": (TypeError, "concatenate: `axis` must be an integer, received axis='a'"),
    "cast_to_floatx(1j)": (
        TypeError,
        "cast_to_floatx: `x` must be numbers of dtype float32, in lists of one length, received "
        "x=1j",
    ),
    "cast_to_floatx([[1], [1, 2]])": (ValueError, "cast_to_floatx: `x` must be numbers of dtype"),
    "arange(y)": (
        scratchnet.errors.InvalidArgumentError,
        "arange: `start` must be one number, received start=<tf.Tensor: ",
    ),
    "relu(x, threshold=y)": (
        scratchnet.errors.InvalidArgumentError,
        "relu: `threshold` must be one real number, received threshold=<tf.Tensor: ",
    ),
    "relu(x, 1j)": (
        scratchnet.errors.InvalidArgumentError,
        "relu: `alpha` must be one real number, received alpha=1j",
    ),
    "elu(x, 'a')": (TypeError, "elu: `alpha`: Cannot convert 'a' to EagerTensor of dtype float"),
    "pool2d(reshape(x, (1, 3, 4, 1)), 2)": (
        ValueError,
        "pool2d: `pool_size` must be a tuple of 2 integers, received pool_size=2",
    ),
    "pool2d(x, (1, 1), padding=y)": (ValueError, "pool2d: Invalid padding: [["),
    "batch_dot(x, y, 1.5)": (
        ValueError,
        "batch_dot: Multiple target dimensions are not supported. Expected: None, int, (int, int), "
        "Provided: 1.5",
    ),
    "batch_dot(x, y, (1, 2))": (
        ValueError,
        "batch_dot: `axes` must be axes of ranks (2, 2), received axes=(1, 2)",
    ),
    "batch_dot('a', y)": (TypeError, "batch_dot: `x`: convert_to_tensor: tensors of strings are"),
    "binary_crossentropy(x, x, y)": (
        ValueError,
        "binary_crossentropy: `from_logits` must be True or False, received from_logits=<tf.Tensor",
    ),
    "categorical_crossentropy(x, x, y)": (
        ValueError,
        "categorical_crossentropy: `from_logits` must be True or False, received from_logits=<tf.",
    ),
    "categorical_crossentropy(x, x[:1])": (
        ValueError,
        "categorical_crossentropy: Shapes (3, 4) and (1, 4) are incompatible: `target` must have ",
    ),
    "sparse_categorical_crossentropy([1, 2], x)": (
        ValueError,
        "sparse_softmax_cross_entropy_with_logits: `labels.shape` must equal `logits.shape` except",
    ),
    "sparse_categorical_crossentropy([[1, 2]], x)": (
        ValueError,
        "sparse_categorical_crossentropy: `target` must hold a label for each row of `output`, of "
        "shape (3, 4), received target=",
    ),
    "sparse_categorical_crossentropy(1, 'a')": (
        TypeError,
        "sparse_categorical_crossentropy: `output`: convert_to_tensor: tensors of strings are not",
    ),
    "switch(x, 1, 2)": (ValueError, "Rank of `condition` should be less than or equal to rank of"),
    "ones((2,), name=3)": (ValueError, "Variable: `name` must be a string, received name=3"),
    "zeros((2,), name=1.5)": (ValueError, "Variable: `name` must be a string, received name=1.5"),
    "eye(2, name=3)": (ValueError, "Variable: `name` must be a string, received name=3"),
    "variable(1.0, name=True)": (ValueError, "Variable: `name` must be a string, received name=Tr"),
}


@pytest.mark.parametrize("call", SENTENCES)
def test_sentences_of_our_own(call: str) -> None:
    """Where Keras's text is one of Python's own, or of a function inside."""
    error, text = SENTENCES[call]
    for tf, kind in ((tensorflow, Exception), (scratchnet, error)):
        x, y = tf.constant(X), tf.constant(Y)
        with pytest.raises(kind) as caught:
            eval(call, {**vars(tf.keras.backend), "x": x, "y": y, "np": np})
    assert str(caught.value).startswith(text), str(caught.value)


def test_one_number_is_no_list_to_stack() -> None:
    """TensorFlow hands it back as it is."""
    text = r"stack: `values` must be a list of tensors, received values=<tf.Tensor: shape=\(\)"
    with pytest.raises(ValueError, match=text):
        scratchnet.keras.backend.stack(scratchnet.constant(1.0))


def test_pairs_are_assigned_together_or_not_at_all() -> None:
    k = scratchnet.keras.backend
    v = k.variable([1.0])
    with pytest.raises(TypeError, match="must be a variable"):
        k.batch_set_value([(v, [2.0]), (3, [4.0])])
    assert v.numpy() == [1.0]
