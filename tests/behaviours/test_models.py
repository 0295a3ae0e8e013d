"""Models: their summaries, the inputs they take, their weights, files and frozen layers."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.behaviours.both import complains
from tests.support.keras_programs import (
    close,
    complain_alike,
    complaint,
    fresh,
    printed,
    prints_the_same,
    same,
    seed_net,
)

RNG = np.random.default_rng(70)
# Keras's own variables, written to a file, do not know of an argument of NumPy's.
NUMPY_WARNS = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
IMAGES = RNG.random((3, 8, 8, 1)).astype("f")


def convnet(tf: Any) -> Any:
    k = tf.keras.layers
    return tf.keras.Sequential(
        [tf.keras.Input((8, 8, 1)), k.Conv2D(2, 3), k.Flatten(), k.Dense(3, activation="softmax")]
    )


def small(tf: Any, *layers: Any) -> Any:
    return tf.keras.Sequential([tf.keras.Input((2,)), *layers, tf.keras.layers.Dense(3)])


def two_inputs(tf: Any) -> Any:
    a, b = tf.keras.Input((2,), name="a"), tf.keras.Input((2,), name="b")
    return tf.keras.Model([a, b], tf.keras.layers.Add()([a, b]))


def any_size(tf: Any) -> Any:
    """The functional model of the notebook that this project began with."""
    k, entry = tf.keras.layers, tf.keras.Input((None, None, 1), name="digits")
    x = k.Conv2D(16, 3, activation="relu")(k.Conv2D(16, 3, activation="relu")(entry))
    return tf.keras.Model(entry, k.Dense(10)(k.GlobalAveragePooling2D()(x)))


def test_70_the_table_of_a_summary() -> None:
    """Heavy lines around the head, counts to the right with separators, sizes in B, KB and MB.

    After training the optimizer's variables have a line of their own, and are in the total.
    """
    prints_the_same(lambda tf: seed_net(tf.keras).summary())
    table = printed(lambda tf: seed_net(tf.keras).summary(), tensorflow)
    assert "Total params: 1,199,882 (4.58 MB)" in table
    assert "│ conv2d_1 (Conv2D)" in table
    assert " 18,496 │\n" in table

    def long_name(tf: Any) -> None:
        tf.keras.Sequential(
            [tf.keras.Input((2,)), tf.keras.layers.Dense(1, name="long_" * 20)]
        ).summary()

    prints_the_same(long_name)

    def trained(tf: Any) -> None:
        model = small(tf)
        model.compile(tf.keras.optimizers.SGD(0.1, momentum=0.9), "mse")
        model.fit(np.ones((4, 2), "f"), np.ones((4, 3), "f"), verbose=0)
        model.summary()

    prints_the_same(trained)
    assert "Optimizer params: 11 (" in printed(trained, tensorflow)


def test_71_columns_of_a_summary() -> None:
    """Branches add "Connected to", `show_trainable` a column of Y and N; an Input has a row."""
    prints_the_same(lambda tf: two_inputs(tf).summary())
    prints_the_same(lambda tf: any_size(tf).summary(show_trainable=True))
    prints_the_same(lambda tf: any_size(tf).summary(line_length=65))
    unbuilt = lambda tf: tf.keras.Sequential([tf.keras.layers.Dense(1)]).summary()  # noqa: E731
    prints_the_same(unbuilt)
    connected = printed(lambda tf: two_inputs(tf).summary(), tensorflow)
    assert "a[0][0], b[0][0]" in connected
    assert "InputLayer" in connected
    assert "InputLayer" not in printed(lambda tf: convnet(tf).summary(), tensorflow)
    assert "0 (unbuilt)" in printed(unbuilt, tensorflow)


def test_71_a_function_gets_the_whole_summary_at_once() -> None:
    def program(tf: Any) -> list[str]:
        texts: list[str] = []
        convnet(tf).summary(print_fn=texts.append)
        return texts

    assert len(same(program)) == 1


def test_72_sizes_that_are_not_known_and_counts() -> None:
    """A size that is not known is None, in shapes and in the table; parameters do not need it."""

    def program(tf: Any) -> list[Any]:
        model = any_size(tf)
        counts = [model.count_params(), seed_net(tf.keras).count_params()]
        return [*counts, model.layers[2].output.shape]

    assert same(program) == [2650, 1199882, (None, None, None, 16)]
    prints_the_same(lambda tf: any_size(tf).summary(line_length=100))
    wide = printed(lambda tf: any_size(tf).summary(line_length=100), tensorflow)
    assert "(None, None, None, 16)" in wide


def test_88_inputs_of_a_rank_too_low() -> None:
    """A last axis of size 1 may be missing: (2, 8, 8) is a batch for images of (8, 8, 1)."""

    def program(tf: Any) -> list[Any]:
        found = []
        for x in (IMAGES, IMAGES[..., 0]):
            fresh(tf)
            found.append(convnet(tf).predict(x, verbose=0))
        return found

    full, squeezed = close(program, 20)
    np.testing.assert_array_equal(full, squeezed)


@pytest.mark.parametrize("how", ["call", "predict"])
def test_88_one_image_without_a_batch_axis(how: str) -> None:
    """Keras takes (8, 8, 1) for eight images of one column, and fails inside Conv2D.

    Both raise ValueErrors; ours names both shapes and says what to do: add a batch axis.
    """

    def program(tf: Any) -> Any:
        model = convnet(tf)
        return model(IMAGES[0]) if how == "call" else model.predict(IMAGES[0], verbose=0)

    kinds = [complaint(program, tf)[0] for tf in (tensorflow, scratchnet)]
    assert kinds[0] in ("ValueError", "InvalidArgumentError")
    assert kinds[1] == "ValueError"
    assert "negative" in complaint(program, tensorflow)[2].lower()
    complains(scratchnet, program, "ValueError", "Expected shape (None, 8, 8, 1), but input has")
    complains(scratchnet, program, "ValueError", "add a batch axis: x[None]")


def test_89_the_same_advice_whatever_came_before() -> None:
    """Keras's words for this mistake depend on what was predicted before; ours do not."""

    def program(tf: Any) -> Any:
        model = convnet(tf)
        for x in (IMAGES, IMAGES[..., 0], IMAGES[:1]):
            model.predict(x, verbose=0)
        return model.predict(IMAGES[0], verbose=0)

    assert complaint(program, tensorflow)[0]
    assert "add a batch axis" not in complaint(program, tensorflow)[2]
    complains(scratchnet, program, "ValueError", "add a batch axis: x[None]")


