"""``python -m scratchnet``: the command `scratchnet`."""

from __future__ import annotations

from scratchnet.cli import main

main()
