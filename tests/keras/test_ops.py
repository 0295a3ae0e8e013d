"""keras.ops: the functions that are here, as Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close, fresh

RNG = np.random.default_rng(2)
X, Y = (RNG.normal(size=(3, 4)).astype("f") for _ in range(2))
P = RNG.uniform(0.05, 0.9, (3, 4)).astype("f")

# Each line is some calls; x and y are tensors, p of (0, 1), i of integers, b of bools.
CALLS = """abs(x); negative(x); sign(x); square(x); floor(x); ceil(x); sqrt(p); rsqrt(p); exp(x)
expm1(x); log(p); log1p(p); sin(x); cos(x); tan(p); arcsin(p); arccos(p); arctan(x)
sinh(x); cosh(x); tanh(x); reciprocal(p); erf(x); absolute(i); sqrt(abs(i)); exp(i)
add(x, y); add(x, 1); add(i, 1); add(i, 1.5); add(x, i); add(b, i); multiply(2, x)
multiply(x, b); subtract(1.0, x); subtract(x, y); divide(x, p); divide(i, 4)
true_divide(3, p); power(p, x); mod(i, 3); floor_divide(i, 3); mod(x, 0.7)
maximum(x, 0); minimum(x, y); equal(i, 1); not_equal(x, y); less(x, i); less_equal(x, y)
greater(i, 0); greater_equal(x, y); logical_and(b, i); logical_or(b, x > 0)
logical_not(b); isnan(x); isinf(x); isfinite(x); clip(x, -0.5, 0.5)
matmul(x, transpose(y)); tensordot(x, y, 2); dot(x, transpose(y)); dot(x, 2.0)
dot(x, y[0]); dot(x, reshape(y, (1, 4, 3))); einsum('ij,kj->ik', x, y); transpose(x)
transpose(reshape(x, (3, 2, 2)), (2, 0, 1)); reshape(x, (2, -1)); expand_dims(x, 1)
ravel(x); copy(x); squeeze(x[:, :1]); squeeze(x[:, :1], 1); concatenate([x, y])
concatenate([x, y], 1); stack([x, y], 1); tile(x, (2, 1)); flip(x); flip(x, 1)
where(b, x, y); where(x > 0, x, 0.0); repeat(x, 2); repeat(x, 2, axis=1); roll(x, 2)
roll(x, 1, axis=1); take(x, [1, -1], axis=1); take(x, [5, -1])
pad(x, ((0, 1), (2, 0)), constant_values=3.0); pad(x, ((1, 1), (1, 1)), 'reflect')
sum(x); sum(x, 0); sum(b); sum(i, -1, True); prod(x, 1); mean(x); mean(i, 0); mean(b)
var(x, 1); std(x); var(i); amax(x, 0); amin(x, 1, True); max(x, initial=9.0); min(i)
max(x, 1); any(b, 0); all(i, 1); logsumexp(x); logsumexp(x, 1, True); argmax(x)
argmax(x, 1); argmin(x, 0, True); argmax(x, None, True); cumsum(x); cumsum(x, 1)
cumsum(b, 0); cumprod(x, 0); sort(x); sort(x, 0); argsort(x); one_hot(i + 2, 5)
one_hot(3 * p, 4); softmax(reshape(x, (3, 2, 2)), (0, 2))
zeros((2, 3)); ones((2,), 'int32'); zeros_like(i); ones_like(x); full((2,), 7)
full((2,), 1.5, 'int32'); full_like(i, 3); cast(x, 'int64'); eye(3); eye(2, 3)
identity(2); arange(5); arange(2, 8, 3); arange(0.0, 1.0, 0.25)
arange(3, dtype='float32'); linspace(0.0, 1.0, 5); array([1, 2])
convert_to_tensor([1.0, 2.0]); convert_to_tensor(x, 'float64'); stop_gradient(x)
relu(x); sigmoid(x); softmax(x); softmax(x, 0); log_softmax(x); silu(x); swish(x)
gelu(x); gelu(x, False); softplus(x); elu(x, 0.5); selu(x); leaky_relu(x); relu6(9 * x)
hard_sigmoid(3 * x); softsign(x); log_sigmoid(x); norm(x); norm(x, axis=1)
norm(x, 1, 0); swapaxes(reshape(x, (3, 2, 2)), 0, -1); round(x); round(x, 1)
moveaxis(reshape(x, (3, 2, 2)), 0, -1); in_top_k(i[:, 0] + 2, x, 2)"""


@pytest.mark.parametrize("line", CALLS.split("\n"))
def test_values_and_gradients(line: str) -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for call in line.split("; "):
            fresh(tf)
            x, y, p = tf.constant(X), tf.constant(Y), tf.constant(P)
            i, b = tf.constant((3 * Y).round().clip(-2, 2).astype("int32")), tf.constant(Y > 0)
            names = {**vars(tf.keras.ops), "x": x, "y": y, "p": p, "i": i, "b": b}
            with tf.GradientTape() as tape:
                tape.watch([x, p])
                made = eval(call, names)
            found.append(np.asarray(made))
            if made.dtype == tf.float32:
                g = np.cos(np.arange(np.size(made)), dtype="f").reshape(made.shape)
                grads = tape.gradient(made, [x, p], output_gradients=tf.constant(g))
                found += [None if g is None else np.asarray(tf.convert_to_tensor(g)) for g in grads]
        return found

    close(program, 48)


def test_plain_answers_and_lists() -> None:
    def program(tf: Any) -> list[Any]:
        k, x = tf.keras.ops, tf.constant(X)
        parts = [*k.split(x, 2, axis=1), *k.split(x, [1, 2]), *k.unstack(x), *k.top_k(x, 2)]
        return [
            *(list(k.shape(x)), k.ndim(x), int(k.size(x)), k.convert_to_numpy(x)),
            *(part.numpy() for part in parts),
        ]

    close(program, 2)
