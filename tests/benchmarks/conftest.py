"""Both libraries in processes of their own, for all tests of the benchmarks."""

from __future__ import annotations

import pytest

from benchmarks.sides import started


@pytest.fixture(scope="package")
def sides():
    with started(1) as found:
        yield found
