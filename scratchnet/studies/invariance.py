"""Question 3: what moves along with the input, what stays, and what sharing a filter means."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.studies.data import digits, first_losses
from scratchnet.studies.figures import Series, grid, lines
from scratchnet.studies.page import arxiv, doi, heading, para, plots, table
from scratchnet.studies.study import Run, Study, Tell, Text, quiet

SHIFTS = (0, 1, 2, 3, 4)
CANVAS = 32
SOME = 4  # digits, whose logits are compared with TensorFlow's
LESS = 0.8  # of a mean change: that, or more of it left, is no gain
KINDS = {
    "max": Text("max pooling, stride 2", "最大池化，步幅 2"),
    "blurred": Text("max, blurred, then stride 2", "最大值，先模糊，再取步幅 2"),
    "dense": Text("dense network", "全连接网络"),
}


def moved(images: Array, by: int) -> Array:
    """Images of shape (N, H, W, C), `by` pixels to the right; what comes in is 0."""
    out = np.zeros_like(images)
    out[:, :, by:] = images[:, :, : images.shape[2] - by]
    return out


def equivariance(tf: Any, seed: int) -> dict[str, Any]:
    """Convolve a shifted image, and shift a convolved one; how far apart are they?"""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1, 10, 10, 1)).astype(np.float32)
    kernel = tf.constant(rng.normal(size=(3, 3, 1, 1)).astype(np.float32))
    found: dict[str, Any] = {}
    for padding in ("VALID", "SAME"):
        first = np.asarray(tf.nn.conv2d(moved(x, 1), kernel, 1, padding))
        then = moved(np.asarray(tf.nn.conv2d(x, kernel, 1, padding)), 1)
        gap = abs(first - then)[0, :, :, 0]
        inner = gap[:, 1:] if padding == "VALID" else gap[:, 2:-1]
        found[f"equivariance/{padding} inside"] = float(inner.max())
        found[f"equivariance/{padding} border"] = float(gap.max())
        found[f"map/{padding}"] = gap.tolist()
    for by in (1, 2):  # with stride 2 the map can only move by whole steps, two pixels each
        first = np.asarray(tf.nn.conv2d(moved(x, by), kernel, 2, "VALID"))
        maps = np.asarray(tf.nn.conv2d(x, kernel, 2, "VALID"))
        gaps = [abs(first - moved(maps, k))[:, :, 1:].max() for k in (0, 1)]
        found[f"equivariance/stride 2, moved by {by}"] = float(min(gaps))
    return found


def one_row(tf: Any) -> dict[str, Any]:
    """Zhang's example: a row of pixels and the same row one pixel on, pooled to half the size."""
    row = np.array([0, 0, 1, 1, 0, 0, 1, 1], np.float32)
    blur = tf.reshape(tf.constant([0.25, 0.5, 0.25]), [1, 3, 1, 1])
    found: dict[str, Any] = {}
    for name, x in (("row", row), ("row, moved", np.roll(row, -1))):
        image = x[None, None, :, None]
        around = np.concatenate([image, image[:, :, :1]], 2)  # the row is a ring
        largest = np.asarray(tf.nn.max_pool2d(around, [1, 2], 1, "VALID"))  # stride 1
        ring = np.concatenate([largest[:, :, -1:], largest], 2)
        found[f"{name}/pixels"] = x.tolist()
        found[f"{name}/max"] = np.ravel(tf.nn.max_pool2d(image, [1, 2], [1, 2], "VALID")).tolist()
        found[f"{name}/blurred"] = np.ravel(tf.nn.conv2d(ring, blur, [1, 2], "VALID")).tolist()
    return found


def network(tf: Any, kind: str) -> Any:
    """A small network, by how it goes to half the size: "max" or "blurred"; or a "dense" one."""
    L = tf.keras.layers
    image = h = tf.keras.Input((CANVAS, CANVAS, 1))
    if kind == "dense":
        h = L.Dense(32, activation="relu")(L.Flatten()(h))
    else:
        for filters in (8, 24):
            h = L.Conv2D(filters, 3, padding="same", activation="relu")(h)
            if kind == "max":
                h = L.MaxPooling2D(2)(h)
            else:  # the largest of 2 x 2 at every place, blurred, then every second
                h = L.MaxPooling2D(2, strides=1, padding="same")(h)
                h = L.DepthwiseConv2D(3, 2, "same", use_bias=False, trainable=False)(h)
        h = L.GlobalMaxPooling2D()(h)
    model = tf.keras.Model(image, L.Dense(10)(h))
    binomial = np.outer([0.25, 0.5, 0.25], [0.25, 0.5, 0.25]).astype(np.float32)
    for layer in model.layers:
        if isinstance(layer, L.DepthwiseConv2D):
            shape = layer.get_weights()[0].shape
            layer.set_weights([np.broadcast_to(binomial[:, :, None, None], shape)])
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(tf.keras.optimizers.Adam(0.01 if kind != "dense" else 0.002), loss)
    return model


