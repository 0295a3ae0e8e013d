"""`scratchnet study`: what it lists, runs, writes and refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scratchnet import studies
from scratchnet.studies import on_tensorflow, running
from scratchnet.studies.options import StudyOptions


def study(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scratchnet", "study", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_command_runs_one(tmp_path: Path) -> None:
    done = study("parameters", "--no-open", "--no-witnesses", "--lang", "zh", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "建层，数参数" in done.stdout  # progress is shown, in the language of the page
    assert "保存到 scratchnet-study-parameters.html" in done.stdout
    assert "1,300" in done.stdout
    page = (tmp_path / "scratchnet-study-parameters.html").read_text(encoding="utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="zh">')
    assert "def by_summary(" in page  # the code that made the numbers


def test_the_command_lists_and_refuses(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from scratchnet import cli

    def said(*words: str) -> tuple[object, str]:
        monkeypatch.setattr(sys, "argv", ["scratchnet", "study", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        shown = capsys.readouterr()
        return end.value.code, shown.out + shown.err

    code, text = said()
    assert not code
    assert all(name in text for name in studies.names())
    code, text = said("--lang", "zh")
    assert not code
    assert "池化层" in text
    assert "运行一个" in text
    assert "6.下面的说法" in text  # no line ends behind the number
    for words, error in (
        (("foo",), "study: `name` must be one of cnn-or-dense, "),
        (("pooling", "--seed", "-1"), "--seed must be in [0, 2**31), received -1"),
        (("pooling", "--lang", "fr"), "--lang must be en or zh, received fr"),
        (("pooling", "--all"), "--all must be left out where a study is named, received pooling"),
        (("pooling", "--out", "/no/where.html"), "--out must be in a folder that exists"),
        (("pooling", "--out", str(Path(__file__).parent)), "--out must be a file, not a folder"),
        (("--all", "--out", f"{__file__}/x"), "--out must be a folder, or to be made in one"),
        (("--seed", "3"), "--seed must be left out where no study is named, received 3"),
        (("--out", "x.html"), "--out must be left out where no study is named, received x.html"),
    ):
        code, text = said(*words)
        assert code == 2
        assert error in text


def test_a_folder_in_the_place_of_a_page_is_seen_before_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from rich.console import Console

    monkeypatch.setattr(running, "run", lambda *_: pytest.fail("it was run"))
    (tmp_path / "pooling.html").mkdir()
    options = StudyOptions(all=True, out=str(tmp_path), open=False)
    with pytest.raises(IsADirectoryError, match=r"pooling\.html is a folder"):
        running.make(options, Console(quiet=True))


@pytest.mark.parametrize("all_of_them", [False, True])
def test_a_folder_that_takes_no_files_is_seen_before_the_run(
    all_of_them: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from rich.console import Console

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(running, "run", lambda *_: pytest.fail("it was run"))
    monkeypatch.setattr(running.tempfile, "TemporaryFile", refuse)
    name, out = (None, tmp_path) if all_of_them else ("pooling", tmp_path / "x.html")
    options = StudyOptions(name, all_of_them, out=str(out), open=False)
    error = r"--out must be in a folder that takes files, received .*Permission denied"
    with pytest.raises(OSError, match=error):
        running.make(options, Console(quiet=True))


def test_a_site_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    monkeypatch.setattr(running, "STUDIES", {"parameters": studies.get("parameters")})
    options = StudyOptions(all=True, out=str(tmp_path / "site"), open=False, witnesses=False)
    running.make(options, Console(quiet=True))
    assert {path.name for path in (tmp_path / "site").iterdir()} == {
        "index.html",
        "parameters.html",
    }
    assert 'data-site="parameters.html"' in (tmp_path / "site/index.html").read_text()


def test_tensorflow_is_asked_where_it_is_and_recorded_numbers_stand_where_it_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(on_tensorflow, "ask", lambda s, seed, tell: calls.append(s.name))
    made = running.run("parameters", seed=0)  # it fails: recorded numbers are taken
    assert calls == ["parameters"]
    assert made.witness is not None
    assert made.witness.recorded
    monkeypatch.setattr(on_tensorflow, "find_spec", lambda name: None)
    made = running.run("parameters", seed=1)
    assert calls == ["parameters"]
    assert made.witness is None
    assert "recorded for the seed 0 only" in made.without.en
    with pytest.raises(ValueError, match="study: `seed` must be at least 0, received seed=-1"):
        running.run("parameters", seed=-1)
