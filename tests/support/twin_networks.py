"""Sound networks of different kinds, each a function of the module that trains a few steps.

The twin training must find nothing in them.
"""

from __future__ import annotations

import numpy as np


def _images(n=64, size=16, channels=3, classes=10):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, size, size, channels)).astype("float32")
    return x, rng.integers(0, classes, n)


def _compiled(tf, model, loss=None, optimizer=None):
    loss = loss or tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer or tf.keras.optimizers.SGD(0.05, momentum=0.9), loss)
    return model


def _fit(model, x, y, epochs=2):
    model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)


def dense(tf):
    k = tf.keras.layers
    x, y = _images(96, 8, 1)
    m = tf.keras.Sequential(
        [
            tf.keras.Input((8, 8, 1)),
            k.Flatten(),
            k.Dense(128, activation="relu"),
            k.Dense(64, activation="relu"),
            k.Dense(10),
        ]
    )
    _fit(_compiled(tf, m, optimizer="adam"), x, y, 3)


def conv(tf):
    k = tf.keras.layers
    x, y = _images()
    m = tf.keras.Sequential(
        [
            tf.keras.Input((16, 16, 3)),
            k.Conv2D(16, 3, activation="relu"),
            k.MaxPooling2D(),
            k.Conv2D(32, 3, activation="relu"),
            k.MaxPooling2D(),
            k.Flatten(),
            k.Dense(64, activation="relu"),
            k.Dense(10),
        ]
    )
    _fit(_compiled(tf, m, optimizer="adam"), x, y)


def residual_bn(tf, n=1, width=16, size=32, stages=1):
    k = tf.keras.layers
    x, y = _images(64, size)
    inputs = tf.keras.Input((size, size, 3))
    h = k.Conv2D(width, 3, padding="same")(inputs)
    h = k.BatchNormalization()(h)
    s = k.Activation("relu")(h)
    for stage in range(stages):
        for block in range(n):
            strides = 2 if stage and not block else 1
            h = k.Conv2D(width * 2**stage, 3, strides=strides, padding="same")(s)
            h = k.BatchNormalization()(h)
            h = k.Activation("relu")(h)
            h = k.Conv2D(width * 2**stage, 3, padding="same")(h)
            h = k.BatchNormalization()(h)
            if strides == 2:
                s = k.Conv2D(width * 2**stage, 1, strides=2, padding="same")(s)
            s = k.Activation("relu")(k.Add()([s, h]))
    h = k.GlobalAveragePooling2D()(s)
    m = tf.keras.Model(inputs, k.Dense(10)(h))
    _fit(_compiled(tf, m), x, y)


def resnet(tf):
    residual_bn(tf, n=3, width=8, size=16, stages=3)


def residual_plain(tf):
    k = tf.keras.layers
    x, y = _images(64, 16)
    inputs = tf.keras.Input((16, 16, 3))
    s = k.Conv2D(16, 3, padding="same", activation="relu")(inputs)
    for _ in range(3):
        h = k.Conv2D(16, 3, padding="same", activation="relu")(s)
        h = k.Conv2D(16, 3, padding="same")(h)
        s = k.ReLU()(s + h)
    h = k.GlobalAveragePooling2D()(s)
    _fit(
        _compiled(
            tf, tf.keras.Model(inputs, k.Dense(10)(h)), optimizer=tf.keras.optimizers.SGD(0.01)
        ),
        x,
        y,
    )


