"""Several machines: who they are, and what is said when one of them dies."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

AGAIN = "Start all workers again"
RESUME = ", with --resume, to go on from the last checkpoint"


@dataclass(frozen=True)
class Cluster:
    """The workers of one training, ``host:port`` each, and which of them this process is.

    The first worker is the chief: it alone writes files.
    """

    workers: tuple[str, ...]
    index: int = 0
    source: str = field(default="--workers", compare=False)  # who said so, for errors

    @classmethod
    def of(cls, workers: str | None, index: int | None, environ: Mapping[str, str]) -> Cluster:
        """The cluster that ``--workers`` and ``--index`` say, or else the variable TF_CONFIG.

        Raises:
            ValueError: what they say is no cluster; the message says why.
        """
        if workers is None and index is not None:
            raise ValueError(f"--index must come with --workers, received --index {index} alone")
        if workers is not None:
            if index is None:
                raise ValueError("--workers must come with --index, the place of this worker in it")
            names = tuple(worker.strip() for worker in workers.split(","))
            return cls(names, index)._checked("--index")
        if "TF_CONFIG" in environ:
            return _from_tf_config(environ["TF_CONFIG"])
        return cls(("this machine",))

    def _checked(self, index: str) -> Cluster:
        workers = self.source
        for worker in self.workers:
            host, colon, port = worker.rpartition(":")
            if not (host and colon and port.isdecimal() and 0 < int(port) < 2**16):
                raise ValueError(f"{workers} must be host:port,host:port,…, received {worker!r}")
        if len(set(self.workers)) < len(self.workers):
            raise ValueError(f"{workers} must differ from each other, received {self}")
        if not 0 <= self.index < len(self.workers):
            raise ValueError(f"{index} must be in [0, {len(self.workers)}), received {self.index}")
        return self

    def __len__(self) -> int:
        return len(self.workers)

    def __str__(self) -> str:
        return ", ".join(self.workers)

    @property
    def is_chief(self) -> bool:
        """Whether this process is the one that writes files."""
        return self.index == 0

    def tf_config(self) -> str:
        """The value of the variable TF_CONFIG that says the same."""
        task = {"type": "worker", "index": self.index}
        return json.dumps({"cluster": {"worker": list(self.workers)}, "task": task})

    def check_hosts(self) -> None:
        """A ValueError if there is no machine of a worker's name: none would ever come."""
        for worker in self.workers if len(self) > 1 else ():
            try:
                socket.getaddrinfo(*_address(worker), type=socket.SOCK_STREAM)
            except (OSError, UnicodeError) as error:  # which a name of wrong letters or length is
                raise ValueError(
                    f"{self.source} must name machines that can be found, received {worker!r}: "
                    f"{error}"
                ) from error

    def check_port(self) -> None:
        """An OSError if somebody else listens at the port of this worker."""
        _, port = _address(self.workers[self.index])
        try:
            socket.create_server(("", port)).close()
        except OSError as error:
            raise OSError(f"port {port} of this machine cannot be listened at: {error}") from error

    def silent(self, seconds: float = 3.0) -> list[str]:
        """The other workers that nobody answers for, as ``worker 1 (host:port)``."""
        return [
            f"worker {i} ({worker})"
            for i, worker in enumerate(self.workers)
            if i != self.index and not _answers(worker, seconds)
        ]


def _from_tf_config(text: str) -> Cluster:
    """The workers of TF_CONFIG, a chief first if there is one."""
    try:
        config = json.loads(text)
        jobs = {kind: tuple(config["cluster"][kind]) for kind in config["cluster"]}
        kind, index = config["task"]["type"], int(config["task"]["index"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"TF_CONFIG must say the cluster and the task, received {text}") from error
    if not set(jobs) <= {"chief", "worker"} or kind not in jobs:
        raise ValueError(
            f"TF_CONFIG must be of workers and at most a chief, received the kinds {list(jobs)} "
            f"and a task of the kind {kind}"
        )
    chief = jobs.get("chief", ())
    place = index if kind == "chief" else index + len(chief)
    cluster = Cluster(chief + jobs.get("worker", ()), place, "The workers in TF_CONFIG")
    return cluster._checked("The index in TF_CONFIG")


def _address(worker: str) -> tuple[str, int]:
    host, _, port = worker.rpartition(":")
    return host.strip("[]"), int(port)


def _answers(worker: str, seconds: float) -> bool:
    try:
        socket.create_connection(_address(worker), timeout=seconds).close()
    except OSError:
        return False
    return True


class Watchdog:
    """Ends this process, with the reason, when it has waited for the others too long.

    TensorFlow notices at once when the process of another worker dies.  It does not when that
    machine hangs or its cable is cut, and not before all workers have met; then this does.  It is
    a process of its own, since TensorFlow may wait without letting other threads run.

    Args:
        cluster: the workers; for one alone there is nothing to watch.
        patience: how many seconds may lie between two signs of life.

    Attributes:
        resumable: whether there is a checkpoint to go on from.
    """

    def __init__(self, cluster: Cluster, patience: float) -> None:
        self._cluster, self._doing, self.resumable = cluster, "starting", False
        self._dog: subprocess.Popen[str] | None = None
        if len(cluster) > 1:
            self._dog = subprocess.Popen(
                # -P: this file's folder is not a place to import from.
                [sys.executable, "-P", __file__, cluster.tf_config(), str(patience)],
                stdin=subprocess.PIPE,
                text=True,
                start_new_session=True,  # Ctrl-C is not for it
            )

    def sign(self, doing: str) -> None:
        """There was progress; `doing` is what comes next."""
        self._doing = doing
        if self._dog is not None and self._dog.stdin is not None:
            self._dog.stdin.write(json.dumps([doing, self.resumable]) + "\n")
            self._dog.stdin.flush()

    def stop(self, reason: str) -> NoReturn:
        """End this process at once: TensorFlow's own way out waits for workers that are gone."""
        sys.stdout.flush()
        explain(self._cluster, reason, self._doing, self.resumable)
        os._exit(1)


def explain(cluster: Cluster, reason: str, doing: str, resumable: bool) -> None:
    """Say why the training ends, which worker is missing, and how to go on."""
    silent = cluster.silent()
    for _ in range(4):  # the port of a process outlives it by a moment
        if not silent:
            time.sleep(1)
            silent = cluster.silent()
    who = f"{' and '.join(silent)} cannot be reached" if silent else "one of them may hang"
    again = f"{AGAIN}{RESUME if resumable else ''}."
    print(f"\nError: {reason}, while {doing}; {who}. {again}", file=sys.stderr, flush=True)


def watch(cluster: Cluster, patience: float, worker: int) -> None:
    """End the process `worker` when it has given no sign for `patience` seconds.

    Its signs come as lines of the standard input, which ends with it.
    """
    doing, resumable = "starting", False
    while select.select([0], [], [], patience)[0]:
        signs = os.read(0, 1 << 16).decode()
        if not signs:
            return
        doing, resumable = json.loads(signs.splitlines()[-1])
    explain(cluster, f"no progress for {patience:g} seconds", doing, resumable)
    if os.getppid() == worker:
        os.kill(worker, signal.SIGKILL)


if __name__ == "__main__":
    watch(Cluster.of(None, None, {"TF_CONFIG": sys.argv[1]}), float(sys.argv[2]), os.getppid())
