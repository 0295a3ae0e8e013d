"""`scratchnet study`: list the studies, run one or all, write the pages."""

from __future__ import annotations

import importlib
import tempfile
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from scratchnet.atomic_files import replacing
from scratchnet.engine.errors import say
from scratchnet.studies import on_tensorflow
from scratchnet.studies.agreement import compare
from scratchnet.studies.options import StudyOptions
from scratchnet.studies.page import INDEX, html, index, verdict
from scratchnet.studies.study import Run, Study, Tell, Text, quiet, without_elements
from scratchnet.studies.table import STUDIES

if TYPE_CHECKING:
    from rich.console import Console


def names() -> list[str]:
    """The names of the studies, the notebook's questions in its order.

    >>> names()[1]
    'parameters'
    """
    return list(STUDIES)


def get(name: str) -> Study:
    """The study of that name.

    Raises:
        ValueError: there is none.

    >>> get("pooling").name
    'pooling'
    """
    if name not in STUDIES:
        raise ValueError(say("study", "name", f"must be one of {', '.join(STUDIES)}", name))
    return STUDIES[name]


def run(name: str, seed: int = 0, witnesses: bool = True, tell: Tell = quiet) -> Run:
    """Run a study.

    Args:
        name: which, one of `names`.
        seed: the same seed makes the same numbers.
        witnesses: whether TensorFlow's numbers are to stand beside: it is run where it is
            installed, else there may be recorded ones.
        tell: called with a line on each part of the work.

    Raises:
        ValueError: an unknown name, a negative seed.

    >>> run("parameters", witnesses=False)["parameters/convolution"]
    1300
    """
    study = get(name)
    if seed < 0:
        raise ValueError(say("study", "seed", "must be at least 0", seed))
    tf = importlib.import_module("scratchnet")
    start = time.perf_counter()
    numbers = study.experiment(tf, seed, tell=tell)
    seconds = time.perf_counter() - start
    witness, without = None, Text("TensorFlow was not run.", "没有运行 TensorFlow。")
    if witnesses:
        witness, without = on_tensorflow.witness(study, seed, tell)
    return Run(study, seed, numbers, seconds, witness, without)


def show_list(console: Console, lang: str = "en") -> None:
    """All studies, and how to run one."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for head in (Text("study", "研究"), Text("the question", "问题")):
        table.add_column(_in(lang, head), overflow="fold")  # Chinese has no spaces to break at
    for name, study in STUDIES.items():
        question = _in(lang, study.question)
        if lang == "zh":  # else a line would end at the only blank, behind the number
            question = question.replace(". ", ".", 1)
        table.add_row(name, question)
    console.print(table)
    how = Text(
        "`scratchnet study pooling` runs one; `scratchnet study --all` runs all.",
        "`scratchnet study pooling` 运行一个；`scratchnet study --all` 运行全部。",
    )
    console.print(f"\n{_in(lang, how)}")


def make(options: StudyOptions, console: Console) -> Path:
    """Run what the options ask for, and write its page or pages.

    Raises:
        OSError, ValueError: something cannot be written, an unknown name.
    """
    start = time.perf_counter()

    def tell(part: Text) -> None:
        stamp = f"{time.perf_counter() - start:5.1f} s"
        console.print(f"  {stamp}  {_in(options.lang, part)}", markup=False, highlight=False)

    path = Path(options.path).expanduser()
    if options.all:
        path.mkdir(parents=True, exist_ok=True)
        _must_be_writable(path)
        studies, runs = list(STUDIES.values()), []
        for page in (INDEX, *(f"{study.name}.html" for study in studies)):
            if (path / page).is_dir():  # better seen now than after the run
                raise IsADirectoryError(f"{path / page} is a folder: a page is to go there")
        for study in studies:
            runs.append(_one(study.name, options, console, tell))
            _write(path / f"{study.name}.html", html(runs[-1], options.lang, studies))
        _write(path / INDEX, index(runs, options.lang))
        shown = path / INDEX
    else:
        _must_be_writable(path.parent)
        made = _one(get(options.name or "").name, options, console, tell)
        _write(path, html(made, options.lang))
        shown = path
    seconds = time.perf_counter() - start
    kept = Text(f"Kept in {path}, after {seconds:.0f} s", f"保存到 {path}，用时 {seconds:.0f} 秒")
    console.print(getattr(kept, options.lang), markup=False, highlight=False)
    if options.open:
        webbrowser.open(shown.resolve().as_uri())
    return path


def _one(name: str, options: StudyOptions, console: Console, tell: Tell) -> Run:
    study = get(name)

    def say_it(text: str) -> None:  # the terminal breaks the lines: Chinese has no spaces
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    say_it(_in(options.lang, study.question))
    made = run(name, options.seed, options.witnesses, tell)
    say_it(_in(options.lang, study.answer(made)))
    if made.witness is not None:
        text = verdict(compare(made.numbers, made.witness, study.late))
        say_it(f"{made.witness.versions}: {_in(options.lang, text)}\n")
    return made


def _must_be_writable(folder: Path) -> None:
    """Refuse a folder that takes no files: better before the run than after it."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        rule = "--out must be in a folder that takes files"
        raise OSError(f"{rule}, received {folder} ({error.strerror})") from error


def _write(path: Path, page: str) -> None:
    with replacing(path) as part:
        part.write_text(page, encoding="utf-8")


def _in(lang: str, text: Text) -> str:
    """A text in one language, without its HTML."""
    from html import unescape

    return unescape(without_elements(getattr(text, lang)))
