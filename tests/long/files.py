"""Good files, changed: bits, lengths, members, numbers; loaded in a process that may be lost.

The process has a limit on its memory and on the time for each file, and notes whatever a loader has
no business with: other programs, sockets, modules, files to write.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import numpy as np

import scratchnet as tf
from scratchnet.keras.saving.h5 import HDF5_SIGNATURE
from tests.long.forms import Form
from tests.long.peers import Peer

MIB = 1 << 20
MEMORY = 500  # MiB
SECONDS = 20.0

Good = dict[str, bytes]  # name -> what is in the file


def model() -> Any:
    k = tf.keras
    made = k.Sequential(
        [
            k.Input((8, 8, 1)),
            k.layers.Conv2D(2, 3, activation="relu"),
            k.layers.MaxPooling2D(),
            k.layers.BatchNormalization(),
            k.layers.Flatten(),
            k.layers.Dropout(0.5),
            k.layers.Dense(3, kernel_regularizer="l2", activation="softmax"),
        ]
    )
    made.compile(k.optimizers.Adam(k.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)), "mse")
    return made


def good_files(folder: Path) -> Good:
    made = model()
    made.fit(np.ones((2, 8, 8, 1), "f"), np.ones((2, 3), "f"), verbose=0)
    made.save(folder / "good.keras")
    x = tf.keras.Input((4,))
    h = tf.keras.layers.Dense(3, name="a")(x)
    graph = tf.keras.Model(x, tf.keras.layers.Concatenate()([h, tf.keras.layers.ReLU()(h)]))
    graph.save(folder / "graph.keras")
    made.save(folder / "good.h5")
    graph.save(folder / "graph.h5")
    made.save_weights(folder / "good.weights.h5")
    made.save_weights(folder / "good.npz")
    images = np.zeros((2, 28, 28), np.uint8)
    labels = np.arange(2, dtype=np.uint8)
    arrays = {"x_train": images, "y_train": labels, "x_test": images, "y_test": labels}
    np.savez_compressed(folder / "data.npz", **arrays)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# -- changes ---------------------------------------------------------------------------------------

Rng = np.random.Generator


def flip(rng: Rng, data: bytes, good: Good) -> bytes:
    raw = bytearray(data)
    for _ in range(int(rng.integers(1, 9))):
        raw[int(rng.integers(len(raw)))] ^= 1 << int(rng.integers(8))
    return bytes(raw)


def cut(rng: Rng, data: bytes, good: Good) -> bytes:
    at = int(rng.integers(len(data)))
    return data[:at] if rng.random() < 0.7 else data[at:]


def overwrite(rng: Rng, data: bytes, good: Good) -> bytes:
    raw = bytearray(data)
    at, n = int(rng.integers(len(raw))), int(rng.choice([1, 2, 4, 8]))
    value = int(rng.choice(np.array([0, 1, 2**31 - 1, 2**32 - 1, 2**62, 2**64 - 1], np.uint64)))
    raw[at : at + n] = (value % 256**n).to_bytes(n, "little")
    return bytes(raw)


def splice(rng: Rng, data: bytes, good: Good) -> bytes:
    other = good[str(rng.choice(list(good)))]
    a, b = sorted(int(v) for v in rng.integers(0, len(data), 2))
    c = int(rng.integers(len(other)))
    return data[:a] + other[c : c + int(rng.integers(1, 400))] + data[b:]


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: dict[str, bytes], mode: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", mode) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def members(rng: Rng, data: bytes, good: Good) -> bytes:
    """One member changed, gone, renamed, or exchanged for another's, packed in another way."""
    if not data.startswith(b"PK"):
        return overwrite(rng, data, good)
    parts = members_of(data)
    name = str(rng.choice(list(parts)))
    kind = int(rng.integers(6))
    if kind == 0:
        parts[name] = [flip, cut, overwrite, splice][int(rng.integers(4))](
            rng, parts[name] or b"0", good
        )
    elif kind == 1:
        del parts[name]
    elif kind == 2:
        parts[str(rng.choice(["../../x", "/tmp/x", "a/b", name + "0"]))] = parts.pop(name)
    elif kind == 3:
        others = members_of(good[str(rng.choice([n for n in good if not n.endswith("h5")]))])
        parts[name] = others[str(rng.choice(list(others)))]
    elif kind == 4:
        parts[name] = pickle.dumps(np.array([Bomb()], object))
    else:
        parts[name] = b"\x00" * (64 * MIB)  # which packs to nothing
    modes = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
    return zipped(parts, int(rng.choice(modes[1:] if kind == 5 else modes)))


