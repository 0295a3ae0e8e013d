"""Strategies of images and windows, which convolution and pooling share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.support.cases import Case, Draw, Sample, largest, normal, seeds


@dataclass
class Windows:
    """A drawn geometry: image (H, W), window (kh, kw) and how it moves."""

    size: tuple[int, int]
    window: tuple[int, int]
    strides: list[int]
    dilations: list[int]
    padding: Any

    def out(self) -> tuple[int, int]:
        """The output's size, by the textbook formulas, written once more for the tests."""
        sizes = []
        for i in range(2):
            n, e = self.size[i], (self.window[i] - 1) * self.dilations[i] + 1
            if self.padding == "SAME":
                sizes.append(-(-n // self.strides[i]))
            else:
                more = 0 if self.padding == "VALID" else sum(self.padding[i + 1])
                sizes.append((n + more - e) // self.strides[i] + 1)
        return sizes[0], sizes[1]


@st.composite
def windows(draw: Draw, explicit: bool = True, dilated: bool = True, sides: Any = None) -> Windows:
    pair = lambda low, high: [draw(st.integers(low, high)) for _ in range(2)]  # noqa: E731
    window = draw(st.sampled_from(sides)) if sides else pair(1, 4)
    dilations = pair(1, 3) if dilated and draw(st.integers(0, 3)) == 0 else [1, 1]
    need = [(k - 1) * d + 1 for k, d in zip(window, dilations, strict=True)]
    size = [n + draw(st.integers(0, 6)) for n in need]
    padding: Any = draw(st.sampled_from(["SAME", "VALID"] + ["explicit"] * explicit))
    if padding == "explicit":
        padding = [[0, 0], pair(0, 2), pair(0, 2), [0, 0]]
    strides = pair(1, 3) if dilations == [1, 1] else [1, 1]
    return Windows((size[0], size[1]), (window[0], window[1]), strides, dilations, padding)


def conv_shapes(draw: Draw) -> tuple[Windows, int, int, int]:
    w = draw(windows())
    return w, draw(st.sampled_from([1, 2, 3])), draw(st.integers(1, 3)), draw(st.integers(1, 4))


@st.composite
def convolutions(draw: Draw, kind: str = "forward") -> Sample:
    w, N, C, O = conv_shapes(draw)
    if kind in ("forward", "fused") and draw(st.integers(0, 9)) == 0:
        N = 0
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    x, k = normal(rng, (N, *w.size, C)), normal(rng, (*w.window, C, O))
    g = normal(rng, (N, *w.out(), O))
    attrs = {"strides": w.strides, "padding": w.padding, "dilations": w.dilations}
    if kind == "forward":
        return Sample([x, k], attrs, seed)
    if kind == "fused":
        attrs["activation"] = draw(st.sampled_from([None, "relu"]))
        return Sample([x, k, normal(rng, (O,))], attrs, seed)
    if kind == "input":
        return Sample([k, g], {"input_sizes": list(x.shape), **attrs}, seed)
    if kind == "filter":
        return Sample([x, g], {"filter_sizes": list(k.shape), **attrs}, seed)
    if kind == "fused transpose":
        attrs["activation"] = draw(st.sampled_from([None, "relu"]))
        return Sample([g, k, normal(rng, (C,))], {"output_shape": list(x.shape), **attrs}, seed)
    return Sample([g, k], {"output_shape": list(x.shape), **attrs}, seed)


def conv_terms(sample: Sample) -> float:
    return float(max(a.size for a in sample.arrays))


def is_dilated(sample: Sample) -> bool:
    return max(sample.attrs["dilations"]) > 1


def convolving(kind: str, **options: Any) -> Case:
    return Case(
        convolutions(kind), ulps=8, length=conv_terms, scale=largest, xla=is_dilated, **options
    )


@st.composite
def geometries(draw: Draw) -> tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]:
    """(N, H, W, C), (kh, kw, C, O) and how the window moves: strides and dilations at once."""
    pair = lambda low, high: [draw(st.integers(low, high)) for _ in range(2)]  # noqa: E731
    window, dilations, strides = pair(1, 4), pair(1, 3), pair(1, 4)
    padding: Any = draw(st.sampled_from(["SAME", "VALID", "explicit"]))
    if padding == "explicit":
        padding = [[0, 0], pair(0, 3), pair(0, 3), [0, 0]]
    size = [
        (k - 1) * d + 1 + draw(st.integers(0, 6)) for k, d in zip(window, dilations, strict=True)
    ]
    N, C, O = draw(st.integers(0, 3)), draw(st.integers(1, 5)), draw(st.integers(1, 20))
    moves = {"strides": strides, "padding": padding, "dilations": dilations}
    return (N, *size, C), (*window, C, O), moves
