"""What a learner is told of an answer: a little more each time that it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Feedback:
    """What `check` found.

    Attributes:
        name: of the exercise.
        solved: whether the answer is right.
        problem: what is wrong, in a sentence: an error, a shape; empty if nothing is.
        fails: the first hint: something that holds of right answers and not of this one.
        cause: the second hint: the likely mistake; empty where it was not recognised.  It is the
            first one where `problem` says what fails.
        formula: the third hint: the answer, after three wrong ones.
        shown: how many wrong answers there were.
        again: whether it is the wrong answer of the last time, unchanged, and was not counted.
    """

    name: str
    solved: bool
    problem: str = ""
    fails: str = ""
    cause: str = ""
    formula: str = ""
    shown: int = 0
    again: bool = False

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints that are shown."""
        return tuple([text for due, text in self._all_hints() if due <= self.shown])

    def _all_hints(self) -> tuple[tuple[int, str], ...]:
        """After how many wrong answers each is shown, and its text."""
        given = (
            (1, "What fails", self.fails),
            (2 if self.fails else 1, "Likely cause", self.cause),
            (3, "Formula", self.formula),
        )
        return tuple([(due, f"{head}: {text}") for due, head, text in given if text])

    def __str__(self) -> str:
        if self.solved:
            return f"{self.name}: right. Every case agrees."
        lines = [f"{self.name}: not right yet. {self.problem}".rstrip()]
        lines += [f"  {hint}" for hint in self.hints]
        left = [due for due, _ in self._all_hints() if due > self.shown]
        if left:
            more = "one more hint" if len(left) == 1 else f"{len(left)} more hints"
            when = "next time" if left[0] == self.shown + 1 else "later"
            unchanged = "it is unchanged, and not counted again; " if self.again else ""
            lines.append(f"  ({unchanged}{more} if it is still wrong {when})")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        colour = "#1a7f37" if self.solved else "#cf222e"
        first, *rest = str(self).split("\n")
        items = "".join(f"<br>{escape(line)}" for line in rest)
        return f'<span style="color: {colour}"><b>{escape(first)}</b></span>{items}'
