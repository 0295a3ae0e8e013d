"""Threads: what one is in the middle of does not reach the others."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet.atomic_files import replacing
from scratchnet.keras.configs import shared_objects
from scratchnet.keras.configs.limits import take_trial, weights_within
from scratchnet.keras.naming import current_path, name_scope

CALLS = 4


def elsewhere(function: Callable[[], Any]) -> Any:
    """What `function` returns in another thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(timeout=30)


def at_once(function: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(CALLS) as pool:
        return list(pool.map(function, range(CALLS), timeout=30))


def test_open_names_stay_in_their_thread() -> None:
    def path() -> str:
        assert current_path() == ""
        return scratchnet.keras.Variable(1.0, name="w").path

    with name_scope("outer", object()):
        assert elsewhere(path) == "w"
        assert path_of_a_variable() == "outer/w"


def path_of_a_variable() -> str:
    return scratchnet.keras.Variable(1.0, name="w").path


def test_layers_that_are_built_at_once_have_their_own_paths() -> None:
    met = Barrier(CALLS, timeout=20)

    class Slow(scratchnet.keras.layers.Layer):
        def build(self, input_shape: Any) -> None:
            met.wait()  # all are inside `build` now
            self.w = self.add_weight((2,), name="w")
            met.wait()

    def build(i: int) -> str:
        layer = Slow(name=f"slow_{i}")
        layer.build((None, 2))
        return layer.w.path

    assert at_once(build) == [f"slow_{i}/w" for i in range(CALLS)]


def test_the_limit_of_a_file_is_for_the_thread_that_loads_it() -> None:
    def large() -> int:
        take_trial(2**40, "layer")
        return scratchnet.keras.Variable("zeros", shape=(100,)).numpy().size

    with weights_within(100):
        assert elsewhere(large) == 100
        with pytest.raises(ValueError, match="too large"):
            take_trial(2**40, "layer")
        with pytest.raises(ValueError, match="larger than"):
            scratchnet.keras.Variable("zeros", shape=(100,))
    assert large() == 100


def test_shared_objects_are_numbered_in_one_thread() -> None:
    thing = object()
    config: dict[str, Any] = {}
    with shared_objects.numbering(), shared_objects.remembering():
        shared_objects.numbered(thing, config)
        shared_objects.remember(config, thing)
        assert config
        assert shared_objects.remembered(config) is thing
        assert elsewhere(lambda: shared_objects.numbered(thing, {})) == {}
        assert elsewhere(lambda: shared_objects.remembered(config)) is None


def test_custom_objects_are_known_in_one_thread() -> None:
    def known() -> Any:
        return scratchnet.keras.saving.get_registered_object("Mine")

    with scratchnet.keras.saving.custom_object_scope({"Mine": int}):
        assert known() is int
        assert elsewhere(known) is None
        assert elsewhere(lambda: scope_in_scope(known)) is str
        assert known() is int
    assert known() is None


def scope_in_scope(known: Callable[[], Any]) -> Any:
    with scratchnet.keras.saving.custom_object_scope({"Mine": str}):
        return known()


def test_threads_that_write_one_file_do_not_mix(tmp_path: Path) -> None:
    path, met = tmp_path / "a.txt", Barrier(CALLS, timeout=20)

    def write(i: int) -> Path:
        with replacing(path) as part:
            with part.open("w") as file:
                file.write(f"{i}" * 50)
                file.flush()
                met.wait()
                file.write(f"{i}" * 50)
            met.wait()
        return part

    assert len(set(at_once(write))) == CALLS
    assert path.read_text() in [f"{i}" * 100 for i in range(CALLS)]
    assert list(tmp_path.iterdir()) == [path]


def test_models_saved_and_loaded_at_once(tmp_path: Path) -> None:
    x = np.ones((1, 3), "f")

    def round_trip(i: int) -> bool:
        shared = scratchnet.keras.layers.Dense(3)
        model = scratchnet.keras.Sequential(
            [scratchnet.keras.Input((3,)), shared, scratchnet.keras.layers.Dense(i + 1)]
        )
        path = tmp_path / f"{i}.keras"
        model.save(path)
        loaded = scratchnet.keras.models.load_model(path)
        paths = [[v.path.split("/")[-2:] for v in m.weights] for m in (loaded, model)]
        assert paths[0] == paths[1]
        return np.array_equal(model(x), loaded(x))

    assert at_once(round_trip) == [True] * CALLS
