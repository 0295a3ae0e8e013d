"""tf.print: what it writes, where, and what it refuses."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import pytest
import tensorflow

import scratchnet
from tests.support.paired import both_raise, run

PRINTED = """m | 1, 2.5, 'a', None, True | 'x:', m, 'y'
c(3), c(3.0), c(1 / 3), c(1 / 3, tf.float64)
c(1e10), c(1e-10), c(123456789.0), c(1e6), c(1e5), c(1e7) | c([np.nan, np.inf, -np.inf, -0.0])
c(True), c([True, False]) | tf.range(10) | tf.range(10), summarize=2 | tf.range(10), summarize=-1
tf.range(6), tf.range(7), summarize=3 | tf.reshape(tf.range(64), [8, 8]) | m, sep='|', end='!'
tf.reshape(tf.range(27), [3, 3, 3]) | tf.reshape(tf.range(512), [8, 8, 8])
tf.range(9), summarize=1
tf.zeros([0, 2]), tf.zeros([0]), tf.zeros([2, 0]), tf.zeros([2, 3, 0]), tf.zeros([2, 0, 3])
[1, 2, 3] | [c(1), c([2, 3])] | {'a': c(1), 'b': [c(2.0), 's']} | (1, c(2)), (c(2),) | [], {}, ()
tf.Variable([1.0, 2.0]) | 'a', 'b', sep='' | np.ones([2, 2]), np.float32(0.1)
3.0, 0.1, 1e20, 1 / 3
c([1, 2], tf.uint8), c([1.5, 0.1, 65504], tf.float16) | {1: 2} | {'b': 1, 'a': 'x'} | tf.float32
c(0.1 + 0.2), c(0.1 + 0.2, tf.float64), c(3.4028235e38), c(1e-5), c(1e-4)
c(123456.7), c(1234567.8)
c([1e15, 1e16, 123456.789, 1e-4, 1e-5, 2 / 3, 100.0], tf.float64) | m.shape
tf.keras.Variable([1.0])
[[1, 2], [3, c(4)]] | ['a', 'b'] | [None, True, 1.5] | 'é {} %d' | m, m | [m], [c(True)]"""


@pytest.mark.parametrize("inputs", [p.strip() for p in PRINTED.replace("\n", " | ").split(" | ")])
def test_what_print_writes(inputs: str, tmp_path: Path) -> None:
    written = []
    for tf in (tensorflow, scratchnet):
        path = tmp_path / tf.__name__
        start = "c = tf.constant\nm = c([[1.0, 2.0], [3.0, 4.5]])\n"
        run(f"{start}tf.print({inputs}, output_stream='file://{path}')", tf)
        run(f"{start}tf.print({inputs}, output_stream='file://{path}')", tf)
        written.append(path.read_text(encoding="utf-8"))
    assert written[1] == written[0]


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        ("1, foo=1", "Unrecognized keyword arguments for tf.print: {'foo': 1}"),
        ("1, output_stream=5", "Unsupported output stream, logging level, or file.5."),
        ("1, output_stream='abc'", "Unsupported output stream, logging level, or file.abc."),
        ("1, summarize='a'", "Expected int for argument 'summarize' not 'a'."),
    ],
)
def test_what_print_refuses(arguments: str, phrase: str) -> None:
    both_raise(f"tf.print({arguments})", phrase)


def test_where_print_writes() -> None:
    out, error = io.StringIO(), io.StringIO()
    texts: list[str] = []
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        scratchnet.print("to", 1)
        scratchnet.print("to", 2, output_stream=sys.stdout)
        scratchnet.print("to", 3, output_stream=texts.append)
    assert (error.getvalue(), out.getvalue(), texts) == ("to 1\n", "to 2\n", ["to 3\n"])
