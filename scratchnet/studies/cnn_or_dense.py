"""Question 1: a convolutional network against a dense one, at equal budgets."""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.studies.data import digits
from scratchnet.studies.figures import bars, grid
from scratchnet.studies.page import doi, heading, para, plots, table
from scratchnet.studies.study import Run, Study, Tell, Text, quiet

KINDS = ("convolutional", "dense, as many parameters", "dense, as many multiplications")
HIDDEN = {KINDS[1]: 9, KINDS[2]: 143}


def network(tf: Any, kind: str) -> Any:
    """Two convolutions with pooling; or one hidden layer, as wide as the budget allows."""
    L = tf.keras.layers
    if kind in HIDDEN:
        parts = [L.Flatten(), L.Dense(HIDDEN[kind], activation="relu")]
    else:
        parts = [L.Conv2D(8, 3, activation="relu"), L.MaxPooling2D(2)]
        parts += [L.Conv2D(16, 3, activation="relu"), L.MaxPooling2D(2), L.Flatten()]
    model = tf.keras.Sequential([tf.keras.Input((14, 14, 1)), *parts, L.Dense(10)])
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(tf.keras.optimizers.Adam(0.005), loss)
    return model


def multiplications(model: Any) -> int:
    """Of one image: each weight once for every position of its layer's output."""
    total, height, width = 0, 14, 14
    for layer in model.layers:
        kernels = [w for w in layer.weights if len(w.shape) > 1]
        if kernels and len(kernels[0].shape) == 4:
            height, width = height - 2, width - 2
            total += height * width * int(np.prod(kernels[0].shape))
        elif kernels:
            total += int(np.prod(kernels[0].shape))
        else:
            height, width = (height // 2, width // 2) if "pool" in layer.name else (height, width)
    return total


def rotated(images: Array, degrees: float) -> Array:
    """Images turned about their middle, by bilinear interpolation; what comes in is 0."""
    size, angle = images.shape[1], np.deg2rad(degrees)
    middle = (size - 1) / 2
    i, j = np.meshgrid(np.arange(size) - middle, np.arange(size) - middle, indexing="ij")
    y = np.cos(angle) * i - np.sin(angle) * j + middle + 1  # + 1: a black frame is put around
    x = np.sin(angle) * i + np.cos(angle) * j + middle + 1
    y, x = np.clip(y, 0, size + 0.999), np.clip(x, 0, size + 0.999)
    top, left = y.astype(int), x.astype(int)
    framed = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)])
    out = np.zeros_like(images)
    for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
        weight = (1 - abs(y - top - a)) * (1 - abs(x - left - b))
        out += framed[:, top + a, left + b] * weight[None, :, :, None].astype(images.dtype)
    return out


def disturbed(images: Array, seed: int) -> dict[str, Array]:
    """The test images, and the same shifted, rotated and noisy."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=images.shape).astype(np.float32)
    return {
        "as they are": images,
        "shifted by 1": np.concatenate([np.zeros_like(images[:, :, :1]), images[:, :, :-1]], 2),
        "shifted by 2": np.concatenate([np.zeros_like(images[:, :, :2]), images[:, :, :-2]], 2),
        "rotated by 15°": rotated(images, 15.0),
        "rotated by 30°": rotated(images, 30.0),
        "noise of 0.2": images + np.float32(0.2) * noise,
        "noise of 0.4": images + np.float32(0.4) * noise,
    }


def any_size(tf: Any, seed: int) -> dict[str, Any]:
    """The notebook's second network takes images of any size: it ends in a global mean."""
    tf.keras.utils.set_random_seed(seed)
    L = tf.keras.layers
    image = tf.keras.Input((None, None, 1))
    h = L.Conv2D(16, 3, activation="relu")(L.Conv2D(16, 3, activation="relu")(image))
    model = tf.keras.Model(image, L.Dense(10)(L.GlobalAveragePooling2D()(h)))
    found: dict[str, Any] = {"any size/parameters": int(model.count_params())}
    for height, width in ((28, 28), (40, 25)):
        y = model(np.ones((1, height, width, 1), np.float32))
        found[f"any size/from {height} x {width}"] = [int(n) for n in y.shape]
    return found


