"""What TensorFlow's guides do with tensors, variables, tapes, loops and modules, on both modules.

Each program is ours; the ground they cover is that of the guides on tensors, variables, automatic
differentiation (and its advanced part), basic training loops, and modules and layers of one's own.
Text is compared character by character; numbers that went through sums or exponentials by `close`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close, prints_the_same
from tests.support.paired import both_raise

PRINTED: list[Any] = []
NUMBERS: list[Any] = []


def printed(program: Callable[[Any], None]) -> Callable[[Any], None]:
    PRINTED.append(pytest.param(program, id=program.__name__))
    return program


def numbers(program: Callable[[Any], Any]) -> Callable[[Any], Any]:
    NUMBERS.append(pytest.param(program, id=program.__name__))
    return program


@pytest.mark.parametrize("program", PRINTED)
def test_what_it_prints(program: Callable[[Any], None]) -> None:
    prints_the_same(program)


@pytest.mark.parametrize("program", NUMBERS)
def test_what_it_computes(program: Callable[[Any], Any]) -> None:
    close(program, terms=64)


# -- tensors --------------------------------------------------------------------------------------


@printed
def making_tensors_of_every_rank(tf):
    print(tf.constant(7))
    print(tf.constant([1.5, 2.5]))
    print(tf.constant([[1, 2], [3, 4], [5, 6]], dtype=tf.float16))
    print(tf.constant(np.arange(24).reshape(3, 2, 4)))
    print(repr(tf.constant([[True], [False]])))
    print(repr(tf.zeros([0, 3])), repr(tf.fill([2, 2], 9)))
    print(repr(tf.constant([1 + 2j, 3])))
    print(repr(tf.linspace(0.0, 1.0, 5)), repr(tf.eye(2)), repr(tf.range(2, 11, 3)))


@printed
def to_numpy_and_back(tf):
    t = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    print(np.array(t), t.numpy(), type(t.numpy()), t.numpy().dtype)
    print(tf.convert_to_tensor(np.float64(2.5)), tf.constant(np.int8([1, 2])))
    print(float(tf.constant(2.5)), int(tf.constant(3)), bool(tf.constant(True)))
    print(f"{tf.constant(0.125):.2f}", f"{tf.constant([1, 2])}", [*tf.constant([5, 6])])


@printed
def arithmetic_of_matrices(tf):
    a, b = tf.constant([[1, 2], [3, 4]]), tf.ones([2, 2], dtype=tf.int32)
    print(tf.add(a, b), "\n", tf.multiply(a, b), "\n", tf.matmul(a, b), "\n")
    print(a + b, a * b, a @ b, a - b, a // 2, a % 2, a / 2, -a, abs(-a), a**2, sep="\n")
    print(a > 2, a == b, a != b, (a > 1) & (a < 4), ~(a > 2), sep="\n")
    c = tf.constant([[4.0, 5.0], [10.0, 1.0]])
    print(tf.reduce_max(c), tf.math.argmax(c), tf.reduce_min(c, axis=1), tf.argmin(c, axis=1))
    print(tf.reduce_sum(c, axis=0, keepdims=True), tf.reduce_mean(c), tf.reduce_prod(c))
    print(2 + a, 2 - a, 2 * a, 8 // a, 1.0 / c, sep="\n")


@printed
def shapes_and_axes(tf):
    t = tf.zeros([3, 2, 4, 5])
    print("dtype:", t.dtype, "rank:", t.ndim, "shape:", t.shape)
    print("first:", t.shape[0], "last:", t.shape[-1], "size:", tf.size(t).numpy())
    print(tf.rank(t), tf.shape(t))
    print(t.shape.as_list(), t.shape.rank, t.shape[1:], len(t.shape), t.shape == [3, 2, 4, 5])
    one = [1]
    print(t.shape + one, one + t.shape[:1], t.shape.num_elements(), list(t.shape), t.get_shape())


@printed
def indexing(tf):
    t = tf.constant([0, 1, 1, 2, 3, 5, 8, 13, 21, 34])
    print(t.numpy(), t[0], t[1].numpy(), t[-2].numpy(), t[:4].numpy(), t[4:].numpy())
    print(t[2:7].numpy(), t[::2].numpy(), t[::-1].numpy(), t[7:2:-2])
    m = tf.reshape(tf.range(24), [2, 3, 4])
    print(m[1, 1, 2], m[1, :, 2], m[:, 1], m[..., 0], m[1:, :1], m[:, tf.newaxis, 0].shape)
    print(tf.gather(m, [1, 0], axis=2), tf.gather_nd(m, [[0, 1], [1, 2]]), tf.slice(t, [1], [3]))
    print(tf.boolean_mask(t, t > 3), tf.where(t > 3, t, 0), t[tf.constant(3)])


@printed
def reshaping(tf):
    x = tf.constant([[1], [2], [3]])
    print(x.shape, tf.reshape(x, [1, 3]).shape, tf.reshape(x, [-1]), tf.transpose(x))
    t = tf.reshape(tf.range(30), [3, 2, 5])
    print(t, tf.reshape(t, [-1]), tf.reshape(t, [3 * 2, 5]), tf.reshape(t, [3, -1]), sep="\n")
    print(tf.transpose(t, [2, 0, 1]), tf.expand_dims(t, -1).shape, tf.squeeze(x), tf.stack([x, x]))
    print(tf.concat([x, x], axis=1), *tf.split(t, 3), *tf.unstack(x), tf.tile(x, [1, 2]))


@printed
def dtypes_and_casts(tf):
    f64 = tf.constant([2.25, -3.75, 4.5], dtype=tf.float64)
    print(f64, tf.cast(f64, tf.float16), tf.cast(f64, dtype=tf.uint8)[::2], tf.cast(f64, tf.int32))
    print(tf.float32, repr(tf.float32), tf.float32.name, tf.as_dtype("int64"), tf.int8.max)
    print(tf.constant(3.0).dtype == tf.float32, tf.float32 == np.float32, tf.double, tf.half)
    print(tf.dtypes.cast([1.9, -1.9], tf.int64), tf.constant(2**31), tf.constant([1, 2.5]))
    print(tf.float64.is_floating, tf.bool.is_integer, tf.int16.as_numpy_dtype, tf.uint8.size)


@printed
def broadcasting(tf):
    x, y = tf.constant([1, 2, 3]), tf.range(1, 5)
    print(tf.multiply(x, 2), x * 2, x * tf.constant([2, 2, 2]), tf.reshape(x, [3, 1]) * y)
    print(tf.broadcast_to(x, [3, 3]), tf.ones([2, 1, 3]) + tf.ones([4, 1]))


@printed
def printing_large_and_odd_tensors(tf):
    print(tf.range(2000), tf.zeros([40, 50]), tf.constant([]), tf.constant([[]]))
    print(tf.constant([np.nan, np.inf, -np.inf]), tf.constant([1e-10, 1e10, 0.5]))
    print(repr(tf.constant(np.pi)), tf.constant([0.1, 0.2]), tf.constant(0.1, tf.float64))
    print([tf.constant(1), tf.constant([2.0])], {"a": tf.constant(True)}, (tf.constant(2.5),))


@pytest.mark.parametrize(
    ("program", "shared"),
    [
        (
            lambda tf: tf.constant([1.0]) + tf.constant([1]),
            "to be a float tensor but is a int32 tensor",
        ),
        (lambda tf: tf.constant([1]) * 1.5, "Cannot convert 1.5 to EagerTensor of dtype int32"),
        (lambda tf: tf.reshape(tf.range(30), [7, -1]), "Input to reshape is a tensor with 30"),
        (lambda tf: tf.constant([[1, 2], [3]]), "non-rectangular Python sequence"),
        (lambda tf: tf.ones([2, 3]) @ tf.ones([2, 3]), "Matrix size-incompatible"),
        (lambda tf: tf.constant([1, 2])[2], "slice index 2 of dimension 0 out of bounds"),
        (lambda tf: tf.ones([2, 3]) + tf.ones([2, 2]), "Incompatible shapes: [2,3] vs. [2,2]"),
        (lambda tf: {tf.constant(1): 2}, "Tensor is unhashable"),
        (lambda tf: tf.constant([1]).astype, "has no attribute"),
        (lambda tf: tf.Variable([1.0, 2.0]).assign([1.0, 2.0, 3.0]), "Shape mismatch"),
        (lambda tf: tf.Variable([1.0], shape=[2]), "not compatible with the explicitly supplied"),
        (lambda tf: tf.gradients(tf.ones(1), tf.ones(1)), "Use tf.GradientTape instead."),
    ],
)
def test_what_it_refuses(program, shared):
    both_raise(program, shared)


# -- variables ------------------------------------------------------------------------------------


@printed
def making_and_looking_at_variables(tf):
    v = tf.Variable(tf.constant([[1.0, 2.0], [3.0, 4.0]]))
    print(v, tf.Variable([False, True]), tf.Variable([5 + 4j, 6 + 1j]), tf.Variable(3), sep="\n")
    print("shape:", v.shape, "dtype:", v.dtype, "as array:", v.numpy(), "name:", v.name)
    print(tf.convert_to_tensor(v), tf.argmax(v), tf.reshape(v, [1, 4]), v[0], v + 1, sep="\n")
    print(v.trainable, v.device, v.value(), v.read_value(), repr(v.ref().deref()))


@printed
def assigning(tf):
    a = tf.Variable([2.0, 3.0])
    print(a.assign([1, 2]), a)
    b = tf.Variable(a, name="copy")
    a.assign([5, 6])
    print(a.numpy(), b, a.assign_add([2, 3]).numpy(), a.assign_sub([7, 9]).numpy())
    print(a.assign_add([1.0, 1.0]), a[0].assign(9.0), a)
    print(a.assign([0.0, 0.0], read_value=False), a.assign([1.0, 1.0], name="n", use_locking=True))
    free = tf.Variable([1.0], shape=[None])
    print(free, free.assign([1.0, 2.0]), free.shape, tf.Variable(1.0, shape=tf.TensorShape(None)))


@printed
def names_and_equality(tf):
    a = tf.Variable([[1, 2]], name="Mark")
    b = tf.Variable([[1, 3]], name="Mark")
    print(a, b, a == b, a.name == b.name, tf.Variable(1.0, trainable=False).trainable)
    with tf.name_scope("outer") as outer, tf.name_scope("inner"):
        print(outer, tf.Variable(1.0, name="x").name, tf.get_current_name_scope())
    with tf.device("CPU:0"):
        c = tf.Variable([[1.0, 2.0]]) * tf.constant([[3.0], [4.0]])
    print(c, c.device)


# -- gradients ------------------------------------------------------------------------------------


@printed
def first_gradients(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x**2
    print(tape.gradient(y, x), tape.gradient.__name__)
    w = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], name="w")
    b = tf.Variable(tf.zeros(2, dtype=tf.float32), name="b")
    data = [[1.0, 2.0, 3.0]]
    with tf.GradientTape(persistent=True) as tape:
        loss = tf.reduce_mean((data @ w + b) ** 2)
    dw, db = tape.gradient(loss, [w, b])
    print(loss, dw, db, dw.shape == w.shape)
    found = tape.gradient(loss, {"w": w, "b": b})
    print(found["b"], sorted(found), tape.gradient(loss, (w,)))
    del tape


@printed
def what_a_tape_watches(tf):
    x0 = tf.Variable(3.0, name="x0")
    x1 = tf.Variable(3.0, name="x1", trainable=False)
    x2 = tf.Variable(2.0, name="x2") + 1.0
    x3 = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = (x0**2) + (x1**2) + (x2**2) + x3
    print([v.name for v in tape.watched_variables()])
    for g in tape.gradient(y, [x0, x1, x2, x3]):
        print(g)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x1)
        y = tf.reduce_sum(x0 * x1)
    print(tape.gradient(y, {"x0": x0, "x1": x1}))


@printed
def intermediate_and_persistent(tf):
    x = tf.constant([1.0, 3.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    print(tape.gradient(z, x), tape.gradient(y, x), tape.gradient(z, y))
    print(tape.gradient([y, z], x), tape.gradient({"y": y, "z": z}, x))
    print(tape.gradient(z, x, output_gradients=tf.constant([1.0, 0.0])))


@printed
def targets_that_are_not_scalars(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = x * [3.0, 4.0]
    print(tape.gradient(y, x).numpy())
    x = tf.constant([1.0, 5.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.where(x > 2.0, x, -x * x) if x[0] < 2 else x
    print(tape.gradient(y, x))
    v = [tf.Variable(2.0), tf.Variable(3.0)]
    with tf.GradientTape() as tape:
        r = v[0] if tf.constant(1.0) > 0.0 else v[1] ** 2
    print(tape.gradient(r, v))


@printed
def gradients_that_are_none(tf):
    x, y = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = y * y
    print(tape.gradient(z, x))
    with tf.GradientTape() as tape:
        z = tf.Variable([[1.0, 2.0]])
        y = tf.reduce_mean(z.numpy() ** 2)
    print(tape.gradient(y, z))
    for make in (lambda: tf.constant(10), lambda: tf.constant([10, 10])):
        n = make()
        with tf.GradientTape() as tape:
            y = tf.cast(n, tf.float32) * x
        print(tape.gradient(y, n))
    for epoch in range(2):
        with tf.GradientTape() as tape:
            y = x + 1
        print(epoch, tape.gradient(y, x))
        x = x + 1.0
    state, x0 = tf.Variable(3.0), tf.Variable(1.0)
    with tf.GradientTape() as tape:
        state.assign_add(x0)
        y = state**2
    print(tape.gradient(y, x0))
    with tf.GradientTape() as tape:
        z = y**2
    print(tape.gradient(z, x, unconnected_gradients=tf.UnconnectedGradients.ZERO))
    print(tf.UnconnectedGradients("zero"), tf.UnconnectedGradients.NONE)


@printed
def stopping(tf):
    x, y = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape() as t:
        x_sq = x * x
        with t.stop_recording():
            y_sq = y * y
        z = x_sq + y_sq
    print(t.gradient(z, {"x": x, "y": y}))
    reset = True
    with tf.GradientTape() as t:
        y_sq = y * y
        if reset:
            t.reset()
        z = x * x + y_sq
    print(t.gradient(z, [x, y]))
    with tf.GradientTape() as t:
        z = x * x + tf.stop_gradient(y * y)
    print(t.gradient(z, [x, y]))


@printed
def a_gradient_of_ones_own(tf):
    @tf.custom_gradient
    def clipped(y):
        return y, lambda upstream: tf.clip_by_norm(upstream, 0.5)

    v = tf.Variable(2.0)
    with tf.GradientTape() as t:
        output = clipped(v * v)
    print(output, t.gradient(output, v))

    @tf.custom_gradient
    def scaled(a, b):
        return a * b, lambda g: (g * b * 10, g * a * 100)

    a, b = tf.constant(3.0), tf.constant(4.0)
    with tf.GradientTape() as t:
        t.watch([a, b])
        c = scaled(a, b)
    print(c, t.gradient(c, [a, b]))


@printed
def several_tapes_and_higher_orders(tf):
    x0, x1 = tf.constant(0.0), tf.constant(0.0)
    with tf.GradientTape() as tape0, tf.GradientTape() as tape1:
        tape0.watch(x0)
        tape1.watch(x1)
        y0, y1 = x0**2 + 1, x1 * 3
        ys = y0 + y1
    print(tape0.gradient(ys, x0), tape1.gradient(ys, x1))
    x = tf.Variable(1.0)
    with tf.GradientTape() as t2, tf.GradientTape() as t1:
        y = x * x * x
        dy = t1.gradient(y, x)
    print(dy, t2.gradient(dy, x))
    x = tf.Variable(2.0)
    with tf.GradientTape() as t3:
        with tf.GradientTape() as t2:
            with tf.GradientTape() as t1:
                y = x**5
            first = t1.gradient(y, x)
        second = t2.gradient(first, x)
    print(first, second, t3.gradient(second, x))


@printed
def jacobians(tf):
    x = tf.linspace(-1.0, 1.0, 5)
    delta = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        y = (x + delta) ** 2
    print(y.shape, tape.jacobian(y, delta))
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x * 2.0
        mixed = tf.cumsum(y)
    full = tape.jacobian(y, x)
    print(full.shape, full, tape.batch_jacobian(y, x), tape.batch_jacobian(mixed, x))
    print(tf.einsum("bxby->bxy", full), tape.jacobian(y, [x])[0].shape)
    print(tape.batch_jacobian(y, tf.ones([2, 3])), tape.jacobian(y, tf.ones([2])))


@numbers
def a_hessian_of_a_small_network(tf):
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(size=(7, 5)).astype("float32"))
    w1 = tf.Variable(rng.normal(size=(5, 4)).astype("float32"))
    w2 = tf.Variable(rng.normal(size=(4, 3)).astype("float32"))
    with tf.GradientTape() as t2:
        with tf.GradientTape() as t1:
            loss = tf.reduce_mean(tf.nn.tanh(x @ w1) @ w2**2)
        g = t1.gradient(loss, w1)
    h = t2.jacobian(g, w1)
    size = tf.reduce_prod(w1.shape)
    newton = tf.linalg.solve(tf.reshape(h, [size, size]) + tf.eye(20), tf.reshape(g, [size, 1]))
    return g, h, newton


@numbers
def a_gradient_penalty(tf):
    x = tf.random.normal([7, 5])
    kernel = tf.Variable(tf.random.normal([5, 10]))
    with tf.GradientTape() as t2:
        with tf.GradientTape(watch_accessed_variables=False) as t1:
            t1.watch(x)
            out = tf.reduce_sum(tf.nn.relu(x @ kernel) ** 2)
        g1 = t1.gradient(out, x)
        norm = tf.norm(g1)
    return norm, t2.gradient(norm, kernel)


@numbers
def jacobians_of_batches(tf):
    x = tf.random.normal([7, 5])
    k1, k2 = tf.random.normal([5, 8]) / 3, tf.random.normal([8, 6]) / 3
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(x)
        y = tf.nn.softmax(tf.nn.elu(x @ k1) @ k2)
        mixed = y * tf.reduce_mean(y, 0)
    return tape.jacobian(y, x), tape.batch_jacobian(y, x), tape.batch_jacobian(mixed, x)


@printed
def checking_a_gradient(tf):
    theory, numeric = tf.test.compute_gradient(lambda x, y: x * y * y, [[[1.0, 2.0]], [[3.0, 4.0]]])
    print(theory, numeric, sep="\n")
    print(tf.test.compute_gradient(lambda x: tf.reduce_sum(x**2, 0), [np.eye(2)], delta=0.5))


# -- training loops -------------------------------------------------------------------------------


@numbers
def a_line_by_hand(tf):
    x = tf.cast(tf.linspace(-2, 2, 201), tf.float32)
    y = 3.0 * x + 2.0 + tf.random.normal(shape=[201])

    class Line(tf.Module):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.w = tf.Variable(5.0)
            self.b = tf.Variable(0.0)

        def __call__(self, x):
            return self.w * x + self.b

    model, seen = Line(), []
    for _ in range(10):
        with tf.GradientTape() as t:
            loss = tf.reduce_mean(tf.square(y - model(x)))
        dw, db = t.gradient(loss, [model.w, model.b])
        model.w.assign_sub(0.1 * dw)
        model.b.assign_sub(0.1 * db)
        seen += [loss, model.w.numpy(), model.b.numpy()]
    return seen, [v.name for v in model.variables]


@numbers
def a_quadratic_with_tf_function_and_batches(tf):
    x = tf.linspace(-2.0, 2.0, 60)[:, tf.newaxis]
    y = x**2 + 2 * x - 5 + tf.random.normal([60, 1])
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(60, seed=1).batch(16)

    class Quadratic(tf.Module):
        def __init__(self):
            super().__init__()
            init = tf.random_uniform_initializer(seed=22)
            self.w_q, self.w_l, self.b = (tf.Variable(init(shape=[1])) for _ in range(3))

        @tf.function
        def __call__(self, x):
            return self.w_q * (x**2) + self.w_l * x + self.b

    model, losses = Quadratic(), []
    for _ in range(3):
        for x_batch, y_batch in data:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((model(x_batch) - y_batch) ** 2)
            grads = tape.gradient(loss, model.variables)
            for g, v in zip(grads, model.variables, strict=True):
                v.assign_sub(0.05 * g)
        losses.append(loss)
    return losses, [v.numpy() for v in model.variables]


@numbers
def a_training_step_in_a_function(tf):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(24, 6)).astype("float32")
    y = rng.integers(0, 3, size=24)
    model = tf.keras.Sequential(
        [tf.keras.Input((6,)), tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(3)]
    )
    loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = tf.keras.optimizers.Adam(0.01)
    seen_loss = tf.keras.metrics.Mean(name="train_loss")
    accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="train_accuracy")

    @tf.function
    def train_step(images, labels):
        with tf.GradientTape() as tape:
            predictions = model(images, training=True)
            loss = loss_object(labels, predictions)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        seen_loss(loss)
        accuracy(labels, predictions)

    results = []
    for _ in range(3):
        seen_loss.reset_state()
        accuracy.reset_state()
        for images, labels in tf.data.Dataset.from_tensor_slices((x, y)).batch(10):
            train_step(images, labels)
        results += [seen_loss.result(), accuracy.result()]
    return results, [v.numpy() for v in model.trainable_variables]


@numbers
def a_subclassed_model_in_a_loop(tf):
    class Net(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden = tf.keras.layers.Dense(4, activation="tanh")
            self.head = tf.keras.layers.Dense(1)

        def call(self, x):
            return self.head(self.hidden(x))

    x = tf.reshape(tf.linspace(-1.0, 1.0, 12), [12, 1])
    net, optimizer = Net(), tf.keras.optimizers.SGD(0.1, momentum=0.9)
    losses = []
    for _ in range(5):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.math.squared_difference(net(x), x**3))
        grads = tape.gradient(loss, net.trainable_weights)
        optimizer.apply_gradients(zip(grads, net.trainable_weights, strict=True))
        losses.append(loss)
    return losses, net(x)


# -- modules and layers of one's own --------------------------------------------------------------


def dense_and_net(tf):
    class Dense(tf.Module):
        def __init__(self, n_in, n_out, name=None):
            super().__init__(name=name)
            self.w = tf.Variable(tf.ones([n_in, n_out]), name="w")
            self.b = tf.Variable(tf.zeros([n_out]), name="b")

        def __call__(self, x):
            return tf.nn.relu(tf.matmul(x, self.w) + self.b)

    class Net(tf.Module):
        def __init__(self, name=None):
            super().__init__(name=name)
            self.second = Dense(n_in=3, n_out=3)
            self.first = Dense(n_in=3, n_out=2)
            self.count = tf.Variable(0, trainable=False, name="count")
            self.more = [Dense(1, 1, name="extra"), {"k": tf.Variable(1.0, name="k")}]
            self._hidden = (self.first, tf.Variable(2.0, name="hidden"))

        def __call__(self, x):
            return self.first(self.second(x))

    return Dense, Net


@printed
def modules_in_modules(tf):
    _, net_class = dense_and_net(tf)
    net = net_class(name="the_model")
    print("results:", net(tf.constant([[2.0, 2.0, 2.0]])))
    print([m.name for m in net.submodules], net.name, net_class().name)
    for v in net.variables:
        print(v, "\n")
    print([v.name for v in net.trainable_variables], len(net.non_trainable_variables))
    print(tf.Module().submodules, tf.Module().variables, tf.Module(name="m").name_scope.name)


@printed
def modules_that_build_on_first_use(tf):
    class Flexible(tf.Module):
        def __init__(self, out_features, name=None):
            super().__init__(name=name)
            self.is_built = False
            self.out_features = out_features

        @tf.Module.with_name_scope
        def __call__(self, x):
            if not self.is_built:
                self.w = tf.Variable(tf.ones([x.shape[-1], self.out_features]), name="w")
                with tf.name_scope("inner"):
                    self.b = tf.Variable(tf.zeros([self.out_features]), name="b")
                self.is_built = True
            return x @ self.w + self.b

    layer = Flexible(2)
    print(layer.variables)
    print(layer(tf.constant([[1.0, 2.0]])), [v.name for v in layer.variables])

    class MyHTTPNet2(tf.Module):
        pass

    print(MyHTTPNet2().name, MyHTTPNet2(name="x1").name)


@printed
def keras_layers_of_ones_own(tf):
    class Dense(tf.keras.layers.Layer):
        def __init__(self, units=2, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def build(self, input_shape):
            self.w = self.add_weight(
                shape=(input_shape[-1], self.units), initializer="ones", trainable=True, name="w"
            )
            self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

        def call(self, x):
            return tf.nn.relu(tf.matmul(x, self.w) + self.b)

    layer = Dense(name="mine")
    print(layer.variables, layer(tf.constant([[2.0, 2.0, 2.0], [3.0, 3.0, 3.0]])))
    print([v.path for v in layer.trainable_variables], layer.built)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(tf.ones([1, 3])) ** 2)
    print([g.numpy() for g in tape.gradient(loss, layer.trainable_variables)])


@printed
def layers_that_hold_layers(tf):
    class Linear(tf.keras.layers.Layer):
        def __init__(self, units=32, input_dim=32):
            super().__init__()
            self.w = self.add_weight(
                shape=(input_dim, units), initializer="random_normal", trainable=True
            )
            self.b = self.add_weight(shape=(units,), initializer="zeros", trainable=True)

        def call(self, inputs):
            return tf.matmul(inputs, self.w) + self.b

    class ComputeSum(tf.keras.layers.Layer):
        def __init__(self, input_dim):
            super().__init__()
            self.total = self.add_weight(initializer="zeros", shape=(input_dim,), trainable=False)

        def call(self, inputs):
            self.total.assign_add(tf.reduce_sum(inputs, axis=0))
            return self.total

    my_sum = ComputeSum(2)
    print(my_sum(tf.ones([2, 2])).numpy(), my_sum(tf.ones([2, 2])).numpy())
    print("weights:", len(my_sum.weights), "non-trainable:", len(my_sum.non_trainable_weights))
    print("trainable_weights:", my_sum.trainable_weights)

    class Block(tf.keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.first, self.second = Linear(4, 3), Linear(1, 4)

        def call(self, inputs):
            return self.second(tf.nn.relu(self.first(inputs)))

    block = Block()
    print(block(tf.ones([3, 3])).shape, len(block.weights), len(block.trainable_weights))
    print(block.first.w.shape, block.name, block.first.name, block.second.name)


@printed
def functions(tf):
    @tf.function
    def add(a, b=2):
        """Adds."""
        return a + b

    print(add(tf.ones([2, 2]), tf.ones([2, 2])), add(1), add(np.ones(2)), add(b=3.0, a=1.5))
    print(add.__name__, add.__doc__, add.python_function(3, 4), add.input_signature)
    v = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        result = add(v, 1.0)
    print(tape.gradient(result, v))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)], jit_compile=False)
    def doubled(x):
        return {"twice": x * 2, "n": 3, "none": None}, [x]

    print(doubled([1, 2]), doubled(tf.constant([1.0])), doubled.input_signature)

    class Counter:
        def __init__(self):
            self.n = tf.Variable(0)

        @tf.function(reduce_retracing=True)
        def up(self, by):
            return self.n.assign_add(by)

    counter = Counter()
    print(counter.up(1), counter.up(tf.constant(2)), counter.n)


@printed
def what_a_setup_cell_prints(tf):
    print(tf.config.list_physical_devices("GPU"), tf.config.list_physical_devices())
    print(tf.config.list_logical_devices(), len(tf.config.get_visible_devices()))
    print(tf.executing_eagerly(), tf.config.functions_run_eagerly(), tf.test.is_gpu_available())
    tf.config.set_visible_devices([], "GPU")
    print(tf.is_tensor(tf.constant(1)), tf.is_tensor(np.ones(1)), tf.is_tensor(tf.Variable(1)))
