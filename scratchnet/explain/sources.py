"""The source lines of an op as they are shipped: forward, VJPs, the composed twin."""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scratchnet.engine.op import NoGradient, Op, Site
from scratchnet.ops.composed import TWINS

PACKAGE = Path(__file__).parents[1]


def sources(op: Op) -> list[dict[str, str]]:
    """The functions of an op, each with its title, its place and its text.

    The titles are ``function``, ``forward``, ``vjp 0`` and so on, ``prologue``, ``composed``.

    >>> from scratchnet.engine.op import OPS
    >>> [part["title"] for part in sources(OPS["relu"])]
    ['function', 'forward', 'vjp 0', 'composed']
    >>> sources(OPS["relu"])[0]["place"].rpartition(":")[0]
    'scratchnet/ops/rectifiers.py'
    """
    found = [_part("function", op.function)]
    if op.forward is not None:
        found.append(_part("forward", op.forward))
    if op.prologue is not None:
        found.append(_part("prologue", op.prologue))
    for i, vjp in enumerate(op.vjps):
        if isinstance(vjp, NoGradient):
            found.append({"title": f"vjp {i}", "place": "", "text": f"# none: {vjp.reason}"})
        else:
            found.append(_part(f"vjp {i}", vjp))
    if op.name in TWINS:
        found.append(_part("composed", TWINS[op.name]))
    return [part for part in found if part["text"]]


def _part(title: str, function: Callable[..., Any]) -> dict[str, str]:
    function = inspect.unwrap(function)
    function = getattr(function, "func", function)  # of a partial
    try:
        lines, first = inspect.getsourcelines(function)
        file = Path(inspect.getsourcefile(function) or "")
    except (OSError, TypeError):  # no Python function, or typed in by hand
        return {"title": title, "place": "", "text": ""}
    shown = file.name
    if file.is_relative_to(PACKAGE):
        shown = file.relative_to(PACKAGE.parent).as_posix()
    return {"title": title, "place": f"{shown}:{first}", "text": "".join(lines).rstrip()}


def line_of(site: Site | None) -> str:
    """The text of a user's line, empty where it cannot be had."""
    return linecache.getline(site.file, site.line).strip() if site is not None else ""
