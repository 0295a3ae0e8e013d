"""keras.ops: the functions that are here, as Keras's."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, fresh
from tests.support.signatures import taken_alike

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
moveaxis(reshape(x, (3, 2, 2)), 0, -1); in_top_k(i[:, 0] + 2, x, 2)
moveaxis(reshape(x, (3, 2, 2)), (0, 1), (-1, 0)); moveaxis(reshape(x, (3, 2, 2)), (2, 0), (0, 1))
arccosh(1 + p); arcsinh(x); arctanh(p); arctan2(x, p); arctan2(i, 2.0); log10(p); log2(p)
log2(i + 3); exp2(x); exp2(i); erfc(x); logaddexp(x, p); logaddexp(x, 1.0); trunc(3 * x); trunc(i)
nan_to_num(x / 0.0); nan_to_num(log(x), 1.0, 2.0, -3.0); nan_to_num(i); logical_xor(b, i)
divide_no_nan(x, i); divide_no_nan(x, relu(y)); divide_no_nan(i, 2); isclose(x, x + 1e-7)
isclose(x, y); isclose(i, cast(i, 'float64')); isclose(i, i)
isclose(log(x), log(x), equal_nan=True)
average(x); average(x, 1); average(x, 0, p); average(x, 1, p[0]); average(i, weights=p)
count_nonzero(i); count_nonzero(i, 0); broadcast_to(x, (2, 3, 4)); outer(x, p); outer(i, x[0])
append(x, p); append(x, p, 1); append(i, x, 0); hstack([x, p]); hstack([x[0], i[0]])
vstack([x, p]); vstack([i, x]); fliplr(x); flipud(x); diff(x); diff(x, 2, 0); diff(i, 0); diff(b)
diff(x[:, :1]); inner(x, p); inner(x, 2.0); inner(i, i); vdot(x, y); vdot(i, i)
diag(x[0]); diag(x[0], -1); diag(x); diag(x, 2); diagonal(reshape(x, (3, 2, 2)), 0, 1, 2)
diagonal(x, 3); diagonal(reshape(x, (3, 2, 2)), 1, 2, 1); trace(x); trace(x, -1); trace(b)
trace(reshape(x, (2, 3, 2)), 1, 0, 2); tri(3); tri(3, 4, 1); tri(4, 2, -2, 'int32')
tril(x); tril(x, 1); tril(x, -1); triu(x); triu(x, -1); triu(x, 2); triu(i, 1)
tril(reshape(x, (3, 2, 2)), -1); empty_like(i); bincount(i[0] + 2); bincount(i + 2)
bincount(i[0] + 2, [1.5, 2, 0, 1]); bincount(i + 2, cast(b, 'float32'), 9)
searchsorted(cumsum(p[0]), x[:, 0])
searchsorted(cumsum(p[0]), x[:, 0], 'right'); take_along_axis(x, [[0], [1], [-1]], 1)
take_along_axis(x, argsort(x, 0), 0); take_along_axis(x, [5, -2, 0]); multi_hot(i + 2, 6)
multi_hot(i[0] + 2, 5); scatter([[1], [0], [1]], x, (4, 4)); scatter_update(x, [[0], [2]], p[:2])
scatter_update(x, [[0, 1], [2, 2]], p[0, :2], 'add'); slice(x, (1, 1), (2, 3))
scatter_update(x, [[0]], p[:1], 'max'); scatter_update(x, [[0]], p[:1], 'min')
segment_sum(x, array([0, 0, 1])); segment_sum(x, array([2, 0, 2]), 4)
segment_sum(x, array([0, 0, 1]), sorted=True)
celu(x, 0.5); glu(x); hard_shrink(x, 0.2); hard_silu(x); hard_swish(x); hard_tanh(3 * x)
soft_shrink(x); sparse_plus(x); sparse_sigmoid(x); squareplus(x, 2.0); tanh_shrink(x)
threshold(x, 0.1, 2.0); normalize(x); normalize(x, 0, 1); normalize(x, 1, 3); normalize(0 * x)
rms_normalization(x); rms_normalization(x, p[0], -1, 0.5); layer_normalization(x)
layer_normalization(x, p[0], p[1]); layer_normalization(x, p[:, 0], None, 0, 0.25)
batch_normalization(x, p[0], p[1], -1, p[2]); batch_normalization(x, p[:, 0], p[:, 1], 0)
batch_normalization(x, p[0], p[1], -1, None, p[2], 0.5)
binary_crossentropy(cast(b, 'float32'), p); binary_crossentropy(p, x, True)
categorical_crossentropy(softmax(y), p)
categorical_crossentropy(softmax(y, 0), x, True, 0); sparse_categorical_crossentropy([1, 0, 3], p)
sparse_categorical_crossentropy([[1], [0], [3]], x, True); logdet(eye(3) + matmul(p, transpose(p)))
max_pool(reshape(x, (1, 3, 4)), 2); average_pool(reshape(x, (1, 3, 4)), 2, 1, 'same')
max_pool(reshape(x, (1, 3, 4, 1)), (2, 3), 1); average_pool(reshape(x, (1, 4, 3, 1)), 2)
average_pool(reshape(x, (1, 2, 6, 1)), (2, 1), data_format='channels_first')
conv(reshape(x, (1, 6, 2)), reshape(p, (3, 2, 2)), 2, 'same')
conv(reshape(x, (1, 3, 4, 1)), reshape(p, (3, 2, 1, 2)), dilation_rate=(1, 2))
depthwise_conv(reshape(x, (1, 6, 2)), reshape(p[:2], (2, 2, 2)), 2, 'same')
separable_conv(reshape(x, (1, 3, 2, 2)), reshape(p, (3, 1, 2, 2)), reshape(x, (1, 1, 4, 3)))
separable_conv(reshape(x, (1, 6, 2)), reshape(p[:2], (2, 2, 2)), reshape(p, (1, 4, 3)))
depthwise_conv(reshape(x, (1, 2, 6)), p[None, :2, :2], data_format='channels_first')
map(lambda row: row * row, x); vectorized_map(lambda row: sum(row), x)
det(x[:, :3]); inv(x[:, :3]); solve(x[:, :3], p); solve(x[:, :3], p[:, 0])
solve_triangular(x[:, :3], p); solve_triangular(x[:, :3], p[:, 0], True)
cholesky(matmul(p, transpose(p)) + eye(3)); cholesky(matmul(p, transpose(p)) + eye(3), True)
pinv(x); svd(x, compute_uv=False)
solve(stack([x[:, :3], y[:, :3]]), transpose(p[:, :2]))
solve_triangular(stack([x[:, :3], y[:, :3]]), transpose(p[:, :2]), True)
diff(x, 0); diff(x[:0], 1, 0); diff(x, 4); diff(x[:1], 1, 0); diff(b, 2, 0); diagonal(x, -2)
diagonal(x, 2); diag(x, -2); diag(i[0], 2); dot(2.0, x); dot(x[0], y[1])
dot(reshape(x, (3, 2, 2)), y[0, :2]); inner(2.0, x); inner(x[0], y); dot(x[0], transpose(y))
outer(2.0, x); vdot(2.0, 3.0); dot(i, 1.5); inner(i, x); full_like(i, 3.7, 'float64')
full_like(x, 2); full((), 3); ones_like(i, 'float64'); zeros_like(x, 'int64')
empty_like(x, 'int32'); ones((0, 2)); zeros((), 'bool'); eye(3, k=1); eye(3, 4, -1, 'int32')
eye(2, 3, 3); tri(3, k=-1); tri(2, 4, 5); identity(3, 'int32')
isclose([1.0, 2.0, -2.0], [2.0, 1.0, -1.0], 0.5, 0.0); isclose([0.0, 3.0], [0.25, 3.5], 0.0, 0.25)
isclose([5.0, 5.5, 6.0, 2.0, 1.5], 4.0, 0.25, 0.5); isclose(log(x), log(x))
isclose([1, 3], [1, 2], 9.0); isclose(log(x), x, equal_nan=True); isclose([-4.0], [4.0], 1.0, 1.0)
allclose(x, x + 1e-3); allclose(x, x * 1.05, 0.1); allclose(x, x + 0.3, 0.0, 0.5)
allclose(1 / (0 * p), 1 / (0 * p)); allclose(log(x), log(x))
allclose(log(x), log(x), equal_nan=True); allclose(i, i); allclose(i, i + 1)
layer_normalization(x, axis=(0, 1)); layer_normalization(x, p, y)
layer_normalization(x, None, p[0])
layer_normalization(reshape(x, (3, 2, 2)), reshape(p[:, :2], (3, 2)), None, (1, 0))
layer_normalization(reshape(x, (3, 2, 2)), p[0, :2], y[0, :2], 1, 0.5); layer_normalization(i)
layer_normalization(cast(x, 'float16')); layer_normalization(x, epsilon=0)
layer_normalization(x[:, :1]); rms_normalization(x, axis=0); rms_normalization(x, epsilon=0.5)
rms_normalization(x, axis=(0, 1)); normalize(x, order=1); normalize(x, 0, 3, 2.0)
normalize(x, epsilon=1.0); normalize(4 * x, -1, 2, 1.0); normalize(stop_gradient(sum(x)))
normalize(x, (0, 1)); normalize(0 * x, order=1); normalize(0 * x, 1, 3, 0.25)
nan_to_num(x / 0.0, posinf=5.0); nan_to_num(x / 0.0, neginf=-5.0)
nan_to_num(cast(x, 'float16') / 0.0); pad(x, ((1, 0), (0, 2)), 'symmetric')
pad(i, ((1, 0), (0, 2)), constant_values=7); prod(i); prod(b, 0); prod(i, 1, True)
cumsum(i, 0, 'float64'); cumprod(i); cumprod(b, 1); cumprod(x, 1, 'float64')
cumsum(x, -1, 'float64'); sum(b, 1, True); sum(i); roll(x, (1, -1), (0, 1)); roll(i, -3)
round(x, 2); round(10 * x, -1); round(i); repeat(x, [2, 0, 1], 0); repeat(x[0], [1, 2, 0, 1])
scatter([[0]], [2], (3,)); searchsorted(array([1, 3, 3, 5]), [3, 0, 6])
searchsorted(array([1, 3, 3, 5]), [3, 0, 6], 'right'); segment_sum(i, array([1, 0, 1]))
segment_sum(x, array([1, 1, 0])); segment_sum(x, array([0, 2, 2]), sorted=True)
segment_sum(i, array([0, 2, 0]), 3); top_k(x, 3)[0]; top_k(x, 2)[1]; take(x, [[0, -1], [1, 2]], 0)
take(i, -1); take(x, 2, axis=1); take(x, [-12, 11]); take(x, [2, -3], axis=0)
take_along_axis(i, [[-3, 0, 1, -1]], 0); take_along_axis(reshape(x, (3, 2, 2)), [[[1], [-2]]], -1)
take_along_axis(x, [[2, -4], [0, 1], [3, 3]], 1)
take_along_axis(reshape(x, (3, 2, 2)), [[[0, 1]]], 1); trace(cast(i, 'int8'))
trace(cast(i + 2, 'uint8')); trace(cast(i, 'int64')); trace(cast(i, 'float16'))
trace(cast(i + 2, 'uint32')); trace(x, 3); trace(x, -2); trace(cast(i, 'int16'))
trace(cast(i + 2, 'uint16')); tril(x, -2); tril(x, 4); triu(x, 4); triu(x, -3); tril(i, -1)
triu(x, 1); tril(x, 0); triu(x, 0); trunc(-2.5 * p); trunc(b); trunc(cast(4 * x, 'float16'))
where(b, x, 1); where(b, i, 1.5); where(i, x, y); linspace(2, -1, 4); linspace(x[0, 0], 3, 3)
linspace(0, 1, 1); log10(i + 3); log2(b); exp2(b); exp2(cast(x, 'float64'))
log10(cast(p, 'float64')); logaddexp(i, 2); logaddexp(x / 0.0, x / 0.0)
logaddexp(100 * x, -100 * x); lstsq(x, p, 0.5); lstsq(concatenate([x, x], 1), p)
lstsq(x, p[:, 0], 0.9); lstsq(transpose(x) * [[1], [0], [1], [1]], y[0]); max(x, initial=-9.0)
min(x, initial=-9.0); min(x, 0, True, 0.0); max(x, 1, initial=0.0); multi_hot(i + 2, 6, 0)
multi_hot(i + 2, 5, dtype='int32'); multi_hot(i[0] + 2, 5, 0); one_hot(i + 2, 5, 0, 'int64')
one_hot(i, 3); moments(x, 1)[1]; moments(x, 0, True)[0]; norm(x, 'fro', (0, 1))
norm(x, 2, 1, True); norm(i); norm(x, np.inf); norm(x, 1); norm(x, 1, (0, 1), True); norm(x[0], 1)
norm(x, 3, (1,)); norm(x, 'fro'); norm(x, np.inf, (1, 0)); norm(x, 3, 0)
moveaxis(reshape(x, (3, 2, 2)), -1, 0); moveaxis(reshape(x, (3, 1, 2, 2)), (0, 2), (2, 1))
moveaxis(reshape(x, (3, 2, 2)), [0], [1]); swapaxes(x, -1, -2); bincount(i[0] + 2, minlength=7)
bincount(i + 2, minlength=2); bincount(i + 2, i); bincount(b[0])
bincount(cast(i[0] + 2, 'int64'))
batch_normalization(reshape(x, (3, 2, 2)), p[0, :2], p[1, :2], 1, y[0, :2], y[1, :2])
batch_normalization(x, p[:, 0], p[:, 1], -2, None, y[:, 0], 0.5)
batch_normalization(x, p[0], p[1], 1); average(x, -1); average(x, 1, i[0] + 3)
average(x, -2, p[:, 1]); average(i, 0, i + 3); average(b)
average(reshape(x, (3, 2, 2)), 1, p[0, :2]); append(x[0], i); append(x, p[:, :1], -1)
flip(reshape(x, (3, 2, 2)), (0, 2)); flip(x, -1); argmax(x, -1, True); argmin(x); argmin(i, 1)
argmax(i, 0); argsort(x, 0); argsort(i[:, 0]); sort(i, 0); count_nonzero(x, (0, 1))
count_nonzero(b); any(i); all(x, 0, True); any(x, 0, True); hstack([i, x]); hstack([x[0], p[0]])
hstack([reshape(x, (3, 2, 2)), reshape(p, (3, 2, 2))]); vstack([x[:1], b])
in_top_k(i[:, 0] + 2, x, 1); in_top_k([0, 1, 2], x, 3); slice(i, (2, 0), (1, 4)); clip(i, -1, 1)
clip(x, p - 0.5, 0.5); binary_crossentropy(cast(b, 'float32'), cast(b, 'float32'))
binary_crossentropy(cast(b, 'float32'), sigmoid(9 * x))
categorical_crossentropy(softmax(y), softmax(9 * x))
categorical_crossentropy(softmax(y, 0), p, axis=0)
conv(reshape(x, (1, 6, 2)), reshape(p[:2], (2, 2, 2)), 1, 'same', None, 2)
conv(reshape(x, (1, 4, 3, 1)), reshape(p, (2, 2, 1, 3)), (2, 1), 'same')
conv(reshape(x, (1, 6, 2)), p[:, None, :], 2)
depthwise_conv(reshape(x, (1, 4, 3, 1)), reshape(p, (2, 2, 1, 3)), 2)
depthwise_conv(reshape(x, (1, 6, 2)), reshape(p[:2], (2, 2, 2)), dilation_rate=3)
separable_conv(reshape(x, (1, 2, 6)), k, reshape(y[0], (1, 2, 2)), 2, 'same', 'channels_first')
separable_conv(reshape(x, (1, 6, 2)), k, reshape(y[0], (1, 2, 2)), dilation_rate=2)
max_pool(reshape(x, (1, 6, 2)), 3, 2); max_pool(reshape(x, (1, 3, 4, 1)), 2, (1, 2), 'same')
average_pool(reshape(x, (1, 6, 2)), (4,), (1,))
max_pool(reshape(x, (1, 2, 6)), 2, data_format='channels_first')
average_pool(reshape(x, (1, 3, 4, 1)), (1, 3), (2, 1), 'same')
solve(stack([x[:, :3], y[:, :3]]), stack([p, p])); solve_triangular(x[:, :3], p, True)
solve_triangular(x[:, :3], p[:, 1]); map(lambda pair: pair[0] * pair[1], (x, p))
trunc(cast(i, 'int8')); convert_to_tensor(i, 'float32'); convert_to_tensor(1.5)
convert_to_tensor([1, 2], 'float64'); array(x); array(i, 'float32'); arange(5, 1, -2)
arange(1.5, 4); arange(3, 5, dtype='int64'); arange(0, 2, 0.5); cast(x, 'bool'); copy(i)
add(True, 2); add(i, b); subtract(i, 0.5); multiply(i, i); divide(b, 2); power(i, 2); power(2, x)
floor_divide(x, 0.3); mod(-1 * i, 3); mod(i, -2.5); maximum(i, 0.5); minimum(b, i)
equal(0.1, cast([0.1], 'float64')); less(b, 0.5); logical_not(i); logical_and(x, 1)
logical_xor(x, 0); divide_no_nan(x, 0); arctan2(i, x); square(i); sign(i); negative(i)
einsum('ij->j', x); einsum('ij,ij,ij', x, y, p); tile(i, 2); tile(x, (1, 3, 2)); tile(x, [3])
tile(x[0], (2, 2, 2)); tile(x, (3, 1)); tensordot(x, y, [[0], [0]]); tensordot(i, x, 2)
meshgrid(x[0], p[:, 0])[1]; nonzero(i)[1]; nonzero(x[0] > 0)[0]; unstack(x, 4, 1)[3]
unstack(x, axis=-1)[0]; split(x, [1, 3], 1)[1]; split(x, (1,))[1]; split(x, 3)[2]
split(x, [1], -1)[1]; stack([i, i], -1); squeeze(x[:1, :1]); squeeze(x[:1, :, None], (0, 2))
expand_dims(x, -2); ravel(i); svd(transpose(x), True, False); svd(transpose(x), False, False)
pinv(x, 0.5); logdet(eye(2))"""


