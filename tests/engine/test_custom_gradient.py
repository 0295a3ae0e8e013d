"""custom_gradient: a gradient of one's own, for every kind of argument, result and order."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

import scratchnet as sn
from scratchnet.engine.op import ACTIVE
from scratchnet.engine.tensor import Tensor
from tests.support.paired import agree, both_raise, error_of, run, titled

CUSTOM = """
# one argument
@tf.custom_gradient
def f(x):
    return x * x, lambda g: g * 5.0
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x)
y, t.gradient(y, x)

# the argument itself is returned
@tf.custom_gradient
def f(x):
    return x, lambda g: g * 5.0
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x)
t.gradient(y, x), y is x

# two arguments
@tf.custom_gradient
def f(x, y):
    return x * y, lambda g: (g * 10.0, g * 20.0)
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = x * 2.0
    z = f(x, y)
z, t.gradient(z, [x, y])

# a gradient that is None
@tf.custom_gradient
def f(x, y):
    return x * y, lambda g: (g * 10.0, None)
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = x * 1.0
    z = f(x, y)
t.gradient(z, [x, y])

# a gradient that is None, as zero
@tf.custom_gradient
def f(x, y):
    return x * y, lambda g: (g, None)
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = x * 1.0
    z = f(x, y)
t.gradient(z, y), t.gradient(z, y, unconnected_gradients='zero')

# two results
@tf.custom_gradient
def f(x):
    return (x * 2.0, x * 3.0), lambda a, b: a * 10.0 + b * 100.0
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    p, q = f(x)
p, q, t.gradient([p, q], x), t.gradient(p, x), t.gradient(q, x)

# nested results
@tf.custom_gradient
def f(x):
    return [x * 2.0, (x, x)], lambda a, b, c: a + 10.0 * b + 100.0 * c
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x)
y, t.gradient(y, x)

# an integer among the results
@tf.custom_gradient
def f(x):
    return (x * 2.0, tf.cast(x, tf.int32)), lambda g, h: g * 3.0
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y, i = f(x)
y, i, t.gradient(y, x)

# an integer among the arguments
@tf.custom_gradient
def f(i, x):
    return x * 2.0, lambda g: (None, g * 3.0)
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(tf.constant(1), x)
t.gradient(y, x)

# an argument that is no tensor
@tf.custom_gradient
def f(x, how):
    return x * 2.0, lambda g: (g * 3.0, None)
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x, 'same')
t.gradient(y, x)

# arguments in a list
@tf.custom_gradient
def f(xs):
    return xs[0] * xs[1], lambda g: (g * 2.0, g * 3.0)
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    w = x * 1.0
    y = f([x, w])
t.gradient(y, [x, w])

# a keyword argument
@tf.custom_gradient
def f(x, k=2.0):
    return x * k, lambda g: g * k * 100.0
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x, k=3.0)
t.gradient(y, x)

# a positional argument that is not differentiated
@tf.custom_gradient
def f(x, k=2.0):
    return x * k, lambda g: (g * k * 100.0, g)
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x, 3.0)
t.gradient(y, x)

# clipping the gradient
@tf.custom_gradient
def f(x):
    return tf.identity(x), lambda g: tf.clip_by_value(g, -1.0, 1.0)
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x) * 10.0
t.gradient(y, x)

# NumPy inside
@tf.custom_gradient
def f(x):
    return x.numpy() * 2.0, lambda g: g * 5.0
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x)
y, t.gradient(y, x)

# a lambda
f = tf.custom_gradient(lambda x: (x * x, lambda g: g * 9.0))
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x)
t.gradient(y, x)

# its name and docstring
@tf.custom_gradient
def f(x):
    'doc'
    return x * x, lambda g: g * 9.0
f.__name__, f.__doc__

# no arguments
@tf.custom_gradient
def f():
    return tf.constant(2.0), lambda g: []
f()

# without a tape
@tf.custom_gradient
def f(x):
    return x * x, lambda g: g * 5.0
f(2.0), f(tf.Variable(3.0))

# a method
class M:
    @tf.custom_gradient
    def f(self, x):
        return x * 2.0, lambda g: g * 7.0
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = M().f(x)
y, t.gradient(y, x)

# a variable of the surroundings
v = tf.Variable(5.0)
@tf.custom_gradient
def f(x):
    def grad(g, variables=None):
        return g * 7.0, [g * 11.0 for _ in variables]
    return x * v, grad
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x)
t.gradient(y, [x, v])

# a variable of the surroundings, read twice
v = tf.Variable(5.0)
@tf.custom_gradient
def f(x):
    def grad(g, **kw):
        return g * 7.0, [g * 11.0 for _ in kw['variables']]
    return x * v * v, grad
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x)
t.gradient(y, [x, v])

# a variable as an argument
@tf.custom_gradient
def f(x, w):
    return x * w, lambda g: (g, g * 3.0)
w = tf.Variable(2.0)
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x, w)
t.gradient(y, [x, w])

# a variable as a keyword argument
@tf.custom_gradient
def f(x, w=None):
    return x * w, lambda g: g
w = tf.Variable(2.0)
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x, w=w)
t.gradient(y, [x, w])

# a variable alone
@tf.custom_gradient
def f(v):
    return v * 2.0, lambda g: g * 7.0
v = tf.Variable(2.0)
with tf.GradientTape() as t:
    y = f(v)
t.gradient(y, v)

# a frozen variable
v = tf.Variable(5.0, trainable=False)
@tf.custom_gradient
def f(x):
    return x * v, lambda g: g * 7.0
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x)
t.gradient(y, x)

# second order: what was made inside
@tf.custom_gradient
def f(x):
    e = x * x
    return e * 2.0, lambda g: g * e
