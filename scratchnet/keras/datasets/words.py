"""What IMDB and Reuters have in common: texts as lists of numbers of words.

A word is numbered by how frequent it is; `index_from` is added to make room for three others: 0
for padding, `start_char` and `oov_char` ("out of vocabulary").
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say

Texts = list[list[int]]


def check_integers(where: str, **arguments: Any) -> None:
    """Refuse arguments that are neither integers nor None.

    Raises:
        ValueError: one of them is something else.
    """
    for name, value in arguments.items():
        is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if value is not None and not is_integer:
            raise ValueError(say(where, name, "must be an integer or None", value))


def renumbered(texts: Array, start_char: int | None, index_from: int | None) -> Texts:
    """The texts with `index_from` added to each number, and `start_char` before the first."""
    shift = index_from or 0
    begin = [] if start_char is None else [start_char]
    return [[*begin, *[word + shift for word in text]] for text in texts]


def without_long(texts: Texts, labels: Array, maxlen: int) -> tuple[Texts, list[Any]]:
    """The texts shorter than `maxlen`, and their labels."""
    kept = [i for i, text in enumerate(texts) if len(text) < maxlen]
    return [texts[i] for i in kept], [labels[i] for i in kept]


def only_frequent(
    texts: Texts, num_words: int | None, skip_top: int, oov_char: int | None
) -> Texts:
    """The texts with `oov_char` for each number that is not in [skip_top, num_words).

    Without an `oov_char` such words are left out.
    """
    end = num_words or max(max(text) for text in texts)
    if oov_char is None:
        return [[word for word in text if skip_top <= word < end] for text in texts]
    return [[word if skip_top <= word < end else oov_char for word in text] for text in texts]


def as_objects(texts: Sequence[list[int]]) -> Array:
    """An array of lists; as in Keras one of two axes where all are of the same length."""
    return np.array(texts, dtype="object")


def read_index(path: Path) -> dict[str, int]:
    """The numbers of the words in the JSON file at `path`.

    Raises:
        ValueError: it holds something else.
    """
    found = json.loads(path.read_text("utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{path}: must hold the numbers of words, by the words")
    return found
