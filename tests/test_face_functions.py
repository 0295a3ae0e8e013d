"""tf.function, tf.Module, tf.print, devices, and the names that are not here."""

from __future__ import annotations

import contextlib
import doctest
import inspect
import io
import pickle
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.unsupported import REASONS
from scratchnet.unsupported.names import LISTED
from tests.support.keras_programs import complain_alike, prints_the_same
from tests.support.paired import both_raise, families, run

# -- tf.function ----------------------------------------------------------------------------------

SPEC = "input_signature=[tf.TensorSpec([None], tf.float32)]"


@pytest.mark.parametrize(
    "body",
    [
        *("return x + 1", "return [x, {'a': 2.5, 'b': None}]", "return 5", "return np.ones(2)"),
        *("return (x, [x], {'z': x, 'a': x})", "return x.shape", "pass", "return True, ()"),
        "return tf.Variable(2.0) if False else tf.constant(2.0) * 3",
    ],
)
@pytest.mark.parametrize("x", ["tf.constant([1.0, 2.0])", "tf.Variable([3.0])", "np.arange(3)"])
def test_what_a_function_returns(body: str, x: str) -> None:
    for decorator in ("tf.function", "tf.function()", "tf.function(autograph=False)"):
        program = f"@{decorator}\ndef f(x):\n  {body}\nrepr(f({x}))"
        assert run(program, scratchnet) == run(program, tensorflow)


@pytest.mark.parametrize(
    "call", ["f([1.0, 2.0])", "f(tf.constant([1.0]))", "f([1, 2])", "f(np.ones(2))", "f(x=[1.0])"]
)
def test_calls_that_fit_a_signature(call: str) -> None:
    program = f"@tf.function({SPEC})\ndef f(x):\n  return x\nrepr({call}), repr(f.input_signature)"
    assert run(program, scratchnet) == run(program, tensorflow)


@pytest.mark.parametrize(
    ("call", "phrase"),
    [
        (
            "f(tf.constant([1]))",
            "Can not cast TensorSpec(shape=(1,), dtype=tf.int32, name=None)",
        ),
        ("f(tf.constant([[1.0]]))", "Can not cast TensorSpec(shape=(1, 1), dtype=tf.float32"),
        ("f([1.0], 2)", "Binding inputs to tf.function failed due to `too many positional"),
        ("f()", "Binding inputs to tf.function failed due to `missing a required argument: 'x'`"),
    ],
)
def test_calls_that_do_not_fit_a_signature(call: str, phrase: str) -> None:
    both_raise(f"@tf.function({SPEC})\ndef f(x):\n  return x\n{call}", phrase)


@pytest.mark.parametrize(
    ("program", "phrase"),
    [
        ("tf.function(3)", "3 is not a callable object"),
        ("tf.function(lambda x: x, foo=3)", "got an unexpected keyword argument 'foo'"),
        ("tf.function(lambda x: x, input_signature=3)", "must be either a tuple or a list, got"),
        ("tf.function(lambda x: x, input_signature=[3])", "nested sequence of TensorSpec objects"),
        ("tf.function(lambda x: object())(1)", "found return value of type object"),
        (
            "tf.function(lambda x, y: x, input_signature=[tf.TensorSpec([])])(1.0)",
            "input_signature missing type constraint for y",
        ),
        (
            "tf.function(lambda x: x, input_signature=[tf.TensorSpec([])] * 2)(1.0)",
            "input_signature contains 1 extra type constraint",
        ),
    ],
)
def test_what_a_function_refuses(program: str, phrase: str) -> None:
    both_raise(program, phrase)


def test_a_function_runs_on_every_call_and_has_no_graph() -> None:
    calls = []

    @scratchnet.function(jit_compile=True, reduce_retracing=True)
    def f(x: Any, y: Any = 2) -> Any:
        """Doubles."""
        calls.append(type(x))
        if scratchnet.reduce_sum(x) > 0:
            return x * y
        return x

    assert float(f(np.float32(2))) == 4.0
    assert float(f(-1.0)) == -1.0
    assert calls == [scratchnet.Tensor, float]
    assert (f.__name__, f.name, f.__doc__) == ("f", "f", "Doubles.")
    assert list(inspect.signature(f).parameters) == ["x", "y"]
    for name in ("get_concrete_function", "experimental_get_tracing_count"):
        with pytest.raises(NotImplementedError, match="runs eagerly in scratchnet"):
            getattr(f, name)()
    with pytest.raises(NotImplementedError, match="`experimental_compile` must be None"):
        scratchnet.function(lambda: 1, experimental_compile=True)
    assert "runs eagerly, on every call" in (scratchnet.function.__doc__ or "")


