"""exp and tanh number by number, in arithmetic alone: what stands in a loop is done in vectors.

numba's own call the C library for each number.  Errors are below two units in the last place.
Coefficients: S. L. Moshier, Cephes Mathematical Library (netlib.org/cephes), ``expf``, ``tanhf``,
``tanh``; the series of exp in float64.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload


def exp(x: Any) -> Any:
    """``eˣ``; x is taken into the range in which that is neither 0 nor infinite."""
    return np.exp(x)


def tanh(x: Any) -> Any:
    """``(eˣ - e⁻ˣ) / (eˣ + e⁻ˣ)``."""
    return np.tanh(x)


_LOG2_E = 1.44269504088896341
_FACTORIALS = tuple(1 / math.factorial(n) for n in range(14))


@overload(exp, inline="always")  # type: ignore[untyped-decorator]
def _exp(x: Any) -> Any:
    # x = n ln 2 + r with |r| <= ln 2 / 2; 2ⁿ is made of its bits.
    if x == types.float32:

        def exp32(x: Any) -> Any:
            x = min(max(x, np.float32(-87.3)), np.float32(88.3))
            n = np.floor(x * np.float32(_LOG2_E) + np.float32(0.5))
            r = (x - n * np.float32(0.693359375)) + n * np.float32(2.12194440e-4)
            p = np.float32(1.9875691500e-4) * r + np.float32(1.3981999507e-3)
            p = p * r + np.float32(8.3334519073e-3)
            p = p * r + np.float32(4.1665795894e-2)
            p = p * r + np.float32(1.6666665459e-1)
            p = p * r + np.float32(5.0000001201e-1)
            p = (p * r) * r + r + np.float32(1)
            return p * np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)

        return exp32

    f = _FACTORIALS

    def exp64(x: Any) -> Any:
        x = min(max(x, -708.0), 709.0)
        n = np.floor(x * _LOG2_E + 0.5)
        r = (x - n * 6.93145751953125e-1) - n * 1.42860682030941723212e-6
        p = f[13] * r + f[12]
        p = ((((p * r + f[11]) * r + f[10]) * r + f[9]) * r + f[8]) * r + f[7]
        p = ((((p * r + f[6]) * r + f[5]) * r + f[4]) * r + f[3]) * r + f[2]
        p = (p * r) * r + r + 1.0
        return p * np.int64((np.int64(n) + np.int64(1023)) << np.int64(52)).view(np.float64)

    return exp64


@overload(tanh, inline="always")  # type: ignore[untyped-decorator]
def _tanh(x: Any) -> Any:
    # Near 0 a polynomial: there the difference of the exponentials would cancel.
    if x == types.float32:

        def tanh32(x: Any) -> Any:
            z = x * x
            p = np.float32(-5.70498872745e-3) * z + np.float32(2.06390887954e-2)
            p = (p * z - np.float32(5.37397155531e-2)) * z + np.float32(1.33314422036e-1)
            near = (p * z - np.float32(3.33332819422e-1)) * z * x + x
            size = abs(x)
            far = np.float32(1) - np.float32(2) / (exp(size + size) + np.float32(1))
            return near if size < np.float32(0.625) else (-far if x < 0 else far)

        return tanh32

    def tanh64(x: Any) -> Any:
        z = x * x
        p = (-9.64399179425052238628e-1 * z - 9.92877231001918586564e1) * z
        q = ((z + 1.12811678491632931402e2) * z + 2.23548839060100448583e3) * z
        near = x + x * z * (p - 1.61468768441708447952e3) / (q + 4.84406305325125486048e3)
        size = abs(x)
        far = 1.0 - 2.0 / (exp(size + size) + 1.0)
        return near if size < 0.625 else (-far if x < 0 else far)

    return tanh64
