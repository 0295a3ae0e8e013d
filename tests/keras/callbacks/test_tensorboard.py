"""The callback TensorBoard: the same events as Keras's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.callbacks import tensorboard
from tests.support.event_files import events
from tests.support.keras_programs import same, twins
from tests.test_summary import needs_tensorboard

X = np.random.default_rng(0).normal(size=(8, 3)).astype("f")
Y = X.sum(1, keepdims=True)


pytestmark = pytest.mark.filterwarnings("ignore:__array__ impl:DeprecationWarning")


def trained(tf: Any, folder: Path, **options: Any) -> dict[str, list[Any]]:
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1, name="d")])
    model.compile(tf.keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    log = tf.keras.callbacks.TensorBoard(str(folder / tf.__name__), **options)
    model.fit(X, Y, 3, 2, validation_data=(X, Y), shuffle=False, verbose=0, callbacks=[log])
    found = events(folder / tf.__name__)
    return {
        name: sorted((row for row in rows if "steps_per_second" not in row[0]), key=lambda r: r[:2])
        for name, rows in found.items()
    }


@needs_tensorboard
@pytest.mark.parametrize(
    "options",
    [
        {"write_graph": False},
        {"write_graph": False, "update_freq": 2, "write_steps_per_second": True},
        {"write_graph": False, "update_freq": "batch", "histogram_freq": 1, "write_images": True},
    ],
)
def test_events_are_keras_s(options: dict[str, Any], tmp_path: Path) -> None:
    theirs, ours = twins(lambda tf: trained(tf, tmp_path, **options))
    assert ours.keys() == theirs.keys()
    for folder, rows in theirs.items():
        assert [row[:3] for row in ours[folder]] == [row[:3] for row in rows]
        for mine, row in zip(ours[folder], rows, strict=True):
            if row[2] == "images":
                assert mine[3] == row[3]
            else:
                np.testing.assert_allclose(mine[3][0], row[3][0], rtol=1e-5, atol=2e-5)


@needs_tensorboard
def test_the_layers_are_written(tmp_path: Path) -> None:
    theirs, ours = twins(lambda tf: trained(tf, tmp_path)["train"])
    for side in (ours, theirs):
        (row,) = [row for row in side if row[2] == "graph_keras_model"]
        assert row[:2] == ("keras", 0)
        assert b'"class_name": "Sequential"' in row[3][0]


@needs_tensorboard
def test_what_is_not_here() -> None:
    make = scratchnet.keras.callbacks.TensorBoard
    for options in ({"embeddings_freq": 1}, {"update_freq": 0}):
        with pytest.raises(ValueError, match=next(iter(options))):
            make("logs", **options)
    for batches in (2, (2, 5), "3,4", [1, 1], "7"):
        with pytest.warns(UserWarning, match="`profile_batch` is passed over: nothing is profiled"):
            make("logs", profile_batch=batches)
    for batches in (-1, (5, 2), "a", (1, 2, 3), np.ones(2), None, ()):
        with pytest.raises(ValueError, match="`profile_batch` must be a non-negative integer"):
            make("logs", profile_batch=batches)
    for batches in (0, (0, 0), "0"):
        make("logs", profile_batch=batches)


@needs_tensorboard
def test_state_of_a_new_one(tmp_path: Path) -> None:
    def program(tf: Any) -> list[Any]:
        make = tf.keras.callbacks.TensorBoard
        given = [make(), make("a", 3, False, True, True, "batch"), make(update_freq=7)]
        # `write_graph` and `summary` are other modules, or hidden there.
        names = ("log_dir", "histogram_freq", "write_graph", "write_images", "update_freq")
        more = ("write_steps_per_second", "model", "params", "embeddings_metadata")
        return [[getattr(one, name) for name in (*names, *more)] for one in given]

    same(program)
    assert scratchnet.keras.callbacks.TensorBoard().summary is scratchnet.summary


def shapes_net(tf: Any) -> Any:
    """Weights of one to four axes, wide and tall, of one, two and three channels."""
    k = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input((5, 6, 3)),
            k.Conv2D(2, (2, 3), name="three", use_bias=False),
            k.Conv2D(3, (1, 2), name="row", use_bias=False),
            k.Conv2D(4, (3, 2), name="long", use_bias=False),
            k.Conv2D(1, (2, 1), name="flat", use_bias=False),
            k.Flatten(),
            k.Dense(3, name="wide"),
            k.Dense(2, name="tall"),
        ]
    )
    model.compile(tf.keras.optimizers.SGD(0.25), "mse")
    shapes = [w.shape for w in model.get_weights()]
    model.set_weights([np.sin(np.arange(np.prod(s))).reshape(s).astype("f") for s in shapes])
    return model


@needs_tensorboard
@pytest.mark.parametrize(("images", "every"), [(True, 2), (False, 1), (True, 0)])
def test_weights_by_hand(images: bool, every: int, tmp_path: Path) -> None:
    """As histograms and pictures, of each shape."""

    def program(tf: Any) -> Any:
        folder = tmp_path / tf.__name__
        log = tf.keras.callbacks.TensorBoard(folder, every, write_images=images)
        log.set_model(shapes_net(tf))
        log.on_train_begin()
        for epoch in range(3):
            log.on_epoch_end(epoch, {"loss": epoch, "val_loss": 0.5} if epoch else {})
        log.on_epoch_end(4)
        log.on_train_end()
        return {
            part: [
                row[:3] if row[2] in ("histograms", "graph_keras_model") else row for row in rows
            ]
            for part, rows in events(folder).items()
        }

    same(program)


@needs_tensorboard
def test_a_callback_serves_two_runs(tmp_path: Path) -> None:
    """With files, and numbers of batches, of their own; and what follows is not written."""

    def program(tf: Any) -> Any:
        folder = tmp_path / tf.__name__
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1, name="d")])
        model.compile(tf.keras.optimizers.SGD(0.1), "mse")
        log = tf.keras.callbacks.TensorBoard(folder, update_freq=2)
        found = []
        for _ in range(2):
            model.fit(X, Y, 2, 1, validation_data=(X, Y), verbose=0, callbacks=[log])
            found.append(tf.summary.scalar("after", 1.0, 1) is True)
        rows = {name: sorted(row[:3] for row in rows) for name, rows in events(folder).items()}
        return [found, rows]

    same(program)


@needs_tensorboard
def test_evaluation_without_an_optimizer_writes_nothing(tmp_path: Path) -> None:
    model = scratchnet.keras.Sequential([scratchnet.keras.Input((3,))])
    model.compile(None, "mse")
    log = scratchnet.keras.callbacks.TensorBoard(tmp_path, write_graph=False)
    log.set_model(model)
    log.on_test_end({"loss": 1.0})
    assert events(tmp_path) == {}


@needs_tensorboard
def test_the_layers_are_marked_as_keras_marks_them(tmp_path: Path) -> None:
    marks = []
    for tf in (tensorflow, scratchnet):
        log = tf.keras.callbacks.TensorBoard(tmp_path / tf.__name__)
        log.set_model(shapes_net(tf))
        log.on_train_end() if tf is scratchnet else log._close_writers()
        (path,) = (tmp_path / tf.__name__).rglob("events.out.tfevents.*")
        records = [record.numpy() for record in tensorflow.data.TFRecordDataset(str(path))]
        shown = [tensorflow.compat.v1.Event.FromString(record) for record in records]
        (value,) = [v for event in shown for v in event.summary.value if v.tag == "keras"]
        marks.append(value.metadata.plugin_data)
    assert marks[0] == marks[1]


@needs_tensorboard
def test_a_model_of_ones_own_has_no_layers_to_write(tmp_path: Path) -> None:
    class Own(scratchnet.keras.Model):
        pass

    class Unwritten(scratchnet.keras.Sequential):
        def to_json(self, **kwargs: Any) -> str:
            raise RuntimeError("no")

    log = scratchnet.keras.callbacks.TensorBoard(tmp_path)
    log.set_model(Own())
    assert events(tmp_path) == {}
    Unwritten.__name__ = "Sequential"
    with pytest.warns(UserWarning, match=r"Model failed to serialize as JSON. Ignoring... no$"):
        log.set_model(Unwritten())


@needs_tensorboard
def test_the_speed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps by the seconds that they took, of each batch and of each epoch."""
    now = iter([1.0, 10.0, 10.5, 20.0, 20.25, 101.0, 200.0, 204.0])
    monkeypatch.setattr(tensorboard.time, "perf_counter", lambda: next(now))
    model = shapes_net(scratchnet)
    log = scratchnet.keras.callbacks.TensorBoard(
        tmp_path, write_graph=False, write_steps_per_second=True, update_freq=1
    )
    log.set_model(model)
    log.on_train_begin()
    log.on_epoch_begin(0)  # at 1
    for batch in range(2):
        log.on_train_batch_begin(batch)
        model.optimizer.iterations.assign_add(5)
        log.on_train_batch_end(batch)
    log.on_epoch_end(0, {"loss": 1.0})  # at 101
    log.on_epoch_begin(1)  # at 200
    model.optimizer.iterations.assign_add(2)
    log.on_epoch_end(1, {"loss": 1.0})  # at 204
    log.on_train_end()
    found = [row for row in events(tmp_path)["train"] if "per_second" in row[0]]
    assert [(name, step, value[0]) for name, step, _, value in found] == [
        ("batch_steps_per_second", 1, 2.0),
        ("batch_steps_per_second", 2, 4.0),
        ("epoch_steps_per_second", 0, pytest.approx(0.1)),
        ("epoch_steps_per_second", 1, 0.5),
    ]