class Bomb:
    """Who unpickles it runs a program."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("true",)


NUMBERS: list[Any] = [0, -1, 1, 2, 0.5, 1e308, -1e-9, 2**31, 2**40, 2**63, 2**64, 10**30]
VALUES: list[Any] = [*NUMBERS, None, True, "", "relu", [], {}, [1, 2], "x" * 5000, [[[]]]]
CLASSES: list[Any] = [
    {"module": "os", "class_name": "system", "config": {"command": "true"}},
    {"module": "builtins", "class_name": "eval", "config": "print", "registered_name": "eval"},
    {"module": "subprocess", "class_name": "Popen", "config": {"args": ["true"]}},
    {"module": "keras.layers", "class_name": "Lambda", "config": {"function": "tf.exp"}},
    {"class_name": "__lambda__", "config": {"value": "4wEAAAA="}},
    {"class_name": "__tensor__", "config": {"value": [0.0] * 9, "dtype": "float32"}},
]


def config(rng: Rng, data: bytes, good: Good) -> bytes:
    """One to three values in the configuration exchanged."""
    if data.startswith(HDF5_SIGNATURE):
        return _old_config(rng, data)
    if not data.startswith(b"PK") or "config.json" not in (parts := members_of(data)):
        return flip(rng, data, good)
    tree = json.loads(parts["config.json"])
    _exchange(rng, tree)
    return zipped({**parts, "config.json": json.dumps(tree).encode()})


def _old_config(rng: Rng, data: bytes) -> bytes:
    """The same in a whole model in HDF5, or one of the names that it lists."""
    file = io.BytesIO(data)
    with h5py.File(file, "a") as h5:
        if "model_config" not in h5.attrs:
            return overwrite(rng, data, {})
        if rng.random() < 0.3:
            group = h5["model_weights"]
            if rng.random() < 0.7:
                group = group[str(rng.choice(list(group)))]
            name = "layer_names" if "layer_names" in group.attrs else "weight_names"
            names = [str(x) for x in np.ravel(group.attrs[name]).tolist()]
            names.insert(0, str(rng.choice(["", "..", "/", "a/b", "x" * 5000, "model_weights"])))
            group.attrs[name] = names[: int(rng.integers(1, len(names) + 1))]
        else:
            kinds = ("model_config", "model_config", "training_config")
            name = str(rng.choice([kind for kind in kinds if kind in h5.attrs]))
            tree = json.loads(h5.attrs[name])
            _exchange(rng, tree)
            h5.attrs[name] = json.dumps(tree)
    return file.getvalue()


def _exchange(rng: Rng, tree: Any) -> None:
    for _ in range(int(rng.integers(1, 4))):
        places = list(_places(tree))
        if not places:
            break
        holder, key = places[int(rng.integers(len(places)))]
        pool = NUMBERS if isinstance(holder[key], int | float) else VALUES
        pool = CLASSES if rng.random() < 0.15 else pool
        holder[key] = pool[int(rng.integers(len(pool)))]


def _places(tree: Any) -> Any:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in items:
        yield tree, key
        if isinstance(value, dict | list):
            yield from _places(value)


CHANGES: list[Callable[[Rng, bytes, Good], bytes]] = [
    flip,
    cut,
    overwrite,
    splice,
    members,
    config,
    config,
]


# -- the process that loads ------------------------------------------------------------------------

DOCUMENTED = ("ValueError", "TypeError", "OSError", "NotImplementedError", "OpError", "KeyError")


def load(path: Path) -> None:
    if path.suffix == ".keras" or path.name in ("good.h5", "graph.h5"):
        tf.keras.models.load_model(path)
    elif path.name.startswith("data"):
        from scratchnet.train.images import load_images

        load_images(str(path), 2, 2)
    else:
        model().load_weights(path)


def answer(path: str) -> tuple[list[str], str, int, list[str]]:
    """Classes of the error, its text, the MiB that loading took, and what was done beside."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = status("VmRSS")
    beside.clear()
    families, text = [], ""
    try:
        load(Path(path))
    except Exception as error:
        families = [kind.__name__ for kind in type(error).__mro__]
        text = f"{type(error).__name__}: {error}"
    return families, text, (status("VmHWM") - before) // 1024, list(beside)


def status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


beside: list[str] = []
FORBIDDEN = ("os.system", "subprocess", "os.exec", "os.posix_spawn", "os.fork", "socket", "pickle")


def watch(event: str, args: Any) -> None:
    if event.startswith(FORBIDDEN) or (
        event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
    ):
        beside.append(f"{event} {args[:2]!r}"[:200])


def serve() -> Callable[[str], Any]:
    """What a peer does before its first file."""
    import resource
    import warnings

    warnings.simplefilter("ignore")
    load_folder = Path(os.environ["GOOD_FILES"])
    for path in sorted(load_folder.iterdir()):
        load(path)  # imports, kernels and caches are there from now on
    size = status("VmSize") * 1024 + 2 * MEMORY * MIB
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    sys.addaudithook(watch)
    return answer


# -- the form --------------------------------------------------------------------------------------


def run(form: Form) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "good").mkdir()
        good = good_files(folder / "good")
        peer = Peer("tests.long.files", {"GOOD_FILES": str(folder / "good")})
        try:
            for i in form.numbers():
                rng = form.rng(i)
                name = str(rng.choice(list(good)))
                change = CHANGES[int(rng.integers(len(CHANGES)))]
                path = folder / name
                path.write_bytes(change(rng, good[name], good))
                form.count(f"of {name}")
                _judge(form, i, f"{name}, {change.__name__}", peer.ask(str(path), SECONDS))
        finally:
            peer.end()


def _judge(form: Form, i: int, what: str, said: Any) -> None:
    if isinstance(said, str):
        form.found(i, "the process was lost", f"{what}: {said}")
        return
    families, text, mib, others = said
    form.figures["most MiB taken"] = max(form.figures["most MiB taken"], mib)
    form.count("refused" if families else "loaded")
    if others:
        form.found(i, "code was run, or files written", f"{what}: {others}")
    if mib > MEMORY or "MemoryError" in families:
        form.found(i, f"more than {MEMORY} MB", f"{what}: {mib} MiB, {text}")
    elif families and not set(families) & set(DOCUMENTED):
        form.found(i, "an error of another kind", f"{what}: {text}")