def experiment(
    tf: Any,
    seed: int = 0,
    tell: Tell = quiet,
    nudge: bool = False,
    epochs: int = 10,
    count: int | None = None,
    repeats: int = 2,
) -> dict[str, Any]:
    """Train the three networks, and test them on digits as they are and disturbed.

    Args:
        tf: scratchnet or TensorFlow.
        seed: of the first training; the others have the seeds after it.
        tell: called with a line on each part.
        nudge: digits that are off by some roundings, see `digits`.
        epochs: of each training.
        count: how many digits to train with; all 1,497 if not given.
        repeats: how many trainings of each network; accuracies are their means.
    """
    (x, y), (x_test, y_test) = digits(nudge=nudge)
    x, y, tests = x[:count], y[:count], disturbed(x_test, seed)
    numbers: dict[str, Any] = {f"image/{k}": v[1, :, :, 0].tolist() for k, v in tests.items()}
    for kind in KINDS:
        found: dict[str, list[float]] = {name: [] for name in tests}
        for repeat in range(repeats):
            tell(f"training: {kind}, seed {seed + repeat}")
            tf.keras.utils.set_random_seed(seed + repeat)
            model = network(tf, kind)
            model.fit(x[:64], y[:64], batch_size=32, verbose=0)  # kernels are compiled
            start = time.perf_counter()
            model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
            numbers[f"seconds/{kind}"] = (time.perf_counter() - start) / epochs
            for name, images in tests.items():
                logits = model.predict(images, verbose=0)
                found[name].append(float(np.mean(logits.argmax(1) == y_test)))
        numbers[f"parameters/{kind}"] = int(model.count_params())
        numbers[f"multiplications/{kind}"] = multiplications(model)
        for name, accuracies in found.items():
            numbers[f"accuracy/{kind}, {name}"] = float(np.mean(accuracies))
    return numbers | any_size(tf, seed)


NAMES = {
    KINDS[0]: Text("convolutional", "卷积网络"),
    KINDS[1]: Text("dense, as many parameters", "全连接，参数一样多"),
    KINDS[2]: Text("dense, as many multiplications", "全连接，乘法一样多"),
}
TESTS = {
    "as they are": Text("as they are", "原样"),
    "shifted by 1": Text("shifted by 1 pixel", "平移 1 像素"),
    "shifted by 2": Text("shifted by 2 pixels", "平移 2 像素"),
    "rotated by 15°": Text("rotated by 15°", "旋转 15°"),
    "rotated by 30°": Text("rotated by 30°", "旋转 30°"),
    "noise of 0.2": Text("with noise, σ = 0.2", "加噪声，σ = 0.2"),
    "noise of 0.4": Text("with noise, σ = 0.4", "加噪声，σ = 0.4"),
}


def _accuracy(run: Run, kind: str, test: str) -> float:
    return float(run[f"accuracy/{kind}, {test}"])


def _answer(run: Run) -> Text:
    plain, shifted = "as they are", "shifted by 2"
    a = [_accuracy(run, kind, plain) for kind in KINDS]
    b = [_accuracy(run, kind, shifted) for kind in KINDS]
    return Text(
        "That it <b>assumes the right thing</b> about images: what matters is local, and "
        "may lie anywhere. “Fewer parameters” is only the form this takes. On digits that "
        "all lie in the middle, where the assumption buys little, "
        f"the convolutional network has an accuracy of {a[0]:.3f}, dense ones {a[1]:.3f} "
        f"with as many parameters and {a[2]:.3f} with as many multiplications. Shift the "
        f"test digits by two pixels, and it is {b[0]:.2f} against {b[1]:.2f} and "
        f"{b[2]:.2f}.",
        "优势在于它对图像<b>做了正确的假设</b>：重要的东西是局部的，而且可能出现在任何位"
        "置。“参数更少”只是这个假设的表现形式。数字都居中时，这个假设帮助不大："
        f"卷积网络准确率 {a[0]:.3f}，参数一样多的全连接网络 {a[1]:.3f}，乘法一样多的 "
        f"{a[2]:.3f}。把测试数字平移两个像素，则是 {b[0]:.2f} 对 {b[1]:.2f} 和 {b[2]:.2f}。",
    )


