"""Figures as SVG that stands in the page: its colours follow the page, its words the language.

Every figure is narrow enough for a phone; a page puts several beside each other where there is
room.  What a point or a cell is says its tooltip.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.studies.study import Text, without_elements

COLOURS = ("var(--a)", "var(--b)", "var(--c)", "var(--d)", "var(--e)", "var(--f)")
WIDTH, HEIGHT = 420, 260  # of the coordinates; a page scales them
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 14, 26, 40


@dataclass(frozen=True)
class Series:
    """A row of points: its name in the legend, where they are, how they are drawn.

    Attributes:
        name, x, y: what is drawn.
        dashed: the line between the points.
        colour: a number of `COLOURS`; the next one if not given.
    """

    name: Text
    x: Sequence[float]
    y: Sequence[float]
    dashed: bool = False
    colour: int | None = None


def lines(
    title: Text,
    series: Sequence[Series],
    x: Text,
    *,
    log_x: bool = False,
    log_y: bool = False,
    low: float | None = None,
    high: float | None = None,
    ticks: Sequence[float] | None = None,
) -> str:
    """Curves with a legend below.

    Args:
        title: what stands above: what is drawn upwards.
        series: the curves; a point that is not finite is left out.
        x: what is drawn to the right.
        log_x, log_y: the axes on which equal factors are equally far.
        low, high: of the vertical axis, where the numbers do not say it.
        ticks: the numbers on the horizontal axis.

    >>> one = Series(Text("loss", "损失"), [0, 1, 2], [1.0, 0.5, 0.25])
    >>> figure = lines(Text("loss", "损失"), [one], Text("epoch", "轮次"))
    >>> figure.count("<circle"), figure.startswith("<div")
    (3, True)
    """
    xs = [v for s in series for v in s.x]
    ys = [v for s in series for v in s.y if math.isfinite(v) and (v > 0 or not log_y)]
    to_x = _scale(min(xs), max(xs), _LEFT + 8, WIDTH - _RIGHT - 8, log_x)
    bottom, top = (min(ys) if low is None else low), (max(ys) if high is None else high)
    if bottom == top:
        bottom, top = bottom - 0.5, top + 0.5
    to_y = _scale(bottom, top, HEIGHT - _BOTTOM, _TOP + 6, log_y)
    parts = _axes(_ticks(bottom, top, log_y), to_y)
    for tick in ticks if ticks is not None else _ticks(min(xs), max(xs), log_x):
        parts.append(_words(to_x(tick), HEIGHT - _BOTTOM + 16, _number(tick), "middle"))
    parts.append(_bilingual((_LEFT + WIDTH) / 2, HEIGHT - 6, x, "middle", "label"))
    for number, s in enumerate(series):
        colour = _colour(s, number)
        runs: list[list[tuple[float, float]]] = [[]]
        for at, value in zip(s.x, s.y, strict=True):
            if math.isfinite(value) and (value > 0 or not log_y):
                inside = min(max(to_y(value), _TOP), HEIGHT - _BOTTOM)
                runs[-1].append((to_x(at), inside))
                parts.append(
                    f'<circle cx="{to_x(at):.1f}" cy="{inside:.1f}" r="3.2" fill="{colour}">'
                    f"{_hover(s.name, f'{_number(at)} → {_number(value)}')}</circle>"
                )
            else:
                runs.append([])
        dash = ' stroke-dasharray="5 4"' if s.dashed else ""
        for run in runs:
            points = " ".join(f"{a:.1f},{b:.1f}" for a, b in run)
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{colour}" '
                f'stroke-width="2"{dash}/>'
            )
    legend = [(_legend_name(s), _colour(s, i)) for i, s in enumerate(series)]
    return _figure(title, parts, HEIGHT, legend)


def _colour(series: Series, number: int) -> str:
    return COLOURS[(number if series.colour is None else series.colour) % len(COLOURS)]


def _legend_name(series: Series) -> Text:
    if not series.dashed:
        return series.name
    return Text(f"{series.name.en} (dashed)", f"{series.name.zh}（虚线）")


def bars(
    title: Text,
    groups: Sequence[Text],
    series: Sequence[tuple[Text, Sequence[float]]],
    *,
    digits: int = 3,
    high: float | None = None,
    log: bool = False,
) -> str:
    """Horizontal bars, one of each series in every group; the number stands at its end.

    >>> figure = bars(Text("a", "a"), [Text("g", "g")], [(Text("s", "s"), [0.5])])
    >>> figure.count("<rect")
    1
    """
    thick, gap, left = 13, 20, 12
    values = [v for _, row in series for v in row if math.isfinite(v)]
    top = max(values) if high is None else high
    lowest = min((v for v in values if v > 0), default=1.0)
    floor = 10 ** (math.floor(math.log10(lowest)) - 0.5) if log else 0.0
    to_x = _scale(floor, top, left, WIDTH - 66, log)
    parts, y = [], _TOP + 6.0
    for g, group in enumerate(groups):
        parts.append(_bilingual(left, y + 10, group, "start", "label"))
        y += 15
        for number, (name, row) in enumerate(series):
            value = row[g]
            width = max(1.0, to_x(value) - left) if math.isfinite(value) and value > floor else 1.0
            shown = _number(value) if log else f"{value:.{digits}f}"
            parts.append(
                f'<rect x="{left}" y="{y:.1f}" width="{width:.1f}" height="{thick - 2}" rx="2" '
                f'fill="{COLOURS[number % len(COLOURS)]}">{_hover(name, shown)}'
                f"</rect>{_words(left + width + 5, y + 10, shown, 'start')}"
            )
            y += thick
        y += gap - thick + 2
    legend = [(name, COLOURS[i % len(COLOURS)]) for i, (name, _) in enumerate(series)]
    return _figure(title, parts, round(y) + 4, legend if len(series) > 1 else [])


def grid(
    title: Text,
    values: Array | Sequence[Sequence[float]],
    *,
    numbers: bool = False,
    cell: int | None = None,
    high: float | None = None,
    below: Sequence[float] | None = None,
    marks: Sequence[tuple[int, int]] = (),
) -> str:
    """A matrix or an image: a cell is orange where it is above zero, blue where it is below.

    Args:
        title: what it is.
        values: shape (rows, columns).
        numbers: whether each cell says its number.
        cell: the width of one; as wide as there is room, if not given.
        high: the number of the full colour; the largest, if not given.
        below: one more row, apart from the others: the sums of the columns, say.
        marks: the cells (row, column) that have a frame.

    >>> grid(Text("J", "J"), [[0.0, 1.0]], numbers=True).count("<rect")
    2
    """
    x = np.asarray(values, np.float64)
    rows, columns = x.shape
    side = cell or min(44.0, (WIDTH - 8) / columns)
    largest = high or float(np.abs(x).max(initial=0)) or 1.0
    size, gap = min(13.0, side * 0.42), min(1.0, side / 8)
    parts = []

    many = x.size > 1000  # then zeros are one ground, and no cell has a tooltip

    def put(r: float, c: int, value: float, name: str, scale: float) -> None:
        if many and value == 0:
            return
        share = min(1.0, abs(value) / scale)
        colour = "var(--positive)" if value > 0 else "var(--negative)"
        shown = _number(value)
        tip = "" if many else f"<title>{name}: {shown}</title>"
        parts.append(
            f'<rect x="{4 + c * side:.1f}" y="{_TOP + r * side:.1f}" width="{side - gap:.1f}" '
            f'height="{side - gap:.1f}" style="fill:color-mix(in srgb, {colour} '
            f"{100 * share:.0f}%, "
            f'var(--zero))">{tip}</rect>'
        )
        if numbers:
            words = (
                f"{value:.2f}".rstrip("0")
                .rstrip(".")
                .replace("-0", "0" if abs(value) < 0.005 else "-0")
            )
            fits = min(size, 1.5 * side / max(3, len(words)))
            parts.append(
                f'<text x="{4 + (c + 0.5) * side - 0.5:.1f}" y="{_TOP + (r + 0.5) * side:.1f}" '
                f'font-size="{fits:.1f}" text-anchor="middle" dominant-baseline="central" '
                f'class="{"on" if share > 0.6 else "label"}">{words}</text>'
            )

    if many:
        parts.append(
            f'<rect x="4" y="{_TOP}" width="{columns * side:.1f}" height="{rows * side:.1f}" '
            'fill="var(--zero)"/>'
        )
    for r in range(rows):
        for c in range(columns):
            put(r, c, float(x[r, c]), f"[{r}, {c}]", largest)
    for r, c in marks:
        parts.append(
            f'<rect x="{4 + c * side:.1f}" y="{_TOP + r * side:.1f}" width="{side - 1:.1f}" '
            f'height="{side - 1:.1f}" fill="none" stroke="var(--ink)" stroke-width="2"/>'
        )
    height = _TOP + rows * side
    if below is not None:
        for c, value in enumerate(below):
            put(rows + 0.35, c, float(value), f"Σ [{c}]", max(largest, float(np.max(below))))
        height += 1.35 * side
    wide = round(max(8 + columns * side, 120))
    return _figure(title, parts, round(height + 6), [], wide)


def _figure(
    title: Text,
    parts: Sequence[str],
    height: int,
    legend: Sequence[tuple[Text, str]],
    width: int = WIDTH,
) -> str:
    entries = "".join(
        f'<span><i style="background:{colour}"></i>{both(name)}</span>' for name, colour in legend
    )
    keys = f'<p class="keys">{entries}</p>' if entries else ""
    said = Text(*[escape(without_elements(words)) for words in (title.en, title.zh)])
    return (
        f'<div class="plot" style="max-width:{width * 1.35:.0f}px;flex-basis:{min(300, width)}px">'
        f'<p class="plot-title">{both(title)}</p>'
        f'<svg viewBox="0 {_TOP - 10} {width} {height - _TOP + 10}" role="img" '
        f'aria-label="{said.en}" data-en="{said.en}" data-zh="{said.zh}">'
        f"{''.join(parts)}</svg>{keys}</div>"
    )


def _hover(name: Text, shown: str) -> str:
    """What is said of a mark that the pointer is over; the page puts it into its language."""
    en, zh = (escape(f"{said}: {shown}") for said in (name.en, name.zh))
    return f'<title data-en="{en}" data-zh="{zh}">{en}</title>'


def both(text: Text, tag: str = "span") -> str:
    """A text in both languages; the page shows one.

    >>> both(Text("loss", "损失"))
    '<span lang="en">loss</span><span lang="zh-Hans">损失</span>'
    """
    if text.en == text.zh:
        return text.en if tag == "span" else f"<{tag}>{text.en}</{tag}>"
    return f'<{tag} lang="en">{text.en}</{tag}><{tag} lang="zh-Hans">{text.zh}</{tag}>'


def _axes(ticks: Sequence[float], to_y: _Scale) -> list[str]:
    parts = []
    for tick in ticks:
        y = to_y(tick)
        parts.append(
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="var(--line)" stroke-width="1" opacity="0.6"/>'
        )
        parts.append(_words(_LEFT - 6, y + 4, _number(tick), "end"))
    return parts


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float
    log: bool

    def __call__(self, value: float) -> float:
        a, b, v = self.low, self.high, value
        if self.log:
            a, b, v = math.log(a), math.log(b), math.log(max(v, 1e-300))
        share = 0.5 if a == b else (v - a) / (b - a)
        return self.start + share * (self.end - self.start)


def _scale(low: float, high: float, start: float, end: float, log: bool) -> _Scale:
    return _Scale(low, high, start, end, log)


def _ticks(low: float, high: float, log: bool) -> list[float]:
    """Some four round numbers from `low` to `high`."""
    if log:
        first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        step = max(1, math.ceil((last - first) / 5))
        return [10.0**n for n in range(first, last + 1, step)] or [low, high]
    rough = (high - low) / 4 or 1.0
    base = 10 ** math.floor(math.log10(rough))
    step = next(base * m for m in (1, 2, 2.5, 5, 10) if base * m >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first
    return [round((first + i) * step, 12) for i in range(count + 1)]


def _number(value: float) -> str:
    """A number as short as it says enough.

    >>> [_number(v) for v in (0.0, 1.0, 0.25, 1e-7, 123456.0, -0.1234567)]
    ['0', '1', '0.25', '1e-7', '123,456', '-0.123']
    """
    if not math.isfinite(value):
        return str(value)
    if value == round(value) and abs(value) < 1e7:
        return f"{round(value):,}"
    if 1e-3 <= abs(value) < 1e4:
        return f"{value:.3g}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def _words(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _bilingual(x: float, y: float, text: Text, anchor: str, kind: str) -> str:
    return "".join(
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}" lang="{code}">'
        f"{without_elements(words)}</text>"
        for code, words in (("en", text.en), ("zh-Hans", text.zh))
    )
