"""Layers written out in NumPy, with their VJPs and wrong variants of these: a second collection.

Unlike those of `tests.support.numpy_vjps` they are layers with several arguments and options, as
of a course's assignments: NCHW, strides that differ, statistics over other axes, attention, cells.
``wrong`` is the mistake that a VJP makes; without it the VJP is right.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tests.support.numpy_vjps import Array, Draw, Planted, Sound, normal, softmax

# -- convolutions ----------------------------------------------------------------------------------


def conv1d(x, k, stride=2, pad=2, dilation=1):
    """x of shape (N, W, C), k of shape (kw, C, O)."""
    kw = len(k)
    ow = (x.shape[1] + 2 * pad - dilation * (kw - 1) - 1) // stride + 1
    x = np.pad(x, ((0, 0), (pad, pad), (0, 0)))
    taps = [x[:, a * dilation : a * dilation + stride * (ow - 1) + 1 : stride] for a in range(kw)]
    return sum(part @ k[a] for a, part in enumerate(taps))


def conv1d_vjp(g, x, k, stride=2, pad=2, dilation=1, wrong=""):
    ow, padded = g.shape[1], np.pad(x, ((0, 0), (pad, pad), (0, 0)))
    gx, gk = np.zeros_like(padded), np.zeros_like(k)
    for a in range(len(k)):
        s, d = stride, dilation
        gk[a] = np.einsum("nwc,nwo->co", padded[:, a * d : a * d + s * (ow - 1) + 1 : s], g)
        if wrong == "stride of the image":
            s = 1
        if wrong == "dilation of the filter":
            gk[a] = np.einsum("nwc,nwo->co", padded[:, a : a + s * (ow - 1) + 1 : s], g)
        gx[:, a * d : a * d + s * (ow - 1) + 1 : s] += g @ k[a].T
    return gx[:, pad : pad + x.shape[1]], gk


def conv2d_nchw(x, w, b, stride=2, pad=1):
    """x of shape (N, C, H, W), w of shape (O, C, kh, kw)."""
    kh, kw = w.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    oh, ow = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    y = np.zeros((len(x), len(w), oh, ow), np.result_type(x, w))
    for i in range(oh):
        for j in range(ow):
            window = x[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            y[:, :, i, j] = np.einsum("ncab,ocab->no", window, w)
    return y + b[:, None, None]


def conv2d_nchw_vjp(g, x, w, b, stride=2, pad=1, wrong=""):
    (kh, kw), (h, width) = w.shape[2:], x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    gx, gw = np.zeros_like(padded), np.zeros_like(w)
    back = w[:, :, ::-1, ::-1] if wrong == "filter turned" else w
    for i in range(g.shape[2]):
        for j in range(g.shape[3]):
            at = np.s_[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            gx[at] += np.einsum("no,ocab->ncab", g[:, :, i, j], back)
            gw += np.einsum("no,ncab->ocab", g[:, :, i, j], padded[at])
    start = 0 if wrong == "crop" else pad
    gb = g.sum(axis=(0, 1, 2)) if wrong == "bias" else g.sum(axis=(0, 2, 3))
    if wrong == "mean":
        gw = gw / (len(x) * g.shape[2] * g.shape[3])
    return gx[:, :, start : start + h, start : start + width], gw, gb


def transposed_conv2d(x, k, stride=2, crop=1):
    """x of shape (N, H, W, C), k of shape (kh, kw, O, C), as of TensorFlow's conv2d_transpose."""
    n, h, w, _ = x.shape
    kh, kw, o, _ = k.shape
    y = np.zeros((n, stride * (h - 1) + kh, stride * (w - 1) + kw, o), np.result_type(x, k))
    for a in range(kh):
        for b in range(kw):
            y[:, a : a + stride * h : stride, b : b + stride * w : stride][:, :h, :w] += (
                x @ k[a, b].T
            )
    return y[:, crop : y.shape[1] - crop, crop : y.shape[2] - crop]


