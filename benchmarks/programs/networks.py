"""Known networks: a step of `fit` and of a loop with a tape, and `predict`.

Each network is one function of Keras, as its paper or TensorFlow's tutorial has it; its inputs are
noise, since what they show changes no timing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.case import Library, Work
from benchmarks.programs.draws import Array, normal, pictures
from benchmarks.programs.training import first_step, nudges

CLASSES = "sparse_categorical_crossentropy"
SQUARES = "mean_squared_error"

# Adam divides a gradient by its own size: with Keras's epsilon of 1e-7 a gradient that is 0 but for
# rounding moves its weight as far as any other, in a direction that says nothing.  With this one
# small gradients make small moves.
EPSILON = 1e-3


def resnet20(keras: Any) -> Any:
    """ResNet-20 for 32 x 32 images (He et al. 2015, section 4.2); shortcuts of 1 x 1, stride 2."""
    L = keras.layers

    def normalized(h: Any, filters: int, size: int, strides: int = 1) -> Any:
        conv = L.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)
        return L.BatchNormalization()(conv(h))

    x = keras.Input((32, 32, 3))
    h = L.ReLU()(normalized(x, 16, 3))
    for filters in (16, 32, 64):
        for block in range(3):
            strides = 2 if filters > 16 and block == 0 else 1
            shortcut = h if strides == 1 else normalized(h, filters, 1, strides)
            h = L.ReLU()(normalized(h, filters, 3, strides))
            h = L.ReLU()(L.Add()([normalized(h, filters, 3), shortcut]))
    h = L.GlobalAveragePooling2D()(h)
    return keras.Model(x, L.Dense(10, activation="softmax")(h))


def vgg(keras: Any) -> Any:
    """Three times two convolutions of 3 x 3 with batch normalization (Simonyan, Zisserman 2014)."""
    L = keras.layers
    layers = [keras.Input((32, 32, 3))]
    for filters in (32, 64, 128):
        for _ in range(2):
            layers.append(L.Conv2D(filters, 3, padding="same", use_bias=False))
            layers += [L.BatchNormalization(), L.ReLU()]
        layers += [L.MaxPooling2D(), L.Dropout(0.3)]
    layers += [L.Flatten(), L.Dense(128, activation="relu"), L.Dense(10, activation="softmax")]
    return keras.Sequential(layers)


def dcgan_generator(keras: Any) -> Any:
    """The generator of TensorFlow's tutorial on DCGAN (Radford et al. 2015)."""
    L = keras.layers

    def normalized(layer: Any) -> list[Any]:
        return [layer, L.BatchNormalization(), L.LeakyReLU()]

    def upward(filters: int, strides: int, **more: Any) -> Any:
        same = {"padding": "same", "use_bias": False}
        return L.Conv2DTranspose(filters, 5, strides=strides, **same, **more)

    return keras.Sequential(
        [
            keras.Input((100,)),
            *normalized(L.Dense(7 * 7 * 256, use_bias=False)),
            L.Reshape((7, 7, 256)),
            *normalized(upward(128, 1)),
            *normalized(upward(64, 2)),
            upward(1, 2, activation="tanh"),
        ]
    )


def autoencoder(keras: Any) -> Any:
    """The convolutional one of TensorFlow's tutorial on autoencoders."""
    L = keras.layers
    strided = {"activation": "relu", "padding": "same", "strides": 2}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            L.Conv2D(16, 3, **strided),
            L.Conv2D(8, 3, **strided),
            L.Conv2DTranspose(8, 3, **strided),
            L.Conv2DTranspose(16, 3, **strided),
            L.Conv2D(1, 3, activation="sigmoid", padding="same"),
        ]
    )


def lenet5(keras: Any) -> Any:
    """LeNet-5 (LeCun et al. 1998), with tanh and mean pooling."""
    L = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            L.Conv2D(6, 5, activation="tanh", padding="same"),
            L.AveragePooling2D(2),
            L.Conv2D(16, 5, activation="tanh"),
            L.AveragePooling2D(2),
            L.Flatten(),
            L.Dense(120, activation="tanh"),
            L.Dense(84, activation="tanh"),
            L.Dense(10, activation="softmax"),
        ]
    )


def cifar(keras: Any) -> Any:
    """The network of TensorFlow's tutorial on convolutional networks."""
    L = keras.layers
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            L.Conv2D(32, 3, activation="relu"),
            L.MaxPooling2D(),
            L.Conv2D(64, 3, activation="relu"),
            L.MaxPooling2D(),
            L.Conv2D(64, 3, activation="relu"),
            L.Flatten(),
            L.Dense(64, activation="relu"),
            L.Dense(10, activation="softmax"),
        ]
    )


def dense(keras: Any) -> Any:
    """784-512-10, as in TensorFlow's first tutorial."""
    L = keras.layers
    return keras.Sequential(
        [keras.Input((784,)), L.Dense(512, activation="relu"), L.Dense(10, activation="softmax")]
    )


def small(keras: Any) -> Any:
    """8-16-1: so few numbers that only what a library does around its sums counts."""
    L = keras.layers
    return keras.Sequential([keras.Input((8,)), L.Dense(16, activation="relu"), L.Dense(1)])


