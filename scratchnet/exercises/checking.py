"""Write an exercise's sheet, and check what was filled in."""

from __future__ import annotations

import runpy
import traceback
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import scratchnet as tf
from scratchnet.atomic_files import replacing
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.exercises.feedback import Feedback
from scratchnet.exercises.optimizer_mistakes import Mistake
from scratchnet.exercises.progress import Progress
from scratchnet.exercises.table import (
    EXERCISES,
    TOGETHER,
    Case,
    Exercise,
    StepExercise,
    Tried,
    exercise_of,
)
from scratchnet.exercises.vjp_mistakes import Call, Factor
from scratchnet.testing import Report, check_vjp
from scratchnet.testing.diagnosis import NOTHING
from scratchnet.testing.suspect import said

FOLDER = Path("exercises")
_IN_MEMORY = Progress()
_STEPS = 5  # of an optimizer; the first mistakes show in the first, others later


def names() -> list[str]:
    """The names of all exercises.

    >>> names()[:3]
    ['matmul', 'bias_add', 'relu']
    """
    return list(EXERCISES)


def title(name: str) -> str:
    """What an exercise is about, in a few words.

    >>> title("relu")
    'what is positive passes'
    """
    first = str(_sheet(name).__doc__).partition("\n")[0]
    return first.partition(": ")[2].rstrip(".")


def write(name: str, folder: str | Path = FOLDER) -> Path:
    """Write the sheet of an exercise into `folder`, to be filled in.

    Args:
        name: one of `names()`.
        folder: where the file ``NAME.py`` goes; it is made if need be.

    Returns:
        The path of the file.

    Raises:
        ValueError: an unknown name.
        FileExistsError: the file is there already.
        OSError: it cannot be written.
    """
    _known("write", name)
    path = Path(folder) / f"{name}.py"
    if path.exists():
        raise FileExistsError(f"{path} is there already: check it, or move it away to begin anew")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (files("scratchnet.exercises.sheets") / f"{name}.py").read_text(encoding="utf-8")
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
    return path


def check(
    name: str,
    function: Callable[..., Any],
    progress: Progress | None = None,
    written: str | None = None,
) -> Feedback:
    """Check an answer: the `vjp` of a sheet, or the `step` of an optimizer.

    The first wrong answer is told a property that fails, the next one the likely cause too, and the
    third one the formula.

    Args:
        name: one of `names()`; or ``conv2d``, for a VJP that returns (gx, gk) of the exercises
            conv2d_input and conv2d_filter.
        function: the answer, called as the sheet says: ``vjp(g, *arguments)`` or ``step(…)``.
        progress: what counts the wrong answers; in this process only if it is not given.
        written: the answer as it is written, if it is known: the same once more is not counted.

    Returns:
        A `Feedback`: ``solved``, and a text that a notebook shows.

    Raises:
        ValueError: an unknown name.
        TypeError: `function` cannot be called.

    >>> check("relu", lambda g, x: g)
    relu: not right yet.
      What fails: where x < 0, y does not move with x: gx is 0 there
      (2 more hints if it is still wrong next time)
    >>> check("relu", lambda g, x: g * (x > 0))
    relu: right. Every case agrees.
    """
    if name not in TOGETHER:
        _known("check", name)
    if not callable(function):
        raise TypeError(say("check", "function", "must be a function", function))
    progress = _IN_MEMORY if progress is None else progress
    exercise = exercise_of(name)
    try:
        if isinstance(exercise, Exercise):
            found = _check_vjp(name, exercise, function)
        else:
            found = _check_step(exercise, function)
    except NotImplementedError as blank:
        return Feedback(name, False, problem=f"It is not filled in: {blank}")
    again = found is not None and progress.is_last_wrong(name, written)
    if not again:
        progress.note(name, found is None, written)
    if found is None:
        for part in TOGETHER.get(name, ()):
            progress.note(part, True)
        return Feedback(name, True)
    return Feedback(
        name,
        False,
        found.problem,
        found.fails,
        found.cause,
        exercise.formula,
        progress.wrong_answers(name),
        again,
    )


