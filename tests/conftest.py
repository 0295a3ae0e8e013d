"""Pins what would make two runs differ, before anything imports TensorFlow."""

from __future__ import annotations

import gc
import os
import secrets

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import hypothesis
import pytest
import tensorflow
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.support")  # their asserts are as telling as a test's

tensorflow.config.threading.set_inter_op_parallelism_threads(1)
tensorflow.config.threading.set_intra_op_parallelism_threads(2)

_quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "ci", max_examples=25, deadline=None, derandomize=True, suppress_health_check=_quiet
)
settings.register_profile("dev", max_examples=25, deadline=None, suppress_health_check=_quiet)
settings.register_profile("deep", max_examples=500, deadline=None, suppress_health_check=_quiet)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
settings.load_profile(PROFILE)


def pytest_configure(config: pytest.Config) -> None:
    """The long form draws other examples each time; the same again with the seed that it prints.

    The processes of pytest-xdist have the seed from the environment of the first.
    """
    if PROFILE == "deep":
        given = config.getoption("--hypothesis-seed", None)
        drawn = os.environ.get("SCRATCHNET_DEEP_SEED", str(secrets.randbits(32)))
        os.environ["SCRATCHNET_DEEP_SEED"] = given or drawn
        hypothesis.core.global_force_seed = int(given or drawn)


def pytest_report_header() -> str:
    again = f" --hypothesis-seed={os.environ['SCRATCHNET_DEEP_SEED']}" if PROFILE == "deep" else ""
    return f"HYPOTHESIS_PROFILE={PROFILE}{again}"


@pytest.fixture(autouse=True)
def _fresh_seeds() -> None:
    """Every test begins with the same random state on both sides."""
    tensorflow.keras.utils.set_random_seed(0)


@pytest.fixture
def no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever enters a kernel of convolution or pooling fails."""
    from scratchnet.kernels import conv2d, pool2d
    from tests.support.ops_checks import entered

    for module in (conv2d, pool2d):
        for name, value in vars(module).items():
            if callable(value) and getattr(value, "__module__", "") == module.__name__:
                monkeypatch.setattr(module, name, entered)


def pytest_collection_finish() -> None:
    """What exists before the first test is no garbage: collections need not look at it again."""
    gc.collect()
    gc.freeze()
