"""Every name in math, nn, linalg, bitwise and at the root takes TensorFlow's arguments."""

from __future__ import annotations

import inspect

import pytest
import tensorflow

import scratchnet

NAMES = {space: list(getattr(scratchnet, space).__all__) for space in ("math", "nn", "linalg")}
NAMES |= {"bitwise": list(scratchnet.bitwise.__all__)}
NAMES["tf"] = [
    name
    for name in scratchnet.__all__
    if getattr(getattr(scratchnet, name), "__module__", "").startswith("scratchnet.ops")
]


@pytest.mark.parametrize("space", NAMES)
def test_every_name_is_tensorflows(space: str) -> None:
    ours, theirs = (getattr(tf, space, tf) for tf in (scratchnet, tensorflow))
    assert len(set(NAMES[space])) == len(NAMES[space])
    for name in NAMES[space]:
        f, g = getattr(ours, name), getattr(theirs, name)
        mine = [
            p for p in inspect.signature(f).parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD
        ]
        yours = list(inspect.signature(g).parameters)
        assert [p.name for p in mine] == yours[: len(mine)], f"{space}.{name}"
