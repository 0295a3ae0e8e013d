"""Optimizer: the arguments that all optimizers hand on to it, and what it remembers."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import numpy as np
import pytest

from scratchnet import keras
from tests.support.keras_programs import close, same, twins
from tests.support.optimizer_steps import trajectory

SHARED = {
    "weight_decay": 0.25,
    "clipvalue": 3.0,
    "use_ema": True,
    "ema_momentum": 0.5,
    "ema_overwrite_frequency": 7,
    "loss_scale_factor": 2.0,
    "gradient_accumulation_steps": 4,
    "name": "mine",
}


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_arguments_of_all_optimizers_reach_them_by_name_and_by_place(name):
    cls = getattr(keras.optimizers, name)
    parameters = inspect.signature(cls).parameters
    assert set(inspect.signature(keras.optimizers.Optimizer).parameters) <= set(parameters)
    optimizer = cls(learning_rate=0.5, **SHARED)
    assert optimizer.get_config().items() >= {"learning_rate": 0.5, **SHARED}.items()
    given = {k: p.default for k, p in parameters.items() if k != "kwargs"} | SHARED
    assert cls(*given.values()).get_config() == cls(**given).get_config()


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_an_unknown_argument_is_refused(name):
    with pytest.raises(ValueError, match=r"Argument\(s\) not recognized: {'lr': 0.1}"):
        getattr(keras.optimizers, name)(lr=0.1)
    with pytest.warns(UserWarning, match="`decay` has no effect"):
        getattr(keras.optimizers, name)(decay=0.1)


# -- names, shapes, subsets, a class of one's own --------------------------------------------------


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_state() -> None:
    def program(tf: Any) -> list[Any]:
        o = tf.keras.optimizers
        v = tf.keras.Variable([1.0, 2.0], name="v")
        found: list[Any] = []
        for optimizer in (o.SGD(0.1), o.SGD(0.1, momentum=0.9), o.Adam()):
            found += [repr(optimizer.iterations), repr(optimizer.learning_rate), optimizer.name]
            returned = optimizer.apply_gradients([(tf.constant([1.0, 1.0]), v)])
            found += [repr(returned), [(x.path, x.dtype) for x in optimizer.variables]]
            optimizer.learning_rate = 0.5
            found += [repr(optimizer.learning_rate), optimizer.built]
        return found

    same(program)


def test_subset_of_the_variables_shares_the_counter() -> None:
    def program(tf: Any) -> list[Any]:
        a, b = tf.keras.Variable([1.0]), tf.keras.Variable([1.0])
        optimizer = tf.keras.optimizers.Adam(0.1)
        g = tf.constant([1.0])
        optimizer.apply_gradients([(g, a), (g, b)])
        optimizer.apply_gradients([(g, a)])
        optimizer.apply_gradients([(g, b)])
        return [a.numpy(), b.numpy(), optimizer.iterations.numpy()]

    close(program, 10)


def test_engine_variables() -> None:
    """tf.Variable is trained as Keras's own variables are."""

    def program(tf: Any) -> list[Any]:
        v = tf.Variable([1.0, 2.0])
        optimizer = tf.keras.optimizers.Adam(0.1)
        for _ in range(3):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(v * v)
            optimizer.apply_gradients([(tape.gradient(loss, v), v)])
        return [v.numpy()]

    close(program, 20)


def momentum_by_hand(tf: Any) -> Any:
    class Heavy(tf.keras.optimizers.Optimizer):
        def __init__(self, learning_rate: float = 0.1, mu: float = 0.5, **kwargs: Any) -> None:
            super().__init__(learning_rate=learning_rate, **kwargs)
            self.mu = mu

        def build(self, variables: Any) -> None:
            super().build(variables)
            self.moments = [
                self.add_variable_from_reference(reference_variable=v, name="moment")
                for v in variables
            ]
            self.sizes, self.halves = self.add_optimizer_variables(
                variables, ["size", "half"], initializer=["ones", "zeros"]
            )
            self.steps = self.add_variable((), dtype="float32", name="steps")
            self.extra = tf.keras.Variable(2.0, name="extra")

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            rate = tf.cast(learning_rate, variable.dtype)
            moment = self.moments[self._get_variable_index(variable)]
            self.assign(moment, moment * self.mu - gradient * rate)
            self.assign_add(variable, moment)
            self.assign_sub(self.sizes[self._get_variable_index(variable)], gradient * gradient)
            self.assign_add(self.steps, 1)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "mu": self.mu}

    return Heavy


