"""Names that scratchnet does not have."""

from __future__ import annotations

from typing import Any

import pytest

import scratchnet
from tests.support.paired import run


def text_of(name: str) -> str:
    """What `tf.NAME` says in a program that has imported nothing but scratchnet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(scratchnet, "train", raising=False)  # which other tests import
        with pytest.raises(AttributeError) as caught:
            run(f"tf.{name}", scratchnet)
    return str(caught.value)


NOTHING = object()


def at(tf: Any, name: str) -> Any:
    """`tf.nn.relu` of the module `tf`, from its name; `NOTHING` if there is none."""
    for part in name.split(".")[1:]:
        tf = getattr(tf, part, NOTHING)
    return tf
