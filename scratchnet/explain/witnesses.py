"""Two witnesses of every op of a trace: TensorFlow and finite differences.

TensorFlow is asked where it is installed; a golden file may stand in for it.  Each is given what
the op was given, and compared with what it made and sent back.
"""

from __future__ import annotations

from typing import Any

from scratchnet.explain import finite_differences, golden, on_tensorflow
from scratchnet.testing.golden import Golden
from scratchnet.traces import Trace


def ask(
    trace: Trace, tf: Any = None, kept: Golden | None = None
) -> dict[int, list[dict[str, Any]]]:
    """What the witnesses say, by the number of the row.

    Args:
        trace: of one step.
        tf: TensorFlow; without it and without `kept`, only finite differences are asked.
        kept: instead of TensorFlow, a golden file of it.

    >>> import scratchnet as tf
    >>> w = tf.Variable([0.5, -2.0])
    >>> with tf.tracing() as trace:
    ...     with tf.GradientTape() as tape:
    ...         y = tf.nn.relu(w)
    ...     gw = tape.gradient(y, w)
    >>> ask(trace)[1][0]["agrees"]
    True
    """
    found = {}
    for row in trace.rows:
        if row.op == "read_variable":
            continue
        said = finite_differences.check(row)
        if kept is not None:
            said = golden.check(row, kept) + said
        elif tf is not None:
            said = on_tensorflow.check(row, tf) + said
        if said:
            found[row.index] = said
    return found
