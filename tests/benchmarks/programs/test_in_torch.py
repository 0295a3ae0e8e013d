"""ResNet-20 in PyTorch, where it is installed."""

from __future__ import annotations

import numpy as np
import pytest

import scratchnet
from benchmarks.case import Library
from benchmarks.programs import in_torch, networks
from benchmarks.worker import arrays


def test_a_step_is_scratchnets():
    torch = pytest.importorskip("torch")
    library = Library(torch, None, lambda f: f)
    theirs = arrays(in_torch.fit(library, "resnet20", 1).check())
    ours = arrays(networks.fit(Library(scratchnet, None, lambda f: f), "resnet20", 1).check())
    assert [a.shape for a in ours] == [b.shape for b in theirs]
    for a, b in zip(ours, theirs, strict=True):
        assert np.linalg.norm(a - b) <= 0.05 * np.linalg.norm(b)
