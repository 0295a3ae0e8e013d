"""Known networks: steps of `fit`, predictions, and loops with a tape where all is overhead."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.case import FUNCTION, TORCH, Bound, Case, Program
from benchmarks.programs import in_torch, networks
from benchmarks.programs.networks import NETWORKS

STEP = Bound(norm=2e-3)
PREDICTION = Bound(terms=9216)
LOOPS = ("small",)  # where the loop itself is what takes the time
APART = ("resnet20", "vgg", "dcgan")  # whose predictions have goals of their own


def cases(bench: Bench) -> list[Case]:
    """The rows of this section: all steps first, then predictions."""
    found = []
    for name in NETWORKS:
        found.append(_case(bench, name, "fit", networks.fit, STEP, f"fit {name}"))
        if name in LOOPS:
            found.append(_case(bench, name, "loop with a tape", networks.loop, STEP, "tape small"))
    for name in NETWORKS:
        goal = f"predict {name if name in APART else 'others'}"
        found.append(_case(bench, name, "predict", networks.predict, PREDICTION, goal))
    return found


def _case(bench: Bench, name: str, way: str, program: Program, bound: Bound, goal: str) -> Case:
    network, training = NETWORKS[name], program is not networks.predict
    goals, torch = {FUNCTION: goal}, None
    if program is networks.fit and name == "resnet20":
        goals, torch = {**goals, TORCH: "torch resnet20"}, in_torch.fit
    steps = max(2, network.steps // 2) if bench.quick else network.steps
    return Case(
        f"{network.title}, {way}",
        "networks",
        program,
        {"network": name, "steps": steps},
        bound,
        goals=goals,
        ways=(FUNCTION,),  # Keras compiles the steps of `fit` and `predict` itself
        flops=bench.sides.ours.ask("call", networks.flops, (name, training)),
        units=steps,
        torch=torch,
    )


def run(bench: Bench) -> None:
    """Measure them."""
    bench.measure(cases(bench))
