"""Workers that differ leave when the others have heard of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tensorflow as tf

from reference import meeting

# Keras's own, where it reads a variable that a strategy has made.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_a_worker_that_differs_leaves_only_when_the_others_have_heard_of_it(monkeypatch):
    said = []

    def of_all(setup, own):
        said.append(own)
        if len(said) == 2:  # the other has heard of it, and left
            raise tf.errors.UnavailableError(None, None, "gone")
        other = json.dumps({"seed": 4}).encode().ljust(meeting.ROOM)
        return np.stack([own, np.frombuffer(other, np.uint8)])

    monkeypatch.setattr(meeting, "of_all", of_all)
    with pytest.raises(ValueError, match=r"received seed 4 on worker 1 and 3 on worker 0$"):
        meeting.check_alike(None, {"seed": 3})
    assert [len(own) for own in said] == [meeting.ROOM, 1]
