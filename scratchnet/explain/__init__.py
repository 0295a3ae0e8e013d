"""Explain: the page that shows a training step, forward and back, number by number.

``scratchnet explain`` makes it of the seed network and one digit, or of a model and an image of the
user's.  In Python, of any trace:

>>> import scratchnet as tf
>>> from scratchnet import explain
>>> w = tf.Variable([[0.5], [2.0]], name="w")
>>> with tf.tracing() as trace:
...     with tf.GradientTape() as tape:
...         y = tf.nn.relu(tf.constant([[1.0, 3.0]]) @ w)
...     gw = tape.gradient(y, w)
>>> page = explain.html(trace, {"title": "one neuron"})
>>> "<title>one neuron</title>" in page
True

A page shows one backward pass: of a trace with several the last, and that which is chosen by
``explain.html(trace.passes[0])``.

In a notebook a trace that is the last value of a cell shows its table, and below it the page,
folded up and without its largest arrays; `show` shows the page alone, and whole.  The page is one
file: it needs no server and no network.  What it shows are the arrays of the trace, to the last
bit; the sums that it writes out are computed from them in the browser.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["PageData", "html", "show"]

if TYPE_CHECKING:
    from scratchnet.explain.page import html, show
    from scratchnet.explain.page_data import PageData
else:
    _PLACES = {"PageData": "page_data", "html": "page", "show": "page"}

    def __getattr__(name: str) -> Any:  # the command reads its options without making pages
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"scratchnet.explain.{_PLACES[name]}"), name)