@pytest.mark.parametrize("line", CALLS.split("\n"))
def test_values_and_gradients(line: str) -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for call in line.split("; "):
            fresh(tf)
            x, y, p = tf.constant(X), tf.constant(Y), tf.constant(P)
            i, b = tf.constant((3 * Y).round().clip(-2, 2).astype("int32")), tf.constant(Y > 0)
            names = {**vars(tf.keras.ops), "np": np, "x": x, "y": y, "p": p, "i": i, "b": b}
            names["k"] = tf.reshape(p[0], (2, 2, 1))  # a kernel of one channel for each of two
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


def test_answers_of_several_parts() -> None:
    def program(tf: Any) -> list[Any]:
        k, x, p = tf.keras.ops, tf.constant(X), tf.constant(P)
        square = k.matmul(p, k.transpose(p))
        w, v = k.eigh(square)
        q, r = k.qr(x[:, :2])
        u, s, vt = k.svd(square)
        parts = [*k.moments(x, 0), *k.moments(x, [0, 1], True), *k.meshgrid(x[0], p[:, 0])]
        parts += [*k.meshgrid(x[0], p[:, 0], indexing="ij"), *k.nonzero(x > 0), w, s]
        parts += [k.abs(v), k.matmul(q, r), k.matmul(u * s, vt)]  # vectors are known up to a sign
        rows, columns = k.lstsq(x, p), k.lstsq(k.transpose(x), p[0])
        parts += [rows, columns, k.slice_update(x, (1, 2), 0 * p[:2, :2]), k.empty((2, 3))]
        parts += [k.slice_update(x, (9, -3), p[:2, :2]), k.empty((2,), "int32")]
        return [part.numpy() for part in parts]

    close(program, 64)


