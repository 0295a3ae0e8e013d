"""Programs in other threads, alone or several at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

CALLS = 4


def elsewhere(function: Callable[[], Any]) -> Any:
    """What `function` returns in another thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(timeout=30)


def at_once(function: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(CALLS) as pool:
        return list(pool.map(function, range(CALLS), timeout=30))
