"""The network of a training: the notebook's, one for other images, one of a user's file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import scratchnet
from scratchnet.train import images, training
from tests.support.full_training import MODEL
from tests.support.train_command import run, save, small


def test_the_seed_network_is_the_notebooks():
    model = training.seed_network((28, 28, 1))
    assert model.count_params() == 1_199_882
    assert [layer.count_params() for layer in model.layers] == [
        320,
        18_496,
        0,
        0,
        0,
        1_179_776,
        0,
        1_290,
    ]
    assert model.output_shape == (None, 10)


@pytest.mark.parametrize(
    ("shape", "dtype"), [((6, 6), np.uint8), ((9, 7), np.float32), ((8, 8, 3), np.int64)]
)
def test_images_of_other_sizes_channels_and_dtypes_get_a_network_of_their_own(shape, dtype):
    x = small(shape=(8, 8))["x_train"][:, :1, :1].astype(dtype)
    x = np.broadcast_to(x.reshape(-1, *[1] * len(shape)), (96, *shape)) / dtype(255)
    x = x.astype(dtype)
    data = save(x_train=x, x_test=x[:32])
    assert run("train", "--data", data, "--epochs", 1, "--batch-size", 50) == 0


BAD_MODELS = {
    "no build": ("x = 1\n", "model.py: must define a function build(tf) that returns a model"),
    "no Python": ("def build(tf:\n", "model.py:1: SyntaxError: "),
    "fails": ("def build(tf):\n    return tf.keras.layers.Nothing()\n", "model.py:2: Attribute"),
    "imports": ("import not_there\n", "model.py:1: ModuleNotFoundError: No module named"),
    "no model": ("def build(tf):\n    return 3\n", "model.py: build(tf) must return a model, rec"),
    "too few": (
        MODEL.format(rate=0).replace("Dense(10", "Dense(9"),
        "model.py: build(tf) must return a model that gives each image the probabilities of at "
        "least 10 classes, received outputs of shape (None, 9)",
    ),
    "no classes": (
        MODEL.format(rate=0).replace("layers.Flatten(),", ""),
        "received outputs of shape (None, 13, 13, 10)",
    ),
}


@pytest.mark.parametrize("library", [scratchnet, tf], ids=["scratchnet", "tensorflow"])
@pytest.mark.parametrize("name", BAD_MODELS)
def test_a_bad_model_file_is_one_line_that_names_its_line(name, library):
    text, says = BAD_MODELS[name]
    Path("model.py").write_text(text)
    found = images.load_images("digits", 50, 50)
    with pytest.raises(ValueError) as error:  # noqa: PT011
        hand_over_network(library, found)
    assert says in str(error.value)


def hand_over_network(library, found):
    from scratchnet.train.network import make_network

    return make_network(library, "model.py", found)


def test_a_model_file_may_import_what_lies_beside_it():
    Path("beside.py").write_text("WIDTH = 10\n")
    Path("model.py").write_text(
        "from beside import WIDTH\n" + MODEL.format(rate=0).replace("Dense(10", "Dense(WIDTH")
    )
    assert hand_over_network(scratchnet, images.load_images("digits", 50, 50)).count_params() > 0
