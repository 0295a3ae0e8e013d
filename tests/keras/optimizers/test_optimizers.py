"""Every optimizer against Keras's: trajectories, configurations, signatures, complaints."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import EPS, close, complain_alike, same, seed_net, twins
from tests.support.optimizer_steps import GRADS, START, trajectory
from tests.support.signatures import attributes_alike

OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda o: o.SGD(0.1),
    "sgd default": lambda o: o.SGD(),
    "momentum": lambda o: o.SGD(0.1, momentum=0.9),
    "nesterov": lambda o: o.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda o: o.Adam(0.01),
    "adam default": lambda o: o.Adam(),
    "adam epsilon": lambda o: o.Adam(0.1, beta_1=0.7, beta_2=0.9, epsilon=1.0),
    "rmsprop": lambda o: o.RMSprop(0.01),
    "rmsprop momentum": lambda o: o.RMSprop(0.01, rho=0.8, momentum=0.5, epsilon=1e-3),
    "clipnorm": lambda o: o.SGD(0.1, clipnorm=0.5),
    "global_clipnorm": lambda o: o.SGD(0.1, global_clipnorm=0.5),
    "clipvalue": lambda o: o.Adam(0.1, clipvalue=0.05),
    "weight decay": lambda o: o.SGD(0.1, weight_decay=0.3),
    "adam decay": lambda o: o.Adam(0.1, weight_decay=0.3, clipnorm=1.0),
    "negative rate": lambda o: o.SGD(-0.1),
    "schedule": lambda o: o.SGD(o.schedules.ExponentialDecay(0.1, decay_steps=1, decay_rate=0.5)),
    "staircase": lambda o: o.Adam(o.schedules.ExponentialDecay(0.1, 3, 0.5, staircase=True)),
    "function": lambda o: o.SGD(lambda: 0.25),
    "adamw": lambda o: o.AdamW(0.1),
    "adamw decay": lambda o: o.AdamW(0.1, 0.2, beta_1=0.8, amsgrad=True),
    "amsgrad": lambda o: o.Adam(0.05, amsgrad=True),
    "centered": lambda o: o.RMSprop(0.01, centered=True, epsilon=0.1),
    "centered momentum": lambda o: o.RMSprop(0.01, momentum=0.9, centered=True, epsilon=0.1),
    "negative clip": lambda o: o.SGD(0.1, clipnorm=-1.0),
    "ema": lambda o: o.SGD(0.1, momentum=0.5, use_ema=True, ema_momentum=0.7),
    "ema overwrites": lambda o: o.Adam(
        0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=3
    ),
    "accumulation": lambda o: o.Adam(0.1, gradient_accumulation_steps=3, weight_decay=0.1),
    "accumulation clipped": lambda o: o.SGD(0.1, gradient_accumulation_steps=2, clipnorm=0.1),
    "accumulation ema": lambda o: o.RMSprop(
        0.1, gradient_accumulation_steps=2, use_ema=True, ema_overwrite_frequency=2
    ),
    "accumulation scheduled": lambda o: o.SGD(
        o.schedules.CosineDecay(0.1, 7), gradient_accumulation_steps=2
    ),
    "loss scale": lambda o: o.SGD(0.1, loss_scale_factor=8.0, clipvalue=0.1),
    "nadam": lambda o: o.Nadam(0.05),
    "nadam betas": lambda o: o.Nadam(0.1, 0.7, 0.9, 0.1, weight_decay=0.1, name="mine"),
    "nadam accumulation": lambda o: o.Nadam(0.1, gradient_accumulation_steps=3),
    "adagrad": lambda o: o.Adagrad(0.1),
    "adagrad start": lambda o: o.Adagrad(0.1, 2.0, 0.5, clipnorm=1.0),
    "adadelta": lambda o: o.Adadelta(1.0),
    "adadelta rho": lambda o: o.Adadelta(0.5, 0.7, 1e-3, use_ema=True),
    "adamax": lambda o: o.Adamax(0.05),
    "adamax betas": lambda o: o.Adamax(0.1, 0.7, 0.9, 0.1),
    "ftrl": lambda o: o.Ftrl(0.1),
    "ftrl regularized": lambda o: o.Ftrl(0.2, -0.3, 0.5, 0.1, 0.2, 0.05, 0.7),
    "lion": lambda o: o.Lion(0.05),
    "lion betas": lambda o: o.Lion(0.1, 0.6, 0.8, weight_decay=0.2),
    "adafactor": lambda o: o.Adafactor(0.1),
    "adafactor options": lambda o: o.Adafactor(0.9, -0.5, 1e-9, 0.1, 0.3, False),
    "restarts": lambda o: o.SGD(o.schedules.CosineDecayRestarts(0.1, 4, m_mul=0.5)),
    "piecewise": lambda o: o.SGD(o.schedules.PiecewiseConstantDecay([1, 3], [0.3, 0.2, 0.1])),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_trajectory(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        path, *rest = trajectory(tf, OPTIMIZERS[name])
        if "ftrl" in name:  # a step takes back all of the start: its size is that of the roundings
            path = [[np.stack(pair) for pair in zip(step, START, strict=True)] for step in path]
            rest[0], rest[2] = rest[0][::2], None  # z is what is left of large sums
        return [path, *rest]

    close(program, 40)


@pytest.mark.parametrize("name", [n for n in OPTIMIZERS if n != "function"])
def test_config(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        keras = tf.keras
        optimizer = OPTIMIZERS[name](keras.optimizers)
        config, data = optimizer.get_config(), keras.optimizers.serialize(optimizer)
        again = type(optimizer).from_config(optimizer.get_config())
        read = keras.optimizers.deserialize(data)
        got = keras.optimizers.get(keras.optimizers.serialize(optimizer))
        made = [type(x).__name__ for x in (again, read, got)]
        return [
            [list(config.items()), keras.optimizers.serialize(optimizer), made],
            [x.get_config() for x in (again, read, got)],
        ]

    same(program)


def test_old_tensors_keep_their_values() -> None:
    """Updates make new arrays: what a tensor saw before stays."""
    for make in OPTIMIZERS.values():
        v = scratchnet.keras.Variable(START[0])
        optimizer = make(scratchnet.keras.optimizers)
        seen = []
        for grads in GRADS:
            seen.append(
                (
                    scratchnet.convert_to_tensor(v),
                    v.numpy(),
                    [scratchnet.convert_to_tensor(s) for s in optimizer.variables],
                    grads[0].copy(),
                )
            )
            optimizer.apply_gradients([(scratchnet.constant(grads[0]), v)])
        for i, (tensor, value, _, grad) in enumerate(seen):
            np.testing.assert_array_equal(tensor.numpy(), value)
            np.testing.assert_array_equal(GRADS[i][0], grad)
        slots = [s for s in seen[1][2] if s.numpy().shape == v.shape]
        copies = [s.numpy() for s in slots]
        optimizer.apply_gradients([(scratchnet.constant(GRADS[0][0]), v)])
        for slot, copy in zip(slots, copies, strict=True):
            np.testing.assert_array_equal(slot.numpy(), copy)


def test_excluded_from_decay() -> None:
    def program(tf: Any) -> list[Any]:
        variables = [tf.keras.Variable([1.0], name=n) for n in ("kernel", "bias", "gamma")]
        optimizer = tf.keras.optimizers.SGD(0.1, weight_decay=0.5)
        optimizer.exclude_from_weight_decay(var_list=[variables[2]], var_names=["bias"])
        optimizer.apply_gradients([(tf.constant([0.0]), v) for v in variables])
        return [v.numpy() for v in variables]

    close(program, 2)


def test_own_optimizer() -> None:
    def program(tf: Any) -> list[Any]:
        class Sign(tf.keras.optimizers.Optimizer):
            def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
                variable.assign_sub(learning_rate * tf.sign(gradient))

        v = tf.keras.Variable([1.0, 2.0])
        Sign(learning_rate=0.5).apply_gradients([(tf.constant([3.0, -3.0]), v)])
        return [v.numpy()]

    close(program, 1)


def one_missing(tf: Any) -> None:
    a, b = tf.keras.Variable([1.0], name="a"), tf.keras.Variable([1.0], name="b")
    tf.keras.optimizers.SGD().apply_gradients([(None, a), (tf.constant([1.0]), b)])


def too_many(tf: Any) -> None:
    optimizer = tf.keras.optimizers.SGD()
    optimizer.build([tf.keras.Variable([1.0])])
    optimizer.apply([tf.constant([1.0])] * 2)


def set_scheduled_rate(tf: Any) -> None:
    optimizers = tf.keras.optimizers
    optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)).learning_rate = 0.1


def set_rate_of_function(tf: Any) -> None:
    tf.keras.optimizers.SGD(lambda: 0.5).learning_rate = 0.1


def set_long_rate(tf: Any) -> None:
    tf.keras.optimizers.SGD().learning_rate = [0.1]


def set_wrong_weights(tf: Any) -> None:
    optimizer = tf.keras.optimizers.SGD()
    optimizer.build([tf.keras.Variable([1.0])])
    optimizer.set_weights([np.zeros(7)])


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "rate text": (lambda tf: tf.keras.optimizers.SGD("a"), "learning_rate=", "SGD"),
    "rate 1": (lambda tf: tf.keras.optimizers.SGD(1), "learning_rate=1", "must be a float"),
    "decay": (lambda tf: tf.keras.optimizers.SGD(decay=0.1), "`decay`", "give a schedule"),
    "ema momentum": (
        lambda tf: tf.keras.optimizers.SGD(use_ema=True, ema_momentum=2.0),
        "`ema_momentum` must be in the range [0, 1]",
        "received ema_momentum=2.0",
    ),
    "ema frequency": (
        lambda tf: tf.keras.optimizers.SGD(use_ema=True, ema_overwrite_frequency=1.5),
        "`ema_overwrite_frequency` must be an integer >= 1 or None",
        "",
    ),
    "accumulation": (
        lambda tf: tf.keras.optimizers.SGD(gradient_accumulation_steps=1),
        "`gradient_accumulation_steps` must be an integer >= 2",
        "",
    ),
    "ftrl power": (
        lambda tf: tf.keras.optimizers.Ftrl(learning_rate_power=0.5),
        "`learning_rate_power` needs to be negative or zero",
        "Ftrl",
    ),
    "ftrl strength": (
        lambda tf: tf.keras.optimizers.Ftrl(l1_regularization_strength=-1.0),
        "`l1_regularization_strength` needs to be positive or zero",
        "Ftrl",
    ),
    "lion beta": (lambda tf: tf.keras.optimizers.Lion(beta_1=0.0), "`beta_1` must be in", "Lion"),
    "set weights": (
        lambda tf: tf.keras.optimizers.SGD().set_weights([]),
        "You are calling `set_weights()` on an optimizer that has not yet been built.",
        "",
    ),
    "set wrong weights": (
        set_wrong_weights,
        "has shape () not compatible with provided weight shape (7,)",
        "sgd/iteration",
    ),
    "names and initializers": (
        lambda tf: tf.keras.optimizers.SGD().add_optimizer_variables([], ["a", "b"], ["zeros"]),
        "The number of provided names must match the number of provided initializers.",
        "",
    ),
    "rate of a dict": (
        lambda tf: tf.keras.optimizers.SGD({"class_name": "CosineDecay"}),
        "'CosineDecay'",
        "must be a float",
    ),
    "rate of float32": (lambda tf: tf.keras.optimizers.SGD(np.float32(0.5)), "0.5", ""),
    "function set": (set_rate_of_function, "", "is a function: set it to another function"),
    "rate of another shape": (set_long_rate, "", "has shape ()"),
    "no pairs": (
        lambda tf: tf.keras.optimizers.SGD().apply_gradients([]),
        "",
        "apply_gradients: grads_and_vars must hold at least one pair",
    ),
    "no gradients": (
        lambda tf: tf.keras.optimizers.SGD().apply_gradients([(None, tf.keras.Variable([1.0]))]),
        "No gradients provided for any variable.",
        "",
    ),
    "one gradient missing": (
        one_missing,
        "Gradients do not exist for variables ['a'] when minimizing the loss. If using "
        "`model.compile()`, did you forget to provide a `loss` argument?",
        "",
    ),
    "not built": (
        lambda tf: tf.keras.optimizers.SGD().apply([tf.constant([1.0])]),
        "",
        "`trainable_variables` must be given before `build` was called",
    ),
    "too many": (too_many, "", "one gradient for each of the 1 variables"),
    "schedule set": (set_scheduled_rate, "`learning_rate`", "is a schedule and stays one"),
    "unknown config": (
        lambda tf: tf.keras.optimizers.get({"class_name": "foo", "config": {}}),
        "Could not interpret optimizer identifier: {'class_name': 'foo', 'config': {}}",
        "",
    ),
    "a class": (
        lambda tf: tf.keras.optimizers.get(tf.keras.optimizers.SGD),
        "Could not interpret optimizer identifier: <class",
        "",
    ),
    "a config without class": (
        lambda tf: tf.keras.optimizers.get({"config": {}}),
        "class_name",
        "",
    ),
    "unknown": (
        lambda tf: tf.keras.optimizers.get("foo"),
        "Could not interpret optimizer identifier: foo",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_unknown_variable() -> None:
    for tf in (tensorflow, scratchnet):
        a, b = tf.keras.Variable([1.0]), tf.keras.Variable([1.0])
        optimizer = tf.keras.optimizers.SGD()
        optimizer.apply_gradients([(tf.constant([1.0]), a)])
        with pytest.raises(
            ValueError, match=r"Unknown variable: <Variable path=.*recreate a new optimizer"
        ):
            optimizer.apply_gradients([(tf.constant([1.0]), b)])


def test_gradient_of_another_shape() -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[2\].*\[3\]"):
            tf.keras.optimizers.SGD().apply_gradients([(tf.ones(3), tf.keras.Variable([1.0, 2.0]))])


# -- what fit does for the optimizer --------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"use_ema": True, "ema_momentum": 0.6},
        {"use_ema": True, "ema_momentum": 0.6, "ema_overwrite_frequency": 2},
        {"gradient_accumulation_steps": 2},
        {"loss_scale_factor": 4.0},
    ],
)
def test_fit(options: dict[str, Any]) -> None:
    def program(tf: Any) -> list[Any]:
        keras = tf.keras
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        model.compile(keras.optimizers.SGD(0.1, momentum=0.5, **options), "mse")
        rng = np.random.default_rng(0)
        x, y = rng.normal(size=(10, 3)).astype("f"), rng.normal(size=(10, 2)).astype("f")
        history = model.fit(x, y, batch_size=4, epochs=3, verbose=0)
        return [
            history.history,
            model.get_weights(),
            [v.numpy() for v in model.optimizer.variables],
        ]

    close(program, 60)


def test_scaled_loss() -> None:
    def program(tf: Any) -> list[Any]:
        o = tf.keras.optimizers
        return [
            o.SGD(loss_scale_factor=4.0).scale_loss(tf.constant(2.0)).numpy(),
            o.SGD().scale_loss(tf.constant(2.0)).numpy(),
        ]

    close(program, 1)


# -- the learning rate ----------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_setting_the_learning_rate() -> None:
    def program(tf: Any) -> list[Any]:
        optimizers = tf.keras.optimizers
        optimizer, found = optimizers.SGD(0.5), []
        values = (0.25, 1, np.float32(0.1), tf.constant(0.3), tf.Variable(0.4))
        for value in (*values, tf.keras.Variable(0.7)):
            optimizer.learning_rate = value
            found.append(float(optimizer.learning_rate))
        optimizer.learning_rate.assign(0.125)
        found += [repr(optimizer.learning_rate), optimizer.get_config()["learning_rate"]]
        optimizer.learning_rate = optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
        v = tf.keras.Variable([1.0])
        for _ in range(2):
            optimizer.apply_gradients([(tf.constant([1.0]), v)])
            found.append(float(optimizer.learning_rate))
        found.append([x.path for x in optimizer.variables])
        optimizer.learning_rate = lambda: 0.75
        return [*found, optimizer.learning_rate, v.numpy().tolist()]

    same(program)


# -- your own optimizer ---------------------------------------------------------------------------


def test_forgotten_super() -> None:
    def program(tf: Any) -> None:
        class Own(tf.keras.optimizers.Optimizer):
            def __init__(self) -> None:
                self.mu = 0.5

        Own()

    complain_alike(program, "In optimizer 'Own', you forgot to call `super().__init__()`")


# -- ten steps of real networks -------------------------------------------------------------------


def small_net(keras: Any) -> Any:
    k = keras.layers
    return keras.Sequential(
        [
            keras.Input((9, 8, 2)),
            k.Conv2D(4, 3, activation="relu", padding="same"),
            k.BatchNormalization(),
            k.MaxPooling2D(),
            k.Conv2D(6, 2, strides=2),
            k.GlobalAveragePooling2D(),
            k.Dropout(0.2),
            k.Dense(3, activation="softmax"),
        ]
    )


def ten_steps(
    tf: Any, net: Any, make: Any
) -> tuple[list[np.ndarray], list[np.ndarray], list[float]]:
    """Weights before and after ten steps by hand, and the losses."""
    keras = tf.keras
    model = net(keras)
    shape, classes = model.input_shape[1:], model.output_shape[-1]
    rng = np.random.default_rng(0)
    optimizer, loss_of = make(keras.optimizers), keras.losses.CategoricalCrossentropy()
    before, losses = model.get_weights(), []
    for _ in range(10):
        x = tf.constant(rng.random((6, *shape), dtype="f"))
        y = tf.constant(np.eye(classes, dtype="f")[rng.integers(0, classes, 6)])
        with tf.GradientTape() as tape:
            loss = loss_of(y, model(x, training=True))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables, strict=True))
        losses.append(float(loss))
    return before, model.get_weights(), losses


# How far ten steps may carry two programs apart, in roundings of one step: SGD passes differences
# on,
# Adam divides a gradient by its own size, so that the noise of a gradient near 0 becomes a whole
# step.
STEPS = {"sgd": 3e2, "momentum": 3e2, "nesterov": 3e2, "adam": 3e4}


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("net", [small_net, seed_net])
def test_ten_steps(net: Any, name: str) -> None:
    theirs, ours = twins(lambda tf: ten_steps(tf, net, OPTIMIZERS[name]))
    for a, b in zip(ours[0], theirs[0], strict=True):
        np.testing.assert_array_equal(a, b)  # equal seeds, equal weights, bit for bit
    for a, b in zip(ours[1], theirs[1], strict=True):
        assert np.abs(a - b).max() <= EPS * STEPS[name] * np.abs(b).max()
    np.testing.assert_allclose(ours[2], theirs[2], rtol=EPS * STEPS[name])


def test_gradients_of_integers_are_refused() -> None:
    """Keras casts them."""
    keras = scratchnet.keras
    weights = keras.Variable([1.0, 2.0], name="weights")
    with pytest.raises(TypeError, match=r"weights, of dtype float32, must be floating.*int32"):
        keras.optimizers.SGD().apply_gradients([(scratchnet.constant([1, 2]), weights)])


@pytest.mark.parametrize(
    "name",
    [
        *("SGD", "Adam", "AdamW", "RMSprop", "Nadam", "Adagrad", "Adadelta", "Adamax", "Ftrl"),
        *("Lion", "Adafactor"),
    ],
)
def test_signature(name: str) -> None:
    same(
        lambda tf: [
            (p.name, p.kind, p.default)
            for p in inspect.signature(
                getattr(tf.keras.optimizers, name).__init__
            ).parameters.values()
        ]
    )


NAMES = "SGD Adam AdamW RMSprop Nadam Adagrad Adadelta Adamax Ftrl Lion Adafactor".split()
# what must be one number, a number or an array of some, true or false
ONE_NUMBER = {
    "Adam": "beta_1 beta_2",
    "AdamW": "beta_1 beta_2",
    "RMSprop": "momentum",
    "Nadam": "beta_1 beta_2",
    "Adagrad": "initial_accumulator_value",
    "Adamax": "beta_1 beta_2",
    "Ftrl": "learning_rate_power initial_accumulator_value l1_regularization_strength beta "
    "l2_regularization_strength l2_shrinkage_regularization_strength",
    "Lion": "beta_1 beta_2",
    "Adafactor": "beta_2_decay epsilon_1 epsilon_2 clip_threshold",
}
FACTORS = {"RMSprop": "rho", "Adadelta": "rho"}
FLAGS = {"SGD": "nesterov", "Adam": "amsgrad", "RMSprop": "centered", "Adafactor": "relative_step"}


@pytest.mark.parametrize("name", NAMES)
def test_what_kind_of_value_each_argument_takes(name: str) -> None:
    make, several = getattr(scratchnet.keras.optimizers, name), np.array([0.1, 0.2])
    for option in f"{ONE_NUMBER.get(name, '')} clipnorm clipvalue global_clipnorm".split():
        with pytest.raises(TypeError, match=f"^{name}: `{option}` must be a number, .*'a'"):
            make(**{option: "a"})
        with pytest.raises(ValueError, match=f"^{name}: `{option}` must be one number, rec"):
            make(**{option: several})
    epsilon = "epsilon" * (name not in ("SGD", "Ftrl", "Lion", "Adafactor"))
    for option in f"{FACTORS.get(name, '')} {epsilon} weight_decay loss_scale_factor".split():
        with pytest.raises(TypeError, match=f"^{name}: `{option}` must be a number, .*'a'"):
            make(**{option: "a"})
        assert getattr(make(**{option: several}), option) is several
    for option in f"{FLAGS.get(name, '')} use_ema name".split():
        with pytest.raises(ValueError, match=f"^{name}: `{option}` must be True or False"):
            make(**{option: several})


@pytest.mark.parametrize("name", [n for n in OPTIMIZERS if n != "function"])
def test_attributes(name: str) -> None:
    attributes_alike(lambda keras: OPTIMIZERS[name](keras.optimizers))


RANGES: list[tuple[str, str, str, tuple[Any, ...], tuple[Any, ...]]] = [
    # the optimizer, its argument, the rule, what is out of it, what just is not
    ("Ftrl", "learning_rate_power", "needs to be negative or zero", (0.01,), (0.0, -1.0)),
    ("Ftrl", "initial_accumulator_value", "needs to be positive or zero", (-0.01,), (0.0,)),
    ("Ftrl", "l1_regularization_strength", "needs to be positive or zero", (-0.01,), (0.0,)),
    ("Ftrl", "l2_regularization_strength", "needs to be positive or zero", (-0.01,), (0.0,)),
    (
        "Ftrl",
        "l2_shrinkage_regularization_strength",
        "needs to be positive or zero",
        (-0.01,),
        (0.0,),
    ),
    ("Lion", "beta_1", r"must be in \(0, 1\]", (0.0, -0.5, 1.01), (1.0, 0.01)),
    ("Adam", "beta_1", r"must be in \[0, 1\)", (1.0, -0.01), (0.0, 0.99)),
    ("Adam", "beta_2", r"must be in \[0, 1\)", (1.0, -0.01), (0.0, 0.99)),
    ("SGD", "momentum", r"must be a float in \[0, 1\]", (1.01, -0.01, 1, 0), (0.0, 1.0)),
]


@pytest.mark.parametrize("case", RANGES, ids=str)
def test_ranges_from_one_end_to_the_other(case: Any) -> None:
    name, option, rule, wrong, right = case
    make = getattr(scratchnet.keras.optimizers, name)
    for value in wrong:
        with pytest.raises(ValueError, match=f"^{name}: `{option}` {rule}, received {option}="):
            make(**{option: value})
    for value in right:
        assert make(**{option: value}).get_config()[option] == value
