"""Variables: making, naming, printing and assigning them, and what a tape sees of that."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import scratchnet as sn
from tests.support.paired import agree, both_raise, error_of

# -- making ----------------------------------------------------------------------------------------


MADE = [
    *("1.0", "[1, 2]", "[[1.0, 2.0], [3.0, 4.0]]", "[]", "[1, 2.5]", "True", "2**31", "np.ones(2)"),
    *("np.arange(6).reshape(2, 3).T", "tf.zeros([0])", "tf.constant([1, 2])", "lambda: 3.0"),
    *("lambda: tf.constant([1, 2])", "tf.Variable([1.0])", "tf.Variable(1.0, name='q')"),
    *("[tf.constant(1.0), 2.0]", "1, dtype=tf.float32", "np.ones(2), dtype=tf.float32"),
    *("np.array([1.5]), dtype=tf.int32", "1, dtype='float64'", "np.float64(1)", "1.0, name='w'"),
    *("1.0, name='a/b'", "1.0, name=''", "1.0, name='x:0'", "[[[1.0]]], trainable=False"),
]


@pytest.mark.parametrize("arguments", MADE)
def test_a_variable(arguments: str) -> None:
    agree(f"v = tf.Variable({arguments})\nv, v.name, v.shape, v.dtype, v.trainable, v.get_shape()")
    agree(f"v = tf.Variable({arguments})\nv.value(), v.read_value(), v.numpy(), f'{{v}}', '%s' % v")


@pytest.mark.parametrize("trainable", ["None", "True", "False"])
def test_trainable(trainable: str) -> None:
    agree(
        f"tf.Variable(1.0, {trainable}).trainable, tf.Variable(1, trainable={trainable}).trainable"
    )


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        ("", "`initial_value` arg to `tf.Variable` must be specified"),
        ("None", "`initial_value` arg to `tf.Variable` must be specified"),
        ("[[1], [2, 3]]", "Can't convert non-rectangular Python sequence to Tensor."),
        ("1.5, dtype=tf.int32", "Cannot convert 1.5 to EagerTensor of dtype int32"),
        (
            "tf.constant(1.0), dtype=tf.float64",
            "requested dtype float64 for Tensor with dtype float32",
        ),
    ],
)
def test_what_no_variable_can_be_made_of(arguments: str, phrase: str) -> None:
    both_raise(f"tf.Variable({arguments})", phrase)


def test_unknown_arguments_are_refused() -> None:
    """On purpose unlike TensorFlow, which swallows them."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'foo'"):
        sn.Variable(1.0, foo=3)  # type: ignore[call-arg]
    with pytest.raises(NotImplementedError, match="`validate_shape`"):
        sn.Variable(1.0, True, "name")  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError, match="`constraint` must be None"):
        sn.Variable(1.0, constraint=abs)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["trainable", "name", "shape", "dtype"])
def test_what_cannot_be_set(name: str) -> None:
    both_raise(f"setattr(tf.Variable([1]), {name!r}, 3)", f"property {name!r} of")


def test_names_that_do_not_exist() -> None:
    for name in ("T", "astype", "foo"):
        both_raise(f"tf.Variable([1]).{name}", f"object has no attribute {name!r}")
    both_raise("v = tf.Variable([1])\nv[0] = 3\nv", "object does not support item assignment")
    both_raise("'{:.3f}'.format(tf.Variable(1.0))", "unsupported format string passed to")


# -- assigning -------------------------------------------------------------------------------------


TWO = "v = tf.Variable([1.0, 2.0])\n"


FOUR = "v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])\n"


ASSIGNED = [
    *("v.assign([3.0, 4.0])", "v.assign([3, 4])", "v.assign(np.array([1.5, 2.5]))", "v.assign(v)"),
    *(
        "v.assign(tf.Variable([5.0, 6.0]))",
        "v.assign(tf.constant([5.0, 6.0]))",
        "v.assign(v * 2 + 1)",
    ),
    *("v.assign_add([3.0, 4.0])", "v.assign_sub([3, 4])", "v.assign_add(v)", "v.assign_sub(v)"),
    *(
        "v.assign_add([1.0, 1.0]).assign_add([1.0, 1.0])",
        "v.assign([1.0, 1.0]).assign_sub([3.0, 4.0])",
    ),
    "v.assign_add([np.inf, np.inf]).assign_sub([np.inf, 1.0])",
]


@pytest.mark.parametrize("text", ASSIGNED)
def test_assign(text: str) -> None:
    agree(f"{TWO}{text}\nv")
    agree(f"{TWO}{text}.numpy()")


