"""pack_x_y_sample_weight and its inverse, as Keras's."""

from __future__ import annotations

from typing import Any

from tests.support.keras_programs import complain_alike, same


def test_parts() -> None:
    def program(tf: Any) -> list[Any]:
        utils = tf.keras.utils
        given: list[Any] = [5, (1,), [1], (1, 2), [1, 2, 3], ({"a": 1}, 2), None]
        packed = [(1, 2, 3), (1, 2), (1,), ([1],), ((1, 2),)]
        return [
            [utils.unpack_x_y_sample_weight(batch) for batch in given],
            [utils.pack_x_y_sample_weight(*parts) for parts in packed],
        ]

    same(program)
    complain_alike(
        lambda tf: tf.keras.utils.unpack_x_y_sample_weight((1, 2, 3, 4)),
        "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`",
        "received 4 parts",
    )


def test_weights_without_targets_are_dropped() -> None:
    def program(tf: Any) -> list[Any]:
        pack = tf.keras.utils.pack_x_y_sample_weight
        return [pack(1, None, 2), pack([1], None, [2]), pack((1,), sample_weight=""), pack(1, 2, 0)]

    same(program)


def test_a_batch_without_parts() -> None:
    for empty in ((), []):
        complain_alike(
            lambda tf, empty=empty: tf.keras.utils.unpack_x_y_sample_weight(empty),
            "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`",
            f"received 0 parts: {empty}",
        )
