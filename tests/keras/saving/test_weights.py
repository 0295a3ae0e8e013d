"""Files of weights: read by Keras, and its files by us; all is loaded or nothing."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.configs import limits
from scratchnet.keras.saving.mismatch_table import check_fit, mismatch_table, wanted_shapes
from scratchnet.keras.saving.revival import naming, revived
from scratchnet.keras.saving.saved_objects import join_path
from scratchnet.keras.saving.stored_arrays import ShapeOnly, shapes_match, without_loss_scale
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
    "ending": (lambda tf: with_input(tf).save_weights("a.h5"), ".weights.h5", "must end"),
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


def arrays_of(*shapes: Any) -> dict[str, Any]:
    return {str(i): np.zeros(shape) for i, shape in enumerate(shapes)}


@pytest.mark.parametrize(
    ("shapes", "stored", "match"),
    [
        (None, arrays_of((9,)), True),
        ([], {}, True),
        ([(2,), ()], arrays_of((2,), ()), True),
        ([(2,), ()], arrays_of((), (2,)), False),
        ([(2,)], {}, False),
        ([(2,)], arrays_of((2,), (2,)), False),
        ([(2,)], {"1": np.zeros(2)}, False),
        ([(2,)], arrays_of((), (), (), (), (2,)), True),
        ([(2,)], arrays_of((), (), (), (1,), (2,)), False),
        ([(2,)], arrays_of((1,), (), (), (), (2,)), False),
        ([(2,)], arrays_of((), (), (), (), (3,)), False),
        ([], arrays_of((), (), (), ()), True),
        ([(2,)], arrays_of((), (), (), (2,)), False),
    ],
)
def test_which_arrays_fit(shapes: Any, stored: Any, match: bool) -> None:
    """By their places; four scalars may stand before them, as a LossScaleOptimizer saves."""
    assert shapes_match(shapes, stored) == match
    assert shapes_match(shapes, {k: ShapeOnly(x.shape) for k, x in stored.items()}) == match


def test_what_a_loss_scale_optimizer_saved_besides() -> None:
    assert without_loss_scale(dict(zip("012345", "abcdef", strict=True))) == {"0": "e", "1": "f"}
    assert without_loss_scale({"0": 1, "5": 2}) == {}


def test_a_table_of_what_does_not_fit() -> None:
    """The whole text."""
    keras = scratchnet.keras
    first, second = keras.layers.Dense(2, name="first"), keras.layers.Dense(3, name="b")
    first.build((None, 3))
    second.build((None, 2))
    stored = {"0": np.zeros((3, 4)), "3": np.zeros(5)}
    failures: Any = [
        ("layers/dense", first, stored, ValueError("x")),
        ("", second, arrays_of((2, 3), (3,)), KeyError("gone")),
    ]
    assert mismatch_table("label", failures) == (
        "label: A total of 2 objects could not be loaded:\n"
        "\n"
        "  name                 expected shape    found shape\n"
        "  -------------------  ----------------  ---------------\n"
        "  first/kernel         (3, 2)            (3, 4)\n"
        "  first/bias           (2,)              not in the file\n"
        "  layers/dense/vars/3  not in the model  (5,)\n"
        "  b                    KeyError: 'gone'\n"
        "\n"
        f"These are: {first!r}, {second!r}"
    )
    extra: Any = [("", second, {**arrays_of((2, 3), (3,)), "2": np.zeros(1)}, KeyError("gone"))]
    assert "\n  vars/2  not in the model  (1,)\n" in mismatch_table("label", extra)


def test_arrays_that_fit_are_left_to_the_layer() -> None:
    dense = scratchnet.keras.layers.Dense(2, name="d")
    dense.build((None, 3))

    class Own(scratchnet.keras.layers.Dense):  # type: ignore[misc]
        def load_own_variables(self, store: Any) -> None:
            pass

    own = Own(2)
    own.build((None, 3))
    check_fit(dense, arrays_of((3, 2), (2,)))
    check_fit(dense, arrays_of((3, 2)))  # how many there are the layer itself judges
    check_fit(own, arrays_of((9, 9), (2,)))
    for wrong in (arrays_of((2, 3), (2,)), arrays_of((3, 2), (3,)), {"0": np.ones(1), "x": 2}):
        with pytest.raises((ValueError, AttributeError)):
            check_fit(dense, wrong)
    with pytest.raises(ValueError, match=r"^a variable of d has another shape$"):
        check_fit(dense, arrays_of((2, 3), (2,)))
    model = scratchnet.keras.Sequential([scratchnet.keras.Input((3,)), dense, Own(1)])
    assert wanted_shapes(model) == {"": [], "layers/dense": [(3, 2), (2,)], "layers/own": None}


@quiet
def test_paths_of_objects_are_keras_s(tmp_path: Path) -> None:
    """Attributes, lists, dicts, lists in lists; what holds itself; what is there twice."""

    def program(tf: Any) -> list[str]:
        k = tf.keras.layers

        class Own(tf.keras.Model):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                shared = k.Dense(1)
                self.b = k.Dense(2)
                self.a = [k.Dense(1), k.ReLU(), k.Dense(3), [shared, k.Dense(1)], [shared], "x", 3]
                self.m = {"y": k.Conv2D(1, 1), "x": k.Dense(2)}
                self.again = shared
                self.inner = tf.keras.Sequential([k.Dense(1), k.Dense(1)])

            def call(self, x: Any) -> Any:
                for layer in (self.b, self.a[0], self.a[2], *self.a[3], self.m["x"]):
                    x = layer(x)
                self.m["y"](x[:, None, None])
                return self.inner(x)

        model = Own()
        model.compile("sgd", "mse")
        model(np.ones((2, 3), "f"))
        path = tmp_path / f"{tf.__name__}.weights.h5"
        model.save_weights(path)
        found: list[str] = []
        with h5py.File(path) as file:
            file.visititems(lambda name, x: found.append(name) if hasattr(x, "shape") else None)
        return sorted(found)

    assert len(same(program)) > 12


def test_parts_of_a_path() -> None:
    assert join_path("", "a", "", "b/c") == "a/b/c"
    assert join_path("", "") == ""


def test_arguments_of_load_and_save() -> None:
    """Each with its words; before anything is read."""
    model = small(scratchnet)
    unbuilt = scratchnet.keras.Sequential([scratchnet.keras.layers.Dense(1)], name="u")
    cases: list[tuple[Any, type[Exception], str]] = [
        (lambda: model.save_weights("a.h5"), ValueError, "save_weights: `filepath` must end"),
        (lambda: model.save_weights("a.keras"), ValueError, "save_weights: `filepath` must end"),
        (
            lambda: model.save_weights("a.npz", max_shard_size=1.0),
            ValueError,
            "save_weights: `max_shard_size` must be None here, received max_shard_size=1.0",
        ),
        (
            lambda: unbuilt.save_weights("a.npz"),
            ValueError,
            "save_weights: the model 'u' is not built; call it on data, or `build` it",
        ),
        (lambda: unbuilt.load_weights("a.npz"), ValueError, "load_weights: the model 'u' is not"),
        (lambda: model.load_weights("a.txt"), ValueError, "load_weights: `filepath` must end"),
        (
            lambda: model.load_weights("a.npz", by_name=False),
            ValueError,
            "load_weights: 'a.npz': load_weights: `by_name` only supports loading legacy '.h5' or",
        ),
        (lambda: model.load_weights("a.weights.h5", by_name=True), ValueError, "load_weights: 'a."),
        (
            lambda: model.load_weights("a.h5", foo=1),
            ValueError,
            "load_weights: Invalid keyword arguments: {'foo': 1} (`objects_to_skip` is not",
        ),
    ]
    missing = "load_weights: `filepath` must be a file that exists, received filepath="
    for path in ("none.npz", "none.h5", "none.hdf5", "none.keras", "none.weights.h5"):
        cases.append((lambda path=path: model.load_weights(path), FileNotFoundError, missing))
    for call, kind, said in cases:
        with pytest.raises(kind) as caught:
            call()
        assert str(caught.value).startswith(said), said


def test_errors_while_a_model_is_made_name_the_file() -> None:
    known = [(TypeError, TypeError), (ValueError, ValueError), (UnicodeError, ValueError)]
    known += [(NotImplementedError, NotImplementedError)]
    for kind, told in known:
        with pytest.raises(told, match=r"^label: there$") as caught:
            with naming("label", "config.json"):
                raise kind("there") if kind is not UnicodeError else UnicodeError("there")
        assert type(caught.value) is told
    wrong = scratchnet.errors.NotFoundError(None, None, "there")
    with pytest.raises(scratchnet.errors.NotFoundError, match=r"label: .*there"):
        with naming("label", "config.json"):
            raise wrong
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
        with naming("label", "config.json"):
            raise KeyError("there")
    assert str(caught.value) == ("label: config.json does not describe a model: KeyError: 'there'")
    layer = scratchnet.keras.saving.serialize_keras_object(scratchnet.keras.layers.Dense(2))
    with pytest.raises(
        ValueError, match=r"^config.json must describe a model, and describes <Dense"
    ):
        revived(layer, None, "config.json")


@pytest.mark.parametrize("name", ["a.npz", "a.h5", "a.keras", "a.weights.h5"])
def test_what_is_no_file(name: str, tmp_path: Path) -> None:
    """Reading a pipe would never end."""
    os.mkfifo(tmp_path / name)
    with pytest.raises(OSError, match=r"load_weights: must be a file, .* which is a named pipe"):
        small(scratchnet).load_weights(tmp_path / name)
