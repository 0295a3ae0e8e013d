"""Every argument of every function refuses bad values by name; the verdicts of the fuzzer."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.long import fuzz
from tests.long.forms import Form

ONES = np.ones((2, 3))
BAD = [
    *(ONES, np.zeros((0, 3)), np.array("a"), fuzz.Tensor(ONES), fuzz.Tensor(np.zeros((0, 3)))),
    *(None, True, -1, 1.5, float("nan"), 1e300, 2**70, 1j, "a", object),
    *([], {}, (1,), [None], [[1], [1, 2]], np.array([None, 1]), range(3)),
]
# What TensorFlow refuses in the same words.
WITHOUT_EAGER = ("gradients", "hessians")


def calls(path: str, rng: fuzz.Rng) -> list[fuzz.Call]:
    """For each argument calls with each bad value, the others of which are likely to be good."""
    found = []
    for name in fuzz.arguments(path):
        for bad in BAD:
            call = fuzz.likely_good(rng, path)
            found.append(replace(call, kwargs=call.kwargs | {name: bad}))
    return found


FUNCTIONS = [path for path in fuzz.targets() if path != fuzz.PIPELINES]


@pytest.mark.parametrize("module", dict.fromkeys(p.rpartition(".")[0] for p in FUNCTIONS))
def test_no_bad_value_of_any_argument_leaks(module: str) -> None:
    rng, leaks = np.random.default_rng(3), {}
    paths = [p for p in FUNCTIONS if p.rpartition(".")[0] == module]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in paths:
            for call in calls(path, rng) if path not in WITHOUT_EAGER else ():
                kind, told = fuzz.outcome(scratchnet, call)
                if kind == "error" and fuzz.leaks(*told):
                    leaks.setdefault((path, told[1][:60]), str(call)[:200])
    assert not leaks, "\n".join(map(str, leaks.items()))


ROW = fuzz.Tensor(ONES.astype("f"))
STRUCTURES: list[Any] = [[], {}, (), [ROW, ROW], [[]], [[[]]], {"a": 1}, {"a": None}, None, [None]]
STRUCTURES += ["a", 1.5, 1j, [1, 2], [[1], [1, 2]], np.array(["a"]), np.array([None])]


def test_no_structure_in_the_place_of_a_tensor_leaks() -> None:
    rng, leaks = np.random.default_rng(5), {}
    for path in fuzz.targets("keras.layers"):
        good = fuzz.likely_good(rng, path)
        for bad in STRUCTURES:
            several = [(bad, ROW), (ROW, bad), (bad, bad)]
            for inputs in several if len(good.inputs or ()) > 1 else [(bad,)]:
                kind, told = fuzz.outcome(scratchnet, replace(good, inputs=inputs))
                if kind == "error" and fuzz.leaks(*told):
                    leaks.setdefault((path, told[1][:60]), repr(bad))
    assert not leaks, "\n".join(map(str, leaks.items()))


@pytest.mark.parametrize(
    ("kind", "text", "leaks"),
    [
        ("ValueError", "conv2d: `strides` must be positive, received strides=0", False),
        (
            "IndexError",
            "Softmax: `axis` must be (index out of range), received axis=()",
            False,
        ),
        ("ValueError", "operands could not be broadcast together with shapes (3,) (2,)", True),
        ("IndexError", "tuple index out of range", True),
        ("ValueError", "The truth value of an array is ambiguous", True),
        ("ValueError", "Invalid dtype: 7", False),
        ("KeyError", "'a'", True),
    ],
)
def test_what_leaks(kind: str, text: str, leaks: bool) -> None:
    assert fuzz.leaks([kind, "Exception"], text) == leaks


NEGATIVE, BYTES = np.full((5, 8), -1.5, "f"), np.zeros((5, 8), np.uint8)
HALF = np.array([[1.0, 2.0], [3.0, np.nan]])
FAR = np.array([np.inf, 0.5])
NAN = np.full((2, 2), np.nan)
FEW = (NEGATIVE[0, :5], BYTES[0, :5])
TWO = np.stack([np.eye(2), NAN])
STEEP = np.array([[1.0, 1.0], [1.0, 1.00001]])  # condition number 4e5
FOCAL = "keras.losses.categorical_focal_crossentropy"
# path, arguments, our results, TensorFlow's, whether the difference is a known one
VERDICTS: list[tuple[str, tuple[Any, ...], Any, Any, bool]] = [
    ("keras.losses.mse", (NEGATIVE, BYTES), np.ones(5), np.zeros(5), True),
    ("keras.losses.mse", (-NEGATIVE, BYTES), np.ones(5), np.zeros(5), False),
    ("keras.losses.mse", FEW, np.ones(()), np.zeros(()), False),
    ("keras.losses.mse", (NEGATIVE, NEGATIVE), np.ones(5), np.zeros(5), False),
    ("linalg.cholesky", (NAN,), np.tril(NAN), NAN, True),
    ("linalg.cholesky", (NAN,), np.tril(NAN), np.triu(NAN), False),
    ("linalg.cholesky", (TWO,), np.tril(TWO), TWO + 1e-16, True),
    ("linalg.cholesky", (TWO,), np.tril(TWO), TWO + 1e-3, False),
    ("linalg.cholesky", (TWO,), np.tril(TWO), TWO + np.triu(np.ones((2, 2)), 1), False),
    ("linalg.cholesky", (ONES,), np.tril(ONES), ONES, False),
    ("reduce_prod", (ONES,), np.array([2.0, 3.0]), np.array([2.0, np.inf]), True),
    ("reduce_prod", (ONES,), np.array([2.0, 3.0]), np.array([1.0, np.inf]), False),
    ("reduce_prod", (ONES,), np.array([2.0, np.inf]), np.array([2.0, 3.0]), False),
    ("searchsorted", (FAR, ONES), ONES, 2 * ONES, True),
    ("searchsorted", (ONES, ONES), ONES, 2 * ONES, False),
    ("math.erf", (FAR,), np.array([1.0, 0.5]), np.array([np.nan, 0.5]), True),
    ("math.erf", (FAR,), np.array([1.0, 0.5]), np.array([np.nan, 0.6]), False),
    ("math.erf", (FAR,), np.array([1.0, 0.5]), np.array([0.9, 0.5]), False),
    ("math.erf", (ONES,), ONES, NAN, False),
    ("sort", (NAN,), NAN, NAN + 1, True),
    ("sort", (HALF,), HALF, HALF + np.array([[0.0], [1.0]]), True),
    ("sort", (HALF,), HALF, HALF + np.array([[1.0], [0.0]]), False),
    ("argsort", (ONES,), ONES, ONES + 1, False),
    ("keras.losses.mse", (ONES, ONES), np.array(1 + 1j), np.array(1 + 1.00000001j), True),
    ("keras.losses.mse", (ONES, ONES), np.array(1 + 1j), np.array(1 + 1.01j), False),
    ("keras.losses.mse", (ONES, ONES), np.array(1.0), np.array(1.00000001), False),
    (FOCAL, (ONES.astype("f"), np.array(2.0)), ONES, ONES + 1e-6, True),
    (FOCAL, (ONES.astype("f"), np.array(2.0)), ONES, ONES + 1e-3, False),
    (FOCAL, (ONES, np.array(2.0, "f")), ONES, ONES + 1e-6, False),
    ("keras.layers.RandomZoom", (), ONES, ONES + 1e-6, True),
    ("keras.layers.RandomZoom", (), ONES, ONES + 1e-3, False),
    ("keras.layers.RandomFlip", (), ONES, ONES + 1e-6, False),
    ("linspace", (BYTES + 5, BYTES, 3), np.ones(3), np.zeros(3), True),
    ("linspace", (BYTES + 5, 2, 3), np.ones(3), np.zeros(3), True),
    ("linspace", (BYTES, BYTES + 5, 3), np.ones(3), np.zeros(3), False),
    ("linspace", (-NEGATIVE, NEGATIVE, 3), np.ones(3), np.zeros(3), False),
    ("linalg.inv", (STEEP,), 1 / STEEP, 1 / STEEP + 1e-10, True),
    ("linalg.inv", (STEEP,), 1 / STEEP, 1 / STEEP + 1e-8, False),
    ("linalg.lstsq", (STEEP, ONES), 1 / STEEP, 1 / STEEP + 1e-8, True),
    ("linalg.lstsq", (STEEP, ONES), 1 / STEEP, 1 / STEEP + 1e-3, False),
    ("linalg.inv", (np.eye(2),), np.eye(2), np.eye(2) + 1e-10, False),
    ("linalg.inv", (ONES,), ONES, 2 * ONES, False),
]


BOTH_1, BOTH_2 = np.array([1.0, 1.0]), np.array([2.0, 1.0])
TURN = np.array([[0.6, 0.8], [0.8, -0.6]])
EYE, NONE = np.eye(2), np.full((2, 2), np.nan)
# our singular values and vectors, TensorFlow's, whether they differ by a choice only
VECTORS: list[tuple[list[Any], list[Any], bool]] = [
    ([BOTH_2, EYE, EYE], [BOTH_2, -EYE, -EYE], True),
    ([BOTH_2, EYE, EYE], [BOTH_2, -EYE, EYE], False),
    ([BOTH_1, EYE, EYE], [BOTH_1, TURN, TURN], True),
    ([BOTH_2, EYE, EYE], [BOTH_2, TURN, TURN], False),
    ([BOTH_1, EYE, EYE], [BOTH_2, EYE, EYE], False),
    ([0 * BOTH_1, EYE, EYE], [0 * BOTH_1, TURN, -EYE], True),
    ([0 * BOTH_1, EYE, 2 * EYE], [0 * BOTH_1, EYE, EYE], False),
    ([0 * BOTH_1, EYE, EYE], [0 * BOTH_1, NONE, EYE], False),
    ([np.nan * BOTH_1, NONE, NONE], [np.nan * BOTH_1, NONE, NONE], True),
    ([BOTH_1, EYE], [BOTH_1, TURN], True),
    ([BOTH_2, EYE], [BOTH_2, TURN], False),
]


@pytest.mark.parametrize("row", VECTORS)
def test_vectors_of_equal_values_are_equal_in_their_products(row: Any) -> None:
    ours, theirs, is_known = row
    call = fuzz.Call("linalg.svd" if len(ours) == 3 else "linalg.eigh", (ONES,), {})
    assert bool(fuzz.known(call, ours, theirs)) == is_known
    batch = [[np.stack([part, part]) for part in side] for side in (ours, theirs)]
    assert bool(fuzz.known(call, *batch)) == is_known


def test_a_known_cast_to_bytes_has_wrapped_here_and_is_0_there() -> None:
    wrapped, cut = np.array([0.0, 255.0, 1.0]), np.array([0.0, 0.0, 1.0])
    for x, ours, theirs, is_known in (
        (BYTES, wrapped, cut, True),
        (BYTES, cut, wrapped, False),
        (BYTES, wrapped, cut + 1, False),
        (BYTES[:1], wrapped, cut, False),
        (NEGATIVE, wrapped, cut, False),
    ):
        call = fuzz.Call("keras.layers.LayerNormalization", (), {}, (fuzz.Tensor(x),))
        assert bool(fuzz.known(call, [ours], [theirs])) == is_known


def test_the_largest_come_in_no_order_without_sorting() -> None:
    ours, theirs = [np.array([2.0, 1.0]), [1, 0]], [np.array([1.0, 2.0]), [0, 1]]
    for chosen, wanted, is_known in (
        ({"sorted": False}, theirs, True),
        ({}, theirs, False),
        ({"sorted": False}, [np.array([1.0, 3.0]), [0, 1]], False),
    ):
        ours, wanted = [np.asarray(x) for x in ours], [np.asarray(x) for x in wanted]
        assert bool(fuzz.known(fuzz.Call("nn.top_k", (ONES,), chosen), ours, wanted)) == is_known


@pytest.mark.parametrize("row", VERDICTS)
def test_known_differences(row: tuple[str, tuple[Any, ...], Any, Any, bool]) -> None:
    path, args, ours, theirs, is_known = row
    assert bool(fuzz.known(fuzz.Call(path, args, {}), [ours], [theirs])) == is_known


def test_the_rounding_of_metrics_is_that_of_their_inputs() -> None:
    inputs = (ONES, ONES.astype("f"))
    for path, eps in (("keras.metrics.MeanSquaredError", 2**-23), ("keras.losses.mse", 0.0)):
        assert fuzz.rounding(fuzz.Call(path, (), {"dtype": "float64"}, inputs)) == eps
    assert fuzz.coarsest([np.ones(2), np.float32(1), 1.0]) == 2**-23
    assert fuzz.equal([ONES], [ONES + 1e-6])
    assert not fuzz.equal([ONES], [ONES + 1e-6], 2**-23)


def test_no_function_is_left_out_by_a_known_difference() -> None:
    call = fuzz.Call("linspace", (ONES, ONES), {})
    for row in fuzz.KNOWN:
        assert not row.holds(call, [ONES], [2 * ONES])


ROW, COLUMN = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 4.0], [2.0, 3.0]])
# path, our gradients, TensorFlow's, what the verdict counts
GRADIENTS: list[tuple[str, list[Any], list[Any], str]] = [
    ("nn.relu", [ONES], [ONES], ""),
    ("nn.relu", [ONES], [ONES + 1e-3], "FOUND: another gradient"),
    ("nn.relu", ["None"], [np.zeros(2)], "FOUND: another gradient"),
    ("nn.relu", [np.zeros(2)], ["None"], "FOUND: another gradient"),
    ("nn.relu", ["None"], ["None"], ""),
    ("nn.relu", [ONES, ONES], [ONES], "FOUND: another gradient"),
    ("keras.layers.RandomZoom", [ONES], [2 * ONES], "known differences"),
    ("keras.layers.Resizing", [ONES], [ONES + 1e-6], "known differences"),
    ("keras.layers.Resizing", [ONES], [ONES + 1e-3], "FOUND: another gradient"),
    ("keras.layers.RandomZoom", ["None"], [2 * ONES], "FOUND: another gradient"),
    ("keras.layers.Conv2D", ["None", ROW], ["None", COLUMN], "known differences"),
    ("keras.layers.Conv2D", [ROW, "None"], ["None", COLUMN], "FOUND: another gradient"),
    ("linalg.inv", [ONES], [ONES + 1e-3], "FOUND: another gradient"),
    ("keras.layers.Conv2D", [ROW[0], ROW], [ROW[0], COLUMN], "known differences"),
    ("keras.layers.Conv2D", [ROW[0], ROW], [COLUMN[1], COLUMN], "FOUND: another gradient"),
    ("keras.layers.Dense", [ROW], [COLUMN], "FOUND: another gradient"),
    ("math.cumprod", [ONES], [2 * ONES], "FOUND: another gradient"),
    ("linalg.eigvalsh", [ONES], [2 * ONES], "FOUND: another gradient"),
    ("nn.silu", [np.ones((1, 1))], [np.ones((1, 0))], "FOUND: another gradient"),
    ("nn.silu", [0 * ONES], [np.ones(0)], "known differences"),
    ("nn.silu", [0 * ONES], [ONES], "FOUND: another gradient"),
]


@pytest.mark.parametrize("row", GRADIENTS)
def test_gradients_are_judged_where_the_values_are_equal(row: Any) -> None:
    path, ours, theirs, what = row
    form = Form("fuzz")
    call = fuzz.Call(path, (fuzz.Tensor(ONES), BYTES), {})
    fuzz.judge(form, 0, call, ("value", ([ONES], ours)), ("value", ([ONES], theirs)))
    assert dict(form.figures) == {"both take": 1} | ({what: 1} if what else {})


def test_gradients_at_inf_may_be_inf_or_nan() -> None:
    ours = np.full(3, np.inf)
    for x, theirs, found in ((1.0, np.nan, 1), (np.inf, np.nan, 0), (np.inf, 1.0, 1)):
        form, call = Form("fuzz"), fuzz.Call("nn.relu", (np.full(3, x),), {})
        said = [("value", ([ONES], [g])) for g in (ours, np.full(3, theirs))]
        fuzz.judge(form, 0, call, *said)
        assert form.figures["FOUND: another gradient"] == found


NEAR, OFF = np.ones(3, "f"), np.full(3, 1.5, "f")
WIDE = np.ones(3)
# ours, TensorFlow's, what each says in float64, whether nothing but rounding is left
ROUNDED: list[tuple[Any, Any, Any, Any, bool]] = [
    (NEAR + 0.01, NEAR + 0.005, WIDE, WIDE, True),
    (OFF, NEAR, WIDE, WIDE, False),  # a wrong gradient, beside one that is not far off
    (OFF, NEAR + 0.06, WIDE, WIDE, False),
    (NEAR + 0.01, NEAR + 0.005, (1 + 1e-10) * WIDE, WIDE, True),
    (NEAR + 0.01, NEAR + 0.005, (1 + 1e-8) * WIDE, WIDE, False),
    (OFF, NEAR + 0.1, 1.5 * WIDE, WIDE, False),  # wrong in float64, too
    (OFF * np.nan, NEAR + 0.1, WIDE, WIDE, False),
    (OFF, NEAR + 0.1, WIDE, "ended by SIGSEGV", False),
    (OFF, NEAR + 0.1, (["ValueError"], "no"), WIDE, False),
    (OFF, NEAR + 0.1, NEAR, NEAR, False),  # not in float64
    ("None", NEAR, WIDE, WIDE, False),
]


@pytest.mark.parametrize("row", ROUNDED)
def test_what_float32_leaves_open_is_judged_in_float64(row: Any) -> None:
    def said(x: Any) -> Any:
        if isinstance(x, str | tuple):
            return ("error", x) if isinstance(x, tuple) else x
        return "value", ([WIDE if x.dtype == "d" else NEAR], [x])

    questions = []

    def asked(call: fuzz.Call) -> list[Any]:
        questions.append(call)
        return [said(mine), said(exact)]

    ours, theirs, mine, exact, is_known = row
    for path, is_asked in (("linalg.qr", True), ("keras.layers.Dense", True), ("nn.relu", False)):
        form = Form("fuzz")
        call = fuzz.Call(path, ([fuzz.Tensor(NEAR)], 2), {"x": NEAR, "y": BYTES})
        first = [("value", ([NEAR], [g])) for g in (ours, theirs)]
        fuzz.judge(form, 0, call, *first, asked)
        assert form.figures["known differences"] == (is_known and is_asked)
        assert form.figures["FOUND: another gradient"] == (not (is_known and is_asked))
    assert [q.kwargs.get("dtype") for q in questions] == [None, "float64"]
    for wide in questions:
        assert [x.dtype.name for x in fuzz.arrays(wide)] == ["float64", "uint8", "float64"]


def test_other_random_numbers_in_float64_are_no_rounding() -> None:
    answers = [("value", ([], [WIDE]))] * 2
    for path, is_known in (("linalg.qr", True), ("keras.layers.Dense", False)):
        call = fuzz.Call(path, (), {}, (NEAR,))
        assert bool(fuzz._in_float64(call, [OFF], [NEAR + 0.1], lambda _: answers)) == is_known


def test_a_known_gradient_of_the_other_triangle() -> None:
    below, above = np.tril(ROW), np.triu(ROW)
    for lower, ours, theirs, is_known in (
        (None, [below, ROW], [above, ROW], True),
        (True, [below, ROW], [above, ROW], False),
        (None, [above, ROW], [below, ROW], False),
        (None, [below, ROW], [above + np.eye(2), ROW], False),
        (None, [below, ROW], [above, COLUMN], False),
        (None, [below], [ROW], False),
    ):
        call = fuzz.Call("linalg.triangular_solve", (ROW, ROW), {"lower": lower})
        assert bool(fuzz._known_gradients(call, ours, theirs)) == is_known


def test_the_ends_of_a_linspace_have_names() -> None:
    for start, is_known in ((BYTES + 5, True), (BYTES, False)):
        ends = {"start": fuzz.Tensor(start), "stop": 2 + BYTES}
        for call in (
            fuzz.Call("linspace", (), ends | {"num": 3}),
            fuzz.Call("linspace", (ends["start"],), {"stop": ends["stop"], "num": 3}),
        ):
            assert bool(fuzz.known(call, [np.ones(3)], [np.zeros(3)])) == is_known


def test_every_known_difference_is_asked_of_calls_without_arrays() -> None:
    for row in (*fuzz.KNOWN, *fuzz.KNOWN_GRADIENTS):
        for given in (fuzz.Call("linspace", (1.0, 2.0), {}), fuzz.Call("sort", ([3, 1],), {})):
            if row.holds is not fuzz._downwards or given.path == "linspace":
                row.holds(given, [ONES], [2 * ONES])


def test_known_differences_of_keras_functions() -> None:
    """Each with a wrong value that it does not excuse."""
    z, x = np.array([1 + 1e-9j]), np.array([[3.0, 4.0], [6.0, 8.0]])
    u, s, v = np.linalg.svd(x + np.eye(2))
    calls = [
        (fuzz.Call("keras.ops.cos", (z,), {}), [z], [z.astype("c8")], [2 * z.astype("c8")]),
        (
            fuzz.Call("keras.ops.prod", (x,), {"dtype": "float32"}),
            [np.float32(9)],
            [np.float64(9)],
            [np.float32(8)],
        ),
        (
            fuzz.Call("keras.utils.normalize", (x,), {"axis": 0}),
            [x / np.linalg.norm(x, 2, 0, keepdims=True)],
            [x / 5],
            None,
        ),
        (fuzz.Call("keras.ops.svd", (x,), {}), [u, s, v], [-u, s, -v], [-u, s, v]),
    ]
    for call, ours, theirs, wrong in calls:
        assert fuzz.known(call, ours, theirs)
        if wrong is not None:
            assert not fuzz.known(call, ours, wrong)
    call, ours, theirs, _ = calls[2]
    assert not fuzz.known(call, theirs, ours)  # by other norms than these


def test_data_sets_are_compared_by_their_elements_and_what_they_say_of_them() -> None:
    steps = [("map", {"map_func": fuzz.Function("twice")}), ("batch", {"batch_size": 4})]
    call = fuzz.Call(fuzz.PIPELINES, ("range", (6,)), {"steps": steps})
    kind, (found, _) = fuzz.outcome(scratchnet, call)
    assert kind == "value"
    assert str(found[0]) == "TensorSpec(shape=(None,), dtype=tf.int64, name=None)"
    assert [part.tolist() for part in found[1:]] == [[0, 2, 4, 6], [8, 10]]
    other = fuzz.Call(fuzz.PIPELINES, ("range", (6,)), {"steps": steps[1:]})
    assert fuzz.equal(found, fuzz.outcome(scratchnet, other)[1][0])
    whole = [("map", {"map_func": fuzz.Function("twice")}), ("batch", {"batch_size": 3})]
    third = fuzz.outcome(scratchnet, fuzz.Call(fuzz.PIPELINES, ("range", (6,)), {"steps": whole}))
    assert fuzz.equal(found, third[1][0])
    kinds = {
        fuzz.outcome(scratchnet, fuzz.pipeline(np.random.default_rng(i)))[0] for i in range(40)
    }
    assert kinds == {"value", "error"}