def test_own_optimizer_with_state() -> None:
    def program(tf: Any) -> list[Any]:
        cls = momentum_by_hand(tf)
        optimizer = cls(0.25, mu=0.75, weight_decay=0.01)
        found = trajectory(tf, lambda _: optimizer)
        return [*found, sorted(cls.from_config(optimizer.get_config()).get_config().items())[:4]]

    theirs, ours = twins(program)
    assert ours[4:] == theirs[4:]
    close(lambda tf: program(tf)[:4], 40)


def test_weights_are_set_and_saved() -> None:
    def program(tf: Any) -> list[Any]:
        optimizer = tf.keras.optimizers.Adam(0.5)
        optimizer.build([tf.keras.Variable([1.0, 2.0], name="a")])
        optimizer.set_weights([np.full(v.shape, i) for i, v in enumerate(optimizer.variables)])
        store: dict[str, Any] = {}
        optimizer.save_own_variables(store)
        other = tf.keras.optimizers.Adam()
        other.build([tf.keras.Variable([1.0, 2.0], name="a")])
        other.load_own_variables(store)
        return [sorted(store), [v.numpy() for v in other.variables]]

    close(program, 1)


def test_a_name_is_no_array() -> None:
    with pytest.raises((TypeError, ValueError), match="`name`"):
        keras.optimizers.SGD(name=np.array(["a", "b"]))


def test_a_learning_rate_that_is_called_takes_no_arguments() -> None:
    with pytest.raises((TypeError, ValueError), match="learning_rate"):
        keras.optimizers.SGD(lambda step: 0.1)
    assert float(keras.optimizers.SGD(lambda: 0.25).learning_rate) == 0.25


# -- what is refused ------------------------------------------------------------------------------


def variable(*values: float) -> Any:
    return keras.Variable(list(values or (1.0,)), name="v")


def built(count: int = 1) -> Any:
    optimizer = keras.optimizers.SGD()
    optimizer.build([variable() for _ in range(count)])
    return optimizer