def on_canvas(images: Array) -> Array:
    """Digits of 14 x 14 in the middle of a black canvas."""
    before = (CANVAS - images.shape[1]) // 2
    after = CANVAS - images.shape[1] - before
    return np.pad(images, [(0, 0), (before, after), (before, after), (0, 0)])


def trained(
    tf: Any, kind: str, seed: int, nudge: int, epochs: int, count: int | None
) -> tuple[dict[str, Any], Any]:
    """Train on digits in the middle, test on moved ones; the numbers, and the network."""
    (x, y), (x_test, y_test) = digits(nudge=nudge)
    x, y, x_test = on_canvas(x[:count]), y[:count], on_canvas(x_test)
    tf.keras.utils.set_random_seed(seed)
    model = network(tf, kind)
    start = model.predict(x_test[:SOME], verbose=0)
    losses, watch = first_losses(tf)
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0, callbacks=[watch])
    found: dict[str, Any] = {
        f"logits before training/{kind}": start.tolist(),
        f"first losses/{kind}": losses,
    }
    before = model.predict(x_test, verbose=0)
    for by in SHIFTS:
        after = model.predict(moved(x_test, by), verbose=0)
        found[f"accuracy/{kind}, {by}"] = float(np.mean(after.argmax(1) == y_test))
        change = np.linalg.norm(after - before) / np.linalg.norm(before)
        found[f"change of the logits/{kind}, {by}"] = float(change)
    return found, model


def changes(tf: Any, model: Any, nudge: int) -> dict[str, Any]:
    """How much the features of a network change when its input moves, stage by stage.

    The features are taken less those of a black canvas: by the bias these are not 0, and the more
    canvas there is around a digit, the smaller would a change of all features look beside them.
    """
    x = on_canvas(digits(nudge=nudge)[1][0])
    kernel, bias = model.layers[1].get_weights()
    found: dict[str, Any] = {}

    def stages(images: Array) -> dict[str, Any]:
        h = tf.nn.relu(tf.nn.conv2d(images, kernel, 1, "SAME") + bias)
        return {
            "image": images,
            "convolution": h,
            "max 2/2": tf.nn.max_pool2d(h, 2, 2, "VALID"),
            "max 4/4": tf.nn.max_pool2d(h, 4, 4, "VALID"),
            "global mean": tf.reduce_mean(h, [1, 2]),
        }

    still = {name: np.asarray(value) for name, value in stages(x).items()}
    black = {name: np.asarray(value) for name, value in stages(np.zeros_like(x[:1])).items()}
    sizes = {name: np.linalg.norm(still[name] - black[name]) for name in still}
    for by in SHIFTS:
        for name, value in stages(moved(x, by)).items():
            gap = np.linalg.norm(np.asarray(value) - still[name]) / sizes[name]
            # What is 0 but for rounding is shown as 0: its rounding is nobody's to compare.
            found[f"change/{name}, {by}"] = round(float(gap), 5)
    return found


def sum_over_positions(tf: Any, seed: int) -> dict[str, Any]:
    """The gradient of a shared filter, and what each position adds to it."""
    rng = np.random.default_rng(seed)
    x = rng.integers(-2, 3, (5, 5)).astype(np.float32)
    g = rng.integers(-2, 3, (3, 3)).astype(np.float32)
    kernel = tf.Variable(rng.normal(size=(3, 3, 1, 1)).astype(np.float32))
    with tf.GradientTape() as tape:
        y = tf.nn.conv2d(x[None, :, :, None], kernel, 1, "VALID")
    shared = np.reshape(tape.gradient(y, kernel, g[None, :, :, None]), (3, 3))
    # A filter for each of the nine positions: each has a gradient of its own.
    positions = [(i, j) for i in range(3) for j in range(3)]
    own = [(g[i, j] * x[i : i + 3, j : j + 3]).ravel() for i, j in positions]
    return {
        "sharing/image": x.tolist(),
        "sharing/cotangent": g.tolist(),
        "sharing/shared": shared.ravel().tolist(),
        "sharing/own": [row.tolist() for row in own],
        "sharing/difference": float(abs(np.sum(own, 0) - shared.ravel()).max()),
    }


