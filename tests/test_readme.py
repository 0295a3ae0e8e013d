"""The README: its commands, links, rooms and examples."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet import extend

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def commands(text: str) -> list[str]:
    """The lines of the shell blocks of a Markdown text."""
    blocks = re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, flags=re.M | re.S)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_the_readme_has_the_two_commands_and_ci_runs_the_second():
    install_and_train, install_and_test = commands(README)[:2]
    assert install_and_train.startswith("pip install ")
    assert "&& scratchnet train" in install_and_train
    assert install_and_test.endswith("&& pytest")
    assert install_and_test in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("line", [c for c in commands(README) if "scratchnet " in c])
def test_every_command_in_the_readme_exists(line):
    words = line.rpartition("scratchnet ")[2].split()
    shown = subprocess.run(
        [sys.executable, "-m", "scratchnet", words[0], "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for option in (word for word in words if word.startswith("--")):
        assert re.search(rf"{option}\b", shown)


@pytest.mark.parametrize("link", re.findall(r"\]\(((?!https?:|#)[^)]+)\)", README))
def test_every_file_that_the_readme_links_to_is_there(link):
    assert (ROOT / link.partition("#")[0]).exists()


def test_every_room_that_the_readme_maps_is_there():
    rooms = re.findall(r"^\s*(?:scratchnet/)?(\w+/|\w+\.py)  ", README, flags=re.M)
    assert rooms
    for name in rooms:
        assert (ROOT / name).exists() or (ROOT / "scratchnet" / name).exists(), name


def run_examples(text: str, names: dict[str, object]) -> int:
    """How many examples there are in a text; each must give what stands below it."""
    examples = doctest.DocTestParser().get_doctest(text, names, "examples", None, 0)
    failed, attempted = doctest.DocTestRunner().run(examples)
    assert failed == 0
    return attempted


def test_the_examples_in_the_readme_run():
    assert (
        sum(run_examples(b, {}) for b in re.findall(r"^```python\n(.*?)^```", README, re.M | re.S))
        >= 4
    )


def test_the_op_that_the_readme_adds_is_tensorflows():
    blocks = [
        textwrap.dedent(b) for b in re.findall(r"^   ```python\n(.*?)^   ```", README, re.M | re.S)
    ]
    names: dict[str, Any] = {}  # what an empty notebook knows: scratchnet.extend is all it takes
    try:
        for block in blocks:
            exec(block, names)
        x = np.array([-1.5, 0.0, 2.0])
        ours, theirs = (
            first_and_second(tf, f, x)
            for tf, f in ((scratchnet, names["cube"]), (tensorflow, lambda x: x**3))
        )
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
        assert run_examples(names["cube"].__doc__, names) == 1
    finally:
        extend._ROWS.pop("my_cube", None)


def first_and_second(tf, f, x):
    """f(x) and its first two derivatives, with the module `tf`."""
    x = tf.constant(x)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        first = inner.gradient(y, x)
    return [y.numpy(), first.numpy(), outer.gradient(first, x).numpy()]
