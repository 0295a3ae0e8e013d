"""The page: one HTML file that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from scratchnet.engine.errors import say
from scratchnet.explain.options import LANGUAGES
from scratchnet.explain.page_data import PageData
from scratchnet.traces import Trace
from scratchnet.traces.pages import register

INLINE_HEIGHT = 900  # pixels of a frame in a notebook
LARGEST_INLINE = 1_500_000  # characters of arrays: a notebook keeps what it shows
MOST_INLINE = 8_000_000  # numbers of a trace: making the page of more takes seconds
FOLDER = Path(__file__).parent / "assets"
_SCRIPTS = ("texts", "arrays", "sums", "pictures", "tape", "answers", "panel", "training", "app")


def html(trace: Trace, about: Mapping[str, Any] | None = None, lang: str = "en") -> str:
    """The page that shows a trace.

    Args:
        trace: of one step.
        about: what is said of the step: ``title``, ``label``, ``prediction``, ….
        lang: "en" or "zh", the language that it opens in.

    Raises:
        TypeError: `trace` is no trace, or `about` no dict.
        ValueError: another language; a trace without ops.

    >>> import scratchnet as tf
    >>> with tf.tracing() as trace:
    ...     y = tf.nn.relu([[1.0, -1.0]])
    >>> html(trace)[:15]
    '<!DOCTYPE html>'
    """
    if not isinstance(trace, Trace):
        raise TypeError(say("html", "trace", "must be a Trace, as tf.trace returns it", trace))
    if not trace.rows:
        raise ValueError(
            say("html", "trace", "must hold an op: nothing ran while it was open", trace)
        )
    if about is not None and not isinstance(about, Mapping):
        rule = 'must be a dict such as {"title": "one step"}, or None'
        raise TypeError(say("html", "about", rule, about))
    return assemble(PageData(trace, about).to_dict(), lang)


@dataclass(frozen=True)
class Shown:
    """A page in a notebook: the last value of a cell.

    Attributes:
        page: the HTML file.
        height: of its frame, in pixels.
    """

    page: str
    height: int

    def __repr__(self) -> str:
        return f"<Shown: a page of {len(self.page) / 1e6:.1f} MB, {self.height} pixels high>"

    def _repr_html_(self) -> str:
        """A frame with the page in it, apart from the notebook's own styles and scripts."""
        return _frame(self.page, self.height)


@register
def inline(trace: Trace) -> str:
    """The page that shows a trace, folded up, for a notebook to put below the trace's table.

    A notebook keeps it: of the arrays, the largest are left out; of a very large trace it says how
    to see the page.

    >>> import scratchnet as tf
    >>> with tf.tracing() as trace:
    ...     y = tf.nn.relu([[1.0, -1.0]])
    >>> inline(trace).startswith("<details")
    True
    """
    size = sum(x.size for row in trace for x in (*row.inputs, *row.outputs))
    if not len(trace):
        return ""
    if size > MOST_INLINE:
        return "<p>The page of this trace is large: scratchnet.explain.show(trace) makes it.</p>"
    page = assemble(PageData(trace, {"title": "trace"}).to_dict(LARGEST_INLINE))
    summary = "<summary>The backprop microscope: every number of this step</summary>"
    # The frame gets its page when it is unfolded: until then, nothing of it is decoded or drawn.
    unfold = (
        "const f = this.querySelector('iframe'); "
        "if (this.open && !f.srcdoc) f.srcdoc = f.dataset.page"
    )
    frame = _frame(page, INLINE_HEIGHT, "data-page")
    return f'<details style="margin-top: 8px" ontoggle="{unfold}">{summary}{frame}</details>'


def _frame(page: str, height: int, attribute: str = "srcdoc") -> str:
    """A frame with the page in it, apart from the notebook's own styles and scripts."""
    return (
        f'<iframe {attribute}="{escape(page)}" width="100%" height="{height}" loading="lazy" '
        'style="border: 0" title="scratchnet explain"></iframe>'
    )


def show(
    trace: Trace,
    about: Mapping[str, Any] | None = None,
    lang: str = "en",
    height: int = INLINE_HEIGHT,
) -> Shown:
    """The page that shows a trace, for a notebook.

    Args:
        trace, about, lang: as of `html`.
        height: of its frame, in pixels, at least 1.

    Raises:
        TypeError, ValueError: as of `html`; no height.

    >>> import scratchnet as tf
    >>> with tf.tracing() as trace:
    ...     y = tf.nn.relu([[1.0, -1.0]])
    >>> show(trace)._repr_html_()[:16]
    '<iframe srcdoc="'
    """
    if not isinstance(height, int) or height < 1:
        raise ValueError(say("show", "height", "must be an int of at least 1", height))
    return Shown(html(trace, about, lang), height)


def assemble(data: Mapping[str, Any], lang: str = "en") -> str:
    """The page that shows the data of a trace.

    Raises:
        ValueError: another language than "en" or "zh".
    """
    if lang not in LANGUAGES:
        raise ValueError(f"html: `lang` must be en or zh, received {lang}")
    # "</script>" in a text would end the element: JSON may write the slash as "\/".
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.replace("</", "<\\/")
    scripts = "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    parts = {
        "{{lang}}": lang,
        "{{title}}": escape(str(data.get("about", {}).get("title") or "scratchnet explain")),
        "{{style}}": (FOLDER / "page.css").read_text(encoding="utf-8"),
        "{{scripts}}": scripts,
        "{{data}}": text,
    }
    return filled(FOLDER / "page.html", parts)


def filled(template: Path, parts: Mapping[str, str]) -> str:
    """The text of a file, in which each mark is replaced by its part.

    Args:
        template: the file.
        parts: by the marks, in the order of the file: what was put in is not searched again.

    Raises:
        ValueError: the file does not hold a mark, after the marks before it.
    """
    text = template.read_text(encoding="utf-8")
    pieces = []
    for mark, part in parts.items():
        before, found, text = text.partition(mark)
        if not found:
            raise ValueError(f"{template.name} must hold {mark}, after the marks before it")
        pieces += [before, part]
    return "".join([*pieces, text])