def test_without_the_package_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    for name in [name for name in sys.modules if name.startswith("tensorboard.")]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match="TensorBoard"):
        scratchnet.keras.callbacks.TensorBoard()


@needs_tensorboard
@pytest.mark.parametrize("name", ["write_graph", "write_images", "write_steps_per_second"])
def test_flags_are_true_or_false(name: str) -> None:
    with pytest.raises(ValueError, match=f"TensorBoard: `{name}` must be"):
        scratchnet.keras.callbacks.TensorBoard(**{name: np.ones(2)})


@needs_tensorboard
def test_frequencies_are_integers() -> None:
    make = scratchnet.keras.callbacks.TensorBoard
    with pytest.raises(ValueError, match="TensorBoard: `histogram_freq` must be an integer >= 0"):
        make(histogram_freq=-1)
    with pytest.raises(TypeError, match="TensorBoard: `histogram_freq` must be an integer"):
        make(histogram_freq=0.5)
    with pytest.raises(TypeError, match="TensorBoard: `update_freq` must be an integer"):
        make(update_freq="batches")
    with pytest.raises(ValueError, match="TensorBoard: `update_freq` must be an integer >= 1"):
        make(update_freq=0)
    with pytest.raises(ValueError, match="TensorBoard: `embeddings_freq` must be 0, and"):
        make(embeddings_metadata={})
