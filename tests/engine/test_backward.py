"""The backward loop: gradients of every order, None or zeros, and rows of our own."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest
import tensorflow
from hypothesis import given
from hypothesis import strategies as st

import scratchnet as sn
from scratchnet import ops
from scratchnet.engine import nest
from scratchnet.engine.errors import NoDerivativeError
from scratchnet.engine.listening import Listener, listening
from scratchnet.engine.op import NoGradient, Op, Record
from scratchnet.engine.tensor import Tensor, apply, apply_all
from tests.support.gradcheck import check_gradients
from tests.support.paired import run
from tests.support.taped import STEPS, doubling_op, drawn_graph

X = np.array([1.0, 2.0], np.float32)

# -- graphs, and gradients of gradients ------------------------------------------------------------


def _numbers(structure: Any) -> list[Any]:
    return [None if g is None else g.numpy() for g in nest.flatten(structure)]


def _close(ours: list[Any], theirs: list[Any]) -> None:
    assert [g is None for g in ours] == [g is None for g in theirs]
    for a, b in zip(ours, theirs, strict=True):
        if b is not None:
            assert a.dtype == b.dtype
            np.testing.assert_allclose(
                a, b, rtol=1e-10, atol=1e-10 * max(1.0, np.abs(b).max(initial=0))
            )


@given(STEPS, st.data())
def test_random_graphs(steps: Any, data: st.DataObject) -> None:
    n = 3 + len(steps)
    targets = data.draw(st.lists(st.integers(3, n - 1), min_size=1, max_size=3))
    sources = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=4))

    def program(tf: Any) -> Any:
        start = [tf.constant(v, tf.float64) for v in ([[0.3, -1.1], [0.7, 1.9]], [0.4, -0.8], 1.3)]
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(start[:2])
            values = drawn_graph(tf, steps, list(start))
        wanted = [values[i] for i in targets], [values[i] for i in sources]
        return _numbers(
            [tape.gradient(*wanted), tape.gradient(*wanted, unconnected_gradients="zero")]
        )

    _close(program(sn), program(tensorflow))


@given(STEPS)
def test_second_order_of_random_graphs(steps: Any) -> None:
    def program(tf: Any) -> Any:
        start = [
            tf.Variable(v, dtype=tf.float64) for v in ([[0.3, -1.1], [0.7, 1.9]], [0.4, -0.8], 1.3)
        ]
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = drawn_graph(tf, steps, list(start))[-1]
            first = inner.gradient(y, start)
        second = outer.gradient([g for g in first if g is not None], start)
        return _numbers([first, second])

    _close(program(sn), program(tensorflow))


def nested(order: int, function: str, x: str) -> str:
    """A program: the derivatives of `function` of ``x`` up to `order`, by nested tapes."""
    open_, close, names = "", "", []
    for i in range(order):
        open_ += f"{'    ' * i}with tf.GradientTape() as t{i}:\n{'    ' * (i + 1)}t{i}.watch(x)\n"
    for i in reversed(range(order)):
        close += f"{'    ' * i}g{i} = t{i}.gradient({'y' if i == order - 1 else f'g{i + 1}'}, x)\n"
        names.append(f"g{i}")
    return f"x = {x}\n{open_}{'    ' * order}y = {function}\n{close}{', '.join(names)}"


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "function", ["x * x * x", "x ** 4", "(x * x + 1.0) * (2.0 - x)", "x / (x + 1.0)"]
)
def test_higher_orders(order: int, function: str) -> None:
    def numbers(tf: Any) -> list[Any]:
        return _numbers(
            list(run(nested(order, function, "tf.constant([0.5, 2.0], tf.float64)"), tf))
        )

    _close(numbers(sn), numbers(tensorflow))


def test_a_gradient_penalty() -> None:
    """The gradient's norm in the loss: the second tape differentiates through the first one."""

    def program(tf: Any) -> Any:
        w = tf.Variable([[0.5, -1.0], [2.0, 0.3]], dtype=tf.float64)
        x = tf.constant([[1.0, 2.0], [-0.5, 0.7], [0.1, 1.1]], tf.float64)
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.reduce_sum(tf.tanh(x @ w) ** 2)
            g = inner.gradient(y, x)
            loss = y + tf.reduce_mean((tf.reduce_sum(g * g, axis=1) - 1.0) ** 2)
        return _numbers([loss, outer.gradient(loss, w)])

    _close(program(sn), program(tensorflow))


