"""Arguments of all of Keras that hold arrays where none can be: each is refused by its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.keras.config import array_of_numbers, check_factors, check_flags

K, L = tf.keras, tf.keras.layers
X, Y, CLASSES = np.zeros((4, 2), "f"), np.zeros((4, 1), "f"), np.array([0, 1, 1, 0])
STEPS = np.zeros((2, 3, 2), "f")


def model(units: int = 1, **options: Any) -> Any:
    made = K.Sequential([K.Input((2,)), L.Dense(units)])
    made.compile("sgd", "mse", **options)
    return made


# name of the argument -> programs in which it is true or false
FLAGS: dict[str, list[Callable[[Any], Any]]] = {
    "mask_zero": [lambda b: L.Embedding(3, 2, mask_zero=b)],
    "flash_attention": [lambda b: L.MultiHeadAttention(1, 2, flash_attention=b)],
    "antialias": [lambda b: L.Resizing(1, 2, antialias=b)],
    "training": [lambda b: L.Dropout(0.5)(X, training=b)],
    "trainable": [
        lambda b: setattr(L.Dense(1), "trainable", b),
        lambda b: K.Variable([1.0], trainable=b),
    ],
    "staircase": [
        lambda b: K.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5, staircase=b),
        lambda b: K.optimizers.schedules.InverseTimeDecay(0.1, 1, 0.5, staircase=b),
    ],
    "cycle": [lambda b: K.optimizers.schedules.PolynomialDecay(0.1, 1, cycle=b)],
    "save_best_only": [lambda b: K.callbacks.ModelCheckpoint("a.keras", save_best_only=b)],
    "save_weights_only": [lambda b: K.callbacks.ModelCheckpoint("a.keras", save_weights_only=b)],
    "return_dict": [
        lambda b: model().evaluate(X, Y, verbose=0, return_dict=b),
        lambda b: model().train_on_batch(X, Y, return_dict=b),
        lambda b: model().test_on_batch(X, Y, return_dict=b),
    ],
    "run_eagerly": [lambda b: model(run_eagerly=b)],
    "expand_nested": [lambda b: model().summary(expand_nested=b)],
    "show_trainable": [lambda b: model().summary(show_trainable=b)],
}
# name of the argument -> programs in which it is one of some words
WORDS: dict[str, list[Callable[[Any], Any]]] = {
    "jit_compile": [lambda b: model(jit_compile=b)],
    "fill_mode": [lambda b: L.Resizing(1, 2, fill_mode=b)],
    "save_freq": [lambda b: K.callbacks.ModelCheckpoint("a.keras", save_freq=b)],
    "profile_batch": [lambda b: K.callbacks.TensorBoard("a", profile_batch=b)],
    "value": [K.config.set_floatx],
    "padding": [lambda b: K.utils.pad_sequences([[1]], padding=b)],
    "truncating": [lambda b: K.utils.pad_sequences([[1]], truncating=b)],
    "data_format": [lambda b: K.utils.img_to_array(np.zeros((1, 1)), b)],
    "color_mode": [lambda b: K.utils.load_img("a.png", color_mode=b)],
    "interpolation": [lambda b: K.utils.load_img("a.png", interpolation=b)],
    "version": [lambda b: K.datasets.california_housing.load_data(b)],
    "label_mode": [
        lambda b: K.datasets.cifar100.load_data(b),
        lambda b: K.utils.image_dataset_from_directory(".", label_mode=b),
    ],
    "labels": [lambda b: K.utils.image_dataset_from_directory(".", labels=b)],
    "hash_algorithm": [lambda b: K.utils.get_file("a", "file:///a", hash_algorithm=b)],
}
SEVERAL = [np.array([None, 1]), np.ones((2, 1)), np.zeros((0, 3)), tf.constant([True, False])]


@pytest.mark.parametrize("name", [*FLAGS, *WORDS])
def test_arrays_are_neither_true_nor_a_word(name: str, tmp_path: Path) -> None:
    for program in (*FLAGS.get(name, ()), *WORDS.get(name, ())):
        for value in SEVERAL:
            with pytest.raises(ValueError, match=f"`{name}`.* must .*, received {name}="):
                program(value)


def test_arrays_are_no_merge_mode() -> None:
    with pytest.raises(ValueError, match=r"Invalid merge mode\. Received"):
        L.Bidirectional(L.LSTM(1), merge_mode=np.array(["sum", "mul"]))


def test_one_element_is_true_or_false() -> None:
    for value in (1, "a", None, [], np.array([True]), np.array(0), tf.constant(True)):
        check_flags("f", a=value)
        L.Embedding(3, 2, mask_zero=value)(CLASSES)
        L.Dropout(0.5)(X, training=value)


class Strange:
    """As a data frame: there, but neither true nor false."""

    def __bool__(self) -> bool:
        raise ValueError("the truth value of a frame is ambiguous")


def test_what_says_that_it_is_neither() -> None:
    with pytest.raises(ValueError, match="f: `a` must be True or False, received a=<"):
        check_flags("f", a=Strange())


# name of the argument -> programs in which it is an array of numbers
LISTS: dict[str, list[Callable[[Any], Any]]] = {
    "mean": [lambda v: L.Normalization(mean=v, variance=v)],
    "variance": [lambda v: L.Normalization(mean=[0.0, 0.0], variance=v)],
    "weights": [
        lambda v: L.Embedding(3, 2, weights=v),
        lambda v: model().set_weights([v, [1.0]]),
        lambda v: model().layers[0].set_weights([[[1.0], [2.0]], v]),
    ],
    "values": [
        lambda v: K.optimizers.schedules.PiecewiseConstantDecay([1] * (len(v) - 1), v),
    ],
    "bin_boundaries": [lambda v: L.Discretization(v)],
    "data": [lambda v: L.IntegerLookup().adapt(v)],
    "validation_split": [lambda v: model().fit(X, Y, validation_split=v, verbose=0)],
    "validation_freq": [
        lambda v: model().fit(X, Y, validation_data=(X, Y), validation_freq=v, verbose=0)
    ],
    "class_weight": [lambda v: model(2).fit(X, CLASSES, class_weight={0: v}, verbose=0)],
    "value": [lambda v: K.utils.pad_sequences([[1], [1, 2]], value=v)],
    "img": [K.utils.img_to_array],
    "x": [K.utils.array_to_img, K.utils.to_categorical],
}
RAGGED: list[Any] = [[[1.0], [1.0, 2.0]], [np.zeros(2), np.zeros(3)], [[1, "a"], [2, "b"]]]


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_several_lengths_or_kinds(name: str) -> None:
    for program in LISTS[name]:
        for value in RAGGED:
            with pytest.raises((TypeError, ValueError), match=f"`{name}`.* must .*received"):
                program(value)


# program, what its text says
OTHERS: list[tuple[Callable[[], Any], str]] = [
    (lambda: L.Normalization().adapt(np.array([[None, 1]])), "`data` must be numbers"),
    (lambda: L.Normalization(mean=[1.0] * 3, variance=[1.0] * 3)(X), "`mean` must be of shape (2,"),
    (lambda: L.BatchNormalization(axis=float("inf")), "`axis` must be an integer"),
    (lambda: L.MultiHeadAttention(1, 2)(), "`query` must be given"),
    (lambda: L.MultiHeadAttention(1, 2)(STEPS), "`value` must be given"),
    (lambda: L.LSTM(2)(STEPS, mask=[[]]), "`mask` must be a tensor or an array"),
    (lambda: L.LSTM(2)(STEPS, initial_state=[[1.0], [1.0]]), "`initial_state` must hold one"),
    (lambda: L.Resizing(1, 1)({}), "`data` must hold 'images', received data={}"),
    (lambda: L.RandomFlip()({"labels": X}), "`data` must hold 'images'"),
    (lambda: K.metrics.Recall(class_id=True), "`class_id` must be an integer"),
    (lambda: L.Dense(2).build(3), "`input_shape` must be a shape"),
    (
        lambda: L.IntegerLookup(vocabulary=[1], output_mode="tf_idf", idf_weights=1.0),
        "same length as vocabulary. The shape of idf_weights is ()",
    ),
    (lambda: K.Sequential(np.array([None, 1])), "`layer` must be a layer"),
    (lambda: K.optimizers.SGD().apply(1j), "`grads` must be a list of gradients"),
    (lambda: K.optimizers.RMSprop(rho=range(3)), "`rho` must be a number"),
    (lambda: K.constraints.MinMaxNorm(rate=range(3)), "`rate` must be a number"),
    (lambda: K.activations.soft_shrink(X, range(3)), "`threshold` must be a number"),
    (lambda: K.utils.to_categorical([2**70]), "`x` must hold the numbers of classes"),
    (lambda: K.utils.to_categorical([1], 2**70), "`num_classes` must leave room in memory"),
    (lambda: K.utils.normalize(X, axis=2**70), "`axis` must be an axis of `x`"),
    (lambda: K.utils.pad_sequences([["a"]]), "`sequences` must hold lists whose elements"),
    (lambda: K.utils.pad_sequences([[1]], maxlen=2**70), "`maxlen` must be a positive integer"),
    (lambda: K.utils.pad_sequences([[1]], value=2**70), "`value` must be a number for"),
    (lambda: model().summary(line_length="a"), "`line_length` must be an integer"),
    (lambda: model().summary(positions=np.ones(3)), "`positions` must say where"),
]


@pytest.mark.parametrize("i", range(len(OTHERS)))
def test_refused_by_name(i: int) -> None:
    program, text = OTHERS[i]
    with pytest.raises(Exception, match=re.escape(text)) as caught:
        program()
    assert isinstance(
        caught.value, TypeError | ValueError | AttributeError | IndexError | tf.errors.OpError
    )


def test_numbers_are_taken() -> None:
    assert array_of_numbers("f", "a", [[1], [2]]).shape == (2, 1)
    assert array_of_numbers("f", "a", tf.constant(1j)).dtype == complex
    assert not array_of_numbers("f", "a", 3).ndim
    with pytest.raises(TypeError, match="f: `a` must be a number, received a="):
        check_factors("f", a=1j)
