"""The composed twins: what each fused op is, in a few small ops."""

from __future__ import annotations

import inspect

from scratchnet.engine.op import OPS
from scratchnet.ops.composed import TWINS


def test_every_twin_is_the_definition_of_an_op() -> None:
    assert set(TWINS) <= set(OPS)
    for name, twin in TWINS.items():
        assert twin is not OPS[name].function
        assert "``" in (inspect.getdoc(twin) or ""), f"{name}: no formula"