def test_run_functions_eagerly() -> None:
    program = """
@tf.function
def f(x):
    return 5, type(x).__name__
tf.config.run_functions_eagerly(True)
found = f(np.ones(2)), tf.config.functions_run_eagerly()
tf.config.run_functions_eagerly(False)
found, tf.config.functions_run_eagerly()"""
    assert run(program, scratchnet) == run(program, tensorflow)


def test_functions_of_functions_methods_and_layers() -> None:
    def program(tf: Any) -> None:
        class Scaled(tf.Module):
            def __init__(self) -> None:
                super().__init__()
                self.k = tf.Variable(2.0)

            @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
            def __call__(self, x: Any) -> Any:
                return self.k * x

            @tf.function
            def twice(self, x: Any, times: Any = 2) -> Any:
                return self(x) * times

        scaled = Scaled()
        print(
            scaled(3.0), scaled.twice(1.0), scaled.twice(1.0, times=5.0), Scaled.twice(scaled, 1.0)
        )
        print(tf.function(tf.function(lambda x: x))(3), tf.function(tf.matmul)([[1.0]], [[2.0]]))
        dense = tf.keras.layers.Dense(2, kernel_initializer="ones")
        print(tf.function(dense)(tf.ones([1, 2])), [v.name for v in scaled.variables])

    prints_the_same(program)


# -- tf.Module ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["'a b'", "''", "'1a'", "'a/b'"])
def test_names_that_no_module_can_have(name: str) -> None:
    both_raise(f"tf.Module(name={name})", "is not a valid module name. Module names must be valid")


@pytest.mark.parametrize("name", ["A", "MyHTTPNet2", "_Priv", "Conv2D", "ABCdE", "snake_case"])
def test_the_name_of_a_module(name: str) -> None:
    program = f"type({name!r}, (tf.Module,), {{}})().name"
    assert run(program, scratchnet) == run(program, tensorflow)


def test_where_modules_look_for_variables() -> None:
    def program(tf: Any) -> None:
        class Part(tf.Module):
            def __init__(self, name: Any = None) -> None:
                super().__init__(name=name)
                with self.name_scope:
                    self.v = tf.Variable(1.0, name="v")

        class Whole(tf.Module):
            def __init__(self) -> None:
                super().__init__()
                with self.name_scope:
                    self.b, self.a = Part(), Part(name="other")
                self.shared = self.b
                self.me = self
                self.z = {"q": [tf.Variable(1, name="q")], "p": self.b.v, "n": 3, "s": "text"}
                self.b.inner = Part("deep")
                self.a.inner = self.b.inner
                self.layer = tf.keras.layers.Dense(2)
                self.layer.build((1, 3))
                self.array, self.none = np.ones(2), None

        whole = Whole()
        print([v.name for v in whole.variables], [m.name for m in whole.submodules])
        print([v.name for v in whole.trainable_variables], whole.a.name_scope.name)
        whole.a = None
        print([v.name for v in whole.variables], [m.name for m in whole.submodules])

    prints_the_same(program)


def test_a_module_without_its_base_still_knows_its_variables() -> None:
    start = "class A(tf.Module):\n  def __init__(self): self.v = tf.Variable(1.0)\n"
    assert run(start + "len(A().variables)", scratchnet) == 1
    both_raise(start + "A().name", "'A' object has no attribute '_name'")
    both_raise("m = tf.Module()\nm.d = {1: 2, 'a': 3}\nm.variables", "Error processing property")


# -- tf.print -------------------------------------------------------------------------------------

