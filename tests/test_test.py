"""tf.test.compute_gradient: TensorFlow's numbers, and a wrong gradient is seen."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.paired import families, run

START = "D, c = tf.debugging, tf.constant\nv, m = c([1, 2, 3]), c([[1.0, 2.0], [3.0, 4.0]])\n"


def outcome(program: str, tf: Any) -> tuple[list[str], str]:
    """The classes of an error and its core text; of a value, its text."""
    try:
        return ["returned"], repr(run(START + program, tf))
    except Exception as error:
        text = re.sub(r"^\{\{.*?\}\} | \[Op:\w+\] name: .*$|^\w+: (?=Shape of)", "", str(error))
        return families(error), text


FUNCTIONS = """lambda x: x * x ;; [[1.0, 2.0]]
lambda x, y: x * y ;; [c([1.0, 2.0]), c([3.0, 4.0])]
lambda x: tf.reduce_sum(x**2) ;; [[1.0, 2.0]]
lambda x: x @ x ;; [np.arange(4.0).reshape(2, 2)]
lambda x: tf.stop_gradient(x) * 2 ;; (c([1.0, 2.0]),)
lambda x: tf.gather(x, [0]) ;; [c([1.0, 2.0])]
lambda x: tf.cast(x, tf.float64) ;; [c([1.0, 2.0])]
lambda x: x * x * x ;; [c([[1.0, 2.0], [3.0, 5.0]])]
lambda x: x * x ;; [tf.Variable([1.0, 2.0])]
lambda x: x * x ;; [c([1.0, 2.0], tf.float16)]
lambda x: x * x ;; c([1.0, 2.0])
lambda x: x * x ;; [c([1, 2])]"""


@pytest.mark.parametrize("text", FUNCTIONS.split("\n"))
@pytest.mark.parametrize("delta", ["", ", delta=0.25"])
def test_compute_gradient(text: str, delta: str) -> None:
    """Exactly: these numbers round alike on both."""
    f, arguments = text.split(" ;; ")
    (theirs, expected), (ours, received) = (
        outcome(f"tf.test.compute_gradient({f}, {arguments}{delta})", tf)
        for tf in (tensorflow, scratchnet)
    )
    assert theirs[0] in ours
    if theirs == ["returned"]:
        assert received == expected
    else:
        start = expected.partition(", not a")[0].partition(" of argument")[0]
        assert received.startswith(start)


def test_compute_gradient_finds_a_wrong_gradient() -> None:
    @scratchnet.custom_gradient
    def wrong(x: Any) -> Any:
        return x * x, lambda g: g * x

    (theory,), (numeric,) = scratchnet.test.compute_gradient(wrong, [np.array([1.0, 3.0])])
    assert np.abs(theory - numeric).max() > 2
    with pytest.raises(TypeError, match="must return one tensor"):
        scratchnet.test.compute_gradient(lambda x: [x, x], [[1.0]])