def check_file(path: str | Path) -> Feedback:
    """Check a sheet that was filled in; its progress is kept beside it.

    A file that is checked again as it was is told the same again: it uses up no hint.

    Args:
        path: the file ``NAME.py``, which defines ``vjp`` or ``step``.

    Raises:
        ValueError: no exercise has the name of the file; it does not define what it should.
        OSError: it cannot be read.
        Exception: whatever the file raises when it is run.
    """
    path = Path(path)
    _known("check_file", path.stem)
    defined = runpy.run_path(str(path))
    wanted = "vjp" if isinstance(EXERCISES[path.stem], Exercise) else "step"
    if not callable(defined.get(wanted)):
        raise ValueError(f"{path}: must define a function `{wanted}`, as its sheet does")
    written = path.read_text(encoding="utf-8", errors="replace")
    return check(path.stem, defined[wanted], Progress(path.parent), written)


def _known(where: str, name: str) -> None:
    if name not in EXERCISES:
        listed = ", ".join(EXERCISES)
        near = get_close_matches(str(name), EXERCISES, 2, 0.5)
        hint = f" (did you mean {' or '.join(near)}?)" if near else ""
        raise ValueError(say(where, "name", f"must be one of {listed}", name) + hint)


def _sheet(name: str) -> Any:
    first = TOGETHER.get(name, (name,))[0]
    return import_module(f"scratchnet.exercises.sheets.{first}")


class _Wrong(NamedTuple):
    """What is wrong with an answer, as the parts of a Feedback."""

    problem: str = ""
    fails: str = ""
    cause: str = ""


# -- VJPs ------------------------------------------------------------------------------------------


def _check_vjp(name: str, exercise: Exercise, vjp: Callable[..., Any]) -> _Wrong | None:
    rng = np.random.default_rng(0)
    forward = _sheet(name).forward
    for case in exercise.cases(rng):
        y = np.asarray(forward(**case.arrays, **case.options))
        g = np.asarray(rng.normal(size=y.shape))
        result, error = _called(vjp, g, case.arrays, case.options)
        if error is not None:
            return error
        gradients = _several(result)
        if (misfit := _misfit(exercise, case, gradients, y)) is not None:
            return misfit
        arrays = [np.asarray(gx, np.float64) for gx in gradients]
        tried = Tried(case, y, g, dict(zip(exercise.wanted, arrays, strict=True)))
        if not all(map(_same_array, arrays, _right_gradients(exercise, case, g))):
            cause = _known_cause(exercise, forward, vjp)
            if cause:
                return _Wrong(fails=_failing(exercise, tried, forward), cause=cause)
        report = _report(forward, vjp, exercise, case)
        if not report.ok:
            fails = _failing(exercise, tried, forward, str(report.argument))
            return _Wrong(fails=fails, cause=_cause(report, exercise))
    return None


def _known_cause(exercise: Exercise, forward: Callable[..., Any], vjp: Callable[..., Any]) -> str:
    """The mistake that an answer is known to have made, in every case; "" if it is none of them."""
    calls, own, right = [], [], []
    rng = np.random.default_rng(1)
    for case in exercise.cases(np.random.default_rng(0)):
        y = np.asarray(forward(**case.arrays, **case.options))
        g = np.asarray(rng.normal(size=y.shape))
        result, error = _called(vjp, g, case.arrays, case.options)
        if error is not None or _misfit(exercise, case, _several(result), y) is not None:
            return ""
        calls.append((g, Call(case.arrays, y, case.options)))
        own.append([np.asarray(gx, np.float64) for gx in _several(result)])
        right.append(_right_gradients(exercise, case, g))
    for mistake in exercise.mistakes:
        others = [mistake.vjp(g, **call.arrays, **call.options) for g, call in calls]
        if all(map(_all_same, own, others)):
            return mistake.sentence
    for i, name in enumerate(exercise.wanted):
        mine, wanted = ([each[i] for each in found] for found in (own, right))
        if all(map(_same_array, mine, wanted)):
            continue
        for factor in exercise.factors:
            values = [factor.of(call) for _, call in calls] if factor.argument == name else []
            telling = [v for v in values if v is not None and abs(v - 1) > 1e-9]
            if telling and all(
                v is None or _same_array(a, v * t)
                for a, t, v in zip(mine, wanted, values, strict=True)
            ):
                return _of_factor(exercise, factor, telling[0])
        return ""
    return ""


