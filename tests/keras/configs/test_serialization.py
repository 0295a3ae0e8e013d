"""Initializers, losses, optimizers …: described as Keras describes them, and made again."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.configs import shared_objects
from scratchnet.keras.configs.serialization import warn_unbuilt
from tests.support.keras_programs import complain_alike, same, twins
from tests.support.own_classes import own_function
from tests.support.saved_models import plain


@pytest.mark.parametrize(
    "make",
    [
        lambda tf: [1, 2.5, "a", None, True, (1, [2])],
        lambda tf: {"a": np.float32(1.5), "b": np.int64(2), "c": np.array(3.0)},
        lambda tf: [np.ones((2, 1)), slice(1, None, 2), Ellipsis, b"bytes"],
        lambda tf: tf.constant([[1.5, 2.0]]),
        lambda tf: [tf.TensorShape([None, 2]), tf.TensorShape(None), tf.float32],
        lambda tf: tf.keras.activations.relu,
        lambda tf: own_function(tf),
        lambda tf: own_function(tf, register=False),
        lambda tf: [tf.keras.losses.MeanSquaredError(), tf.keras.losses.categorical_crossentropy],
        lambda tf: tf.keras.initializers.HeNormal(seed=tf.keras.random.SeedGenerator(3)),
    ],
)
def test_what_can_be_described(make):
    same(lambda tf: plain(tf.keras.utils.serialize_keras_object(make(tf))))
    same(lambda tf: repr_of(tf, tf.keras.utils.serialize_keras_object(make(tf))))


def repr_of(tf: Any, data: Any) -> str:
    """The types of what is made of `data` again."""

    def kinds(value):
        if isinstance(value, list):
            return [kinds(part) for part in value]
        if isinstance(value, dict):
            return {k: kinds(part) for k, part in value.items()}
        is_plain = isinstance(value, bool | int | float | str | bytes | slice | type(None))
        named = getattr(value, "__name__", type(value).__name__)
        return repr(value) if is_plain else named.replace("EagerTensor", "Tensor")

    own_function(tf)
    known = {"doubled": own_function(tf, register=False)}
    return str(kinds(tf.keras.utils.deserialize_keras_object(data, custom_objects=known)))


@pytest.mark.parametrize(
    ("bad", "shared"),
    [
        (lambda tf: tf.keras.utils.serialize_keras_object(object()), "Cannot serialize object"),
        (lambda tf: tf.keras.utils.deserialize_keras_object(object()), "Could not parse config"),
        (
            lambda tf: tf.keras.utils.deserialize_keras_object({"class_name": "A", "config": 3}),
            "'config'",
        ),
        (
            lambda tf: tf.keras.utils.deserialize_keras_object({"class_name": "A", "config": {}}),
            "Could not locate class 'A'",
        ),
        (
            lambda tf: tf.keras.utils.deserialize_keras_object(
                {"class_name": "function", "config": "eval", "module": "builtins"}
            ),
            "Could not locate function 'eval'",
        ),
        (
            lambda tf: tf.keras.utils.deserialize_keras_object(
                {"class_name": "function", "config": None, "module": "builtins"}
            ),
            "",
        ),
    ],
)
def test_what_cannot_be_described(bad, shared):
    complain_alike(bad, shared, "" if shared else "name")


# "module: class" -> makers of objects from that module of `keras`.
CASES: dict[str, list[Any]] = {
    "constraints: NonNeg": [lambda m: m.NonNeg()],
    "regularizers: L1": [lambda m: m.L1(), lambda m: m.l1(0.3)],
    "regularizers: L2": [lambda m: m.l2(), lambda m: m.get("l2")],
    "regularizers: L1L2": [lambda m: m.L1L2(0.1, 0.2), lambda m: m.l1_l2(l2=0.2)],
    "initializers: Zeros": [lambda m: m.Zeros()],
    "initializers: Ones": [lambda m: m.get("ones")],
    "initializers: Constant": [
        lambda m: m.Constant(2.5),
        lambda m: m.Constant(np.array([[1.0, 2.0]])),
    ],
    "initializers: RandomNormal": [lambda m: m.RandomNormal(1.0, 0.5, seed=3)],
    "initializers: RandomUniform": [lambda m: m.RandomUniform(-1.0, 2.0)],
    "initializers: TruncatedNormal": [lambda m: m.TruncatedNormal(stddev=0.5, seed=1)],
    "initializers: VarianceScaling": [
        lambda m: m.VarianceScaling(2.0, "fan_avg", "normal", seed=4)
    ],
    "initializers: GlorotNormal": [lambda m: m.GlorotNormal(seed=2)],
    "initializers: GlorotUniform": [lambda m: m.GlorotUniform()],
    "initializers: HeNormal": [lambda m: m.HeNormal(seed=2)],
    "initializers: HeUniform": [lambda m: m.HeUniform(seed=2)],
    "initializers: LecunNormal": [lambda m: m.LecunNormal(seed=2)],
    "initializers: LecunUniform": [lambda m: m.LecunUniform(seed=2)],
    "initializers: Orthogonal": [lambda m: m.Orthogonal(2.0, seed=2)],
    "losses: MeanSquaredError": [lambda m: m.MeanSquaredError("sum", name="mine")],
    "losses: MeanAbsoluteError": [lambda m: m.MeanAbsoluteError(reduction=None)],
    "losses: BinaryCrossentropy": [lambda m: m.BinaryCrossentropy(True, 0.1, axis=1)],
    "losses: CategoricalCrossentropy": [lambda m: m.CategoricalCrossentropy(True, 0.2)],
    "losses: SparseCategoricalCrossentropy": [
        lambda m: m.SparseCategoricalCrossentropy(from_logits=True)
    ],
    "metrics: Mean": [lambda m: m.Mean(name="mine")],
    "metrics: MeanMetricWrapper": [
        lambda m: m.MeanMetricWrapper(m.binary_accuracy, name="mine", threshold=0.3)
    ],
    "metrics: Accuracy": [lambda m: m.Accuracy()],
    "metrics: BinaryAccuracy": [lambda m: m.BinaryAccuracy(threshold=0.25)],
    "metrics: CategoricalAccuracy": [lambda m: m.CategoricalAccuracy(dtype="float64")],
    "metrics: SparseCategoricalAccuracy": [lambda m: m.SparseCategoricalAccuracy()],
    "metrics: TopKCategoricalAccuracy": [lambda m: m.TopKCategoricalAccuracy(k=2)],
    "metrics: Sum": [lambda m: m.Sum()],
    "metrics: SparseTopKCategoricalAccuracy": [
        lambda m: m.SparseTopKCategoricalAccuracy(3, name="mine")
    ],
    "metrics: RootMeanSquaredError": [lambda m: m.RootMeanSquaredError()],
    "metrics: MeanSquaredError": [lambda m: m.get("mse")],
    "metrics: MeanAbsoluteError": [lambda m: m.MeanAbsoluteError()],
    "metrics: BinaryCrossentropy": [lambda m: m.BinaryCrossentropy(from_logits=True)],
    "metrics: CategoricalCrossentropy": [lambda m: m.CategoricalCrossentropy(label_smoothing=0.5)],
    "metrics: SparseCategoricalCrossentropy": [lambda m: m.SparseCategoricalCrossentropy()],
    "optimizers: SGD": [lambda m: m.SGD(0.5, 0.25, True, clipnorm=1.0, name="mine")],
    "optimizers: Adam": [lambda m: m.Adam(0.5, 0.1, 0.2, 0.3, global_clipnorm=2.0)],
    "optimizers: AdamW": [lambda m: m.AdamW(clipvalue=0.5)],
    "optimizers: RMSprop": [
        lambda m: m.RMSprop(m.schedules.ExponentialDecay(0.1, 2, 0.5), 0.1, 0.2)
    ],
    "optimizers.schedules: ExponentialDecay": [
        lambda m: m.ExponentialDecay(0.1, 2, 0.5, staircase=True, name="mine")
    ],
    "optimizers.schedules: PiecewiseConstantDecay": [
        lambda m: m.PiecewiseConstantDecay([1, 2], [0.3, 0.2, 0.1])
    ],
    "optimizers.schedules: InverseTimeDecay": [lambda m: m.InverseTimeDecay(0.1, 2, 0.5)],
    "optimizers.schedules: PolynomialDecay": [lambda m: m.PolynomialDecay(0.1, 9, cycle=True)],
    "optimizers.schedules: CosineDecay": [lambda m: m.CosineDecay(0.1, 5, alpha=0.5)],
    "constraints: MaxNorm": [
        lambda m: m.MaxNorm(3, [0, 1]),
    ],
    "constraints: UnitNorm": [
        lambda m: m.UnitNorm(1),
    ],
    "constraints: MinMaxNorm": [
        lambda m: m.MinMaxNorm(0.5, rate=0.1),
    ],
    "losses: MeanAbsolutePercentageError": [
        lambda m: m.MeanAbsolutePercentageError("sum"),
    ],
    "losses: MeanSquaredLogarithmicError": [
        lambda m: m.MeanSquaredLogarithmicError(),
    ],
    "losses: Huber": [
        lambda m: m.Huber(0.5, name="mine"),
    ],
    "losses: LogCosh": [
        lambda m: m.LogCosh(),
    ],
    "losses: CosineSimilarity": [
        lambda m: m.CosineSimilarity(0),
    ],
    "losses: Hinge": [
        lambda m: m.Hinge(),
    ],
    "losses: SquaredHinge": [
        lambda m: m.SquaredHinge(),
    ],
    "losses: CategoricalHinge": [
        lambda m: m.CategoricalHinge(),
    ],
    "losses: KLDivergence": [
        lambda m: m.KLDivergence(),
    ],
    "losses: Poisson": [
        lambda m: m.Poisson(reduction="sum"),
    ],
    "losses: BinaryFocalCrossentropy": [
        lambda m: m.BinaryFocalCrossentropy(True, 0.3, from_logits=True),
    ],
    "losses: CategoricalFocalCrossentropy": [
        lambda m: m.CategoricalFocalCrossentropy([0.1, 0.9], 1.0),
    ],
    "metrics: MeanAbsolutePercentageError": [
        lambda m: m.MeanAbsolutePercentageError(),
    ],
    "metrics: MeanSquaredLogarithmicError": [
        lambda m: m.MeanSquaredLogarithmicError(dtype="float64"),
    ],
    "metrics: LogCoshError": [
        lambda m: m.LogCoshError(),
    ],
    "metrics: CosineSimilarity": [
        lambda m: m.CosineSimilarity(axis=0),
    ],
    "metrics: Hinge": [
        lambda m: m.Hinge(),
    ],
    "metrics: SquaredHinge": [
        lambda m: m.SquaredHinge(),
    ],
    "metrics: CategoricalHinge": [
        lambda m: m.CategoricalHinge(),
    ],
    "metrics: KLDivergence": [
        lambda m: m.KLDivergence(),
    ],
    "metrics: Poisson": [
        lambda m: m.Poisson(),
    ],
    "metrics: R2Score": [
        lambda m: m.R2Score(None, 2),
    ],
    "metrics: AUC": [
        lambda m: m.AUC(50, "PR", multi_label=True),
    ],
    "metrics: Precision": [
        lambda m: m.Precision([0.2, 0.4], class_id=1),
    ],
    "metrics: Recall": [
        lambda m: m.Recall(top_k=2),
    ],
    "metrics: TruePositives": [
        lambda m: m.TruePositives(),
    ],
    "metrics: TrueNegatives": [
        lambda m: m.TrueNegatives(0.3),
    ],
    "metrics: FalsePositives": [
        lambda m: m.FalsePositives(),
    ],
    "metrics: FalseNegatives": [
        lambda m: m.FalseNegatives([0.1, 0.3]),
    ],
    "metrics: SensitivityAtSpecificity": [
        lambda m: m.SensitivityAtSpecificity(0.4, 20),
    ],
    "metrics: SpecificityAtSensitivity": [
        lambda m: m.SpecificityAtSensitivity(0.4),
    ],
    "metrics: PrecisionAtRecall": [
        lambda m: m.PrecisionAtRecall(0.4, class_id=1),
    ],
    "metrics: RecallAtPrecision": [
        lambda m: m.RecallAtPrecision(0.4),
    ],
    "metrics: F1Score": [
        lambda m: m.F1Score("macro"),
    ],
    "metrics: FBetaScore": [
        lambda m: m.FBetaScore(None, 2.0, 0.3),
    ],
    "metrics: IoU": [
        lambda m: m.IoU(3, [0, 2]),
    ],
    "metrics: BinaryIoU": [
        lambda m: m.BinaryIoU(threshold=0.3),
    ],
    "metrics: MeanIoU": [
        lambda m: m.MeanIoU(3, ignore_class=1),
    ],
    "metrics: OneHotIoU": [
        lambda m: m.OneHotIoU(3, [0, 2]),
    ],
    "metrics: OneHotMeanIoU": [
        lambda m: m.OneHotMeanIoU(3, axis=0),
    ],
    "metrics: PearsonCorrelation": [
        lambda m: m.PearsonCorrelation(axis=0),
    ],
    "metrics: ConcordanceCorrelation": [
        lambda m: m.ConcordanceCorrelation(),
    ],
    "optimizers: Nadam": [
        lambda m: m.Nadam(0.5, 0.8),
    ],
    "optimizers: Adagrad": [
        lambda m: m.Adagrad(0.5, 0.2),
    ],
    "optimizers: Adadelta": [
        lambda m: m.Adadelta(0.5, 0.8),
    ],
    "optimizers: Adamax": [
        lambda m: m.Adamax(0.5, 0.8, clipnorm=1.0),
    ],
    "optimizers: Ftrl": [
        lambda m: m.Ftrl(0.5, -0.3, beta=0.1),
    ],
    "optimizers: Lion": [
        lambda m: m.Lion(0.5, 0.8, weight_decay=0.1),
    ],
    "optimizers: Adafactor": [
        lambda m: m.Adafactor(0.5, -0.7, relative_step=False),
    ],
    "optimizers.schedules: CosineDecayRestarts": [
        lambda m: m.CosineDecayRestarts(0.1, 5, 1.5, 0.9, 0.1),
    ],
    "random: SeedGenerator": [lambda m: m.SeedGenerator(3, name="mine")],
}

ALL = [(name, i) for name, makes in CASES.items() for i in range(len(makes))]

# Bases, and what Keras describes without its argument, so cannot load: see the docstrings.
NOT_COMPARED = {"Initializer", "Identity", "Loss", "Metric", "Optimizer", "LearningRateSchedule"}
NOT_COMPARED |= {"Regularizer", "Constraint"}


def module_of(tf: Any, name: str) -> Any:
    found = tf.keras
    for part in name.split("."):
        found = getattr(found, part)
    return found


def test_the_table_has_every_class():
    modules = {name.partition(":")[0] for name in CASES}
    public = {
        f"{module}: {thing.__name__}"
        for module in modules
        for name, thing in vars(module_of(scratchnet, module)).items()
        if isinstance(thing, type)
        and hasattr(thing, "from_config")
        and not name.startswith("_")
        and thing.__name__ not in NOT_COMPARED
        and f".keras.{module}" in thing.__module__
    }
    assert public == {name for name in CASES if ":" in name}


@pytest.mark.parametrize(("name", "i"), ALL)
def test_each_is_described_alike_and_made_again_by_the_other(name, i):
    module = name.partition(":")[0]

    def make(tf):
        return CASES[name][i](module_of(tf, module))

    theirs, ours = twins(make)
    config = plain(tensorflow.keras.utils.serialize_keras_object(theirs))
    assert plain(scratchnet.keras.utils.serialize_keras_object(ours)) == config
    for tf in (tensorflow, scratchnet):
        again = tf.keras.utils.deserialize_keras_object(copy.deepcopy(config))
        assert type(again).__name__ == type(ours).__name__
        assert plain(tf.keras.utils.serialize_keras_object(again)) == config
    if hasattr(module_of(scratchnet, module), "deserialize"):
        again = module_of(scratchnet, module).deserialize(copy.deepcopy(config))
        assert plain(module_of(scratchnet, module).serialize(again)) == config


GETTERS = ("initializers", "regularizers", "constraints", "losses", "metrics", "optimizers")


@pytest.mark.parametrize("module", GETTERS)
def test_descriptions_without_a_module_are_found_by_their_names(module):
    known = {
        "initializers": {"class_name": "GlorotUniform", "config": {"seed": 3}},
        "regularizers": {"class_name": "L2", "config": {"l2": 0.5}},
        "constraints": {"class_name": "NonNeg", "config": {}},
        "losses": {"class_name": "MeanSquaredError", "config": {"reduction": "sum"}},
        "metrics": {"class_name": "BinaryAccuracy", "config": {"threshold": 0.25}},
        "optimizers": {"class_name": "SGD", "config": {"learning_rate": 0.5}},
    }[module]

    def program(tf):
        made = module_of(tf, module).get(dict(known))
        return type(made).__name__, made.get_config()

    same(program)


@pytest.mark.parametrize("given", [{"config": {"a": 1}}, {"class_name": "L2"}, {"module": "keras"}])
def test_a_dict_that_describes_nothing_stays_a_dict(given):
    same(lambda tf: tf.keras.utils.deserialize_keras_object(given))
    assert scratchnet.keras.utils.deserialize_keras_object(given) == given


@pytest.mark.parametrize("module", GETTERS)
def test_unknown_names_and_descriptions(module):
    text = f"Could not interpret {module.removesuffix('s').removesuffix('se')}"
    for wrong in ("nope", {"class_name": "Nope", "config": {}}):
        complain_alike(lambda tf, wrong=wrong: module_of(tf, module).get(wrong), text[:20])


def test_registered_objects_can_be_had_by_name():
    def program(tf):
        keras = tf.keras

        class Double(keras.initializers.Initializer):
            def __call__(self, shape, dtype=None):
                return keras.initializers.Ones()(shape, dtype) * 2

            def get_config(self):
                return {}

        with keras.utils.custom_object_scope({"Double": Double}):
            layer = keras.layers.Dense(2, kernel_initializer="Double")
        layer.build((None, 3))
        return layer.kernel.numpy().tolist()

    same(program)


@pytest.mark.parametrize("config", [None, [1, 2], "units"])
def test_a_get_config_that_returns_no_dict(config: Any) -> None:
    class Listed(scratchnet.keras.layers.Layer):
        def get_config(self) -> Any:
            return config

    with pytest.raises(
        TypeError, match=r"^The `get_config\(\)` of .*Listed.* must return a dict, rec"
    ):
        scratchnet.keras.saving.serialize_keras_object(Listed())


@pytest.mark.parametrize(
    ("module", "kind", "said"),
    [
        ("keras.callbacks", ValueError, "no model is made of such things"),
        ("keras.utils", ValueError, "no model is made of such things"),
        ("keras.wonders", TypeError, "there is no module keras.wonders"),
    ],
)
def test_a_module_that_no_model_is_made_of(module: str, kind: type, said: str) -> None:
    data = {"module": module, "class_name": "Thing", "config": {}, "registered_name": None}
    with pytest.raises(kind, match=said):
        scratchnet.keras.saving.deserialize_keras_object(data)


def described(name: str, module: Any = "builtins", **more: Any) -> dict[str, Any]:
    return {"class_name": name, "module": module, "config": {}, **more}


def function(name: Any, module: Any = "builtins") -> dict[str, Any]:
    return {"class_name": "function", "module": module, "config": name}


# What a config says -> (error class, what its text says), in the order of the rules.
REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "foreign class": (described("A", "other"), TypeError, "Could not locate class 'A': it is nei"),
    "no module": (described("Dense", None), TypeError, "Could not locate class 'Dense'"),
    "module of numbers": (described("Dense", 3), TypeError, "Could not locate class 'Dense'"),
    "like Keras": (described("Dense", "kerasx.layers"), TypeError, "Could not locate class"),
    "not here": (described("Foo", "keras.layers"), ValueError, "'keras.layers.Foo': it is not in"),
    "other class": (described("foo", "keras.losses"), ValueError, "'keras.losses.foo': it is not"),
    "function": (described("mse", "keras.losses"), ValueError, "`keras.losses.mse`: it is not a m"),
    "tool": (described("A", "keras.utils"), ValueError, "`keras.utils.A`: no model is made of su"),
    "tool inside": (
        described("A", "keras.saving.x"),
        ValueError,
        "no model is made of such things",
    ),
    "no module of Keras": (
        described("A", "keras.foo"),
        TypeError,
        "'A': there is no module keras.foo",
    ),
    "registered": (
        described("Dense", "keras.layers", registered_name="Mine"),
        ValueError,
        "`registered_name='Mine'` was provided, but keras.layers.Dense is Keras's own",
    ),
    "name": (described(3), TypeError, "'class_name' must be a string, received 3"),
    "arguments": (
        {**described("Dense", "keras.layers"), "config": [4]},
        TypeError,
        "the 'config' of Dense must be a dict, received [4]",
    ),
    "too many arguments": (
        {**described("Dense", "keras.layers"), "config": {"units": 1, "foo": 2}},
        TypeError,
        "Dense could not be deserialized properly. If its constructor takes objects, override",
    ),
    "function's name": (function(3), TypeError, "the 'config' of a function must be its name, rec"),
    "foreign function": (function("f"), TypeError, "Could not locate function 'f': it is neither"),
    "function elsewhere": (function("f", "other"), TypeError, "Could not locate function 'f'"),
    "no module of it": (function("relu", None), TypeError, "Could not locate function 'relu'"),
    "function of Keras": (
        function("relu", "keras.layers"),
        ValueError,
        "`keras.layers.relu`: it is not a modeling function",
    ),
    "get": (function("get", "keras.losses"), TypeError, "Could not locate function 'get'"),
    "serialize": (function("serialize"), TypeError, "Could not locate function 'serialize'"),
    "a class": (
        function("MeanSquaredError", "keras.losses"),
        TypeError,
        "Could not locate function",
    ),
    "lambda": (described("__lambda__"), ValueError, "the file holds a Python lambda, whose code"),
    "unknown form": (described("__foo__"), TypeError, "there is no form '__foo__'"),
    "objects": (
        {"class_name": "__numpy__", "config": {"value": ["a"], "dtype": "object"}},
        ValueError,
        "an array must hold numbers, received dtype 'object'",
    ),
    "strings": (
        {"class_name": "__tensor__", "config": {"value": ["a"], "dtype": "<U1"}},
        ValueError,
        "an array must hold numbers, received dtype '<U1'",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_object_is_made_of(name: str) -> None:
    config, kind, said = REFUSED[name]
    for around in (config, [config], {"a": (config,)}):
        with pytest.raises(kind) as caught:
            scratchnet.keras.saving.deserialize_keras_object(around)
        assert said in str(caught.value)
        assert type(caught.value) is kind


def test_long_configs_are_shortened_in_errors() -> None:
    for length in (10, 500):
        config = {"class_name": "A", "config": {"a": "x" * length}}
        with pytest.raises(TypeError) as caught:
            scratchnet.keras.saving.deserialize_keras_object(config)
        shown = str(caught.value).split("the file says ")[1]
        assert shown == (repr(config) if length == 10 else f"{repr(config)[:300]}…")


def test_what_could_be_in_place_of_a_missing_class_is_listed() -> None:
    with pytest.raises(ValueError, match="Foo") as caught:
        scratchnet.keras.saving.deserialize_keras_object(described("Foo", "keras.constraints"))
    assert ("it is not in scratchnet, which has MaxNorm, MinMaxNorm, NonNeg, UnitNorm, ") in str(
        caught.value
    )
    assert "give it as custom_objects={'Foo': …}" in str(caught.value)


class Mine:
    """Made of its config and nothing else; remembers what was done with it."""

    built = False

    def __init__(self, **config: Any) -> None:
        self.config, self.done = config, []  # type: ignore[var-annotated]

    @classmethod
    def from_config(cls, config: Any) -> Any:
        return cls(**config)

    def build_from_config(self, config: Any) -> None:
        self.done.append(("build", config, self.built))

    def compile_from_config(self, config: Any) -> None:
        self.done.append(("compile", config, self.built))


def made(config: Any, **custom: Any) -> Any:
    return scratchnet.keras.saving.deserialize_keras_object(config, custom)


def test_yours_is_found_by_its_registered_name_or_its_own() -> None:
    config = {**described("A", None), "config": None}
    for data in (
        {**config, "registered_name": "Mine"},
        {**config, "class_name": "Mine"},
        {**config, "class_name": "Mine", "registered_name": "Mine", "module": "keras.layers"},
        {**config, "class_name": "Foo", "module": "keras.layers", "registered_name": None},
        {**config, "class_name": "Lambda", "module": "keras.layers", "registered_name": None},
    ):
        found = made(data, Mine=Mine, Foo=Mine, Lambda=Mine)
        assert type(found) is Mine
        assert found.config == {}
        assert found.done == []
    # Keras's own stay what they are.
    data = {**described("Dropout", "keras.layers", registered_name=None), "config": {"rate": 0.5}}
    assert type(made(data, Dropout=Mine)) is scratchnet.keras.layers.Dropout
    for registered in (None, "", "Dropout"):
        data["registered_name"] = registered
        assert made(data).rate == 0.5


def test_a_made_object_is_built_and_compiled() -> None:
    config = {**described("Mine"), "config": {"a": 1}}
    steps = {"build_config": {"input_shape": (1,)}, "compile_config": {"loss": "mse"}}
    assert made({**config, **steps}, Mine=Mine).done == [
        ("build", {"input_shape": (1,)}, False),
        ("compile", {"loss": "mse"}, True),
    ]
    assert made({**config, "build_config": {}, "compile_config": {}}, Mine=Mine).done == []
    assert not made({**config, "build_config": None}, Mine=Mine).built
    built = type("Built", (Mine,), {"built": True})
    assert made({**config, **steps}, Mine=built).done == [("compile", {"loss": "mse"}, True)]


def test_custom_objects_are_known_inside() -> None:
    class Outer(Mine):
        @classmethod
        def from_config(cls, config: Any) -> Any:
            return cls(part=scratchnet.keras.saving.deserialize_keras_object(config["part"]))

    data = {**described("Outer"), "config": {"part": {**described("Mine"), "config": {"b": 2}}}}
    assert made(data, Outer=Outer, Mine=Mine).config["part"].config == {"b": 2}


def test_what_is_no_class_and_what_cannot_be_made() -> None:
    assert made(described("own"), own=plain) is plain
    with pytest.raises(TypeError, match=r"cannot be made from a configuration: it has no `from_c"):
        made(described("own"), own=int)

    class Outer(Mine):
        @classmethod
        def from_config(cls, config: Any) -> Any:
            return made({**described("Dropout", "keras.layers"), "config": {"foo": 1}})

    with pytest.raises(TypeError) as caught:
        made(described("Outer"), Outer=Outer)
    assert str(caught.value).startswith("Dropout could not be deserialized")  # told once


def test_names_of_functions() -> None:
    """From any of the modules of functions; yours first; without the package at last."""
    losses, activations = scratchnet.keras.losses, scratchnet.keras.activations
    for module in ("builtins", "keras.activations", "keras.losses", "keras.metrics"):
        assert made(function("relu", module)) is activations.relu
        assert made(function("mean_squared_error", module)) is losses.mean_squared_error
    assert made(function("relu"), relu=plain) is plain
    assert made(function("own"), **{"shop>own": plain}) is plain
    assert made(function("own", "other"), own=plain) is plain
    with pytest.raises(TypeError, match="Could not locate function 'wn'"):
        made(function("wn"), **{"shop>own": plain})


def test_dicts_and_names_inside() -> None:
    known = {"Mine": Mine}
    assert made(["Mine", {"a": ("Mine", 1.5)}], **known) == [Mine, {"a": [Mine, 1.5]}]
    assert made({"class_name": "Mine"}, **known) == {"class_name": Mine}
    policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float64"}}
    assert made(policy) == made({**policy, "class_name": "FloatDTypePolicy"}) == "float64"
    with pytest.raises(TypeError, match="Could not locate class 'DTypePolicy'"):
        made({**policy, "module": "other"})


def test_special_forms() -> None:
    array = made({"class_name": "__numpy__", "config": {"value": [1, 2], "dtype": "int16"}})
    tensor = made({"class_name": "__tensor__", "config": {"value": [True], "dtype": "bool"}})
    assert isinstance(array, np.ndarray)
    assert (array.dtype, array.tolist()) == (np.int16, [1, 2])
    assert isinstance(tensor, scratchnet.Tensor)
    assert (tensor.dtype, tensor.numpy().tolist()) == (scratchnet.bool, [True])
    ends = {"start": None, "stop": 3, "step": -1}
    assert made({"class_name": "__slice__", "config": ends}) == slice(None, 3, -1)
    assert made({"class_name": "__ellipsis__", "config": {}}) is Ellipsis
    assert made({"class_name": "__bytes__", "config": {"value": "ä"}}) == "ä".encode()
    symbolic = {"shape": (None, 2), "dtype": "int32", "keras_history": None}
    found = made({"class_name": "__keras_tensor__", "config": symbolic})
    assert (found.shape, found.dtype) == ((None, 2), "int32")
    write = scratchnet.keras.saving.serialize_keras_object
    assert write(found) == {"class_name": "__keras_tensor__", "config": symbolic}
    assert write(scratchnet.TensorShape(None)) is None
    assert write([np.bool_(True), np.array(2)]) == [True, 2]


def test_what_cannot_be_written() -> None:
    write = scratchnet.keras.saving.serialize_keras_object
    with pytest.raises(TypeError, match="serialize_keras_object: `obj` must be an object, not its"):
        write(scratchnet.keras.layers.Dense)
    with pytest.raises(ValueError, match="serialize_keras_object: a lambda cannot be saved, for"):
        write([lambda x: x])
    with pytest.raises(TypeError, match=r"of type <class 'object'>: its class needs a `get_config"):
        write({"a": object()})
    with pytest.raises(TypeError, match=r"deserialize_keras_object: unknown arguments, received"):
        scratchnet.keras.saving.deserialize_keras_object({}, foo=3)


def test_a_model_that_cannot_be_built_is_told() -> None:
    with pytest.warns(UserWarning, match="no shape") as caught:
        warn_unbuilt("net", ValueError("no shape"))
    (warning,) = caught
    assert str(warning.message) == (
        "Model 'net' had a build config, but the model cannot be built automatically: no shape. "
        "Override `get_build_config` and `build_from_config`"
    )


def test_where_a_file_says_that_classes_are() -> None:
    """Keras's by their public modules, ops by their own, yours by the module that they are in."""

    def program(tf: Any) -> list[Any]:
        keras = tf.keras

        class Own(keras.layers.Layer):  # type: ignore[misc, name-defined]
            def get_config(self) -> Any:
                return {}

        class Here(Own):
            pass

        Here.__module__ = "__main__"
        x = keras.Input((2,))
        inner = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
        model = keras.Model(x, inner(x + x) - keras.layers.Dense(2)(x))
        parts: list[Any] = [Own(), Here(), model, keras.optimizers.Adam(), keras.losses.Huber()]
        parts += [keras.optimizers.schedules.CosineDecay(0.1, 3), keras.metrics.Mean()]
        write = keras.utils.serialize_keras_object
        found = [write(part) for part in parts]
        found += found[2]["config"]["layers"]
        return [[x["module"], x["class_name"], x.get("registered_name")] for x in found]

    same(program)


