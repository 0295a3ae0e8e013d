"""One program text on both modules: the same value, or the same error to the letter."""

from __future__ import annotations

from collections import namedtuple

import tensorflow

import scratchnet
from tests.support.paired import run

Pair = namedtuple("Pair", "x y")

START = """from collections import OrderedDict, defaultdict
from tests.support.exact_programs import Pair
"""


def outcome(program: str, tf: object) -> str:
    """What a program gives, as text; of an error, its class and text."""
    try:
        return repr(run(START + program, tf))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def alike(program: str) -> None:
    theirs, ours = outcome(program, tensorflow), outcome(program, scratchnet)
    assert ours == theirs, f"\n{ours}\nbut TensorFlow:\n{theirs}"
