"""Tracebacks without frames of the package, and warnings that point at the user's line."""

from __future__ import annotations

import functools
import inspect
import json
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet import keras
from scratchnet.engine import tracebacks


class Wrong(keras.layers.Layer):
    def call(self, x: Any) -> Any:
        return tf.matmul(x, tf.ones((3, 3)))


class Chained(keras.layers.Layer):
    def call(self, x: Any) -> Any:
        try:
            {}["a"]
        except KeyError as error:
            raise RuntimeError("no such thing") from error


def _model() -> Any:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    return model


def _frames(error: BaseException) -> tuple[list[Any], list[Any]]:
    """The frames of a report: those of the package, those of this file."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "/scratchnet/" in f.filename and "/tests/" not in f.filename]
    return ours, [f for f in frames if f.filename == __file__]


def _ask_twice(method: str) -> None:
    x = tf.constant([1.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.gradient(y, x)
    getattr(tape, method)(y, x)  # the tape was used


def _accuracy() -> Any:
    return keras.metrics.SparseCategoricalAccuracy()


def _product(x: Any) -> Any:
    return tf.matmul(x, x)


FAILING = {
    "predict": (lambda: _model().predict(np.ones(4)), 1),
    "fit": (lambda: _model().fit(np.ones((2, 3)), np.ones((2, 2)), verbose=0), 1),
    "train_on_batch": (lambda: _model().train_on_batch(np.ones((2, 3)), np.ones((2, 2))), 1),
    "model": (lambda: _model()(np.ones((2, 3))), 2),
    "layer": (lambda: Wrong()(np.ones((2, 4))), 1),
    "Sequential": (lambda: keras.Sequential([keras.Input((4,)), Wrong()]), 1),
    "function": (lambda: tf.matmul(tf.ones((2, 3)), tf.ones((2, 3))), 1),
    "operator": (lambda: tf.ones((2, 3)) @ tf.ones((2, 3)), 2),
    "optimizer": (lambda: keras.optimizers.SGD().apply_gradients([]), 1),
    "gradient": (lambda: _ask_twice("gradient"), 1),
    "jacobian": (lambda: _ask_twice("jacobian"), 1),
    "batch_jacobian": (lambda: _ask_twice("batch_jacobian"), 1),
    "watch": (lambda: tf.GradientTape().watch(3), 1),
    "Model": (lambda: keras.Model(keras.Input((3,)), keras.Input((3,))), 1),
    "load_model": (lambda: keras.models.load_model("/nowhere.keras"), 1),
    "save": (lambda: _model().save("model.txt"), 2),
    "save_weights": (lambda: _model().save_weights("model.txt"), 2),
    "load_weights": (lambda: _model().load_weights("model.txt"), 2),
    "model_from_json": (lambda: keras.models.model_from_json("{"), 1),
    "loss": (lambda: keras.losses.MeanSquaredError()([[1.0, 2.0]], [[1.0, 2.0, 3.0]]), 1),
    "loss function": (lambda: keras.losses.mean_squared_error([1.0, 2.0], [1.0, 2.0, 3.0]), 1),
    "metric": (lambda: keras.metrics.MeanSquaredError()([[1.0, 2.0]], [[1.0, 2.0, 3.0]]), 1),
    "update_state": (lambda: _accuracy().update_state([[1.0, 2.0]], 3.0), 1),
    "a data set": (lambda: next(iter(tf.data.Dataset.range(3).map(_product))), 2),
}


@pytest.mark.parametrize("name", FAILING)
def test_frames_of_the_package_are_left_out(name: str) -> None:
    program, most = FAILING[name]
    kinds = ValueError, RuntimeError, AttributeError, tf.errors.InvalidArgumentError
    with pytest.raises(kinds) as caught:
        program()
    ours, users = _frames(caught.value)
    assert len(ours) <= most
    if name in ("layer", "Sequential"):
        assert users[-1].name == "call"  # the line in the user's layer
    assert "During handling" not in "".join(traceback.format_exception(caught.value))


def test_filtering_can_be_switched_off() -> None:
    def count() -> int:
        with pytest.raises(ValueError, match="one sample") as caught:
            _model().predict(np.ones(4))
        return len(_frames(caught.value)[0])

    assert count() == 1
    keras.config.disable_traceback_filtering()
    try:
        assert not tf.debugging.is_traceback_filtering_enabled()
        assert count() > 5
    finally:
        keras.config.enable_traceback_filtering()
    assert keras.config.is_traceback_filtering_enabled()
    assert count() == 1


def test_a_cause_of_the_users_stays() -> None:
    with pytest.raises(RuntimeError, match="no such thing") as caught:
        Chained()(np.ones((2, 4)))
    assert isinstance(caught.value.__cause__, KeyError)


def test_warnings_point_at_the_users_line() -> None:
    model = _model()
    model.trainable = False

    def programs() -> None:
        model.fit(np.ones((2, 4)), np.ones((2, 2)), verbose=0)
        keras.layers.Dense(2, input_shape=(3,))
        keras.layers.LeakyReLU(alpha=0.1)
        keras.activations.softmax(tf.ones((2, 1)))
        keras.losses.categorical_crossentropy([[1.0]], [[1.0]])
        keras.callbacks.EarlyStopping(mode="best")
        keras.optimizers.SGD(decay=0.1)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        programs()
    first = inspect.getsourcelines(programs)[1]
    assert len(caught) >= 6
    assert {w.filename for w in caught} == {__file__}
    assert [w.lineno - first for w in caught] == sorted(w.lineno - first for w in caught)


@pytest.mark.parametrize("function", [tf.nn.conv2d, tf.matmul, tf.reduce_sum, tf.nn.relu])
def test_the_source_of_a_function_is_its_own(function: Any) -> None:
    source = inspect.getsource(function)
    assert source.startswith(f"def {function.__name__}(")
    assert "/ops/" in inspect.getsourcefile(inspect.unwrap(function))


def test_a_frame_of_python_s_own_library_between_the_user_s_stays() -> None:
    @functools.singledispatch
    def add_text(x: Any) -> Any:
        return tf.add(x, "text")

    class Mine(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return add_text(x)

    with pytest.raises(Exception) as caught:  # noqa: PT011
        Mine()(tf.constant([1.0]))
    files = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert [file for file in files if file in (__file__, functools.__file__)] == [
        *(__file__, __file__),  # here, and in `call`
        *(functools.__file__, __file__),
    ]


# -- whose a file is, and what an error came of ----------------------------------------------------


def test_whose_a_file_is() -> None:
    package = str(Path(tf.__file__).parent)
    users = [__file__, "<stdin>", "/home/me/scratchnet.py", np.__file__, pytest.__file__]
    assert [tracebacks.is_the_users(file) for file in users] == [True] * 5
    others = [tf.__file__, f"{package}/ops/matmul.py", functools.__file__, "<frozen runpy>"]
    assert [tracebacks.is_the_users(file) for file in others * 2] == [False] * 8
    library = Path(functools.__file__).parent
    for folder in ("site-packages", "dist-packages"):
        assert tracebacks.is_the_users(str(library / folder / "mine.py"))


def raised(function: Any) -> Exception:
    try:
        function()
    except Exception as error:
        return error
    raise AssertionError


def test_the_reason_of_an_error_is_what_the_user_raised() -> None:
    def while_handling(*, cause: Any = None, hidden: bool = False) -> None:
        try:
            {}["a"]
        except KeyError as error:
            if hidden:
                raise ValueError("b") from None
            if cause:
                raise ValueError("b") from error
            raise ValueError("b")  # noqa: B904

    assert tracebacks.reason(raised(lambda: {}["a"])) is None
    assert isinstance(tracebacks.reason(raised(while_handling)), KeyError)
    assert isinstance(tracebacks.reason(raised(lambda: while_handling(cause=True))), KeyError)
    assert tracebacks.reason(raised(lambda: while_handling(hidden=True))) is None
    error = ValueError("b")
    error.__context__ = KeyError("a")  # raised nowhere: of no file of the user's
    assert tracebacks.reason(error) is None
    for call in (lambda: json.loads("{"), lambda: np.linalg.inv(np.ones((2, 3)))):
        inside = raised(call)
        error.__context__ = inside
        assert tracebacks.reason(error) is inside
        inside.__traceback__ = inside.__traceback__.tb_next.tb_next  # type: ignore[union-attr]
        assert tracebacks.reason(error) is None  # all of it is a library's that the package called
    of_ours = raised(lambda: tf.matmul(1.0, 2.0))
    error.__context__ = of_ours
    of_ours.__traceback__ = of_ours.__traceback__.tb_next.tb_next  # type: ignore[union-attr]
    assert tracebacks.reason(error) is None


def test_a_filtered_error_keeps_its_text_and_the_users_frames() -> None:
    def inner() -> None:
        tf.matmul(tf.ones((2, 3)), tf.ones((2, 3)))

    error = raised(inner)
    assert [frame.name for frame in _frames(error)[1]] == ["raised", "inner"]
    assert tracebacks.filtered(error) is error
    assert [frame.name for frame in _frames(error)[1]] == ["raised", "inner"]
    assert not _frames(error)[0]


@pytest.mark.parametrize("category", [None, DeprecationWarning])
def test_a_warning_has_its_category(category: Any) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tracebacks.warn("mind", *([category] if category else []))
    (warning,) = caught
    assert (warning.filename, str(warning.message)) == (__file__, "mind")
    assert warning.category is (category or UserWarning)
    assert warning.lineno == inspect.currentframe().f_lineno - 4  # type: ignore[union-attr]