def residual_subclassed(tf):
    K, k = tf.keras, tf.keras.layers

    class Block(k.Layer):
        def __init__(self, n):
            super().__init__()
            self.a, self.b = (
                k.Conv2D(n, 3, padding="same", use_bias=False),
                k.Conv2D(n, 3, padding="same", use_bias=False),
            )
            self.na, self.nb = k.BatchNormalization(), k.BatchNormalization()

        def call(self, x, training=False):
            h = tf.nn.relu(self.na(self.a(x), training=training))
            return tf.nn.relu(x + self.nb(self.b(h), training=training))

    class Net(K.Model):
        def __init__(self):
            super().__init__()
            self.stem, self.blocks, self.out = (
                k.Conv2D(16, 3, padding="same"),
                [Block(16) for _ in range(2)],
                k.Dense(10),
            )

        def call(self, x, training=False):
            x = self.stem(x)
            for b in self.blocks:
                x = b(x, training=training)
            return self.out(tf.reduce_mean(x, axis=[1, 2]))

    x, y = _images(64, 16)
    _fit(_compiled(tf, Net(), optimizer=K.optimizers.AdamW(1e-3)), x, y)


def branches(tf):
    k = tf.keras.layers
    x, y = _images(64, 16)
    i = tf.keras.Input((16, 16, 3))
    a = k.Conv2D(8, 1, activation="relu")(i)
    b = k.Conv2D(8, 3, padding="same", activation="relu")(k.Conv2D(8, 1, activation="relu")(i))
    c = k.Conv2D(8, 1, activation="relu")(k.MaxPooling2D(3, strides=1, padding="same")(i))
    h = k.Concatenate()([a, b, c])
    h = k.GlobalMaxPooling2D()(k.AveragePooling2D(2)(h))
    _fit(
        _compiled(
            tf, tf.keras.Model(i, k.Dense(10)(h)), optimizer=tf.keras.optimizers.RMSprop(1e-3)
        ),
        x,
        y,
    )


def autoencoder(tf):
    k = tf.keras.layers
    x, _ = _images(64, 16, 1)
    x = 1 / (1 + np.exp(-x))
    m = tf.keras.Sequential(
        [
            tf.keras.Input((16, 16, 1)),
            k.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
            k.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            k.Conv2DTranspose(16, 3, strides=2, padding="same", activation="relu"),
            k.Conv2DTranspose(16, 3, strides=2, padding="same", activation="relu"),
            k.Conv2D(1, 3, padding="same", activation="sigmoid"),
        ]
    )
    _fit(_compiled(tf, m, loss="binary_crossentropy", optimizer="adam"), x, x)


def gan(tf):
    K, k = tf.keras, tf.keras.layers
    g = K.Sequential(
        [
            K.Input((8,)),
            k.Dense(4 * 4 * 16, use_bias=False),
            k.BatchNormalization(),
            k.LeakyReLU(),
            k.Reshape((4, 4, 16)),
            k.Conv2DTranspose(8, 5, strides=2, padding="same", use_bias=False),
            k.BatchNormalization(),
            k.LeakyReLU(),
            k.Conv2DTranspose(1, 5, strides=2, padding="same", activation="tanh"),
        ]
    )
    d = K.Sequential(
        [
            K.Input((16, 16, 1)),
            k.Conv2D(8, 5, strides=2, padding="same"),
            k.LeakyReLU(),
            k.Dropout(0.3),
            k.Flatten(),
            k.Dense(1),
        ]
    )
    bce = K.losses.BinaryCrossentropy(from_logits=True)
    og, od = K.optimizers.Adam(1e-3), K.optimizers.Adam(1e-3)
    x, _ = _images(128, 16, 1)
    for rows in tf.data.Dataset.from_tensor_slices(x).batch(32):
        z = tf.random.normal([32, 8])
        with tf.GradientTape() as tg, tf.GradientTape() as td:
            fake = g(z, training=True)
            real_out, fake_out = d(rows, training=True), d(fake, training=True)
            lg = bce(tf.ones_like(fake_out), fake_out)
            ld = bce(tf.ones_like(real_out), real_out) + bce(tf.zeros_like(fake_out), fake_out)
        gg, gd = tg.gradient(lg, g.trainable_variables), td.gradient(ld, d.trainable_variables)
        og.apply_gradients(zip(gg, g.trainable_variables, strict=True))
        od.apply_gradients(zip(gd, d.trainable_variables, strict=True))


