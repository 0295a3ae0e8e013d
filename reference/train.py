"""``python -m reference.train``: the full training on TensorFlow, on a GPU and on many machines."""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated, Any, NoReturn

import typer

from scratchnet import cli_options as take

from .options import FullOptions
from .quiet import import_tensorflow
from .workers import Cluster, Watchdog

DEFAULT = FullOptions()
INTERRUPTED = 130

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

LimitTrain = Annotated[
    int,
    typer.Option(
        metavar="N", parser=take.whole, help="Train on the first N images.", show_default="all"
    ),
]
LimitTest = Annotated[
    int,
    typer.Option(
        metavar="N", parser=take.whole, help="Test on the first N images.", show_default="all"
    ),
]
Loop = Annotated[
    str,
    typer.Option(
        metavar="fit|tape",
        help="In which order the images come: that of Keras's fit, the same in every epoch, or "
        "that of Dataset.shuffle.",
    ),
]
Device = Annotated[
    str, typer.Option(metavar="auto|gpu|cpu", help="What to compute on; auto: a GPU if there is.")
]
Replicas = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        parser=take.whole,
        help="Copies of the network on this machine, each with its part of a batch.",
        show_default="one per GPU; one on a CPU",
    ),
]
MixedPrecision = Annotated[
    str,
    typer.Option(
        metavar="float16|bfloat16|float32",
        help="In which numbers layers compute; weights are float32 all the same.",
    ),
]
Xla = Annotated[bool, typer.Option("--xla", help="Compile the step with XLA.")]
Tf32 = Annotated[
    bool, typer.Option("--tf32", help="Let a GPU round factors of products to 10 bits.")
]
CheckpointEvery = Annotated[
    int,
    typer.Option(
        metavar="N",
        parser=take.whole,
        help="Keep a checkpoint every N steps, too; 0: only after each epoch.",
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on from the checkpoint in DIR, if there is one.")
]
Workers = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT,…",
        help="The machines that train together, the same list on each.",
        show_default="those of the variable TF_CONFIG; else this machine alone",
    ),
]
Index = Annotated[
    int | None,
    typer.Option(metavar="I", parser=take.whole, help="Which of them this is, from 0."),
]
Patience = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", parser=take.number, help="How long to wait for the other machines."
    ),
]


@app.command()
def train(
    context: typer.Context,
    data: take.Data = DEFAULT.data,
    model: take.Model = DEFAULT.model,
    epochs: take.Epochs = DEFAULT.epochs,
    batch_size: take.BatchSize = DEFAULT.batch_size,
    optimizer: take.Optimizer = DEFAULT.optimizer,
    learning_rate: take.LearningRate = DEFAULT.learning_rate,
    seed: take.Seed = DEFAULT.seed,
    limit_train: LimitTrain = DEFAULT.limit_train,
    limit_test: LimitTest = DEFAULT.limit_test,
    loop: Loop = DEFAULT.loop,
    out: take.Out = DEFAULT.out,
    device: Device = DEFAULT.device,
    replicas: Replicas = DEFAULT.replicas,
    mixed_precision: MixedPrecision = DEFAULT.mixed_precision,
    xla: Xla = DEFAULT.xla,
    tf32: Tf32 = DEFAULT.tf32,
    checkpoint_every: CheckpointEvery = DEFAULT.checkpoint_every,
    resume: Resume = DEFAULT.resume,
    workers: Workers = DEFAULT.workers,
    index: Index = DEFAULT.index,
    patience: Patience = DEFAULT.patience,
) -> None:
    """Train on TensorFlow, on the GPU where there is one, and on several machines."""
    _heed_sigterm()
    try:
        options = FullOptions(**context.params)
        cluster = Cluster.of(options.workers, options.index, os.environ)
        cluster.check_hosts()
    except ValueError as error:
        fail(f"Error: {error}", 2)
    try:
        code, message = _train(options, cluster)
    except KeyboardInterrupt as stop:
        code, message = INTERRUPTED, f"Interrupted. {stop}"
    if len(cluster) > 1 and code:  # TensorFlow's own way out would wait for the other workers
        print(message.strip(), file=sys.stderr, flush=True)
        sys.stdout.flush()
        os._exit(code)
    if code:
        fail(message, code)


def _heed_sigterm() -> None:
    """Let SIGTERM, by which machines are taken back, end the training as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _train(options: FullOptions, cluster: Cluster) -> tuple[int, str]:
    """The exit code of a training, and what is to be said about it."""
    watchdog = Watchdog(cluster, options.patience)
    if len(cluster) > 1:
        os.environ["TF_CONFIG"] = cluster.tf_config()
        print(f"Worker {cluster.index} of {len(cluster)}, waiting for all: {cluster}", flush=True)
        watchdog.sign("waiting for all workers to start")
    tf = import_tensorflow()
    try:
        return _prepare_and_run(options, cluster, watchdog)
    except tf.errors.OpError as error:
        if len(cluster) == 1:
            raise
        watchdog.stop(f"a worker is lost ({type(error).__name__})")


def _prepare_and_run(options: FullOptions, cluster: Cluster, watchdog: Watchdog) -> tuple[int, str]:
    from .run import FullTrainingRun  # here, so that --help does not wait for TensorFlow

    try:
        if len(cluster) > 1:
            cluster.check_port()
        job = FullTrainingRun(options, cluster, watchdog)
        _heed_sigterm()  # which TensorFlow has kept to itself since the workers met
    except (OSError, ValueError) as error:
        return 2, f"Error: {error}"
    try:
        job.run()
    except OSError as error:  # a full disk, say
        return 1, f"Error: {error}"
    return 0, ""


def fail(message: str, code: int) -> NoReturn:
    """End with what says why: one line, or a line and a table below it."""
    print(message.strip(), file=sys.stderr)
    raise typer.Exit(code)


def run_app(commands: Any) -> None:
    """Run a typer app; a wrong option is one line, not a traceback."""
    try:
        sys.exit(commands(standalone_mode=False))
    except typer.TyperException as error:
        print(f"Error: {error.format_message()}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    run_app(app)
