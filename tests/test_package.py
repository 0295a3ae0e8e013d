"""What `pip install` puts on a machine, and what a package index shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
README = (ROOT / "README.md").read_text()
FENCED = re.compile(r"^ *```.*?^ *```", flags=re.M | re.S)


# -- what an index shows --------------------------------------------------------------------------


def as_an_index_has_it(text: str) -> str:
    """A text after the substitutions that pyproject.toml asks hatch-fancy-pypi-readme for."""
    readme = PYPROJECT["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    for rule in readme["substitutions"]:
        text = re.sub(rule["pattern"], rule["replacement"], text)
    return text


def test_the_text_of_an_index_is_the_readme():
    readme = PYPROJECT["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    assert readme["fragments"] == [{"path": "README.md"}]
    assert PYPROJECT["project"]["dynamic"] == ["readme"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a [tour](scratchnet/tour.py), and", "a tour, and"),
        ("see [above](#the-top).", "see above."),
        ("[`a`](b.md) [two\nlines](c.md#d)", "`a` two\nlines"),
        ("[Keras](https://keras.io) and [file](x.py)", "[Keras](https://keras.io) and file"),
        ("![A curve](.github/a.png)\n", "*(Picture in the repository: A curve.)*\n"),
        ("![badge](https://x.org/a.svg)\n", "![badge](https://x.org/a.svg)\n"),
        ("x[None](y) f()[0](z)", "x[None](y) f()[0](z)"),
    ],
)
def test_links_into_the_repository_become_text_there(text, shown):
    assert as_an_index_has_it(text) == shown


def test_nothing_in_the_readme_of_an_index_points_into_the_repository():
    text = as_an_index_has_it(README)
    prose = FENCED.sub("", text)
    assert not re.findall(r"\]\((?!https?://)[^)]*\)", prose)
    assert not re.findall(r"<(?:img|a)\b|^\[[^\]]+\]: (?!https?://)", prose, flags=re.M)
    assert FENCED.findall(text) == FENCED.findall(README)
    words = [re.findall(r"\w+", FENCED.sub("", t)) for t in (text, README)]
    assert set(words[0]) - set(words[1]) <= {"Picture", "repository", "in", "the"}


# -- what is installed ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder with what the wheel holds, as pip would put it there."""
    pytest.importorskip("hatchling", reason="of the test extra; it builds the wheel")
    pytest.importorskip("hatch_fancy_pypi_readme", reason="of the test extra")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def python(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Python that finds the installed package before this repository's, away from both."""
    return subprocess.run(
        [sys.executable, "-P", *words],
        cwd=installed.parent,
        env=os.environ | {"PYTHONPATH": str(installed), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_two_names_are_taken_among_other_peoples_packages(installed):
    names = {p.name for p in installed.iterdir()}
    assert {n for n in names if not n.endswith(".dist-info")} == {
        "scratchnet",
        "scratchnet_reference",
    }
    sources = {p.name for p in (ROOT / "reference").glob("*.py")}
    assert {p.name for p in (installed / "scratchnet_reference").iterdir()} == sources
    for path in installed.rglob("*.py"):
        assert not re.search(r"^\s*(?:from|import) reference\b", path.read_text(), flags=re.M)


def test_the_metadata_has_the_text_of_an_index(installed):
    (metadata,) = installed.glob("*.dist-info/METADATA")
    assert as_an_index_has_it(README) in metadata.read_text()


def test_the_installed_command_makes_a_page(installed):
    words = ["--data", "digits", "--epochs", "0", "--no-witnesses", "--no-open"]
    shown = python(installed, "-m", "scratchnet", "explain", *words)
    assert shown.returncode == 0, shown.stderr
    page = (installed.parent / "scratchnet-explain.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "class Tape" in page


def test_a_trace_finds_its_page_where_the_package_is_installed(installed):
    program = (
        "import scratchnet as tf\n"
        "with tf.tracing() as trace:\n    tf.nn.relu([1.0])\n"
        "print(trace._repr_html_().count('<iframe data-page='))"
    )
    shown = python(installed, "-c", program)
    assert (shown.stdout, shown.stderr) == ("1\n", "")


def test_the_installed_command_hands_a_training_over_to_tensorflow(installed):
    small = ["--data", "digits", "--epochs", "1", "--limit-train", "64", "--limit-test", "32"]
    shown = python(installed, "-m", "scratchnet", "train", *small, "--on", "tensorflow")
    assert shown.returncode == 0, shown.stderr
    assert (installed.parent / "scratchnet-run" / "model.weights.h5").exists()
    shown = python(installed, "-m", "scratchnet", "train", "--xla")
    assert "hands the training over to `python -m scratchnet_reference.train`" in shown.stderr