# -- second derivatives: None or zeros -------------------------------------------------------------


VECTOR = "tf.constant([[-3.0, -0.5, 0.4], [1.5, 7.0, -2.0]])"


IMAGE = "tf.reshape(tf.constant([3.0, 1.0, -2.0, 5.0, 0.5, -1.0, 2.5, 4.0, -6.0]), [1, 3, 3, 1])"


PIECES = [
    *(f"tf.nn.{name}(x)" for name in ("relu", "relu6", "leaky_relu", "crelu", "elu", "selu")),
    *("tf.nn.leaky_relu(x, alpha=0.0)", "tf.abs(x)", "tf.sign(x)", "tf.floor(x)", "tf.round(x)"),
    *("tf.maximum(x, 0.5)", "tf.minimum(0.5, x)", "tf.maximum(x, x[::-1])", "tf.sort(x)"),
    *("tf.clip_by_value(x, -1.0, 1.0)", "tf.where(x > 0.0, x, 0.0)", "tf.math.top_k(x, 2)[0]"),
    *("tf.reduce_max(x)", "tf.reduce_max(x, 1)", "tf.reduce_min(x, 0)", "tf.nn.relu(-x) + 1.0"),
    *("tf.keras.layers.ReLU()(x)", "tf.keras.layers.LeakyReLU()(x)", "x * 2.0", "tf.cumsum(x)"),
    *("tf.keras.layers.ReLU(2.0, 0.1, 0.3)(x)", "tf.keras.activations.hard_sigmoid(x)"),
]


POOLS = [
    *("tf.nn.max_pool2d(x, 2, 1, 'VALID')", "tf.nn.max_pool2d(x, 2, 2, 'SAME')"),
    *("tf.nn.max_pool2d(x, 3, 1, 'SAME')", "tf.nn.avg_pool2d(x, 2, 1, 'VALID')"),
    *("tf.nn.avg_pool2d(x, 3, 1, 'SAME')", "tf.keras.layers.MaxPooling2D()(x)"),
    "tf.nn.relu(tf.nn.max_pool2d(tf.nn.relu(x), 2, 1, 'VALID'))",
]


def orders_of(tf: Any, start: str, function: str, square: bool) -> list[Any]:
    """Three orders of derivatives by x, and the second one by y; None where there is none."""
    x = run(start, tf)
    with tf.GradientTape() as third, tf.GradientTape(persistent=True) as second:
        third.watch(x)
        second.watch(x)
        with tf.GradientTape() as first:
            first.watch(x)
            y = eval(function, {"tf": tf, "x": x})
            z = y * y if square else y
        g = first.gradient(z, x)
        h = None if g is None else second.gradient(g, x)
    by_y = None if g is None else second.gradient(g, y)
    return [g, h, by_y, None if h is None else third.gradient(h, x)]


@pytest.mark.parametrize("square", [False, True])
@pytest.mark.parametrize(
    ("start", "function"), [*((VECTOR, f) for f in PIECES), *((IMAGE, f) for f in POOLS)]
)
def test_none_and_zeros_at_higher_orders(start: str, function: str, square: bool) -> None:
    ours, theirs = (orders_of(tf, start, function, square) for tf in (sn, tensorflow))
    assert [g is None for g in ours] == [g is None for g in theirs]
    for a, b in zip(ours, theirs, strict=True):
        if b is not None:
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("penalty", ["tf.reduce_sum(g * g)", "tf.norm(g)"])
def test_a_gradient_penalty_on_relu_and_max_pooling(penalty: str) -> None:
    """The loss has the penalty alone: some variables, as the biases, reach it only by zeros."""

    def program(tf: Any) -> Any:
        rng = np.random.default_rng(5)
        shapes = [(3, 3, 2, 4), (4,), (16, 3), (3,), (3, 1), (1,)]
        vs = [tf.Variable(rng.normal(size=shape)) for shape in shapes]
        x = tf.constant(rng.normal(size=(2, 6, 6, 2)))
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.nn.relu(tf.nn.conv2d(x, vs[0], 1, "VALID") + vs[1])
                y = tf.reshape(tf.nn.max_pool2d(y, 2, 2, "VALID"), [2, 16])
                y = tf.nn.leaky_relu(y @ vs[2] + vs[3]) @ vs[4] + vs[5]
            g = inner.gradient(y, x)
            loss = eval(penalty, {"tf": tf, "g": g})
        gs = outer.gradient(loss, vs)
        missing = [v is None for v in gs]
        assert missing == [False, False, False, False, False, True]
        return _numbers([loss, [v for v in gs if v is not None]])

    _close(program(sn), program(tensorflow))


