"""Files of weights: read by Keras, and its files by us; all is loaded or nothing."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.configs import limits
from tests.support.keras_programs import complain_alike, fresh, same
from tests.support.model_files import (
    WEIGHTS,
    argument,
    changed,
    good,
    huge,
    little_memory,
    load,
    packed,
    small,
    unchanged,
    weights_file,
)
from tests.support.saved_models import fill
from tests.support.sequential_models import (
    FILES,
    X,
    Y,
    compiled,
    layers,
    quiet,
    trained,
    unbuilt,
    with_input,
)


def chain(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "save weights to 5": (lambda tf: chain(tf).save_weights(5), "filepath=5", "must be a path"),
    "load weights of 5": (lambda tf: chain(tf).load_weights(5), "filepath=5", "must be a path"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def state(model: Any) -> list[np.ndarray]:
    optimizer = getattr(model, "optimizer", None)
    return [*model.get_weights(), *(v.numpy() for v in (optimizer.variables if optimizer else []))]


@quiet
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("ours_writes", [True, False])
def test_weights_travel(name: str, ours_writes: bool, tmp_path: Path) -> None:
    """A file that one side writes is read by the other: weights, moving statistics, optimizer."""
    make, path = FILES[name], tmp_path / "model.weights.h5"
    writer, reader = (scratchnet, tensorflow) if ours_writes else (tensorflow, scratchnet)
    fresh(writer, seed=1)
    model = make(writer)
    model.save_weights(path)
    fresh(reader, seed=2)
    other = make(reader)
    assert any((a != b).any() for a, b in zip(state(model), state(other), strict=True))
    other.load_weights(path)
    for a, b in zip(state(other), state(model), strict=True):
        np.testing.assert_array_equal(a, b)


@quiet
@pytest.mark.parametrize("name", FILES)
def test_layout_of_a_file(name: str, tmp_path: Path) -> None:
    import h5py

    def layout(path: Path) -> list[Any]:
        found: list[Any] = []
        with h5py.File(path) as file:
            file.visititems(
                lambda where, part: found.append(
                    (
                        where,
                        dict(part.attrs),
                        getattr(part, "shape", None),
                        str(getattr(part, "dtype", "")),
                    )
                )
            )
        return sorted(found, key=repr)

    def program(tf: Any) -> list[Any]:
        path = tmp_path / f"{tf.__name__}.weights.h5"
        FILES[name](tf).save_weights(path)
        return layout(path)

    same(program)


def momentum(tf: Any) -> Any:
    k = tf.keras.layers
    body = [k.Conv2D(4, 3, activation="relu"), k.Flatten(), k.Dense(3, activation="softmax")]
    model = tf.keras.Sequential([tf.keras.Input((8, 8, 1)), *body])
    optimizer = tf.keras.optimizers.SGD(0.1, momentum=0.9)
    model.compile(optimizer, "categorical_crossentropy")
    model.fit(X, Y, batch_size=3, verbose=0)
    return model


@quiet
def test_training_goes_on_after_loading(tmp_path: Path) -> None:
    """Momentum, counter and learning rate come along: the next steps are the same."""
    path = tmp_path / "model.weights.h5"
    fresh(tensorflow)
    theirs = momentum(tensorflow)
    theirs.save_weights(path)
    fresh(scratchnet, seed=2)
    ours = momentum(scratchnet)
    ours.load_weights(path)
    for model in (theirs, ours):
        model.fit(X, Y, batch_size=3, shuffle=False, verbose=0)
    assert int(ours.optimizer.iterations.numpy()) == 4
    for a, b in zip(state(ours), state(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@quiet
def test_optimizer_state_that_does_not_fit_is_left_out(tmp_path: Path) -> None:
    path = str(tmp_path / "model.weights.h5")

    def program(tf: Any) -> None:
        trained(tf).save_weights(path)
        compiled(tf).load_weights(path)

    complain_alike(program, "optimizer", "was not loaded")


def smaller(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.Input((8, 8, 1)), *layers(tf)[2:]])


@quiet
@pytest.mark.parametrize("skip", [False, True])
def test_file_of_another_model(skip: bool, tmp_path: Path) -> None:
    path = str(tmp_path / "model.weights.h5")

    def program(tf: Any) -> None:
        smaller(tf).save_weights(path)
        with_input(tf).load_weights(path, skip_mismatch=skip)

    complain_alike(program, "objects could not", "not in the file")


@quiet
def test_skipped_layers_stay_and_the_others_are_loaded(tmp_path: Path) -> None:
    path = str(tmp_path / "model.weights.h5")
    keras = scratchnet.keras

    def net(units: int) -> Any:
        return keras.Sequential(
            [keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(units)]
        )

    first, second = net(2), net(3)
    before = second.get_weights()
    first.save_weights(path)
    with pytest.warns(UserWarning, match="1 objects could not be loaded"):
        second.load_weights(path, skip_mismatch=True)
    np.testing.assert_array_equal(second.get_weights()[0], first.get_weights()[0])
    np.testing.assert_array_equal(second.get_weights()[2], before[2])


FILE_COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "ending": (lambda tf: with_input(tf).save_weights("a.h5"), ".weights.h5", "must end in"),
    "ending to load": (
        lambda tf: with_input(tf).load_weights("a.foo"),
        ".weights.h5",
        "must end in",
    ),
    "missing": (lambda tf: with_input(tf).load_weights("missing.weights.h5"), "missing", ""),
    "save unbuilt": (lambda tf: unbuilt(tf).save_weights("a.weights.h5"), "build", "is not built"),
    "load unbuilt": (lambda tf: unbuilt(tf).load_weights("a.weights.h5"), "build", "is not built"),
}


@pytest.mark.parametrize("name", FILE_COMPLAINTS)
def test_file_complaints(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    complain_alike(*FILE_COMPLAINTS[name])
    assert not list(tmp_path.iterdir())


def test_a_file_is_not_replaced_unless_allowed(tmp_path: Path) -> None:
    path = tmp_path / "model.weights.h5"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="overwrite=False"):
        with_input(scratchnet).save_weights(path, overwrite=False)
    assert path.read_text() == "mine"
    with_input(scratchnet).save_weights(path)
    assert path.read_bytes().startswith(b"\x89HDF")


def test_files_that_cannot_be_loaded_are_named(tmp_path: Path) -> None:
    """Keras's complaints, of the same types, are those of the HDF5 library."""
    model, path = with_input(scratchnet), tmp_path / "bad.weights.h5"
    with pytest.raises(FileNotFoundError, match=r"must be a file that exists.*bad\.weights\.h5"):
        model.load_weights(path)
    path.write_text("no HDF5")
    with pytest.raises(OSError, match=r"bad\.weights\.h5' is not a readable HDF5 file"):
        model.load_weights(path)