def experiment(
    tf: Any,
    seed: int = 0,
    tell: Tell = quiet,
    nudge: int = 0,
    epochs: int = 10,
    count: int | None = None,
) -> dict[str, Any]:
    """What moves along, what stays, and what a shared filter learns from.

    Args:
        tf: scratchnet or TensorFlow.
        seed: of images, weights and the order of the training.
        tell: called with a line on each part.
        nudge: digits that are off by some roundings, see `digits`.
        epochs: of each training.
        count: how many digits to train with; all 1,497 if not given.
    """
    tell(
        Text("a shifted image, convolved; a convolved image, shifted", "先平移后卷积；先卷积后平移")
    )
    numbers = equivariance(tf, seed) | one_row(tf) | sum_over_positions(tf, seed)
    for kind in KINDS:
        tell(Text(f"training: {KINDS[kind].en}", f"训练：{KINDS[kind].zh}"))
        found, model = trained(tf, kind, seed, nudge, epochs, count)
        numbers |= found
        if kind == "max":
            numbers |= changes(tf, model, nudge)
    return numbers


def _answer(run: Run) -> Text:
    n = run.numbers
    return Text(
        "A convolution is not invariant but <b>equivariant</b>: shift the input, and its "
        "map shifts, exactly, up to the border. <b>Pooling</b> makes invariance out of "
        "that, only in part: "
        "after a max pooling of 2 × 2 a shift by one pixel still changes the features by "
        f"{n['change/max 2/2, 1']:.0%}; after a mean over the whole map, by nothing. "
        "<b>Parameter sharing</b> means that one filter serves all positions, and that its "
        "gradient is the sum of theirs.",
        "卷积不是不变的，而是<b>等变</b>的：输入平移，特征图跟着平移，除了边缘完全精确。"
        "<b>池化</b>由此产生不变性，但只是部分的："
        f"2 × 2 最大池化之后，平移一个像素仍使特征改变 {n['change/max 2/2, 1']:.0%}；对整幅"
        "特征图取平均之后，一点也不变。"
        "<b>参数共享</b>是说一个卷积核服务于所有位置，它的梯度是各位置梯度之和。",
    )


def _whole(value: float) -> str:
    return f"{value:.0f}" if value >= 0 else f"(−{-value:.0f})"


def _curves(run: Run, group: str, names: dict[str, Text]) -> list[Series]:
    xs = [float(by) for by in SHIFTS]
    return [
        Series(text, xs, [run.numbers[f"{group}/{name}, {by}"] for by in SHIFTS])
        for name, text in names.items()
    ]


def _blurred(run: Run) -> Text:
    """What blurring before the stride did to the change of the logits, over all shifts."""
    plain, blurred = (
        [float(run[f"change of the logits/{kind}, {by}"]) for by in SHIFTS[1:]]
        for kind in ("max", "blurred")
    )
    mean = float(np.mean(blurred)) / float(np.mean(plain))
    peak = max(blurred) / max(plain)
    said = Text("no gain", "没有好处")
    if mean < LESS:
        said = Text("less, but no cure", "小了，但没有根治")
    elif mean > 1 / LESS:
        said = Text("more, not less", "反而更大")
    sways = [
        max(found) - min(found)
        for kind in ("max", "blurred")
        for found in [[float(run[f"accuracy/{kind}, {by}"]) for by in SHIFTS]]
    ]
    return Text(
        f"Blurring before it (Zhang 2019), with this seed: {blurred[0]:.2f} at one pixel "
        f"(without: {plain[0]:.2f}), {blurred[1]:.2f} at two ({plain[1]:.2f}); on "
        f"average over the shifts from 1 to {SHIFTS[-1]} "
        f"{np.mean(blurred):.3f} in place of {np.mean(plain):.3f}: {said.en} ({LESS:g} to "
        f"{1 / LESS:g} times as much counts as that). The largest of them "
        f"is {peak:.0%} of the largest without. Over the shifts the accuracy varies by "
        f"{sways[1]:.3f} with blurring and by {sways[0]:.3f} without.",
        f"先模糊再取（Zhang 2019），用这个种子时：移一个像素的改变是 {blurred[0]:.2f}（不模糊："
        f"{plain[0]:.2f}），移两个是 {blurred[1]:.2f}（{plain[1]:.2f}）；"
        f"对平移 1 到 {SHIFTS[-1]} 取平均，是 {np.mean(blurred):.3f}，而不模糊是 "
        f"{np.mean(plain):.3f}：{said.zh}"
        f"（{LESS:g} 到 {1 / LESS:g} 倍之间算作没有好处）。其中最大的是"
        f"不模糊时最大的 {peak:.0%}。准确率随平移的"
        f"变化幅度，模糊时是 {sways[1]:.3f}，不模糊时是 {sways[0]:.3f}。",
    )