@dataclass(frozen=True)
class Network:
    """A network as it is trained here.

    Attributes:
        title: for people.
        build: makes it.
        loss: Keras's name of the loss.
        batch: samples of a step.
        steps: of an epoch; enough of them for what an epoch costs besides them not to count.
    """

    title: str
    build: Callable[[Any], Any]
    loss: str = CLASSES
    batch: int = 64
    steps: int = 16


NETWORKS: Mapping[str, Network] = {
    "resnet20": Network("ResNet-20", resnet20, steps=4),
    "vgg": Network("VGG with BatchNorm", vgg, steps=4),
    "dcgan": Network("DCGAN generator", dcgan_generator, SQUARES, steps=6),
    "autoencoder": Network("convolutional autoencoder", autoencoder, SQUARES, steps=24),
    "lenet5": Network("LeNet-5", lenet5, steps=24),
    "cifar": Network("CIFAR tutorial CNN", cifar, steps=8),
    "dense": Network("dense 784-512-10", dense, steps=48),
    "small": Network("dense 8-16-1", small, SQUARES, batch=32, steps=128),
}


def model(tf: Any, name: str) -> Any:
    """A network of the table, with the same first weights in each library."""
    tf.keras.utils.set_random_seed(0)
    return NETWORKS[name].build(tf.keras)


def flops(tf: Any, name: str, training: bool) -> float:
    """Of one step, counted from the layers that multiply: a product and a sum for each weight that
    an output sees.

    Three times that for a training step, since each gradient costs as much as the way forward, but
    for the gradient of the first layer's input, which nobody needs.
    """
    costs = [_flops_of(layer) for layer in model(tf, name).layers if hasattr(layer, "kernel")]
    return NETWORKS[name].batch * (3 * sum(costs) - costs[0] if training else sum(costs))


def _flops_of(layer: Any) -> float:
    """Of one sample: every weight of the kernel once for each place that it is laid on."""
    kind = type(layer).__name__
    places = {"Conv2D": layer.output, "Conv2DTranspose": layer.input}.get(kind)
    count = 1 if places is None else places.shape[1] * places.shape[2]
    return 2.0 * float(np.prod(layer.kernel.shape)) * count


def _samples(network: Network, shape: tuple[int, ...], out: tuple[int, ...], n: int) -> Any:
    """`n` samples and what is to be learned of them."""
    x = pictures(n, *shape[1:])[0] if len(shape) == 3 else normal(0, n, *shape)
    if network.loss == CLASSES:
        return x, np.random.default_rng(1).integers(0, out[-1], n)
    return x, np.random.default_rng(1).random((n, *out), np.float32)


def data(network: Network, built: Any, steps: int) -> tuple[Array, Array]:
    """What a network is trained on for `steps` steps, and what is to be learned of it."""
    shapes = tuple(built.inputs[0].shape)[1:], tuple(built.outputs[0].shape)[1:]
    x, y = _samples(network, *shapes, network.batch * steps)
    return x, y


def fit(lib: Library, network: str, steps: int) -> Work:
    """An epoch of `steps` steps by Keras's `fit`, with Adam, which draws a new order each time."""
    known, built = NETWORKS[network], model(lib.tf, network)
    x, y = data(known, built, steps)
    built.compile(lib.tf.keras.optimizers.Adam(epsilon=EPSILON), known.loss)

    def epoch(x: Array, y: Array) -> Any:
        return built.fit(x, y, batch_size=known.batch, epochs=1, verbose=0).history["loss"]

    built.optimizer.build(built.trainable_variables)
    first, classes = x[: known.batch], y[: known.batch]

    def check(inputs: Array) -> list[Any]:
        return first_step(built, lambda: epoch(inputs, classes))()

    again = nudges(check, first, [*built.variables, *built.optimizer.variables])
    return Work(lambda: epoch(x, y), lambda: check(first), again)


def loop(lib: Library, network: str, steps: int) -> Work:
    """The same steps, written out with a tape; the batches are tensors before it begins."""
    tf, known = lib.tf, NETWORKS[network]
    built = model(tf, network)
    optimizer = tf.keras.optimizers.Adam(epsilon=EPSILON)
    loss_of = tf.keras.losses.get(known.loss)

    def step(images: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(loss_of(labels, built(images, training=True)))
        gradients = tape.gradient(loss, built.trainable_variables)
        optimizer.apply_gradients(zip(gradients, built.trainable_variables, strict=True))
        return loss

    step = lib.compiled(step)
    x, y = data(known, built, steps)
    batches = [
        (tf.constant(x[i : i + known.batch]), tf.constant(y[i : i + known.batch]))
        for i in range(0, len(x), known.batch)
    ]

    def epoch() -> float:
        return sum(float(step(*batch)) for batch in batches)

    return Work(epoch, first_step(built, lambda: [float(step(*batches[0]))]))


def predict(lib: Library, network: str, steps: int) -> Work:
    """What the network makes of `steps` batches, by Keras's `predict`."""
    known, built = NETWORKS[network], model(lib.tf, network)
    x, _ = data(known, built, steps)
    return Work(lambda: built.predict(x, batch_size=known.batch, verbose=0))
