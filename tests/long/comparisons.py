"""`scratchnet.testing.compare` on sound programs: no false alarm, whatever the seed."""

from __future__ import annotations

from scratchnet.testing import compare
from tests.long.forms import Form
from tests.support.comparison_programs import PROGRAMS


def run(form: Form) -> None:
    """Case i is program ``i mod n`` with the seed ``seed + i // n``."""
    names = [name for name in PROGRAMS if form.only in name]
    for i in form.numbers():
        name, seed = names[i % len(names)], form.seed + i // len(names)
        found = compare(PROGRAMS[name], seed=seed)
        form.count("arrays compared", found.compared)
        if not found.ok:
            form.found(i, "a false alarm", f"{name}, seed {seed}: {found}", name)
