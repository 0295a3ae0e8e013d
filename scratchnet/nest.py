"""Nested structures of values: ``tf.nest``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from scratchnet.engine import nest
from scratchnet.engine.nest import parts
from scratchnet.unsupported import listed, missing

__all__ = ["assert_same_structure", "flatten", "is_nested", "map_structure", "pack_sequence_as"]


def is_nested(seq: object) -> bool:
    """Whether `seq` is a container rather than a leaf (``tf.nest.is_nested``).

    Lists, tuples, dicts and ranges are containers; strings, sets, arrays and tensors are leaves.

    >>> is_nested([1]), is_nested("ab"), is_nested({1, 2})
    (True, False, False)
    """
    return nest.is_nested(seq)


def flatten(structure: object, expand_composites: bool = False) -> list[Any]:
    """The leaves of `structure` in order; a dict's by its sorted keys (``tf.nest.flatten``).

    Args:
        structure: containers in containers; a leaf alone gives a list of one.
        expand_composites: unused, as there are no tensors made of tensors here.

    >>> flatten({"b": [1, 2], "a": (3,)})
    [3, 1, 2]
    """
    return nest.flatten(structure)


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """The leaves `flat_sequence` in the shape of `structure` (``tf.nest.pack_sequence_as``).

    Args:
        structure: containers in containers.
        flat_sequence: a list or tuple of as many leaves, in the order of `flatten`.
        expand_composites: unused, as in `flatten`.

    Raises:
        TypeError: `flat_sequence` is no sequence.
        ValueError: it has the wrong length.

    >>> pack_sequence_as({"b": [0, 0], "a": 0}, [1, 2, 3])
    {'b': [2, 3], 'a': 1}
    """
    if not nest.is_nested(flat_sequence):
        raise TypeError(
            f"Attempted to pack value:\n  {flat_sequence}\ninto a structure, but found "
            f"incompatible type `{type(flat_sequence)}` instead."
        )
    if not nest.is_nested(structure) and len(flat_sequence) != 1:
        raise ValueError(
            f"The target structure is of type `{type(structure)}`\n  {structure}\nHowever the "
            f"input is a sequence ({type(flat_sequence)}) of length {len(flat_sequence)}.\n  "
            f"{flat_sequence}\nnest cannot guarantee that it is safe to map one to the other."
        )
    return nest.pack(structure, flat_sequence)


def map_structure(func: Callable[..., Any], *structure: Any, **kwargs: Any) -> Any:
    """`func` of the leaves that stand in the same place (``tf.nest.map_structure``).

    Args:
        func: takes one leaf of each structure.
        *structure: one structure, or several that are the same.
        check_types: whether they must be of the same classes too; True if not given.
        expand_composites: unused, as in `flatten`.

    Returns:
        The results in the structure of the first.

    Raises:
        TypeError: `func` is not callable; the classes of two containers differ.
        ValueError: no structure; they differ; another keyword.

    >>> map_structure(lambda x, y: x + y, {"a": 1, "b": [2]}, {"a": 10, "b": [20]})
    {'a': 11, 'b': [22]}
    """
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    check_types = kwargs.pop("check_types", True)
    kwargs.pop("expand_composites", None)
    if kwargs:
        raise ValueError(
            "Only valid keyword arguments are `check_types` and `expand_composites`, not: "
            f"`{'`, `'.join(kwargs)}`"
        )
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types=check_types)
    columns = zip(*map(nest.flatten, structure), strict=True)
    return nest.pack(structure[0], [func(*leaves) for leaves in columns])


def assert_same_structure(
    nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False
) -> None:
    """Raise unless both have the same containers in the same places.

    Args:
        nest1, nest2: two structures.
        check_types: whether a list must meet a list and a tuple a tuple, rather than only a
            sequence of the same length.  All dicts count as one class.
        expand_composites: unused, as in `flatten`.

    Raises:
        ValueError: a container meets a leaf, or one of another length or with other keys.
        TypeError: a container meets one of another class.

    >>> assert_same_structure([1, {"a": 2}], ["x", {"a": "y"}])
    """
    try:
        _compare(nest1, nest2, check_types)
    except (TypeError, ValueError) as error:
        raise type(error)(
            "The two structures don't have the same nested structure.\n\n"
            f"First structure: {_told(nest1)}\n\nSecond structure: {_told(nest2)}\n\n"
            f"More specifically: {error}\nEntire first structure:\n{_dotted(nest1)}\n"
            f"Entire second structure:\n{_dotted(nest2)}"
        ) from None


def _compare(a: Any, b: Any, check_types: bool) -> None:
    if nest.is_nested(a) != nest.is_nested(b):
        inner, leaf = (a, b) if nest.is_nested(a) else (b, a)
        raise ValueError(
            f'Substructure "{_told(inner)}" is a sequence, while substructure "{_told(leaf)}" is '
            "not"
        )
    if not nest.is_nested(a):
        return
    if check_types and not _alike(a, b):
        raise TypeError(
            "The two namedtuples don't have the same sequence type. First structure "
            f"{_told(a)} has type {type(a).__name__}, while second structure {_told(b)} has type "
            f"{type(b).__name__}"
        )
    if isinstance(a, Mapping) and isinstance(b, Mapping) and set(a) != set(b):
        raise ValueError(
            "The two dictionaries don't have the same set of keys. First structure has keys "
            f"{_told(list(a))}, while second structure has keys {_told(list(b))}"
        )
    _compare_parts(list(parts(a)), list(parts(b)), check_types, (a, b))


def _compare_parts(a: list[Any], b: list[Any], check_types: bool, whole: tuple[Any, Any]) -> None:
    for x, y in zip(a, b, strict=False):
        _compare(x, y, check_types)
    if len(a) != len(b):
        raise ValueError(
            "The two structures don't have the same number of elements. First structure: "
            f"{_told(whole[0])}. Second structure: {_told(whole[1])}"
        )


def _alike(a: Any, b: Any) -> bool:
    """Whether two containers count as one class."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return True
    fields = getattr(a, "_fields", None)
    if fields is not None and type(a).__name__ == type(b).__name__:
        return bool(fields == getattr(b, "_fields", None))
    return type(a) is type(b)


def _told(structure: Any) -> str:
    return f"type={type(structure).__name__} str={structure}"


class _Dot:
    def __repr__(self) -> str:
        return "."


def _dotted(structure: Any) -> str:
    return str(nest.pack(structure, [_Dot() for _ in nest.flatten(structure)]))


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.nest")
    __dir__ = listed(__name__)