def test_attention() -> None:
    draw = np.random.default_rng(3)
    q, k, v = (draw.normal(size=(2, n, 3, 4)).astype("f") for n in (5, 6, 6))
    bias = draw.normal(size=(2, 3, 5, 6)).astype("f")

    def program(tf: Any) -> list[Any]:
        f, found = tf.keras.ops.dot_product_attention, []
        tensors = [tf.constant(part) for part in (q, k, v, bias)]
        for options in (
            {},
            {"bias": tensors[3], "scale": 0.3},
            {"mask": bias > 0},
            {"is_causal": True},
            {"is_causal": True, "mask": bias > -1},
        ):
            with tf.GradientTape() as tape:
                tape.watch(tensors)
                y = f(*tensors[:3], **options)
            grads = tape.gradient(y, tensors[:3], output_gradients=tf.constant(np.cos(q)))
            found += [y.numpy(), *(grad.numpy() for grad in grads)]
        return found

    close(program, 64)


def test_loops_and_plain_answers() -> None:
    def program(tf: Any) -> list[Any]:
        k, x = tf.keras.ops, tf.Variable(X)

        @k.custom_gradient
        def doubled(y: Any) -> Any:
            return y, lambda g: 2 * g

        with tf.GradientTape() as tape:
            y = k.fori_loop(0, 3, lambda i, value: value * k.cast(i + 1, "float32"), x * 1)
            y = k.while_loop(
                lambda z: k.sum(z) > -1e3, lambda z: z * 3 - 1, y, maximum_iterations=4
            )
            y = k.cond(k.sum(x) > 1e9, lambda: x, lambda: doubled(y))
        turns, _ = k.while_loop(lambda i, _: i < 5, lambda i, z: (i + 2, z), (0, 1.0))
        found = [y.numpy(), tape.gradient(y, x).numpy(), turns.numpy()]
        return [*found, k.dtype(x), k.is_tensor(y), k.is_tensor(X), bool(k.allclose(x, x + 1e-9))]

    close(program, 48)


