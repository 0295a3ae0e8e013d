"""CIFAR-10 and CIFAR-100: from an archive as theirs, with fewer images, as Keras reads it."""

from __future__ import annotations

import hashlib
import io
import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from keras.src.datasets import cifar as keras_cifar
from keras.src.datasets import cifar100 as keras_cifar100

from scratchnet.keras.datasets import cifar, cifar10, cifar100, fetch
from tests.support.dataset_files import put
from tests.support.signatures import taken_alike

RNG = np.random.default_rng(0)


def batch(count: int, *labels: str) -> bytes:
    held = {b"data": RNG.integers(0, 256, (count, 3072)).astype(np.uint8)}
    held |= {name.encode(): RNG.integers(0, 10, count).tolist() for name in labels}
    return pickle.dumps(held, 3)


def archive(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


FINE = ("fine_labels", "coarse_labels")
TEN = {f"cifar-10-batches-py/data_batch_{i}": batch(3, "labels") for i in range(1, 6)}
TEN["cifar-10-batches-py/test_batch"] = batch(2, "labels")
HUNDRED = {
    "cifar-100-python/train": batch(5, *FINE),
    "cifar-100-python/test": batch(4, *FINE),
}


@pytest.fixture
def kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Both archives in the cache, with digests of their own."""
    for module, name, members in (
        (cifar10, "cifar-10-batches-py-target", TEN),
        (cifar100, "cifar-100-python-target", HUNDRED),
    ):
        content = archive(members)
        put(cache / f"{name}_archive", content)
        monkeypatch.setattr(module, "SHA256", hashlib.sha256(content).hexdigest())
    return cache


def equal(ours: Any, theirs: Any) -> None:
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


def test_cifar10_is_what_keras_reads_batch_by_batch(kept: Path) -> None:
    (x_train, y_train), (x_test, y_test) = cifar10.load_data()
    folder = kept / "cifar-10-batches-py-target" / "cifar-10-batches-py"
    parts = [keras_cifar.load_batch(folder / f"data_batch_{i}") for i in range(1, 6)]
    x = np.concatenate([part for part, _ in parts]).transpose(0, 2, 3, 1)
    y = np.uint8([label for _, labels in parts for label in labels]).reshape(-1, 1)
    equal((x_train, y_train), (x, y))
    x, y = keras_cifar.load_batch(folder / "test_batch")
    equal((x_test, y_test), (x.transpose(0, 2, 3, 1), np.uint8(y).reshape(-1, 1)))
    assert x_train.shape == (15, 32, 32, 3)


@pytest.mark.parametrize("mode", ["fine", "coarse"])
def test_cifar100_is_keras_own(kept: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = cifar100.load_data(mode)
    folder = kept / "cifar-100-python-target"
    monkeypatch.setattr(keras_cifar100, "get_file", lambda **kwargs: str(folder))
    for mine, theirs in zip(ours, keras_cifar100.load_data(mode), strict=True):
        equal(mine, theirs)


def test_it_is_unpacked_once_and_whole(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cifar100.load_data()
    names = sorted(path.name for path in kept.iterdir())
    assert names == [
        "cifar-10-batches-py-target_archive",
        "cifar-100-python-target",
        "cifar-100-python-target_archive",
    ]
    monkeypatch.setattr(fetch.tarfile, "open", None)
    cifar100.load_data()
    train = kept / "cifar-100-python-target" / "cifar-100-python" / "train"
    train.write_bytes(train.read_bytes()[:100])
    with pytest.raises(ValueError, match=r"cifar-100-python/train: not a readable pickle"):
        cifar100.load_data()
    train.write_bytes(pickle.dumps({b"data": np.zeros((2, 5), np.uint8)}, 3))
    with pytest.raises(ValueError, match="must hold images of 3072 bytes"):
        cifar100.load_data()
    monkeypatch.undo()


def test_what_is_wrong_is_said(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"`label_mode` must be one of .*received label_mode='x'"):
        cifar100.load_data("x")
    content = archive({"cifar-100-python/train": b""})
    put(kept / "cifar-100-python-target_archive", content)
    monkeypatch.setattr(cifar100, "SHA256", hashlib.sha256(content).hexdigest())
    with pytest.raises(ValueError, match=r"must hold cifar-100-python/test, which is missing"):
        cifar100.load_data()
    (kept / "cifar-10-batches-py-target_archive").unlink()

    def unreachable(*args: Any, **kwargs: Any) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr(fetch, "urlopen", unreachable)
    text = (
        r"URL fetch failure on .*put the file there by hand: .*cifar-10-batches-py-target_archive"
    )
    with pytest.raises(ConnectionError, match=text):
        cifar10.load_data()


@pytest.mark.parametrize(
    "held",
    [
        {b"data": np.zeros((2, 3072), np.int8), b"labels": [1, 2]},
        {b"data": np.zeros((2, 3071), np.uint8), b"labels": [1, 2]},
        {b"data": np.zeros((2, 3, 3072), np.uint8), b"labels": [1, 2]},
        {b"data": [[0] * 3072], b"labels": [1]},
        {b"data": np.zeros((2, 3072), np.uint8), b"labels": (1, 2)},
        {b"data": np.zeros((2, 3072), np.uint8), b"labels": [1]},
        {b"data": np.zeros((2, 3072), np.uint8)},
        {b"labels": [1, 2]},
        [1, 2],
    ],
)
def test_what_is_no_batch(held: Any, tmp_path: Path) -> None:
    path = tmp_path / "batch"
    path.write_bytes(pickle.dumps(held, 3))
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
        cifar.read_batch(path, "labels")
    assert str(caught.value) == (
        f"{path}: must hold images of 3072 bytes under 'data' and as many labels under 'labels': "
        "remove the folder to have it unpacked again"
    )


def test_names_may_be_text_or_bytes(tmp_path: Path) -> None:
    """As Python 3 and Python 2 write them; channels come last."""
    data = np.arange(2 * 3072).reshape(2, 3072).astype(np.uint8)
    for held in ({"data": data, "fine": [3, 4]}, {b"data": data, b"fine": [3, 4]}):
        (tmp_path / "batch").write_bytes(pickle.dumps(held, 3))
        images, labels = cifar.read_batch(tmp_path / "batch", "fine")
        assert images.flags.c_contiguous
        assert images.shape == (2, 32, 32, 3)
        assert labels.tolist() == [[3], [4]]
        assert images[1, 5, 7, 2] == data[1, 2 * 1024 + 5 * 32 + 7]


def test_a_part_that_is_missing_is_unpacked_again(kept: Path) -> None:
    cifar10.load_data()
    part = kept / "cifar-10-batches-py-target" / "cifar-10-batches-py" / "data_batch_3"
    part.unlink()
    assert cifar10.load_data()[0][0].shape == (15, 32, 32, 3)
    assert part.is_file()


def test_what_its_functions_take() -> None:
    taken_alike("datasets.cifar10")
    taken_alike("datasets.cifar100")
