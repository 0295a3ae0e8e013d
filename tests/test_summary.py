"""tf.summary: the same events in the files as TensorFlow's."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.event_files import events

HERE = importlib.util.find_spec("tensorboard") is not None
needs_tensorboard = pytest.mark.skipif(not HERE, reason="tensorboard writes the files")

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(-0.2, 1.2, (4, 3, 5, 3)).astype("f")


def program(tf: Any, folder: str) -> list[Any]:
    s = tf.summary
    writer, other = s.create_file_writer(folder + "/a"), s.create_file_writer(folder + "/b")
    found = [s.scalar("nobody", 1.0, step=0), s.should_record_summaries()]
    with writer.as_default():
        found.append(s.scalar("loss", 0.5, step=1))
        found.append(s.scalar("loss", tf.constant(2, tf.int64), step=tf.constant(2, tf.int64)))
        s.scalar("told", 0.25, 3, description="a *text*")
        with tf.name_scope("net"):
            s.scalar("inner", np.float64(0.1), step=4)
        s.experimental.set_step(7)
        s.scalar("by default", True)
        found.append(int(s.experimental.get_step()))
        for x in (RNG_DATA, np.zeros((2, 2)), np.zeros((0,)), np.arange(5), tf.Variable([3.0])):
            s.histogram("weights", x, step=5)
        s.histogram("few", RNG_DATA, 5, buckets=3, description="few")
        s.image("floats", IMAGES, step=6)
        s.image("bytes", (IMAGES[:2, ..., :1].clip(0, 1) * 255).astype("uint8"), 6, 1, "one")
        s.image("alpha", np.concatenate([IMAGES, IMAGES[..., :1]], -1), step=6, max_outputs=9)
        s.text("words", "hello", step=6)
        with other.as_default(step=9):
            s.scalar("elsewhere", 1.5)
            with s.record_if(False):
                found.append(s.scalar("silent", 1.5))
            with s.record_if(lambda: True):
                found.append(s.scalar("loud", 1.5))
        s.scalar("back", 1.0)
    s.experimental.set_step(None)
    writer.flush()
    writer.close()
    other.close()
    return [bool(x) if not isinstance(x, int) else x for x in found]


RNG_DATA = RNG.normal(size=(20, 3))


@needs_tensorboard
def test_the_files_hold_what_tensorflows_hold(tmp_path: Path) -> None:
    sides = []
    for tf in (scratchnet, tensorflow):
        folder = tmp_path / tf.__name__
        sides.append((program(tf, str(folder)), events(folder)))
    assert sides[0][0] == sides[1][0]
    assert sides[0][1] == sides[1][1]


@needs_tensorboard
@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda s: s.scalar("a", [1.0, 2.0], step=0), "."),
        (lambda s: s.image("a", np.zeros((2, 2)), step=0), "."),
        (lambda s: s.scalar("a", 1.0), "No step set"),
    ],
)
def test_what_is_refused(call: Any, says: str, tmp_path: Path) -> None:
    errors = []
    for tf in (scratchnet, tensorflow):
        with tf.summary.create_file_writer(str(tmp_path)).as_default():
            with pytest.raises(Exception, match=says) as info:
                call(tf.summary)
        errors.append(info.type)
    assert errors[1].__name__ in [kind.__name__ for kind in errors[0].__mro__]


@needs_tensorboard
def test_images_without_a_pixel_are_refused(tmp_path: Path) -> None:
    summary = scratchnet.summary
    with summary.create_file_writer(str(tmp_path)).as_default():
        with pytest.raises(ValueError, match="must be images with at least one pixel"):
            summary.image("a", np.zeros((1, 0, 5, 3)), step=0)


def test_without_tensorboard_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ["tensorboard", *sys.modules]:
        if name.partition(".")[0] == "tensorboard":
            monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match="pip install tensorboard"):
        scratchnet.summary.create_file_writer("logs")
    with pytest.raises(ImportError, match="TensorBoard: the package tensorboard writes"):
        scratchnet.keras.callbacks.TensorBoard("logs")
    assert scratchnet.summary.scalar("nobody", 1.0, step=0) is False