PRINTED = """m | 1, 2.5, 'a', None, True | 'x:', m, 'y'
c(3), c(3.0), c(1 / 3), c(1 / 3, tf.float64)
c(1e10), c(1e-10), c(123456789.0), c(1e6), c(1e5), c(1e7) | c([np.nan, np.inf, -np.inf, -0.0])
c(True), c([True, False]) | tf.range(10) | tf.range(10), summarize=2 | tf.range(10), summarize=-1
tf.range(6), tf.range(7), summarize=3 | tf.reshape(tf.range(64), [8, 8]) | m, sep='|', end='!'
tf.reshape(tf.range(27), [3, 3, 3]) | tf.reshape(tf.range(512), [8, 8, 8])
tf.range(9), summarize=1
tf.zeros([0, 2]), tf.zeros([0]), tf.zeros([2, 0]), tf.zeros([2, 3, 0]), tf.zeros([2, 0, 3])
[1, 2, 3] | [c(1), c([2, 3])] | {'a': c(1), 'b': [c(2.0), 's']} | (1, c(2)), (c(2),) | [], {}, ()
tf.Variable([1.0, 2.0]) | 'a', 'b', sep='' | np.ones([2, 2]), np.float32(0.1)
3.0, 0.1, 1e20, 1 / 3
c([1, 2], tf.uint8), c([1.5, 0.1, 65504], tf.float16) | {1: 2} | {'b': 1, 'a': 'x'} | tf.float32
c(0.1 + 0.2), c(0.1 + 0.2, tf.float64), c(3.4028235e38), c(1e-5), c(1e-4)
c(123456.7), c(1234567.8)
c([1e15, 1e16, 123456.789, 1e-4, 1e-5, 2 / 3, 100.0], tf.float64) | m.shape
tf.keras.Variable([1.0])
[[1, 2], [3, c(4)]] | ['a', 'b'] | [None, True, 1.5] | 'é {} %d' | m, m | [m], [c(True)]"""


@pytest.mark.parametrize("inputs", [p.strip() for p in PRINTED.replace("\n", " | ").split(" | ")])
def test_what_print_writes(inputs: str, tmp_path: Path) -> None:
    written = []
    for tf in (tensorflow, scratchnet):
        path = tmp_path / tf.__name__
        start = "c = tf.constant\nm = c([[1.0, 2.0], [3.0, 4.5]])\n"
        run(f"{start}tf.print({inputs}, output_stream='file://{path}')", tf)
        run(f"{start}tf.print({inputs}, output_stream='file://{path}')", tf)
        written.append(path.read_text(encoding="utf-8"))
    assert written[1] == written[0]


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        ("1, foo=1", "Unrecognized keyword arguments for tf.print: {'foo': 1}"),
        ("1, output_stream=5", "Unsupported output stream, logging level, or file.5."),
        ("1, output_stream='abc'", "Unsupported output stream, logging level, or file.abc."),
        ("1, summarize='a'", "Expected int for argument 'summarize' not 'a'."),
    ],
)
def test_what_print_refuses(arguments: str, phrase: str) -> None:
    both_raise(f"tf.print({arguments})", phrase)


def test_where_print_writes() -> None:
    out, error = io.StringIO(), io.StringIO()
    texts: list[str] = []
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        scratchnet.print("to", 1)
        scratchnet.print("to", 2, output_stream=sys.stdout)
        scratchnet.print("to", 3, output_stream=texts.append)
    assert (error.getvalue(), out.getvalue(), texts) == ("to 1\n", "to 2\n", ["to 3\n"])


# -- devices --------------------------------------------------------------------------------------

CPUS = ["CPU:0", "/CPU:0", "cpu:0", "/device:CPU:0", "/job:localhost/replica:0/task:0/device:CPU:0"]


@pytest.mark.parametrize("name", [*CPUS, "CPU", None])
def test_the_cpu_is_a_device(name: str | None) -> None:
    program = f"with tf.device({name!r}):\n  x = tf.ones([1]) * 2\nx.device"
    assert run(program, scratchnet) == run(program, tensorflow)


@pytest.mark.parametrize("name", ["GPU:0", "/gpu:0", "/device:GPU:1", "TPU:0"])
def test_other_devices_are_refused(name: str) -> None:
    with pytest.raises(NotImplementedError, match=r"computes on the CPU only; .*list_physical"):
        scratchnet.device(name)


