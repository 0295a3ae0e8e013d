"""Each op of a training step alone, at the sizes of the seed network, batch 128."""

from __future__ import annotations

from typing import Any

from benchmarks.bench import Bench
from benchmarks.case import EAGER, Bound, Case, Program
from benchmarks.programs import convolution, small
from benchmarks.programs.convolution import Shape

BATCH = 128
CONV1 = Shape((BATCH, 28, 28, 1), (3, 3, 1, 32))
CONV2 = Shape((BATCH, 26, 26, 32), (3, 3, 32, 64))
FEATURES = CONV2.out
DEPTHWISE = {
    "32x32, 32 channels": Shape((64, 32, 32, 32), (3, 3, 32, 1), padding="SAME"),
    "28x28, 64 channels, stride 2": Shape((32, 28, 28, 64), (3, 3, 64, 1), 2, padding="SAME"),
}
POOLED = (BATCH, 12, 12, 64)
POOL = {"ksize": 2, "strides": 2, "padding": "VALID"}
DENSE = {"inputs": (BATCH, 9216), "units": 128}
LOGITS = (BATCH, 10)
WEIGHTS = (
    *((3, 3, 1, 32), (32,), (3, 3, 32, 64), (64,)),
    *((9216, 128), (128,), (128, 10), (10,)),
)
Args = dict[str, Any]


def convolution_cases(name: str, shape: Shape, section: str, goal: str) -> list[Case]:
    """A convolution: forward, and its two gradients."""
    kh, kw, C, O = shape.filters
    N, oh, ow, _ = shape.out
    both = convolution
    rows = (
        ("forward", both.forward, both.forward, kh * kw * C),
        ("input gradient", both.input_gradient, both.input_gradient_by_tape, kh * kw * O),
        ("filter gradient", both.filter_gradient, both.filter_gradient_by_tape, N * oh * ow),
    )
    return [
        Case(
            f"{name}, {what}",
            section,
            program,
            {"shape": shape},
            Bound(terms),
            goals={EAGER: goal},
            flops=shape.flops,
            definition=definition if section == "ops" else None,
        )
        for what, program, definition, terms in rows
    ]


def _case(
    name: str,
    program: Program,
    args: Args,
    terms: int = 1,
    definition: Program | None = None,
    flops: float | None = None,
) -> Case:
    bound, goals = Bound(terms), {EAGER: "op"}
    return Case(name, "ops", program, args, bound, goals, flops=flops, definition=definition)


def _conv_and_pool() -> list[Case]:
    """The two layers that a model joins."""
    name, flops = "conv2 + bias + relu + max pool (layers)", CONV2.flops
    args, both, (_, oh, ow, _) = {"shape": CONV2}, convolution, CONV2.out
    return [
        _case(f"{name}, forward", both.pooled, args, 9 * 32, None, flops),
        _case(f"{name}, backward", both.pooled_backward, args, BATCH * oh * ow, None, 2 * flops),
    ]


def _each_channel_alone() -> list[Case]:
    found = []
    for name, shape in DEPTHWISE.items():
        args, (N, oh, ow, _) = {"shape": shape}, shape.out
        title, both = f"depthwise 3x3, {name}", convolution
        found.append(_case(f"{title}, forward", both.depthwise, args, 9))
        found.append(_case(f"{title}, backward", both.depthwise_backward, args, N * oh * ow))
    return found


def _pools() -> list[Case]:
    found = []
    for name, op in (("max pool", "max_pool2d"), ("mean pool", "avg_pool2d")):
        args = {"op": op, "shape": FEATURES, "options": POOL}
        found.append(_case(f"{name}, forward", small.forward, args, 4, small.forward))
        found.append(_case(f"{name}, backward", small.backward, args, 4, small.backward))
    return found


def _dense() -> list[Case]:
    forward, backward = small.dense, small.dense_backward
    terms, flops = 9216, 2.0 * BATCH * 9216 * 128
    return [
        _case("dense, forward", forward, DENSE, terms, small.dense_in_numpy, flops),
        _case("dense, backward", backward, DENSE, 128, small.dense_backward_in_numpy, 2 * flops),
    ]


def _rest() -> list[Case]:
    dropped: Args = {"shape": POOLED, "rate": 0.25}
    logits: Args = {"shape": LOGITS}
    relu: Args = {"op": "relu", "shape": FEATURES}
    entropy, entropy_back = small.cross_entropy, small.cross_entropy_backward
    found = [
        _case("dropout, forward", small.dropout, dropped),
        _case("dropout, backward", small.dropout_backward, dropped),
        _case("softmax cross-entropy, forward", entropy, logits, 10, entropy),
        _case("softmax cross-entropy, backward", entropy_back, logits, 10, entropy_back),
        _case("relu, forward", small.forward, relu, 1, small.forward),
        _case("relu, backward", small.backward, relu, 1, small.backward),
    ]
    for name, title in (("sgd", "SGD"), ("adam", "Adam")):
        args = {"optimizer": name, "shapes": WEIGHTS}
        found.append(_case(f"{title}, 1.2 M weights", small.update, args, 1, small.update_in_numpy))
    return found


def cases() -> list[Case]:
    """The rows of this section."""
    found = []
    for name, shape in (("conv1", CONV1), ("conv2", CONV2)):
        found += convolution_cases(name, shape, "ops", "op")
        _, _, C, _ = shape.filters
        layer, title = convolution.layer, f"{name} + bias + relu (layer)"
        found.append(_case(title, layer, {"shape": shape}, 9 * C, None, shape.flops))
    return found + _conv_and_pool() + _each_channel_alone() + _pools() + _dense() + _rest()


def run(bench: Bench) -> None:
    """Measure them."""
    bench.measure(cases())