# -- rows of our own -------------------------------------------------------------------------------


def _gradient(function: Callable[..., Any], *inputs: Tensor) -> Any:
    with sn.GradientTape() as tape:
        tape.watch(list(inputs))
        y = function(*inputs)
    return tape.gradient(y, list(inputs))


@pytest.mark.parametrize(
    ("vjp", "received"),
    [
        (lambda g, r: g[0], r"shape \(\) and dtype float32$"),
        (lambda g, r: sn.stack([g, g]), r"shape \(2, 2\) and dtype float32: if the op broadcasts"),
        (lambda g, r: sn.cast(g, "float64"), r"shape \(2,\) and dtype float64$"),
        (lambda g, r: None, "received NoneType"),
        (lambda g, r: g.numpy(), "received ndarray"),
    ],
)
@pytest.mark.parametrize("broadcasts", [False, True])
def test_a_wrong_vjp_names_its_op(vjp: Any, received: str, broadcasts: bool) -> None:
    if broadcasts and "2, 2" in received:
        return  # which is what an op that broadcasts may return
    rule = r"my_op: the VJP of argument 0 must return a tensor of shape \(2,\) and dtype float32"
    with pytest.raises(RuntimeError, match=f"{rule}, .*{received}"):
        _gradient(doubling_op(vjp, broadcasts=broadcasts), Tensor(X))


def test_only_ops_that_broadcast_are_summed_back() -> None:
    wide = lambda g, r: sn.stack([g, g, g])  # noqa: E731
    assert _gradient(doubling_op(wide, broadcasts=True), Tensor(X))[0].numpy().tolist() == [3, 3]
    with pytest.raises(RuntimeError, match="my_op"):
        _gradient(doubling_op(wide), Tensor(X))


def test_a_missing_vjp_names_op_and_argument() -> None:
    same = lambda g, r: g  # noqa: E731
    with pytest.raises(NoDerivativeError, match="my_op: no VJP is declared for argument 1"):
        _gradient(doubling_op(same), Tensor(X), Tensor(X))
    with pytest.raises(LookupError, match="my_op: no VJP is declared for argument 0"):
        _gradient(doubling_op(), Tensor(X))
    with pytest.raises(NoDerivativeError, match="argument 0"):
        _gradient(doubling_op(variadic=True), Tensor(X))


def test_a_missing_vjp_that_nobody_needs_is_no_error() -> None:
    function = doubling_op(lambda g, r: g)
    x, y = Tensor(X), Tensor(X)
    with sn.GradientTape() as tape:
        tape.watch(x)
        z = function(x, y)
    assert tape.gradient(z, x).numpy().tolist() == [1, 1]


def test_no_gradient_gives_none_and_the_reason() -> None:
    x, y = Tensor(X), Tensor(X)
    function = doubling_op(lambda g, r: g, NoGradient("labels are not learned"))
    with sn.GradientTape() as tape:
        tape.watch([x, y])
        z = function(x, y)
    gx, gy = tape.gradient(z, [x, y])
    assert gx.numpy().tolist() == [1, 1]
    assert gy is None
    assert tape.explain_none(y) == "`my_op` has no gradient: labels are not learned"


def test_a_variadic_op_has_one_vjp_that_is_told_the_argument() -> None:
    def vjp(g: Tensor, record: Record, i: int) -> Tensor:
        return g * float(10**i)

    found = _gradient(doubling_op(vjp, variadic=True), *(Tensor(X) for _ in range(3)))
    assert [g.numpy().tolist() for g in found] == [[1, 1], [10, 10], [100, 100]]


def test_an_op_with_two_outputs() -> None:
    def vjp(g: tuple[Tensor, Tensor], record: Record) -> Tensor:
        return g[0] * 2.0 + g[1] * 3.0

    op = Op("two", lambda x: x, lambda x: ((x * 2, x * 3), None), (vjp,))
    x = Tensor(X)
    with sn.GradientTape(persistent=True) as tape:
        tape.watch(x)
        a, b = apply_all(op, x)
    for target, expected in ((a, 2), (b, 3), ([a, b], 5), ([a, a, b], 7)):
        assert tape.gradient(target, x).numpy().tolist() == [expected] * 2
    assert tape.gradient(a, b) is None
    assert tape.gradient(b, [b, x])[0].numpy().tolist() == [1, 1]


