"""rich, which draws the tables and the progress bars, is imported only when they are drawn."""

from __future__ import annotations

import random


def import_rich() -> None:
    """Import rich and leave Python's random numbers as they were.

    It draws some while it is imported, and layers made later take their seeds from them.
    """
    state = random.getstate()
    import rich.console
    import rich.progress
    import rich.table  # noqa: F401 - for whoever imports them from now on

    random.setstate(state)
