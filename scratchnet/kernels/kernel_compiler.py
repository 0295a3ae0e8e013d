"""numba's compiler for kernels, without the work that it does several times over.

numba keeps the code of every function in a library of its own, which it optimizes and makes machine
code of as soon as the library is complete, and links a copy of its code into each library that
calls it.  A parallel loop is four libraries deep: the loop's body, two wrappers around it, and the
kernel, each with all of the body's code again.  Of these only the kernel is called from outside.
So here a library is optimized and made machine code when the address of a function in it is asked
for, and not when it is linked, and a loop's body never: that saves a third of the time, and what
runs is the same.

That relies on parts of numba that are not public. So versions later than those it was tried with
compile as numba does by itself (`compiler`): slower, and right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler

LATEST = (0, 68)  # the latest version of numba that this was tried with; the first is 0.61
_LOOP_BODY = "__numba_parfor_gufunc"  # how numba's name for the body of a parallel loop begins


class _NoCodegen:
    """In place of a code generator, where there is no machine code."""

    def set_env(self, name: str, environment: Any) -> None:
        """Nothing: there is no code that could read its environment."""


class LinkedLibrary(JITCodeLibrary):  # type: ignore[misc]
    """A library of code that becomes machine code when the address of a function is asked for."""

    _is_machine_code = False

    def _optimize_final_module(self) -> None:
        """The first half of what `finalize` does after linking; see `get_pointer_to_function`."""

    def _finalize_final_module(self) -> None:
        """The second half; what comes from the cache on disk is machine code already."""
        if self._shared_module is not None:
            self._is_machine_code = True
            super()._finalize_final_module()
        else:
            self._finalize_dynamic_globals()
            self._finalized = True

    @property
    def codegen(self) -> Any:
        """The code generator, which numba tells each function's environment."""
        return super().codegen if self._is_machine_code else _NoCodegen()

    def get_pointer_to_function(self, name: str) -> int:
        """The address of the function `name`; 0 if there is none, or nobody calls it."""
        self._ensure_finalized()
        if self.name.startswith(_LOOP_BODY):
            return 0
        if not self._is_machine_code:
            self._is_machine_code = True
            super()._optimize_final_module()
            super()._finalize_final_module()
        address: int = super().get_pointer_to_function(name)
        return address


class KernelCompiler(Compiler):  # type: ignore[misc]
    """numba's compiler, with a `LinkedLibrary` for each function that it makes code of."""

    def compile_extra(self, func: Callable[..., Any]) -> Any:
        """What numba knows of the compiled `func`; called while numba's compiler lock is held."""
        codegen = self.state.targetctx.codegen()
        library = codegen._library_class
        codegen._library_class = LinkedLibrary
        try:
            return super().compile_extra(func)
        finally:
            codegen._library_class = library


def compiler(version: tuple[int, int] = numba.version_info.short) -> type[Compiler]:
    """The compiler for kernels: `KernelCompiler`, or numba's own where numba is a later one."""
    return KernelCompiler if version <= LATEST else Compiler