def spoiled(what: Any) -> Any:
    """A good file in which `what` has replaced the kernel of the second layer."""

    def fill_in(file: Any) -> None:
        good(file)
        del file["layers/dense_1/vars/0"]
        what(file["layers/dense_1/vars"])

    return fill_in


def virtual(group: Any) -> None:
    layout = h5py.VirtualLayout((2, 1), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "a", (2, 1))
    group.create_virtual_dataset("0", layout)


def pickled(group: Any) -> None:
    data = pickle.dumps(print).hex()
    group.create_dataset("0", data=data, dtype=h5py.string_dtype("ascii"))


EVIL = {
    "external link": lambda g: g.__setitem__("0", h5py.ExternalLink("/etc/passwd", "/a")),
    "soft link": lambda g: g.__setitem__("0", h5py.SoftLink("/layers/dense/vars/0")),
    "external data": lambda g: g.create_dataset("0", (2, 1), "f4", external=[("/etc/x", 0, 8)]),
    "virtual data": virtual,
    "text": pickled,
    "references": lambda g: g.create_dataset("0", (2, 1), h5py.ref_dtype),
    "a group": lambda g: g.create_group("0"),
    "no shape": lambda g: g.create_dataset("0", data=h5py.Empty("f4")),
    "a bomb": lambda g: g.create_dataset("0", (10**6, 10**6), "f4", chunks=True),
    "complex": lambda g: g.create_dataset("0", (2, 1), "c8"),
}


@pytest.mark.parametrize("name", EVIL)
def test_weights_that_are_no_numbers_of_the_file(name, tmp_path):
    path = weights_file(tmp_path / "a.weights.h5", spoiled(EVIL[name]))
    model = small(scratchnet)
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"a\.weights\.h5.*(Not allowed|Invalid)"):
        model.load_weights(path)
    unchanged(model, before)