def test_an_integer_variable_takes_an_array() -> None:
    agree("v = tf.Variable([1, 2])\nv.assign(np.array([1.5, 2.5]))\nv")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("v.assign(3.0)", "Shape mismatch"),
        ("v.assign([1.0, 2.0, 3.0])", "the assigned value shape (3,) are incompatible."),
        ("v.assign([[1.0, 2.0]])", "Shape mismatch"),
        (
            "v.assign(tf.constant([1.0, 2.0], tf.float64))",
            "requested dtype float32 for Tensor with dtype",
        ),
        ("v.assign(tf.constant([1, 2]))", "requested dtype float32 for Tensor with dtype int32"),
        ("v.assign(None)", "Attempt to convert a value (None)"),
        ("v.assign('a')", "Cannot convert 'a' to EagerTensor of dtype float"),
        ("v.assign([1.0, 1j])", "mixed types"),
        ("v.assign_add(1.0)", "shapes must be equal"),
        ("v.assign_add([1.0, 2.0, 3.0])", "shapes must be equal"),
        ("v.assign_sub([[1.0, 2.0]])", "shapes must be equal"),
        ("v.assign_add(tf.constant([1.0, 2.0], tf.float64))", "requested dtype float32 for Tensor"),
        (
            "tf.Variable([1, 2]).assign([1.5, 2])",
            "Cannot convert [1.5, 2] to EagerTensor of dtype int32",
        ),
        ("tf.Variable([1, 2]).assign_add([1.5, 2])", "Cannot convert [1.5, 2] to EagerTensor"),
    ],
)
def test_assign_refuses(text: str, phrase: str) -> None:
    both_raise(TWO + text, phrase)


def test_a_refused_assign_leaves_the_value() -> None:
    for text in ("v.assign([1.0])", "v.assign_add([[5.0, 5.0]])", "v[0].assign([7.0, 8.0])"):
        agree(f"{TWO}try:\n    {text}\nexcept Exception:\n    pass\nv")


SLICES = [
    *("v[0].assign([9.0, 8.0])", "v[0, 1].assign(9.0)", "v[:, 1].assign([9.0, 8.0])"),
    *("v[..., 1].assign([9.0, 8.0])", "v[::-1, ::-1].assign([[9.0, 8.0], [7.0, 6.0]])"),
    *("v[0].assign(5.0)", "v[0].assign([[5.0, 6.0]])", "v[0].assign([1, 2])", "v[-1].assign(v[0])"),
    *("v[tf.constant(1)].assign([1, 2])", "v[0, tf.newaxis].assign([[1.0, 2.0]])"),
    *("v[:, :0].assign(tf.zeros([2, 0]))", "v[tf.constant(0):1].assign([[5.0, 6.0]])"),
    *("v[[0, 1]].assign(9.0)", "v[np.int64(1)].assign([7.0, 7.0])"),
]


@pytest.mark.parametrize("text", SLICES)
def test_assigning_to_a_slice(text: str) -> None:
    agree(f"{FOUR}{text}\nv")
    agree(f"{FOUR}str({text})")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("v[0].assign([1.0, 2.0, 3.0])", "Cannot broadcast input shape"),
        ("v[[0, 1]].assign([[9.0, 8.0], [1.0, 2.0]])", "Cannot broadcast input shape"),
        ("v[5].assign([1.0, 2.0])", "slice index 5 of dimension 0 out of bounds"),
        ("v[0].assign(tf.constant([1.0, 2.0], tf.float64))", "requested dtype float32 for Tensor"),
        ("v[0].assign_add([1.0, 1.0])", "has no attribute 'assign_add'"),
        ("v[0][0].assign(1.0)", "has no attribute 'assign'"),
    ],
)
def test_assigning_to_a_slice_refuses(text: str, phrase: str) -> None:
    both_raise(FOUR + text, phrase)


def test_assign_returns_another_name_of_the_variable() -> None:
    agree("v = tf.Variable([1.0, 2.0])\nstr(v.assign([2.0, 3.0])) + str(v)")
    agree("v = tf.Variable([1.0, 2.0])\nv.assign([2.0, 3.0], read_value=False)")
    v = sn.Variable([1.0, 2.0])
    other = v.assign_add([1.0, 1.0])
    with sn.GradientTape() as tape:
        y = other * other
    assert other.ref() == v.ref()
    v.assign([7.0, 8.0])
    assert list(tape.gradient(y, other.assign(v))) == [4.0, 6.0]
    assert list(other.numpy()) == [7.0, 8.0]


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "**"])
def test_in_place_operators_are_refused(sign: str) -> None:
    both_raise(f"v = tf.Variable(1.0)\nv {sign}= 1\nv", "with `tf.Variable`s is not supported")
    message = str(error_of(f"v = tf.Variable(1.0)\nv {sign}= 1\nv", sn))
    assert f"variable {sign} value" in message
    assert "assign" in message


