"""IntegerLookup against Keras's: places, vocabularies found, models, files, complaints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_programs import configured_alike
from tests.support.saved_models import crosses

X = np.random.default_rng(1).integers(0, 9, (20, 3))
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "many out": {"num_oov_indices": 3},
    "mask": {"mask_token": 0},
    "mask, many out": {"mask_token": 2, "num_oov_indices": 2, "oov_token": -7},
    "most": {"max_tokens": 6},
    "one hot": {"output_mode": "one_hot", "mask_token": 0},
    "multi hot": {"output_mode": "multi_hot", "num_oov_indices": 2, "max_tokens": 12},
    "count": {"output_mode": "count", "pad_to_max_tokens": True, "max_tokens": 12},
    "inverted": {"invert": True, "mask_token": 0},
    "inverted plain": {"invert": True},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_places(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        given = tf.keras.layers.IntegerLookup(vocabulary=[5, 3, 1, 7], **OPTIONS[name])
        adapted = tf.keras.layers.IntegerLookup(**OPTIONS[name])
        adapted.adapt(X)
        for layer in (given, adapted):
            words = [int(w) for w in layer.get_vocabulary()]
            inner = [int(w) for w in layer.get_vocabulary(include_special_tokens=False)]
            found += [words, inner, layer.vocabulary_size(), layer.get_config()]
            for x in (X, X[:2].tolist(), X[:1, :1], X[0], X[:0], X.astype("int32")):
                y = layer(x)
                found.append((y.dtype.name, y.shape.as_list(), y.numpy().tolist()))
            for shape in ((None, 3), (None, 1), (4,)):
                found.append(layer.compute_output_shape(shape))
        rows = tf.data.Dataset.from_tensor_slices(X).map(given)
        return [*found, [(x.dtype.name, x.numpy().tolist()) for x in rows]]

    same(program)
    configured_alike(lambda k: k.IntegerLookup(vocabulary=[5, 3, 1, 7], **OPTIONS[name]))


def test_adapt_and_set() -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        layer = tf.keras.layers.IntegerLookup(mask_token=0)
        data = tf.data.Dataset.from_tensor_slices(X).batch(7)
        for given in (X, X[:, 0], [3, 3, 9], tf.constant(X), data, iter([X[:3], X[3:5]])):
            layer.adapt(given)
            found.append([int(w) for w in layer.get_vocabulary()])
        layer.adapt(data, steps=1)
        found.append([int(w) for w in layer.get_vocabulary()])
        for words in ([0, -1, 8, 9], np.array([8, 9, 4])):
            layer.set_vocabulary(words)
            found.append([int(w) for w in layer.get_vocabulary()])
        return found

    same(program)


def test_tf_idf() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        given = k.IntegerLookup(
            vocabulary=[5, 3, 1], idf_weights=[0.5, 0.25, 2.0], output_mode="tf_idf"
        )
        padded = k.IntegerLookup(8, pad_to_max_tokens=True, output_mode="tf_idf")
        padded.adapt(X)
        return [given(X).numpy(), padded(X).numpy()]

    close(program, 4)


@pytest.mark.parametrize("vocabulary", [None, [5, 3, 1]])
def test_files(vocabulary: Any, tmp_path: Path) -> None:
    def make(tf: Any) -> Any:
        layer = tf.keras.layers.IntegerLookup(vocabulary=vocabulary, mask_token=0)
        if vocabulary is None:
            layer.adapt(X)
        inputs = tf.keras.Input((3,), dtype="int64")
        return tf.keras.Model(inputs, tf.keras.layers.Embedding(12, 2)(layer(inputs)))

    crosses(make, X, tmp_path)


FROM_FILES: dict[str, dict[str, Any]] = {
    "plain": {},
    "mask": {"mask_token": 0, "num_oov_indices": 3},
    "inverted": {"invert": True, "mask_token": 7},
    "count": {"output_mode": "count"},
    "more than may be": {"max_tokens": 2},
}


@pytest.mark.parametrize("name", FROM_FILES)
def test_a_vocabulary_in_a_file(name: str, tmp_path: Path) -> None:
    """TensorFlow keeps what it read by the path: each file has its own."""
    path = tmp_path / f"{name}.txt"
    path.write_text("5\n 3\n-1\n0")

    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.IntegerLookup(vocabulary=str(path), **FROM_FILES[name])
        words = [int(w) for w in layer.get_vocabulary()]
        found = [words, layer.vocabulary_size(), layer.get_config()]
        return [*found, layer(X).numpy().tolist(), layer([[0, -1, 5, 1]]).numpy().tolist()]

    same(program)

    def make(tf: Any) -> Any:
        layer = tf.keras.layers.IntegerLookup(vocabulary=str(path), output_mode="one_hot")
        inputs = tf.keras.Input((1,), dtype="int64")
        return tf.keras.Model(inputs, tf.keras.layers.Dense(2)(layer(inputs)))

    if name == "plain":
        crosses(make, X[:, :1], tmp_path)


BAD_FILES = {
    "none.txt": (None, "Vocabulary file .*none.txt does not exist."),
    "word.txt": ("5\na\n", "Invalid content in .*word.txt: .* line 1 is 'a'"),
    "fraction.txt": ("5.0\n", "line 0 is '5.0'"),
    "blank.txt": ("5\n\n3\n", "line 1 is ''"),
    "twice.txt": ("5\n3\n5\n", "it holds 5 several times"),
    "empty.txt": ("", "it is empty"),
}


def test_files_that_are_no_vocabularies(tmp_path: Path) -> None:
    errors = (ValueError, tensorflow.errors.OpError, scratchnet.errors.OpError)
    for name, (text, words) in BAD_FILES.items():
        path = str(tmp_path / name)
        if text is not None:
            Path(path).write_text(text)
        with pytest.raises(errors):
            tensorflow.keras.layers.IntegerLookup(vocabulary=path)
        with pytest.raises(errors, match=words):
            scratchnet.keras.layers.IntegerLookup(vocabulary=path)
    (tmp_path / "v.txt").write_text("5\n3\n")
    path = str(tmp_path / "v.txt")

    def weighted(tf: Any) -> Any:
        mode = {"output_mode": "tf_idf", "idf_weights": [1.0, 2.0]}
        return tf.keras.layers.IntegerLookup(vocabulary=path, **mode)

    complain_alike(weighted, "does not support loading a vocabulary from file")
    complain_alike(
        lambda tf: tf.keras.layers.IntegerLookup(vocabulary=path).adapt(X), "static vocabulary"
    )
    with pytest.raises(ValueError, match="no file outside of the model is read"):
        scratchnet.keras.layers.IntegerLookup.from_config({"vocabulary": path})


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "most": (lambda k: k.IntegerLookup(1), "max_tokens", "must be greater than 1"),
    "oov": (lambda k: k.IntegerLookup(num_oov_indices=-1), "num_oov_indices", ">= 0"),
    "invert": (lambda k: k.IntegerLookup(invert=True, output_mode="count"), "when `invert`", ""),
    "pad": (lambda k: k.IntegerLookup(pad_to_max_tokens=True), "must set `max_tokens`", ""),
    "mode": (lambda k: k.IntegerLookup(output_mode="x"), "output_mode", "must be one of"),
    "idf": (lambda k: k.IntegerLookup(idf_weights=[1.0]), "`idf_weights` should only be set", ""),
    "twice": (lambda k: k.IntegerLookup(vocabulary=[3, 3]), "at least one repeated term", ""),
    "empty": (lambda k: k.IntegerLookup(vocabulary=[]), "Cannot set an empty vocabulary", ""),
    "mask": (
        lambda k: k.IntegerLookup(vocabulary=[3, 0], mask_token=0),
        "reserved mask token at unexpected",
        "",
    ),
    "too many": (
        lambda k: k.IntegerLookup(2, vocabulary=[3, 4]),
        "larger than the maximum vocab size",
        "",
    ),
    "not there": (
        lambda k: k.IntegerLookup(vocabulary=[3], num_oov_indices=0)([4]),
        "all inputs should be in vocabulary, found OOV values [4]",
        "",
    ),
    "adapt": (
        lambda k: k.IntegerLookup(vocabulary=[3]).adapt(X),
        "after setting a static vocabulary",
        "",
    ),
    "no vocabulary": (
        lambda k: k.IntegerLookup(output_mode="count")(X),
        "you must set the layer's vocabulary before calling it",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    make, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: make(tf.keras.layers), shared, ours)


def test_tokens_and_vocabularies_that_are_none_are_refused() -> None:
    layer = scratchnet.keras.layers.IntegerLookup
    with pytest.raises(ValueError, match="`vocabulary` must be a list of integers"):
        layer(vocabulary=3)
    for name in ("mask_token", "oov_token"):
        with pytest.raises(TypeError, match=f"`{name}` must be an integer"):
            layer(**{name: np.ones(3)})


def test_most_places() -> None:
    layer = scratchnet.keras.layers.IntegerLookup
    assert layer(np.int64(3), vocabulary=[4, 5]).get_config()["max_tokens"] == 3
    full = layer(2, num_oov_indices=2)
    with pytest.raises(ValueError, match="`max_tokens` must leave places beside the 2 special"):
        full.adapt([1, 1, 2])


# -- every option in every state, each against Keras's --------------------------------------------


def words(layer: Any, **options: Any) -> list[Any]:
    return [None if w is None else int(w) for w in layer.get_vocabulary(**options)]


def outcomes(programs: Any) -> list[Any]:
    """What each program returns, or the class of its error."""
    found: list[Any] = []
    for program in programs:
        try:
            found.append(program())
        except Exception as error:
            found.append(type(error).__name__)
    return found


def test_counts_are_kept_until_they_are_taken() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.IntegerLookup()
        layer.update_state([[1, 1, 2]])
        layer.adapt(np.array([[5], [6], [5]]))  # which begins anew
        found = [words(layer)]
        layer.update_state([[7]])
        layer.reset_state()
        layer.update_state([[8]])
        layer.finalize_state()
        return [*found, words(layer), layer.vocabulary_size()]

    same(program)
    layer = scratchnet.keras.layers.IntegerLookup(output_mode="count")
    layer.finalize_state()  # of nothing: one place, for what is not there
    assert layer.get_config()["vocabulary_size"] == 1
    assert layer([[1, 2]]).numpy().tolist() == [[2]]


SPECIAL: list[dict[str, Any]] = [
    *({"mask_token": 0}, {"mask_token": 0, "output_mode": "count"}, {"num_oov_indices": 2}),
    *({"num_oov_indices": 0}, {"mask_token": 0, "num_oov_indices": 0}, {"invert": True}),
]
VOCABULARIES = ([0, -1, 5, 6], [-1, 5, 6], [5, 6], [-1, -1, 5, 6], [0, 5, 6], [5, -1])


@pytest.mark.parametrize("options", SPECIAL, ids=str)
def test_special_tokens_in_a_vocabulary(options: dict[str, Any]) -> None:
    """They are read where all of them are in front; a mask among the others is refused."""

    def program(tf: Any) -> list[Any]:
        def one(vocabulary: list[int]) -> list[Any]:
            layer = tf.keras.layers.IntegerLookup(vocabulary=vocabulary, **options)
            inner = words(layer, include_special_tokens=False)
            return [words(layer), inner, layer.vocabulary_size(), layer([[5, 6, 1]]).numpy()]

        return [str(part) for part in outcomes(lambda v=v: one(v) for v in VOCABULARIES)]

    same(program)


def test_a_vocabulary_set_again() -> None:
    """Its size may change where rows do not depend on it."""

    def program(tf: Any) -> list[Any]:
        def one(**options: Any) -> Any:
            layer = tf.keras.layers.IntegerLookup(**options)
            layer.set_vocabulary([3, 4])
            layer.set_vocabulary([4, 3])
            layer.set_vocabulary([3, 4, 5])
            return words(layer)

        padded = {"max_tokens": 9, "pad_to_max_tokens": True}
        return outcomes(
            [
                one,
                lambda: one(output_mode="count"),
                lambda: one(output_mode="one_hot", max_tokens=9),
                lambda: one(output_mode="count", **padded),
                lambda: one(max_tokens=4),
                lambda: one(max_tokens=3),
                lambda: one(max_tokens=4, mask_token=0),
            ]
        )

    found = same(program)
    assert found[1:3] == ["RuntimeError"] * 2
    layer = scratchnet.keras.layers.IntegerLookup(output_mode="count", vocabulary=[3])
    text = "`output_mode=count` .* Old vocab size is 2, new vocab size is 3"
    with pytest.raises(RuntimeError, match=text):
        layer.set_vocabulary([3, 4])


TF_IDF: list[dict[str, Any]] = [
    {"vocabulary": [5, 3, 1], "idf_weights": [0.5, 0.25, 2.0]},
    {"vocabulary": [-1, 5, 3, 1], "idf_weights": [9.0, 0.5, 0.25, 2.0]},
    {"vocabulary": [5, 3], "idf_weights": [0.5, 0.25], "max_tokens": 6, "pad_to_max_tokens": True},
    {"vocabulary": [5, 3], "idf_weights": [0.5, 2.0], "num_oov_indices": 2, "mask_token": 0},
    {"vocabulary": [5, 3], "idf_weights": [1.0]},
    {},
    {"num_oov_indices": 2},
    {"max_tokens": 5},
    {"max_tokens": 3},
    {"max_tokens": 9, "pad_to_max_tokens": True},
    {"mask_token": 3},
]


@pytest.mark.parametrize("options", TF_IDF, ids=str)
@pytest.mark.parametrize("data", [[[1, 2, 2], [2, 3, -1], [2, 1, 5]], [1, 2, 2]], ids=["2", "1"])
def test_tf_idf_of_every_option(options: dict[str, Any], data: Any) -> None:
    def program(tf: Any) -> list[Any]:
        def one() -> list[Any]:
            layer = tf.keras.layers.IntegerLookup(output_mode="tf_idf", **options)
            if "vocabulary" not in options:
                layer.adapt(np.array(data))
            x = np.array([[5, 3, 9, 5], [0, 1, 1, 2]])
            return [layer(x).numpy().tolist(), words(layer), layer.compute_output_shape((2, 4))]

        return outcomes([one])

    same(program)


def test_idf_weights_are_for_tf_idf() -> None:
    def setting(mode: str, weights: Any) -> Any:
        return lambda tf: tf.keras.layers.IntegerLookup(output_mode=mode).set_vocabulary(
            [5], idf_weights=weights
        )

    complain_alike(setting("int", [1.0]), "", "`idf_weights` must be set if output_mode is")
    complain_alike(setting("tf_idf", None), "`idf_weights` must be set if output_mode is", "")


ADAPTED: list[dict[str, Any]] = [
    *({"mask_token": 0}, {"max_tokens": 3}, {"max_tokens": 3, "mask_token": 1}, {"oov_token": 2}),
    *({"num_oov_indices": 0, "max_tokens": 2}, {"max_tokens": 20}),
]


@pytest.mark.parametrize("options", ADAPTED, ids=str)
def test_what_adapt_leaves_out(options: dict[str, Any]) -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.IntegerLookup(**options)
        layer.adapt(np.array([[0, 1, 1], [2, 3, 3], [0, 4, -1]]))
        return [words(layer), layer.vocabulary_size()]

    same(program)


PLACED: list[dict[str, Any]] = [
    *({"num_oov_indices": 3}, {"mask_token": 9, "num_oov_indices": 0}, {}),
    {"mask_token": 9, "num_oov_indices": 0, "output_mode": "count"},
    *({"mask_token": 9, "output_mode": mode} for mode in ("one_hot", "multi_hot", "count")),
    *({"invert": True}, {"invert": True, "mask_token": 0}, {"invert": True, "num_oov_indices": 0}),
    {"invert": True, "mask_token": 7, "num_oov_indices": 2, "oov_token": -5},
]


@pytest.mark.parametrize("options", PLACED, ids=str)
def test_every_place(options: dict[str, Any]) -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.IntegerLookup(vocabulary=[5, 3, 8], **options)
        rows: list[Any] = [[[5, 3, 9]], [[8, 9, 9]], [[9]], [[-4, 7, 100]], list(range(-1, 7))]
        return [
            str(part) for part in outcomes(lambda r=r: layer(np.array(r)).numpy() for r in rows)
        ]

    same(program)


def test_nothing_is_built() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.IntegerLookup(vocabulary=[5])
        layer.built = False
        layer.build_from_config({"input_shape": (None, 3)})
        return [layer.get_build_config(), layer.built]

    same(program)


def test_what_files_hold_of_it() -> None:
    """Weights of "tf_idf" by their name; the text of a vocabulary that `adapt` found."""
    layer = scratchnet.keras.layers.IntegerLookup(output_mode="tf_idf", mask_token=4)
    layer.adapt(np.array([[1, 2, 2], [2, 3, 4]]))
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    assert list(store) == ["idf_weights"]
    assert layer.saved_assets() == {"vocabulary.txt": "-1\n2\n3\n1"}
    again = scratchnet.keras.layers.IntegerLookup(output_mode="tf_idf", mask_token=4)
    again.load_own_variables(store)
    again.take_assets(layer.saved_assets())
    np.testing.assert_array_equal(again(X).numpy(), layer(X).numpy())
    again.take_assets({})
    assert words(again) == words(layer)
    plain = scratchnet.keras.layers.IntegerLookup()
    plain.save_own_variables(store := {})
    plain.load_own_variables({})
    assert store == {}
    with pytest.raises(ValueError, match="invalid literal"):
        plain.take_assets({"vocabulary.txt": "-1\na"})
    with pytest.raises(ValueError, match="at least one repeated term"):
        plain.take_assets({"vocabulary.txt": "-1\n5\n5"})
    given = scratchnet.keras.layers.IntegerLookup(vocabulary=[5, 6])
    given.take_assets({"vocabulary.txt": "-1\n7"})
    assert given.saved_assets() == {}
    assert words(given) == [-1, 5, 6]
