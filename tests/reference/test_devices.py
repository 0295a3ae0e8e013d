"""GPUs are taken unless the options say otherwise."""

from __future__ import annotations

import pytest
import tensorflow as tf

from reference import devices, train
from reference.options import FullOptions
from tests.support.full_training import command

# Keras's own, where it reads a variable that a strategy has made.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_without_a_gpu_the_error_says_how_to_install_one_s_libraries(capsys, monkeypatch):
    if tf.config.list_physical_devices("GPU"):
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    assert command(lambda: train.run_app(train.app), "--data", "digits", "--device", "gpu") == 2
    said = capsys.readouterr().err
    assert said.startswith("Error: --device gpu needs a GPU, and TensorFlow sees none here.")
    assert said.endswith('pip install "tensorflow[and-cuda]"\n')
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ({}, ("GPU", ("Fast", "Fast"))),
        ({"device": "gpu", "replicas": 1}, ("GPU", ("Fast",))),
        ({"device": "cpu"}, ("CPU", ("CPU",))),
        ({"replicas": 3}, "--replicas must be at most 2, one per GPU, received 3"),
    ],
    ids=str,
)
def test_gpus_are_taken_unless_the_options_say_otherwise(options, chosen, monkeypatch):
    """With two GPUs that are not there: what would be chosen and shown to TensorFlow."""
    shown, growing = [], []
    config = tf.config
    monkeypatch.setattr(config, "list_physical_devices", lambda kind: ["one", "two"])
    monkeypatch.setattr(config, "set_visible_devices", lambda gpus, kind: shown.extend(gpus))
    monkeypatch.setattr(
        config.experimental, "set_memory_growth", lambda gpu, on: growing.append(gpu)
    )
    monkeypatch.setattr(
        config.experimental, "get_device_details", lambda gpu: {"device_name": "Fast"}
    )
    if isinstance(chosen, str):
        with pytest.raises(ValueError, match=chosen):
            devices._choose_device(FullOptions(**options), 1)
        return
    assert devices._choose_device(FullOptions(**options), 1) == chosen
    expected = ["one", "two"][: len(chosen[1])] if chosen[0] == "GPU" else []
    assert shown == growing == expected


def test_on_cpus_each_machine_has_one_copy():
    with pytest.raises(ValueError, match=r"--replicas must be 1 on the CPUs .* received 2"):
        devices._choose_device(FullOptions(device="cpu", replicas=2), 2)