def test_names_of_no_device() -> None:
    both_raise("tf.device('foo')\nwith tf.device('foo'):\n  tf.ones(1) + tf.ones(1)\n1", "Unknown")
    both_raise("with tf.device(3):\n  tf.ones(1)\n1", "Expecting a string device name. Got")


CONFIG = """list_physical_devices(); list_physical_devices('GPU'); list_physical_devices('CPU');
    list_logical_devices(); list_logical_devices('GPU'); list_physical_devices('X');
    get_visible_devices(); set_visible_devices([], 'GPU'); get_soft_device_placement();
    experimental.list_physical_devices('GPU'); list_physical_devices()[0].name;
    set_visible_devices(tf.config.list_physical_devices('CPU'), 'CPU');
    list_physical_devices('cpu')"""


@pytest.mark.parametrize("call", [part.strip() for part in CONFIG.split(";")])
def test_config(call: str) -> None:
    assert repr(run(f"tf.config.{call}", scratchnet)) == repr(run(f"tf.config.{call}", tensorflow))


def test_config_that_cannot_be() -> None:
    both_raise(
        "tf.config.experimental.set_memory_growth(tf.config.list_physical_devices()[0], True)",
        "Cannot set memory growth on non-GPU",
    )
    with pytest.raises(ValueError, match="`devices` must be"):
        scratchnet.config.set_visible_devices(["GPU:0"], "GPU")
    with pytest.raises(NotImplementedError, match="`enabled` must be True"):
        scratchnet.config.set_soft_device_placement(False)


# -- small things in tf itself --------------------------------------------------------------------


@pytest.mark.parametrize(
    "program",
    [
        "[tf.is_tensor(x) for x in (tf.ones(1), tf.Variable(1), 1, np.ones(1), [tf.ones(1)])]",
        "[tf.is_tensor(x) for x in (tf.keras.Variable(1.0), tf.keras.Input((2,)), None)]",
        "tf.executing_eagerly()",
        "type(tf.__version__), tf.__version__ == tf.version.VERSION, type(tf.keras.__version__)",
        "tf.ones([2, 3]).set_shape([None, 3])",
        "repr(np.ones([2, 2]) * tf.constant(42)), repr(tf.constant([1, 2]) + np.float64(2))",
        "with tf.init_scope(), tf.control_dependencies([tf.ones(1)]):\n  x = 3\nx",
        "with tf.name_scope('a'), tf.name_scope('b/') as s:\n  v = tf.Variable(1.0)\ns, v.name",
        "tf.name_scope('foo').name, tf.get_current_name_scope()",
        "tf.autodiff.GradientTape is tf.GradientTape",
        "repr(tf.zeros_initializer()([2, 1])), repr(tf.ones_initializer()([2], tf.float64))",
        "repr(tf.constant_initializer(3.0)([2, 2]))",
        "repr(tf.constant_initializer([1, 2])([2]))",
        "tf.random_uniform_initializer(seed=22)([3, 2]).numpy().tolist()",
        "tf.random.set_seed(3)\ntf.random_uniform_initializer(-1, 1)([4]).numpy().tolist()",
        "[tf.dtypes.half, tf.dtypes.as_dtype('double'), tf.dtypes.bool, tf.dtypes.float32] == "
        "[tf.float16, tf.float64, tf.bool, tf.float32]",
        "tf.losses.MeanSquaredError is tf.keras.losses.MeanSquaredError",
        "tf.optimizers.SGD is tf.keras.optimizers.SGD, tf.metrics.Mean is tf.keras.metrics.Mean",
    ],
)
def test_small_things(program: str) -> None:
    assert run(program, scratchnet) == run(program, tensorflow)


def test_normal_initializers() -> None:
    for program in (
        "tf.random_normal_initializer(seed=1)([3, 2]).numpy()",
        "tf.random.set_seed(3)\ntf.random_normal_initializer(1.0, 2.0)([4]).numpy()",
        "f = tf.random_normal_initializer(seed=1)\nf([2], dtype=tf.float64).numpy()",
    ):
        ours, theirs = run(program, scratchnet), run(program, tensorflow)
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
        assert ours.dtype == theirs.dtype


def test_set_shape_sets_nothing() -> None:
    both_raise("tf.ones([2]).set_shape([3])", "Tensor's shape (2,) is not compatible with supplied")


