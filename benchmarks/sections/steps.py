"""Training steps and predictions of the seed network; training steps of recurrent layers."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.case import EAGER, FUNCTION, Bound, Case
from benchmarks.programs import recurrent, training

STEP = Bound(norm=2e-3)
PREDICTION = Bound(terms=9216)  # the longest sum is that of the first dense layer
# Layer, units, steps of a sequence, batch.
RECURRENT = [
    ("LSTM", 32, 28, 32),
    ("GRU", 64, 100, 32),
    ("LSTM", 64, 100, 32),
    ("LSTM", 128, 28, 128),
    ("GRU", 128, 200, 32),
    ("LSTM", 128, 200, 128),
]
WHOLE_STEP = "fit, batch 128"


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
    return found + [_recurrent(*sizes, quick) for sizes in (RECURRENT[:2] if quick else RECURRENT)]


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


def _recurrent(layer: str, units: int, length: int, batch: int, quick: bool) -> Case:
    steps, inputs = 4 if quick else 12, 32
    sizes = {"layer": layer, "units": units, "length": length, "batch": batch, "inputs": inputs}
    return Case(
        f"fit, {layer} of {units} units, {length} steps, batch {batch}",
        "steps",
        recurrent.fit,
        {**sizes, "steps": steps},
        STEP,
        ways=(FUNCTION,),
        flops=recurrent.flops(**sizes),  # type: ignore[arg-type]
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
        bench.count("peak", WHOLE_STEP, share)
        if share > 1:
            bench.note(
                f"{share:.0%} of the peak: operations are counted as TensorFlow needs them; those "
                "on zeros, and what Winograd's convolution saves, are not done here"
            )
