"""The options of `scratchnet explain`: their defaults and their rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scratchnet.train.options import check_option

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class ExplainOptions:
    """What the page is to show, by the names of the command's options.

    Raises:
        ValueError: a value out of range, a file that is not there; the message names the option,
            the rule and the value.
    """

    model: str | None = None
    weights: str | None = None
    data: str = "digits"
    index: int | None = None
    image: str | None = None
    label: int | None = None
    epochs: int = 5
    steps: int = 0
    seed: int = 0
    out: str = "scratchnet-explain.html"
    open: bool = True
    lang: str = "en"
    witnesses: bool = True
    golden: str | None = None
    record: str | None = None

    def __post_init__(self) -> None:
        check_option("index", self.index, self.index is None or self.index >= 0, "at least 0")
        check_option("epochs", self.epochs, self.epochs >= 0, "at least 0")
        check_option("steps", self.steps, 0 <= self.steps <= 50, "in [0, 50]")
        check_option("seed", self.seed, 0 <= self.seed < 2**32, "in [0, 2**32)")
        check_option("lang", self.lang, self.lang in LANGUAGES, "en or zh")
        for name in ("model", "weights", "image", "golden"):
            path = getattr(self, name)
            there = path is None or Path(path).expanduser().is_file()
            check_option(name, path, there, "a file that exists")
        with_image = self.image is not None and self.index is not None
        check_option("index", self.index, not with_image, "left out with --image")
        for name in ("out", "record"):
            path = getattr(self, name)
            is_folder = path is not None and Path(path).expanduser().is_dir()
            check_option(name, path, not is_folder, "a file, not a folder")
            there = path is None or Path(path).expanduser().parent.is_dir()
            check_option(name, path, there, "in a folder that exists")
        for name in ("golden", "record"):
            alone = getattr(self, name) is None or self.witnesses
            check_option(name, getattr(self, name), alone, "left out with --no-witnesses")
        both = self.golden is not None and self.record is not None
        check_option("golden", self.golden, not both, "left out with --record")
        pointless = self.weights is not None and self.steps > 0
        check_option("steps", self.steps, not pointless, "0 where --weights are given")
