"""One step on all devices: the gradient of each part of a batch, their sum, one update.

It is a loop of its own, since with Keras 3 `Model.fit` cannot run on several machines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from scratchnet.engine.dtypes import Array

from .devices import Setup
from .dropout import Place, share_dropout
from .meeting import sum_of


class Steps:
    """A network, its optimizer, and what trains and measures it on the devices of a setup.

    To be made in the scope of the strategy, as the network.
    """

    def __init__(self, setup: Setup, model: Any, optimizer: Any) -> None:
        self.setup, self.model, self.optimizer = setup, model, optimizer
        self._strategy, self._place = setup.strategy, Place()
        if setup.replicas > 1:
            share_dropout(model, self._place)
        if setup.precision != "float32":  # the last layer's probabilities need all their digits
            model.layers[-1].dtype_policy = "float32"
        if setup.precision == "float16":
            self.optimizer = tf.keras.optimizers.LossScaleOptimizer(optimizer)
        self.optimizer.build(model.trainable_variables)
        self._loss_of = tf.keras.losses.SparseCategoricalCrossentropy(reduction=None)
        self._sums = tf.Variable(  # of the losses and of the hits; each replica has its own
            tf.zeros(2, tf.float64),
            trainable=False,
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.SUM,
        )
        self._gradients = tf.function(self._differentiate, jit_compile=setup.xla or None)
        self._train = tf.function(self._train_steps)
        self._measure = tf.function(self._measure_steps)

    # -- several steps -----------------------------------------------------------------------------

    def train(self, iterator: Any, count: int) -> Array:
        """Take `count` steps; the sum of the losses of their images, and how many were hit."""
        return self._run(self._train, iterator, count)

    def measure(self, iterator: Any, count: int) -> Array:
        """The same sums over `count` batches, without learning and without dropout."""
        return self._run(self._measure, iterator, count)

    def _run(self, steps: Any, iterator: Any, count: int) -> Array:
        self._sums.assign(tf.zeros(2, tf.float64))
        steps(iterator, tf.constant(count))
        return np.asarray(self._sums.read_value())

    def _train_steps(self, iterator: Any, count: Any) -> None:
        for _ in tf.range(count):
            self._strategy.run(self._train_step, args=next(iterator))

    def _measure_steps(self, iterator: Any, count: Any) -> None:
        for _ in tf.range(count):
            self._strategy.run(self._measure_step, args=next(iterator))

    # -- one step of one replica -------------------------------------------------------------------

    def _train_step(self, x: Any, y: Any, begin: Any, size: Any) -> None:
        gradients, loss, hits = self._gradients(x, y, begin, size)
        self.optimizer.apply(gradients, self.model.trainable_variables)  # sums over the replicas
        self._count(loss, hits)

    def _differentiate(self, x: Any, y: Any, begin: Any, size: Any) -> Any:
        """The part of this replica in the gradient of the batch's mean loss; loss and hits."""
        self._place.begin, self._place.size = begin, size
        share = tf.cast(tf.shape(x)[0], tf.float32) / tf.cast(size, tf.float32)
        with tf.GradientTape() as tape:
            probabilities = self.model(x, training=True)
            each = self._loss_of(y, probabilities)
            penalty = share * tf.add_n([tf.zeros([]), *self.model.losses])
            loss = tf.reduce_sum(each) / tf.cast(size, tf.float32) + penalty
            scaled = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, self.model.trainable_variables)
        return gradients, loss * tf.cast(size, tf.float32), _hits(y, probabilities)

    def _measure_step(self, x: Any, y: Any, begin: Any, size: Any) -> None:
        probabilities = self.model(x, training=False)
        penalty = tf.add_n([tf.zeros([]), *self.model.losses])
        each = self._loss_of(y, probabilities) + penalty
        self._count(tf.reduce_sum(each), _hits(y, probabilities))

    def _count(self, loss: Any, hits: Any) -> None:
        self._sums.assign_add(tf.cast(tf.stack([loss, hits]), tf.float64))

    # -- the state ---------------------------------------------------------------------------------

    @property
    def variables(self) -> list[Any]:
        """Everything that changes: weights, states of the dropout layers and of the optimizer."""
        return [*self.model.variables, *self.optimizer.variables]

    def state(self) -> list[Array]:
        """The values of `variables`."""
        return [np.asarray(variable.numpy()) for variable in self.variables]

    def set_state(self, arrays: list[Array]) -> None:
        """Give `variables` these values.

        Raises:
            ValueError: they are those of another network or optimizer.
        """
        shapes = [tuple(variable.shape) for variable in self.variables]
        if shapes != [array.shape for array in arrays]:
            raise ValueError("--resume: the checkpoint is of another network or optimizer")
        for variable, array in zip(self.variables, arrays, strict=True):
            variable.assign(array)

    def take_from_chief(self) -> None:
        """Give `variables` the values that they have on the first worker."""
        state = self.state()
        flat = self.of_chief(np.concatenate([array.ravel() for array in state], dtype=np.float64))
        parts = np.split(flat, np.cumsum([array.size for array in state])[:-1])
        pairs = zip(parts, state, strict=True)
        self.set_state([part.reshape(old.shape).astype(old.dtype) for part, old in pairs])

    def of_chief(self, values: Array) -> Array:
        """The `values`, float64, that the first worker calls this with."""
        return sum_of(self._strategy, values, lambda replica: replica == 0)


def _hits(y: Any, probabilities: Any) -> Any:
    return tf.reduce_sum(tf.cast(tf.argmax(probabilities, -1) == y, tf.float32))
