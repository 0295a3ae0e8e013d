"""The options of `scratchnet study`: their defaults and their rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scratchnet.explain.options import LANGUAGES
from scratchnet.train.options import check_option

SITE = "scratchnet-studies"


@dataclass(frozen=True)
class StudyOptions:
    """What is to be run, by the names of the command's options.

    Raises:
        ValueError: a value out of range, a folder that is not there, something in the way; the
            message names the option, the rule and the value.
    """

    name: str | None = None
    all: bool = False
    seed: int = 0
    lang: str = "en"
    out: str | None = None
    open: bool = True
    witnesses: bool = True

    def __post_init__(self) -> None:
        check_option("seed", self.seed, 0 <= self.seed < 2**31, "in [0, 2**31)")
        check_option("lang", self.lang, self.lang in LANGUAGES, "en or zh")
        alone = not (self.all and self.name is not None)
        check_option("all", self.name, alone, "left out where a study is named")
        if self.name is None and not self.all:  # the studies are listed
            rule = "left out where no study is named"
            check_option("seed", self.seed, self.seed == StudyOptions.seed, rule)
            check_option("out", self.out, self.out is None, rule)
        there = self.all or Path(self.path).expanduser().parent.is_dir()
        check_option("out", self.path, there, "in a folder that exists")
        place = Path(self.path).expanduser()
        if self.all:
            around = next(
                folder for folder in (place, *place.absolute().parents) if folder.exists()
            )
            check_option("out", self.path, around.is_dir(), "a folder, or to be made in one")
        else:
            check_option("out", self.path, not place.is_dir(), "a file, not a folder")

    @property
    def path(self) -> str:
        """Where the page goes, or the folder of all pages."""
        if self.out is not None:
            return self.out
        return SITE if self.all else f"scratchnet-study-{self.name}.html"
