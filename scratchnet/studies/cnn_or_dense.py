"""Question 1: a convolutional network against a dense one, at equal budgets."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.studies.data import digits, first_losses
from scratchnet.studies.figures import bars, grid
from scratchnet.studies.page import doi, heading, para, plots, table
from scratchnet.studies.study import Run, Study, Tell, Text, quiet

SHUFFLED = ("as they are", "shifted by 2")  # with what the networks are tested without neighbours
REPEATS = 6  # trainings of each network
FEW = 0.03  # nine of 300 digits
# What Student's t is within with a probability of 95 %, by its degrees of freedom.
QUANTILES = {
    **{1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57},
    **{6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26, 10: 2.23},
}
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


def multiplications(model: Any, training: bool = False) -> int:
    """Of one image: each weight once for every position of its layer's output.

    In training that is done three times, forward, for the gradient by the weights and for that by
    the inputs; but nobody asks for a gradient by the inputs of the first layer.
    """
    each, height, width = [], 14, 14
    for layer in model.layers:
        kernels = [w for w in layer.weights if len(w.shape) > 1]
        if kernels and len(kernels[0].shape) == 4:
            height, width = height - 2, width - 2
            each.append(height * width * int(np.prod(kernels[0].shape)))
        elif kernels:
            each.append(int(np.prod(kernels[0].shape)))
        else:
            height, width = (height // 2, width // 2) if "pool" in layer.name else (height, width)
    return 3 * sum(each) - each[0] if training else sum(each)


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


def cut_off(images: Array, by: int) -> tuple[float, float, float]:
    """What a shift by so many pixels pushes out of the frame: the digits fill it.

    Returns:
        the share of the ink, the largest share of one image, and the share of the images that lose
        a pixel brighter than 0.3.
    """
    out = images[:, :, images.shape[2] - by :]
    each = out.sum((1, 2, 3)) / images.sum((1, 2, 3))
    share = float(out.sum() / images.sum())
    return share, float(each.max()), float(np.mean(out.max((1, 2, 3)) > 0.3))


def shuffled(images: Array, seed: int) -> Array:
    """Images, all with their pixels in the same random order: hardly any keeps a neighbour."""
    size = images.shape[1]
    order = np.random.default_rng(seed).permutation(size * size)
    return images.reshape(len(images), -1)[:, order].reshape(images.shape)


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
    nudge: int = 0,
    epochs: int = 10,
    count: int | None = None,
    repeats: int = REPEATS,
) -> dict[str, Any]:
    """Train the three networks, and test them on digits as they are and disturbed.

    And once more with the pixels of all images, of training and test, in another order.

    Args:
        tf: scratchnet or TensorFlow.
        seed: of the first training; the others have the seeds after it.
        tell: called with a line on each part.
        nudge: digits that are off by some roundings, see `digits`.
        epochs: of each training.
        count: how many digits to train with; all 1,497 if not given.
        repeats: how many trainings of each network; accuracies are their means, with the
            standard errors of these.
    """
    (x, y), (x_test, y_test) = digits(nudge=nudge)
    x, y, tests = x[:count], y[:count], disturbed(x_test, seed)
    numbers: dict[str, Any] = {f"image/{k}": v[1, :, :, 0].tolist() for k, v in tests.items()}
    for kind in KINDS:
        found: dict[str, list[float]] = {name: [] for name in tests}
        for repeat in range(repeats):
            tell(_training(kind, seed + repeat, Text("", "")))
            tf.keras.utils.set_random_seed(seed + repeat)
            model = network(tf, kind)
            model.fit(x[:64], y[:64], batch_size=32, verbose=0)  # kernels are compiled
            logits = model.predict(x_test, verbose=0)
            numbers[f"logits after two steps/{kind}, {repeat + 1}"] = logits.mean(0).tolist()
            start = time.perf_counter()
            model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
            numbers[f"seconds/{kind}"] = (time.perf_counter() - start) / epochs
            for name, images in tests.items():
                logits = model.predict(images, verbose=0)
                found[name].append(float(np.mean(logits.argmax(1) == y_test)))
            tell(_training(kind, seed + repeat, Text(", all pixels shuffled", "，打乱所有像素")))
            tf.keras.utils.set_random_seed(seed + repeat)
            model = network(tf, kind)
            losses, watch = first_losses(tf)
            model.fit(
                shuffled(x, seed), y, batch_size=32, epochs=epochs, verbose=0, callbacks=[watch]
            )
            numbers[f"first losses/{kind}, {repeat + 1}"] = losses
            for name in SHUFFLED:
                logits = model.predict(shuffled(tests[name], seed), verbose=0)
                hits = float(np.mean(logits.argmax(1) == y_test))
                found.setdefault(f"{name}, shuffled", []).append(hits)
        numbers[f"parameters/{kind}"] = int(model.count_params())
        numbers[f"multiplications/{kind}"] = multiplications(model)
        numbers[f"multiplications of a step/{kind}"] = multiplications(model, training=True)
        numbers[f"each training/{kind}"] = found["as they are"]
        for name, accuracies in found.items():
            numbers[f"accuracy/{kind}, {name}"] = float(np.mean(accuracies))
            deviation = np.std(accuracies, ddof=1) if repeats > 1 else 0.0
            numbers[f"standard error/{kind}, {name}"] = float(deviation / np.sqrt(repeats))
    return numbers | any_size(tf, seed)


NAMES = {
    KINDS[0]: Text("convolutional", "卷积网络"),
    KINDS[1]: Text("dense, as many parameters", "全连接，参数一样多"),
    KINDS[2]: Text("dense, as many multiplications", "全连接，乘法一样多"),
}


def _training(kind: str, seed: int, how: Text) -> Text:
    return Text(
        f"training: {NAMES[kind].en}, seed {seed}{how.en}",
        f"训练：{NAMES[kind].zh}，种子 {seed}{how.zh}",
    )


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


def _lead(run: Run, test: str, others: tuple[str, ...] = KINDS[1:]) -> float:
    """How far the convolutional network is ahead of the best of others."""
    return _accuracy(run, KINDS[0], test) - max(_accuracy(run, kind, test) for kind in others)


def _control(run: Run, kind: str, test: str) -> float:
    """How far shuffled pixels move the accuracy of a dense network, to which they are nothing."""
    return abs(_accuracy(run, kind, test) - _accuracy(run, kind, f"{test}, shuffled"))


def _apart(run: Run, *names: str) -> float:
    """How far two means are apart by chance with a probability of 95 %: Welch's t test.

    The means of so many trainings have the standard errors a and b, of REPEATS − 1 degrees of
    freedom each; their difference has √(a² + b²), of (a² + b²)² / (a⁴ + b⁴) times as many.
    """
    a, b = (float(run[f"standard error/{name}"]) ** 2 for name in names)
    if not a + b:
        return 0.0
    freedom = (a + b) ** 2 / (a**2 + b**2) * (REPEATS - 1)
    return QUANTILES[min(int(freedom), max(QUANTILES))] * float(np.sqrt(a + b))


def _chance(run: Run, test: str, others: tuple[str, ...] = KINDS[1:]) -> float:
    """What a lead in a test may be by chance, from what moved there without a reason.

    That is the largest of three: nine of the 300 digits; how far two such means are apart by
    chance, by the deviations of the trainings; and how far shuffled pixels move the dense one.
    """
    dense = max(others, key=lambda kind: _accuracy(run, kind, test))
    chance = max(FEW, _apart(run, f"{KINDS[0]}, {test}", f"{dense}, {test}"))
    pixels = test.removesuffix(", shuffled")
    return max(chance, _control(run, dense, pixels)) if pixels in SHUFFLED else chance


def _judged(run: Run, test: str, others: tuple[str, ...] = KINDS[1:]) -> int:
    """1 where the convolutional network is ahead, −1 where it is behind, 0 where chance may be."""
    lead = _lead(run, test, others)
    return 0 if abs(lead) <= _chance(run, test, others) + 1e-9 else int(np.sign(lead))


def _said(judged: int) -> Text:
    """What is said of a lead of the convolutional network over the better dense one."""
    if judged > 0:
        return Text("it is ahead of the better one", "它领先于较好的那个")
    if judged < 0:
        return Text("it is behind the better one", "它落后于较好的那个")
    return Text(
        "no further from the better one than chance may bring it",
        "与较好的那个差别不超出偶然的范围",
    )


def _answer(run: Run) -> Text:
    plain, shifted = "as they are", "shifted by 2"
    middle, far = (_said(_judged(run, test)) for test in (plain, shifted))
    a = [_accuracy(run, kind, plain) for kind in KINDS]
    b = [_accuracy(run, kind, shifted) for kind in KINDS]
    few = _median(run, KINDS[1])
    return Text(
        "That it <b>assumes the right thing</b> about images: what matters is local, and "
        "may lie anywhere. “Fewer parameters” is only the form this takes. On centred "
        f"digits the convolutional network has an accuracy of {a[0]:.3f}, dense "
        f"ones {a[1]:.3f} with as many parameters{few.en} and {a[2]:.3f} with as many "
        f"multiplications: {middle.en}. Shift the test digits by two pixels, and it is {b[0]:.2f} "
        f"against {b[1]:.2f} and {b[2]:.2f}: {far.en}.",
        "优势在于它对图像<b>做了正确的假设</b>：重要的东西是局部的，而且可能出现在任何位"
        "置。“参数更少”只是这个假设的表现形式。数字都居中时，"
        f"卷积网络准确率 {a[0]:.3f}，参数一样多的全连接网络 {a[1]:.3f}{few.zh}，乘法一样多的 "
        f"{a[2]:.3f}：{middle.zh}。把测试数字平移两个像素，则是 {b[0]:.2f} 对 {b[1]:.2f} 和 "
        f"{b[2]:.2f}：{far.zh}。",
    )


def _median(run: Run, kind: str) -> Text:
    """The median of the trainings, where one that went badly moved their mean."""
    each = run[f"each training/{kind}"]
    median = float(np.median(each))
    if abs(float(np.mean(each)) - median) < FEW / 2:
        return Text("", "")
    return Text(
        f" (median {median:.3f}; the worst of {len(each)} trainings ended at {min(each):.3f})",
        f"（中位数 {median:.3f}；{len(each)} 次训练中最差的一次是 {min(each):.3f}）",
    )


def _listed(tests: list[str]) -> Text:
    return Text(
        ", ".join(TESTS[test].en for test in tests) or "nowhere",
        "、".join(TESTS[test].zh for test in tests) or "无",
    )


def _without_neighbours(run: Run) -> Text:
    """What became of the lead on shifted digits when the pixels were shuffled."""
    tests = ("shifted by 2", "shifted by 2, shuffled")
    before, after = (_lead(run, test) for test in tests)
    if before <= _chance(run, tests[0]):
        said = Text(
            "With this seed there was no clear lead on shifted digits to begin with.",
            "用这个种子时，在平移的数字上本来就没有明显的领先。",
        )
    elif _judged(run, tests[1]) < 0:
        said = Text(
            "The lead is gone, since it came from neighbourhood; without neighbours the "
            "convolution is even behind, by more than chance.",
            "领先没有了，因为它来自相邻关系；没有相邻关系，卷积甚至落后，超出偶然的范围。",
        )
    elif after <= _chance(run, tests[1]):
        said = Text(
            "The lead is gone: it came from neighbourhood.",
            "领先没有了：它来自相邻关系。",
        )
    elif after < before:
        said = Text(
            "The lead is smaller, but not gone: neighbourhood is not all of it.",
            "领先变小了，但没有消失：相邻关系不是全部原因。",
        )
    else:
        said = Text(
            "The lead is still there: here it did not come from neighbourhood.",
            "领先仍在：在这里它不是来自相邻关系。",
        )
    there, gone = (_accuracy(run, KINDS[0], f"as they are{how}") for how in ("", ", shuffled"))
    drop = there - gone
    if drop > max(
        _apart(run, *(f"{KINDS[0]}, as they are{how}" for how in ("", ", shuffled"))), 0.01
    ):
        middle = Text(
            f"Of centred digits the convolutional network now reads {gone:.3f} in place "
            f"of {there:.3f}: it lost what it builds on, neighbours. ",
            f"数字居中时，卷积网络的准确率现在是 {gone:.3f}，而不是 {there:.3f}：它失去了所依赖的"
            "东西，相邻关系。",
        )
    elif drop <= 0.01:
        middle = Text(
            "Centred digits the convolutional network reads as well without neighbours: "
            f"{gone:.3f}, before {there:.3f}. ",
            f"数字居中时，卷积网络没有相邻关系也识别得一样好：{gone:.3f}，原来是 {there:.3f}。",
        )
    else:
        middle = Text(
            "Centred digits the convolutional network reads no worse without neighbours than "
            f"chance may bring it: {gone:.3f}, before {there:.3f}. ",
            "数字居中时，卷积网络没有相邻关系也没有变差到超出偶然的范围："
            f"{gone:.3f}，原来是 {there:.3f}。",
        )
    return Text(
        middle.en
        + "On digits shifted by two pixels the lead of the convolutional network over the better "
        f"dense one is {before:+.3f}; with shuffled pixels it is {after:+.3f}. {said.en}",
        middle.zh
        + f"在平移两个像素的数字上，卷积网络对较好的全连接网络的领先是 {before:+.3f}，打乱像素后是 "
        f"{after:+.3f}。{said.zh}",
    )


def _sections(run: Run) -> list[str]:
    n = run.numbers
    conv, _, wide = KINDS
    factor = n[f"multiplications/{conv}"] / n[f"parameters/{conv}"]
    judged = {test: _judged(run, test, (wide,)) for test in TESTS}
    here, there, near = (
        _listed([test for test in TESTS if judged[test] == sign]) for sign in (1, -1, 0)
    )
    moves = [max(_control(run, kind, test) for kind in KINDS[1:]) for test in SHUFFLED]
    against = (KINDS[1:], KINDS[1:2], KINDS[2:])
    apart = [_chance(run, test, others) for test in TESTS for others in against]
    work = [n[f"multiplications of a step/{kind}"] / n[f"multiplications/{kind}"] for kind in KINDS]
    more = n[f"multiplications of a step/{conv}"] / n[f"multiplications of a step/{wide}"] - 1
    lost = _accuracy(run, conv, "as they are") - _accuracy(run, conv, "shifted by 2")
    share, most, losing = cut_off(digits()[1][0], 2)
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
                Text("in a training step", "一步训练中"),
                Text("multiplications per parameter", "每个参数的乘法"),
                Text("seconds per epoch, here", "本机每轮秒数"),
            ],
            [
                [
                    NAMES[kind],
                    f"{n[f'parameters/{kind}']:,}",
                    f"{n[f'multiplications/{kind}']:,}",
                    f"{n[f'multiplications of a step/{kind}']:,}",
                    f"{n[f'multiplications/{kind}'] / n[f'parameters/{kind}']:.1f}",
                    f"{n[f'seconds/{kind}']:.2f}",
                ]
                for kind in KINDS
            ],
        ),
        para(
            Text(
                "This is what sharing costs: each weight is used once for every position of its "
                f"layer's output, where a dense weight is used once. That makes {factor:.1f} "
                "multiplications for each parameter of the convolutional network, its biases "
                "counted, which multiply nothing. A convolutional network is small in parameters, "
                "not in work. A training "
                "step multiplies forward, for the gradient by the weights and for that by the "
                "inputs, of which the first layer needs none: the convolutional network "
                f"{work[0]:.2f} times as often as forward alone, a dense one {work[2]:.2f} times, "
                "since nearly all its weights are in the first layer. So at equal cost of use the "
                f"convolutional network costs {more:.0%} more in training.",
                "这就是共享的代价：每个权重在该层输出的每个位置都要用一次，而全连接的权重只用一次。"
                f"卷积网络平均每个参数 {factor:.1f} 次乘法（偏置也算作参数，它不参与乘法）。"
                "卷积网络省的是参数，不是计算。一步训练的乘法包括前向、"
                "对权重的梯度、对输入的梯度三部分，而第一层不需要最后一部分：卷积网络是单独前向的 "
                f"{work[0]:.2f} 倍，全连接网络是 {work[2]:.2f} 倍，因为它的权重几乎都在第一层。所以"
                f"使用时代价相同，训练时卷积网络要多 {more:.0%}。",
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
                f"Means of {REPEATS} trainings, with the seeds {run.seed} to "
                f"{run.seed + REPEATS - 1}. A difference of 0.01 is three digits. Trainings of one "
                "network differ by chance, and more on digits unlike those that they were trained "
                f"with: what counts as chance below is {min(apart):.3f} to {max(apart):.3f}, by "
                "test.",
                f"{REPEATS} 次训练（种子 {run.seed} 到 {run.seed + REPEATS - 1}）的平均。0.01 的"
                "差别是三幅数字。同一网络的几次训练会有偶然的差别，对与训练数据不同的数字差别更大："
                f"下面所说的偶然范围，各项测试为 {min(apart):.3f} 到 {max(apart):.3f}。",
            ),
        ),
        table(
            ["", *NAMES.values()],
            [
                [
                    text,
                    *[
                        f"{_accuracy(run, kind, test):.3f} ± "
                        f"{n[f'standard error/{kind}, {test}']:.3f}"
                        for kind in KINDS
                    ],
                ]
                for test, text in TESTS.items()
            ],
            Text("accuracies and their standard errors", "准确率及其标准误"),
        ),
        para(
            Text(
                "Compare the convolutional with the wide dense network. What counts is a lead of "
                "more than nine digits that Welch's t test does not leave to chance, at 95 % and "
                f"by the deviations of the {REPEATS} trainings of each; as they are and shifted by "
                "two pixels, where that is known (next section), also of more than shuffled pixels "
                f"move in the dense one. By that the convolutional one is ahead: {here.en}; the "
                f"dense one is ahead: {there.en}; no more apart than that: {near.en}. By a shift "
                "of two pixels the accuracy of the convolutional network itself falls by "
                f"{lost:.2f}. Among what can do that: its last layer is dense again, and has a "
                "weight of its own for each place, and after two poolings the map moves along "
                "only with every fourth pixel (see the study of invariance); and the digits "
                f"fill their frame, so the shift cuts off {share:.1%} of the ink, of one digit up "
                f"to {most:.0%}, and {losing:.0%} of the digits lose a pixel brighter than 0.3. "
                "All three networks see the same cut digits.",
                "把卷积网络与宽的全连接网络相比。算数的领先要超过九幅数字，而且按各 "
                f"{REPEATS} 次训练的离散程度，用 Welch t 检验（95 %）不能归于偶然；原样和平移两个"
                "像素这两项，还要超过打乱像素给全连接网络带来的变化（只有这两项测了，见下一节）。按此标准，"
                f"卷积网络领先的有：{here.zh}；全连接网络领先的有：{there.zh}；差别不超过这个范围的"
                f"有：{near.zh}。平移两个像素，卷积网络自己的准确率也降低 {lost:.2f}。可能的原因"
                "有：它的最后一层又是全连接，每个位置各有权重，而且经过两次池化，只有平移四个像素时特征图才"
                "跟着移动（见“局部不变性”一页）；再者数字占满了画面，"
                f"平移切掉了 {share:.1%} 的笔画，单幅最多 {most:.0%}，{losing:.0%} 的数字"
                "失去了亮度超过 0.3 的像素。三个网络看到的是同样被切过的数字。",
            )
        ),
        heading(Text("The same with all pixels shuffled", "打乱所有像素，再来一遍")),
        para(
            Text(
                "One fixed permutation of the 196 pixels is applied to all images, of training "
                "and of test (the shifted ones are shifted first), and all networks are trained "
                "anew. To a dense network that is nothing: the same permutation of its first "
                "weights undoes it, and its numbers change by chance, here by up to "
                f"{moves[0]:.3f} as they are and {moves[1]:.3f} shifted. (Part of that need not "
                "be chance: the networks on unshuffled digits were trained for two steps more, in "
                "which kernels were compiled before the clock ran; those on shuffled ones were "
                "not.) A convolution sees no neighbours any more.",
                "把 196 个像素的同一个固定排列用到所有训练和测试图像上（平移的图像先平移），再重"
                "新训练所有网络。对全连接网络这毫无影响：第一层权重作同样的排列就抵消了，数字"
                f"的变化出于偶然，这里最多是：原样 {moves[0]:.3f}，平移 {moves[1]:.3f}。（其中"
                "一部分未必是偶然：未打乱的网络多训练了两步，用来在计时之前编译内核；打乱的没有。）卷积则再也"
                "看不到相邻的像素。",
            )
        ),
        table(
            [
                "",
                *[
                    Text(TESTS[test].en + how_en, TESTS[test].zh + how_zh)
                    for test in SHUFFLED
                    for how_en, how_zh in (("", ""), (", shuffled", "，打乱"))
                ],
            ],
            [
                [
                    NAMES[kind],
                    *[
                        f"{_accuracy(run, kind, test + how):.3f}"
                        for test in SHUFFLED
                        for how in ("", ", shuffled")
                    ],
                ]
                for kind in KINDS
            ],
        ),
        para(_without_neighbours(run)),
    ]


def _notebook(run: Run) -> list[Text]:
    n = run.numbers
    size = n["any size/from 40 x 25"]
    moved = [test for test in TESTS if test.startswith(("shifted", "rotated"))]
    behind = sum(_judged(run, test, KINDS[1:2]) > 0 for test in moved)
    return [
        Text(
            "“A simpler structure, fewer parameters, smaller patterns, subsampling”: these "
            "say how a convolutional network is made. Few parameters alone do not make the "
            "difference: of the four tests in which digits move, a dense network with as few is "
            f"behind the convolutional one, by more than chance, so judged, in {behind}.",
            "“结构更简单、参数更少、学习更小的 pattern、采样”：这些说的是卷积网络怎样构成。"
            "单靠参数少并不造成差别：在数字移动的四项测试中，参数同样少的全连接网络有 "
            f"{behind} 项落后于卷积网络，按同样的标准超出偶然的范围。",
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
            "a dense layer after <code>Flatten</code>.",
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
            "A dense network of as many parameters, trained on the same centred "
            "digits, that reads shifted digits as well as the convolutional one, over "
            "several seeds.",
            "如果参数一样多、用同样居中的数字训练的全连接网络，在几个种子下识别平移的数字与卷"
            "积网络一样好。",
        ),
        Text(
            "The same lead on shifted digits after all pixels have been shuffled by one fixed "
            "permutation: then neighbourhood would not be what the convolution uses. This was "
            "run, see above.",
            "如果用同一个固定的排列打乱所有像素之后，在平移的数字上仍有同样的领先：那么卷积利"
            "用的就不是相邻关系。上面已经做了这个实验。",
        ),
    ]


def _microscope(tf: Any) -> tuple[Any, Text]:
    model = network(tf, KINDS[0])
    (x, labels), _ = digits()
    return tf.trace(model, x[:1], labels[:1]), Text(
        "A step of the convolutional network with one digit. Click a number of a "
        "convolution's output: it is taken apart into its products.",
        "卷积网络用一幅数字走一步。点卷积输出里的一个数：它会拆成各个乘积。",
    )


_BOOK = (
    "I. Goodfellow, Y. Bengio, A. Courville: <i>Deep learning</i> (2016), "
    '<a href="https://www.deeplearningbook.org/contents/convnets.html">'
)

CNN_OR_DENSE = Study(
    name="cnn-or-dense",
    title=Text("What is the advantage of a convolutional network?", "卷积网络的优势是什么？"),
    question=Text(
        "1. Compared to FNN, what is the biggest advantage of CNN?",
        "1. 与 FNN（前馈网络）相比，CNN 最大的优势是什么？",
    ),
    experiment=experiment,
    answer=_answer,
    sections=_sections,
    notebook=_notebook,
    refutation=_refutation,
    code=(
        network,
        multiplications,
        rotated,
        disturbed,
        cut_off,
        shuffled,
        first_losses,
        any_size,
        experiment,
    ),
    sources=(
        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: <i>Gradient-based learning applied "
        "to document recognition</i>. Proceedings of the IEEE 86 (1998), "
        f"{doi('10.1109/5.726791')}.",
        Text(
            f"{_BOOK}chapter 9</a>: sparse interactions, parameter sharing, and the prior behind "
            "them.",
            f"{_BOOK}第 9 章</a>：稀疏交互、参数共享，以及它们背后的先验。",
        ),
    ),
    microscope=_microscope,
    again="nudged",
    late=(("accuracy/",), ("standard error/",), ("each training/",)),
    picture=4,
)