def test_a_layer_behind_a_link(tmp_path):
    def fill_in(file: Any) -> None:
        good(file)
        del file["layers/dense_1"]
        file["layers/dense_1"] = h5py.ExternalLink("/etc/passwd", "/a")

    path = weights_file(tmp_path / "a.weights.h5", fill_in)
    complain_alike(lambda tf: small(tf).load_weights(path), "Not allowed: H5 file with External")


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.99])
def test_weights_that_were_cut_off(part, members, tmp_path):
    content = members[WEIGHTS]
    cut = content[: int(len(content) * part)]
    path = tmp_path / "a.weights.h5"
    path.write_bytes(cut)
    complain_alike(lambda tf: small(tf).load_weights(path), "", "not a readable HDF5 file")
    packed(tmp_path / "a.keras", {**members, WEIGHTS: cut})
    complain_alike(load(tmp_path / "a.keras"), "", "a.keras")


@pytest.mark.parametrize("ending", [".weights.h5", ".npz", ".keras"])
def test_weights_load_all_or_not_at_all(ending, tmp_path):
    """The first layer fits, the second does not."""
    k = scratchnet.keras.layers
    other = scratchnet.keras.Sequential(
        [scratchnet.keras.Input((3,)), k.Dense(2), k.Dense(4, use_bias=False)]
    )
    fill(other)
    path = tmp_path / f"a{ending}"
    if ending == ".keras":
        other.save(path)
    else:
        other.save_weights(path)
    model = small(scratchnet)
    before = model.get_weights()
    with pytest.raises(ValueError, match="A total of 1 objects could not be loaded") as told:
        model.load_weights(path)
    unchanged(model, before)
    lines = [line.split() for line in str(told.value).splitlines()]
    assert ["name", "expected", "shape", "found", "shape"] in lines
    assert ["sequential_1/e/kernel", "(2,", "1)", "(2,", "4)"] in [
        [line[0].replace(model.name, "sequential_1"), *line[1:]] for line in lines if line
    ]
    assert any(line[1:] == ["(1,)", "not", "in", "the", "file"] for line in lines)
    with pytest.warns(UserWarning, match="A total of 1 objects could not be loaded"):
        model.load_weights(path, skip_mismatch=True)
    np.testing.assert_array_equal(model.get_weights()[0], other.get_weights()[0])
    unchanged_part = model.get_weights()[2:]
    for now, then in zip(unchanged_part, before[2:], strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_loader_of_the_users_that_fails_changes_nothing(tmp_path):
    class Own(scratchnet.keras.layers.Dense):
        def load_own_variables(self, store):
            self.kernel.assign(store["0"])
            raise KeyError("own")

    def make(cls):
        return scratchnet.keras.Sequential(
            [scratchnet.keras.Input((3,)), scratchnet.keras.layers.Dense(2), cls(2)]
        )

    make(scratchnet.keras.layers.Dense).save_weights(tmp_path / "a.weights.h5")
    renamed = type("Dense", (Own,), {})
    model = make(renamed)
    before = model.get_weights()
    with pytest.raises(ValueError, match="KeyError: 'own'"):
        model.load_weights(tmp_path / "a.weights.h5")
    unchanged(model, before)


def test_a_model_of_other_weights_than_its_file(members, tmp_path):
    path = changed(members, tmp_path / "a.keras", argument(use_bias=False))
    with pytest.raises(ValueError, match=r"a\.keras.*could not be loaded(.|\n)*not in the model"):
        scratchnet.keras.models.load_model(path, compile=False)


@pytest.mark.parametrize("ending", [".weights.h5", ".npz"])
def test_arrays_that_do_not_fit_are_not_even_read(ending, tmp_path):
    path = tmp_path / f"a{ending}"
    huge(path)
    model = small(scratchnet)
    before = model.get_weights()
    with little_memory(4 * limits.MIB), pytest.raises(ValueError, match="A total of 2") as told:
        model.load_weights(path)
    unchanged(model, before)
    rows = [line.split(maxsplit=1) for line in str(told.value).splitlines()]
    shown = {row[0]: " ".join(row[1].split()) for row in rows if len(row) == 2}
    assert shown[f"{model.name}/d/kernel"] == "(3, 2) (3000, 3000)"
    assert shown[f"{model.name}/d/bias"] == "(2,) (3000,)"
    assert shown[f"{model.name}/e/bias"] == "(1,) not in the file"
