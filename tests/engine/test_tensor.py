"""Tensors: how they print, what Python and NumPy do with them, what they share."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import scratchnet as sn
from scratchnet.engine.tensor import convert
from tests.support.paired import agree, both_raise, describe, error_of, programs

# -- printed forms ---------------------------------------------------------------------------------


PRINTED = """
3.0 | [1, 2] | [[1, 2], [3, 4]] | [[[1.0]]] | [[1.0]] | True | [True, False] | [] | 1e-8
[1e-8, 1e8] | [[[1, 2], [3, 4]], [[5, 6], [7, 8]]] | 1 + 2j | float("nan")
[float("nan"), float("inf")] | np.zeros((0, 3)) | np.zeros((2, 0)) | np.arange(2000)
np.zeros((100, 100)) | np.uint8(1) | np.float16(1.5) | np.array([1], np.int64)
np.array([1.5], np.float64) | 2.0 ** 0.5 | [-0.0]
"""


@pytest.mark.parametrize("value", programs(PRINTED))
def test_printed_forms(value: str) -> None:
    agree(f"t = tf.constant({value})\nstr(t), repr(t), f'{{t}}', f'{{t!r}}', '%s' % t, format(t)")


def test_the_printed_forms_are_these() -> None:
    t = sn.constant([[1, 2], [3, 4]])
    assert str(t) == "tf.Tensor(\n[[1 2]\n [3 4]], shape=(2, 2), dtype=int32)"
    assert repr(t).startswith("<tf.Tensor: shape=(2, 2), dtype=int32, numpy=\narray([[1, 2],")
    assert repr(sn.constant(3.0)) == "<tf.Tensor: shape=(), dtype=float32, numpy=3.0>"
    assert f"{sn.constant([[4.0]])}" == "[[4.]]"


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (".3f", "3.14159"),
        ("", "3.14159"),
        ("d", "3"),
        ("5", "3"),
        (".3f", "3"),
        ("", "True"),
        ("e", "1e9"),
    ],
)
def test_format(spec: str, value: str) -> None:
    agree(f"format(tf.constant({value}), {spec!r})")


def test_format_refused() -> None:
    both_raise(
        "'{:.3f}'.format(tf.constant([3.14]))", "unsupported format string passed to numpy.ndarray"
    )
    both_raise("'{:d}'.format(tf.constant(3.0))", "Unknown format code 'd'")


# -- the protocols of Python -----------------------------------------------------------------------


PROTOCOLS = """
bool(tf.constant(True)) | bool(tf.constant(0)) | bool(tf.constant(0.5)) | bool(tf.constant([1]))
bool(tf.constant([])) | 1 if tf.constant(3) > 2 else 0 | not tf.constant(1)
bool(tf.Variable([1.0])), bool(tf.Variable(0))
float(tf.constant(1)), int(tf.constant(1.9)), complex(tf.constant(1.0)), int(tf.constant(-1.9))
float(tf.Variable(2.0)) | int(tf.Variable(2.7)) | complex(tf.Variable(2.0))
"%d %f" % (tf.constant(1), tf.constant(1.0))
len(tf.constant([1, 2])), len(tf.zeros([0, 3])), len(tf.zeros([3, 0])) | list(tf.constant([1, 2]))
list(tf.constant([[1], [2]])) | list(tf.zeros([0, 2])) | list(tf.Variable([1, 2]))
tuple(reversed([*tf.constant([1, 2])])), dict(a=tf.constant(1)), [*zip(tf.constant([1, 2]), [3, 4])]
[10, 20, 30][tf.constant(1)], [10, 20, 30][: tf.constant(2)], list(range(tf.constant(3)))
np.arange(3)[tf.constant(1)] | np.arange(3)[tf.constant([1, 2])]
np.arange(3)[tf.constant([True, False, True])] | __import__("math").sqrt(tf.constant(4.0))
__import__("math").floor(tf.constant(2.5)) | round(float(tf.constant(2.5)))
isinstance(tf.constant(1.0), tf.Tensor) | isinstance(tf.Variable(1.0), tf.Tensor)
tf.executing_eagerly()
tf.constant([1]).shape, tf.constant([1]).ndim, tf.constant([1]).dtype, tf.constant([1]).get_shape()
hasattr(tf.constant(1), "T"), hasattr(tf.constant(1), "shape"), getattr(tf.constant(1), "zzz", 5)
tf.constant(1).device
"""


@pytest.mark.parametrize("text", programs(PROTOCOLS))
def test_protocols(text: str) -> None:
    agree(text)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        (
            "bool(tf.constant([1, 2]))",
            "The truth value of an array with more than one element is ambiguous",
        ),
        (
            "bool(tf.Variable([1, 2]))",
            "The truth value of an array with more than one element is ambiguous",
        ),
        (
            "float(tf.constant([1.0]))",
            "only 0-dimensional arrays can be converted to Python scalars",
        ),
        ("int(tf.constant([1]))", "only 0-dimensional arrays can be converted to Python scalars"),
        (
            "complex(tf.constant([1.0]))",
            "only 0-dimensional arrays can be converted to Python scalars",
        ),
        (
            "float(tf.Variable([2.0]))",
            "only 0-dimensional arrays can be converted to Python scalars",
        ),
        ("int(tf.constant(float('nan')))", "cannot convert float NaN to integer"),
        ("len(tf.constant(1))", "Scalar tensor has no `len()`"),
        ("len(tf.Variable([1, 2]))", "has no len()"),
        ("list(tf.constant(1))", "Cannot iterate over a scalar tensor."),
        ("iter(tf.constant(1))", "Cannot iterate over a scalar tensor."),
        ("list(tf.Variable(1))", "Cannot iterate over a scalar tensor."),
        (
            "[1, 2][tf.constant([1])]",
            "only integer scalar arrays can be converted to a scalar index",
        ),
        (
            "[1, 2][tf.constant([0, 1])]",
            "only integer scalar arrays can be converted to a scalar index",
        ),
        ("hash(tf.constant(1.0))", "Tensor is unhashable. Instead, use tensor.ref() as the key."),
        ("{tf.constant(1.0)}", "Tensor is unhashable. Instead, use tensor.ref() as the key."),
        (
            "hash(tf.Variable(1.0))",
            "Variable is unhashable. Instead, use variable.ref() as the key.",
        ),
        ("t = tf.constant([1])\nt[0] = 3\nt", "object does not support item assignment"),
        ("t = tf.constant([1])\nt[0:1] = 3\nt", "object does not support item assignment"),
        ("t = tf.constant([1])\ndel t[0]\nt", "object doesn't support item deletion"),
        ("tf.constant(1).ref() == 3", "Cannot compare wrapped object with unwrapped object"),
    ],
)
def test_protocols_refuse(text: str, phrase: str) -> None:
    both_raise(text, phrase)


def test_a_float_is_no_index() -> None:
    with pytest.raises(TypeError, match="only integer scalar arrays"):
        [1, 2][sn.constant(1.0)]


def test_references() -> None:
    agree(
        "t = tf.constant(1.0)\nr = t.ref()\nr == t.ref(), hash(r) == hash(t.ref()), r.deref() is t"
    )
    agree("t = tf.constant(1.0)\nt.ref() == tf.constant(1.0).ref(), {t.ref(): 5}[t.ref()], t.ref()")
    agree("v = tf.Variable(1.0)\nv.ref().deref() is v, v.ref() in {v.ref()}, v.ref()")


@pytest.mark.parametrize(
    "name", ["T", "astype", "ravel", "transpose", "reshape", "clip", "size", "tolist", "data"]
)
def test_numpy_names_point_to_the_switch(name: str) -> None:
    both_raise(f"tf.constant([1]).{name}", "experimental_enable_numpy_behavior()")


@pytest.mark.parametrize(
    "name", ["sum", "item", "copy", "foo", "rank", "assign", "real", "name", "op"]
)
def test_other_names_do_not_exist(name: str) -> None:
    assert isinstance(error_of(f"tf.constant([1]).{name}", tensorflow), AttributeError)
    with pytest.raises(AttributeError, match=f"has no attribute '{name}'"):
        getattr(sn.constant([1]), name)


@pytest.mark.parametrize("name", ["shape", "dtype", "ndim"])
def test_a_tensor_cannot_be_changed(name: str) -> None:
    both_raise(f"setattr(tf.constant([1]), {name!r}, 3)", f"property {name!r} of")


def test_copies_and_pickles() -> None:
    for again in (copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))):
        for make in (sn.constant, sn.Variable):
            thing = make([[1.0, 2.0], [3.0, 4.0]])
            assert describe(again(thing)) == describe(thing)


# -- NumPy, both ways ------------------------------------------------------------------------------


NUMPY = """
np.multiply(tf.constant([1, 2]), tf.constant([3, 4])) | np.multiply(tf.constant(2.0), 3)
np.add(tf.Variable([1.0]), 1) | np.sum(tf.constant([[1.0, 2.0]]))
np.mean(tf.constant([[1.0, 2.0]])) | np.mean(tf.constant([1.0, 2.0]), axis=0)
np.max(tf.constant([1, 2])) | np.argmax(tf.constant([1, 2])) | np.sqrt(tf.constant(4.0))
np.concatenate([tf.constant([1]), tf.constant([2])])
np.stack([tf.constant(1.0), tf.constant(2.0)]) | np.array([tf.constant(1.0), tf.constant(2.0)])
np.array([tf.constant([1.0]), tf.constant([2.0])]) | np.array(tf.constant([1, 2]))
np.asarray(tf.constant(1.0)) | np.asarray(tf.constant([1, 2]), np.float64)
np.asarray(tf.constant([1, 2]), dtype="float16") | np.array(tf.constant([1, 2]), copy=True)
np.array(tf.constant([1, 2]), copy=False) | np.asarray(tf.constant([1.5]), int)
np.asarray(tf.Variable([1.0])) | np.dot(tf.constant([1.0, 2.0]), tf.constant([1.0, 2.0]))
np.ones(2).dot(tf.constant([1.0, 2.0])) | np.allclose(tf.constant([1.0]), [1.0])
np.testing.assert_allclose(tf.constant([1.0]), tf.Variable([1.0]))
np.where(tf.constant([True, False]), 1, 2) | np.float32(tf.constant(2.0)), np.int64(tf.constant(3))
np.shape(tf.constant([[1.0]])), np.ndim(tf.constant([1.0])), np.size(tf.constant([1.0, 2.0]))
type(tf.constant(1.0).numpy()), type(tf.constant([1.0]).numpy()), type(tf.constant(True).numpy())
tf.constant(np.array(tf.constant([1.0]))) | tf.constant(tf.constant([1.0]).numpy())
"""


@pytest.mark.parametrize("text", programs(NUMPY))
def test_numpy_takes_tensors(text: str) -> None:
    agree(text)


ALIASING = [
    "a = np.ones(2)\nt = tf.constant(a)\na[0] = 5\nt",
    "a = np.ones(2)\nt = tf.convert_to_tensor(a)\na[0] = 5\nt",
    "a = np.ones(2, np.float32)\nt = tf.constant([a])\na[0] = 5\nt",
    "a = np.ones(2)\nv = tf.Variable(a)\na[0] = 5\nv",
    "a = np.ones(2)\nv = tf.Variable([0.0, 0.0])\nv.assign(a)\na[0] = 5\nv",
    "t = tf.constant([1, 2])\na = t.numpy()\na[0] = 9\nt, a",
    "t = tf.constant([1, 2])\na = np.array(t)\na[0] = 9\nt, a",
    "v = tf.Variable([1.0, 2.0])\na = v.numpy()\na[0] = 7\nv, a",
    "t = tf.constant([1.0, 2.0])\nv = tf.Variable(t)\nv.assign_add([1.0, 1.0])\nt",
    "v = tf.Variable([1.0, 2.0])\nt = v.read_value()\nv.assign([5.0, 5.0])\nt",
    "v = tf.Variable([1.0, 2.0])\nt = v[0:1]\nv[0].assign(5.0)\nt",
    "v = tf.Variable([1.0, 2.0])\nw = tf.Variable(v)\nv.assign([5.0, 5.0])\nw",
    "t = tf.constant([1.0, 2.0])\nu = tf.reshape(t, [2, 1])\na = u.numpy()\na[0] = 9\nt, u",
    "a = np.ones(2)\na.flags.writeable = False\ntf.constant(a).numpy().flags.writeable",
    "tf.constant(np.asfortranarray(np.ones((2, 3)))).numpy().flags.c_contiguous",
    "tf.transpose(tf.ones([2, 3])).numpy().flags.c_contiguous",
]


@pytest.mark.parametrize("text", ALIASING)
def test_nothing_is_shared_with_numpy(text: str) -> None:
    agree(text)


def test_a_view_by_numpy_is_read_only() -> None:
    both_raise("a = np.asarray(tf.constant([1, 2]))\na[0] = 9\na", "read-only")


@given(
    hnp.arrays(
        st.sampled_from(["float32", "float64", "int32", "int64", "uint8", "bool", "complex64"]),
        hnp.array_shapes(min_dims=0, min_side=0, max_side=4),
    )
)
def test_arrays_round_trip(x: np.ndarray[Any, Any]) -> None:
    for view in (x, x.T, x[..., ::-1] if x.ndim else x):
        back = sn.constant(view).numpy()
        assert back.dtype == x.dtype
        assert np.asarray(back).tobytes() == np.ascontiguousarray(view).tobytes()
        assert not np.shares_memory(back, x)


def test_arrays_come_back_unchanged() -> None:
    x = np.arange(6.0).reshape(2, 3)
    before = x.copy()
    t = sn.constant(x)
    for result in (t + x, x * t, t - 1.0, -t, t[0], t == x, sn.reshape(t, [-1]), sn.reduce_sum(t)):
        result.numpy()
    assert (x == before).all()
    assert (t.numpy() == before).all()


def test_no_cycle_holds_a_tensor() -> None:
    gc.disable()
    try:
        t = sn.constant([1.0])
        kept = weakref.ref(t)
        u = t + 1.0
        str(t), t.numpy(), t.ref(), list(t), bool(t == u)
        del t
        assert kept() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("shape", [(200, 300), (3, 5), (0, 4), (70, 70, 7)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_a_large_tensor_begins_on_a_cache_line_and_is_a_copy(shape, dtype):
    flat = np.arange(np.prod(shape) + 1).astype(dtype)
    for array in (flat[1:].reshape(shape), flat[1:].reshape(shape, order="F")):
        tensor = sn.constant(array)
        assert tensor._data.ctypes.data % 64 == 0 or array.nbytes < 1 << 16
        assert tensor._data.flags.c_contiguous
        assert tensor._data.flags.writeable
        assert not np.shares_memory(tensor._data, flat)
        np.testing.assert_array_equal(tensor.numpy(), array)
    with np.errstate(all="ignore"):
        wide = sn.constant(np.full(shape, 300.7), "float32")
        np.testing.assert_array_equal(wide.numpy(), np.full(shape, 300.7, "float32"))


def test_tensors_in_nested_lists_are_stacked_and_differentiated() -> None:
    x, v = sn.constant(3.0), sn.Variable(4.0)
    with sn.GradientTape() as tape:
        tape.watch(x)
        y = sn.convert_to_tensor([[x * x, 2.0], [1, (v * x)]])
        z = x * [x, 5.0]
    assert y.numpy().tolist() == [[9, 2], [1, 12]]
    assert [g.numpy() for g in tape.gradient([y, z], [x, v])] == [6 + 4 + 6 + 5, 3]
    wide = convert([x, 1], "float64")
    assert (wide.dtype, wide.numpy().tolist()) == (sn.float64, [3, 1])
    assert convert([x, 1]).dtype == sn.float32
    assert convert([1, 2], hint=np.dtype("float64")).dtype == sn.float64


def test_what_is_a_tensor_already_is_handed_back() -> None:
    x, v = sn.constant(3.0), sn.Variable(4.0)
    assert convert(x) is convert(x, "float32") is convert(x, hint=np.dtype("float64")) is x
    assert type(convert(v)) is sn.Tensor
    with pytest.raises(ValueError, match="requested dtype int32 for Tensor with dtype float32"):
        convert(x, "int32")


@pytest.mark.parametrize("kind", [int, float, complex])
def test_a_number_of_one_value_without_axes_only(kind: type) -> None:
    for shape in ((1,), (2,), (1, 1)):
        with pytest.raises(TypeError) as caught:
            kind(sn.ones(shape))
        assert str(caught.value) == (
            f"{kind.__name__}: only 0-dimensional arrays can be converted to Python scalars, "
            f"received a tensor of shape {shape}"
        )
    x = sn.constant(3.0)
    with sn.GradientTape() as tape:
        tape.watch(x)
        y = sn.constant(kind(x))
    assert tape.gradient(y, x) is None
    assert f"its value went through `{kind.__name__}()`" in tape.explain_none(x)