@pytest.mark.parametrize("sign", ["//", "%"])
def test_the_other_in_place_operators_make_a_tensor(sign: str) -> None:
    agree(f"v = tf.Variable(7.0)\nv {sign}= 2\nv")


def test_x_equals_x_plus_one() -> None:
    agree("x = tf.Variable(1.0)\nx = x + 1\nx")


# -- what a tape sees ------------------------------------------------------------------------------


def gradient_of(body: str, variables: str = "v = tf.Variable(2.0)") -> str:
    """A program: the gradient of ``y``, computed by `body`, with respect to ``v``."""
    lines = "".join(f"    {line}\n" for line in body.split("; "))
    return f"{variables}\nwith tf.GradientTape() as tape:\n{lines}tape.gradient(y, v)"


@pytest.mark.parametrize(
    "body",
    [
        *("y = v * v", "y = v", "y = v + 0.0", "y = v.read_value() ** 2", "y = v.value() * v"),
        "y = v * v; v.assign(10.0)",  # the value that was used counts
        "v.assign(10.0); y = v * v",
        "a = v * 3.0; v.assign(a); y = v * v",  # the link to the old value is broken
        "y = v * v; v.assign(10.0); y = y + v * v",  # both reads add up
        "v.assign_add(1.0); y = v * v; v.assign_sub(5.0)",
        "x = v; x = x + 1; y = x * x",
        "x = v.read_value(); v.assign(5.0); y = x * v",
    ],
)
def test_value_semantics(body: str) -> None:
    agree(gradient_of(body))


def test_assigning_after_the_tape() -> None:
    agree(
        "v = tf.Variable(3.0)\nwith tf.GradientTape() as tape:\n    y = v * v\n"
        "v.assign(100.0)\ntape.gradient(y, v), v"
    )


@pytest.mark.parametrize(
    "body",
    [
        *("y = v[0] * v[1]", "y = v[::2] * 2.0", "v[0].assign(5.0); y = v * v"),
        *("y = v[1]; v[1].assign(9.0); y = y * v[1]", "a, b, c = v; y = a * b * c"),
    ],
)
def test_slices_on_a_tape(body: str) -> None:
    agree(gradient_of(body, "v = tf.Variable([2.0, 3.0, 4.0])"))


def test_what_is_not_differentiated() -> None:
    for variable in ("2.0, trainable=False", "2"):
        agree(gradient_of("y = v * v", f"v = tf.Variable({variable})"))


def test_two_variables_of_one_name() -> None:
    agree(
        "v, w = tf.Variable(2.0), tf.Variable(3.0)\n"
        "with tf.GradientTape() as tape:\n    y = v * v * w\n"
        "tape.gradient(y, [v, w]), v.name == w.name"
    )


def test_a_variable_shares_nothing() -> None:
    source = np.ones(3, np.float32)
    tensor = sn.constant(source)
    first, second = sn.Variable(tensor), sn.Variable(tensor)
    first.assign_add([1.0, 1.0, 1.0])
    first[0].assign(9.0)
    source[:] = 7
    assert tensor.numpy().tolist() == [1, 1, 1]
    assert second.numpy().tolist() == [1, 1, 1]
    assert first.numpy().tolist() == [9, 2, 2]


def test_no_cycle_holds_a_variable() -> None:
    gc.disable()
    try:
        v = sn.Variable([1.0, 2.0])
        with sn.GradientTape() as tape:
            y = v[0] * v
        tape.gradient(y, v)
        v[0].assign(3.0)
        kept = weakref.ref(v)
        del v, y, tape
        assert kept() is None
    finally:
        gc.enable()


def test_a_variable_without_a_value_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"`initial_value` arg to `tf\.Variable` must be"):
        sn.Variable(None)


# -- arguments -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("caching_device", "variable_def", "import_scope"),
        *("constraint", "synchronization", "aggregation"),
    ],
)
def test_arguments_of_which_only_the_default_is_here(name: str) -> None:
    assert sn.Variable(1.0, **{name: None}).shape == []
    with pytest.raises(NotImplementedError) as caught:
        sn.Variable(1.0, **{name: 7})
    assert str(caught.value) == f"Variable: `{name}` must be None here, received {name}=7"


@pytest.mark.parametrize("name", ["validate_shape", "experimental_enable_variable_lifting"])
def test_arguments_that_must_be_true(name: str) -> None:
    assert sn.Variable(1.0, **{name: True}).shape == []  # type: ignore[arg-type]
    for value in (False, None, 1):
        with pytest.raises(NotImplementedError, match=f"must be True, received .*{name}={value}"):
            sn.Variable(1.0, **{name: value})  # type: ignore[arg-type]