def _sections(run: Run) -> list[str]:
    n = run.numbers
    moved_by = Text("shift in pixels", "平移的像素数")
    ticks = [float(by) for by in SHIFTS]
    blur = _blurred(run)
    own, shared = np.array(n["sharing/own"]), np.array(n["sharing/shared"])
    x, g = np.array(n["sharing/image"]), np.array(n["sharing/cotangent"])
    terms = " + ".join(f"{_whole(g[i, j])}·{_whole(x[i, j])}" for i in range(3) for j in range(3))
    row: list[list[Text | str]] = [
        [
            text,
            *[
                " ".join(f"{v:.4g}" for v in n[f"{name}/{kind}"])
                for kind in ("pixels", "max", "blurred")
            ],
        ]
        for name, text in (
            ("row", Text("a row of pixels", "一行像素")),
            ("row, moved", Text("the same, one pixel on", "同一行，移一个像素")),
        )
    ]
    return [
        heading(Text("A shifted input gives a shifted map", "输入平移，特征图也平移")),
        para(
            Text(
                "An image of random numbers is moved one pixel to the right and convolved "
                "with a 3 × 3 filter; and it is convolved first and the map moved. The "
                "picture shows how far apart the two are.",
                "一幅随机数图像先右移一个像素，再与 3 × 3 卷积核做卷积；另一种做法是先卷积"
                "，再平移特征图。图中是两者之差。",
            )
        ),
        plots(
            [
                grid(
                    Text("difference, VALID padding", "差，VALID 填充"),
                    n["map/VALID"],
                    numbers=True,
                    cell=34,
                ),
                grid(
                    Text("difference, SAME padding", "差，SAME 填充"),
                    n["map/SAME"],
                    numbers=True,
                    cell=34,
                ),
            ],
            Text(
                f"Inside it is exactly {n['equivariance/VALID inside']:g}, to the last "
                "bit: the same sums are formed at another place. At the border the images "
                "differ, since what lay outside has come in; with SAME, the zeros of the "
                "padding are seen too.",
                f"内部恰好是 {n['equivariance/VALID inside']:g}，一位不差：只是在另一个位置"
                "算同样的和。边缘处不同，因为原来在外面的像素进来了；SAME 还会看到填充的"
                "零。",
            ),
        ),
        para(
            Text(
                "With stride 2 it holds for even shifts only: moved by 2 pixels the map "
                "moves by one step (difference "
                f"{n['equivariance/stride 2, moved by 2']:g}); moved by 1 pixel it is "
                "another map (difference at least "
                f"{n['equivariance/stride 2, moved by 1']:.2f}, whether it is moved by a "
                "step or not).",
                "步幅为 2 时，只对偶数平移成立：移 2 个像素，特征图移一步（差 "
                f"{n['equivariance/stride 2, moved by 2']:g}）；移 1 个像素，得到的是另一幅"
                "特征图（无论是否移一步，差至少 "
                f"{n['equivariance/stride 2, moved by 1']:.2f}）。",
            )
        ),
        heading(Text("Pooling forgives a little", "池化只宽容一点点")),
        para(
            Text(
                "300 digits, in the middle of a 32 × 32 canvas, are moved to the right; "
                "how much do the features after the first convolution of a trained "
                "network change? (Norm of the change over the norm of the features, less "
                "those of a black canvas.)",
                "300 幅数字图像放在 32 × 32 画布中央，然后右移；训练好的网络里，第一个卷积"
                "之后的特征改变多少？（改变量的范数与特征范数之比，特征先减去全黑画布的特征。）",
            )
        ),
        plots(
            [
                lines(
                    Text("relative change of the features", "特征的相对改变"),
                    _curves(
                        run,
                        "change",
                        {
                            "image": Text("the pixels", "像素"),
                            "convolution": Text("convolution, relu", "卷积、relu"),
                            "max 2/2": Text("then max over 2 × 2", "再取 2 × 2 最大"),
                            "max 4/4": Text("or max over 4 × 4", "或取 4 × 4 最大"),
                            "global mean": Text("or the mean over all", "或对全图取平均"),
                        },
                    ),
                    moved_by,
                    ticks=ticks,
                    low=0.0,
                ),
                lines(
                    Text("accuracy on moved digits (300)", "平移后的准确率（300 幅）"),
                    _curves(run, "accuracy", KINDS),
                    moved_by,
                    ticks=ticks,
                    low=0.0,
                    high=1.0,
                ),
            ],
            Text(
                "The accuracies are those of three networks, trained on digits in the middle "
                "only. Those with convolutions end in a maximum over the whole map; the dense "
                "one has a weight for each pixel, and has learned each place for itself.",
                "准确率属于三个网络，都只用居中的数字训练。有卷积的网络最后对整幅特征图取最大值；"
                "全连接网络每个像素各有权重，每个位置要分别学习。",
            ),
        ),
        para(
            Text(
                "Larger windows forgive more: at one pixel the change is "
                f"{n['change/convolution, 1']:.2f} after the convolution, "
                f"{n['change/max 2/2, 1']:.2f} after windows of 2 × 2, "
                f"{n['change/max 4/4, 1']:.2f} after 4 × 4. "
                "Only what is taken over the whole map does not change at all, as long as "
                f"the digit stays inside: {n['change/global mean, 4']:g} at four pixels. "
                "That is equivariance and a sum; no window was needed.",
                "窗口越大越宽容：移一个像素时，卷积之后改变 "
                f"{n['change/convolution, 1']:.2f}，2 × 2 窗口之后 "
                f"{n['change/max 2/2, 1']:.2f}，4 × 4 之后 {n['change/max 4/4, 1']:.2f}。"
                "只有对整幅特征图取的量完全不变，只要数字还在画面内：移四个像素时为 "
                f"{n['change/global mean, 4']:g}。这是等变性加上求和，不需要窗口。",
            )
        ),
        heading(Text("Where it fails: stride 2", "在哪里失效：步幅 2")),
        para(
            Text(
                "What the last layer makes, the logits (ten numbers, before the softmax turns them "
                "into probabilities), should not depend on where the digit lies. They do, by where "
                "it lies <i>on the grid</i> of the pooling with stride 2:",
                "最后一层的输出 logits（十个数，由 softmax 变成概率）不应取决于数字的位置。"
                "但它们取决于数字<i>在步幅 2 的池化网格上</i>的位置：",
            )
        ),
        plots(
            [
                lines(
                    Text("relative change of the logits", "logits 的相对改变"),
                    _curves(run, "change of the logits", {k: KINDS[k] for k in ("max", "blurred")}),
                    moved_by,
                    ticks=ticks,
                    low=0.0,
                )
            ],
            Text(
                f"Max pooling: {n['change of the logits/max, 1']:.2f} at one pixel, "
                f"{n['change of the logits/max, 2']:.1g} at two, where the grid fits "
                "again. (Its second pooling does no harm: the maximum over the map is the "
                "same without it.) This is aliasing: taking every second value throws "
                "away what varies from one to the next. "
                f"{blur.en} Blurred values are no maxima any more, so both its poolings count, "
                "and its grid fits only every four pixels "
                f"({n['change of the logits/blurred, 4']:.1g}; what is left of it comes from the "
                "border of the canvas, where SAME padding brings zeros in: on a canvas of 48 "
                "pixels it is exactly 0).",
                f"最大池化：移一个像素时 {n['change of the logits/max, 1']:.2f}，移两个时 "
                f"{n['change of the logits/max, 2']:.1g}，网格又对上了。（它的第二次池化没"
                "有坏处：有没有它，全图的最大值都一样。）这就是混叠：每隔一个取一个值，丢"
                "掉了相邻值之间的变化。"
                f"{blur.zh}模糊后的值不再是最大值，所以它的两次池化都起作用，网格每四个像素才对上一"
                f"次（{n['change of the logits/blurred, 4']:.1g}；剩下的来自画布边缘，SAME 填充在"
                "那里带入零：画布为 48 像素时恰好是 0）。",
            ),
        ),
        para(
            Text(
                "Zhang's own example shows it by hand. A row of eight pixels, taken as a "
                "ring, is pooled to four numbers:",
                "Zhang 的例子可以手算。一行八个像素（首尾相接），池化成四个数：",
            )
        ),
        table(
            [
                "",
                Text("pixels", "像素"),
                Text("max, stride 2", "最大，步幅 2"),
                Text("max, blurred, stride 2", "最大，模糊，步幅 2"),
            ],
            row,
        ),
        heading(
            Text(
                "A shared filter's gradient is a sum over positions", "共享卷积核的梯度是对位置求和"
            )
        ),
        para(
            Text(
                "A 5 × 5 image of whole numbers and a 3 × 3 filter make a 3 × 3 map. Its "
                "cotangent g is the gradient of the loss by it, which the layers after it send "
                "back. Give each of the nine positions a filter of its own, and position (i, j) "
                "has the gradient g[i, j] · x[i : i+3, j : j+3]. "
                "Let them share one, and the chain rule adds up: ∂L/∂k[a, b] = Σᵢⱼ g[i, j] "
                "· x[i + a, j + b].",
                "5 × 5 的整数图像和 3 × 3 卷积核得到 3 × 3 的特征图。它的余切向量 g 是损失对它的"
                "梯度，由后面的层传来。如果九个位置各有自己的卷积核，位置 (i, j) 的梯度是 "
                "g[i, j] · x[i : i+3, j : j+3]。"
                "如果它们共用一个，链式法则就把它们加起来：∂L/∂k[a, b] = Σᵢⱼ g[i, j] · x[i "
                "+ a, j + b]。",
            )
        ),
        plots(
            [
                grid(Text("the image x", "图像 x"), n["sharing/image"], numbers=True, cell=34),
                grid(
                    Text("the cotangent g of the map", "特征图的余切向量 g"),
                    n["sharing/cotangent"],
                    numbers=True,
                    cell=34,
                ),
                grid(
                    Text(
                        "nine positions (rows) × nine weights; below: their sums",
                        "九个位置（行）× 九个权重；下面是各列之和",
                    ),
                    own,
                    numbers=True,
                    cell=34,
                    below=own.sum(0),
                ),
            ],
            Text(
                "The row below is the gradient that the tape computes for the shared "
                f"filter; the largest difference is {n['sharing/difference']:g}.",
                "最下面一行就是梯度带为共享卷积核算出的梯度；最大差为 "
                f"{n['sharing/difference']:g}。",
            ),
        ),
        para(Text("Written out for the first weight, k[0, 0]:", "对第一个权重 k[0, 0] 逐项写出：")),
        f'<div class="written">{terms} = {shared[0]:.0f}</div>',
        para(
            Text(
                "So a filter learns from every position of every image: in a layer on 28 × "
                "28 pixels each weight has 676 terms per image. That is also the "
                "assumption behind sharing: that what is worth finding at one place is "
                "worth finding at all.",
                "所以一个卷积核从每幅图像的每个位置学习：在 28 × 28 像素的层里，每个权重每"
                "幅图像有 676 项。这也正是共享背后的假设：在一处值得寻找的东西，在各处都值"
                "得寻找。",
            )
        ),
    ]