def test_a_functional_model_is_made_wherever_a_file_says_that_it_is() -> None:
    x = scratchnet.keras.Input((2,))
    model = scratchnet.keras.Model(x, scratchnet.keras.layers.Dense(3)(x), name="net")
    data = scratchnet.keras.saving.serialize_keras_object(model)
    for module in (data["module"], "keras.src.engine.functional", "keras"):
        made_again = made({**data, "module": module})
        assert (type(made_again), made_again.name) == (type(model), "net")
        assert made_again.count_params() == 9


def test_one_number_is_one_object() -> None:
    config = {**described("Mine"), "config": {"a": 1}}
    with shared_objects.remembering():
        first, second, other, lone = made(
            [{**config, "shared_object_id": i} for i in (3, 3, 4)] + [config], Mine=Mine
        )
    assert first is second
    assert first is not other
    assert lone not in (first, other)


def test_operators_are_made_again() -> None:
    write = scratchnet.keras.saving.serialize_keras_object
    x = scratchnet.keras.Input((2,))
    for y in (x + 1.0, x @ scratchnet.keras.Input((2, 2)), -x):
        data = write(y.node.layer)
        assert data["module"].startswith("keras.src.ops.")
        assert type(made(data)) is type(y.node.layer)
        with pytest.raises(TypeError, match="there is no module keras"):
            made({**data, "module": "keras.src.ops.numpy", "class_name": "Foo", "config": {}})
