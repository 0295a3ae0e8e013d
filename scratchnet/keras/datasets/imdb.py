"""IMDB: 50,000 reviews of films, each for or against its film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.datasets import words
from scratchnet.keras.datasets.fetch import ORIGIN, fetch
from scratchnet.keras.datasets.housing import shuffled
from scratchnet.keras.datasets.pickled import read_npz
from scratchnet.keras.datasets.split import Split
from scratchnet.unsupported import listed, missing

__all__ = ["get_word_index", "load_data"]

SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
INDEX_MD5 = "bfafd718b763782e994055a2d397834f"


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int | None = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
    **kwargs: Any,
) -> Split:
    """IMDB, from the cache or from the network: reviews as lists of numbers of words.

    The more frequent a word, the smaller its number.

    Args:
        path: the name of the file in the cache, ``~/.keras/datasets``.
        num_words: keep the numbers below it only; all if it is None.
        skip_top: leave out the numbers below it.
        maxlen: keep the reviews that are shorter only.
        seed: that of the shuffling.
        start_char: stands before each review; None for nothing.
        oov_char: stands for words left out; None for nothing.
        index_from: what is added to the numbers of `get_word_index`.
        **kwargs: ignored, as in Keras, with a warning.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: arrays of lists of integers, and labels: 1 for, 0
        against the film.

    Raises:
        ConnectionError: the file is not in the cache and cannot be fetched.
        ValueError: `maxlen` leaves no review; an argument that is no integer; what was fetched is
            not IMDB.

    Reference: ``tf.keras.datasets.imdb.load_data``; A. Maas et al., Learning Word Vectors for
    Sentiment Analysis, 2011.
    """
    where = "imdb.load_data"
    numbers = {"num_words": num_words, "skip_top": skip_top, "maxlen": maxlen}
    signs = {"start_char": start_char, "oov_char": oov_char, "index_from": index_from}
    words.check_integers(where, **numbers, **signs)
    if kwargs:
        warn(f"{where}: arguments that it does not have are ignored, received {kwargs}")
    file = fetch(path, f"{ORIGIN}imdb.npz", SHA256)
    names = ("x_train", "y_train", "x_test", "y_test")
    x_train, y_train, x_test, y_test = read_npz(file, *names)
    train, test = shuffled(seed, len(x_train), len(x_test))
    texts = [words.renumbered(x, start_char, index_from) for x in (x_train[train], x_test[test])]
    labels: list[Any] = [y_train[train], y_test[test]]
    if maxlen:
        for i in range(2):
            texts[i], labels[i] = words.without_long(texts[i], labels[i], maxlen)
        if not all(texts):
            rule = "must be larger: no sequence is shorter than that"
            raise ValueError(say(where, "maxlen", rule, maxlen))
    end, all_labels = len(texts[0]), np.concatenate(labels)
    kept = words.only_frequent(texts[0] + texts[1], num_words, skip_top, oov_char)
    return (
        (words.as_objects(kept[:end]), all_labels[:end]),
        (words.as_objects(kept[end:]), all_labels[end:]),
    )


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The number of each word, to which `load_data` adds `index_from`.

    Args:
        path: the name of the file in the cache, ``~/.keras/datasets``.

    Raises:
        ConnectionError, ValueError: as of `load_data`.

    Reference: ``tf.keras.datasets.imdb.get_word_index``.
    """
    return words.read_index(fetch(path, f"{ORIGIN}imdb_word_index.json", INDEX_MD5))


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.datasets.imdb")
    __dir__ = listed(__name__)
