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

`show` is the same for a notebook.  The page is one file: it needs no server and no network.  What
it shows are the arrays of the trace, to the last bit; the sums that it writes out are computed from
them in the browser.
"""

from __future__ import annotations

from scratchnet.explain.page import html, show
from scratchnet.explain.page_data import PageData

__all__ = ["PageData", "html", "show"]
