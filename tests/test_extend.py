"""The door for an op of one's own: what it takes, what it refuses, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet import extend, keras
from scratchnet.engine.op import OPS
from scratchnet.extend import (
    Listener,
    NoDerivativeError,
    NoGradient,
    Op,
    apply,
    apply_all,
    array_of,
    listening,
    of_rank,
    register,
    registered,
    tensor,
)
from tests.support.gradcheck import check_gradients


@pytest.fixture(autouse=True)
def _own_table(monkeypatch: Any) -> Iterator[None]:
    monkeypatch.setattr(extend, "_ROWS", {})
    built_in = dict(OPS)
    yield
    assert built_in == OPS


def cube_row(name: str = "cube", **changes: Any) -> Op:
    def forward(x: Any) -> Any:
        return x * x * x, None

    def gx(g: Any, record: Any) -> Any:
        (x,) = record.inputs
        return 3.0 * x * x * g

    return Op(**{"name": name, "function": forward, "forward": forward, "vjps": (gx,), **changes})


def arrays(*shapes: Any) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.uniform(0.5, 1.5, size=shape) for shape in shapes]


# -- ops that are right ----------------------------------------------------------------------------


def test_an_op_of_ones_own_has_gradients_of_any_order() -> None:
    row = register(cube_row())
    check_gradients(lambda x: apply(row, x), arrays((3, 2)), order=3)
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = apply(row, x)
    assert tape.records[0].op is row
    assert (float(y), float(tape.gradient(y, x))) == (8.0, 12.0)  # type: ignore[arg-type]
    assert registered() == {"cube": row}


def test_an_op_with_attributes_broadcasting_and_an_argument_without_gradient() -> None:
    def scaled(x: Any, y: Any, index: Any, *, factor: float) -> Any:
        return factor * x * y, index > 1

    def gx(g: Any, record: Any) -> Any:
        return g * record.inputs[1] * record.attrs["factor"]

    def gy(g: Any, record: Any) -> Any:
        return g * record.inputs[0] * record.attrs["factor"]

    row = register(Op("scaled", scaled, scaled, (gx, gy, NoGradient("it counts")), broadcasts=True))
    index = tf.constant([1, 2])
    check_gradients(lambda x, y: apply(row, x, y, index, factor=3.0), arrays((3, 2), (2,)))
    with tf.GradientTape() as tape:
        tape.watch([x := tf.constant([1.0, 2.0]), i := tf.constant([1.0, 2.0])])
        y = apply(row, x, x, i, factor=1.0)
    assert tape.gradient(y, i) is None
    assert "it counts" in tape.explain_none(i)


def test_an_op_with_several_outputs() -> None:
    def forward(x: Any) -> Any:
        return (np.sin(x), np.cos(x)), None

    def gx(g: Any, record: Any) -> Any:
        sin, cos = record.outputs
        return g[0] * cos - g[1] * sin

    row = register(Op("sincos", forward, forward, (gx,)))
    check_gradients(lambda x: apply_all(row, x), arrays((4,)))
    with pytest.raises(ValueError, match="sincos returned 2 outputs: call it by apply_all"):
        apply(row, tf.constant(1.0))


def test_a_variadic_op_and_one_with_a_joint_prologue() -> None:
    def total(*xs: Any) -> Any:
        return np.sum(xs, axis=0), None

    row = register(Op("total", total, total, (lambda g, record, i: g * 1.0,), variadic=True))
    check_gradients(lambda x, y: apply(row, x, y, x), arrays((3,), (3,)))
    product = register(
        Op(
            "product",
            total,
            lambda x, y: (x * y, None),
            (lambda g, record: g * record.inputs[1], lambda g, record: g * record.inputs[0]),
            prologue=lambda g, record, wanted: g * float(any(wanted)),
        )
    )
    check_gradients(lambda x, y: apply(product, x, y), arrays((3,), (3,)))


def test_the_op_in_a_layer_a_function_and_a_listener() -> None:
    row = register(cube_row())

    class Cube(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return apply(row, tensor("cube", "x", x))

    model = keras.Sequential([keras.Input((2,)), Cube(name="cube"), keras.layers.Dense(1)])
    assert model.layers[0].output.shape == (None, 2)
    model.compile("sgd", "mse")

    class Names(Listener):
        names: list[Any] = []  # noqa: RUF012

        def record(self, record: Any) -> None:
            self.names.append((record.op.name, record.layer))

    with listening(Names()) as names:
        model.fit(np.ones((4, 2), np.float32), np.ones((4, 1), np.float32), verbose=0)
    assert ("cube", f"{model.name}/cube") in names.names
    assert float(tf.function(lambda x: apply(row, x))(tf.constant(2.0))) == 8.0


def test_a_built_in_op_can_be_applied() -> None:
    assert float(apply(OPS["exp"], tf.constant(0.0))) == 1.0


# -- register --------------------------------------------------------------------------------------


def test_a_name_is_registered_once_unless_it_is_to_be_replaced() -> None:
    first = register(cube_row())
    with pytest.raises(ValueError, match=r"'cube' is registered already; write register\(op, re"):
        register(cube_row())
    second = register(cube_row(forward=lambda x: (x + 1, None)), replace=True)
    assert registered() == {"cube": second}
    assert float(apply(second, tf.constant(2.0))) == 3.0
    assert float(apply(first, tf.constant(2.0))) == 8.0  # what an earlier cell holds still works


@pytest.mark.parametrize("replace", [True, False])
def test_a_built_in_op_cannot_be_replaced(replace: bool) -> None:
    with pytest.raises(ValueError, match="'relu' is the name of a built-in op, which cannot be re"):
        register(cube_row("relu"), replace=replace)


def test_to_register_what_was_registered_checks_once() -> None:
    row = register(cube_row())
    again = register(row, replace=True)
    assert float(apply(again, tf.constant(2.0))) == 8.0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "`name` must be a text that is not empty"),
        ({"name": 3}, "`name` must be a text that is not empty, received name=3"),
        ({"function": None}, "`function` must be the function that is called"),
        ({"forward": None}, "register: cube: `forward` must be a function of arrays"),
        ({"vjps": lambda g, record: g}, r"`vjps` must be a tuple, such as \(vjp,\)"),
        ({"vjps": [None]}, "`vjps` must be a tuple"),
        ({"vjps": (None,)}, r"vjps\[0\] must be a function of \(g, record\), or NoGradient\('why'"),
    ],
)
def test_a_row_that_is_none_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        register(cube_row(**change))
    assert registered() == {}


def test_what_is_no_op_is_refused() -> None:
    with pytest.raises(TypeError, match="`op` must be an Op"):
        register(lambda x: x)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`op` must be an Op"):
        apply(np.exp, tf.constant(1.0))  # type: ignore[arg-type]


# -- what a forward pass returns -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (
            np.ones(2),
            r"must return a pair \(out, saved\), received an ndarray: write `return ",
        ),
        (np.ones((2, 2)), "received an ndarray"),
        (np.float32(1), "received a float32"),
        (None, "received a NoneType"),
        ([np.ones(2), None], "received a list"),
        ((np.ones(2),), "received a tuple of 1"),
        ((np.ones(2), None, None), "received a tuple of 3"),
        ((None, None), "must return arrays, received a NoneType: an output is never None"),
        ((1.0, None), r"received a float: write np.asarray\(out, dtype\)"),
        (([np.ones(2)], None), r"received a list: several outputs are a tuple"),
        (((np.ones(2), 2), None), "received an int"),
        ((np.array(["a"]), None), "an array of dtype <U1, which no tensor can have"),
        ((np.array([object()]), None), "an array of dtype object"),
    ],
)
def test_a_forward_pass_that_returns_something_else(result: Any, says: str) -> None:
    row = register(cube_row(forward=lambda x: result))
    with pytest.raises(TypeError, match=f"cube: .*{says}"):
        apply(row, tf.constant(1.0))


def test_a_forward_pass_that_computes_with_ops() -> None:
    row = register(cube_row(forward=lambda x: (tf.exp(x), None)))
    with pytest.raises(TypeError, match="received a Tensor: a forward pass computes on arrays"):
        apply(row, tf.constant(1.0))


def test_an_array_of_two_elements_from_a_built_in_row_is_refused_too() -> None:
    op = Op("wrong", np.exp, np.exp)
    from scratchnet.engine.tensor import apply as bare

    with pytest.raises(TypeError, match="wrong: the forward pass must return a pair"):
        bare(op, tf.constant([1.0, 2.0]))


def test_numpy_scalars_are_outputs() -> None:
    row = register(cube_row(forward=lambda x: (np.sum(x), None)))
    y = apply(row, tf.constant([1.0, 2.0]))
    assert y.shape == ()
    assert y.dtype == tf.float32


# -- what apply gets -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", [1.0, np.ones(2), [1.0], None, tf.Variable(1.0), keras.Input((2,))]
)
def test_apply_takes_tensors(value: Any) -> None:
    row = register(cube_row())
    kind = type(value).__name__
    with pytest.raises(TypeError, match=f"cube: apply takes tensors, received an? {kind} as arg"):
        apply(row, value)


def test_apply_takes_what_register_returned() -> None:
    with pytest.raises(TypeError, match=r"'cube' is not registered: write `row = register\(op\)`"):
        apply(cube_row(), tf.constant(1.0))
    with pytest.raises(TypeError, match="is not registered"):
        apply(Op("composite", np.exp), tf.constant(1.0))
    row = register(cube_row())
    with pytest.raises(TypeError, match="no attribute can have the name 'known'"):
        apply(row, tf.constant(1.0), known=np.ones(1))


def test_a_variable_is_read_by_the_conversion() -> None:
    row = register(cube_row())
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = apply(row, tensor("cube", "x", v))
    assert float(tape.gradient(y, v)) == 12.0  # type: ignore[arg-type]


def test_an_argument_without_vjp_is_an_error_not_a_zero() -> None:
    gx = lambda g, record: g * record.inputs[1]  # noqa: E731
    row = register(cube_row(forward=lambda x, y: (x * y, None), vjps=(gx,)))
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(1.0))
        y = apply(row, x, x)
    with pytest.raises(extend.NoDerivativeError, match="cube: no VJP is declared for argument 1"):
        tape.gradient(y, x)


@pytest.mark.parametrize("gx", [lambda g, r: None, lambda g, r: r.inputs[0].numpy()])
def test_a_vjp_that_returns_no_tensor(gx: Any) -> None:
    row = register(cube_row(vjps=(gx,)))
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant([1.0]))
        y = apply(row, x)
    with pytest.raises(RuntimeError, match="cube: the VJP of argument 0 must return a tensor"):
        tape.gradient(y, x)


# -- arrays and shapes -----------------------------------------------------------------------------


def test_the_array_of_a_tensor_is_a_view_that_cannot_be_written() -> None:
    x = tf.constant([1.0, 2.0])
    a = array_of(x)
    with pytest.raises(ValueError, match="read-only"):
        a[0] = 5
    assert np.shares_memory(a, array_of(x))
    x._data.copy()[0] = 3  # the tensor's own stays writable for kernels
    assert x._data.flags.writeable
    assert array_of(tf.Variable(2.0)).shape == ()
    with pytest.raises(TypeError, match="`x` must be a tensor or variable"):
        array_of([1.0])  # type: ignore[arg-type]


def test_the_tape_knows_that_the_array_was_taken() -> None:
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(1.0))
        y = tf.constant(array_of(tf.exp(x)))
    assert tape.gradient(y, x) is None
    assert "`array_of`" in tape.explain_none(x)


def test_the_rank_of_an_argument() -> None:
    x = tf.ones((2, 3))
    assert of_rank("f", "x", x, 2) is x
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"f: `x` must be of rank 3 or 4, rec"):
        of_rank("f", "x", x, 3, 4)


def test_every_public_name_is_there() -> None:
    for name in extend.__all__:
        assert getattr(extend, name) is not None


# -- what an author may get wrong, and is told -----------------------------------------------------


def identity_row(**changes: Any) -> Op:
    parts: dict[str, Any] = {
        "name": "mine",
        "function": lambda x: x,
        "forward": lambda x: (x.copy(), None),
        "vjps": (lambda g, record: g,),
    }
    return register(Op(**parts | changes), replace=True)


def gradient_of(row: Op, *inputs: Any) -> Any:
    tensors = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        y = apply(row, *tensors)
    return tape.gradient(y, tensors)


def test_a_forward_pass_cannot_write_into_its_arguments() -> None:
    def forward(x: Any) -> Any:
        x += 1
        return x, None

    x = tf.constant([1.0, 2.0])
    with pytest.raises(ValueError, match="read-only") as caught:
        apply(identity_row(forward=forward), x)
    assert "In the forward pass of mine, of arrays of shapes (2,)." in caught.value.__notes__
    assert x.numpy().tolist() == [1, 2]


def test_an_error_of_numpys_in_a_forward_pass_names_the_op() -> None:
    row = identity_row(forward=lambda x, y: (x + y, None), vjps=(lambda g, r: g, lambda g, r: g))
    with pytest.raises(ValueError, match="broadcast") as caught:
        apply(row, tf.ones(2), tf.ones(3))
    assert caught.value.__notes__ == [
        "In the forward pass of mine, of arrays of shapes (2,), (3,)."
    ]


def test_a_tensor_cannot_be_saved() -> None:
    row = identity_row(forward=lambda x: (x.copy(), (1, tf.constant(x))))
    with pytest.raises(TypeError, match="mine: the forward pass must save arrays"):
        apply(row, tf.ones(2))


@pytest.mark.parametrize(
    ("vjp", "says"),
    [
        (lambda g, r: None, r"received NoneType: where there is no gradient, NoGradient\('why'\)"),
        (lambda g, r: np.ones(2), "received ndarray: compute it by ops, on `g`"),
        (lambda g, r: (g, g), "received tuple: there is one VJP for each argument"),
        (lambda g, r: g[None], r"received shape \(1, 2\) and dtype float32: if the op broadcasts"),
    ],
)
def test_what_a_vjp_must_return_is_said(vjp: Any, says: str) -> None:
    with pytest.raises(RuntimeError, match=f"mine: the VJP of argument 0 must .*{says}"):
        gradient_of(identity_row(vjps=(vjp,)), [1.0, 2.0])


def test_there_is_one_vjp_for_each_argument() -> None:
    row = identity_row(vjps=(lambda g, r: g, lambda g, r: g))
    with pytest.raises(TypeError, match="mine: the op has 2 VJPs and was applied to 1 arguments"):
        apply(row, tf.ones(2))
    with pytest.raises(NoDerivativeError, match=r"no VJP is declared for argument 0: there must"):
        gradient_of(identity_row(vjps=()), [1.0])


def test_of_rank_takes_tensors() -> None:
    with pytest.raises(TypeError, match="f: `x` must be a tensor"):
        extend.of_rank("f", "x", np.ones(3), 1)  # type: ignore[arg-type]