def own_train_step(tf):
    K, k = tf.keras, tf.keras.layers

    class Own(K.Model):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                p = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=p)
            g = tape.gradient(loss, self.trainable_variables)
            g, _ = tf.clip_by_global_norm(g, 1.0)
            self.optimizer.apply_gradients(zip(g, self.trainable_variables, strict=True))
            return {"loss": loss}

    x, y = _images(96, 16, 1)
    i = K.Input((16, 16, 1))
    h = k.Dropout(0.3)(k.Flatten()(k.Conv2D(8, 3, activation="gelu")(i)))
    _fit(_compiled(tf, Own(i, k.Dense(10)(h)), optimizer=K.optimizers.Adam(1e-3)), x, y)


def lstm(tf):
    """An LSTM cell by hand, unrolled over 8 steps, and an embedding by tf.gather."""
    K, k = tf.keras, tf.keras.layers

    class Cell(k.Layer):
        def build(self, shape):
            self.e = self.add_weight(shape=(50, 12), name="e", initializer="uniform")
            self.w = self.add_weight(shape=(24, 48), name="w", initializer="glorot_uniform")
            self.b = self.add_weight(shape=(48,), name="b", initializer="zeros")

        def call(self, ids):
            x = tf.gather(self.e * 1.0, tf.cast(ids, "int32"))
            h = c = tf.zeros_like(x[:, 0])
            for t in range(8):
                z = tf.matmul(tf.concat([x[:, t], h], 1), self.w) + self.b
                i, f, o, u = tf.split(z, 4, axis=1)
                c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(u)
                h = tf.sigmoid(o) * tf.tanh(c)
            return h

    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 50, (96, 8)), rng.integers(0, 4, 96)
    m = K.Sequential([Cell(name="cell"), k.Dense(4)])
    _fit(_compiled(tf, m, optimizer="adam"), x, y)


def tanh_only(tf):
    K, k = tf.keras, tf.keras.layers
    x, y = _images(96, 8, 1)
    m = K.Sequential(
        [
            K.Input((8, 8, 1)),
            k.Conv2D(8, 3, activation="tanh"),
            k.AveragePooling2D(2),
            k.Flatten(),
            k.Dense(32, activation="tanh"),
            k.Dense(10),
        ]
    )
    _fit(_compiled(tf, m), x, y, 3)


def separable(tf):
    K, k = tf.keras, tf.keras.layers
    x, y = _images(64, 16)
    m = K.Sequential(
        [
            K.Input((16, 16, 3)),
            k.Conv2D(6, 3, padding="same", groups=3),
            k.BatchNormalization(),
            k.ReLU(),
            k.Conv2D(6, 3, groups=6),
            k.Conv2D(16, 1, activation="relu"),
            k.GlobalAveragePooling2D(),
            k.Dense(10),
        ]
    )
    _fit(_compiled(tf, m), x, y)


def layer_norm(tf):
    K, k = tf.keras, tf.keras.layers

    class Norm(k.Layer):
        def build(self, shape):
            self.gamma = self.add_weight(shape=(shape[-1],), name="gamma", initializer="ones")
            self.beta = self.add_weight(shape=(shape[-1],), name="beta", initializer="zeros")

        def call(self, x):
            mean, var = tf.nn.moments(x, [-1], keepdims=True)
            return (x - mean) * tf.math.rsqrt(var + 1e-3) * self.gamma + self.beta

    x, y = _images(96, 8, 1)
    i = K.Input((8, 8, 1))
    h = k.Dense(32)(k.Reshape((8, 8))(i))
    for n in range(2):
        h = Norm(name=f"norm{n}")(k.Add()([h, k.Dense(32, activation="gelu")(h)]))
    h = k.Dropout(0.2)(k.Flatten()(h))
    _fit(_compiled(tf, K.Model(i, k.Dense(10)(h)), optimizer="adam"), x, y)