def test_an_integer_output_beside_a_floating_one() -> None:
    op = Op(
        "two",
        lambda x: x,
        lambda x: ((x * 2, x.astype(np.int32)), None),
        (lambda g, r: g[0] * 2.0,),
    )
    x = Tensor(X)
    with sn.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, i = apply_all(op, x)
        z = sn.cast(i, sn.float32) * y
    assert tape.gradient(z, x).numpy().tolist() == [2, 4]
    assert tape.gradient(i, x) is None


def test_a_known_output_is_recorded_not_computed() -> None:
    def never(x: Any) -> Any:
        raise AssertionError

    op = Op("fused", never, never, (lambda g, r: g * 7.0,))
    x = Tensor(X)
    with sn.GradientTape() as tape:
        tape.watch(x)
        y = apply(op, x, known=X + 1, rate=0.5)
    assert tape.records[0].attrs == {"rate": 0.5}
    assert y.numpy().tolist() == [2, 3]
    assert tape.gradient(y, x).numpy().tolist() == [7, 7]


def test_third_order_through_a_network() -> None:
    """conv -> max pool -> cubic loss: the hard ops are closed under differentiation."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2, 6, 5, 2))
    k = rng.normal(size=(3, 2, 2, 3))

    def f(k: Tensor) -> Tensor:
        y = ops.max_pool2d(ops.conv2d(sn.constant(x), k, [1, 2], "SAME"), 2, 1, "VALID")
        return ops.reduce_sum(y * y * y) + ops.reduce_sum(ops.tanh(y))

    check_gradients(f, [k], order=3, step=1e-4)  # small enough to cross no tie of the pooling


# -- memory: a cotangent goes as soon as it was used ----------------------------------------------

NUMBERS = np.ones(20_000)  # 160 KB: less than the buffer pool takes, which would keep it


def held_at_each_vjp(graph: Callable[..., Tensor], persistent: bool) -> tuple[list[int], int]:
    """How many arrays of that size there are more than before: at each VJP, and at the end.

    `graph` makes its target from a watched tensor by an op that doubles. At the end the target and
    the gradient are gone, too.
    """
    held: list[int] = []

    def more() -> int:
        return round((tracemalloc.get_traced_memory()[0] - before) / NUMBERS.nbytes)

    def vjp(g: Tensor, record: Record) -> Tensor:
        held.append(more())
        return g * 2.0

    step, x = doubling_op(vjp), Tensor(NUMBERS)
    tracemalloc.start()
    try:
        with sn.GradientTape(persistent=persistent) as tape:
            tape.watch(x)
            y = graph(step, x)
        seed = Tensor(NUMBERS)
        before = tracemalloc.get_traced_memory()[0]
        g = tape.gradient(y, x, output_gradients=seed)
        assert g is not None
        del seed, y, g
        return held, more()
    finally:
        tracemalloc.stop()


def chain(step: Any, x: Tensor) -> Tensor:
    for _ in range(8):
        x = step(x)
    return x


def fan(step: Any, x: Tensor) -> Tensor:
    y = step(x)
    for _ in range(7):
        y = y + step(x)
    return y


@pytest.mark.parametrize("graph", [chain, fan])
def test_a_persistent_tape_keeps_no_cotangent(graph: Any) -> None:
    held, after = held_at_each_vjp(graph, persistent=True)
    assert len(held) == 8
    assert max(held) <= 1  # the one under way, or the sum so far
    assert after == 0


@pytest.mark.parametrize(
    ("graph", "at_most"),
    [(chain, [0, 1, 0, -1, -2, -3, -4, -5, -8]), (fan, [0, -1, -3, -5, -7, -9, -11, -12, -15])],
)
def test_a_pass_keeps_no_cotangent_and_no_result_that_was_read(
    graph: Any, at_most: list[int]
) -> None:
    held, after = held_at_each_vjp(graph, persistent=False)
    for found, bound in zip([*held, after], at_most, strict=True):
        assert found <= bound, (held, after)


@pytest.mark.parametrize("takes_none", [False, True])
def test_a_prologue_is_told_which_outputs_have_no_cotangent(takes_none: bool) -> None:
    """Listeners see zeros in any case, and a gradient that hangs on nothing can be None."""
    handed: list[Any] = []

    def prologue(gs: Any, record: Record, wanted: Any) -> Any:
        handed.append(gs)
        return [NoGradient("none") if g is None else g for g in gs]

    op = Op(
        "both",
        np.exp,
        lambda x, y: ((x * 2, y * 3), None),
        (lambda gs, record: gs[0], lambda gs, record: gs[1]),
        prologue=prologue,
        takes_none=takes_none,
    )

    class Seen(Listener):
        cotangents: ClassVar[list[Any]] = []

        def vjp(self, record: Record, argument: int, g: Any, gx: Tensor) -> None:
            self.cotangents.append(g)

    x, y = sn.constant(X), sn.constant(X)
    with listening(Seen()) as seen, sn.GradientTape() as tape:
        tape.watch([x, y])
        first, _ = apply_all(op, x, y)
        gx, gy = tape.gradient(first, [x, y])
    np.testing.assert_array_equal(gx.numpy(), [1, 1])
    assert (gy is None) == (handed[0][1] is None) == takes_none
    assert all(np.array_equal(g[1].numpy(), [0, 0]) for g in seen.cotangents)
    assert len(seen.cotangents) == 2 - takes_none


def test_output_gradients_of_another_shape_are_read_in_order() -> None:
    def program(tf: Any) -> Any:
        x = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        given = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        with tf.GradientTape() as tape:
            tape.watch([x, given])
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = x * x
            # TensorFlow's VJPs may need the shape of the target.
            g = inner.gradient(y, x, output_gradients=given if tf is sn else given_there(given))
        return _numbers([g, tape.gradient(g, [x, given])])

    def given_there(given: Any) -> Any:
        return tensorflow.reshape(given, [2, 3])

    _close(program(sn), program(tensorflow))


@pytest.mark.parametrize(
    ("vjp", "received"),
    [
        (
            lambda g, record: g.numpy(),
            "ndarray: compute it by ops, on `g`, which is a tensor",
        ),
        (
            lambda g, record: None,
            "NoneType: where there is no gradient, NoGradient('why') stands in place of the VJP",
        ),
        (
            lambda g, record: (g, g),
            "tuple: there is one VJP for each argument, vjps=(gx, gy)",
        ),
        (lambda g, record: [g], "list: there is one VJP for each argument, vjps=(gx, gy)"),
        (lambda g, record: g[:1], "shape (1,) and dtype float32"),
        (lambda g, record: sn.cast(g, "float64"), "shape (2,) and dtype float64"),
        (
            lambda g, record: sn.stack([g, g]),
            "shape (2, 2) and dtype float32: if the op broadcasts its arguments, declare "
            "Op(…, broadcasts=True), and it is summed back",
        ),
        (lambda g, record: sn.zeros((2, 3)), "shape (2, 3) and dtype float32"),
        (lambda g, record: sn.cast(sn.stack([g, g]), "float64"), "shape (2, 2) and dtype float64"),
    ],
)
def test_what_a_vjp_must_not_return(vjp: Any, received: str) -> None:
    double, x = doubling_op(vjp), sn.constant([1.0, 2.0])
    with sn.GradientTape() as tape:
        tape.watch(x)
        y = double(x)
    with pytest.raises(RuntimeError) as caught:
        tape.gradient(y, x)
    assert str(caught.value) == (
        "my_op: the VJP of argument 0 must return a tensor of shape (2,) and dtype float32, "
        f"received {received}"
    )


def test_what_is_broadcast_is_summed_back_and_nothing_else() -> None:
    double = doubling_op(lambda g, record: sn.ones((3, 2)) * g, broadcasts=True)
    wide = doubling_op(lambda g, record: sn.ones((3, 3)), broadcasts=True)
    x = sn.constant([1.0, 2.0])
    with sn.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, z = double(x), wide(x)
    assert tape.gradient(y, x, sn.constant([5.0, 7.0])).numpy().tolist() == [15, 21]
    with pytest.raises(RuntimeError, match=r"received shape \(3, 3\) and dtype float32$"):
        tape.gradient(z, x)


def test_the_number_of_output_gradients() -> None:
    x = sn.constant([1.0, 2.0])
    for several in ([], [None] * 3):
        with sn.GradientTape() as tape:
            tape.watch(x)
            y = [x * x, x + x]
        with pytest.raises(ValueError, match=rf"each of 2 targets, received {len(several)}$"):
            tape.gradient(y, x, several)
