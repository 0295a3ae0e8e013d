"""One model saved by TensorFlow's Keras and by scratchnet, and loaded by the other."""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow

import scratchnet
from tests.support.keras_programs import EPS, fresh

Make = Callable[[Any], Any]  # makes a model from the module `tf`
BOTH = ((tensorflow, scratchnet), (scratchnet, tensorflow))


def saved(tf: Any, make: Make, path: Path) -> Any:
    """The model that `make` makes, with weights that are all different, written to `path`."""
    fresh(tf)
    model = make(tf)
    fill(model)
    write(model, path)
    return model


def fill(model: Any) -> None:
    """Give each weight numbers of its own; variances must be positive."""
    draw = np.random.default_rng(5)
    model.set_weights([draw.uniform(0.1, 1.0, np.shape(w)) for w in model.get_weights()])


def write(model: Any, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Keras's own use of NumPy
        model.save(path)


def read(tf: Any, path: Path, **kwargs: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return tf.keras.models.load_model(path, **kwargs)


def config_in(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        return plain(json.loads(archive.read("config.json")))


def plain(config: Any) -> Any:
    """`config` without what differs and says nothing.

    That is: what numbers shared objects, in Keras's files an address; in the calls of a graph,
    arguments with their default values.
    """
    if isinstance(config, dict):
        dull = {"shared_object_id"} | {k for k in ("mask", "training") if not config.get(k)}
        return {k: plain(part) for k, part in config.items() if k not in dull}
    return [plain(part) for part in config] if isinstance(config, list | tuple) else config


def differences(ours: Any, theirs: Any, at: str = "") -> list[str]:
    """Where two configurations differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = [f"{at}/{k}: only in ours" for k in sorted(ours.keys() - theirs.keys())]
        found += [f"{at}/{k}: only in Keras's" for k in sorted(theirs.keys() - ours.keys())]
        shared = sorted(ours.keys() & theirs.keys())
        return found + [d for k in shared for d in differences(ours[k], theirs[k], f"{at}/{k}")]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [d for i, (a, b) in pairs for d in differences(a, b, f"{at}/{i}")]
    return [] if ours == theirs else [f"{at}: {ours!r}, but Keras: {theirs!r}"]


def tree_of(path: Path) -> dict[str, Any]:
    """Group or array -> shape and dtype, or the name that it is given."""
    import io

    import h5py

    found: dict[str, Any] = {}

    def visit(name: str, thing: Any) -> None:
        is_array = isinstance(thing, h5py.Dataset)
        found[name] = (thing.shape, thing.dtype.name) if is_array else dict(thing.attrs)

    with zipfile.ZipFile(path) as archive:
        with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
            file.visititems(visit)
    return found


def arrays(value: Any) -> list[Any]:
    parts = value.values() if isinstance(value, dict) else value
    return (
        [a for part in parts for a in arrays(part)]
        if isinstance(value, list | tuple | dict)
        else [np.asarray(value)]
    )


def agree(ours: Any, theirs: Any, terms: float) -> None:
    """Equal structures of arrays, but for `terms` roundings."""
    left, right = arrays(ours), arrays(theirs)
    assert len(left) == len(right)
    for a, b in zip(left, right, strict=True):
        assert a.shape == b.shape
        bound = EPS * terms * float(np.abs(b).max(initial=0.0))
        np.testing.assert_allclose(a, b, rtol=EPS * terms, atol=bound)


def crosses(make: Make, x: Any, path: Path, terms: float = 64) -> None:
    """Both write the same files for `make`, and each predicts with the other's as the other.

    Args:
        make: makes the model.
        x: what it predicts on.
        path: a folder.
        terms: how many roundings predictions may differ by.
    """
    files = []
    for writer, reader in BOTH:
        file = path / f"{writer.__name__}.keras"
        model = saved(writer, make, file)
        loaded = read(reader, file)
        agree(loaded(x), model(x), terms)
        for a, b in zip(loaded.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
        files.append(file)
    found = differences(config_in(files[1]), config_in(files[0]))
    assert not found, "\n".join(found)
    assert tree_of(files[1]) == tree_of(files[0])