def transposed_conv2d_vjp(g, x, k, stride=2, crop=1, wrong=""):
    h, w = x.shape[1:3]
    before = 0 if wrong == "crop" else crop
    g = np.pad(g, ((0, 0), (before, 2 * crop - before), (before, 2 * crop - before), (0, 0)))
    gx, gk = np.zeros_like(x), np.zeros_like(k)
    for a in range(k.shape[0]):
        for b in range(k.shape[1]):
            part = g[:, a : a + stride * h : stride, b : b + stride * w : stride][:, :h, :w]
            gx += part @ k[a, b]
            gk[a, b] = np.einsum("nhwo,nhwc->oc", part, x)
    return gx, gk.transpose(0, 1, 3, 2) if wrong == "channels" else gk


def depthwise(x, k):
    """x of shape (N, H, W, C), k of shape (kh, kw, C)."""
    oh, ow = x.shape[1] - k.shape[0] + 1, x.shape[2] - k.shape[1] + 1
    return sum(x[:, a : a + oh, b : b + ow] * k[a, b] for a, b in np.ndindex(k.shape[:2]))


def depthwise_vjp(g, x, k, wrong=""):
    gx, gk = np.zeros_like(x), np.zeros_like(k)
    oh, ow = g.shape[1:3]
    for a, b in np.ndindex(k.shape[:2]):
        part = g * x[:, a : a + oh, b : b + ow]
        gk[a, b] = part.sum() if wrong == "channels summed" else part.sum(axis=(0, 1, 2))
        gx[:, a : a + oh, b : b + ow] += g * k[a, b]
    return gx, gk


# -- pooling ---------------------------------------------------------------------------------------


