"""IntegerLookup: integers of a vocabulary as their places in it."""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.keras.config import (
    Shape,
    array_of_numbers,
    check_flags,
    check_integers,
    floatx,
    refuse_unsupported,
)
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.arguments import check_one_tensor, is_row
from scratchnet.keras.layers.category_encoding import encoded
from scratchnet.keras.layers.discretization import batches_of
from scratchnet.keras.layers.layer import Layer

_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_KERAS_ONLY = {"sparse": False, "vocabulary_dtype": "int64", "oov_method": "floormod", "salt": None}
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NOWHERE = np.iinfo(np.int64).max  # the place of the mask token in rows: it has none


class IntegerLookup(Layer):
    """The place of each integer in a vocabulary (``keras.layers.IntegerLookup``).

    The first places are those of the mask token, for ``output_mode="int"`` if there is one, and of
    integers that are not in the vocabulary.

    Args:
        max_tokens: the most places; None for as many as there are.
        num_oov_indices: how many places for integers that are not in the vocabulary: x goes to the
            one with the number ``x mod num_oov_indices``; with 0 they are errors.
        mask_token: an integer that stands for nothing; None for none.
        oov_token: what an inverted lookup returns for the places above.
        vocabulary: the integers, in their order, or the path of a text file with one in each line;
            None to find them by `adapt`.
        idf_weights: how much each counts, for ``"tf_idf"``.
        invert: look up the integer of each place.
        output_mode: ``"int"``: int64; ``"one_hot"``, ``"multi_hot"`` and ``"count"`` as of
            `CategoryEncoding`, int64; ``"tf_idf"``: counts times weights.
        pad_to_max_tokens: rows have `max_tokens` places, whatever the vocabulary.
        **kwargs: of `Layer`.

    Raises:
        ValueError: sizes, modes or a vocabulary that Keras refuses; a file that is not there, or
            stands in the config of a saved model, which has the integers themselves.
        InvalidArgumentError: when called, an integer that is not there, with no place for it.

    >>> layer = IntegerLookup(vocabulary=[12, 36, 1138])
    >>> layer([[12, 1138, 7]]).numpy()
    array([[1, 3, 0]])
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        where = "IntegerLookup"
        given = (sparse, vocabulary_dtype, oov_method, salt)
        refuse_unsupported(where, dict(zip(_KERAS_ONLY, given, strict=True)), _KERAS_ONLY)
        self._frozen_vocab_size = kwargs.pop("vocabulary_size", None)
        kwargs.pop("has_input_vocabulary", None)
        super().__init__(name=name, **{k: v for k, v in kwargs.items() if k != "dtype"})
        if max_tokens is not None:
            if not isinstance(max_tokens, int | np.integer) or max_tokens <= 1:
                rule = "must be greater than 1, or None"
                raise ValueError(say(where, "max_tokens", rule, max_tokens))
            max_tokens = int(max_tokens)
        if not isinstance(num_oov_indices, int) or not 0 <= num_oov_indices < 2**31:
            rule = "must be an integer >= 0 and < 2**31"
            raise ValueError(say(where, "num_oov_indices", rule, num_oov_indices))
        check_flags(where, invert=invert, pad_to_max_tokens=pad_to_max_tokens)
        if pad_to_max_tokens and max_tokens is None:
            raise ValueError(
                f"If pad_to_max_tokens is True, must set `max_tokens`. Received: {max_tokens=}"
            )
        if isinstance(output_mode, str):
            output_mode = {"binary": "multi_hot", "tf-idf": "tf_idf"}.get(output_mode, output_mode)
        if not isinstance(output_mode, str) or output_mode not in _MODES:
            raise ValueError(say(where, "output_mode", f"must be one of {_MODES}", output_mode))
        if invert and output_mode != "int":
            raise ValueError(
                "`output_mode` must be `'int'` when `invert` is true. Received: "
                f"output_mode={output_mode}"
            )
        if idf_weights is not None and output_mode != "tf_idf":
            raise ValueError(
                "`idf_weights` should only be set if `output_mode` is `'tf_idf'`. Received: "
                f"idf_weights={idf_weights} and output_mode={output_mode}"
            )
        for name, token in (("mask_token", mask_token), ("oov_token", oov_token)):
            if token is not None:
                check_integers("IntegerLookup", -(2**63), 2**63 - 1, **{name: token})
        if vocabulary is not None and not isinstance(vocabulary, str) and not is_row(vocabulary):
            rule = "must be a list of integers, or the path of a file as a string"
            raise ValueError(say("IntegerLookup", "vocabulary", rule, vocabulary))
        self.max_tokens, self.num_oov_indices = max_tokens, num_oov_indices
        self.mask_token, self.oov_token = mask_token, oov_token
        self.invert, self.output_mode = bool(invert), output_mode
        self.pad_to_max_tokens = bool(pad_to_max_tokens)
        # A vocabulary from a file is saved as one that `adapt` found.
        self.input_vocabulary = None if isinstance(vocabulary, str) else _plain(vocabulary)
        self.input_idf_weights = _plain(idf_weights)
        self._given = vocabulary is not None
        self._tokens: Array = np.zeros(0, np.int64)
        self._order: Array = np.zeros(0, np.int64)  # sorts the tokens
        self._weights: Array | None = None  # of the places, for "tf_idf"
        self.reset_state()
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    # -- the vocabulary ----------------------------------------------------------------------------

    def _first_oov(self) -> int:
        return 1 if self.mask_token is not None and self.output_mode == "int" else 0

    def _first_token(self) -> int:
        return self._first_oov() + self.num_oov_indices

    def vocabulary_size(self) -> int:
        """How many places there are."""
        return len(self._tokens) + self._first_token()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The integers in the order of their places; special ones first.

        Args:
            include_special_tokens: whether with the mask token and those for what is not there.
        """
        tokens = list(self._tokens)
        if not include_special_tokens:
            return tokens
        return [self.mask_token] * self._first_oov() + [
            *[self.oov_token] * self.num_oov_indices,
            *tokens,
        ]

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Look up in `vocabulary` from now on.

        Args:
            vocabulary: different integers, with or without the special tokens in front; or the
                path of a text file with one in each line, without special tokens.
            idf_weights: their weights, for ``"tf_idf"``.

        Raises:
            ValueError: nothing, an integer twice, a special token among them, too many; a file
                that is not there, or beside weights.
            InvalidArgumentError: a file that holds something else than different integers.
        """
        if (self.output_mode == "tf_idf") != (idf_weights is not None):
            rule = "must be set if output_mode is 'tf_idf', and only then"
            raise ValueError(say("IntegerLookup", "idf_weights", rule, idf_weights))
        if isinstance(vocabulary, str):
            if self.output_mode == "tf_idf":
                raise ValueError(
                    "output_mode `'tf_idf'` does not support loading a vocabulary from file."
                )
            self._take(_read(vocabulary))
            self._note_size()
            return
        given = np.asarray(convert(vocabulary)._data)
        if given.dtype.kind not in "iu" and given.size:
            rule = "must hold integers"
            raise ValueError(say("IntegerLookup", "vocabulary", rule, vocabulary))
        if not given.size:
            raise ValueError(f"Cannot set an empty vocabulary. Received: vocabulary={vocabulary}")
        special = [self.mask_token] * self._first_oov() + [self.oov_token] * self.num_oov_indices
        found = given[: len(special)].tolist() == special
        tokens = given[len(special) :] if found else given
        self._check_tokens(tokens, special)
        self._take(tokens)
        self._note_size()
        if idf_weights is not None:
            self._take_weights(np.asarray(convert(idf_weights)._data), given, found)

    def _check_tokens(self, tokens: Array, special: list[Any]) -> None:
        repeated = [token for token, n in Counter(tokens.tolist()).items() if n > 1]
        if repeated:
            raise ValueError(
                "The passed vocabulary has at least one repeated term. Please uniquify your "
                f"dataset. The repeated terms are: {repeated}"
            )
        reserved = {"mask": self.mask_token, "OOV": self.oov_token if self.invert else None}
        for what, token in reserved.items():
            if token is not None and token in tokens:
                raise ValueError(
                    f"Found reserved {what} token at unexpected location in `vocabulary`. Note "
                    "that passed `vocabulary` does not need to include the OOV and mask tokens. "
                    "Either remove all mask and OOV tokens, or include them only at the start of "
                    f"the vocabulary in precisely this order: {special}."
                )
        size = self._first_token() + len(tokens)
        if self.max_tokens is not None and size > self.max_tokens:
            raise ValueError(
                "Attempted to set a vocabulary larger than the maximum vocab size. Received "
                f"vocabulary size is {size}; `max_tokens` is {self.max_tokens}."
            )

    def _take(self, tokens: Array) -> None:
        self._tokens = tokens.astype(np.int64)
        self._order = np.argsort(self._tokens)

    def _note_size(self) -> None:
        size = self.vocabulary_size()
        free = self.output_mode == "int" or self.pad_to_max_tokens
        if not free and self._frozen_vocab_size not in (None, size):
            raise RuntimeError(
                f"When using `output_mode={self.output_mode}` and `pad_to_max_tokens=False`, the "
                "vocabulary size cannot be changed after the layer is called. Old vocab size is "
                f"{self._frozen_vocab_size}, new vocab size is {size}"
            )
        self._frozen_vocab_size = size

    def _take_weights(self, weights: Array, given: Array, with_special: bool) -> None:
        if weights.shape[:1] != given.shape[:1]:
            raise ValueError(
                "`idf_weights` must be the same length as vocabulary. The shape of idf_weights is "
                f"{weights.shape}; len(vocabulary) is {len(given)}"
            )
        before = 0 if with_special else self._first_token()
        self._weights = self._padded(weights, before, float(np.average(weights)))

    def _padded(self, weights: Array, before: int, value: float) -> Array:
        padded = np.pad(np.asarray(weights, floatx()), (before, 0), constant_values=value)
        if self.pad_to_max_tokens and self.max_tokens is not None:
            padded = np.pad(padded, (0, self.max_tokens - len(padded)))
        return padded

    # -- adapt -------------------------------------------------------------------------------------

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Take the integers of `data` as the vocabulary, the most frequent first.

        Of equally frequent ones the larger comes first.

        Args:
            data: an array, a list or a tensor, a `tf.data.Dataset` of batches, or other batches.
            steps: how many batches to take; all if not given.

        Raises:
            ValueError: the vocabulary was given.
        """
        self.reset_state()
        if isinstance(data, list | tuple):
            data = array_of_numbers("IntegerLookup.adapt", "data", data)
        if isinstance(data, np.ndarray | Operators):
            data = np.asarray(convert(data)._data)
            data = data[:, None] if data.ndim == 1 else data
        for batch in batches_of("IntegerLookup", data, steps):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count the integers of a batch."""
        if self._given:
            raise ValueError(
                f"Cannot adapt layer '{self.name}' after setting a static vocabulary via "
                "`vocabulary` argument or `set_vocabulary()` method."
            )
        array = np.atleast_2d(np.asarray(convert(data)._data).astype(np.int64))
        self._counts.update(array.ravel().tolist())
        for sample in array if self.output_mode == "tf_idf" else ():
            self._document_counts.update(set(sample.ravel().tolist()))
            self._documents += 1

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        if self._given or not self._counts:
            self._note_size()
            return
        for token in (self.mask_token, self.oov_token):
            self._counts.pop(token, None)  # type: ignore[arg-type]
        tokens = sorted(self._counts, key=lambda token: (self._counts[token], token), reverse=True)
        if self.max_tokens:
            if self.max_tokens <= self._first_token():
                rule = f"must leave places beside the {self._first_token()} special ones"
                raise ValueError(say("IntegerLookup", "max_tokens", rule, self.max_tokens))
            tokens = tokens[: self.max_tokens - self._first_token()]
        self._take(np.array(tokens, np.int64))
        if self.output_mode == "tf_idf":
            seen = np.array([self._document_counts[token] for token in tokens])
            weights = np.log(1 + self._documents / (1 + seen)).astype(floatx())
            self._weights = self._padded(weights, self._first_token(), weights.mean())
        self.reset_state()
        self._note_size()

    def reset_state(self) -> None:
        """Forget what was counted."""
        self._counts: Counter[int] = Counter()
        self._document_counts: Counter[int] = Counter()
        self._documents = 0

    # -- calls -------------------------------------------------------------------------------------

    def __call__(self, inputs: Any, **kwargs: Any) -> Any:
        """As of `Layer`, on numbers and lists of them too."""
        if isinstance(inputs, bool | int | float | list | tuple):
            inputs = ops.convert_to_tensor(inputs)
        return super().__call__(inputs, **kwargs)

    def call(self, inputs: Tensor) -> Tensor:
        """The places, int64, or rows that encode them; inverted, the integers."""
        check_one_tensor("IntegerLookup", inputs)
        x = inputs._data.astype(np.int64)
        if self.invert:
            return Tensor(self._tokens_at(x))
        places = self._places_of(x)
        if self.output_mode == "int":
            return Tensor(places)
        depth = self.max_tokens if self.pad_to_max_tokens else self._frozen_vocab_size
        if depth is None:
            raise RuntimeError(
                f"When using `output_mode={self.output_mode}` and `pad_to_max_tokens=False`, you "
                "must set the layer's vocabulary before calling it. Either pass a `vocabulary` "
                "argument to the layer, or call `adapt` with some sample data."
            )
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        rows = encoded(Tensor(places), mode, depth, "int64")
        if self._weights is None:
            return rows
        return ops.cast(rows, floatx()) * self._weights

    def _places_of(self, x: Array) -> Array:
        n, first = len(self._tokens), self._first_token()
        sorted_tokens = self._tokens[self._order]
        at = np.minimum(np.searchsorted(sorted_tokens, x), max(n - 1, 0))
        there = sorted_tokens[at] == x if n else np.zeros(x.shape, bool)
        places = self._order[at] + first if n else np.zeros(x.shape, np.int64)
        masked = x == self.mask_token if self.mask_token is not None else np.zeros(x.shape, bool)
        lost = x[~there & ~masked]
        if self.num_oov_indices:
            others = np.mod(x, self.num_oov_indices) + self._first_oov()
        elif lost.size:
            raise InvalidArgumentError(
                "When `num_oov_indices=0` all inputs should be in vocabulary, found OOV values "
                f"{lost.tolist()}, consider setting `num_oov_indices=1`."
            )
        else:
            others = places
        mask_place = 0 if self.output_mode == "int" else _NOWHERE
        return np.asarray(np.where(masked, mask_place, np.where(there, places, others)), np.int64)

    def _tokens_at(self, x: Array) -> Array:
        at, n = x - self._first_token(), len(self._tokens)
        there = (at >= 0) & (at < n)
        tokens = self._tokens[np.clip(at, 0, max(n - 1, 0))] if n else np.zeros_like(x)
        found = np.where(there, tokens, self.oov_token)
        if self.mask_token is not None:
            found = np.where(x == 0, self.mask_token, found)
        return np.asarray(found, np.int64)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input, or with an axis of the places."""
        if self.output_mode == "int":
            return input_shape
        depth = self.max_tokens if self.pad_to_max_tokens else self._frozen_vocab_size
        if self.output_mode == "one_hot" and not (len(input_shape) > 1 and input_shape[-1] == 1):
            return (*input_shape, depth)
        return (*input_shape[:-1], depth)

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        """A KerasTensor like what this layer returns."""
        kind = "int64" if self.output_mode == "int" else floatx()
        return KerasTensor(self.compute_output_shape(inputs.shape), kind)

    # -- configs and files -------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        names = (
            *("invert", "max_tokens", "num_oov_indices", "oov_token", "mask_token"),
            *("output_mode", "pad_to_max_tokens"),
        )
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in names},
            **_KERAS_ONLY,
            "vocabulary": self.input_vocabulary,
            "idf_weights": self.input_idf_weights,
            "vocabulary_size": self._frozen_vocab_size,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer with the arguments that `get_config` returned.

        Raises:
            ValueError: they name a file: none is read because a saved model says so.
        """
        if isinstance(config.get("vocabulary"), str):
            rule = "must hold the integers in a config: no file outside of the model is read"
            raise ValueError(say("IntegerLookup", "vocabulary", rule, config["vocabulary"]))
        return super().from_config(config)

    def get_build_config(self) -> dict[str, Any] | None:
        """Nothing: no weight of it depends on the shape of an input."""
        return {}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """There is nothing to build."""
        self.built = True

    def save_own_variables(self, store: dict[str, Any]) -> None:
        """Put the weights of ``"tf_idf"`` into `store`."""
        if self._weights is not None:
            store["idf_weights"] = self._weights

    def load_own_variables(self, store: dict[str, Any]) -> None:
        """Take the weights of ``"tf_idf"`` from `store`."""
        if self.output_mode == "tf_idf":
            self._weights = np.asarray(store["idf_weights"])

    def saved_assets(self) -> dict[str, str]:
        """The vocabulary that `adapt` found, as the text of a file beside the weights."""
        if self.input_vocabulary is not None:
            return {}
        return {"vocabulary.txt": "\n".join(map(str, self.get_vocabulary()))}

    def take_assets(self, assets: dict[str, str]) -> None:
        """Take the vocabulary from such a text.

        Raises:
            ValueError: it holds something else than integers.
        """
        lines = assets.get("vocabulary.txt", "").split()
        if self.input_vocabulary is None and lines:
            special = self._first_token()
            tokens = np.array([int(line) for line in lines[special:]], np.int64)
            self._check_tokens(tokens, lines[:special])
            self._take(tokens)
            self._note_size()


def _read(path: str) -> Array:
    """The integers in a text file, one in each line."""
    if not os.path.isfile(path):
        raise ValueError(f"Vocabulary file {path} does not exist.")
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    wrong = [i for i, line in enumerate(lines) if not _INTEGER.fullmatch(line.strip())]
    if wrong or not lines:
        where = f"line {wrong[0]} is {lines[wrong[0]]!r}" if wrong else "it is empty"
        raise InvalidArgumentError(f"Invalid content in {path}: it must hold integers, but {where}")
    tokens = np.array([int(line) for line in lines], np.int64)
    if len(np.unique(tokens)) < len(tokens):
        repeated = Counter(tokens.tolist()).most_common(1)[0][0]
        raise InvalidArgumentError(f"Invalid content in {path}: it holds {repeated} several times")
    return tokens


def _plain(values: Any) -> Any:
    if values is None:
        return values
    return np.asarray(convert(values)._data).tolist()
