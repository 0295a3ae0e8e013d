"""The page: one HTML file that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from scratchnet.explain.options import LANGUAGES
from scratchnet.explain.page_data import PageData
from scratchnet.traces import Trace

FOLDER = Path(__file__).parent / "page"
_SCRIPTS = ("texts", "arrays", "sums", "pictures", "tape", "panel", "training", "app")


def html(trace: Trace, about: Mapping[str, Any] | None = None, lang: str = "en") -> str:
    """The page that shows a trace.

    Args:
        trace: of one step.
        about: what is said of the step: ``title``, ``label``, ``prediction``, ….
        lang: "en" or "zh", the language that it opens in.

    Raises:
        ValueError: another language.

    >>> import scratchnet as tf
    >>> with tf.tracing() as trace:
    ...     y = tf.nn.relu([[1.0, -1.0]])
    >>> html(trace)[:15]
    '<!DOCTYPE html>'
    """
    return assemble(PageData(trace, about).to_dict(), lang)


def assemble(data: Mapping[str, Any], lang: str = "en") -> str:
    """The page that shows the data of a trace.

    Raises:
        ValueError: another language than "en" or "zh".
    """
    if lang not in LANGUAGES:
        raise ValueError(f"html: `lang` must be en or zh, received {lang}")
    # "</script>" in a text would end the element: JSON may write the slash as "\/".
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    scripts = "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    parts = {
        "{{lang}}": lang,
        "{{title}}": escape(str(data.get("about", {}).get("title") or "scratchnet explain")),
        "{{style}}": (FOLDER / "page.css").read_text(encoding="utf-8"),
        "{{scripts}}": scripts,
        "{{data}}": text,
    }
    page = (FOLDER / "page.html").read_text(encoding="utf-8")
    pieces = []
    for mark, part in parts.items():  # in the order of the page: what was put in is not searched
        before, found, page = page.partition(mark)
        if not found:
            raise ValueError(f"page.html must hold {mark}, after the marks before it")
        pieces += [before, part]
    return "".join([*pieces, page])