def max_pool_nchw(x, window=(2, 3), stride=2):
    kh, kw = window
    oh, ow = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    y = np.zeros((*x.shape[:2], oh, ow), x.dtype)
    for i, j in np.ndindex(oh, ow):
        part = x[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
        y[:, :, i, j] = part.max(axis=(2, 3))
    return y


def max_pool_nchw_vjp(g, x, window=(2, 3), stride=2, wrong=""):
    (kh, kw), gx = window, np.zeros_like(x)
    for n, c, i, j in np.ndindex(g.shape):
        at = np.s_[n, c, i * stride : i * stride + kh, j * stride : j * stride + kw]
        place = int(x[at].argmax())
        a, b = divmod(place, kh) if wrong == "divmod" else divmod(place, kw)
        row, column = i * stride + a, j * stride + b
        if wrong == "overwritten":
            gx[at] = 0
            gx[n, c, row, column] = g[n, c, i, j]
        elif row < x.shape[2] and column < x.shape[3]:
            gx[n, c, row, column] += g[n, c, i, j]
    return gx


def avg_pool1d(x, window=3, stride=2, pad=1):
    """The mean of those that are there: x of shape (N, W, C)."""
    ow = (x.shape[1] + 2 * pad - window) // stride + 1
    spans = [(max(0, i * stride - pad), i * stride - pad + window) for i in range(ow)]
    return np.stack([x[:, a:b].mean(axis=1) for a, b in spans], axis=1)


def avg_pool1d_vjp(g, x, window=3, stride=2, pad=1, wrong=""):
    gx = np.zeros_like(x)
    for i in range(g.shape[1]):
        step = window if wrong == "steps of the window" else stride
        a, b = max(0, i * step - pad), i * step - pad + window
        count = window if wrong == "full window" else x[:, a:b].shape[1]
        if count:
            gx[:, a:b] += g[:, i : i + 1] / count
    return gx


# -- normalization ---------------------------------------------------------------------------------


def normalized(x, axes, eps=1e-3):
    std = np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    return (x - x.mean(axis=axes, keepdims=True)) / std, std


def norm_vjp(g, x, axes, eps=1e-3, over=None, terms="mean variance", std=None):
    """The gradient of (x - mean) / std, with means `over` axes and some of the `terms`."""
    xhat, own = normalized(x, axes, eps)
    over = axes if over is None else over
    gx = g.copy()
    if "mean" in terms:
        gx = gx - g.mean(axis=over, keepdims=True)
    if "variance" in terms:
        gx = gx - xhat * (g * xhat).mean(axis=over, keepdims=True)
    return gx / (own if std is None else std)


def batch_norm(x, gamma, beta, running):
    """x of shape (N, H, W, C); the running variance is for inference, and not used here."""
    return normalized(x, (0, 1, 2))[0] * gamma + beta


def batch_norm_vjp(g, x, gamma, beta, running, wrong=""):
    axes = (0, 1, 2)
    xhat, _ = normalized(x, axes)
    std = np.sqrt(running + 1e-3)
    how: dict[str, Any] = {
        "no mean": {"terms": "variance"},
        "inference": {"terms": "", "std": std},
        "running variance": {"std": std},
    }.get(wrong, {})
    if wrong == "all by the running variance":
        xhat = (x - x.mean(axis=axes)) / std
        g_ = g * gamma
        gx = (g_ - g_.mean(axis=axes) - xhat * (g_ * xhat).mean(axis=axes)) / std
    else:
        gx = norm_vjp(g * gamma, x, axes, **how)
    return gx, (g * xhat).sum(axis=axes), g.sum(axis=axes), None


def layer_norm(x, gamma, beta, axes=(-1,)):
    return normalized(x, axes)[0] * gamma + beta


def layer_norm_vjp(g, x, gamma, beta, axes=(-1,), wrong=""):
    how: dict[str, Any] = {
        "over the batch": {"over": (0,)},
        "mean over the batch, no variance": {"over": (0,), "terms": "mean"},
        "variance over the batch, no mean": {"over": (0,), "terms": "variance"},
        "neither": {"terms": ""},
    }.get(wrong, {})
    xhat, _ = normalized(x, axes)
    over = tuple(range(x.ndim - gamma.ndim))
    of_gamma = (x.ndim - 1,) if wrong == "gamma over the features" else over
    return norm_vjp(g * gamma, x, axes, **how), (g * xhat).sum(axis=of_gamma), g.sum(axis=over)


def group_norm(x, gamma, beta, groups=2):
    """x of shape (N, H, W, C), normalized over H, W and the channels of each group."""
    parts = x.reshape(*x.shape[:3], groups, -1)
    return normalized(parts, (1, 2, 4))[0].reshape(x.shape) * gamma + beta


def group_norm_vjp(g, x, gamma, beta, groups=2, terms="mean variance"):
    shape = (*x.shape[:3], groups, -1)
    xhat = normalized(x.reshape(shape), (1, 2, 4))[0].reshape(x.shape)
    gx = norm_vjp((g * gamma).reshape(shape), x.reshape(shape), (1, 2, 4), terms=terms)
    return gx.reshape(x.shape), (g * xhat).sum(axis=(0, 1, 2)), g.sum(axis=(0, 1, 2))


def l2_normalize(x):
    return x / np.sqrt((x * x).sum(axis=-1, keepdims=True) + 1e-6)


def l2_normalize_vjp(g, x, wrong=""):
    y, axis = l2_normalize(x), None if wrong == "sum over everything" else -1
    size = np.sqrt((x * x).sum(axis=-1, keepdims=True) + 1e-6)
    part = 0 if wrong == "no sum" else y * (g * y).sum(axis=axis, keepdims=True)
    return (g - part) / size


# -- losses and masks ------------------------------------------------------------------------------


def smoothed(labels, amount=0.1):
    return labels * (1 - amount) + amount / labels.shape[-1]


def log_sum_exp(x):
    top = x.max(axis=-1, keepdims=True)
    return np.log(np.exp(x - top).sum(axis=-1)) + top[..., 0]


def cross_entropy(x, labels, reduction="mean"):
    losses = log_sum_exp(x) - (smoothed(labels) * x).sum(axis=-1)
    return losses.mean() if reduction == "mean" else losses.sum()


def cross_entropy_vjp(g, x, labels, reduction="mean", wrong=""):
    targets = labels if wrong == "not smoothed" else smoothed(labels)
    gx = g * (softmax(x) - targets)
    by = len(x) if (reduction == "mean") != (wrong == "reduction") else 1
    return (gx / by).astype(x.dtype), None


def spatial_dropout(x, mask):
    """x of shape (N, H, W, C), mask of shape (N, 1, 1, C)."""
    return x * mask / 0.6


def spatial_dropout_vjp(g, x, mask, wrong=""):
    factors = {"no mask": 1 / 0.6, "no rate": mask, "twice": mask / 0.36}
    return (g * factors.get(wrong, mask / 0.6)).astype(x.dtype), None


# -- indices ---------------------------------------------------------------------------------------


def embedding(table, ids):
    return table[ids] * np.sqrt(table.shape[1]).astype(table.dtype)


def embedding_vjp(g, table, ids, wrong=""):
    root = 1 if wrong == "no root" else np.sqrt(table.shape[1]).astype(table.dtype)
    gtable = np.zeros_like(table)
    if wrong == "buffered":
        gtable[ids] += g * root
    else:
        np.add.at(gtable, ids, g * root)
    return gtable, None


def gather(x, ids):
    return x[:, ids]


def gather_vjp(g, x, ids, wrong=""):
    gx = np.zeros_like(x)
    for place, i in enumerate(ids):
        gx[:, i] = g[:, place] + (0 if wrong == "overwritten" else gx[:, i])
    return gx, None


# -- attention and cells ---------------------------------------------------------------------------


def weights(q, k, causal=False):
    scores = q @ k.swapaxes(1, 2) / np.sqrt(q.shape[-1]).astype(q.dtype)
    if causal:
        scores = np.where(np.tri(*scores.shape[1:], dtype=bool), scores, -1e9).astype(q.dtype)
    return softmax(scores)


def attention(q, k, v, causal=False):
    """q, k and v of shape (N, T, D)."""
    return weights(q, k, causal) @ v


def attention_vjp(g, q, k, v, causal=False, wrong=""):
    p = weights(q, k, causal)
    gv = (p if wrong == "weights not transposed" else p.swapaxes(1, 2)) @ g
    gp = g @ v.swapaxes(1, 2)
    inner = 0 if wrong == "no sum" else (gp * p).sum(axis=-1, keepdims=True)
    if wrong == "sum over queries":
        inner = (gp * p).sum(axis=1, keepdims=True)
    gs = p * (gp - inner)
    if wrong != "no root":
        gs = gs / np.sqrt(q.shape[-1]).astype(q.dtype)
    return gs @ k, gs.swapaxes(1, 2) @ q, gv


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(x, h, c, w, u, b):
    """One step; gates i, f, g, o as of Keras.  Returns the new h and c."""
    i, f, z, o = np.split(x @ w + h @ u + b, 4, axis=1)
    new = sigmoid(f) * c + sigmoid(i) * np.tanh(z)
    return sigmoid(o) * np.tanh(new), new


def lstm_vjp(g, x, h, c, w, u, b, wrong=""):
    gh, gc = g
    i, f, z, o = np.split(x @ w + h @ u + b, 4, axis=1)
    i, f, z, o = sigmoid(i), sigmoid(f), np.tanh(z), sigmoid(o)
    top = np.tanh(f * c + i * z)
    gc = gc + gh * o * (1 - top**2)
    if wrong == "h and c apart":
        gc = g[1]
    gi, gf, gz, go = gc * z * i * (1 - i), gc * c * f * (1 - f), gc * i * (1 - z**2), gh * top
    go = go * o * (1 - o)
    gates = [gi, gz, gf, go] if wrong == "order of gates" else [gi, gf, gz, go]
    ga = np.concatenate(gates, axis=1)
    of_c = gc if wrong == "no forget gate" else gc * f
    return ga @ w.T, ga @ u.T, of_c, x.T @ ga, h.T @ ga, ga.sum(axis=0)


def gru(x, h, w, u):
    """One step, the reset gate before the product: new h = z h + (1 - z) n."""
    xz, xr, xn = np.split(x @ w, 3, axis=1)
    uz, ur, un = np.split(u, 3, axis=1)
    z, r = sigmoid(xz + h @ uz), sigmoid(xr + h @ ur)
    return z * h + (1 - z) * np.tanh(xn + (r * h) @ un)


def gru_vjp(g, x, h, w, u, wrong=""):
    xz, xr, xn = np.split(x @ w, 3, axis=1)
    uz, ur, un = np.split(u, 3, axis=1)
    z, r = sigmoid(xz + h @ uz), sigmoid(xr + h @ ur)
    n = np.tanh(xn + (r * h) @ un)
    gn = g * (1 - z) * (1 - n**2)
    gz = g * (h - n) * z * (1 - z)
    grh = gn @ un.T
    gr = grh * h * r * (1 - r)
    gh = grh * r + gz @ uz.T + gr @ ur.T
    if wrong != "no direct path":
        gh = gh + g * z
    ga = np.concatenate([gz, gr, gn], axis=1)
    gu = np.concatenate([h.T @ gz, h.T @ gr, (h if wrong == "no reset" else r * h).T @ gn], axis=1)
    return ga @ w.T, gh, x.T @ ga, gu


# -- the tables ------------------------------------------------------------------------------------


def with_labels(rng: np.random.Generator) -> tuple[Any, ...]:
    return rng.normal(size=(5, 4)), np.eye(4)[rng.integers(0, 4, 5)]


def with_spatial_mask(rng: np.random.Generator) -> tuple[Any, ...]:
    mask = np.resize([1.0, 0.0, 1.0, 1.0, 0.0], (3, 1, 1, 5))
    return rng.normal(size=(3, 4, 2, 5)), rng.permuted(mask)


def with_ids(rng: np.random.Generator) -> tuple[Any, ...]:
    return rng.normal(size=(7, 5)), np.array([[1, 1, 4], [0, 6, 4]])


def with_places(rng: np.random.Generator) -> tuple[Any, ...]:
    return rng.normal(size=(3, 6, 2)), np.array([5, 1, 1, 0, 5])


CONV1D = normal((3, 13, 2), (3, 2, 4))
NCHW = normal((4, 2, 7, 9), (3, 2, 3, 3), (3,))
TRANSPOSED = normal((2, 4, 5, 3), (3, 3, 3, 3))
ATTENTION = normal((2, 5, 3), (2, 5, 3), (2, 5, 3))
LSTM = normal((3, 2), (3, 4), (3, 4), (2, 16), (4, 16), (16,))
GRU = normal((3, 2), (3, 4), (2, 12), (4, 12))


def with_running(rng: np.random.Generator) -> tuple[Any, ...]:
    shapes = ((3, 4, 4, 3), (3,), (3,))
    return (*normal(*shapes)(rng), np.array([0.7, 1.9, 1.2]))


def planted(
    forward: Callable[..., Any], vjp: Any, wrong: Any, draw: Draw, argument: str, cause: str
) -> Planted:
    how = wrong if isinstance(wrong, dict) else {"wrong": wrong}
    return Planted(forward, partial(vjp, **how), draw, argument, cause)


def repeated(x: Array) -> Array:
    """Nearest upsampling of (N, H, W, C) by 2."""
    return x.repeat(2, axis=1).repeat(2, axis=2)


PLANTED: dict[str, Planted] = {
    "conv1d, stride of the image": planted(
        conv1d, conv1d_vjp, "stride of the image", CONV1D, "x", "stride"
    ),
    "conv1d, dilation of the filter": planted(
        partial(conv1d, stride=1, dilation=2),
        conv1d_vjp,
        {"stride": 1, "dilation": 2, "wrong": "dilation of the filter"},
        CONV1D,
        "k",
        "dilation",
    ),
    "conv2d NCHW, filter turned": planted(
        conv2d_nchw, conv2d_nchw_vjp, "filter turned", NCHW, "x", "flip"
    ),
    "conv2d NCHW, crop": planted(conv2d_nchw, conv2d_nchw_vjp, "crop", NCHW, "x", "shift"),
    "conv2d NCHW, bias over other axes": planted(
        conv2d_nchw,
        conv2d_nchw_vjp,
        "bias",
        normal((4, 2, 5, 5), (3, 2, 3, 3), (3,)),
        "b",
        "broadcast",
    ),
    "conv2d NCHW, filter a mean": planted(conv2d_nchw, conv2d_nchw_vjp, "mean", NCHW, "w", "scale"),
    "transposed conv2d, channels": planted(
        transposed_conv2d, transposed_conv2d_vjp, "channels", TRANSPOSED, "k", "transpose"
    ),
    "transposed conv2d, crop": planted(
        transposed_conv2d, transposed_conv2d_vjp, "crop", TRANSPOSED, "x", "shift"
    ),
    "depthwise, channels summed": planted(
        depthwise,
        depthwise_vjp,
        "channels summed",
        normal((2, 5, 6, 3), (2, 3, 3)),
        "k",
        "broadcast",
    ),
    "max_pool NCHW, divmod by the rows": planted(
        max_pool_nchw, max_pool_nchw_vjp, "divmod", normal((2, 2, 6, 9)), "x", "mask"
    ),
    "max_pool NCHW, overwritten": planted(
        max_pool_nchw, max_pool_nchw_vjp, "overwritten", normal((2, 2, 6, 9)), "x", "broadcast"
    ),
    "avg_pool1d, full window": planted(
        avg_pool1d, avg_pool1d_vjp, "full window", normal((2, 9, 3)), "x", "scale"
    ),
    "avg_pool1d, steps of the window": planted(
        avg_pool1d, avg_pool1d_vjp, "steps of the window", normal((2, 13, 3)), "x", "stride"
    ),
    "batch_norm, no mean": planted(
        batch_norm, batch_norm_vjp, "no mean", with_running, "x", "mean_term"
    ),
    "batch_norm, as of inference": planted(
        batch_norm, batch_norm_vjp, "inference", with_running, "x", "mean_term"
    ),
    "batch_norm, running variance": planted(
        batch_norm, batch_norm_vjp, "running variance", with_running, "x", "scale"
    ),
    "batch_norm, all by the running variance": planted(
        batch_norm, batch_norm_vjp, "all by the running variance", with_running, "x", "mean_term"
    ),
    "layer_norm, over the batch": planted(
        layer_norm, layer_norm_vjp, "over the batch", normal((5, 7), (7,), (7,)), "x", "broadcast"
    ),
    "layer_norm, mean over the batch, no variance": planted(
        layer_norm,
        layer_norm_vjp,
        "mean over the batch, no variance",
        normal((5, 7), (7,), (7,)),
        "x",
        "mean_term",
    ),
    "layer_norm, variance over the batch, no mean": planted(
        layer_norm,
        layer_norm_vjp,
        "variance over the batch, no mean",
        normal((6, 6), (6,), (6,)),
        "x",
        "mean_term",
    ),
    "layer_norm, gamma over the features": planted(
        layer_norm,
        layer_norm_vjp,
        "gamma over the features",
        normal((6, 6), (6,), (6,)),
        "gamma",
        "broadcast",
    ),
    "layer_norm over two axes, neither": planted(
        partial(layer_norm, axes=(1, 2)),
        layer_norm_vjp,
        {"axes": (1, 2), "wrong": "neither"},
        normal((4, 3, 5), (3, 5), (3, 5)),
        "x",
        "mean_term",
    ),
    "group_norm, neither": planted(
        group_norm,
        group_norm_vjp,
        {"terms": ""},
        normal((2, 3, 2, 6), (6,), (6,)),
        "x",
        "mean_term",
    ),
    "group_norm, no variance": planted(
        group_norm,
        group_norm_vjp,
        {"terms": "mean"},
        normal((2, 3, 2, 6), (6,), (6,)),
        "x",
        "mean_term",
    ),
    "l2_normalize, sum over everything": planted(
        l2_normalize, l2_normalize_vjp, "sum over everything", normal((4, 6)), "x", "broadcast"
    ),
    "cross_entropy, labels not smoothed": planted(
        cross_entropy, cross_entropy_vjp, "not smoothed", with_labels, "x", "missing"
    ),
    "cross_entropy, a sum divided": planted(
        partial(cross_entropy, reduction="sum"),
        cross_entropy_vjp,
        {"reduction": "sum", "wrong": "reduction"},
        with_labels,
        "x",
        "scale",
    ),
    "spatial dropout, no mask": planted(
        spatial_dropout, spatial_dropout_vjp, "no mask", with_spatial_mask, "x", "mask"
    ),
    "spatial dropout, no rate": planted(
        spatial_dropout, spatial_dropout_vjp, "no rate", with_spatial_mask, "x", "scale"
    ),
    "embedding, buffered": planted(
        embedding, embedding_vjp, "buffered", with_ids, "table", "broadcast"
    ),
    "embedding, no root": planted(embedding, embedding_vjp, "no root", with_ids, "table", "scale"),
    "gather, overwritten": planted(
        gather, gather_vjp, "overwritten", with_places, "x", "broadcast"
    ),
    "cumsum, not backward": planted(
        partial(np.cumsum, axis=1),
        lambda g, x: np.cumsum(g, axis=1),
        {},
        normal((3, 7, 2)),
        "a",
        "flip",
    ),
    "logsumexp, no softmax": planted(
        log_sum_exp,
        lambda g, x: np.broadcast_to(g[:, None], x.shape).copy(),
        {},
        normal((5, 4)),
        "x",
        "scale",
    ),
    "attention, no root": planted(attention, attention_vjp, "no root", ATTENTION, "q", "scale"),
    "attention, no sum": planted(attention, attention_vjp, "no sum", ATTENTION, "q", "mean_term"),
    "attention, weights not transposed": planted(
        attention, attention_vjp, "weights not transposed", ATTENTION, "v", "transpose"
    ),
    "lstm, h and c apart": planted(lstm, lstm_vjp, "h and c apart", LSTM, "c", "missing"),
    "lstm, no forget gate": planted(lstm, lstm_vjp, "no forget gate", LSTM, "c", "scale"),
    "lstm, order of gates": planted(lstm, lstm_vjp, "order of gates", LSTM, "w", "transpose"),
    "gru, no direct path": planted(gru, gru_vjp, "no direct path", GRU, "h", "missing"),
    "upsampling, sum over other axes": planted(
        repeated,
        lambda g, x: g.reshape(x.shape[0], 2, x.shape[1], 2, x.shape[2], -1).sum(axis=(1, 3)),
        {},
        normal((2, 3, 4, 2)),
        "x",
        "transpose",
    ),
}


def sound(forward: Callable[..., Any], vjp: Callable[..., Any], draw: Draw, **how: Any) -> Sound:
    return Sound(partial(forward, **how), partial(vjp, **how), draw)


SOUND: dict[str, Sound] = {
    "conv1d": sound(conv1d, conv1d_vjp, CONV1D, stride=3, pad=2, dilation=2),
    "conv2d NCHW": sound(conv2d_nchw, conv2d_nchw_vjp, normal((2, 2, 5, 6), (3, 2, 3, 3), (3,))),
    "transposed conv2d": sound(
        transposed_conv2d, transposed_conv2d_vjp, normal((2, 3, 4, 2), (3, 2, 3, 2)), stride=2
    ),
    "depthwise": sound(depthwise, depthwise_vjp, normal((2, 5, 6, 3), (2, 3, 3))),
    "max_pool NCHW, overlapping": sound(
        max_pool_nchw, max_pool_nchw_vjp, normal((2, 2, 5, 7)), window=(3, 3)
    ),
    "avg_pool1d with a border": sound(avg_pool1d, avg_pool1d_vjp, normal((2, 9, 3))),
    "batch_norm": Sound(batch_norm, batch_norm_vjp, with_running),
    "layer_norm over two axes": sound(
        layer_norm, layer_norm_vjp, normal((4, 3, 5), (3, 5), (3, 5)), axes=(1, 2)
    ),
    "group_norm": Sound(group_norm, group_norm_vjp, normal((2, 3, 2, 6), (6,), (6,))),
    "l2_normalize": Sound(l2_normalize, l2_normalize_vjp, normal((4, 6))),
    "cross_entropy with label smoothing": Sound(cross_entropy, cross_entropy_vjp, with_labels),
    "spatial dropout": Sound(spatial_dropout, spatial_dropout_vjp, with_spatial_mask),
    "embedding": Sound(embedding, embedding_vjp, with_ids),
    "gather": Sound(gather, gather_vjp, with_places),
    "logsumexp": Sound(log_sum_exp, lambda g, x: g[:, None] * softmax(x), normal((5, 4))),
    "attention": Sound(attention, attention_vjp, ATTENTION),
    "attention, causal": sound(attention, attention_vjp, ATTENTION, causal=True),
    "lstm": Sound(lstm, lstm_vjp, LSTM),
    "gru": Sound(gru, gru_vjp, GRU),
}
