"""Exercises: VJPs to fill in, checked with hints; and wrong ones to switch on and watch.

    scratchnet exercise               lists the exercises
    scratchnet exercise max_pool2d    writes exercises/max_pool2d.py: the forward pass, the formula
                                      to derive, and a blank VJP; run again, it checks the file
    scratchnet break                  lists wrong VJPs
    scratchnet break flipped_filter   trains a network with it, beside the right one

In a notebook:

>>> from scratchnet import exercises
>>> def my_vjp(g, a, b):
...     return g @ b.T, (g.T @ a)
>>> exercises.check("matmul", my_vjp)
matmul: not right yet. A gradient has the shape of what it is by: gb must have shape (4, 2), ...
  Likely cause: it is transposed
  (one more hint if it is still wrong later)
>>> exercises.check("matmul", lambda g, a, b: (g @ b.T, a.T @ g)).solved
True
"""

from __future__ import annotations

from scratchnet.exercises.checking import check, check_file, names, title, write
from scratchnet.exercises.feedback import Feedback
from scratchnet.exercises.progress import Progress

__all__ = ["Feedback", "Progress", "check", "check_file", "names", "title", "write"]
