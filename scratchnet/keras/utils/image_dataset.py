"""image_dataset_from_directory: the images in a folder of folders, as a Dataset."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.data import Dataset
from scratchnet.data.element_spec import Element, Spec, TensorSpec
from scratchnet.data.node import Node
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.keras.utils.image_files import (
    check_color_mode,
    check_data_format,
    import_pillow,
)
from scratchnet.keras.utils.resize_images import METHODS, center_crop, resize, resize_with_pad
from scratchnet.ops.arguments import one_of

_WHERE = "image_dataset_from_directory"
_ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4}
# Of which red, green and blue are gray, in 1/32768: those of libpng for 0.299, 0.587 and 0.114.
_LUMA = np.array([9797, 19234, 3737])


def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Any = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """The images under `directory`, with labels by the folders that they are in.

    Files, their order, labels and split are Keras's for the same arguments, and so are the pixels
    of ``.png``, ``.bmp`` and ``.gif`` files. Those of ``.jpg`` files, which TensorFlow decodes with
    a faster and rougher transform, differ by a few steps of 255.

    Args:
        directory: with one folder for each class; without `labels`, with the images.
        labels: ``"inferred"`` from the folders, None for none, or a list of integers, one for each
            file in the order of their names.
        label_mode: ``"int"``, ``"categorical"`` (a one-hot vector), ``"binary"`` (0 or 1, of two
            classes, as float32 of shape (1,)), or None for none.
        class_names: the folders in the order that numbers the classes; that of their names if not
            given.
        color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"``.
        batch_size: images in a batch; None for single ones.
        image_size: height and width, to which they are resized.
        shuffle: mix them, once now and then at each reading; else they come in order of names.
        seed: of the mixing.
        validation_split: the share of the files that is for validation, between 0 and 1.
        subset: which part to return: ``"training"``, ``"validation"``, or ``"both"``, two datasets.
        interpolation: how they are resized, as of ``tf.image.resize``: ``"bilinear"``,
            ``"nearest"`` (which keeps uint8), ``"bicubic"``, ``"area"``, ``"lanczos3"``,
            ``"lanczos5"``, ``"gaussian"`` or ``"mitchellcubic"``.
        follow_links: look into folders behind symbolic links, too.
        crop_to_aspect_ratio: cut the middle out first, in the proportions of `image_size`.
        pad_to_aspect_ratio: keep the proportions, between bars of zeros.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        format: must be ``"tf"``.
        verbose: say how many files there are.

    Returns:
        A ``tf.data.Dataset`` of images, or of (images, labels), with the attributes `class_names`
        and `file_paths`.

    Raises:
        ValueError: an argument that is none of these; no images; while reading, a file that is no
            image.
        FileNotFoundError: no such folder.
        ImportError: Pillow is not installed.

    Reference: ``keras.utils.image_dataset_from_directory``.
    """
    _check_labels(labels, label_mode, class_names)
    if labels is None or label_mode is None:
        labels = label_mode = None
    mode = check_color_mode(_WHERE, color_mode)
    size = _image_size(image_size)
    method = interpolation.lower() if isinstance(interpolation, str) else interpolation
    if method not in METHODS:
        rule = f"must be one of {', '.join(METHODS)}"
        raise ValueError(say(_WHERE, "interpolation", rule, interpolation))
    if format != "tf":
        raise ValueError(say(_WHERE, "format", "must be 'tf' here", format))
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError(
            f"{_WHERE}: only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` may be True"
        )
    _check_split(validation_split, subset, shuffle, seed)
    first = check_data_format(_WHERE, data_format)
    import_pillow(_WHERE)
    seed = np.random.randint(1_000_000) if seed is None else seed
    files, numbers, classes = _index(directory, labels, class_names, follow_links, verbose)
    if label_mode == "binary" and len(classes or ()) != 2:
        raise ValueError(
            'When passing `label_mode="binary"`, there must be exactly 2 class_names: '
            + say(_WHERE, "class_names", "must be two", classes)
        )
    if shuffle:
        np.random.RandomState(seed).shuffle(files)
        if numbers is not None:
            np.random.RandomState(seed).shuffle(numbers)
    fit = "crop" if crop_to_aspect_ratio else "pad" if pad_to_aspect_ratio else ""
    parts = ("training", "validation") if subset == "both" else (subset,)
    chosen = [_part(files, numbers, validation_split, part) for part in parts]
    if subset == "both":  # said before either is made
        for part, (found, _) in zip(parts, chosen, strict=True):
            _check_any(found, f"{part} images", directory)
    else:
        _check_any(chosen[0][0], "images", directory)
    made = []
    for part, (paths, labels_of) in zip(parts, chosen, strict=True):
        mixed = shuffle and not (subset == "both" and part == "validation")
        images = _Loader(paths, mode, size, method, fit, first)
        dataset = _dataset(images, labels_of, label_mode, len(classes or ()))
        if mixed:
            dataset = dataset.shuffle(1024 if batch_size is None else batch_size * 8, seed=seed)
        dataset = Dataset(_Images(dataset._node, images))
        if batch_size is not None:
            dataset = dataset.batch(batch_size)
        dataset = dataset.prefetch(-1)
        dataset.class_names = classes  # type: ignore[attr-defined]  # as Keras does
        dataset.file_paths = paths  # type: ignore[attr-defined]
        made.append(dataset)
    return made if subset == "both" else made[0]


# -- arguments -------------------------------------------------------------------------------------


def _check_labels(labels: Any, label_mode: Any, class_names: Any) -> None:
    if not (labels is None or isinstance(labels, list | tuple) or one_of(labels, ("inferred",))):
        rule = "must be 'inferred', None or a list of integers, one for each file"
        raise ValueError(say(_WHERE, "labels", rule, labels))
    if class_names and labels != "inferred":
        rule = "can only be given with labels='inferred'"
        raise ValueError(say(_WHERE, "class_names", rule, class_names))
    if label_mode is not None and not one_of(label_mode, ("int", "categorical", "binary")):
        rule = "must be 'int', 'categorical', 'binary' or None"
        raise ValueError(say(_WHERE, "label_mode", rule, label_mode))


def _image_size(value: Any) -> tuple[int, int]:
    pair = (value, value) if isinstance(value, int) else value
    good = isinstance(pair, list | tuple) and len(pair) == 2
    if not good or not all(type(part) is int and part > 0 for part in pair):
        raise ValueError(say(_WHERE, "image_size", "must be two positive integers", value))
    return pair[0], pair[1]


def _check_split(share: Any, subset: Any, shuffle: bool, seed: Any) -> None:
    if share and (not isinstance(share, int | float) or not 0 < share < 1):
        rule = "must be between 0 and 1"
        raise ValueError(say(_WHERE, "validation_split", rule, share))
    if bool(share) != bool(subset):
        raise ValueError(
            f"{_WHERE}: If `subset` is set, `validation_split` must be set, and inversely, "
            f"received subset={subset!r}, validation_split={share!r}"
        )
    if subset is not None and not one_of(subset, ("training", "validation", "both")):
        rule = "must be 'training', 'validation', 'both' or None"
        raise ValueError(say(_WHERE, "subset", rule, subset))
    if share and shuffle and seed is None:
        rule = "must be given with `validation_split` and `shuffle`, or the two parts may overlap"
        raise ValueError(say(_WHERE, "seed", rule, seed))


def _check_any(files: list[str], what: str, directory: Any) -> None:
    if not files:
        raise ValueError(
            f"{_WHERE}: No {what} found in directory {directory}. Allowed formats: {_ENDINGS}"
        )


# -- files -----------------------------------------------------------------------------------------


def _index(
    directory: Any, labels: Any, class_names: Any, follow_links: bool, verbose: bool
) -> tuple[list[str], Any, Any]:
    """(the files, their labels or None, the classes or None), in the order of the names."""
    folder = os.fspath(directory)
    classes = [""]
    if labels == "inferred":
        inside = sorted(name for name in os.listdir(folder) if not name.startswith("."))
        classes = [name for name in inside if (Path(folder) / name).is_dir()]
        if class_names is not None:
            if not set(class_names) <= set(classes):
                raise ValueError(
                    "The `class_names` passed did not match the names of the subdirectories: "
                    + say(_WHERE, "class_names", f"must be some of {classes}", class_names)
                )
            classes = list(class_names)
    elif not os.path.isdir(folder):
        raise FileNotFoundError(say(_WHERE, "directory", "must be a folder", folder))
    files, numbers = [], []
    for number, name in enumerate(classes):
        found = list(_images_in(os.path.join(folder, name), follow_links))
        files += found
        numbers += [number] * len(found)
    if labels == "inferred":
        result: tuple[Any, Any] = (np.array(numbers, np.int32), classes)
    elif labels is None:
        result = (None, None)
    else:
        if len(labels) != len(files):
            rule = f"must be as many as the {len(files)} files in {folder}"
            raise ValueError(say(_WHERE, "labels", rule, f"{len(labels)} of them"))
        result = (list(labels), [str(label) for label in sorted(set(labels))])
    if verbose:
        belonging = "" if labels is None else f" belonging to {len(result[1])} classes"
        _say(f"Found {len(files)} files{belonging}.")
    return files, *result


def _images_in(folder: str, follow_links: bool) -> Iterator[str]:
    for root, _, names in sorted(os.walk(folder, followlinks=follow_links)):
        for name in sorted(names):
            if name.lower().endswith(_ENDINGS):
                yield os.path.join(root, name)


def _part(files: list[str], labels: Any, share: Any, part: Any) -> tuple[list[str], Any]:
    """The files and labels for training or validation; all without a split."""
    if not share:
        return files, labels
    count = int(share * len(files))
    training = part == "training"
    of_both = len(files) - count if training else count
    _say(f"Using {of_both} files for {part}.")
    cut = slice(None, -count) if training else slice(-count, None)
    return files[cut], None if labels is None else labels[cut]


def _say(text: str) -> None:
    print(text, flush=True)


# -- reading ---------------------------------------------------------------------------------------


def _dataset(images: _Loader, labels: Any, label_mode: str | None, classes: int) -> Dataset:
    """The number of each file, with its label if there is one."""
    at = np.arange(len(images.paths))
    if label_mode is None:
        return Dataset.from_tensor_slices(at)
    y: Array = np.asarray(labels)
    y = y.astype(np.int32) if y.dtype.kind == "i" and not isinstance(labels, np.ndarray) else y
    if label_mode == "binary":
        y = y.astype(np.float32)[:, None]
    elif label_mode == "categorical":
        y = (y[:, None] == np.arange(classes)).astype(np.float32)
    return Dataset.from_tensor_slices((at, y))


class _Loader:
    """Reads the image of a number."""

    def __init__(
        self,
        paths: list[str],
        mode: str,
        size: tuple[int, int],
        method: str,
        fit: str,
        channels_first: bool,
    ) -> None:
        self.paths, self._mode, self._size, self._method = paths, mode, size, method
        self._fit, self._first = fit, channels_first
        shape = (*size, _CHANNELS[mode])
        self.spec = TensorSpec(
            (shape[2], *size) if channels_first else shape,
            "uint8" if method == "nearest" else "float32",
        )

    def __call__(self, number: int) -> Array:
        image = _decoded(self.paths[number], self._mode)
        if self._fit == "pad":
            image = resize_with_pad(image, self._size, self._method)
        else:
            image = center_crop(image, self._size) if self._fit else image
            image = resize(image, self._size, self._method)
        return np.ascontiguousarray(image.transpose(2, 0, 1)) if self._first else image


def _decoded(path: str, mode: str) -> Array:
    """The image (h, w, c) in a file, as bytes.

    Raises:
        ValueError: it is no image.
    """
    pillow = import_pillow(_WHERE)
    try:
        with pillow.open(path) as image:
            if mode == "L" and image.format == "JPEG":
                image.draft("L", image.size)  # where gray is stored beside the colours
            image.load()
            if image.mode.startswith("I"):  # 16 bits: the upper 8
                image = pillow.fromarray((np.asarray(image) >> 8).astype(np.uint8))
            if image.mode == "P" and "transparency" in image.info:
                image = image.convert("RGBA")
            if mode != "L":
                return np.asarray(image if image.mode == mode else image.convert(mode))
            if image.mode in ("L", "LA", "1"):
                return np.asarray(image.convert("L"))[..., None]
            rgb = np.asarray(image.convert("RGB")).astype(np.int64)
    except (OSError, ValueError, SyntaxError, pillow.DecompressionBombError) as error:
        raise ValueError(f"{_WHERE}: {path}: not a readable image ({error})") from error
    gray: Array = (rgb @ _LUMA) >> 15
    return gray.astype(np.uint8)[..., None]


class _Images(Node):
    """The images for numbers, beside their labels."""

    name = "_ParallelMapDataset"

    def __init__(self, source: Node, load: _Loader) -> None:
        self._source, self._load = source, load

    @property
    def spec(self) -> Spec:
        inner = self._source.spec
        return (self._load.spec, inner[1]) if isinstance(inner, tuple) else self._load.spec

    def cardinality(self) -> int:
        return self._source.cardinality()

    def elements(self) -> Iterator[Element]:
        return map(self._image, self._source.elements())

    def examples(self, n: int) -> list[Element]:
        return [self._image(element) for element in self._source.examples(n)]

    def _image(self, element: Element) -> Element:
        if isinstance(element, tuple):
            return self._load(int(element[0])), element[1]
        return self._load(int(element))