def test_90_which_layer_complains() -> None:
    """Another image size is seen by Dense, other channels by Conv2D, a flat image by the model."""
    complain_alike(
        lambda tf: convnet(tf)(np.zeros((2, 9, 8, 1), "f")),
        "expected axis -1 of input shape to have value 72, but received input with shape (2, 84)",
    )
    complain_alike(
        lambda tf: convnet(tf)(np.zeros((2, 8, 8, 3), "f")),
        "expected axis -1 of input shape to have value 1, but received input with shape "
        "(2, 8, 8, 3)",
    )
    complain_alike(
        lambda tf: convnet(tf)(np.zeros((2, 64), "f")),
        "Expected shape (None, 8, 8, 1), but input has incompatible shape (2, 64)",
    )


def test_92_weights_and_layers_by_name() -> None:
    """Complaints about weights tell the layer and both shapes; about layers, those there are."""
    fewer = lambda tf: small(tf).layers[0].set_weights([np.zeros((2, 3))])  # noqa: E731
    complain_alike(fewer, "'dense'", "has 2 weights, received 1")
    other = lambda tf: small(tf).layers[0].set_weights([np.zeros((4, 3)), np.zeros(3)])  # noqa: E731
    complain_alike(other, "dense", "has shape (2, 3), received shape (4, 3)")
    complain_alike(lambda tf: convnet(tf).get_layer("foo"), "['conv2d', 'flatten', 'dense']", "foo")

    def program(tf: Any) -> list[Any]:
        model = convnet(tf)
        return [model.get_layer("dense").name, model.get_layer(index=0).name]

    assert same(program) == ["dense", "conv2d"]


