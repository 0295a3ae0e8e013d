"""What is measured, section by section."""

from __future__ import annotations

from benchmarks.sections import busy, memory, networks, ops, scaling, sizes, startup, steps

# By the names of `--only`, in the order in which they run.
SECTIONS = {
    "networks": networks.run,
    "steps": steps.run,
    "ops": ops.run,
    "sizes": sizes.run,
    "scaling": scaling.run,
    "memory": memory.run,
    "startup": startup.run,
    "busy": busy.run,
}
