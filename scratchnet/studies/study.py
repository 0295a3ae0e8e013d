"""What a study is, and what came of running one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Numbers = Mapping[str, Any]  # by "group/name": a number, or a nested list of numbers
Late = tuple[tuple[str, ...], ...]  # kinds of numbers, each by how their names begin


class Text(NamedTuple):
    """One text in both languages, as HTML: ``&`` and ``<`` are written ``&amp;`` and ``&lt;``."""

    en: str
    zh: str


Tell = Callable[[Text], None]


def without_elements(text: str) -> str:
    """A text without its elements, of which an SVG's text and a terminal take none.

    >>> without_elements("<b>a</b> &lt; b")
    'a &lt; b'
    """
    return re.sub(r"<[^>]*>", "", text)


@dataclass(frozen=True)
class Study:
    """One question, and the experiment that answers it.

    Attributes:
        name: of the command, and of the file of the page.
        title: the subject.
        question: as the notebook asks it.
        experiment: ``experiment(tf, seed, tell=…, nudge=…)`` runs on scratchnet or TensorFlow and
            returns numbers by name, the same names on both.
        answer: what came of a run, in a sentence or two.
        sections: the body of the page of a run, as HTML.
        notebook: what the notebook answered, and where the run contradicts it.
        refutation: what would show the claim wrong.
        code: the functions that the page shows.
        sources: the literature; in both languages where there is a note.
        microscope: ``microscope(tf)`` returns a trace for the microscope, made on scratchnet from
            the seed of the run, and what is to be seen in it.
        again: how TensorFlow is run again: "nudged", on images that are off by some roundings, to
            record how far it is then from itself; "onednn", with oneDNN's kernels, whose numbers
            stand beside; "" not at all.
        late: kinds of numbers that come of long trainings, by how their names begin: these are
            compared all of a kind together.
        picture: which of its figures stands for it, from 0; there may be none.
    """

    name: str
    title: Text
    question: Text
    experiment: Callable[..., dict[str, Any]]
    answer: Callable[[Run], Text]
    sections: Callable[[Run], list[str]]
    notebook: Callable[[Run], list[Text]]
    refutation: Callable[[Run], list[Text]]
    code: tuple[Callable[..., Any], ...]
    sources: tuple[str | Text, ...]
    microscope: Callable[[Any], tuple[Any, Text]] | None = None
    again: str = ""
    late: Late = ()
    picture: int = 0


@dataclass(frozen=True)
class Witness:
    """What TensorFlow made of the same experiment.

    Attributes:
        numbers: by the names of ours.
        again: what it found with oneDNN's kernels, if it was so run, see `Study.again`.
        versions: of TensorFlow, Keras and NumPy, and the settings.
        recorded: whether these are the numbers of an earlier run, kept in this package.
        spreads: by name, how far it is from itself, relatively, when rounded otherwise: at most,
            in the recorded runs with the seed 0.
        together: the same of the late numbers of a kind, by the kind's name.
    """

    numbers: Numbers
    again: Sequence[Numbers]
    versions: str
    recorded: bool
    spreads: Mapping[str, float] = field(default_factory=dict)
    together: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What came of one run of a study.

    Attributes:
        study: which.
        seed: what it began with.
        numbers: what the experiment returned.
        seconds: how long that took.
        witness: TensorFlow's numbers, if there are any for this seed.
        without: why there are none.
    """

    study: Study
    seed: int
    numbers: Numbers
    seconds: float = 0.0
    witness: Witness | None = None
    without: Text = field(default_factory=lambda: Text("", ""))

    def __getitem__(self, name: str) -> Any:
        return self.numbers[name]


def quiet(_: Text) -> None:
    """Tell nobody."""
