"""Metrics in training: those whose result is a dict, and what `compile` keeps when called again."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.keras_programs import close, same

X = np.abs(np.random.default_rng(1).standard_normal((8, 2))).astype(np.float32)
Y = X[:, :1]


def sums(tf: Any, result: Any, name: str = "sums") -> Any:
    """A metric that adds up the targets, and returns what `result` makes of the sum."""

    class Sums(tf.keras.metrics.Metric):  # type: ignore[misc]
        def __init__(self, name: str) -> None:
            super().__init__(name=name)
            self.total = self.add_weight(name="total", initializer="zeros")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.total.assign_add(tf.reduce_sum(y_true))

        def result(self) -> Any:
            return result(self.total)

    return Sums(name)


def model_of(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])


def fitted(model: Any, y: Any = Y, part: Any = Y[:2]) -> list[Any]:
    """The names and the values of all that tells of metrics."""
    found = [model.fit(X, y, 4, 2, 0, validation_data=(X[:2], part), shuffle=False).history]
    found += [model.evaluate(X, y, verbose=0, return_dict=True)]
    found += [model.train_on_batch(X, y, return_dict=True)]
    lists = [model.evaluate(X, y, verbose=0), model.test_on_batch(X, y)]
    return [*[[list(names), list(names.values())] for names in found], *lists]


def test_results_that_are_dicts() -> None:
    def program(tf: Any) -> Any:
        both = sums(tf, lambda total: {"b": total * 2.0, "a": total + 1.0})
        again = sums(tf, lambda total: {"c": total * 3.0, "loss": total * 1.0}, "others")
        nested = sums(tf, lambda total: {"q": {"d": total * 4.0}, "n": 1}, "nested")
        model = model_of(tf)
        model.compile("sgd", "mse", metrics=[both, "mae"], weighted_metrics=[again, nested])
        return [*fitted(model), model.metrics_names, list(model.get_metrics_result())]

    close(program, 60)


def test_steps_that_return_dicts() -> None:
    def program(tf: Any) -> Any:
        class Model(tf.keras.Model):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.dense = tf.keras.layers.Dense(1)
                self.sums = sums(tf, lambda total: {"b": total * 2.0, "a": total + 1.0})

            def call(self, x: Any) -> Any:
                return self.dense(x)

            def test_step(self, data: Any) -> Any:
                self.sums.update_state(data[1], self(data[0]))
                return {metric.name: metric.result() for metric in self.metrics}

        model = Model()
        model.compile("sgd", "mse", metrics=["mae"])
        return fitted(model)

    close(program, 60)


def test_compiled_again() -> None:
    def program(tf: Any) -> Any:
        model, found = model_of(tf), []
        model.compile("sgd", "mse", metrics=["mae", "mse"], weighted_metrics=["mape"])
        for arguments in (
            {"loss": "mae"},
            {},
            {"metrics": ["mape"]},
            {"metrics": []},
            {"weighted_metrics": ["mae"], "loss": "mse"},
            {"metrics": None, "optimizer": "adam"},
        ):
            model.compile(**arguments, run_eagerly=True)
            history = model.fit(X, Y, batch_size=8, verbose=0).history
            config = model.get_compile_config()
            kept = [str(config[name]) for name in ("loss", "metrics", "weighted_metrics")]
            found.append([sorted(history), model.metrics_names, model.loss, kept])
        return found

    assert same(program)[1][0] == ["loss", "mae", "mape", "mse"]