def _sections(run: Run) -> list[str]:
    n = run.numbers
    conv, _, wide = KINDS
    factor = n[f"multiplications/{conv}"] / n[f"parameters/{conv}"]
    best = [test for test in TESTS if _accuracy(run, wide, test) > _accuracy(run, conv, test)]
    where_en = ", ".join(TESTS[t].en for t in best) or "nowhere"
    where_zh = "、".join(TESTS[t].zh for t in best) or "无"
    return [
        heading(Text("Three networks, two budgets", "三个网络，两种预算")),
        para(
            Text(
                "Two convolutions of 3 × 3 with pooling; a dense network with one hidden "
                "layer of 9 units, which has as many parameters; and one with 143 units, "
                "which needs as many multiplications for an image. All see the same 1,497 "
                "digits of 14 × 14 pixels, in ten epochs of Adam.",
                "两层 3 × 3 卷积加池化；一个隐藏层只有 9 个单元的全连接网络，参数一样多；一"
                "个有 143 个单元的，处理一幅图像所需的乘法一样多。三者都用同样的 1,497 幅 "
                "14 × 14 数字，Adam 训练十轮。",
            )
        ),
        table(
            [
                "",
                Text("parameters", "参数"),
                Text("multiplications for an image", "每幅图像的乘法"),
                Text("multiplications per parameter", "每个参数的乘法"),
                Text("seconds per epoch, here", "本机每轮秒数"),
            ],
            [
                [
                    NAMES[kind],
                    f"{n[f'parameters/{kind}']:,}",
                    f"{n[f'multiplications/{kind}']:,}",
                    f"{n[f'multiplications/{kind}'] / n[f'parameters/{kind}']:.1f}",
                    f"{n[f'seconds/{kind}']:.2f}",
                ]
                for kind in KINDS
            ],
        ),
        para(
            Text(
                "This is what sharing costs: each weight is used at every position, "
                f"{factor:.1f} times for an image on average, where a dense weight is used "
                "once. A convolutional network is small in memory, not in work. (A "
                "training step takes about three times the multiplications: forward, and "
                "two products on the way back.)",
                f"这就是共享的代价：每个权重在每个位置都要用，平均每幅图像 {factor:.1f} 次"
                "，而全连接的权重只用一次。卷积网络省的是存储，不是计算。（一步训练大约要"
                "三倍的乘法：正向一次，反向两次。）",
            )
        ),
        heading(Text("Shifted, rotated, noisy", "平移、旋转、加噪声")),
        plots(
            [
                grid(TESTS[test], n[f"image/{test}"], cell=8, high=1.0)
                for test in ("as they are", "shifted by 2", "rotated by 30°", "noise of 0.4")
            ],
            Text(
                "One of the 300 test digits. Training saw none like the last three.",
                "300 幅测试数字之一。训练时没有见过后三种。",
            ),
        ),
        plots(
            [
                bars(
                    Text("accuracy on 300 test digits", "在 300 幅测试数字上的准确率"),
                    list(TESTS.values()),
                    [
                        (NAMES[kind], [_accuracy(run, kind, test) for test in TESTS])
                        for kind in KINDS
                    ],
                    high=1.0,
                )
            ],
            Text(
                "Means of two trainings. A difference of 0.01 is three digits, and no more "
                "than chance.",
                "两次训练的平均。0.01 的差别是三幅数字，不超出偶然。",
            ),
        ),
        para(
            Text(
                f"The wide dense network is ahead here: {where_en}. For what is always at "
                "the same place, a weight for each place is no waste, and averaging over "
                "many pixels helps against noise. The convolutional network is ahead "
                "where things move; yet even it loses much at two pixels, since its last "
                "layer is dense again and expects each part at its place: see the study "
                "of invariance.",
                f"宽的全连接网络领先的地方：{where_zh}。对总在同一位置的东西，每个位置一个"
                "权重并不浪费；对许多像素求平均也有助于抗噪声。东西会移动时，卷积网络领先"
                "；但移两个像素它也损失很多，因为最后一层又是全连接，期待每个部分在原来的"
                "位置：见“局部不变性”一页。",
            )
        ),
    ]