def test_trainable_is_true_or_false() -> None:
    with pytest.raises(ValueError, match="Variable: `trainable` must be True or False"):
        sn.Variable(1.0, trainable=np.ones(2))  # type: ignore[arg-type]


SHAPED = [
    *("[1.0, 2.0], shape=[None]", "[[1.0]], shape=[None, 1]", "1.0, shape=None", "1.0, shape=[]"),
    *("[1.0, 2.0], shape=tf.TensorShape(None)", "[1.0, 2.0], shape=2", "[1.0], shape=[1]"),
]


@pytest.mark.parametrize("arguments", SHAPED)
def test_a_shape_that_is_declared(arguments: str) -> None:
    agree(f"v = tf.Variable({arguments})\nv, v.shape, v.get_shape(), v.assign(v), v.numpy()")


def test_values_of_a_shape_that_is_declared() -> None:
    made = "v = tf.Variable([[1.0, 2.0]], shape=[None, 2])\n"
    agree(f"{made}v.assign([[1.0, 2.0], [3.0, 4.0]])\nv, v.shape, v.numpy(), v + 1.0")
    both_raise(f"{made}v.assign([[1.0]])", "Shape mismatch")
    both_raise(f"{made}v.assign([1.0, 2.0])", "Shape mismatch")
    both_raise(
        "tf.Variable([1.0, 2.0], shape=[3])",
        "initial value's shape ((2,)) is not compatible with the explicitly supplied `shape` arg",
    )


def test_whether_the_variable_is_returned() -> None:
    for method in ("assign", "assign_add", "assign_sub"):
        agree(
            f"v = tf.Variable([1.0, 2.0])\n"
            f"v.{method}([3.0, 5.0], read_value=False), v.{method}([1.0, 1.0], None, None), v"
        )
        v = sn.Variable([1.0, 2.0])
        assert getattr(v, method)([1.0, 1.0]).ref() == v.ref()


def test_another_name_of_another_name() -> None:
    v = sn.Variable([1.0, 2.0], name="w")
    other = v.assign([3.0, 4.0]).assign_add([1.0, 1.0])
    assert (v.name, other.name) == ("w:0", "UnreadVariable")
    with sn.GradientTape() as tape:
        y = other * v.read_value() * other.value()
    assert tape.gradient(y, v).numpy().tolist() == [48, 75]
    assert tape.watched_variables()[0].ref() == v.ref() == other.ref()
    assert other.device == v.device == sn.constant(1.0).device
    assert repr(other).startswith("<tf.Variable 'UnreadVariable' shape=(2,) dtype=float32")


def test_integers_of_64_bits_are_divided_to_the_last_digit() -> None:
    big = 2**62 + 1
    v = sn.Variable([big, -big, 7, -7])
    v.scatter_div(sn.IndexedSlices(sn.constant([3, 3, -2, 2], "int64"), [0, 1, 2, 3]))
    assert v.numpy().tolist() == [big // 3, -(big // 3), -3, -3]


@pytest.mark.parametrize("how", ["update", "add", "sub", "max", "min"])
@pytest.mark.parametrize(
    ("indices", "updates", "text"),
    [
        ([[5]], [1.0], "`indices` = [5] does not index into shape [2]"),
        ([[0.5]], [1.0], "`indices` must be of an integer dtype, received dtype float32"),
        ([[0]], [1.0, 2.0], "`updates` must have shape (1,), received shape (2,)"),
        ("a", [1.0], "`indices`: convert_to_tensor: tensors of strings are not supported"),
        ([[0]], "a", "`updates`: Cannot convert 'a' to EagerTensor of dtype float"),
    ],
)
def test_updates_at_indices_name_themselves(
    how: str, indices: Any, updates: Any, text: str
) -> None:
    for library in (tf, sn):
        v = library.Variable([1.0, 2.0])
        with pytest.raises((TypeError, ValueError, library.errors.OpError)) as caught:
            getattr(v, f"scatter_nd_{how}")(indices, updates)
        assert v.numpy().tolist() == [1.0, 2.0]
    assert str(caught.value).startswith(f"scatter_nd_{how}: {text}"), str(caught.value)


@pytest.mark.parametrize("name", [3, 1.5, True, b"v"], ids=str)
def test_a_name_is_a_string(name: Any) -> None:
    with pytest.raises(ValueError, match="name for name_scope must be a string"):
        tf.Variable(1.0, name=name)
    text = f"^Variable: `name` must be a string, received {name=}"
    with pytest.raises(ValueError, match=text):
        sn.Variable(1.0, name=name)