def test_gradients_of_graphs_are_refused_as_in_tensorflow() -> None:
    for name in ("gradients", "hessians"):
        both_raise(f"tf.{name}(tf.ones(1), tf.ones(1))", "Use tf.GradientTape instead.")


# -- what is not here -----------------------------------------------------------------------------


def text_of(name: str) -> str:
    with pytest.raises(AttributeError) as caught:
        run(f"tf.{name}", scratchnet)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("log", "module 'scratchnet' has no attribute 'log': it is `tf.math.log`"),
        ("relu", "it is `tf.nn.relu`"),
        ("Dense", "it is `tf.keras.layers.Dense`"),
        ("nn.Dense", "it is `tf.keras.layers.Dense`"),
        ("keras.layers.sgd", ""),
        ("keras.Dense", "it is `tf.keras.layers.Dense`"),
        ("nn.rleu", "did you mean `tf.nn.relu`?"),
        ("math.reduce_summ", "did you mean `tf.math.reduce_sum`?"),
        ("GradientTap", "did you mean `tf.GradientTape`?"),
        ("Session", "graphs and sessions are TensorFlow 1's"),
        ("train", "`tf.train.Checkpoint` and its like are not here: keep a Keras model with"),
        ("IndexedSlices", "the gradient of a gather is a dense tensor here"),
        ("keras.layers.LayerNormalization", "`tf.keras.layers.BatchNormalization` is here"),
        ("keras.layers.Normalization", "`tf.keras.layers.Rescaling`"),
        ("keras.layers.Embedding", "there are no layers for sequences here"),
        ("keras.layers.LSTN", "`dir(tf.keras.layers)` lists what is there"),
        ("keras.layers.Conv2d", "did you mean `tf.keras.layers.Conv2D`?"),
        ("LSTM", "scratchnet does not have `tf.keras.layers.LSTM`; there are no layers for"),
        ("linalg.pinv", "`numpy.linalg.pinv`"),
        ("nn.conv1d", "use `tf.nn.conv2d`"),
        ("keras.metrics.MeanIoU", "write a class of `tf.keras.metrics.Metric`"),
        ("bitcast", "`.numpy().view(dtype)`"),
        ("truncatediv", "use `tf.truediv` for the quotient"),
        ("complex", "keep real and imaginary part in two tensors"),
        ("sysconfig", "scratchnet is not compiled"),
        ("keras.constraints.max_norm", "`tf.keras.constraints.NonNeg` is here"),
        ("zzz", "`dir(tf)` lists what is there"),
        ("test.TestCase", "use `pytest` or `unittest`"),
        ("config.threading", "NUMBA_NUM_THREADS"),
    ],
)
def test_an_absent_name_says_what_there_is_instead(name: str, phrase: str) -> None:
    assert phrase in text_of(name)


@pytest.mark.parametrize("name", REASONS)
def test_every_reason_is_about_what_is_not_here(name: str) -> None:
    assert REASONS[name] in text_of(name.removeprefix("tf."))


NOTHING = object()


def at(tf: Any, name: str) -> Any:
    """`tf.nn.relu` of the module `tf`, from its name; `NOTHING` if there is none."""
    for part in name.split(".")[1:]:
        tf = getattr(tf, part, NOTHING)
    return tf


def test_what_tensorflow_has_is_here_or_listed() -> None:
    """So nothing of TensorFlow's is taken for a slip of the pen."""
    spaces = {name.rpartition(".")[0] for name in LISTED}
    assert len(spaces) > 15
    names = {
        f"{space}.{name}"
        for space in spaces
        for name in dir(at(tensorflow, space))
        if not name.startswith("_")
    }
    absent = {name for name in names if at(scratchnet, name) is NOTHING}
    assert absent - REASONS.keys() - LISTED.keys() == set()
    assert not REASONS.keys() & LISTED.keys()


@pytest.mark.parametrize("space", sorted({name.rpartition(".")[0] for name in LISTED}))
def test_every_listed_name_is_not_here_and_its_message_says_so(space: str) -> None:
    for name, reason in LISTED.items():
        if name.rpartition(".")[0] == space:
            said = f": scratchnet does not have `{name}`; {reason}"
            assert text_of(name.removeprefix("tf.")).endswith(said)