x = tf.constant(3.0)
with tf.GradientTape() as o:
    o.watch(x)
    with tf.GradientTape() as t:
        t.watch(x)
        y = f(x)
    g = t.gradient(y, x)
g, o.gradient(g, x)

# second order: grad_fn is custom itself
@tf.custom_gradient
def f(x):
    @tf.custom_gradient
    def grad(g):
        return g * 3.0 * x, lambda h: h * 77.0
    return x * x, grad
x = tf.constant(3.0)
with tf.GradientTape() as o:
    o.watch(x)
    with tf.GradientTape() as t:
        t.watch(x)
        y = f(x)
    g = t.gradient(y, x)
g, o.gradient(g, x)

# second order: grad_fn calls a custom function
@tf.custom_gradient
def f(x):
    def first(g):
        @tf.custom_gradient
        def inner(x):
            return x * 5.0, lambda h: h * 9.0
        return g * inner(x)
    return x * x, first
x = tf.constant(3.0)
with tf.GradientTape() as o:
    o.watch(x)
    with tf.GradientTape() as t:
        t.watch(x)
        y = f(x)
    g = t.gradient(y, x)
g, o.gradient(g, x)

# one inside another
@tf.custom_gradient
def f(x):
    return x * x, lambda g: g * 5.0
h = f
@tf.custom_gradient
def f(x):
    return h(x), lambda g: g * 2.0
x = tf.constant(3.0)
with tf.GradientTape(True) as t:
    t.watch(x)
    y = f(x)
    z = h(x)
t.gradient(y, x), t.gradient(z, x)

# nobody watches its arguments
x = tf.constant(3.0)
@tf.custom_gradient
def f(c):
    return c * x * x, lambda g: g
with tf.GradientTape() as t:
    t.watch(x)
    y = f(tf.constant(2.0))
t.gradient(y, x)
"""


@pytest.mark.parametrize("program", titled(CUSTOM))
def test_custom_gradients(program: str) -> None:
    agree(program)


def using(*f: str) -> str:
    """A program: the gradient by ``x`` of a custom function ``f`` with these lines in its body."""
    body = "".join(f"    {line}\n" for line in f)
    return (
        f"v = tf.Variable(5.0)\n@tf.custom_gradient\ndef f(x):\n{body}x = tf.constant(3.0)\n"
        "with tf.GradientTape() as t:\n    t.watch(x)\n    y = f(x)\nt.gradient(y, x)"
    )


@pytest.mark.parametrize(
    ("f", "phrase"),
    [
        ("return x * v, lambda g: g", "grad_fn must accept keyword argument 'variables'"),
        ("return x, lambda g: (g, g)", "expected to return 1 gradients, but returned 2 instead."),
        ("return x, lambda g: []", "expected to return 1 gradients, but returned 0 instead."),
        ("return x * v, lambda g, variables: (g, [])", "Must return gradient for each variable"),
        ("raise KeyError('inside')", "inside"),
        ("return (x, x), lambda g: g", "positional argument"),
    ],
)
def test_custom_gradients_refused(f: str, phrase: str) -> None:
    both_raise(using(f), phrase)
    assert ACTIVE.tapes == []


@pytest.mark.parametrize("f", ["return x * x", "return x, 5", "return [x, lambda g: g]", "pass"])
def test_a_custom_gradient_must_return_a_pair(f: str) -> None:
    error = error_of(using(f), sn)
    assert isinstance(error, TypeError)
    assert "f must return (result, grad_fn)" in str(error)


def test_a_gradient_of_another_shape_is_refused() -> None:
    """TensorFlow hands it to the user as it is."""
    error = error_of(using("return x * x, lambda g: tf.ones(2)"), sn)
    assert isinstance(error, RuntimeError)
    assert "f: the VJP of argument 0 must return a tensor of shape ()" in str(error)


def test_a_number_or_an_array_becomes_a_tensor() -> None:
    for made in ("3.0", "np.float64(3.0)", "g.numpy() * 3.0"):
        gradient = run(using(f"return x * x, lambda g: {made}"), sn)
        assert isinstance(gradient, Tensor)
        assert gradient.dtype == sn.float32
        assert float(gradient) == 3.0


def test_grad_fn_is_asked_once_for_all_arguments_and_anew_each_time() -> None:
    asked: list[int] = []

    @sn.custom_gradient
    def f(x: Tensor, y: Tensor) -> Any:
        def grad(g: Tensor) -> Any:
            asked.append(len(ACTIVE.tapes))
            return g * y, g * x

        return x * y, grad

    x, y, one = sn.Variable(2.0), sn.Variable(3.0), sn.constant(1.0)
    with sn.GradientTape(persistent=True) as tape:
        z = f(x, y)
    assert [float(g) for g in tape.gradient(z, [x, y], one)] == [3.0, 2.0]
    assert asked == [0]
    with sn.GradientTape() as outer:  # the same cotangent again: this tape must see it computed
        gx = tape.gradient(z, x, one)
    assert float(outer.gradient(gx, y)) == 1.0
    assert asked == [0, 1]


def test_nothing_is_kept_when_the_tape_dies() -> None:
    kept: list[weakref.ref[Tensor]] = []

    @sn.custom_gradient
    def f(x: Tensor) -> Any:
        e = sn.exp(x)
        kept.append(weakref.ref(e))
        return e * 2.0, lambda g: g * e

    x = sn.constant(1.0)
    gc.collect()
    gc.disable()
    try:
        with sn.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        tape.gradient(y, x)
        kept.append(weakref.ref(y))
        del y
        assert [ref() for ref in kept] == [None, None]
    finally:
        gc.enable()