ONES = np.ones((2, 2))
FOURS = [np.ones((1, 1, 1, 1))] * 3
REFUSED: dict[str, Any] = {
    "diag: `x` must be 1d or 2d, received x=": lambda k: k.diag(k.ones((1, 1, 1))),
    "cholesky: `x` must be positive definite, received x=": lambda k: k.cholesky(-k.eye(2)),
    "normalize: `order` must be an int >= 1, received order=0": lambda k: k.normalize(ONES, 0, 0),
    "normalize: `order` must be an int >= 1, received order=1.5": lambda k: k.normalize(
        ONES, 0, 1.5
    ),
    "scatter_update: `reduction` must be in [None, 'add', 'max', 'min'], received": (
        lambda k: k.scatter_update(k.ones(2), [[0]], [1.0], "div")
    ),
    "max_pool: `inputs` must be sequences of rank 3 or images of rank 4, received inputs=": (
        lambda k: k.max_pool(k.ones((2, 2)), 2)
    ),
    "average_pool: `inputs` must be sequences": lambda k: k.average_pool(k.ones((1,) * 5), 2),
    "max_pool: `pool_size` must be": lambda k: k.max_pool(k.ones((1, 4, 1)), 0),
    "average_pool: `strides` must be": lambda k: k.average_pool(k.ones((1, 4, 4, 1)), 2, -1),
    "max_pool: `padding` must be": lambda k: k.max_pool(k.ones((1, 4, 1)), 2, padding="full"),
    "conv: `inputs` must be sequences": lambda k: k.conv(k.ones((2, 2)), ONES),
    "conv: `strides` must be": lambda k: k.conv(k.ones((1, 2, 2)), np.ones((1, 2, 1)), 0),
    "conv: `dilation_rate` must": (
        lambda k: k.conv(k.ones((1, 2, 2)), np.ones((1, 2, 1)), dilation_rate=0)
    ),
    "conv: `padding` must be": lambda k: k.conv(k.ones((1, 2, 2)), np.ones((1, 2, 1)), 1, "x"),
    "depthwise_conv: `inputs` must": lambda k: k.depthwise_conv(k.ones((2, 2)), ONES),
    "depthwise_conv: `strides` must": (
        lambda k: k.depthwise_conv(k.ones((1, 2, 2)), np.ones((1, 2, 1)), 0)
    ),
    "depthwise_conv: `dilation_rate` must": (
        lambda k: k.depthwise_conv(k.ones((1, 2, 2)), np.ones((1, 2, 1)), dilation_rate=0)
    ),
    "depthwise_conv: `padding` must": (
        lambda k: k.depthwise_conv(k.ones((1, 2, 2)), np.ones((1, 2, 1)), 1, "x")
    ),
    "dot_product_attention: `query` must be 4D, received query=<tf.Tensor: shape=(2, 2)": (
        lambda k: k.dot_product_attention(ONES, *FOURS[1:])
    ),
    "dot_product_attention: `key` must be 4D, received key=<tf.Tensor: shape=(2, 2)": (
        lambda k: k.dot_product_attention(FOURS[0], ONES, FOURS[0])
    ),
    "dot_product_attention: `value` must be 4D, received value=<tf.Tensor: shape=(2, 2)": (
        lambda k: k.dot_product_attention(*FOURS[1:], ONES)
    ),
    "searchsorted: `sorted_sequence` must have one axis: searchsorted only supports 1-D": (
        lambda k: k.searchsorted(k.ones((2, 2)), k.ones(2))
    ),
    "qr: `mode` must be 'reduced' or 'complete', received mode='r'": lambda k: k.qr(k.eye(2), "r"),
    "diff: `n` must be non-negative, received n=-1": lambda k: k.diff(k.ones(2), -1),
    "multi_hot: argument `num_classes` must be specified": lambda k: k.multi_hot([1, 2]),
}


