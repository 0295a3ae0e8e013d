"""The exercises: every right answer is right, every wrong one gets the hint that helps."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchnet.exercises import Progress, check, check_file, names, title, write
from tests.support.exercise_answers import MORE, RIGHT, WRONG, Wrong


@pytest.mark.parametrize("name", names())
def test_an_exercise_can_be_solved(name: str) -> None:
    feedback = check(name, RIGHT[name], Progress())
    assert feedback.solved, told_all(name, RIGHT[name])


def told_all(name: str, answer: Any) -> str:
    """The feedback with all hints."""
    progress = Progress()
    for _ in range(3):
        progress.note(name, False)
    return str(check(name, answer, progress))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [pytest.param(n, w, id=f"{n}-{i}") for n in WRONG for i, w in enumerate(WRONG[n] + MORE[n])],
)
def test_a_typical_mistake_gets_the_right_hint(name: str, wrong: Wrong) -> None:
    told = told_all(name, wrong.answer)
    assert told.startswith(f"{name}: not right yet")
    assert wrong.hint in told


def test_there_are_three_mistakes_to_each() -> None:
    assert set(RIGHT) == set(WRONG) == set(names())
    assert {len(mistakes) for mistakes in WRONG.values()} == {3}
    assert set(MORE) == set(names())
    assert {len(mistakes) for mistakes in MORE.values()} == {3}


@pytest.mark.parametrize("name", names())
def test_a_sheet_is_blank_and_leads_to_its_answer(name: str, tmp_path: Path) -> None:
    path = write(name, tmp_path / "new" / "folder")
    sheet = runpy.run_path(str(path))
    assert "To derive." in sheet["__doc__"]
    assert sheet["__doc__"].startswith(f"{name}: {title(name)}")
    told = check_file(path)
    assert not told.solved
    assert "It is not filled in: write" in str(told)
    assert not told.hints
    with pytest.raises(FileExistsError, match="is there already"):
        write(name, path.parent)


def test_hints_come_one_by_one_and_are_kept(tmp_path: Path) -> None:
    path = write("relu", tmp_path)
    blank = path.read_text()
    path.write_text(blank.replace('raise NotImplementedError("write gx")', "return g"))
    heads = []
    for answer in ("return g", "return g + 0", "return 1 * g", "return +g"):
        path.write_text(blank.replace('raise NotImplementedError("write gx")', answer))
        heads += [[hint.partition(":")[0] for hint in check_file(path).hints] for _ in range(2)]
        assert "it is unchanged" in str(check_file(path)) or len(heads) > 4
    whole = ["What fails", "Likely cause", "Formula"]
    assert heads[::2] == [whole[:1], whole[:2], whole, whole]
    assert heads[1::2] == heads[::2]  # as it was: it uses up no hint
    path.write_text(blank.replace('raise NotImplementedError("write gx")', "return g * (x > 0)"))
    assert check_file(path).solved
    assert Progress(tmp_path).is_solved("relu")
    path.write_text(blank.replace('raise NotImplementedError("write gx")', "return 2 * g"))
    assert len(check_file(path).hints) == 1  # it begins anew
    assert Progress(tmp_path).is_solved("relu")


def raising(g: Any, x: Any) -> Any:
    return x.foo


def in_place(w: Any, g: Any, v: Any, t: int, learning_rate: float, momentum: float) -> Any:
    v *= momentum
    v -= learning_rate * g
    return w + v, v


@pytest.mark.parametrize(
    ("name", "answer", "problem"),
    [
        ("relu", raising, "It raises AttributeError in line"),
        ("relu", lambda g: g, "It raises TypeError"),
        ("relu", lambda g, x: None, "It returned None for gx."),
        ("relu", lambda g, x: g[:1], "gx must have shape (4, 5), and has (1, 5)"),
        ("matmul", lambda g, a, b: g @ b.T, "It must return ga, gb, and returned 1 result"),
        ("matmul", lambda g, a, b: (g, g, g), "It must return ga, gb, and returned 3 results"),
        ("sgd_momentum", in_place, "It changes its argument v in place"),
        ("sgd_momentum", lambda *a, **o: a[0], "It must return the new w, v, and returned"),
        ("sgd_momentum", lambda *a, **o: (0, 0), "in the shapes of the old ones, received"),
        ("adam", lambda w, g: w, "It raises TypeError at step 1"),
        ("adam", lambda w, g, m, v, t, **o: (w * np.nan, m, v), "the new w is not finite"),
        ("relu", lambda g, x: g * np.nan, "gx is nan at [0, 0]"),
        ("relu", lambda g, x: g.astype(str), "gx must hold real numbers, and its dtype is <U"),
    ],
)
def test_what_is_no_answer_is_said(name: str, answer: Any, problem: str) -> None:
    told = str(check(name, answer, Progress()))
    assert f"{name}: not right yet. " in told
    assert problem in told


def conv2d_vjp(g: Any, x: Any, k: Any, strides: Any) -> Any:
    (sh, sw), (oh, ow) = strides, g.shape[1:3]
    gx, gk = np.zeros_like(x), np.zeros_like(k)
    for a, b in np.ndindex(k.shape[:2]):
        at = np.s_[:, a : a + sh * (oh - 1) + 1 : sh, b : b + sw * (ow - 1) + 1 : sw]
        gx[at] += g @ k[a, b].T
        gk[a, b] = np.einsum("nijc,nijo->co", x[at], g)
    return gx, gk


def test_both_gradients_of_a_convolution_at_once() -> None:
    progress = Progress()
    turned = check("conv2d", lambda g, x, k, strides: _turned(*conv2d_vjp(g, x, k, strides)))
    assert not turned.solved
    assert "gk" in check("conv2d", lambda g, x, k, strides: conv2d_vjp(g, x, k, strides)[0]).problem
    assert check("conv2d", conv2d_vjp, progress).solved
    assert progress.is_solved("conv2d_input")
    assert progress.is_solved("conv2d_filter")
    assert check("conv2d_input", lambda *a, strides: conv2d_vjp(*a, strides)[0]).solved
    assert check("conv2d_filter", lambda *a, strides: conv2d_vjp(*a, strides)[1]).solved


def _turned(gx: Any, gk: Any) -> Any:
    return gx, gk[::-1, ::-1]


@pytest.mark.parametrize("kept", ["m", "v", "both"])
@pytest.mark.parametrize("as_keras", [True, False])
def test_adam_that_keeps_the_corrected_means(kept: str, as_keras: bool) -> None:
    def step(w, g, m, v, t, learning_rate, beta_1, beta_2, epsilon):  # type: ignore[no-untyped-def]
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g * g
        hat_m, hat_v = m / (1 - beta_1**t), v / (1 - beta_2**t)
        eps = epsilon / np.sqrt(1 - beta_2**t) if as_keras else epsilon
        w = w - learning_rate * hat_m / (np.sqrt(hat_v) + eps)
        return w, hat_m if kept != "v" else m, hat_v if kept != "m" else v

    progress = Progress()
    check("adam", step, progress)
    said = str(check("adam", step, progress))
    hats = {"m": "m̂ is handed on", "v": "v̂ is handed on", "both": "m̂ and v̂ are handed on"}
    assert hats[kept] in said


def test_an_unknown_exercise(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"name='conv2d' \(did you mean conv2d_\w+ or conv2d_\w+"):
        write("conv2d", tmp_path)
    for call in (lambda: check("foo", abs), lambda: write("foo", tmp_path)):
        with pytest.raises(ValueError, match=r"`name` must be one of matmul, .* name='foo'"):
            call()
    with pytest.raises(TypeError, match="`function` must be a function, received function=3"):
        check("relu", 3)  # type: ignore[arg-type]
    path = tmp_path / "relu.py"
    path.write_text("x = 1")
    with pytest.raises(ValueError, match=r"relu\.py: must define a function `vjp`"):
        check_file(path)


def test_an_answer_in_place_does_not_spoil_the_check() -> None:
    def vjp(g: Any, x: Any) -> Any:
        g[x <= 0] = 0
        return g

    told = told_all("relu", vjp)
    assert "in place" in told


def test_the_formula_comes_third_whatever_else_is_known() -> None:
    def fails(g: Any, x: Any) -> Any:
        return 1 / 0

    progress = Progress()
    told = [check("relu", fails, progress) for _ in range(3)]
    assert [len(one.hints) for one in told] == [0, 0, 1]
    assert all("It raises ZeroDivisionError" in str(one) for one in told)
    assert "one more hint if it is still wrong later" in str(told[0])
    assert "one more hint if it is still wrong next time" in str(told[1])
    assert told[2].hints[0].startswith("Formula: ")
