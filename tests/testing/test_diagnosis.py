"""Planted mistakes are named: every one of tests/support/numpy_vjps.py, with two seeds."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.testing import CAUSES, check_vjp
from tests.support.layer_vjps import PLANTED as LAYERS
from tests.support.layer_vjps import attention, attention_vjp, norm_vjp, normalized, weights
from tests.support.numpy_vjps import PLANTED, Conv2D, conv, normal

SEEDS = (0, 1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_named(name, seed):
    row = PLANTED[name]
    arrays = row.arrays(np.random.default_rng(seed))
    report = check_vjp(row.forward, row.vjp, *arrays, seed=seed)
    assert not report.ok
    assert (report.argument, report.cause) == (row.argument, row.cause), str(report)
    assert len(report.findings[0].sentence) > 40
    assert all(finding.cause in CAUSES for finding in report.findings)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", LAYERS)
def test_a_planted_mistake_of_a_layer_is_named(name, seed):
    """Of the cells several arguments are wrong; the first that is named has a cause."""
    row = LAYERS[name]
    report = check_vjp(row.forward, row.vjp, *row.arrays(np.random.default_rng(seed)), seed=seed)
    causes = {finding.argument: finding.cause for finding in report.findings}
    assert causes.get(row.argument) == row.cause, str(report)
    assert report.cause != "unknown"


LAYER_SENTENCES = {
    "batch_norm, as of inference": "divided by the root of another variance than that of the "
    "batch, `running`",
    "batch_norm, running variance": "divided by the root of `running`",
    "layer_norm, over the batch": "the elements along axis 1 depend on each other; on the way back "
    "those along axis 0 do",
    "layer_norm, mean over the batch, no variance": "one is missing, and the other one goes over "
    "axis 0",
    "group_norm, no variance": "4 groups of 18 elements each share a statistic, a mean, a variance "
    "or a sum, and a term through it is missing",
    "group_norm, neither": "two terms through it are missing",
    "cross_entropy, labels not smoothed": "the term with `labels` is missing, or has another",
    "embedding, no root": "2.23607 is the root of the size of axis 1 of `table`: multiply by it",
    "attention, no root": "1.73205 is the root of the size of axis 2 of `q`: divide by it",
    "attention, no sum": "goes by sum(g * y) over axis 2",
    "attention, weights not transposed": "should be by its transpose",
    "logsumexp, no softmax": "Multiply by softmax(`x`)",
    "lstm, h and c apart": "Only what flows back from result number 0",
    "lstm, no forget gate": "The factor that is missing is between 0 and 1, as a gate",
    "lstm, order of gates": "the 4 parts of 4 come in the order [0, 2, 1, 3]",
    "upsampling, sum over other axes": "each axis must stand beside its own copies",
}


@pytest.mark.parametrize("name", LAYER_SENTENCES)
def test_the_sentence_says_which_of_a_layer(name):
    row = LAYERS[name]
    report = check_vjp(row.forward, row.vjp, *row.arrays(np.random.default_rng(0)))
    said = {finding.argument: finding.sentence for finding in report.findings}
    assert LAYER_SENTENCES[name] in said[row.argument]


@pytest.mark.parametrize("terms", ["", "mean", "variance"])
@pytest.mark.parametrize(
    ("shape", "axes"),
    [((4, 3, 5), (1,)), ((3, 4, 2, 5), (1, 3)), ((4, 3, 5), (0, 2)), ((4, 5), (0, 1))],
    ids=str,
)
def test_statistics_over_any_axes(shape, axes, terms):
    (x,) = normal(shape)(np.random.default_rng(0))
    report = check_vjp(
        lambda x: normalized(x, axes)[0], lambda g, x: norm_vjp(g, x, axes, terms=terms), x
    )
    assert report.cause == "mean_term", str(report)


def test_a_branch_of_its_own_and_elements_that_get_nothing():
    (x,) = normal((20,))(np.random.default_rng(0))
    report = check_vjp(
        lambda x: np.where(abs(x) < 1, x * x / 2, abs(x) - 0.5), lambda g, x: g * x, x
    )
    assert report.cause == "mask"
    assert "but for where the result is above 0.5" in report.findings[0].sentence

    def first_of_each_pair(g, x):
        gx = np.zeros_like(x)
        gx[::2] = g
        return gx

    report = check_vjp(lambda x: (x[::2] + x[1::2]) / 2, first_of_each_pair, x)
    assert report.cause == "mask"
    assert "10 of 20 elements get nothing, and the others 2 times" in report.findings[0].sentence


def test_scores_that_are_not_transposed_are_no_sum_over_other_axes():
    def vjp(g, q, k, v):
        gq, _, gv = attention_vjp(g, q, k, v)
        p = weights(q, k)
        gp = g @ v.swapaxes(1, 2)
        gs = p * (gp - (gp * p).sum(axis=-1, keepdims=True)) / np.sqrt(3)
        return gq, gs @ q, gv

    arrays = normal((2, 5, 3), (2, 5, 3), (2, 5, 3))(np.random.default_rng(0))
    report = check_vjp(attention, vjp, *arrays)
    assert (report.argument, report.cause) == ("k", "transpose")


def test_what_is_unknown_comes_after_what_is_known_and_points_there():
    row = LAYERS["lstm, order of gates"]
    report = check_vjp(row.forward, row.vjp, *row.arrays(np.random.default_rng(0)))
    last = [(finding.argument, finding.cause) for finding in report.findings[-2:]]
    assert last == [("x", "unknown"), ("h", "unknown")]
    assert report.findings[-1].sentence.endswith("what is wrong with `w`: mend that first.")


def test_a_padding_of_another_argument_moved_in_both_directions():
    op = Conv2D(pad=1)

    def vjp(g, x, k):
        gx, _ = op.vjp(g, x, k)
        return gx, op.gk(g, np.roll(x, (1, 1), (1, 2)), k)

    x, k = normal((2, 6, 6, 2), (3, 3, 2, 3))(np.random.default_rng(0))
    report = check_vjp(op.forward, vjp, x, k)
    assert (report.argument, report.cause) == ("k", "shift")


def test_all_causes_of_a_single_vjp_are_planted():
    assert {row.cause for row in PLANTED.values()} == set(CAUSES) - {"second_order"}
    assert len(PLANTED) >= 40


SENTENCES = {
    "conv2d filter mean over the batch": "5 times too small, and 5 is the batch size",
    "avg_pool not divided": "4 times too large, and 4 is the window area",
    "conv2d filter turned round": "turned round along rows and columns (axes 0 and 1)",
    "conv2d image by correlation": "`k` is turned round in its rows and columns (axes 0 and 1)",
    "conv2d filter stride ignored": "the way back in steps of 1. The stride is ignored.",
    "conv2d image stride 3 ignored": "in steps of 3, the way back in steps of 1",
    "conv2d image dilation ignored": "lie 2 apart in the forward pass, and 1 apart",
    "conv2d image cropped at the end": "moved by 1 up along rows (axis 1) and 1 up along columns",
    "conv2d last row forgotten": "all of them at 3 of axis 1 of the result",
    "relu, mask of g": "zero where the cotangent g <",
    "relu6 without its ceiling": "where `x` is above 1",
    "dropout without its mask": "where `mask` <= 0",
    "dense and relu without the mask": "where the result <= 0",
    "batch_norm images, mean term": "one number for all elements along axes 0, 1 and 2",
    "bias not summed": "summed over axis 0",
    "batch_norm results exchanged": "returns for `beta` is the gradient of `gamma`",
    "product with a decay": "is added that does not go by g, 0.01 times `w`",
    "product with the wrong factor": "is multiplied by `v`, and should be by `w` instead",
    "cross_entropy labels off by one": "The integers in `labels` are off by 1",
    "softmax sum over everything": "is taken over axes 0 and 1, and should be over axis 1",
    "max_pool overwritten, stride 2": "overwrite each other instead of being added up",
    "conv2d filter of the last window, padded": "overwrite each other instead of being added up",
    "transposed convolution, stride of the image ignored": "in steps of 2, the way back in steps "
    "of 1. The stride is ignored. Element number i belongs to the window of the result",
    "avg_pool tiled": "order of np.tile, and should in that of np.repeat",
    "avg_pool divided by the side": "2 is the square root of the window area",
    "avg_pool not divided, at the border": "It is a mean of them: divide by their number",
    "reshape column by column": "in the order 'F' on the way back, and in the order 'C'",
    "dropout without its mask and scale": "multiply by `mask`, and then by 1.25",
    "bias of channels first, mean": "40 is the batch size times the pixels of",
    "avg_pool full window at the border": "At the border a window holds fewer of them",
}


@pytest.mark.parametrize("name", SENTENCES)
def test_the_sentence_says_which(name):
    row = PLANTED[name]
    report = check_vjp(row.forward, row.vjp, *row.arrays(np.random.default_rng(0)))
    assert SENTENCES[name] in report.findings[0].sentence


def test_a_mask_of_booleans_is_multiplied_by():
    mask = np.random.default_rng(0).random((5, 7)) < 0.6
    report = check_vjp(lambda x, m: x * m / 0.5, lambda g, x, m: (g, None), np.ones((5, 7)), mask)
    assert report.cause == "mask"
    assert "multiply by `m`, and then by 2" in report.findings[0].sentence


def test_a_sign_that_is_wrong_on_one_side():
    (x,) = normal((20,))(np.random.default_rng(0))
    report = check_vjp(np.abs, lambda g, x: g, x, names=["x"])
    assert report.cause == "sign"
    assert "The sign is wrong where `x` <= 0" in report.findings[0].sentence


def test_rows_and_columns_of_channels_first():
    """Batch, channels of the result and rows are equally many."""
    op = Conv2D(pad=1)

    def last(x):
        return x.transpose(0, 2, 3, 1)

    def forward(x, w):
        return op.forward(last(x), w.transpose(2, 3, 1, 0)).transpose(0, 3, 1, 2)

    def vjp(g, x, w):
        gx, gw = op.vjp(last(g), last(x), w.transpose(2, 3, 1, 0))
        gx = np.roll(gx.transpose(0, 3, 1, 2), 1, axis=2)
        gx[:, :, 0] = 0
        return gx, gw.transpose(3, 2, 0, 1)

    x, w = normal((4, 3, 4, 6), (4, 3, 3, 3))(np.random.default_rng(0))
    report = check_vjp(forward, vjp, x, w)
    assert (report.argument, report.cause) == ("x", "shift")
    assert "moved by 1 up along rows (axis 2)" in report.findings[0].sentence


def test_what_nothing_explains_is_unknown_and_says_where_it_is_wrong():
    def vjp(g, x):
        gx = g * np.cos(x)
        gx[:, 2] += np.sin(3 * g[:, 2]) * x[:, 1]
        return gx

    report = check_vjp(np.sin, vjp, np.random.default_rng(0).normal(size=(5, 4)), names=["x"])
    assert report.cause == "unknown"
    assert report.index[1] == 2
    assert "It is wrong only at 2 of axis 1" in report.findings[0].sentence
    assert "a constant factor" in report.findings[0].sentence


def test_every_wrong_argument_is_named_on_its_own():
    def vjp(g, x, w, b):
        return -g @ w.T, (x.T @ g) / 2, g

    x, w, b = normal((3, 4), (4, 5), (5,))(np.random.default_rng(0))
    report = check_vjp(lambda x, w, b: x @ w + b, vjp, x, w, b)
    found = {finding.argument: finding.cause for finding in report.findings}
    assert found == {"x": "sign", "w": "scale", "b": "broadcast"}


@pytest.mark.parametrize("slow_stride", [2, 3])
def test_the_stride_is_told_from_the_shift(slow_stride):
    class OffByOne(Conv2D):
        def window_back(self, x, a, b, oh, ow):
            return np.roll(super().window_back(np.roll(x, -1, axis=1), a, b, oh, ow), 0, axis=1)

    row = conv(OffByOne, "k", "shift", ((1, 9, 9, 1), (2, 2, 1, 2)), stride=slow_stride)
    report = check_vjp(row.forward, row.vjp, *row.arrays(np.random.default_rng(0)))
    assert (report.argument, report.cause) == ("k", "shift")


# -- classics --------------------------------------------------------------------------------------


def softmax_of(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def sparse_loss(z, labels):
    return -np.log(softmax_of(z))[np.arange(len(z)), labels]


def mean_sparse_loss(z, labels):
    return sparse_loss(z, labels).mean()


def penalized(w, x, t):
    return ((x @ w - t) ** 2).mean() + 0.1 * (w**2).sum()


def pooled(x, size, stride, before, fill=-np.inf):
    """The windows of max pooling of rows, and where they begin."""
    padded = np.pad(x, ((0, 0), (before, 0)), constant_values=fill)
    starts = range(0, padded.shape[1] - size + 1, stride)
    return padded, starts


def max_rows(x, size=2, stride=2, before=0):
    padded, starts = pooled(x, size, stride, before)
    return np.stack([padded[:, i : i + size].max(axis=1) for i in starts], axis=1)


def max_rows_vjp(g, x, size=2, stride=2, before=0, fill=-np.inf, step=2):
    padded, starts = pooled(x, size, stride, before, fill)
    gx = np.zeros(padded.shape)
    for k in range(len(starts)):
        at = k * step + padded[:, k * step : k * step + size].argmax(axis=1)
        gx[np.arange(len(x)), at] += g[:, k]
    return gx[:, before:]


def means_of_three(x):
    """Divided by 3 at the border, too."""
    return np.stack([x[max(i - 1, 0) : i + 2].sum() / 3 for i in range(len(x))])


def means_of_three_vjp(g, x):
    gx = np.zeros_like(x)
    for i in range(len(x)):
        part = slice(max(i - 1, 0), i + 2)
        gx[part] += g[i] / len(x[part])
    return gx


def full_windows():
    """The slices of windows of 3 by 3 in steps of 2, of images padded by 1."""
    return [
        (slice(None), slice(i, i + 3), slice(j, j + 3)) for i in (0, 2, 4, 6) for j in (0, 2, 4)
    ]


def full_means(x):
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    means = [padded[window].sum(axis=(1, 2)) / 9 for window in full_windows()]
    return np.stack(means, axis=1).reshape(len(x), 4, 3, -1)


def full_sums_vjp(g, x):
    gx = np.zeros((len(x), 9, 7, x.shape[3]))
    for k, window in enumerate(full_windows()):
        gx[window] += g.reshape(len(x), 12, 1, 1, -1)[:, k]
    return gx[:, 1:-1, 1:-1]


def norm(x, eps=1e-3):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)


def norm_vjp_of(g, x, deviation):
    z = (x - x.mean(axis=0)) / deviation
    return (g - g.mean(axis=0) - z * (g * z).mean(axis=0)) / deviation


LABELS = np.array([0, 2, 1])
CLASSICS = {
    "no -1 at the label": (
        mean_sparse_loss,
        lambda g, z, labels: (g * softmax_of(z) / len(z), None),
        [(3, 4), LABELS],
        ("missing", "the -1 at the label"),
    ),
    "no -1 at the label, a loss for each": (
        sparse_loss,
        lambda g, z, labels: (g[:, None] * softmax_of(z), None),
        [(3, 4), LABELS],
        ("missing", "the -1 at the label"),
    ),
    "+1 at the label": (
        mean_sparse_loss,
        lambda g, z, labels: (g * (softmax_of(z) + np.eye(4)[labels]) / len(z), None),
        [(3, 4), LABELS],
        ("sign", "has the wrong sign"),
    ),
    "no L2 term": (
        penalized,
        lambda g, w, x, t: (g * 2 * x.T @ (x @ w - t) / t.size, None, None),
        [(5, 3), (6, 5), (6, 3)],
        ("missing", "times 0.2: a term with `w` is missing"),
    ),
    "stride of max pooling": (
        max_rows,
        lambda g, x: max_rows_vjp(g, x, step=1),
        [(3, 10)],
        ("stride", "in steps of 2, the way back in steps of 1"),
    ),
    "padding of 0 in max pooling": (
        lambda x: max_rows(x, before=1),
        lambda g, x: max_rows_vjp(g, x, before=1, fill=0.0),
        [(8, 9)],
        ("mask", "Pad with -inf"),
    ),
    "border of average pooling": (
        means_of_three,
        means_of_three_vjp,
        [(6,)],
        ("scale", "divide by the area of the full window everywhere, as the forward pass does"),
    ),
    "the area of windows that overlap and are padded": (
        full_means,
        full_sums_vjp,
        [(3, 7, 5, 2)],
        ("scale", "9 is the window area"),
    ),
    "the sum of the cotangent": (
        lambda x: (x**2).sum(axis=1),
        lambda g, x: 2 * x * g.sum(),
        [(4, 3)],
        ("broadcast", "g.sum()"),
    ),
    "no epsilon": (
        norm,
        lambda g, x: norm_vjp_of(g, x, x.std(axis=0)),
        [(6, 3)],
        ("scale", "with ε = 0.001: on the way back epsilon is left out"),
    ),
    "no root": (
        norm,
        lambda g, x: norm_vjp_of(g, x, x.var(axis=0) + 1e-3),
        [(6, 3)],
        ("scale", "(variance + ε) stands where its root should be"),
    ),
    "gamma by x, of images": (
        lambda gamma, x: gamma * norm(x.reshape(-1, 3)).reshape(x.shape),
        lambda g, gamma, x: ((g * x).sum(axis=(0, 1, 2)), None),
        [(3,), (2, 4, 5, 3)],
        ("mean_term", "along axes 0, 1 and 2 the factor"),
    ),
    "twice, and 2 is no root of a size": (
        lambda x: x @ x.T,
        lambda g, x: 2 * (g + g.T) @ x,
        [(4, 3)],
        ("scale", "and 2 is what the derivative of a square brings with it: divide"),
    ),
}


@pytest.mark.parametrize("name", CLASSICS)
def test_a_classic_is_named_in_its_words(name):
    forward, vjp, shapes, (cause, words) = CLASSICS[name]
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        arrays = [rng.normal(size=x) if isinstance(x, tuple) else x for x in shapes]
        report = check_vjp(forward, vjp, *arrays, seed=seed)
        assert (report.cause, report.argument) == (cause, report.rows[0].argument), str(report)
        assert words in report.findings[0].sentence


def test_one_element_of_many_that_is_a_little_wrong():
    x = np.random.default_rng(0).normal(size=3000)

    def wrong(g, x):
        gx = 2 * g * x
        gx[2711] *= 1.01
        return gx

    for seed in (0, 5):
        assert not check_vjp(lambda x: x**2, wrong, x, seed=seed).ok


def valid(x, k):
    kh, kw, *_ = k.shape
    h, w = x.shape[1] - kh + 1, x.shape[2] - kw + 1
    return sum(x[:, a : a + h, b : b + w] @ k[a, b] for a, b in np.ndindex(kh, kw))


def by_columns(cut):
    """The VJP by im2col, whose columns (N, oh, ow, kh kw C) `cut` takes apart."""

    def vjp(g, x, k):
        (n, h, w, _), (kh, kw, *_) = g.shape, k.shape
        columns = cut(g, k, (n, h, w))
        gx = np.zeros_like(x)
        for a, b in np.ndindex(kh, kw):
            gx[:, a : a + h, b : b + w] += columns[:, :, :, a, b]
        taps = [
            np.einsum("nijc,nijo->co", x[:, a : a + h, b : b + w], g) for a, b in np.ndindex(kh, kw)
        ]
        return gx, np.array(taps).reshape(k.shape)

    return vjp


def columns_of(g, k):
    return g @ k.reshape(-1, k.shape[-1]).T


CUTS = {
    "right": lambda g, k, at: columns_of(g, k).reshape(*at, *k.shape[:3]),
    "kw, kh, C": lambda g, k, at: (
        columns_of(g, k).reshape(*at, k.shape[1], k.shape[0], k.shape[2]).swapaxes(3, 4)
    ),
    "C, kh, kw": lambda g, k, at: np.moveaxis(
        columns_of(g, k).reshape(*at, k.shape[2], *k.shape[:2]), 3, 5
    ),
    "not transposed": lambda g, k, at: (g @ k.reshape(k.shape[-1], -1)).reshape(*at, *k.shape[:3]),
}


@pytest.mark.parametrize("name", CUTS)
def test_columns_that_are_cut_in_another_order(name):
    for shape in ((3, 2, 3, 4), (2, 3, 3, 2)):
        x, k = normal((1, 4, 5, 3), shape)(np.random.default_rng(0))
        report = check_vjp(valid, by_columns(CUTS[name]), x, k)
        assert (report.argument, report.cause) == (
            (None, None) if name == "right" else ("x", "transpose")
        )
        if name != "right":
            assert "come in another order in memory" in report.findings[0].sentence


def test_another_matrix_is_no_derivative_that_is_missing():
    x, w, other = normal((4, 5), (5, 3), (5, 3))(np.random.default_rng(0))
    for f, slope in ((lambda z: z, lambda y: 1), (np.tanh, lambda y: 1 - y**2)):
        report = check_vjp(
            lambda x, w, f=f: f(x @ w),
            lambda g, x, w, f=f, slope=slope: (
                (g * slope(f(x @ w))) @ other.T,
                x.T @ (g * slope(f(x @ w))),
            ),
            x,
            w,
        )
        assert (report.argument, report.cause) == ("x", "unknown"), str(report)


def pool(x):
    return np.lib.stride_tricks.sliding_window_view(x, (2, 2), (1, 2))[:, ::2, ::2].max((-2, -1))


def pool_vjp(g, x, pick):
    cells = np.lib.stride_tricks.sliding_window_view(x, (2, 2), (1, 2))[:, ::2, ::2]
    best = pick(cells.reshape(*cells.shape[:4], 4), axis=-1)
    gx = np.zeros_like(x)
    for cell, (a, b) in enumerate(np.ndindex(2, 2)):
        gx[:, a::2, b::2] = np.where(best == cell, g, 0)
    return gx


# The pair, the shapes; the cause, words that the sentence has, and words that it has not.
TRUE_SENTENCES = {
    "argmin": (
        pool,
        lambda g, x: pool_vjp(g, x, np.argmin),
        [(2, 6, 8, 3)],
        ("mask", "the mask (the argmax) is not that of the forward pass", "<= 0"),
    ),
    "max pool by the area": (
        pool,
        lambda g, x: pool_vjp(g, x, np.argmax) / 4,
        [(1, 8, 8, 1)],
        ("scale", "and 4 is the window area: multiply", "axis"),
    ),
    "filter by the batch": (
        lambda k, x: valid(x, k),
        lambda g, k, x: (by_columns(CUTS["right"])(g, x, k)[1] / 3, None),
        [(3, 3, 2, 4), (3, 5, 9, 2)],
        ("scale", "and 3 is the batch size (axis 0 of `x`): multiply", "root"),
    ),
    "nearly 1": (
        np.tanh,
        lambda g, x: g * (1 - np.tanh(x) ** 2) * (1 + 1e-6),
        [(4, 5)],
        ("scale", "1.000001 times too large", " 1 times"),
    ),
    "a millionth, here and there": (
        np.tanh,
        lambda g, x: g * (1 - np.tanh(x) ** 2) * (1 + 1e-6 * np.sin(9 * x)),
        [(4, 5)],
        ("unknown", "of its largest value only", "times too"),
    ),
    "one of many": (
        np.tanh,
        lambda g, x: g * (1 - np.tanh(x) ** 2) * np.where(np.arange(30) == 7, 1.5, 1.0),
        [(30,)],
        ("scale", "1 element is wrong of 30, by a factor: the element at [7] is 1.5", "Each"),
    ),
    "softmax without its factor": (
        softmax_of,
        lambda g, x: g - (g * softmax_of(x)).sum(axis=-1, keepdims=True),
        [(4, 7)],
        ("scale", "which is y = softmax(", "left out"),
    ),
    "dropout without its factor": (
        lambda x: np.where(np.arange(20).reshape(4, 5) % 3 > 0, x / 0.5, 0),
        lambda g, x: np.where(np.arange(20).reshape(4, 5) % 3 > 0, g, 0),
        [(4, 5)],
        ("scale", "2 is what the forward pass multiplies by", "root"),
    ),
}


@pytest.mark.parametrize("name", TRUE_SENTENCES)
def test_what_the_sentence_says_is_there(name):
    forward, vjp, shapes, (cause, words, not_said) = TRUE_SENTENCES[name]
    arrays = normal(*shapes)(np.random.default_rng(0))
    report = check_vjp(
        forward, vjp, *arrays, names=["x", "y"][: len(shapes)] if forward is np.tanh else None
    )
    assert report.cause == cause, str(report)
    sentence = report.findings[0].sentence
    assert words in sentence
    assert not_said not in sentence
