"""Studies: the six questions of a student's notebook, each answered by code that runs.

    scratchnet study                    lists the studies
    scratchnet study pooling            runs one and writes its page
    scratchnet study --all --out DIR    runs all, and writes a small site with an index

A study makes a claim, runs an experiment, and shows what came of it on a page of one file: with
the code that made the numbers, TensorFlow's numbers beside them, and what would show the claim
wrong.  The experiment is one function ``experiment(tf, seed)`` that runs on either library.

>>> import scratchnet as tf
>>> from scratchnet import studies
>>> studies.names()
['cnn-or-dense', 'parameters', 'invariance', 'batch-normalization', 'dropout', 'pooling',
 'surprises']
>>> numbers = studies.get("parameters").experiment(tf, seed=0)
>>> numbers["parameters/convolution"]
1300
>>> run = studies.run("parameters", seed=0, witnesses=False)
>>> studies.html(run)[:15]
'<!DOCTYPE html>'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["Run", "Study", "get", "html", "names", "run"]

if TYPE_CHECKING:
    from scratchnet.studies.page import html
    from scratchnet.studies.running import get, names, run
    from scratchnet.studies.study import Run, Study
else:
    _PLACES = {
        **{"html": "page", "Run": "study", "Study": "study"},
        **dict.fromkeys(("get", "names", "run"), "running"),
    }

    def __getattr__(name: str) -> Any:  # the command reads its options without loading studies
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"scratchnet.studies.{_PLACES[name]}"), name)
