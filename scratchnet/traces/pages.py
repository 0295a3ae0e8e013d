"""The page that a notebook shows below the table of a trace: made above, looked up here.

Imports point down: traces know of no page.  The package that makes one hands its function to
`register`, when it is imported, and is found by its entry point of the group ``scratchnet.pages``
(the standard way in which an installed package offers itself to another), so that a program that
imports scratchnet alone has the page, too.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scratchnet.traces.trace import Trace

GROUP = "scratchnet.pages"
Maker = Callable[["Trace"], str]

_makers: list[Maker] = []


def register(make: Maker) -> Maker:
    """Let `make` make the page of a trace from now on, as HTML below its table.

    Args:
        make: called with a `Trace`, returns HTML.
    """
    _makers[:] = [make]
    return make


def page_of(trace: Trace) -> str:
    """The page of a trace, as HTML for a notebook; nothing where there is nobody who makes one."""
    if not _makers:
        for point in entry_points(group=GROUP):
            point.load()  # a module, which registers when it is imported
    return _makers[0](trace) if _makers else ""