STEPS = "SGD: `gradient_accumulation_steps` must be an integer"
PAIRS = "apply_gradients: `grads_and_vars` must hold pairs (gradient, variable), received "
OTHERS = "Unknown variable: <Variable path=v, shape=(1,), dtype=float32, value=[1.]>: this"
REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "steps 1": (lambda o: o.SGD(gradient_accumulation_steps=1), ValueError, f"{STEPS} >= 2, rec"),
    "steps 1.5": (lambda o: o.SGD(gradient_accumulation_steps=1.5), ValueError, f"{STEPS} >= 2"),
    "steps 2.0": (lambda o: o.SGD(gradient_accumulation_steps=2.0), TypeError, f"{STEPS} >= 2"),
    "steps nan": (
        lambda o: o.SGD(gradient_accumulation_steps=float("nan")),
        TypeError,
        f"{STEPS} >= 2, received gradient_accumulation_steps=nan",
    ),
    "many steps": (
        lambda o: o.SGD(gradient_accumulation_steps=2**63),
        ValueError,
        f"{STEPS} of 64 bits, received gradient_accumulation_steps=9223372036854775808",
    ),
    "momentum above": (
        lambda o: o.SGD(use_ema=True, ema_momentum=1.01),
        ValueError,
        "SGD: `ema_momentum` must be in the range [0, 1], received ema_momentum=1.01",
    ),
    "momentum below": (
        lambda o: o.SGD(use_ema=True, ema_momentum=-0.01),
        ValueError,
        "SGD: `ema_momentum` must be in the range [0, 1], received ema_momentum=-0.01",
    ),
    "momentum of text": (
        lambda o: o.SGD(use_ema=True, ema_momentum="a"),
        TypeError,
        "SGD: `ema_momentum` must be a number, received ema_momentum='a'",
    ),
    "frequency": (
        lambda o: o.SGD(use_ema=True, ema_overwrite_frequency=-1),
        ValueError,
        "SGD: `ema_overwrite_frequency` must be an integer >= 1 or None, received ema_over",
    ),
    "frequency of an array": (
        lambda o: o.SGD(use_ema=True, ema_overwrite_frequency=np.array(2)),
        ValueError,
        "SGD: `ema_overwrite_frequency` must be an integer >= 1 or None, received ema_over",
    ),
    "norms": (
        lambda o: o.SGD(clipnorm=1.0, global_clipnorm=0.0),
        ValueError,
        "at most one of `clipnorm`, `clipvalue` and `global_clipnorm` must be given, received "
        "clipnorm=1.0, clipvalue=None, global_clipnorm=0.0",
    ),
    "layout": (
        lambda o: o.SGD().add_variable((2,), layout=3),
        ValueError,
        "add_variable: `layout` must be None here, received layout=3",
    ),
    "no variable": (
        lambda o: o.SGD().build([3]),
        AttributeError,
        "SGD: can change variables only, received 3 of type 'int' in the place of one; "
        "`apply_gradients` takes pairs (gradient, variable)",
    ),
    "no variable later": (
        lambda o: built().apply([[1.0]], [3.5]),
        AttributeError,
        "SGD: can change variables only, received 3.5 of type 'float' in the place of one; ",
    ),
    "no step": (
        lambda o: o.Optimizer(0.5).apply_gradients([([1.0], variable())]),
        NotImplementedError,
        "Optimizer: `update_step` is not overridden",
    ),
    "names": (
        lambda o: o.SGD().add_optimizer_variables([], ["a"], ("zeros", "ones")),
        ValueError,
        "The number of provided names must match the number of provided initializers. Received "
        "name='['a']', initializer='('zeros', 'ones')'",
    ),
    "fewer gradients": (
        lambda o: built(2).apply([[1.0]]),
        ValueError,
        "apply: there must be one gradient for each of the 2 variables that the optimizer was "
        "built with, received 1",
    ),
    "fewer gradients than variables": (
        lambda o: o.SGD().apply([[1.0]], [variable(), variable()]),
        ValueError,
        "apply: there must be one gradient for each variable, received 1 gradients and 2 variables",
    ),
    "other variables": (
        lambda o: built().apply([[1.0]], [variable()]),
        ValueError,
        f"{OTHERS} optimizer was built for others; for new variables, recreate a new optimizer "
        "instance.",
    ),
    "not built": (
        lambda o: o.SGD().apply([[1.0]]),
        ValueError,
        "apply: `trainable_variables` must be given before `build` was called",
    ),
    "pairs of text": (lambda o: o.SGD().apply_gradients("ab"), TypeError, f"{PAIRS}grads_and_var"),
    "pairs of a dict": (lambda o: o.SGD().apply_gradients({}), TypeError, f"{PAIRS}grads_and_vars"),
    "a number": (lambda o: o.SGD().apply_gradients(3), TypeError, f"{PAIRS}grads_and_vars=3"),
    "numbers": (lambda o: o.SGD().apply_gradients([3]), TypeError, f"{PAIRS}grads_and_vars=3"),
    "three": (
        lambda o: o.SGD().apply_gradients([(1, 2, 3)]),
        ValueError,
        f"{PAIRS}grads_and_vars=(1, 2, 3)",
    ),
    "a rate of a function": (
        lambda o: o.SGD(lambda step: 0.1),
        TypeError,
        "SGD: `learning_rate` must be a float, a schedule or a function without arguments, rec",
    ),
    "two weights": (
        lambda o: built().set_weights([np.float32(1), np.zeros(2)]),
        ValueError,
        "Optimizer variable SGD/learning_rate has shape () not compatible with provided weight "
        "shape (2,).",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    program, error, text = REFUSED[name]
    keras.utils.clear_session()
    with pytest.raises(error) as caught:
        program(keras.optimizers)
    assert str(caught.value).replace("sgd/", "SGD/").startswith(text), str(caught.value)


def test_what_is_just_in_range() -> None:
    make = keras.optimizers.SGD
    for options in (
        {"gradient_accumulation_steps": 2},
        {"gradient_accumulation_steps": None},
        {"gradient_accumulation_steps": np.int64(2)},
        {"use_ema": True, "ema_momentum": 0},
        {"use_ema": True, "ema_momentum": 1},
        {"use_ema": True, "ema_overwrite_frequency": 1},
        {"use_ema": False, "ema_momentum": 9.0, "ema_overwrite_frequency": -2},
    ):
        config = make(**options).get_config()
        assert {key: config[key] for key in options} == options


STATES: list[dict[str, Any]] = [
    {"gradient_accumulation_steps": 3},
    {"use_ema": True, "ema_momentum": 0.75},
    {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3},
]


@pytest.mark.parametrize("options", STATES, ids=str)
@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_what_is_kept_between_steps(name: str, options: dict[str, Any]) -> None:
    """Accumulated gradients begin anew after each step, averages go on; step by step."""

    def program(tf: Any) -> list[Any]:
        optimizer = getattr(tf.keras.optimizers, name)(0.5, **options)
        v, seen = tf.Variable([1.0, -2.0]), []
        for i in range(10):
            optimizer.apply_gradients([(tf.constant([0.25 * i, 1.0 - i]), v)])
            seen += [v.numpy(), *[part.numpy() for part in optimizer.variables]]
        return seen

    close(program, 4)


def test_states_that_do_not_fit_are_left() -> None:
    optimizer = built()
    with pytest.warns(UserWarning, match=r"'sgd.*' was not loaded: it has 2 variables, the fi"):
        optimizer.load_own_variables({"0": np.array(7)})
    assert optimizer.iterations.numpy() == 0
    optimizer.load_own_variables({"0": np.array(7), "1": np.float32(0.25)})
    assert (optimizer.iterations.numpy(), float(optimizer.learning_rate)) == (7, 0.25)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_variables_of_an_optimizer() -> None:
    """Their names, dtypes and starts; each is among the variables once."""

    def program(tf: Any) -> list[Any]:
        optimizer = tf.keras.optimizers.SGD(0.5, name="mine")
        model = tf.keras.Variable([[1.0, 2.0]], name="a", dtype="float64")
        made = [
            optimizer.add_variable((2,), name="plain"),
            optimizer.add_variable((), "ones", "int32", name="whole"),
            optimizer.add_variable_from_reference(model, "moment"),
            optimizer.add_variable_from_reference(model, initializer="ones"),
            *optimizer.add_optimizer_variables([model, model], "one", "ones"),
        ]
        pairs = optimizer.add_optimizer_variables([model], ["b", "c"], ["ones", "zeros"])
        optimizer.again = made[0]
        found = [(v.path, v.dtype, v.numpy().tolist(), v.trainable) for v in optimizer.variables]
        return [found, len(optimizer.variables), type(pairs).__name__, len(pairs)]

    same(program)


def test_what_is_left_out_of_the_decay() -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        for listed, names in (([0], None), (None, ["b", "^c"]), ([1], ["x"]), (None, None)):
            variables = [tf.keras.Variable([1.0], name=n) for n in ("abc", "cab", "ab", "x", "d")]
            optimizer = tf.keras.optimizers.SGD(0.1, weight_decay=0.5)
            optimizer.exclude_from_weight_decay(listed and [variables[i] for i in listed], names)
            optimizer.apply_gradients([(tf.constant([0.0]), v) for v in variables])
            found.append([float(v.numpy()[0]) for v in variables])
        return found

    close(program, 2)


def test_a_copy_begins_anew_with_other_variables_once() -> None:
    optimizer = keras.optimizers.SGD(0.5, momentum=0.5)
    optimizer.apply_gradients([([1.0], variable(1.0))])
    twin = copy.copy(optimizer)
    first, second = variable(1.0), variable(1.0)
    twin.apply_gradients([([1.0], first)])
    assert (first.numpy(), twin.iterations.numpy()) == (0.5, 1)
    with pytest.raises(ValueError, match="Unknown variable"):
        twin.apply_gradients([([1.0], second)])


def test_a_copy_that_goes_on_takes_no_other_variables_later() -> None:
    optimizer, v = keras.optimizers.SGD(0.5), variable(1.0)
    optimizer.apply_gradients([([1.0], v)])
    twin, w = copy.deepcopy((optimizer, v))
    twin.apply_gradients([([1.0], w)])
    assert (v.numpy(), w.numpy(), twin.iterations.numpy()) == (0.5, 0.0, 2)
    with pytest.raises(ValueError, match="Unknown variable"):
        twin.apply_gradients([([1.0], variable())])
