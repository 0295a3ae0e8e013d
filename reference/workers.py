"""Several machines: who they are, and what is said when one of them dies."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

AGAIN = "Start all workers again, with --resume, to go on from the last checkpoint."


@dataclass(frozen=True)
class Cluster:
    """The workers of one training, ``host:port`` each, and which of them this process is.

    The first worker is the chief: it alone writes files.
    """

    workers: tuple[str, ...]
    index: int = 0

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
            return cls(tuple(workers.split(",")), index)._checked("--workers", "--index")
        if "TF_CONFIG" in environ:
            return _from_tf_config(environ["TF_CONFIG"])
        return cls(("this machine",))

    def _checked(self, workers: str, index: str) -> Cluster:
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
    cluster = Cluster(chief + jobs.get("worker", ()), place)
    return cluster._checked("The workers in TF_CONFIG", "The index in TF_CONFIG")


def _answers(worker: str, seconds: float) -> bool:
    host, _, port = worker.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=seconds).close()
    except OSError:
        return False
    return True


class Watchdog:
    """Ends this process, with the reason, when it has waited for the others too long.

    TensorFlow notices at once when the process of another worker dies.  It does not when that
    machine hangs or its cable is cut, and not before all workers have met; then this does.

    Args:
        cluster: the workers.
        patience: how many seconds may lie between two signs of life.
    """

    def __init__(self, cluster: Cluster, patience: float) -> None:
        self._cluster, self._patience = cluster, patience
        self._doing, self._since = "starting", time.monotonic()
        if len(cluster) > 1:
            threading.Thread(target=self._watch, daemon=True).start()

    def sign(self, doing: str) -> None:
        """There was progress; `doing` is what comes next."""
        self._doing, self._since = doing, time.monotonic()

    def _watch(self) -> None:
        while (waited := time.monotonic() - self._since) < self._patience:
            time.sleep(min(1.0, self._patience - waited))
        self.stop(f"no progress for {self._patience:g} seconds")

    def stop(self, reason: str) -> NoReturn:
        """End this process at once: TensorFlow's own way out waits for workers that are gone."""
        silent = self._cluster.silent()
        who = (
            f"{' and '.join(silent)} cannot be reached"
            if silent
            else "all other workers can be reached"
        )
        print(
            f"\nError: {reason}, while {self._doing}; {who}. {AGAIN}", file=sys.stderr, flush=True
        )
        sys.stdout.flush()
        os._exit(1)
