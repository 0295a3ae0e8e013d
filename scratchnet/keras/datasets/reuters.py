"""Reuters: 11,228 news, each of one of 46 topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet.keras.datasets import words
from scratchnet.keras.datasets.fetch import ORIGIN, fetch
from scratchnet.keras.datasets.housing import check_test_split, shuffled
from scratchnet.keras.datasets.pickled import read_npz
from scratchnet.keras.datasets.split import Split
from scratchnet.unsupported import listed, missing

__all__ = ["get_label_names", "get_word_index", "load_data"]

SHA256 = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
INDEX_MD5 = "4d44cc38712099c9e383dc6e5f11a921"
_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade "
    "reserves ship cotton carcass crude nat-gas cpi money-fx interest gnp meal-feed alum "
    "oilseed gold tin strategic-metal livestock retail ipi iron-steel rubber heat jobs lei "
    "bop zinc orange pet-chem dlr gas silver wpi hog lead"
)


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int | None = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> Split:
    """Reuters, from the cache or from the network: news as lists of numbers of words.

    The more frequent a word, the smaller its number.

    Args:
        path: the name of the file in the cache, ``~/.keras/datasets``.
        num_words: keep the numbers below it only; all if it is None.
        skip_top: leave out the numbers below it.
        maxlen: keep the news that are shorter only.
        test_split: the share of the news that is for tests, in [0, 1).
        seed: that of the shuffling before.
        start_char: stands before each text; None for nothing.
        oov_char: stands for words left out; None for nothing.
        index_from: what is added to the numbers of `get_word_index`.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: arrays of lists of integers, and topics, 0 to 45,
        which `get_label_names` names.

    Raises:
        ConnectionError: the file is not in the cache and cannot be fetched.
        ValueError: an argument that is no integer, a `test_split` that is none; what was fetched is
            not Reuters.

    Reference: ``tf.keras.datasets.reuters.load_data``.
    """
    where = "reuters.load_data"
    numbers = {"num_words": num_words, "skip_top": skip_top, "maxlen": maxlen}
    signs = {"start_char": start_char, "oov_char": oov_char, "index_from": index_from}
    words.check_integers(where, **numbers, **signs)
    check_test_split(where, test_split)
    x, y = read_npz(fetch(path, f"{ORIGIN}reuters.npz", SHA256), "x", "y")
    (order,) = shuffled(seed, len(x))
    texts, labels = words.renumbered(x[order], start_char, index_from), y[order]
    if maxlen:
        kept: Any
        texts, kept = words.without_long(texts, labels, maxlen)
        labels = np.array(kept)
    texts = words.only_frequent(texts, num_words, skip_top, oov_char)
    end = int(len(texts) * (1 - test_split))
    return (
        (words.as_objects(texts[:end]), np.array(labels[:end])),
        (words.as_objects(texts[end:]), np.array(labels[end:])),
    )


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """The number of each word, to which `load_data` adds `index_from`.

    Args:
        path: the name of the file in the cache, ``~/.keras/datasets``.

    Raises:
        ConnectionError, ValueError: as of `load_data`.

    Reference: ``tf.keras.datasets.reuters.get_word_index``.
    """
    return words.read_index(fetch(path, f"{ORIGIN}reuters_word_index.json", INDEX_MD5))


def get_label_names() -> tuple[str, ...]:
    """The topics 0 to 45.

    >>> get_label_names()[:3], len(get_label_names())
    (('cocoa', 'grain', 'veg-oil'), 46)
    """
    return tuple(_TOPICS.split())


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.datasets.reuters")
    __dir__ = listed(__name__)
