"""Networks of many kinds: nothing is found in sound ones, and a mistake where it began."""

from __future__ import annotations

import re

import pytest

from tests.support.twin_programs import compare_with, first_finding, networks_script, record

# The others, each with three seeds, are run by `python -m tests.long twins`.
NAMES = (
    "tanh_only",
    "nested_tape",
    "residual_bn",
    "multi_output",
    "residual_plain",
    "gan",
    "two_tapes",
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """What TensorFlow says of the networks under both settings."""
    return record(tmp_path_factory.mktemp("networks"), script=networks_script(NAMES))


def test_nothing_is_found_in_sound_networks(recorded):
    twins = compare_with(recorded)
    assert twins.findings == []
    assert twins.judge.steps == 45
    assert twins.checked == ["my_conv"]
    assert twins.notes == []


FAULTS = {
    "flipped_filter": "step 1, backward: sequential/conv2d/kernel differs",
    "wrong_input_gradient": "backward: sequential/conv2d/kernel.*comes back to it from my_conv",
    "batch_norm_momentum": "step 16, forward: batch_normalization/moving_mean",
    "dampened": "step 1, update: sequential/",
    "pooled_twice": "backward: conv2d/.*comes back to it from max_pooling2d",
    "own_gradient": "backward: sequential/my_conv/k differs",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mistake_is_named_where_it_began(fault, recorded):
    found = first_finding(recorded, fault)
    assert re.search(FAULTS[fault], found), found
