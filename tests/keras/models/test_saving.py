"""Models as JSON, and from their configurations."""

from __future__ import annotations

import inspect
import json

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.models.saving import takes_inputs_and_outputs
from tests.support.keras_programs import close, same, twins
from tests.support.own_classes import X, both_kinds
from tests.support.saved_models import fill, plain


def test_to_json_and_back():
    same(lambda tf: [plain(json.loads(model.to_json())) for model in both_kinds(tf)])
    same(lambda tf: both_kinds(tf)[1].to_json(indent=1).count("\n") > 50)
    theirs, ours = twins(lambda tf: [model.to_json() for model in both_kinds(tf)])
    for text in (*theirs, *ours):
        for tf in (tensorflow, scratchnet):
            again = tf.keras.models.model_from_json(text)
            assert plain(json.loads(again.to_json())) == plain(json.loads(text))


def test_models_from_their_configs():
    def program(tf):
        found = []
        for model in both_kinds(tf):
            again = type(model).from_config(model.get_config())
            assert plain(again.get_config()) == plain(model.get_config())
            fill(again)
            found.append(np.asarray(again(X)))
        graph = tf.keras.Model.from_config(both_kinds(tf)[0].get_config())
        fill(graph)
        return [*found, np.asarray(graph(X))]

    close(program, 64)


def test_what_a_config_may_be_made_into():
    """Classes with and without constructors of their own, with Keras's rules for graphs."""

    def program(tf):
        keras, found = tf.keras, []

        class Own(keras.Model):
            def __init__(self, *args, extra=1, **kwargs):
                super().__init__(*args, **kwargs)
                self.extra = extra

        x = keras.Input((3,))
        for cls in (Own, keras.Model):
            model = cls(x, keras.layers.Dense(2)(x), name="net", trainable=False)
            found += sorted(model.get_config())
            again = cls.from_config(model.get_config())
            found += [again.name, again.trainable, type(again).__name__]
        return found

    same(program)


def test_constructors_that_take_inputs_and_outputs():
    """By these names, first; or anything.  Keras asks for all of Functional's arguments."""
    keras = scratchnet.keras

    class Named(keras.Model):
        def __init__(self, inputs, outputs, **kwargs):
            super().__init__(inputs, outputs, **kwargs)

    class Other(keras.Model):
        def __init__(self, units, inputs=None, outputs=None, **kwargs):
            super().__init__(inputs, outputs, **kwargs)

    class Swapped(keras.Model):
        def __init__(self, outputs, inputs, **kwargs):
            super().__init__(inputs, outputs, **kwargs)

    class Keywords(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)

    assert [takes_inputs_and_outputs(cls) for cls in (Named, Other, Swapped, Keywords)] == [
        *(True, False, False, False)
    ]
    assert takes_inputs_and_outputs(keras.Model)
    x = keras.Input((3,))
    again = Named.from_config(Named(x, keras.layers.Dense(2)(x), name="net").get_config())
    assert (again.name, again.count_params()) == ("net", 8)
    assert "layers" not in Other(1, x, keras.layers.Dense(2)(x)).get_config()


def test_a_config_that_does_not_fit_its_constructor():
    class Own(scratchnet.keras.Model):
        def __init__(self, units):
            super().__init__()
            self.units = units

    assert Own.from_config({"units": 3}).units == 3
    with pytest.raises(TypeError) as caught:
        Own.from_config({"units": 3, "name": "a"})
    text = str(caught.value)
    assert text.startswith("Unable to revive model from config: ")
    assert "The constructor of Own must take what `get_config()` returns" in text
    assert text.endswith("received {'units': 3, 'name': 'a'}")


def test_a_model_that_cannot_be_built_again_warns():
    class Own(scratchnet.keras.Model):
        def build(self, input_shape):
            raise RuntimeError("no such shape")

    with pytest.warns(UserWarning, match="but the model cannot be built automatically: no such sh"):
        Own(name="own").build_from_config({"input_shape": (None, 2)})


def test_files_are_written_as_they_are_told(tmp_path, monkeypatch):
    """The options go on to the functions that do the work."""
    model = both_kinds(scratchnet)[1]
    told = []
    for name in ("save_model", "save_weights", "load_weights", "refuse_export"):
        note = lambda *args, name=name, **options: told.append((name, args[1:], options))  # noqa: E731
        monkeypatch.setattr(f"scratchnet.keras.models.saving.{name}", note)
    model.save("a.keras")
    model.save("b", False, True, x=1)
    model.save_weights("c")
    model.save_weights("d", False, 2.5)
    model.load_weights("e")
    model.load_weights("f", True, by_name=True)
    monkeypatch.undo()
    assert told == [
        ("save_model", ("a.keras", True, None), {}),
        ("save_model", ("b", False, True), {"x": 1}),
        ("save_weights", ("c", True, None), {}),
        ("save_weights", ("d", False, 2.5), {}),
        ("load_weights", ("e", False), {}),
        ("load_weights", ("f", True), {"by_name": True}),
    ]
    for form, kind in (("tf_saved_model", NotImplementedError), ("foo", ValueError)):
        with pytest.raises(kind):
            model.export("g", form)
    with pytest.raises(NotImplementedError):
        model.export("g")


@pytest.mark.parametrize(
    "method", ["save", "save_weights", "load_weights", "to_json", "from_config"]
)
def test_what_methods_take(method):
    """The names and defaults of Keras's."""

    def program(tf):
        taken = inspect.signature(getattr(tf.keras.Model, method)).parameters.values()
        return [(p.name, p.default) for p in taken if p.kind is not p.VAR_KEYWORD]

    same(program)
