"""A side imports what the user's files import, and nothing else from the current folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scratchnet.twin.options import TwinOptions
from scratchnet.twin.process import Side

PLANTED = "open('taken', 'a').write(__name__)\nraise SystemExit('a planted module')\n"


@pytest.fixture(autouse=True)
def planted():
    for name in ("random", "numpy", "pickle", "numba", "helper"):
        Path(f"{name}.py").write_text(PLANTED)
    Path("mine").mkdir()
    Path("mine/helper.py").write_text("ONE = 1\n")


def last_message(**options):
    side = Side("scratchnet", "scratchnet", TwinOptions(**options))
    try:
        while True:
            message = side.read()
            if message[0] == "done":
                return message
    finally:
        side.end()


def test_a_script_imports_its_neighbours_and_not_those_of_the_current_folder():
    Path("mine/job.py").write_text(
        "import random, helper\n"
        "assert helper.ONE == 1 and random.random() < 1\n"
        "import tensorflow as tf\n"
    )
    assert last_message(script="mine/job.py") == ("done",)
    assert not Path("taken").exists()


def test_a_model_imports_its_neighbours_and_not_those_of_the_current_folder():
    Path("mine/model.py").write_text(
        "import helper, random\n"
        "def build(tf):\n"
        "    layers = tf.keras.layers\n"
        "    parts = [layers.Flatten(), layers.Dense(10 * helper.ONE), layers.Softmax()]\n"
        "    return tf.keras.Sequential([tf.keras.Input((8, 8, 1)), *parts])\n"
    )
    x, y = np.zeros((40, 8, 8), np.uint8), np.arange(40) % 10
    np.savez("mine/small.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    found = last_message(model="mine/model.py", data="mine/small.npz", epochs=1)
    assert found == ("done",)
    assert not Path("taken").exists()
