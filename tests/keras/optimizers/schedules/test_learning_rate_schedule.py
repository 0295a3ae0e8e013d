"""Learning rate schedules against Keras's: values at every step, configs, complaints."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.signatures import attributes_alike, taken_alike

SCHEDULES: dict[str, Any] = {
    "exponential": lambda s: s.ExponentialDecay(0.1, 7, 0.5),
    "exponential staircase": lambda s: s.ExponentialDecay(0.1, 7, 0.5, staircase=True),
    "exponential float steps": lambda s: s.ExponentialDecay(0.1, 2.5, 0.5, True, "mine"),
    "exponential float64": lambda s: s.ExponentialDecay(np.float64(0.1), 7, 0.9),
    "inverse": lambda s: s.InverseTimeDecay(0.1, 3, 0.5),
    "inverse staircase": lambda s: s.InverseTimeDecay(0.1, 3, 0.5, staircase=True),
    "polynomial": lambda s: s.PolynomialDecay(0.1, 8),
    "polynomial power": lambda s: s.PolynomialDecay(0.5, 8, 0.05, power=2.5),
    "polynomial root": lambda s: s.PolynomialDecay(0.5, 8, 0.05, 0.5),
    "polynomial cycle": lambda s: s.PolynomialDecay(0.5, 5, 0.05, power=2.0, cycle=True),
    "cosine": lambda s: s.CosineDecay(0.1, 9),
    "cosine alpha": lambda s: s.CosineDecay(0.1, 9, alpha=0.3),
    "cosine warmup": lambda s: s.CosineDecay(0.01, 9, warmup_target=0.5, warmup_steps=4),
    "cosine warmup down": lambda s: s.CosineDecay(0.9, 9, 0.1, "mine", 0.5, 4),
    "cosine no warmup steps": lambda s: s.CosineDecay(0.01, 9, warmup_target=0.5),
    "cosine float64": lambda s: s.CosineDecay(np.float64(0.1), 9, 0.3),
    "restarts": lambda s: s.CosineDecayRestarts(0.1, 7),
    "restarts lower": lambda s: s.CosineDecayRestarts(0.1, 3, 1.5, 0.8, 0.1, "mine"),
    "restarts of one length": lambda s: s.CosineDecayRestarts(np.float64(0.1), 4, 1.0, 0.5),
    "piecewise": lambda s: s.PiecewiseConstantDecay([3, 7], [0.1, 0.05, 0.01]),
    "piecewise one": lambda s: s.PiecewiseConstantDecay([5], [1.0, 0.5], name="mine"),
    "piecewise float": lambda s: s.PiecewiseConstantDecay([2.5, 6.5], [1.0, 0.5, 0.25]),
    "piecewise equal": lambda s: s.PiecewiseConstantDecay([4, 4], [1.0, 0.5, 0.25]),
    "piecewise tuples": lambda s: s.PiecewiseConstantDecay((4, 6), (1.0, 0.5, 0.25)),
}

STEPS = [*range(25), 200, np.int64(5), 2.5, 7.0, -1]


@pytest.mark.parametrize("name", SCHEDULES)
def test_values(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        schedule = SCHEDULES[name](tf.keras.optimizers.schedules)
        steps = [*STEPS, tf.constant(6, "int64"), tf.Variable(3)]
        return [schedule(step).numpy() for step in steps]

    close(program, 8)


@pytest.mark.parametrize("name", [n for n in SCHEDULES if "warmup" not in n])
def test_many_steps_at_once(name: str) -> None:
    """As one plots a schedule."""

    def program(tf: Any) -> Any:
        return SCHEDULES[name](tf.keras.optimizers.schedules)(np.arange(1, 20)).numpy()

    close(program, 8)


FINE = {
    "exponential": lambda s: s.ExponentialDecay(0.1, 10, 0.96),
    "polynomial": lambda s: s.PolynomialDecay(0.1, 1000, power=0.7),
    "cosine": lambda s: s.CosineDecay(0.1, 1000, alpha=0.1),
}


@pytest.mark.parametrize("name", FINE)
def test_rates_are_the_nearest_float32(name: str) -> None:
    """Of a float64 variable each step shows every bit of its rate."""
    theirs = FINE[name](tensorflow.keras.optimizers.schedules)
    ours = FINE[name](scratchnet.keras.optimizers.schedules)
    steps = range(0, 2000, 5)
    differ = [s for s in steps if theirs(s).numpy() != ours(s).numpy()]
    assert len(differ) <= 3, differ  # of 400; by NumPy's float32 loops 11 to 80


def test_many_steps_at_once_with_a_warmup() -> None:
    """Keras takes one step at a time here."""
    schedule = SCHEDULES["cosine warmup"](scratchnet.keras.optimizers.schedules)
    together = schedule(np.arange(20)).numpy()
    np.testing.assert_array_equal(together, [schedule(step).numpy() for step in range(20)])


@pytest.mark.parametrize("name", SCHEDULES)
def test_config(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        s = tf.keras.optimizers.schedules
        schedule = SCHEDULES[name](s)
        data = s.serialize(schedule)
        again = s.deserialize(s.serialize(schedule))
        known = type(schedule).from_config(schedule.get_config())
        made = [type(again).__name__, type(known).__name__]
        return [list(schedule.get_config().items()), data, made, known.get_config()]

    same(program)


def own(tf: Any) -> Any:
    class Warm(tf.keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, peak: float, steps: int) -> None:
            self.peak, self.steps = peak, steps

        def __call__(self, step: Any) -> Any:
            step = tf.cast(step, tf.float32)
            return self.peak * tf.math.minimum(step + 1.0, self.steps) / self.steps

        def get_config(self) -> dict[str, Any]:
            return {"peak": self.peak, "steps": self.steps}

    return Warm


def test_own_schedule() -> None:
    def program(tf: Any) -> list[Any]:
        optimizers = tf.keras.optimizers
        optimizer = optimizers.SGD(own(tf)(1.0, 4))
        v, found = tf.keras.Variable([1.0]), []
        for _ in range(6):
            optimizer.apply_gradients([(tf.constant([1.0]), v)])
            found.append([v.numpy(), optimizer.learning_rate.numpy()])
        return [*found, [x.path for x in optimizer.variables]]

    close(program, 4)


def test_config_of_own_schedule() -> None:
    def program(tf: Any) -> list[Any]:
        optimizers, cls = tf.keras.optimizers, own(tf)
        optimizer = optimizers.SGD(cls(1.0, 4))
        data = optimizers.serialize(optimizer)["config"]["learning_rate"]
        known = optimizers.deserialize(optimizers.serialize(optimizer), {"Warm": cls})
        alone = optimizers.schedules.deserialize(data, custom_objects={"Warm": cls})
        inner = known.get_config()["learning_rate"]["config"]
        return [data["class_name"], data["config"], inner, alone.get_config()]

    same(program)


# program, what both texts say, what ours says
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    **{
        name: (
            lambda tf, name=name, options=options: getattr(tf.keras.optimizers.schedules, name)(
                0.1, 0, *options
            ),
            "decay_steps=0",
            "must be positive",
        )
        for name, options in {
            "ExponentialDecay": (0.5,),
            "InverseTimeDecay": (0.5,),
            "PolynomialDecay": (),
            "CosineDecay": (),
        }.items()
    },
    "lengths": (
        lambda tf: tf.keras.optimizers.schedules.PiecewiseConstantDecay([1], [1.0]),
        "The length of boundaries should be 1 less than the length of values. Received: "
        "boundaries=[1] of length 1, and values=[1.0] of length 1.",
        "",
    ),
    "no call": (
        lambda tf: tf.keras.optimizers.schedules.LearningRateSchedule()(1),
        "Learning rate schedule 'LearningRateSchedule' must override `__call__(self, step)`.",
        "",
    ),
    "no config": (
        lambda tf: tf.keras.optimizers.schedules.LearningRateSchedule().get_config(),
        "must override `get_config()` in order to be serializable.",
        "",
    ),
    "decay steps": (
        lambda tf: tf.keras.optimizers.schedules.ExponentialDecay(0.1, 0, 0.5),
        "decay_steps=0",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_integers_count_as_floats() -> None:
    """Keras computes in integers: its rate is 0 from the first step on."""
    schedules = scratchnet.keras.optimizers.schedules
    assert schedules.ExponentialDecay(1, 10, 0.25)(5).numpy() == np.float32(0.5)
    assert schedules.PiecewiseConstantDecay([2], [1, 2.5])(3).numpy() == np.float32(2.5)


def test_boundaries_must_ascend() -> None:
    """Keras adds up all values that apply."""
    with pytest.raises(ValueError, match=r"`boundaries` must ascend, received boundaries=\[5, 2\]"):
        scratchnet.keras.optimizers.schedules.PiecewiseConstantDecay([5, 2], [1.0, 0.5, 0.1])


@pytest.mark.parametrize("name", SCHEDULES)
def test_attributes(name: str) -> None:
    attributes_alike(lambda keras: SCHEDULES[name](keras.optimizers.schedules))


ARGUMENTS = {
    "ExponentialDecay": {"decay_steps": 2, "decay_rate": 0.5, "staircase": True},
    "InverseTimeDecay": {"decay_steps": 2, "decay_rate": 0.5, "staircase": True},
    "PolynomialDecay": {"decay_steps": 2, "cycle": True},
    "CosineDecay": {"decay_steps": 2},
    "CosineDecayRestarts": {"first_decay_steps": 2},
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_what_kind_of_value_each_argument_takes(name: str) -> None:
    make, right = getattr(scratchnet.keras.optimizers.schedules, name), ARGUMENTS[name]
    steps = next(iter(right))
    for value, error, rule in (
        ("a", TypeError, "must be a number"),
        (np.ones(2), ValueError, "must be one number"),
        (0, ValueError, "must be positive" if steps == "decay_steps" else "must be > 0"),
        (-0.5, ValueError, "must be positive" if steps == "decay_steps" else "must be > 0"),
    ):
        with pytest.raises(error, match=f"^{name}: `{steps}` {rule}, received {steps}="):
            make(0.1, **{**right, steps: value})
    make(0.1, **{**right, steps: 0.01})
    for flag in ("staircase", "cycle"):
        if flag in right:
            with pytest.raises(ValueError, match=f"^{name}: `{flag}` must be True or False"):
                make(0.1, **{**right, flag: np.ones(2)})


def test_boundaries_and_values_are_numbers() -> None:
    make = scratchnet.keras.optimizers.schedules.PiecewiseConstantDecay
    for boundaries, values, option in (
        ("a", [1.0, 0.5], "boundaries"),
        (3, [1.0, 0.5], "boundaries"),
        ({1: 2}, [1.0, 0.5], "boundaries"),
        ([1], "ab", "values"),
        ([1], 0.5, "values"),
    ):
        with pytest.raises(TypeError, match=f"^PiecewiseConstantDecay: `{option}` must be a list"):
            make(boundaries, values)
    with pytest.raises(TypeError, match="`boundaries` must be a number, received boundaries='a'"):
        make(["a"], [1.0, 0.5])
    with pytest.raises(TypeError, match="`values` must be numbers"):
        make([1], ["a", "b"])
    assert make([3, 3], [1.0, 0.5, 0.25])(3).numpy() == 1


def test_signature() -> None:
    taken_alike("optimizers.schedules")


TEXTS = [
    ("ExponentialDecay", (0.1, 1, 0.5), "initial_learning_rate decay_rate step"),
    ("InverseTimeDecay", (0.1, 1, 0.5), "initial_learning_rate decay_rate step"),
    ("PolynomialDecay", (0.1, 10), "initial_learning_rate end_learning_rate power step"),
    ("CosineDecay", (0.1, 10), "initial_learning_rate alpha warmup_target step"),
    ("CosineDecayRestarts", (0.1, 10), "initial_learning_rate t_mul m_mul alpha step"),
    ("PiecewiseConstantDecay", ([1], [0.1, 0.2]), "step"),
]


@pytest.mark.parametrize(
    ("name", "argument"), [(name, a) for name, _, words in TEXTS for a in words.split()]
)
def test_texts_are_named(name: str, argument: str) -> None:
    given = next(values for other, values, _ in TEXTS if other == name)
    for library, error in ((tensorflow, Exception), (scratchnet, TypeError)):
        make = getattr(library.keras.optimizers.schedules, name)
        names = list(inspect.signature(make.__init__).parameters)[1:]
        kwargs = dict(zip(names, given, strict=False))
        step: Any = 1
        if argument == "step":
            step = "a"
        else:
            kwargs[argument] = "a"
        with pytest.raises(error) as caught:
            make(**kwargs)(step)
    assert str(caught.value).startswith(f"{name}: `{argument}`"), str(caught.value)
    assert "'a'" in str(caught.value)
