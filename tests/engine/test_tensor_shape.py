"""TensorShape: comparisons, sums, slices and printed forms."""

from __future__ import annotations

import pytest

from tests.support.paired import agree, programs


@pytest.mark.parametrize(
    "text",
    programs("""
    tf.TensorShape([2, 3]) | tf.TensorShape([2, None]) | tf.TensorShape([2]) | tf.TensorShape([])
    tf.TensorShape([2, 3]) == [2, 3] | tf.TensorShape([2, 3]) == (2, 3)
    (2, 3) == tf.TensorShape([2, 3]) | tf.TensorShape([2, 3]) != [2, 3]
    tf.TensorShape([2, 3]) != (2, 3) | [2, 3] != tf.TensorShape([2, 3])
    tf.TensorShape([2, 3]) == [2, 4], tf.TensorShape([2, 3]) == 5, tf.TensorShape([2, 3]) == None
    tf.TensorShape([2, 3]) + [4] | [4] + tf.TensorShape([2, 3]) | (4,) + tf.TensorShape([2, 3])
    tf.TensorShape([2]) + tf.TensorShape([3]) | bool(tf.TensorShape([])), bool(tf.TensorShape([2]))
    tf.TensorShape([2, 3])[0], tf.TensorShape([2, 3])[-1] | tf.TensorShape([2, 3])[:1]
    tf.TensorShape([2, 3]).as_list(), tf.TensorShape([2, 3]).rank, tf.TensorShape([2, 3]).ndims
    tf.TensorShape([2, 3]).num_elements(), tf.TensorShape([]).num_elements()
    tf.TensorShape([2, None]).num_elements(), tf.TensorShape([2, None]).is_fully_defined()
    tuple(tf.TensorShape([2, 3])), list(tf.TensorShape([2, 3])), len(tf.TensorShape([2, 3]))
    np.zeros(tf.TensorShape([2, 3])) | hash(tf.TensorShape([2])) == hash(tf.TensorShape((2,)))
    f"{tf.zeros([2, 3]).shape}" | (tf.zeros([2, 3]).shape,) | type(tf.zeros([2, 3]).shape[0])
    """),
)
def test_shapes(text: str) -> None:
    agree(text)