def _of_factor(exercise: Exercise, factor: Factor, value: float) -> str:
    whose = f"g{factor.argument}: every" if len(exercise.wanted) > 1 else "Every"
    times = f"{value:.4g} times too large" if value > 1 else f"{1 / value:.4g} times too small"
    return f"{whose} element is {times}: {factor.sentence}"


def _right_gradients(exercise: Exercise, case: Case, g: Array) -> list[Array]:
    tensors = {name: tf.constant(x) for name, x in case.arrays.items()}
    by = [tensors[name] for name in exercise.wanted]
    with tf.GradientTape() as tape:
        tape.watch(by)
        y = exercise.witness(*tensors.values(), **case.options)
    found = tape.gradient(y, by, output_gradients=tf.constant(g))
    return [tf.convert_to_tensor(gx).numpy() for gx in found]


def _same_array(a: Array, b: Array) -> bool:
    return bool(np.allclose(a, b, rtol=1e-7, atol=1e-9 * (1 + float(abs(b).max(initial=0.0)))))


def _all_same(mine: list[Array], others: tuple[Array, ...]) -> bool:
    return all(map(_same_array, mine, others))


def _called(
    function: Callable[..., Any], g: Array, arrays: dict[str, Array], options: Mapping[str, Any]
) -> tuple[Any, _Wrong | None]:
    """What the answer returns, or what its own error says."""
    given = [np.array(x) for x in (g, *arrays.values())]
    try:
        return function(*given, **options), None
    except NotImplementedError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)[1:]
        line = f" in line {frames[-1].lineno} of {frames[-1].filename}" if frames else ""
        return None, _Wrong(f"It raises {type(error).__name__}{line}: {error}")


def _several(result: Any) -> Any:
    """What a VJP returned, as several gradients; one alone need not be in a tuple."""
    return result if isinstance(result, tuple | list) else (result,)


def _misfit(exercise: Exercise, case: Case, gradients: Any, y: Array) -> _Wrong | None:
    """Results of another number or shape than the arguments."""
    wanted = exercise.wanted
    said = ", ".join(f"g{name}" for name in wanted)
    if len(gradients) != len(wanted):
        return _Wrong(f"It must return {said}, and returned {len(gradients)} results.")
    shapes = [case.arrays[name].shape for name in wanted]
    found = [np.shape(gx) for gx in gradients]
    if found != shapes and sorted(found) == sorted(shapes):
        return _Wrong(
            f"It must return {said}, of shapes {shapes}, and returned shapes {found}.",
            cause="the results are exchanged: they come in the order of the arguments",
        )
    for name, gx in zip(wanted, gradients, strict=True):
        if gx is None:
            return _Wrong(f"It returned None for g{name}.")
        shape, expected = np.shape(gx), case.arrays[name].shape
        dtype = np.asarray(gx).dtype
        if dtype.kind not in "fiub":
            return _Wrong(f"g{name} must hold real numbers, and its dtype is {dtype}.")
        if shape != expected:
            return _Wrong(
                f"A gradient has the shape of what it is by: g{name} must have shape {expected}, "
                f"and has {shape}.",
                cause=_of_shape(name, shape, expected, y.shape),
            )
        if not np.isfinite(gx).all():
            index = [int(i) for i in np.argwhere(~np.isfinite(gx))[0]]
            return _Wrong(f"g{name} is {np.asarray(gx)[tuple(index)]} at {index}.")
    return None


