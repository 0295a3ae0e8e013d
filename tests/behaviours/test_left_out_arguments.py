"""Arguments left out: every function with a default is called without it, where that tells."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.paired import programs, run

GIVEN = """
x = tf.constant([[3.0, -1.0, 2.0], [0.5, 4.0, -2.5]])
n = tf.constant([[3, 1, 2], [0, 4, 2]])
b = tf.constant([[True, False, True], [True, True, False]])
m = tf.constant([[2.0, 9.0, 0.5], [1.0, 3.0, 7.0], [0.5, -1.0, 4.0]])
c = tf.complex(x, 2.0 * x - 1.0)
image = tf.reshape(tf.range(2.0 * 6 * 5 * 2) % 7.0, [2, 6, 5, 2])
kernel = tf.reshape(tf.range(3.0 * 2 * 2 * 3) % 5.0, [3, 2, 2, 3])
"""
CALLS = programs("""
    tf.where([[True, False], [False, True]]) | tf.constant([[1, 2]]) | tf.convert_to_tensor([1, 2])
    tf.zeros([2, 1]) | tf.ones([2, 1]) | tf.zeros_like(n), tf.ones_like(n) | tf.eye(3), tf.eye(2, 3)
    tf.squeeze([[[1.0], [2.0]]]) | tf.transpose(x), tf.transpose(c) | tf.shape(x), tf.size(x)
    tf.reduce_sum(x), tf.reduce_sum(x, 1) | tf.reduce_mean(x), tf.reduce_mean(x, 1)
    tf.reduce_prod(x), tf.reduce_prod(x, 1) | tf.reduce_max(x), tf.reduce_max(x, 1)
    tf.reduce_min(x), tf.reduce_min(x, 1) | tf.reduce_any(b), tf.reduce_any(b, 1)
    tf.reduce_all(b), tf.reduce_all(b, 1) | tf.argmax(x), tf.argmin(x), tf.argmax(x, 1)
    tf.nn.bias_add(x, [1.0, 2.0, 3.0]) | tf.nn.silu(x) | tf.nn.gelu(x) | tf.nn.crelu(x)
    tf.gather(x, [1, 0]), tf.gather(x, [2, 0], axis=1) | tf.boolean_mask(x, [True, False])
    tf.stack([x, -x]) | tf.unstack(x) | tf.split(x, 2) | tf.nn.leaky_relu(x)
    tf.pad(x, [[1, 0], [0, 2]]) | tf.repeat(x, 2) | tf.matmul(m, m) | tf.linalg.matvec(m, x[0])
    tf.linalg.matrix_transpose(c) | tf.linalg.diag(x) | tf.linalg.diag_part(m)
    tf.linalg.inv(m) | tf.linalg.solve(m, m[:, :2]) | tf.linalg.svd(x)[0]
    tf.linalg.qr(m).q.shape.as_list() | tf.linalg.qr(tf.transpose(x)).q.shape.as_list()
    tf.linalg.triangular_solve(m, m[:, :2]) | tf.linalg.pinv(x)
    tf.linalg.lstsq(m + 4.0 * tf.eye(3), x[0][:, None])
    tf.linalg.matrix_rank(m), tf.linalg.matrix_rank(m * 1e-9)
    tf.reduce_logsumexp(x), tf.reduce_logsumexp(x, 1) | tf.norm(x), tf.norm(x, 1), tf.norm(x, 1, 1)
    tf.math.reduce_variance(x), tf.math.reduce_variance(x, 1)
    tf.math.reduce_std(x), tf.math.reduce_std(x, 1)
    tf.math.reduce_euclidean_norm(x), tf.math.reduce_euclidean_norm(x, 1)
    tf.linalg.normalize(x), tf.linalg.normalize(x, 1) | tf.linalg.l2_normalize(x * 3e-7)
    tf.math.count_nonzero(n), tf.math.count_nonzero(n, 1) | tf.clip_by_norm(x, 2.0)
    tf.clip_by_global_norm([x, x[0]], 2.0) | tf.nn.conv2d(image, kernel, 2, 'SAME')
    tf.nn.conv2d_transpose(tf.nn.conv2d(image, kernel, 2, 'SAME'), kernel, [2, 6, 5, 2], 2)
    tf.unique([2, 1, 2]) | tf.unique_with_counts([2, 1, 2]) | tf.math.bincount([2, 1, 2, 4])
    tf.math.confusion_matrix([2, 1, 2], [1, 1, 3]) | tf.searchsorted([1.0, 2.0, 2.0], [2.0, 0.0])
    tf.cumsum(x), tf.cumsum(x, 1) | tf.math.cumprod(x), tf.math.cumprod(x, 1)
    tf.nn.moments(x, [1]) | tf.nn.embedding_lookup(x, [1, 0]) | tf.range(4), tf.range(1, 4)
    tf.linspace([1.0, 2.0], [3.0, 6.0], 3) | tf.one_hot([2, 0], 3) | tf.sequence_mask([2, 0, 3])
    tf.meshgrid([1, 2, 3], [4, 5]) | tf.nn.max_pool2d(image, 2, 2, 'SAME')
    tf.nn.avg_pool2d(image, 3, 2, 'SAME') | tf.nn.softmax(x) | tf.nn.log_softmax(x)
    tf.nn.softmax_cross_entropy_with_logits([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]], x)
    tf.nn.sigmoid_cross_entropy_with_logits(tf.ones([2, 3]), x) | tf.sort(x) | tf.argsort(x)
    tf.math.top_k(x) | tf.math.top_k(x[0]) | tf.random.stateless_uniform([3], [1, 2])
    tf.random.stateless_normal([3], [1, 2]) | tf.random.stateless_truncated_normal([3], [1, 2])
    tf.random.stateless_uniform([3], [1, 2], maxval=9, dtype=tf.int32)
    tf.random.stateless_categorical(x, 4, [1, 2]) | tf.nn.relu6(x), tf.nn.elu(x), tf.nn.selu(x)
    tf.tensordot(m, m, 1) | tf.einsum('ij,kj', x, m) | tf.linalg.band_part(m, 1, 0)
    tf.roll(x, 1, 1) | tf.tile(x, [1, 2]) | tf.reverse(x, [0]) | tf.expand_dims(x, -1)
    tf.linalg.trace(m) | tf.math.segment_sum(m, [0, 0, 1])
    tf.nn.zero_fraction(n) | tf.math.l2_normalize(x) | tf.nn.l2_loss(x) | tf.rank(x)
""")


@pytest.mark.parametrize("call", CALLS)
def test_a_call_with_only_what_must_be_there(call: str) -> None:
    theirs, ours = (
        [np.asarray(part) for part in tf.nest.flatten(run(GIVEN + call, tf))]
        for tf in (tensorflow, scratchnet)
    )
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6 if "solve" in call else 0)
