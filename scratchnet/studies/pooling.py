"""Question 6: does a layer without parameters affect backpropagation?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.studies.data import digits
from scratchnet.studies.figures import grid
from scratchnet.studies.page import bullets, doi, heading, para, plots, table
from scratchnet.studies.study import Run, Study, Tell, Text, quiet


def pools(tf: Any) -> dict[str, Callable[..., Any]]:
    """Ways to pool a 4 x 4 image into 2 x 2, by kind, window / stride, and padding."""
    return {
        "max 2/2": lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"),
        "mean 2/2": lambda x: tf.nn.avg_pool2d(x, 2, 2, "VALID"),
        "max 3/1": lambda x: tf.nn.max_pool2d(x, 3, 1, "VALID"),
        "mean 3/1": lambda x: tf.nn.avg_pool2d(x, 3, 1, "VALID"),
        "max 3/2 SAME": lambda x: tf.nn.max_pool2d(x, 3, 2, "SAME"),
        "mean 3/2 SAME": lambda x: tf.nn.avg_pool2d(x, 3, 2, "SAME"),
        # What counts the zeros of the padding: one more row and column, then no padding.
        "mean 3/2, zeros counted": lambda x: tf.nn.avg_pool2d(
            tf.pad(x, [[0, 0], [0, 1], [0, 1], [0, 0]]), 3, 2, "VALID"
        ),
    }


def jacobian(tf: Any, pool: Callable[..., Any], image: Array) -> Array:
    """J[i, j] = ∂yᵢ/∂xⱼ of a pooling, at one image; shape (outputs, pixels)."""
    x = tf.constant(image[None, :, :, None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reshape(pool(x), [-1])
    return np.reshape(tape.jacobian(y, x), (len(y), image.size))


def in_a_network(tf: Any, seed: int, nudge: int, images: int) -> dict[str, Any]:
    """One step of a small network, with max pooling and with mean pooling, from the same weights.

    Besides: the gradient of the filters if one went on as though the pooling were not there, and
    gave each pixel of a window the whole gradient of its output.
    """
    (x, labels), _ = digits(nudge=nudge)
    x, labels = tf.constant(x[:images]), tf.constant(labels[:images])
    glorot = tf.keras.initializers.GlorotUniform
    kernel = tf.Variable(glorot(2 * seed)((3, 3, 1, 8)))  # an object for each: no equal numbers
    dense = tf.Variable(glorot(2 * seed + 1)((288, 10)))
    found, gradients, arriving = {}, {}, {}
    for kind, pool in (("max", tf.nn.max_pool2d), ("mean", tf.nn.avg_pool2d)):
        with tf.GradientTape(persistent=True) as tape:
            h = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "VALID"))  # (N, 12, 12, 8)
            p = pool(h, 2, 2, "VALID")  # (N, 6, 6, 8)
            logits = tf.reshape(p, [images, 288]) @ dense
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        gradients[kind] = np.ravel(tape.gradient(loss, kernel))
        by_p, by_h = tape.gradient(loss, [p, h])
        arriving[kind] = np.ravel(by_h)
        ignored = tf.repeat(tf.repeat(by_p, 2, axis=1), 2, axis=2)
        gradients[f"{kind}, ignored"] = np.ravel(tape.gradient(h, kernel, ignored))
        windows = np.reshape(h, (images, 6, 2, 6, 2, 8))
        largest = windows.max((2, 4), keepdims=True)
        found[f"share/zero behind {kind}"] = float(np.mean(np.equal(by_h, 0)))
        found["share/windows with ties"] = float(np.mean((windows == largest).sum((2, 4)) > 1))
        found["share/windows of zeros"] = float(np.mean(largest == 0))
    u, v = arriving["max"], arriving["mean"]
    found["cosine/at the input"] = float(u @ v / np.linalg.norm(u) / np.linalg.norm(v))
    for name, (a, b) in {
        "max and mean": ("max", "mean"),
        "max, and max ignored": ("max", "max, ignored"),
        "mean, and mean ignored": ("mean", "mean, ignored"),
    }.items():
        u, v = gradients[a], gradients[b]
        norms = np.linalg.norm(u), np.linalg.norm(v)
        found[f"cosine/{name}"] = float(u @ v / norms[0] / norms[1])
        found[f"ratio/{name}"] = float(norms[1] / norms[0])
    return found


def experiment(
    tf: Any, seed: int = 0, tell: Tell = quiet, nudge: int = 0, images: int = 64
) -> dict[str, Any]:
    """The Jacobians of poolings; what they do to a gradient; and what that does to a network.

    Args:
        tf: scratchnet or TensorFlow.
        seed: of the image, the gradient and the weights.
        tell: called with a line on each part.
        nudge: digits that are off by some roundings, see `digits`.
        images: how many digits the network sees.
    """
    tell(Text("the Jacobians of seven poolings", "七种池化的雅可比矩阵"))
    rng = np.random.default_rng(seed)
    image, g = rng.normal(size=(4, 4)).astype(np.float32), rng.normal(size=4).astype(np.float32)
    numbers: dict[str, Any] = {"image": image.tolist(), "gradient": g.tolist()}
    for name, pool in pools(tf).items():
        matrix = jacobian(tf, pool, image)
        gx = matrix.T @ g
        numbers[f"J/{name}"] = matrix.tolist()
        numbers[f"row sums/{name}"] = matrix.sum(1).tolist()
        numbers[f"sum/{name}"] = float(gx.sum())
        numbers[f"norm/{name}"] = float(np.linalg.norm(gx))
    numbers["sum/g"], numbers["norm/g"] = float(g.sum()), float(np.linalg.norm(g))
    ties = jacobian(tf, pools(tf)["max 2/2"], np.zeros((4, 4), np.float32))
    numbers["J/ties"] = ties.tolist()
    tell(Text("one step of a network, with both poolings", "网络走一步，两种池化"))
    return numbers | in_a_network(tf, seed, nudge, images)


def _answer(run: Run) -> Text:
    n = run.numbers
    changed = abs(1 - n["ratio/max and mean"])
    return Text(
        "<b>False.</b> Without parameters there is no gradient <i>of the layer</i>; but "
        "every gradient in front of it is multiplied by the layer's Jacobian. "
        "With the same weights and the same digits, max and mean pooling send gradients "
        "back to the filters in front of it that differ in direction, with a cosine of "
        f"{n['cosine/max and mean']:.2f}, and by {changed:.0%} in length. If pooling did "
        "not matter, the cosine would be 1 and the lengths equal.",
        "<b>错误。</b>没有参数，只说明没有<i>这一层自己的</i>梯度；但它前面的每一个梯度都要"
        "乘上这一层的雅可比矩阵。"
        "权重相同、数字图像相同，最大池化和平均池化传给前面卷积核的梯度，方向不同（夹角余弦 "
        f"{n['cosine/max and mean']:.2f}），长度相差 {changed:.0%}。如果池化没有影响，余弦应当"
        "是 1，长度应当相等。",
    )


def _sections(run: Run) -> list[str]:
    n = run.numbers
    g = np.array(n["gradient"])
    jacobians = {name.partition("/")[2]: np.array(n[name]) for name in n if name.startswith("J/")}

    def sent(name: str) -> Array:
        moved: Array = (jacobians[name].T @ g).reshape(4, 4)
        return moved

    def matrix(name: str, title: Text) -> str:
        return grid(title, jacobians[name], numbers=True, high=1.0, below=jacobians[name].sum(0))

    columns = {name: jacobians[name].sum(0) for name in jacobians}
    kinds = [name for name in jacobians if name != "ties"]
    rows = [
        [
            f"<code>{name}</code>",
            f"{min(n[f'row sums/{name}']):.3g} … {max(n[f'row sums/{name}']):.3g}",
            f"{columns[name].min():.3g} … {columns[name].max():.3g}",
            f"{n[f'sum/{name}']:.4f}",
            f"{n[f'norm/{name}'] / n['norm/g']:.3f}",
        ]
        for name in kinds
    ]
    most = int(np.argmax(columns["max 3/1"]))
    return [
        heading(Text("The Jacobian, as a matrix", "把雅可比矩阵写出来")),
        para(
            Text(
                "A pooling maps 16 pixels to 4 numbers, y = pool(x). Its Jacobian J has an "
                "entry ∂yᵢ/∂xⱼ for each pair, and backpropagation is gx = Jᵀ g. "
                "There is nothing to learn in J, and yet it decides where the gradient "
                "goes. Max <b>routes</b>: each row has one 1, at the largest pixel of the "
                "window. Mean <b>shares</b>: each row has 1/4 at each pixel of the window.",
                "池化把 16 个像素变成 4 个数，y = pool(x)。它的雅可比矩阵 J 对每一对都有一个"
                "元素 ∂yᵢ/∂xⱼ，反向传播就是 gx = Jᵀ g。"
                "J 里没有可学的东西，但梯度往哪里走由它决定。最大池化是<b>选路</b>：每行只有"
                "一个 1，在窗口里最大的像素处。平均池化是<b>平分</b>：每行在窗口的每个像素处"
                "都是 1/4。",
            )
        ),
        plots(
            [
                grid(Text("the image x", "图像 x"), n["image"], numbers=True, cell=40),
                matrix(
                    "max 2/2",
                    Text(
                        "J of max, 2 × 2 windows; below: its column sums",
                        "最大池化的 J，窗口 2 × 2；下面是列和",
                    ),
                ),
                matrix(
                    "mean 2/2",
                    Text(
                        "J of mean, 2 × 2 windows; below: its column sums",
                        "平均池化的 J，窗口 2 × 2；下面是列和",
                    ),
                ),
            ],
            Text(
                "Rows are outputs, columns are pixels, counted row by row. A column's sum "
                "says how much of an all-ones gradient comes to that pixel.",
                "行是输出，列是像素，逐行编号。一列的和表示：当输出的梯度全为 1 时，这个像"
                "素得到多少。",
            ),
        ),
        plots(
            [
                grid(
                    Text("the gradient g of the outputs", "输出的梯度 g"),
                    g.reshape(2, 2),
                    numbers=True,
                    cell=44,
                    high=2.0,
                ),
                grid(
                    Text("sent back by max", "最大池化传回的"),
                    sent("max 2/2"),
                    numbers=True,
                    cell=44,
                    high=2.0,
                ),
                grid(
                    Text("sent back by mean", "平均池化传回的"),
                    sent("mean 2/2"),
                    numbers=True,
                    cell=44,
                    high=2.0,
                ),
            ],
            Text("The same g; gx = Jᵀ g.", "同一个 g；gx = Jᵀ g。"),
        ),
        heading(Text("Windows that overlap, and ties", "重叠的窗口，以及并列的最大值")),
        para(
            Text(
                "With 3 × 3 windows moved by 1, a pixel of this image lies in up to all four "
                "windows (in a larger image, in up to nine). Under "
                f"max, pixel {most} (counted from 0, row by row) wins "
                f"{columns['max 3/1'][most]:.0f} of them here, and its gradient is the sum of what "
                "comes from each. So “the others get 0” is true of one window only: what counts "
                "is the sum down the column.",
                "窗口为 3 × 3、每次移动 1 时，这幅图像的一个像素最多落在全部四个窗口里（更大的图像"
                f"里最多九个）。在最大池化下，这里像素 {most}（从 0 起逐行编号）"
                f"在其中 {columns['max 3/1'][most]:.0f} 个窗口里最大"
                "，它的梯度是各窗口传来之和。"
                "所以“其他像素为 0”只对单个窗口成立：真正起作用的是整列之和。",
            )
        ),
        plots(
            [
                matrix(
                    "max 3/1", Text("max, 3 × 3 windows, stride 1", "最大池化，窗口 3 × 3，步幅 1")
                ),
                matrix(
                    "mean 3/1",
                    Text("mean, 3 × 3 windows, stride 1", "平均池化，窗口 3 × 3，步幅 1"),
                ),
                matrix(
                    "ties",
                    Text(
                        "max of an image of zeros, 2 × 2 windows", "全零图像的最大池化，窗口 2 × 2"
                    ),
                ),
            ],
            Text(
                "In the third all four pixels of a window are equal. The derivative of max "
                "does not exist there; TensorFlow takes the first in row-major order, and "
                "so does scratchnet.",
                "第三个矩阵里，窗口的四个像素都相等。此处 max 不可导；TensorFlow 取按行优先顺"
                "序的第一个，scratchnet 也一样。",
            ),
        ),
        para(
            Text(
                "Ties are common after a ReLU: in the network below "
                f"{n['share/windows with ties']:.0%} of all windows have them, nearly all "
                f"because the whole window is 0 ({n['share/windows of zeros']:.0%}); "
                "there the ReLU in front stops the gradient in any case.",
                f"在 ReLU 后面，并列很常见：下面的网络里 {n['share/windows with ties']:.0%} "
                f"的窗口有并列，几乎都是因为整个窗口是 0（{n['share/windows of zeros']:.0%}）；"
                "这时前面的 ReLU 反正也会挡住梯度。",
            )
        ),
        heading(Text("What is conserved, and why", "什么是守恒的，为什么")),
        table(
            [
                Text("pooling, window/stride", "池化，窗口/步幅"),
                Text("row sums of J", "J 的行和"),
                Text("column sums of J", "J 的列和"),
                Text(f"Σ gx (Σ g = {n['sum/g']:.4f})", f"Σ gx（Σ g = {n['sum/g']:.4f}）"),
                "‖gx‖ / ‖g‖",
            ],
            rows,
        ),
        bullets(
            [
                Text(
                    "The sum of the gradient is conserved if each <b>row</b> of J sums to "
                    "1: Σⱼ gxⱼ = Σᵢ gᵢ Σⱼ Jᵢⱼ. And the rows do so because a pooling "
                    "commutes with adding a constant, pool(x + c) = pool(x) + c: the "
                    "derivative of that by c says J·1 = 1. This holds for max as for mean, "
                    "with overlaps too. At ties max has no derivative, and the argument says "
                    "nothing: there J is what the library chose, a 1 at one of the equal pixels, "
                    "and its rows sum to 1 because the choice does. Shares that sum to 1 would do "
                    "as well; a whole 1 at each of them would not.",
                    "梯度之和守恒，条件是 J 的每一<b>行</b>之和为 1：Σⱼ gxⱼ = Σᵢ gᵢ Σⱼ Jᵢⱼ。"
                    "行和为 1 是因为池化与加常数可交换，pool(x + c) = pool(x) + c；对 c 求导"
                    "就得到 J·1 = 1。最大池化和平均池化都是如此，窗口重叠时也是。有并列时 max 不可"
                    "导，这个论证不适用：那里的 J 是库的选择，即在并列的像素中取一个记 1，行和为 1 "
                    "是因为这样选。各得一份、总和为 1 也可以；每个并列的像素都记 1 则不行。",
                ),
                Text(
                    "With padding it depends: TensorFlow leaves the padding out of the "
                    "mean, so it holds; where the zeros are counted (PyTorch's default, "
                    "<code>count_include_pad=True</code>) the rows at the border sum to "
                    "less, and the sum is not conserved (last row of the table).",
                    "有填充时要看约定：TensorFlow 求平均时不计填充，所以守恒；如果把填充的零也"
                    "计入（PyTorch 的默认值 <code>count_include_pad=True</code>），边缘行的和"
                    "小于 1，总和就不守恒（表中最后一行）。",
                ),
                Text(
                    "The norm is another matter. Without overlap, max keeps it (ratio "
                    f"{n['norm/max 2/2'] / n['norm/g']:.3f}) and mean over 2 × 2 halves it "
                    f"(ratio {n['norm/mean 2/2'] / n['norm/g']:.3f}): g/4 at four pixels "
                    "has the norm √(4·(g/4)²) = g/2. Where windows overlap and one pixel "
                    "wins in several, their gradients add up there, and may cancel or "
                    "grow: see the other ratios.",
                    "范数则不同。不重叠时，最大池化保持范数（比值 "
                    f"{n['norm/max 2/2'] / n['norm/g']:.3f}），2 × 2 平均池化使它减半（比值 "
                    f"{n['norm/mean 2/2'] / n['norm/g']:.3f}）：四个像素各得 g/4，范数是 "
                    "√(4·(g/4)²) = g/2。窗口重叠、一个像素在几个窗口里都最大时，这些梯度在"
                    "那里相加，可能抵消，也可能变大：见其他比值。",
                ),
            ]
        ),
        heading(Text("In a network", "放进网络里")),
        para(
            Text(
                "Convolution (8 filters of 3 × 3), ReLU, pooling 2 × 2, dense; 64 digits; "
                "the same weights for both. With max pooling "
                f"{n['share/zero behind max']:.0%} of the gradients by the pooling's input "
                f"are exactly 0; with mean pooling {n['share/zero behind mean']:.0%}. "
                "With the same g arriving, the cosine of the two gradients there would be "
                "1/2 by algebra: in each window of 2 × 2 max sends (g, 0, 0, 0) and mean "
                "(g, g, g, g)/4, whose product is g²/4 and whose norms are |g| and |g|/2. The "
                "networks' outputs differ a little, and with them g, but hardly its direction: "
                f"it is {n['cosine/at the input']:.5f} here. "
                "And if one believed the statement and went past the pooling, giving each "
                "pixel the whole gradient of its output:",
                "卷积（8 个 3 × 3 卷积核）、ReLU、2 × 2 池化、全连接；64 幅数字图像；两者权重相"
                "同。最大池化之后，"
                f"池化输入的梯度有 {n['share/zero behind max']:.0%} 恰好为 0；平均池化之后为"
                f" {n['share/zero behind mean']:.0%}。"
                "如果传来的 g 相同，两者在那里的余弦按代数是 1/2：在每个 2 × 2 窗口里，最大"
                "池化传回 (g, 0, 0, 0)，平均池化传回 (g, g, g, g)/4，内积是 g²/4，范数是 |g| 和 "
                "|g|/2。两个网络的输出略有不同，g 也就略有不同，但方向几乎一样：这里余弦是 "
                f"{n['cosine/at the input']:.5f}。"
                "如果相信题中的说法，跳过池化，把每个输出的梯度原样给窗口里的每个像素：",
            )
        ),
        table(
            [
                Text("gradients of the filters", "卷积核的梯度"),
                Text("cosine", "余弦"),
                Text("ratio of the norms, the second to the first", "范数之比，后者比前者"),
            ],
            [
                [
                    text,
                    f"{n[f'cosine/{key}']:.3f}",
                    f"{n[f'ratio/{key}']:.3f}",
                ]
                for key, text in (
                    ("max and mean", Text("max against mean", "最大池化与平均池化")),
                    (
                        "max, and max ignored",
                        Text(
                            "max: right against “as if it were not there”",
                            "最大池化：正确的与“当它不存在”的",
                        ),
                    ),
                    (
                        "mean, and mean ignored",
                        Text(
                            "mean: right against “as if it were not there”",
                            "平均池化：正确的与“当它不存在”的",
                        ),
                    ),
                )
            ],
        ),
        para(
            Text(
                "For mean the direction is right and the length is four times too large; "
                "for max the direction is wrong as well. A network can learn with such a "
                "gradient all the same, so accuracy alone need not show the mistake. (Another "
                "mistake, the whole gradient given to each of several equal maxima, is trained by "
                "<code>scratchnet break ties_all</code>; a ReLU in front hides most of it, since "
                "most ties are zeros.)",
                "对平均池化，方向对，长度是四倍；对最大池化，连方向也错了。用这样的梯度网络照样"
                "能学到东西，所以单看准确率未必能发现这个错误。（另一个错误，是把全部梯度"
                "给每一个并列最大的像素，由 <code>scratchnet break ties_all</code> 训练；前面的 "
                "ReLU 掩盖了它的大部分，因为并列的多是零。）",
            )
        ),
    ]


def _notebook(run: Run) -> list[Text]:
    return [
        Text(
            "It answers “not correct”, and describes both cases: max hands the gradient to "
            "one pixel, mean divides it. That is right for windows that do not overlap.",
            "它回答“不正确”，并描述了两种情况：最大池化把梯度交给一个像素，平均池化把梯度平"
            "分。对不重叠的窗口，这是对的。",
        ),
        Text(
            "Its reason is the wrong way round: backpropagation does not have to "
            "<i>ensure</i> that the sum of the gradient stays the same. It computes Jᵀg, "
            "and the sum stays because the rows of J sum to 1, under max just as under "
            "mean (the notebook shows it of mean only). "
            "With zeros counted in the mean the sum does not stay, and the gradient is "
            "right nevertheless. The norm does not stay even where the sum does.",
            "但理由说反了：反向传播并不需要<i>保证</i>梯度之和不变。它计算的是 Jᵀg；之和不"
            "变，是因为 J 的每行之和为 1，最大池化和平均池化都是这样（笔记本只对平均池化说明了这"
            "一点）。"
            "如果平均时把零也计入，和就变了，而梯度仍然是正确的。即使和不变，范数也会变。",
        ),
        Text(
            "“Gradient or loss”: what is passed back is the gradient of the loss by the "
            "output. The loss itself is one number and is not passed.",
            "“loss（或者梯度）”：传回去的是损失对输出的梯度。损失本身是一个数，并不往回传。",
        ),
    ]


def _refutation(run: Run) -> list[Text]:
    return [
        Text(
            "A cosine of 1 between the filters' gradients under max and under mean "
            "pooling, for other seeds too: then it would not matter which pooling stands "
            "there.",
            "如果最大池化和平均池化下卷积核梯度的余弦是 1，换别的种子也是 1：那么用哪种池化就"
            "无关紧要。",
        ),
        Text(
            "A row of J that does not sum to 1, in any pooling of the table but the last: "
            "then the sum would not be conserved by a law, but by chance.",
            "除表中最后一行外，如果某种池化的 J 有一行之和不为 1：那么和的守恒就不是规律，"
            "而是巧合。",
        ),
    ]


def _microscope(tf: Any) -> tuple[Any, Text]:
    L = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input((14, 14, 1)),
            L.Conv2D(4, 3, activation="relu"),
            L.MaxPooling2D(2),
            L.AveragePooling2D(2),
            L.Flatten(),
            L.Dense(10),
        ]
    )
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss)
    (x, labels), _ = digits()
    return tf.trace(model, x[:1], labels[:1]), Text(
        "One digit through a convolution, a max pooling and a mean pooling. Choose “Where "
        "did max pooling send the gradient?”, and click a pixel.",
        "一幅数字图像依次通过卷积、最大池化和平均池化。点击“最大池化把梯度送到了哪里？”，再点"
        "一个像素。",
    )


_LECUN = (
    "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: <i>Gradient-based learning applied to document "
    f"recognition</i>. Proceedings of the IEEE 86 (1998), {doi('10.1109/5.726791')}"
)
_RANZATO = (
    "M. Ranzato, F. J. Huang, Y.-L. Boureau, Y. LeCun: <i>Unsupervised learning of invariant "
    "feature hierarchies with applications to object recognition</i>. CVPR 2007, "
    f"{doi('10.1109/CVPR.2007.383157')}"
)

POOLING = Study(
    name="pooling",
    title=Text("Do pooling layers affect backpropagation?", "池化层影响反向传播吗？"),
    question=Text(
        "6. Is the following statement correct and why? “Because pooling layers do not "
        "have parameters, they do not affect the backpropagation (derivatives) calculation”",
        "6. 下面的说法正确吗？为什么？“因为池化层没有参数，所以它们不影响反向传播（导数）的计算。”",
    ),
    experiment=experiment,
    answer=_answer,
    sections=_sections,
    notebook=_notebook,
    refutation=_refutation,
    code=(pools, jacobian, in_a_network, experiment),
    sources=(
        Text(
            f"{_LECUN}: its subsampling is a mean times a trained factor, plus a trained bias, so "
            "it has parameters.",
            f"{_LECUN}：其中的下采样是平均值乘一个可训练的系数，再加一个可训练的偏置，所以有参数。",
        ),
        Text(
            f"{_RANZATO}: max pooling in a convolutional network.",
            f"{_RANZATO}：卷积网络中的最大池化。",
        ),
        "PyTorch: <a "
        'href="https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html">AvgPool2d</a>, '
        "<code>count_include_pad</code>.",
    ),
    microscope=_microscope,
    picture=1,
)
