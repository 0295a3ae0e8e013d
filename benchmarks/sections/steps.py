"""Training steps and predictions of the seed network."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.case import EAGER, FUNCTION, Bound, Case
from benchmarks.programs import training

STEP = Bound(norm=2e-3)
PREDICTION = Bound(terms=9216)  # the longest sum is that of the first dense layer
WHOLE_STEP = "fit, batch 128"
MOST = 1.15  # of the peak: somewhat over 1 where numbers that are 0 are left out of a sum


def cases(quick: bool) -> list[Case]:
    """The rows of this section; a quick one trains fewer steps in each round."""
    found = []
    for batch in (128, 32):
        # Enough of them for what an epoch costs besides its steps not to count.
        steps = 8 if quick else 24
        found.append(_fit(batch, steps))
        found.append(_loop(batch, steps))
    found += [
        _prediction("predict, batch 128", training.predict, 128, steps=8 if quick else 24),
        _prediction("predict, batch 1", training.predict_calls, 1, calls=4 if quick else 20),
    ]
    call = {"program": training.model_calls, "bound": PREDICTION}
    found += [
        Case(f"model(x), batch {n}", "steps", args={"batch": n}, **call)  # type: ignore[arg-type]
        for n in (128, 1)
    ]
    return found


def _fit(batch: int, steps: int) -> Case:
    # Keras compiles the step of its `fit` itself: it is TensorFlow's tf.function.
    return Case(
        f"fit, batch {batch}",
        "steps",
        training.fit,
        {"batch": batch, "steps": steps},
        STEP,
        goals={FUNCTION: f"fit {batch}"},
        ways=(FUNCTION,),
        flops=training.flops(28, batch),
        units=steps,
    )


def _loop(batch: int, steps: int) -> Case:
    return Case(
        f"loop with a tape, batch {batch}",
        "steps",
        training.loop,
        {"batch": batch, "steps": steps},
        STEP,
        goals={EAGER: "tape eager", FUNCTION: f"tape function {batch}"},
        flops=training.flops(28, batch),
        units=steps,
    )


def _prediction(name: str, program: object, batch: int, **count: int) -> Case:
    (units,) = count.values()
    return Case(
        name,
        "steps",
        program,  # type: ignore[arg-type]
        {"batch": batch, **count},
        PREDICTION,
        goals={FUNCTION: "predict"},
        ways=(FUNCTION,),
        flops=training.flops(28, batch, training=False),
        units=units,
    )


def run(bench: Bench) -> None:
    """Measure them, and what share of the sgemm peak the whole step reaches."""
    bench.measure(cases(bench.quick))
    for row in bench.rows:
        share = row.share()
        if row.case.name != WHOLE_STEP or share is None:
            continue
        if share <= MOST:
            bench.count("peak", WHOLE_STEP, share)
        else:
            bench.note(
                f"NOT QUIET: a step ran at {share:.0%} of NumPy's matrix product beside it, which "
                "is no peak then: others had the processors. The share is not counted."
            )
