"""What TensorFlow has is here or listed, and what is listed is not here."""

from __future__ import annotations

import re

import pytest
import tensorflow

import scratchnet
from scratchnet.unsupported import REASONS
from scratchnet.unsupported.names import LISTED
from tests.support.absent_names import NOTHING, at, text_of


def test_what_tensorflow_has_is_here_or_listed() -> None:
    """So nothing of TensorFlow's is taken for a slip of the pen."""
    spaces = {name.rpartition(".")[0] for name in LISTED}
    assert len(spaces) > 15
    names = {
        f"{space}.{name}"
        for space in spaces
        for name in dir(at(tensorflow, space))
        if not name.startswith("_")
    }
    absent = {name for name in names if at(scratchnet, name) is NOTHING}
    assert absent - REASONS.keys() - LISTED.keys() == set()
    assert not REASONS.keys() & LISTED.keys()


@pytest.mark.parametrize("space", sorted({name.rpartition(".")[0] for name in LISTED}))
def test_every_listed_name_is_not_here_and_its_message_says_so(space: str) -> None:
    for name, reason in LISTED.items():
        if name.rpartition(".")[0] == space:
            said = f": scratchnet does not have `{name}`; {reason}"
            assert text_of(name.removeprefix("tf.")).endswith(said)


def test_what_is_said_to_be_here_is_here() -> None:
    advised = {
        (about, name)
        for about, reason in [*REASONS.items(), *LISTED.items()]
        for name in re.findall(r"`(tf\.[\w.]+)", reason)
        if not name.startswith(about)
    }
    assert len(advised) > 100
    assert {(about, name) for about, name in advised if at(scratchnet, name) is NOTHING} == set()
