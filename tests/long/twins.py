"""The twin training on networks of many kinds: no false alarm, and mistakes where they began.

A case is a seed: with it every network of `tests.support.twin_networks` is trained on both sides,
and nothing may be found; then each mistake of `FAULTS` is planted in scratchnet's side, and what is
found first must name it.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from tests.long.forms import Form
from tests.support.twin_networks import NETWORKS
from tests.support.twin_programs import compare_with, first_finding, networks_script, record

# What the first finding says, by the name of the fault in `tests.support.twin_faults`, and the
# networks that are trained.
FAULTS = {
    "wrong_vjp": (("tanh_only",), "backward: sequential/conv2d/kernel"),
    "flipped_filter": (("conv",), "backward: sequential/conv2d_1/kernel"),
    "wrong_bias": (("conv",), "backward: sequential/conv2d_1/bias"),
    "wrong_input_gradient": (("residual_bn",), "backward: batch_normalization_1/.*activation_1"),
    "pooled_twice": (("conv",), "backward: sequential/conv2d_1/.*from max_pooling2d_1"),
    "tanh_once": (("tanh_only",), "backward: sequential/dense/"),
    "loss_gradient": (("tanh_only",), "backward: sequential/dense_1/"),
    "lost_shortcut": (("residual_plain",), "backward: conv2d_4/.*re_lu_1"),
    "relu_mask": (("residual_bn",), "backward: batch_normalization_2/.*activation_2"),
    "wrong_moments": (("residual_bn",), "backward: conv2d_2/.*batch_normalization_2"),
    "batch_norm_momentum": (("residual_bn",), "forward: batch_normalization/moving_mean"),
    "batch_norm_epsilon": (("residual_bn",), "forward: batch_normalization differs"),
    "slope": (("gan",), "forward: leaky_re_lu differs"),
    "dampened": (("tanh_only",), "update: sequential/"),
    "epsilon": (("dense",), "update: sequential/"),
    "initial_weight": (("dense",), "randomness: sequential/dense/kernel"),
    "loss_factor": (("dense",), "step 4, forward: loss"),
    "own_gradient": (("nested_tape",), "backward: sequential/my_conv/k"),
}


def run(form: Form) -> None:
    """Case i has the seed ``seed + i``."""
    for i in form.numbers():
        seed = form.seed + i
        for name in NETWORKS:
            if form.only in name:
                _sound(form, i, name, seed)
        for fault, (names, expected) in FAULTS.items():
            if form.only in fault:
                _planted(form, i, fault, names, expected, seed)


def _sound(form: Form, i: int, name: str, seed: int) -> None:
    recorded = _recorded((name,), seed)
    twins = compare_with(recorded)
    form.count("sound trainings")
    form.count("steps", twins.judge.steps)
    for finding in twins.findings[:1]:
        form.found(i, "a false alarm", f"{name}: {finding}")


def _planted(
    form: Form, i: int, fault: str, names: tuple[str, ...], expected: str, seed: int
) -> None:
    found = first_finding(_recorded(names, seed), fault)
    form.count("planted mistakes")
    if not re.search(expected, found):
        form.found(i, "a mistake that is not named", f"{fault}: {found}")


_KNOWN: dict[tuple[tuple[str, ...], int], object] = {}


def _recorded(names: tuple[str, ...], seed: int) -> object:
    """What TensorFlow says; asked once."""
    if (names, seed) not in _KNOWN:
        folder = Path(tempfile.mkdtemp())
        _KNOWN[names, seed] = record(folder, script=networks_script(names), seed=seed)
    return _KNOWN[names, seed]
