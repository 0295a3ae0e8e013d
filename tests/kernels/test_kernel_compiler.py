"""numba's compiler without the repetitions: what becomes machine code, and that it is the same."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest
from numba import prange
from numba.core.codegen import CPUCodeLibrary, JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.errors import NumbaError
from numba.core.registry import cpu_target

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.kernel_compiler import LATEST, KernelCompiler, LinkedLibrary, compiler


def sums_of_squares(x: Any, y: Any) -> None:
    for i in prange(len(x)):
        y[i] = 0
        for j in range(x.shape[1]):
            y[i] += x[i, j] * x[i, j]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[CPUCodeLibrary]:
    """The libraries that were optimized, in order."""
    libraries: list[CPUCodeLibrary] = []
    optimize = CPUCodeLibrary._optimize_final_module

    def noting(library: CPUCodeLibrary) -> None:
        libraries.append(library)
        optimize(library)

    monkeypatch.setattr(CPUCodeLibrary, "_optimize_final_module", noting)
    return libraries


def test_a_parallel_loop_is_optimized_in_its_kernel_only(
    made: list[CPUCodeLibrary],
) -> None:
    options = {"parallel": {"fusion": False}, "error_model": "numpy"}
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    results, counts = [], []
    for more in ({}, {"pipeline_class": KernelCompiler}):
        y, before = np.empty(3, np.float32), len(made)
        numba.njit(**options, **more)(sums_of_squares)(x, y)
        results.append(y)
        names = [library.name for library in made[before:]]
        counts.append(sum("parfor" in n or "ufunc" in n.lower() for n in names))
        assert sum("sums_of_squares" in n for n in names) == 1
    assert counts == [3, 0]
    assert type(made[-1]) is LinkedLibrary
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], [14, 126, 366])


def test_functions_of_others_are_compiled_as_ever_also_after_an_error(
    made: list[CPUCodeLibrary],
) -> None:
    def nonsense(x: Any) -> Any:
        return x.no_such_attribute

    with pytest.raises(NumbaError, match="no_such_attribute"):
        kernel(nonsense)(np.ones(2))
    codegen = cpu_target.target_context.codegen()
    assert codegen._library_class is JITCodeLibrary

    @numba.njit
    def halves(x: Any) -> Any:
        return [max(part, 0.0) / 2 for part in x]

    assert halves(np.array([4.0, -2.0])) == [2.0, 0.0]
    assert type(made[-1]) is JITCodeLibrary


def test_a_function_that_a_kernel_needed_serves_others_too() -> None:
    @kernel
    def clipped(x: Any) -> Any:
        return np.clip(x, -1.0, 1.0)

    @numba.njit
    def both(x: Any) -> Any:
        return clipped_too(x) + np.clip(x, -1.0, 1.0)

    @numba.njit(pipeline_class=KernelCompiler)
    def clipped_too(x: Any) -> Any:
        return np.clip(x, -1.0, 1.0)

    x = np.array([-3.0, 0.5])
    np.testing.assert_array_equal(clipped(x), [-1.0, 0.5])
    np.testing.assert_array_equal(clipped_too(x), [-1.0, 0.5])
    np.testing.assert_array_equal(both(x), [-2.0, 1.0])


def test_inner_kernels_are_called_by_kernels_alone() -> None:
    @kernel(inner=True)
    def twice(x: Any) -> Any:
        return x + x

    @kernel
    def four_times(x: Any) -> Any:
        return twice(twice(x))

    assert four_times(2.5) == 10
    with pytest.raises(TypeError, match="twice: only a kernel can call an inner kernel"):
        twice(2.5)


def test_a_later_numba_compiles_as_it_does_by_itself() -> None:
    first, second = LATEST
    assert compiler(LATEST) is KernelCompiler
    assert compiler((first, second + 1)) is Compiler
