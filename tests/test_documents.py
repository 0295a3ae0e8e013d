"""What the README and the documents beside it say is so: links, commands, examples, places."""

from __future__ import annotations

import ast
import doctest
import itertools
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import scratchnet as tf

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DOCUMENTS = {
    name: (ROOT / name).read_text()
    for name in ("benchmarks/README.md", "reference/README.md", "scratchnet/twin/README.md")
}
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)]+)\)")


def test_the_first_link_is_the_tour():
    assert LINK.search(README).group(1) == "scratchnet/tour.py"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_readme_leads_to_the_other_documents(name):
    assert f"({name})" in README


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_of_the_other_documents_lead_to_files(name):
    for link in re.findall(r"\]\(((?!https?:|#)[^)]+)\)", DOCUMENTS[name]):
        assert ((ROOT / name).parent / link).exists(), link


PATH = README.split("**the path of a Conv2D", 1)[1].split("**Where is", 1)[0]
STEPS = [
    [
        (path, name)
        for path, names in re.findall(r"`([\w/]+\.py)`(?::((?:\s*`\w+`,?)+))?", step)
        for name in re.findall(r"\w+", names) or [""]
    ]
    for step in re.split(r"^\d+\. ", PATH, flags=re.M)[1:]
]


def test_the_path_of_a_conv2d_leads_through_files_and_functions_that_are_there():
    assert [bool(step) for step in STEPS] == [True] * 10
    for path, name in itertools.chain(*STEPS):
        tree = ast.parse((ROOT / "scratchnet" / path).read_text())
        defined = {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        assert name in {"", *defined}, path


def test_fit_takes_the_path_of_a_conv2d():
    """All of it but the compiled loops, which Python's profiler does not see, and the asides."""
    taken = []

    def notice(frame, event, argument):
        file = Path(frame.f_code.co_filename)
        if event == "call" and file.is_relative_to(ROOT / "scratchnet"):
            place = file.relative_to(ROOT / "scratchnet").as_posix(), frame.f_code.co_name
            taken.extend([] if place in taken else [place])

    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )
    model.compile("sgd", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, y = np.ones((4, 8, 8, 1), np.float32), np.zeros(4, np.int32)
    model.fit(x, y, verbose=0)  # compiles the kernels
    sys.setprofile(notice)
    try:
        model.fit(x, y, verbose=0)
    finally:
        sys.setprofile(None)
    asides = {"fit_by_hand", "PooledConv", "Record", ""}
    steps = [
        [p for p in step if p[1] not in asides and not p[0].endswith("_loops.py")] for step in STEPS
    ]
    assert set(itertools.chain(*steps)) <= set(taken)
    assert [p for p in taken if p in [step[0] for step in steps]] == [step[0] for step in steps]


COMMANDS = [
    line.partition("#")[0].strip()
    for text in DOCUMENTS.values()
    for block in re.findall(r"^```sh\n(.*?)^```", text, flags=re.M | re.S)
    for line in block.splitlines()
]


def test_every_document_shows_commands_that_are_looked_at():
    known = ("scratchnet ", "python -m benchmarks", "python -m reference.train", "pip install ")
    assert len(COMMANDS) >= len(DOCUMENTS) * 3
    for line in COMMANDS:  # those of reference.train are run in the tests of it
        assert line.startswith(known), line


@pytest.mark.parametrize("line", [c for c in COMMANDS if c.startswith(("scratchnet", "python"))])
def test_every_command_of_the_documents_exists(line):
    words = line.removeprefix("python -m ").split()
    options = [word for word in words if word.startswith("--")]
    module = words[: 2 if words[0] == "scratchnet" else 1]
    command = [sys.executable, "-m", *module, "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for option in options:
        assert re.search(rf"{option}\b", shown), option


@pytest.mark.parametrize("name", DOCUMENTS)
def test_examples_of_the_documents_run(name):
    for block in re.findall(r"^```python\n(.*?)^```", DOCUMENTS[name], flags=re.M | re.S):
        examples = doctest.DocTestParser().get_doctest(block, {}, name, None, 0)
        assert examples.examples
        assert doctest.DocTestRunner().run(examples).failed == 0
