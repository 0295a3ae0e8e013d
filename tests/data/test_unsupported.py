"""What tf.data has and scratchnet has not is told with what there is."""

from __future__ import annotations

import pytest
import tensorflow as tf

import scratchnet
from scratchnet.data import Dataset


def public(owner):
    return {name for name in dir(owner) if not name.startswith("_")}


@pytest.mark.parametrize("name", sorted(public(tf.data.Dataset) - public(Dataset)))
def test_what_a_dataset_does_not_have_is_told_with_what_there_is(name):
    for owner in (Dataset, Dataset.range(3)):
        with pytest.raises(AttributeError, match=f"does not have TensorFlow's `{name}`; .+"):
            getattr(owner, name)


@pytest.mark.parametrize("name", sorted(public(tf.data) - public(scratchnet.data)))
def test_what_tf_data_has_and_we_have_not_is_told_with_what_there_is(name):
    with pytest.raises(AttributeError, match=f"does not have TensorFlow's `{name}`; .+"):
        getattr(scratchnet.data, name)


def test_other_names_are_plain_attribute_errors():
    for owner in (Dataset, Dataset.range(3), scratchnet.data):
        with pytest.raises(AttributeError, match=r"has no attribute 'foo'$"):
            owner.foo  # noqa: B018