def _notebook(run: Run) -> list[Text]:
    n = run.numbers
    return [
        Text(
            "On sharing it says that one filter is used at all positions, because the "
            "statistics of one part of an image are those of the others, and that the "
            "positions keep their relations. That is right, and the second half is "
            "equivariance. "
            "It is an assumption about the data, though, not a property of images: in "
            "digits that all lie in the middle, the corners are always black.",
            "关于参数共享，它说同一个卷积核用于所有位置，因为图像一部分的统计特性与其他部分"
            "相同，而且位置关系保持不变。这是对的，后半句就是等变性。"
            "不过这是对数据的假设，而不是图像的固有性质：如果数字都在中间，四角就总是黑的。",
        ),
        Text(
            "On local invariance it describes another subject: local invariant "
            "<i>features</i> of computer vision, detectors and descriptors of patches "
            "(such as SIFT) that are built to withstand changes of geometry and light. "
            "Nothing of the sort is built into a convolutional network: "
            "a convolution is equivariant to shifts only, and what its features withstand "
            f"was measured above: {n['change/convolution, 1']:.0%} of change for one pixel "
            f"before pooling, {n['change/max 2/2, 1']:.0%} after it.",
            "关于局部不变性，它讲的是另一个题目：计算机视觉里的局部不变<i>特征</i>，即像 "
            "SIFT 那样的检测子和描述子，它们专门设计成能抵抗几何和光照变化。卷积网络里并没"
            "有内置这样的东西："
            "卷积只对平移等变，它的特征能承受多少变化，上面已经测过：移一个像素，池化之前"
            f"改变 {n['change/convolution, 1']:.0%}，池化之后 "
            f"{n['change/max 2/2, 1']:.0%}。",
        ),
    ]