def nested_tape(tf, factor=1.0):
    """A layer whose own gradient opens a tape; times `factor`, which is 1 if it is right."""
    K, k = tf.keras, tf.keras.layers

    @tf.custom_gradient
    def my_conv(x, w):
        def grad(g):
            with tf.GradientTape() as t:
                t.watch([x, w])
                y = tf.nn.conv2d(x, w, 1, "SAME")
            gx, gk = t.gradient(y, [x, w], output_gradients=g)
            return gx, gk * factor

        return tf.nn.conv2d(x, w, 1, "SAME"), grad

    class MyConv(k.Layer):
        def build(self, shape):
            self.k = self.add_weight(shape=(3, 3, shape[-1], 8), name="k")

        def call(self, x):
            return my_conv(x, tf.convert_to_tensor(self.k))

    x, y = _images(96, 12)
    m = K.Sequential(
        [
            K.Input((12, 12, 3)),
            k.Conv2D(8, 3, activation="relu"),
            MyConv(name="my_conv"),
            k.ReLU(),
            k.Flatten(),
            k.Dense(10),
        ]
    )
    _fit(_compiled(tf, m), x, y)


def multi_output(tf):
    K, k = tf.keras, tf.keras.layers
    x, y = _images(96, 12)
    i = K.Input((12, 12, 3))
    h = k.MaxPooling2D()(k.Conv2D(16, 3, activation="relu")(i))
    h = k.Flatten()(h)
    a, b = k.Dense(10, name="a")(h), k.Dense(1, name="b")(k.Dense(8, activation="relu")(h))
    m = K.Model(i, [a, b])
    m.compile(
        "adam",
        [K.losses.SparseCategoricalCrossentropy(from_logits=True), "mse"],
        loss_weights=[1.0, 0.5],
    )
    m.fit(x, [y, y.astype("float32")], batch_size=32, epochs=2, verbose=0)


def vgg_bn(tf):
    K, k = tf.keras, tf.keras.layers
    x, y = _images(64, 32)
    m = K.Sequential([K.Input((32, 32, 3))])
    for n in (16, 32):
        for _ in range(2):
            m.add(k.Conv2D(n, 3, padding="same"))
            m.add(k.BatchNormalization())
            m.add(k.ReLU())
        m.add(k.MaxPooling2D())
    m.add(k.Flatten())
    m.add(k.Dropout(0.5))
    m.add(k.Dense(10))
    _fit(_compiled(tf, m, optimizer="adam"), x, y)


def two_tapes(tf):
    K, k = tf.keras, tf.keras.layers
    actor = K.Sequential([K.Input((6,)), k.Dense(32, activation="relu"), k.Dense(3)])
    critic = K.Sequential([K.Input((6,)), k.Dense(32, activation="relu"), k.Dense(1)])
    oa, oc = K.optimizers.Adam(1e-2), K.optimizers.SGD(1e-2)
    rng = np.random.default_rng(0)
    for _ in range(4):
        x = tf.constant(rng.normal(size=(40, 6)).astype("float32"))
        r = tf.constant(rng.normal(size=(40, 1)).astype("float32"))
        with tf.GradientTape() as ta:
            la = -tf.reduce_mean(tf.nn.log_softmax(actor(x)) * r)
        with tf.GradientTape() as tc:
            lc = tf.reduce_mean((critic(x) - r) ** 2)
        ga, gc = (
            ta.gradient(la, actor.trainable_variables),
            tc.gradient(lc, critic.trainable_variables),
        )
        oa.apply_gradients(zip(ga, actor.trainable_variables, strict=True))
        oc.apply_gradients(zip(gc, critic.trainable_variables, strict=True))


NETWORKS = {
    network.__name__: network
    for network in (
        dense,
        conv,
        residual_bn,
        resnet,
        residual_plain,
        residual_subclassed,
        branches,
        autoencoder,
        gan,
        own_train_step,
        lstm,
        tanh_only,
        separable,
        layer_norm,
        nested_tape,
        multi_output,
        vgg_bn,
        two_tapes,
    )
}
