"""Question 2: how many parameters has a convolution, and what is the other number."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from scratchnet.studies.figures import bars, both, grid
from scratchnet.studies.page import arxiv, code, doi, heading, para, plots, table
from scratchnet.studies.study import Run, Study, Tell, Text, quiet


def written_out(layer: Any) -> str:
    """The parameters of a layer that was built: the product of each weight's shape, and their sum.

    >>> import scratchnet as tf
    >>> layer = tf.keras.layers.Conv2D(50, 5)
    >>> layer.build((None, 100, 100, 1))
    >>> written_out(layer)
    '5 × 5 × 1 × 50 + 50 = 1,300'
    """
    terms = [" × ".join(f"{n:,}" for n in w.shape) for w in layer.weights]
    total = sum(int(np.prod(w.shape)) for w in layer.weights)
    return f"{' + '.join(terms)} = {total:,}" if terms else "0"


def by_summary(tf: Any, shape: tuple[int, ...], layer: Any) -> int:
    """What `summary()` says of a model that is this one layer."""
    lines: list[str] = []
    model = tf.keras.Sequential([tf.keras.Input(shape), layer])
    model.summary(print_fn=lambda text, *_, **__: lines.append(text))
    found = re.search(r"Total params: ([\d,]+)", "\n".join(lines))
    return int(found[1].replace(",", "")) if found else -1


def layers(tf: Any) -> dict[str, tuple[tuple[int, ...], Any]]:
    """Layers by how they are written, each with the shape of its input."""
    L = tf.keras.layers
    return {
        "Conv2D(50, 5)": ((100, 100, 1), L.Conv2D(50, 5)),
        "Conv2D(64, 3)": ((26, 26, 32), L.Conv2D(64, 3)),
        "DepthwiseConv2D(3)": ((26, 26, 32), L.DepthwiseConv2D(3)),
        "SeparableConv2D(64, 3)": ((26, 26, 32), L.SeparableConv2D(64, 3)),
        "Conv2DTranspose(16, 3)": ((12, 12, 32), L.Conv2DTranspose(16, 3, strides=2)),
        "Dense(128)": ((9216,), L.Dense(128)),
        "BatchNormalization()": ((26, 26, 32), L.BatchNormalization()),
        "LSTM(32)": ((10, 8), L.LSTM(32)),
        "MaxPooling2D(2)": ((24, 24, 64), L.MaxPooling2D(2)),
        "Dropout(0.5)": ((128,), L.Dropout(0.5)),
    }


def experiment(
    tf: Any, seed: int = 0, tell: Tell = quiet, nudge: int = 0, size: int = 8
) -> dict[str, Any]:
    """Count parameters by building layers, and look at a convolution as a matrix.

    Args:
        tf: scratchnet or TensorFlow.
        seed: of the filter.
        tell: called with a line on each part.
        nudge: of no use here.
        size: of the image whose convolution is written as a matrix.
    """
    tell(Text("layers are built and counted", "建层，数参数"))
    numbers: dict[str, Any] = {}
    for name, (shape, layer) in layers(tf).items():
        numbers[f"summary/{name}"] = by_summary(tf, shape, layer)
        numbers[f"written out/{name}"] = written_out(layer)
        numbers[f"input/{name}"] = list(shape)
    image = tf.keras.Input((100, 100, 1))
    layer = tf.keras.layers.Conv2D(50, 5)
    _, oh, ow, filters = layer(image).shape
    numbers["output/height"], numbers["output/width"] = int(oh), int(ow)
    numbers["parameters/convolution"] = int(layer.count_params())
    numbers["parameters/not shared"] = oh * ow * filters * 5 * 5 + oh * ow * filters
    numbers["parameters/dense"] = 100 * 100 * oh * ow * filters + oh * ow * filters
    numbers["multiplications/convolution"] = oh * ow * filters * 5 * 5

    tell(Text("a convolution is written as a matrix", "把卷积写成矩阵"))
    rng = np.random.default_rng(seed)
    x = tf.Variable(rng.normal(size=(1, size, size, 1)).astype(np.float32))
    kernel = tf.constant(rng.normal(size=(5, 5, 1, 1)).astype(np.float32))
    with tf.GradientTape() as tape:
        y = tf.reshape(tf.nn.conv2d(x, kernel, 1, "VALID"), [-1])
    matrix = np.reshape(tape.jacobian(y, x), (len(y), size * size))
    numbers["matrix/all"] = matrix.size
    numbers["matrix/not zero"] = int(np.count_nonzero(matrix))
    numbers["matrix/distinct"] = len(np.unique(matrix[matrix != 0]))
    numbers["filter"] = np.reshape(kernel, (5, 5)).tolist()
    numbers["rows"] = matrix.tolist()
    return numbers


def _answer(run: Run) -> Text:
    return Text(
        "<b>1,300</b>: each of the 50 filters has 5 × 5 × 1 weights and one bias, 50 × (25 "
        "+ 1). The size of the image "
        "does not enter. 50 × 96 × 96 × 25 = 11,520,000 is the number of multiplications.",
        "<b>1,300</b> 个：50 个卷积核，每个有 5 × 5 × 1 个权重和一个偏置，50 × (25 + 1)。"
        "与图像大小无关。50 × 96 × 96 × 25 = 11,520,000 是乘法的次数。",
    )


def _sections(run: Run) -> list[str]:
    n = run.numbers
    shared, untied, dense = (n[f"parameters/{k}"] for k in ("convolution", "not shared", "dense"))
    names = [name.partition("/")[2] for name in n if name.startswith("summary/")]
    counted = [
        [
            f"<code>{name}</code>",
            " × ".join(map(str, n[f"input/{name}"])),
            n[f"written out/{name}"],
            f"{n[f'summary/{name}']:,}",
        ]
        for name in names
    ]
    outputs, side = len(n["rows"]), round(len(n["rows"][0]) ** 0.5)
    agree = all(n[f"written out/{k}"].endswith(f"{n[f'summary/{k}']:,}") for k in names)
    return [
        heading(Text("Why not 11,520,000", "为什么不是 11,520,000")),
        para(
            Text(
                f"The window fits on the 100 × 100 image at {n['output/height']} × "
                f"{n['output/width']} places (100 − 5 + 1 = 96, without padding). "
                "At each place each filter multiplies 25 pixels by its 25 weights: 50 × "
                f"96 × 96 × 25 = {n['multiplications/convolution']:,} multiplications. "
                "They use the same 25 weights of a filter at all 9,216 places. That is "
                "parameter sharing, and it is why the two numbers differ.",
                f"在 100 × 100 的图像上，窗口可以放在 {n['output/height']} × "
                f"{n['output/width']} 个位置（100 − 5 + 1 = 96，不填充）。"
                "在每个位置，每个卷积核用它的 25 个权重乘 25 个像素：50 × 96 × 96 × 25 = "
                f"{n['multiplications/convolution']:,} 次乘法。"
                "但 9,216 个位置用的都是同一组 25 个权重。这就是参数共享，也是两个数不同的原因。",
            )
        ),
        plots(
            [
                bars(
                    Text(
                        "parameters of a layer from 100 × 100 × 1 to 96 × 96 × 50",
                        "从 100 × 100 × 1 到 96 × 96 × 50 的一层有多少参数",
                    ),
                    [
                        Text(
                            "convolution: one filter for all places", "卷积：所有位置共用一个卷积核"
                        ),
                        Text(
                            "locally connected: a filter for each place",
                            "局部连接：每个位置各有一个卷积核",
                        ),
                        Text("dense: every pixel to every output", "全连接：每个像素连到每个输出"),
                    ],
                    [(Text("parameters", "参数"), [shared, untied, dense])],
                    log=True,
                )
            ],
            Text(
                f"Logarithmic: {shared:,}, {untied:,} and {dense:,}. Going from dense to "
                "locally connected keeps the window and drops the rest (the first step, a "
                "factor of 385); "
                "sharing the filter is the second step, a factor of 9,216.",
                f"对数坐标：{shared:,}、{untied:,} 和 {dense:,}。从全连接到局部连接，只保留窗"
                "口内的连接（第一步，约 385 倍）；"
                "共享卷积核是第二步，9,216 倍。",
            ),
        ),
        heading(Text("The same filter, seen in the matrix", "在矩阵里看同一个卷积核")),
        para(
            Text(
                "A convolution is a linear map, so it has a matrix: the Jacobian of its "
                "output by its input, computed here by the tape. "
                f"For one 5 × 5 filter on an {side} × {side} image it has {outputs} × "
                f"{side * side} = {n['matrix/all']:,} entries; {n['matrix/not zero']} are "
                "not zero, and among these there are "
                f"{n['matrix/distinct']} different numbers: the filter, {outputs} times. A "
                f"dense layer would learn all {n['matrix/all']:,}; a locally connected one "
                f"all {n['matrix/not zero']}.",
                "卷积是线性映射，所以它有一个矩阵：输出对输入的雅可比矩阵，这里由梯度带（"
                "tape）求出。"
                f"一个 5 × 5 卷积核作用在 {side} × {side} 图像上，矩阵有 {outputs} × "
                f"{side * side} = {n['matrix/all']:,} 个元素，其中 {n['matrix/not zero']} "
                "个非零，"
                f"非零元素里只有 {n['matrix/distinct']} 个不同的数：就是那个卷积核，重复了 "
                f"{outputs} 次。全连接层要学全部 {n['matrix/all']:,} 个，局部连接层要学 "
                f"{n['matrix/not zero']} 个。",
            )
        ),
        plots(
            [
                grid(Text("the filter", "卷积核"), n["filter"], cell=26),
                grid(
                    Text(
                        f"its matrix: {outputs} outputs × {side * side} pixels",
                        f"它的矩阵：{outputs} 个输出 × {side * side} 个像素",
                    ),
                    n["rows"],
                ),
            ],
            Text(
                "Each row is one output. The 25 weights stand in five runs of five, "
                f"{side} columns (one image row) apart; from one row to the next all moves "
                "on by one pixel, or to the next row of the image.",
                f"每一行对应一个输出。25 个权重排成五段，每段五个，相隔 {side} 列（图像的一"
                "行）；从一行到下一行整体移动一个像素，或移到图像的下一行。",
            ),
        ),
        heading(Text("Any layer, written out", "任意一层，逐项写出")),
        para(
            Text(
                "The rule is the same for every layer: multiply out the shape of each "
                "weight, and add. Each count is checked against what "
                "<code>summary()</code> prints; on this page they agree for all layers of "
                "the table."
                if agree
                else "Some counts are not what <code>summary()</code> prints.",
                "规则对所有层都一样：把每个权重的形状相乘，再相加。每个结果都与 "
                "<code>summary()</code> 打印的数字核对；本页表中各层全部一致。"
                if agree
                else "有的结果与 <code>summary()</code> 打印的不同。",
            )
        ),
        table(
            [
                Text("layer", "层"),
                Text("input", "输入"),
                Text("written out", "逐项写出"),
                "<code>summary()</code>",
            ],
            counted,
        ),
        para(
            Text(
                "BatchNormalization has four numbers per channel, of which γ and β are "
                "trained and the moving mean and variance are not. Pooling and dropout "
                "have none. "
                "For an LSTM the factor 4 (128 = 4 × 32) is its four gates.",
                "BatchNormalization 每个通道有四个数，其中 γ 和 β 参与训练，滑动均值和滑动方"
                "差不参与。池化和 dropout 没有参数。"
                "LSTM 里的 4 倍（128 = 4 × 32）来自它的四个门。",
            )
        ),
        heading(Text("A calculator", "计算器")),
        _CALCULATOR,
        para(Text("In Python, for a layer of your own:", "在 Python 里，对你自己的层：")),
        code(
            """
            from scratchnet.studies.parameters import written_out
            for layer in model.layers:
                print(layer.name, written_out(layer))
            """
        ),
    ]


def _notebook(run: Run) -> list[Text]:
    return [
        Text(
            "Nothing: this question was left open. Its own network can be checked, though: "
            "the first layer, <code>Conv2D(32, [3, 3])</code> on 28 × 28 × 1, "
            "has 3 × 3 × 1 × 32 + 32 = 320, as the notebook's <code>summary()</code> "
            "prints, and the dense layer after it 9,216 × 128 + 128 = 1,179,776: 98 % of "
            "all its parameters.",
            "没有回答：这个问题空着。不过可以核对笔记本自己的网络：第一层 <code>Conv2D(32, "
            "[3, 3])</code> 作用于 28 × 28 × 1，"
            "有 3 × 3 × 1 × 32 + 32 = 320 个参数，与笔记本里 <code>summary()</code> 的输出一"
            "致；后面的全连接层有 9,216 × 128 + 128 = 1,179,776 个，占全部参数的 98 %。",
        )
    ]


def _refutation(run: Run) -> list[Text]:
    return [
        Text(
            "A <code>summary()</code> that prints another number than 1,300 for "
            "<code>Conv2D(50, 5)</code> on 100 × 100 × 1, or a number that changes with "
            "the size of the image.",
            "如果 <code>summary()</code> 对 100 × 100 × 1 上的 <code>Conv2D(50, 5)</code> "
            "打印的不是 1,300，或者这个数随图像大小改变。",
        ),
        Text(
            "More than 25 different numbers in the matrix of one 5 × 5 filter: then it "
            "would not be the same filter everywhere.",
            "如果一个 5 × 5 卷积核的矩阵里有超过 25 个不同的数：那就说明各处用的不是同一个卷积核。",
        ),
    ]


def _choice(name: str, text: Text, options: dict[str, Text]) -> str:
    entries = "".join(f'<option value="{k}">{t.en} {t.zh}</option>' for k, t in options.items())
    field = f'<select name="{name}">{entries}</select>'
    shown = "" if name == "layer" else f' data-for="{name}"'
    return f"<label{shown}>{both(text)}{field}</label>"


def _asked(name: str, text: Text, value: int) -> str:
    field = f'<input name="{name}" type="number" min="1" step="1" value="{value}">'
    return f'<label data-for="{name}">{both(text)}{field}</label>'


_CALCULATOR = (
    '<form class="calculator">'
    + _choice(
        "layer",
        Text("layer", "层"),
        {
            "conv2d": Text("Conv2D", ""),
            "depthwise_conv2d": Text("DepthwiseConv2D", ""),
            "separable_conv2d": Text("SeparableConv2D", ""),
            "conv2d_transpose": Text("Conv2DTranspose", ""),
            "dense": Text("Dense", ""),
            "batch_normalization": Text("BatchNormalization", ""),
            "pooling": Text("MaxPooling2D, AveragePooling2D", ""),
        },
    )
    + _asked("height", Text("height", "高"), 100)
    + _asked("width", Text("width", "宽"), 100)
    + _asked("channels", Text("input channels", "输入通道"), 1)
    + _asked("filters", Text("filters", "卷积核个数"), 50)
    + _asked("multiplier", Text("depth multiplier", "深度乘数"), 1)
    + _asked("units", Text("units", "单元数"), 128)
    + _asked("kh", Text("window height", "窗口高"), 5)
    + _asked("kw", Text("window width", "窗口宽"), 5)
    + _asked("stride", Text("stride", "步幅"), 1)
    + _choice(
        "padding", Text("padding", "填充"), {"valid": Text("valid", ""), "same": Text("same", "")}
    )
    + '<label data-for="bias">'
    + both(Text("bias", "偏置"))
    + '<input name="bias" type="checkbox" checked></label>'
    "<output></output></form>"
)

_LECUN = (
    "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: <i>Gradient-based learning applied to document "
    f"recognition</i>. Proceedings of the IEEE 86 (1998), {doi('10.1109/5.726791')}"
)

PARAMETERS = Study(
    name="parameters",
    title=Text("How many parameters has a convolution?", "一个卷积层有多少参数？"),
    question=Text(
        "2. Suppose your input is a 100 by 100 gray image, and you use a convolutional "
        "layer with 50 filters that are each 5x5. How many parameters does this hidden "
        "layer have (including the bias parameters)?",
        "2. 输入是一幅 100 × 100 的灰度图像，卷积层有 50 个 5 × 5 的卷积核。这个隐藏层有多少"
        "参数（包括偏置）？",
    ),
    experiment=experiment,
    answer=_answer,
    sections=_sections,
    notebook=_notebook,
    refutation=_refutation,
    code=(written_out, by_summary, layers, experiment),
    sources=(
        Text(f"{_LECUN}, section II: shared weights.", f"{_LECUN}，第 II 节：共享权重。"),
        "V. Dumoulin, F. Visin: <i>A guide to convolution arithmetic for deep "
        f"learning</i> (2016), {arxiv('1603.07285')}.",
    ),
)
