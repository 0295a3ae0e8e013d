"""CIFAR-100: 60,000 colour images of 100 classes in 20 groups, 32 x 32."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet.engine.errors import say
from scratchnet.keras.datasets.cifar import fetch_folder, read_batch
from scratchnet.keras.datasets.split import Split
from scratchnet.ops.arguments import one_of
from scratchnet.unsupported import listed, missing

__all__ = ["load_data"]

SHA256 = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"


def load_data(label_mode: str = "fine") -> Split:
    """CIFAR-100, from the cache or from the network.

    Args:
        label_mode: ``"fine"`` for the 100 classes, ``"coarse"`` for their 20 groups.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: images of uint8, of shape (50000, 32, 32, 3) and
        (10000, 32, 32, 3), labels of int64, of shape (50000, 1) and (10000, 1).

    Raises:
        ConnectionError: the file is not in the cache and cannot be fetched.
        ValueError: an unknown `label_mode`; what was fetched is not CIFAR-100.

    Reference: ``tf.keras.datasets.cifar100.load_data``; A. Krizhevsky, Learning Multiple Layers of
    Features from Tiny Images, 2009.
    """
    if not one_of(label_mode, ("fine", "coarse")):
        rule = "must be one of 'fine', 'coarse'"
        raise ValueError(say("cifar100.load_data", "label_mode", rule, label_mode))
    folder = fetch_folder(
        "cifar-100-python-target",
        "cifar-100-python.tar.gz",
        SHA256,
        "cifar-100-python",
        ["train", "test"],
    )
    labels = f"{label_mode}_labels"
    return read_batch(folder / "train", labels), read_batch(folder / "test", labels)


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.datasets.cifar100")
    __dir__ = listed(__name__)
