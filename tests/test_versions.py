"""The package: its version, licence and tools."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import tensorflow

import scratchnet
from scratchnet.version import SCRATCHNET_VERSION
from tests.support.paired import agree

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_version_is_said_once():
    assert PYPROJECT["project"]["version"] == SCRATCHNET_VERSION


def test_programs_see_the_version_of_their_tensorflow():
    """Course notebooks begin with asking for it; that of the installed one moves by small steps."""
    agree('tf.__version__ >= "2.0", int(tf.__version__.split(".")[0]) >= 2, tf.version.VERSION[0]')
    assert scratchnet.__version__.split(".")[:2] == tensorflow.__version__.split(".")[:2]
    found, installed = scratchnet.keras.__version__, tensorflow.keras.__version__
    assert found.split(".")[:2] == installed.split(".")[:2]


def test_pre_commit_runs_the_tools_at_the_versions_of_the_test_extra():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    wanted = dict(
        re.findall(
            r"(ruff|mypy)==([\d.]+)",
            " ".join(PYPROJECT["project"]["optional-dependencies"]["test"]),
        )
    )
    pinned = set(re.findall(r"(ruff|mypy)==([\d.]+)", hooks))
    assert len(pinned) == len(wanted) == 2  # every hook of a tool has the same version
    for tool, version in pinned:
        assert version.startswith(wanted[tool])


def test_the_licence_is_the_one_that_is_declared():
    text = (ROOT / "LICENSE").read_text()
    assert PYPROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