def test_93_a_built_sequential_may_still_change() -> None:
    def program(tf: Any) -> list[Any]:
        model = convnet(tf)
        model.pop()
        model.add(tf.keras.layers.Dense(5, name="end"))
        return [[layer.name for layer in model.layers], model.output_shape, model.count_params()]

    names, shape, _ = same(program)
    assert names[-1] == "end"
    assert shape == (None, 5)


def test_93_to_categorical() -> None:
    """float64; negative labels count from the end; a column is squeezed; too large ones fail."""

    def program(tf: Any) -> list[Any]:
        one_hot = tf.keras.utils.to_categorical
        return [one_hot([0, 2, -1], 4), one_hot(np.array([[1], [0]]))]

    vector, column = close(program, 0)
    assert vector.dtype == np.float64
    np.testing.assert_array_equal(vector, np.eye(4)[[0, 2, 3]])
    np.testing.assert_array_equal(column, np.eye(2)[[1, 0]])
    complain_alike(lambda tf: tf.keras.utils.to_categorical([4], 4), "4")
    for tf in (tensorflow, scratchnet):
        complains(tf, lambda tf: tf.keras.utils.to_categorical([4], 4), "IndexError", "4")


def layout(path: Path) -> list[str]:
    """The arrays in an HDF5 file: where they lie, of which shape."""
    found: list[str] = []

    def note(name: str, part: Any) -> None:
        if isinstance(part, h5py.Dataset):
            found.append(f"{name} {part.shape}")

    with h5py.File(path) as file:
        file.visititems(note)
    return sorted(found)


@NUMPY_WARNS
def test_94_files_of_weights(tmp_path: Path) -> None:
    """Weights lie at ``layers/<class>[_i]/vars/<k>``, those of the optimizer at ``optimizer/vars``.

    By position: the name that a layer was given does not count.  `save_weights` wants
    ``.weights.h5``.
    """

    def program(tf: Any) -> list[str]:
        model = small(tf, tf.keras.layers.Dense(2, name="own_name"))
        model.compile(tf.keras.optimizers.SGD(0.1, momentum=0.9), "mse")
        model.fit(np.ones((4, 2), "f"), np.ones((4, 3), "f"), verbose=0)
        path = tmp_path / f"{tf.__name__}.weights.h5"
        model.save_weights(path)
        return layout(path)

    found = same(program)
    assert "layers/dense/vars/0 (2, 2)" in found
    assert "layers/dense_1/vars/1 (3,)" in found
    assert any(name.startswith("optimizer/vars/0 ") for name in found)
    complain_alike(lambda tf: small(tf).save_weights(tmp_path / "w.h5"), ".weights.h5")


@NUMPY_WARNS
def test_94_files_of_models(tmp_path: Path) -> None:
    """A ``.keras`` file is a zip of metadata, configuration and weights.

    Other endings are refused, but for ``.h5``, the format of before.
    """

    def program(tf: Any) -> list[str]:
        path = tmp_path / f"{tf.__name__}.keras"
        small(tf).save(path)
        with zipfile.ZipFile(path) as file:
            names = sorted(file.namelist())
            (tmp_path / "weights.h5").write_bytes(file.read("model.weights.h5"))
        return [*names, *layout(tmp_path / "weights.h5")]

    names = same(program)[:3]
    assert names == ["config.json", "metadata.json", "model.weights.h5"]
    complain_alike(lambda tf: small(tf).save(tmp_path / "model.foo"), "Invalid filepath extension")


def test_95_what_counts_as_trainable() -> None:
    """A frozen layer moves its variables to the others; a dropout's seed is no weight at all."""

    def program(tf: Any) -> list[Any]:
        model = small(tf, tf.keras.layers.Dense(4), tf.keras.layers.Dropout(0.5))
        before = [len(model.trainable_variables), len(model.non_trainable_variables)]
        model.layers[0].trainable = False
        after = [len(model.trainable_variables), len(model.non_trainable_variables)]
        return [before, after, len(model.weights), [v.path for v in model.non_trainable_variables]]

    before, after, weights, _ = same(program)
    assert [before, after, weights] == [[4, 1], [2, 3], 4]