@pytest.mark.parametrize("text", REFUSED)
def test_refusals(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}"):
        REFUSED[text](scratchnet.keras.ops)


def test_convolutions_of_channels_first() -> None:
    """TensorFlow has them on some machines only."""
    k, x, kernel = scratchnet.keras.ops, P.reshape(1, 2, 6), P.reshape(3, 2, 2)
    turned = k.conv(x.transpose(0, 2, 1), kernel, 2, "same", dilation_rate=1)
    found = k.conv(x, kernel, 2, "same", "channels_first")
    assert np.array_equal(found, k.transpose(turned, (0, 2, 1)))


def test_where_numpy_answers_and_keras_fails() -> None:
    k, x = scratchnet.keras.ops, scratchnet.constant(X)
    for offset in (-4, -3, 4, 5):
        assert k.diagonal(x, offset).shape == np.diagonal(X, offset).shape == (0,)
        assert k.trace(x, offset).numpy() == 0
    for width in (1, (1, 2), ((1, 2),)):
        assert np.array_equal(k.pad(x, width), np.pad(X, width))
    found = k.prod(scratchnet.constant(X > 0), 1, dtype="float64")  # Keras leaves the dtype out
    assert found.dtype == scratchnet.float64
    assert np.array_equal(found, np.prod(X > 0, 1))


