"""What a layer finds in its attributes: all that was put there, at little cost."""

from __future__ import annotations

import copy
import cProfile
import pickle
import pstats
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet.keras.tracking import owned, unique
from tests.support.keras_programs import close, same

X = np.ones((4, 3), "f")
LONG = 10_000


def small(tf: Any) -> Any:
    k = tf.keras
    model = k.Sequential([k.Input((3,)), k.layers.Dense(2, name="a"), k.layers.Dense(1, name="b")])
    model.compile("sgd", "mse")
    return model


def calls_of_a_step(model: Any) -> int:
    model.train_on_batch(X, X[:, :1])
    profile = cProfile.Profile()
    profile.enable()
    model.train_on_batch(X, X[:, :1])
    profile.disable()
    return pstats.Stats(profile).total_calls  # type: ignore[attr-defined, no-any-return]


LONG_ATTRIBUTES: dict[str, Callable[[], Any]] = {
    "list of floats": lambda: [0.5] * LONG,
    "list of several types": lambda: [0, 0.5, "x", None, True] * (LONG // 5),
    "list of arrays": lambda: [np.zeros(1)] * LONG,
    "dict": lambda: {i: 0.5 for i in range(LONG)},
    "list in a list": lambda: [[0.5] * LONG],
}


@pytest.mark.parametrize("name", LONG_ATTRIBUTES)
def test_a_step_does_not_walk_through_long_attributes(name: str) -> None:
    model = small(scratchnet)
    plain = calls_of_a_step(model)
    model.log = LONG_ATTRIBUTES[name]()
    model.layers[0].log = LONG_ATTRIBUTES[name]()
    assert calls_of_a_step(model) < plain + LONG // 10  # a few searches, none of them that long


@pytest.mark.parametrize("count", [1, 9, 10, 50])
def test_layers_put_into_lists_at_any_time(count: int) -> None:
    class Net(scratchnet.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.parts: list[Any] = [0.0] * count
            self.by_name: dict[str, Any] = {f"{i}": None for i in range(count)}

    def weight() -> Any:
        return scratchnet.keras.Variable(0.0)  # equals what it replaces

    model, made = Net(), [weight(), weight(), weight()]
    assert model.weights == []
    model.parts[count // 2] = made[0]  # of the same length as before
    assert [v is made[0] for v in model.weights] == [True]
    model.by_name[f"{count - 1}"] = [made[1]]
    model.parts.append({"deep": (made[2],)})
    assert {id(v) for v in model.trainable_variables} == {id(v) for v in made}
    dense = scratchnet.keras.layers.Dense(2)
    dense.build((None, 3))
    model.parts[0] = dense
    assert model.layers == [dense]
    assert any(v is dense.kernel for v in model.trainable_weights)
    model.parts.clear()
    assert [v is made[1] for v in model.weights] == [True]


def test_a_list_may_hold_itself_and_a_layer_its_parent() -> None:
    model = small(scratchnet)
    first = model.layers[0]
    first.ring = [1.0]
    first.ring.append({"again": first.ring})
    first.parent = model
    paths = [v.path.split("/", 1)[1] for v in model.weights]
    assert paths == ["a/kernel", "a/bias", "b/kernel", "b/bias"]
    assert len(model.variables) == len(model.trainable_variables) == 4
    model.fit(X, X[:, :1], verbose=0)


def test_the_order_of_weights() -> None:
    def program(tf: Any) -> Any:
        k = tf.keras

        class Part(k.layers.Layer):
            def __init__(self, inner: Any = None) -> None:
                super().__init__()
                self.fixed = self.add_weight((1,), trainable=False, name="fixed")
                self.drop = k.layers.Dropout(0.5, seed=1)
                self.inner = [inner] if inner is not None else []
                self.free = self.add_weight((1,), name="free")

        whole = Part(Part(Part()))
        kinds = ("variables", "weights", "trainable_weights", "non_trainable_weights")
        lists = (kinds, ("trainable_variables", "non_trainable_variables"))
        return [[v.path for v in getattr(whole, kind)] for part in lists for kind in part]

    same(program)


def test_metrics_and_seeds_that_layers_hold() -> None:
    def program(tf: Any) -> Any:
        k = tf.keras

        class Counting(k.layers.Layer):
            def __init__(self) -> None:
                super().__init__()
                self.seen = k.metrics.Sum(name="seen")

            def call(self, x: Any) -> Any:
                self.seen.update_state(tf.ones(3))
                return x

        model = k.Sequential([k.Input((3,)), k.layers.Dense(1), Counting()])
        model.compile("sgd", "mse", metrics=["mae"])
        log = model.fit(X, X[:, :1], batch_size=2, verbose=0).history
        return [sorted(log), log["seen"]]

    same(program)


class AddsLoss(scratchnet.keras.layers.Layer):
    def call(self, x: Any) -> Any:
        self.add_loss(x[0, 0])
        return x


def regularized(tf: Any) -> Any:
    layer = tf.keras.layers.Dense(2, kernel_regularizer="l2", kernel_initializer="ones")
    layer.build((None, 3))
    return layer


def test_a_regularizer_given_later() -> None:
    def program(tf: Any) -> Any:
        layer = tf.keras.layers.Dense(2, kernel_initializer="ones")
        layer.build((None, 3))
        before = len(layer.losses)
        layer.kernel.regularizer = tf.keras.regularizers.L2(0.5)
        return [before, *map(float, layer.losses)]

    close(program, 4)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_keep_their_losses_and_forget_them(copied: Callable[[Any], Any]) -> None:
    layer = AddsLoss()
    layer(X)
    twin = copied(layer)
    assert len(twin.losses) == 1
    twin(X)
    assert len(twin.losses) == 1
    twin = copied(regularized(scratchnet))
    assert [float(x) for x in twin.losses] == [float(x) for x in regularized(scratchnet).losses]


def test_losses_in_another_process(tmp_path: Path) -> None:
    adds = scratchnet.keras.layers.Dense(1)
    adds.add_loss(scratchnet.constant(1.0))
    (tmp_path / "layers").write_bytes(pickle.dumps([adds, regularized(scratchnet)]))
    program = (
        "import pickle, sys, scratchnet\n"
        "adds, regularized = pickle.load(open(sys.argv[1], 'rb'))\n"
        "print(len(adds.losses), len(regularized.losses))\n"
        "adds(scratchnet.ones((1, 1)))\n"
        "print(len(adds.losses))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "layers")]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.split() == ["1", "1", "0"]


def test_a_copy_of_a_layer_with_slots() -> None:
    class Slots(scratchnet.keras.layers.Layer):
        __slots__ = ("extra",)

    layer = Slots()
    layer.extra = 3
    assert copy.copy(layer).extra == 3


def test_attributes_by_the_names_of_our_own_helpers() -> None:
    class Net(scratchnet.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.flattened = scratchnet.keras.layers.Flatten()
            self.holdings = scratchnet.keras.layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.holdings(self.flattened(x))

    model = Net()
    model.compile("sgd", "mse")
    model.fit(X, X[:, :1], verbose=0)
    assert len(model.trainable_weights) == 2


class Holder:
    """Whatever attributes a test needs."""

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


def test_what_is_found_where() -> None:
    class Wanted(str):
        """Also a text, of which most attributes are."""

    class More(list):
        pass

    a, b, c, d, e, f = (Wanted(letter) for letter in "abcdef")
    ring: list[Any] = [1.0, a]
    ring.append(ring)
    holder = Holder(
        first=b,
        plain=[1, 2.0, "x", None, True],
        empty=[],
        ring=ring,
        deep={"k": ({"l": [c]},), "m": b},
        long=[0.5] * 20 + [d],
        long_alike=[[e]] * 12,
        long_dict={i: i for i in range(15)} | {"f": f},
        of_a_kind=More([a]),
        a_set={"g"},
        number=3,
    )
    assert [str(x) for x in owned(holder, Wanted)] == ["b", "a", "c", "d", "e", "f"]
    assert owned(holder, Wanted)[1] is a
    assert owned(Holder(), Wanted) == []
    assert owned(holder, More) == [[a]]
    both = owned(Holder(x=[1j, a], y=2j), complex, Wanted)
    assert both == [1j, a, 2j]


def test_equal_things_are_two_and_one_thing_is_one() -> None:
    x, y = [1.0], [1.0]
    found = unique([x, y, x, y, x])
    assert [thing is x for thing in found] == [True, False]
    assert [thing is y for thing in found] == [False, True]
    assert [z is x for z in owned(Holder(a=(x,), b={"c": y}, d=x), list)] == [True, False]


def test_more_classes_than_are_remembered() -> None:
    for k in range(1100):
        made = type(f"Made{k}", (), {})
        assert owned(Holder(a=made(), b=1j), complex) == [1j]