def test_what_is_said_to_be_here_is_here() -> None:
    advised = {
        (about, name)
        for about, reason in [*REASONS.items(), *LISTED.items()]
        for name in re.findall(r"`(tf\.[\w.]+)", reason)
        if not name.startswith(about)
    }
    assert len(advised) > 100
    assert {(about, name) for about, name in advised if at(scratchnet, name) is NOTHING} == set()


@pytest.mark.parametrize(
    ("program", "shared", "ours"),
    [
        ("optimizers.get('sdg')", "optimizer identifier: sdg", "here are 'adam', 'adamw', 'rms"),
        ("losses.get('foo')", "loss identifier: foo", "'mean_squared_error'"),
        ("metrics.get('foo')", "metric identifier: foo", "'binary_accuracy'"),
        ("activations.get('rleu')", "activation function identifier: rleu", "'relu'"),
        ("initializers.get('foo')", "initializer identifier: foo", "'he_normal'"),
        ("constraints.get('foo')", "constraint identifier: foo", "here are 'non_neg'"),
        ("regularizers.get('foo')", "regularizer identifier: foo", "here are 'l1'"),
    ],
)
def test_an_unknown_identifier_is_told_the_known_ones(program: str, shared: str, ours: str) -> None:
    complain_alike(lambda tf: eval(f"keras.{program}", {"keras": tf.keras}), shared, ours)


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("optimizers.get('adagrad')", "optimizers.Adagrad"),
        ("Sequential([keras.layers.Dense(1)]).compile('Adagrad')", "optimizers.Adagrad"),
        ("losses.get('huber')", "losses.Huber"),
        ("metrics.get('AUC')", "metrics.AUC"),
        ("metrics.get('precision')", "metrics.Precision"),
        ("constraints.get('max_norm')", "constraints.MaxNorm"),
        ("layers.Dense(2, kernel_constraint='max_norm')", "constraints.MaxNorm"),
        ("activations.get('sparsemax')", "activations.sparsemax"),
    ],
)
def test_an_identifier_of_keras_only(program: str, name: str) -> None:
    assert at(tensorflow, f"tf.keras.{name}") is not NOTHING
    said = rf"Could not interpret .* identifier: .*; `tf.keras.{name}` is Keras's but not here: "
    with pytest.raises(ValueError, match=said + ".*; here are '"):
        eval(f"keras.{program}", {"keras": scratchnet.keras})


def compiled_and_fitted(model: Any, x: Any, **arguments: Any) -> None:
    model.compile("sgd", **arguments)
    model.fit(x, x, verbose=0)


def test_compile_says_so_too() -> None:
    x = np.ones((2, 1), "f")
    for arguments, name in (
        ({"loss": "huber"}, "losses.Huber"),
        ({"loss": "mse", "metrics": ["AUC"]}, "metrics.AUC"),
    ):
        model = scratchnet.keras.Sequential([scratchnet.keras.layers.Dense(1)])
        with pytest.raises(ValueError, match=f"`tf.keras.{name}` is Keras's but not here"):
            compiled_and_fitted(model, x, **arguments)


def test_python_itself_is_not_disturbed() -> None:
    assert not hasattr(scratchnet, "Session")
    assert getattr(scratchnet.nn, "nothing", 5) == 5
    with pytest.raises(ImportError, match="cannot import name 'ragged'"):
        exec("from scratchnet import ragged")
    with pytest.raises(AttributeError, match=r"no attribute '__wrapped__'$"):
        scratchnet.__wrapped__  # noqa: B018
    assert inspect.unwrap(scratchnet.function) is scratchnet.function
    assert inspect.getmodule(scratchnet.Module) is not None
    assert pickle.loads(pickle.dumps(scratchnet.function)) is scratchnet.function
    assert doctest.DocTestFinder().find(scratchnet.nn)
    assert "log" not in dir(scratchnet)
    names: dict[str, Any] = {}
    exec("from scratchnet import *", names)
    assert set(scratchnet.__all__) <= set(names)


def test_a_plain_attribute_error() -> None:
    assert families(_error())[:2] == ["AttributeError", "Exception"]


def _error() -> Exception:
    try:
        scratchnet.nothing_at_all  # noqa: B018
    except AttributeError as error:
        return error
    raise AssertionError