def _notebook(run: Run) -> list[Text]:
    n = run.numbers
    size = n["any size/from 40 x 25"]
    return [
        Text(
            "“A simpler structure, fewer parameters, smaller patterns, subsampling”: these "
            "say how a convolutional network is made, and the table shows that few "
            "parameters alone do not make the difference: a dense network with as few does "
            "worse on everything that moves.",
            "“结构更简单、参数更少、学习更小的 pattern、采样”：这些说的是卷积网络怎样构成。"
            "上面的表说明，单靠参数少并不造成差别：参数同样少的全连接网络，在一切会移动的东"
            "西上都更差。",
        ),
        Text(
            "Then it compares with RNN. The question was about FNN, feed-forward networks; "
            "a convolutional network is one of these itself, as the notebook says two "
            "lines later.",
            "接着它与 RNN 比较。题目问的是 FNN，即前馈网络；卷积网络本身就是前馈网络，笔记"
            "本两行之后自己也这么说。",
        ),
        Text(
            "“CNN takes inputs of a fixed size and makes outputs of a fixed size”: not "
            "so. Its own second network, <code>Input(shape=(None, None, 1))</code> with a "
            f"global mean, was built here: {n['any size/parameters']:,} parameters as in "
            "its <code>summary()</code>, and an image of 40 × 25 pixels gives an output "
            f"of shape ({size[0]}, {size[1]}) like one of 28 × 28. What fixes the size is "
            "a dense layer behind <code>Flatten</code>.",
            "“CNN 采用固定大小的输入并生成固定大小的输出”：并非如此。笔记本自己的第二个网"
            "络，<code>Input(shape=(None, None, 1))</code> 加全局平均，这里建了一遍："
            f"{n['any size/parameters']:,} 个参数，与它的 <code>summary()</code> 一致；40 "
            f"× 25 像素的图像与 28 × 28 的一样，输出形状是 ({size[0]}, {size[1]})。把大小固"
            "定下来的是 <code>Flatten</code> 后面的全连接层。",
        ),
    ]


def _refutation(run: Run) -> list[Text]:
    return [
        Text(
            "A dense network of as many parameters, trained on the same digits in the "
            "middle, that reads shifted digits as well as the convolutional one, over "
            "several seeds.",
            "如果参数一样多、用同样居中的数字训练的全连接网络，在几个种子下读平移的数字与卷"
            "积网络一样好。",
        ),
        Text(
            "The same order of the three after all pixels of training and test images have "
            "been shuffled by one fixed permutation: then neighbourhood would not be what "
            "the convolution uses. (Try it: it is one line.)",
            "如果用同一个固定的排列打乱训练和测试图像的所有像素之后，三者的名次不变：那么卷"
            "积利用的就不是相邻关系。（可以试试，只要一行代码。）",
        ),
    ]


def _microscope(seed: int) -> tuple[Any, Text]:
    tf = importlib.import_module("scratchnet")
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(seed)
    model = network(tf, KINDS[0])
    (x, labels), _ = digits()
    return tf.trace(model, x[:1], labels[:1]), Text(
        "A step of the convolutional network with one digit. Click a number of a "
        "convolution's output: it is taken apart into its products.",
        "卷积网络用一幅数字走一步。点卷积输出里的一个数：它会拆成各个乘积。",
    )


CNN_OR_DENSE = Study(
    name="cnn-or-dense",
    title=Text("What is the advantage of a convolutional network?", "卷积网络的优势是什么？"),
    question=Text(
        "1. Compared to FNN, what is the biggest advantage of CNN?",
        "1. 与 FNN（前馈的全连接网络）相比，CNN 最大的优势是什么？",
    ),
    experiment=experiment,
    answer=_answer,
    sections=_sections,
    notebook=_notebook,
    refutation=_refutation,
    code=(network, multiplications, rotated, disturbed, any_size, experiment),
    sources=(
        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: <i>Gradient-based learning applied "
        "to document recognition</i>. Proceedings of the IEEE 86 (1998), "
        f"{doi('10.1109/5.726791')}.",
        "I. Goodfellow, Y. Bengio, A. Courville: <i>Deep learning</i> (2016), "
        '<a href="https://www.deeplearningbook.org/contents/convnets.html">chapter 9</a>: '
        "sparse interactions, parameter sharing, and the prior behind them.",
    ),
    microscope=_microscope,
    again="nudged",
    picture=4,
)