def test_a_column_is_added_as_a_column() -> None:
    """Where Keras takes it for a bias of the last axis, and adds a row."""
    square, column = np.zeros((3, 3), "f"), np.array([[1], [2], [3]], "f")
    assert np.array_equal(scratchnet.keras.ops.add(square, column), square + column)
    bias = scratchnet.keras.initializers.Constant([1.0, 2.0, 3.0])
    how = {"data_format": "channels_first", "bias_initializer": bias}
    y = scratchnet.keras.layers.Conv1D(3, 1, **how)(np.zeros((1, 2, 3), "f"))
    assert np.array_equal(y, [column + square])


@pytest.mark.parametrize("name", ["numpy.Mean", "nn.Softmax", "math.Logsumexp", "linalg.Norm"])
def test_operations_are_found_where_files_have_them(name: str) -> None:
    module, kind = name.split(".")
    described = {"class_name": kind, "config": {"name": "a", "axis": 1}, "registered_name": None}
    data = {"module": f"keras.src.ops.{module}", **described}
    found = scratchnet.keras.utils.deserialize_keras_object(data)(scratchnet.constant(X))
    wanted = getattr(scratchnet.keras.ops, kind.lower())(X, axis=1)
    assert np.array_equal(found, wanted)


def test_what_they_take() -> None:
    lacking = {
        "bincount": "sparse",
        "convert_to_tensor": "sparse ragged",
        "dot_product_attention": "flash_attention attn_logits_soft_cap",
        "einsum": "kwargs",
        "layer_normalization": "kwargs",
        "moments": "synchronized",
        "multi_hot": "sparse kwargs",
        "one_hot": "sparse",
    }
    taken_alike("ops", lacking=lacking)
