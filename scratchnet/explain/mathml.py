"""Formulas: a small part of TeX, turned into the MathML that browsers draw by themselves."""

from __future__ import annotations

import re
from html import escape

_SYMBOLS = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "epsilon": "ε",
    "mu": "μ",
    "sigma": "σ",
    "pi": "π",
    "partial": "∂",
    "top": "⊤",
}
_OPERATORS = {
    "sum": "∑",
    "cdot": "·",
    "times": "×",
    "odot": "⊙",
    "le": "≤",
    "ge": "≥",
    "ne": "≠",
    "in": "∈",
    "to": "→",
    "minus": "−",
    "dots": "…",
    "lfloor": "⌊",
    "rfloor": "⌋",
}
_FUNCTIONS = ("max", "min", "exp", "ln", "argmax", "tanh", "sign", "erf", "log")
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|[a-zA-Z]|\s+|.")


def mathml(tex: str, display: bool = True) -> str:
    r"""The ``<math>`` element of a formula.

    Known are letters, numbers and operators, ``_``, ``^``, ``{ }``, ``\frac``, ``\sqrt``,
    ``\hat``, ``\text``, sums, Greek letters and the usual functions.

    Raises:
        ValueError: a command that is not known, or a brace without its other one.

    >>> mathml("x_i^2", display=False)
    '<math><mrow><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></mrow></math>'
    """
    reader = _Reader(tex)
    body = reader.row()
    if reader.tokens:
        raise ValueError(f"mathml: `tex`: a brace is closed that was not opened, received {tex}")
    return f"<math{' display=' + chr(34) + 'block' + chr(34) if display else ''}>{body}</math>"


class _Reader:
    """Reads the tokens of a formula from the front."""

    def __init__(self, tex: str) -> None:
        self.tex = tex
        self.tokens = _TOKEN.findall(tex)

    def row(self) -> str:
        """Atoms up to the closing brace or the end, as one row."""
        parts = []
        while self.tokens and self.tokens[0] != "}":
            if self.tokens[0].isspace():
                self.tokens.pop(0)
                continue
            parts.append(self.scripted())
        return f"<mrow>{''.join(parts)}</mrow>"

    def scripted(self) -> str:
        """An atom, with what is below and above it."""
        large = self.tokens[0] in ("\\sum", "\\max")
        base, scripts = self.atom(), {}
        while self.tokens and self.tokens[0] in ("_", "^"):
            mark = self.tokens.pop(0)
            scripts[mark] = self.atom()
        below, above = scripts.get("_"), scripts.get("^")
        sub, sup, both = ("munder", "mover", "munderover") if large else ("msub", "msup", "msubsup")
        if below and above:
            return f"<{both}>{base}{below}{above}</{both}>"
        if below:
            return f"<{sub}>{base}{below}</{sub}>"
        return f"<{sup}>{base}{above}</{sup}>" if above else base

    def atom(self) -> str:
        while self.tokens and self.tokens[0].isspace():
            self.tokens.pop(0)
        if not self.tokens:
            raise ValueError(f"mathml: `tex` ends too early, received {self.tex}")
        token = self.tokens.pop(0)
        if token == "{":
            return self.group()
        if token.startswith("\\"):
            return self.command(token[1:])
        if token.isdigit() or "." in token[1:]:
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{token}</mi>"
        return f"<mo>{escape('−' if token == '-' else token)}</mo>"

    def group(self) -> str:
        """A row in braces, the first of which has been read."""
        row = self.row()
        if not self.tokens:
            raise ValueError(f"mathml: `tex`: a brace is not closed, received {self.tex}")
        self.tokens.pop(0)
        inner = row.removeprefix("<mrow>").removesuffix("</mrow>")
        return inner if re.fullmatch(r"<(m[ino])>[^<]*</\1>", inner) else row

    def command(self, name: str) -> str:
        if name == "frac":
            return f"<mfrac>{self.atom()}{self.atom()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.atom()}</msqrt>"
        if name == "hat":
            return f"<mover>{self.atom()}<mo>^</mo></mover>"
        if name == "text":
            return f"<mtext>{escape(self.words())}</mtext>"
        if name in _SYMBOLS:
            return f"<mi>{_SYMBOLS[name]}</mi>"
        if name in _OPERATORS:
            return f"<mo>{_OPERATORS[name]}</mo>"
        if name in _FUNCTIONS:
            return f"<mi>{name}</mi>"
        if name in ("{", "}"):
            return f"<mo>{name}</mo>"
        if name == ",":
            return '<mspace width="0.5em"/>'
        raise ValueError(f"mathml: `tex` must have known commands only, received \\{name}")

    def words(self) -> str:
        """The text of a group, as it stands."""
        found = []
        if self.tokens and self.tokens[0] == "{":
            self.tokens.pop(0)
            while self.tokens and self.tokens[0] != "}":
                found.append(self.tokens.pop(0))
            if self.tokens:
                self.tokens.pop(0)
        return "".join(found)