def _refutation(run: Run) -> list[Text]:
    return [
        Text(
            "A difference inside the map, away from the border, that is not 0 when input "
            "and map are both moved: then a convolution would not be equivariant.",
            "如果输入和特征图都平移之后，远离边缘的内部出现不为 0 的差：那么卷积就不是等变的。",
        ),
        Text(
            "A change of the logits at one pixel as small as that at four, where both "
            "grids fit: then stride 2 would do no harm.",
            "如果平移一个像素时 logits 的改变与四个像素时（两种网格都对上）一样小：那么步幅"
            " 2 就没有坏处。",
        ),
        Text(
            "A sum over the nine positions that is not the gradient of the shared filter.",
            "如果九个位置之和不等于共享卷积核的梯度。",
        ),
    ]


def _microscope(tf: Any) -> tuple[Any, Text]:
    L = tf.keras.layers
    model = tf.keras.Sequential(
        [tf.keras.Input((14, 14, 1)), L.Conv2D(2, 3), L.GlobalMaxPooling2D(), L.Dense(10)]
    )
    model.compile("sgd", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    (x, labels), _ = digits()
    return tf.trace(model, x[1:2], labels[1:2]), Text(
        "One digit through a convolution with two filters. Go to the convolution, on the "
        "way back, and click a weight: its gradient is taken apart into the sum over all "
        "positions.",
        "一幅数字图像通过有两个卷积核的卷积层。转到反向的卷积一步，点一个权重：它的梯度会拆"
        "成对所有位置的和。",
    )


_LECUN = (
    "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: <i>Gradient-based learning applied to document "
    f"recognition</i>. Proceedings of the IEEE 86 (1998), {doi('10.1109/5.726791')}"
)
_LOWE = (
    "D. G. Lowe: <i>Distinctive image features from scale-invariant keypoints</i>. International "
    f"Journal of Computer Vision 60 (2004), {doi('10.1023/B:VISI.0000029664.99615.94')}"
)

INVARIANCE = Study(
    name="invariance",
    title=Text("Local invariance and parameter sharing", "局部不变性与参数共享"),
    question=Text(
        "3. What are “local invariant” and “parameter sharing”?",
        "3. 什么是“局部不变性”和“参数共享”？",
    ),
    experiment=experiment,
    answer=_answer,
    sections=_sections,
    notebook=_notebook,
    refutation=_refutation,
    code=(
        moved,
        equivariance,
        one_row,
        network,
        on_canvas,
        first_losses,
        trained,
        changes,
        sum_over_positions,
        experiment,
    ),
    sources=(
        Text(
            f"{_LECUN}, section II: local receptive fields, shared weights, subsampling.",
            f"{_LECUN}，第 II 节：局部感受野、共享权重、下采样。",
        ),
        "R. Zhang: <i>Making convolutional networks shift-invariant again</i>. ICML 2019, "
        f"{arxiv('1904.11486')}.",
        Text(f"{_LOWE}: what the notebook describes.", f"{_LOWE}：笔记本所描述的内容。"),
    ),
    microscope=_microscope,
    again="nudged",
    late=(
        ("accuracy/",),
        ("change of the logits/",),
        ("change/convolution", "change/max", "change/global mean"),
    ),
    picture=3,
)