def _of_shape(
    name: str, shape: tuple[int, ...], expected: tuple[int, ...], of_result: tuple[int, ...]
) -> str:
    if len(shape) > len(expected) and shape[len(shape) - len(expected) :] == expected:
        return f"{name} was repeated along the first axes on the way forward: sum over them"
    if sorted(shape) == sorted(expected):
        return "it is transposed"
    if shape == of_result:
        return f"that is the shape of the result: for each element of {name} add what g has for it"
    axes = range(len(of_result))
    for count in axes:
        for summed in combinations(axes, count):
            if shape == tuple(n for axis, n in enumerate(of_result) if axis not in summed):
                wanted = f"sum over those along which {name} was repeated"
                return f"g is summed over {said(summed)}: {wanted}"
    return ""


def _report(forward: Any, vjp: Callable[..., Any], exercise: Exercise, case: Case) -> Any:
    """The check of the gradients; by the other arguments there is none."""

    def whole(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arrays: function(*arrays, **case.options)

    def all_gradients(g: Array, *arrays: Array) -> tuple[Any, ...]:
        found = _several(vjp(g, *arrays, **case.options))
        by_name = dict(zip(exercise.wanted, found, strict=True))
        return tuple([by_name.get(name) for name in case.arrays])

    return check_vjp(
        whole(forward),
        all_gradients,
        *case.arrays.values(),
        witness=whole(exercise.witness),
        names=list(case.arrays),
    )


def _failing(exercise: Exercise, tried: Tried, forward: Callable[..., Any], first: str = "") -> str:
    """The first property that does not hold; of the gradient of `first`, if that is wrong."""
    for sentence, holds in exercise.properties:
        if not holds(tried):
            return sentence
    for name in sorted(exercise.wanted, key=lambda name: name != first):
        slopes = _slopes(tried, forward, name)
        if slopes is not None:
            moved, told = slopes
            return (
                f"move {name} a little in a random direction d: Σ g y moves by {moved:.6g} for "
                f"each unit, and Σ g{name} d says {told:.6g}"
            )
    return "where there is no derivative, the convention that the sheet tells"


def _slopes(tried: Tried, forward: Callable[..., Any], name: str) -> tuple[float, float] | None:
    """The slope of Σ g y in a direction of one argument, and what the gradient says, if apart."""
    case, step = tried.case, 1e-6
    d = np.random.default_rng(1).normal(size=case.arrays[name].shape)

    def at(t: float) -> float:
        moved = case.arrays | {name: case.arrays[name] + t * d}
        return float(np.vdot(tried.g, forward(**moved, **case.options)))

    moved = (at(step) - at(-step)) / (2 * step)
    told = float(np.vdot(tried.gradients[name], d))
    return None if abs(moved - told) <= 1e-5 * (1 + abs(moved)) else (moved, told)


def _cause(report: Report, exercise: Exercise) -> str:
    """The diagnosis of the first gradient that is wrong."""
    first = report.findings[0]
    if NOTHING in first.sentence:
        return ""
    return f"g{first.argument}: {first.sentence}" if len(exercise.wanted) > 1 else first.sentence


# -- steps of optimizers ---------------------------------------------------------------------------

Steps = list[tuple[Array, ...]]  # after each step: the weights, then the states


def _check_step(exercise: StepExercise, step: Callable[..., Any]) -> _Wrong | None:
    """Some steps side by side with this library's optimizer."""
    rng = np.random.default_rng(0)
    w, gradients = rng.normal(size=4), rng.normal(size=(_STEPS, 4)) * [1, 0.01, 30, 1]
    own: Steps = []
    for t, g in enumerate(gradients, 1):
        before = own[-1] if own else (w, *[np.zeros(4) for _ in exercise.states])
        found = _one_step(exercise, step, before, g, t)
        if isinstance(found, _Wrong):
            return found
        own.append(found)
        for name, x in zip(("w", *exercise.states), found, strict=True):
            if not np.isfinite(x).all():
                problem = f"After step {t} the new {name} is not finite: {x}."
                return _Wrong(problem, cause=_mistake(exercise, own, w, gradients))
    right = _right_steps(exercise, w, gradients)
    if _same(own, right):
        return None
    cause = _mistake(exercise, own, w, gradients)
    return _Wrong(fails=_failing_step(exercise, step, own, right), cause=cause)


def _mistake(exercise: StepExercise, own: Steps, w: Array, gradients: Array) -> str:
    """The mistake that makes the same steps, if one does; "" else."""
    causes = (
        mistake.sentence
        for mistake in exercise.mistakes
        if _same(own, _mistaken_steps(exercise, mistake, w, gradients[: len(own)]))
    )
    return next(causes, "")


def _one_step(
    exercise: StepExercise, step: Callable[..., Any], before: tuple[Array, ...], g: Array, t: int
) -> tuple[Array, ...] | _Wrong:
    """What `step` makes of weights and states, or what is wrong with what it returns."""
    names = ("w", "g", *exercise.states)
    given = [x.copy() for x in (before[0], g, *before[1:])]
    try:
        found = step(*given, t, **exercise.options)
    except NotImplementedError:
        raise
    except Exception as error:
        return _Wrong(f"It raises {type(error).__name__} at step {t}: {error}")
    wanted = ", ".join(["w", *exercise.states])
    if not isinstance(found, tuple | list) or len(found) != len(before):
        return _Wrong(f"It must return the new {wanted}, and returned {found!r}.")
    if any(np.shape(x) != before[0].shape for x in found):
        shapes = [np.shape(x) for x in found]
        return _Wrong(f"It must return {wanted} in the shapes of the old ones, received {shapes}.")
    for name, old, new in zip(names, (before[0], g, *before[1:]), given, strict=True):
        if not np.array_equal(old, new, equal_nan=True):
            return _Wrong(f"It changes its argument {name} in place: make a new array.")
    return tuple([np.array(x, np.float64) for x in found])


def _right_steps(exercise: StepExercise, w: Array, gradients: Array) -> Steps:
    optimizer, variable = exercise.optimizer(**exercise.options), tf.Variable(w)
    found: Steps = []
    for g in gradients:
        optimizer.apply_gradients([(tf.constant(g), variable)])
        states = [v.numpy() for v in optimizer.variables[2:]]  # after the counter and the rate
        found.append((variable.numpy(), *states))
    return found


def _mistaken_steps(exercise: StepExercise, mistake: Mistake, w: Array, gradients: Array) -> Steps:
    now, found = (w, *[np.zeros_like(w) for _ in exercise.states]), []
    for t, g in enumerate(gradients, 1):
        now = mistake.step(now[0], g, now[1:], t, exercise.options)
        found.append(now)
    return found


def _same(own: Steps, others: Steps) -> bool:
    # Keras rounds the betas to float32 on the way to their powers.
    return all(
        np.allclose(a, b, rtol=1e-5, atol=1e-9, equal_nan=True)
        for mine, other in zip(own, others, strict=True)
        for a, b in zip(mine, other, strict=True)
    )


def _failing_step(
    exercise: StepExercise, step: Callable[..., Any], own: Steps, right: Steps
) -> str:
    for sentence, holds in exercise.properties:
        if not holds(step):
            return sentence
    for t, (mine, other) in enumerate(zip(own, right, strict=True), 1):
        for name, a, b in zip(("w", *exercise.states), mine, other, strict=True):
            if not np.allclose(a, b, rtol=1e-5, atol=1e-9):
                return f"after step {t}, {name} should be {b}, and is {a}"
    raise AssertionError("the steps are the same")
