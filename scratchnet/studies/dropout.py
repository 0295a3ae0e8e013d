"""Question 5: what dropout solves, and what it does not."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.studies.data import digits, first_losses
from scratchnet.studies.figures import Series, bars, lines
from scratchnet.studies.page import arxiv, heading, para, plots, table
from scratchnet.studies.study import Run, Study, Tell, Text, quiet

RATE = 0.5
CLOSE = 0.05  # relative, of two losses: no difference
STEPS = 700  # of each training
# How many digits, and which share of their labels is wrong.
CASES = {
    "200": (200, 0.0),
    "1,000": (1000, 0.0),
    "1,497": (1497, 0.0),
    "500, 30% wrong": (500, 0.3),
}
NAMES = {
    "200": Text("200 digits", "200 幅"),
    "1,000": Text("1,000 digits", "1,000 幅"),
    "1,497": Text("1,497 digits", "1,497 幅"),
    "500, 30% wrong": Text("500 digits, 30 % of the labels wrong", "500 幅，30 % 的标签错误"),
}
CLEAN = ("200", "1,000", "1,497")
SIZES = (1, 2, 5, 10, 30, 100)


def network(tf: Any, rate: float, hidden: int = 256) -> Any:
    """One hidden layer, with dropout behind it; without any where the rate is 0."""
    L = tf.keras.layers
    parts = [L.Flatten(), L.Dense(hidden, activation="relu"), L.Dropout(rate), L.Dense(10)]
    model = tf.keras.Sequential([tf.keras.Input((14, 14, 1)), *parts])
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(tf.keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
    return model


def mislabelled(y: Array, share: float, seed: int) -> Array:
    """The labels, a share of them moved to another class at random."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(len(y)) < share
    return np.where(wrong, (y + rng.integers(1, 10, len(y))) % 10, y)


def gap(tf: Any, case: str, rate: float, seed: int, nudge: int, steps: int) -> tuple[Any, Any]:
    """Train for so many steps; the losses on the training and the test images, and the network.

    Every step has a batch of 32; the samples come in one random order after the other.
    """
    (x, y), (x_test, y_test) = digits(nudge=nudge)
    count, wrong = CASES[case]
    x, y = x[:count], mislabelled(y[:count], wrong, seed)
    tf.keras.utils.set_random_seed(seed)
    model = network(tf, rate)
    rng, samples = np.random.default_rng(seed), steps * 32
    orders = [rng.permutation(count) for _ in range(math.ceil(samples / count))]
    order = np.concatenate(orders)[:samples]
    losses, watch = first_losses(tf)
    model.fit(x[order], y[order], batch_size=32, shuffle=False, verbose=0, callbacks=[watch])
    found: dict[str, Any] = {f"first losses/{case}, rate {rate}": losses}
    for part, images, labels in (("training", x, y), ("test", x_test, y_test)):
        loss, accuracy = model.evaluate(images, labels, batch_size=300, verbose=0)
        found[f"loss/{part}, {case}, rate {rate}"] = loss
        found[f"accuracy/{part}, {case}, rate {rate}"] = accuracy
    return found, model


def masks(tf: Any, seed: int, steps: int) -> dict[str, Any]:
    """Which masks a training sees: one for every sample in every step."""
    tf.keras.utils.set_random_seed(seed)
    layer = tf.keras.layers.Dropout(RATE)
    seen = [np.asarray(layer(tf.ones([32, 256]), training=True)) for _ in range(steps)]
    kept = np.concatenate(seen) > 0
    return {
        "masks/drawn": len(kept),
        "masks/distinct": len({row.tobytes() for row in np.packbits(kept, axis=1)}),
        "masks/share kept": float(kept.mean()),
        "masks/value of the kept": float(seen[0].max()),
    }


def hidden_and_last(model: Any, images: Array) -> tuple[Array, Array, Array]:
    """What the hidden layer makes of images; the weights and the bias of the last layer."""
    (w1, b1), (w2, b2) = (model.layers[i].get_weights() for i in (1, 3))
    h = np.maximum(images.reshape(len(images), -1) @ w1 + b1, 0)
    return h.astype(np.float64), w2.astype(np.float64), b2.astype(np.float64)


def softmax(logits: Array) -> Array:
    """Probabilities, in NumPy."""
    e = np.exp(logits - logits.max(-1, keepdims=True))
    found: Array = e / e.sum(-1, keepdims=True)
    return found


def cross_entropy(p: Array, labels: Array) -> float:
    """The mean loss of probabilities."""
    return float(-np.log(p[np.arange(len(labels)), labels]).mean())


def subnetworks(model: Any, seed: int, images: Array, labels: Array) -> dict[str, Any]:
    """Networks with random masks, one and many, against the mean network and one left unscaled."""
    h, w, b = hidden_and_last(model, images)
    rng = np.random.default_rng(seed)
    drawn = [
        softmax(h * (rng.random(h.shape) >= RATE) / (1 - RATE) @ w + b) for _ in range(max(SIZES))
    ]
    found: dict[str, Any] = {"loss of/one subnetwork": 0.0}
    found["loss of/one subnetwork"] = float(np.mean([cross_entropy(p, labels) for p in drawn]))
    for size in SIZES:
        found[f"loss of/{size} together"] = cross_entropy(np.mean(drawn[:size], 0), labels)
    found["loss of/the mean network"] = cross_entropy(softmax(h @ w + b), labels)
    # As though 1/(1 − p) had been left out in training: without masks, the last layer then sees
    # 1/(1 − p) times what it learned to see. No such network is trained; this one is given that.
    found["loss of/scale left out"] = cross_entropy(softmax(h / (1 - RATE) @ w + b), labels)
    sums = np.mean([(h[:50] * (rng.random(h[:50].shape) >= RATE)) @ w for _ in range(400)], 0)
    whole = h[:50] @ w
    found["mean of masked sums/as a share"] = float(np.vdot(sums, whole) / np.vdot(whole, whole))
    return found


def all_masks(tf: Any, seed: int, nudge: int, units: int, epochs: int) -> dict[str, Any]:
    """Every subnetwork of a tiny network, and their means."""
    (x, y), (x_test, _) = digits(nudge=nudge)
    tf.keras.utils.set_random_seed(seed)
    model = network(tf, RATE, hidden=units)
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
    h, w, b = hidden_and_last(model, x_test[:100])
    kept = np.array(list(itertools.product([0.0, 1.0], repeat=units)))  # (2^units, units)
    logs = np.log(softmax(np.einsum("mu,nu,uc->mnc", kept / (1 - RATE), h, w) + b))
    geometric = softmax(logs.mean(0))
    mean = softmax(h @ w + b)
    return {
        "all masks/how many": len(kept),
        "all masks/difference of the geometric mean": round(float(abs(geometric - mean).max()), 9),
        "all masks/difference of the arithmetic mean": float(
            abs(np.exp(logs).mean(0) - mean).max()
        ),
    }


def experiment(
    tf: Any,
    seed: int = 0,
    tell: Tell = quiet,
    nudge: int = 0,
    steps: int = STEPS,
    cases: tuple[str, ...] = tuple(CASES),
) -> dict[str, Any]:
    """Training and test loss with and without dropout; its masks; its subnetworks.

    Args:
        tf: scratchnet or TensorFlow.
        seed: of weights, order, masks and wrong labels.
        tell: called with a line on each part.
        nudge: digits that are off by some roundings, see `digits`.
        steps: of each training.
        cases: of `CASES`, the last of which is looked at more closely where it has dropout.
    """
    numbers = masks(tf, seed, steps=100)
    for case in cases:
        said = NAMES[case]
        for rate in (0.0, RATE):
            tell(
                Text(
                    f"training: {said.en}, rate {rate}",
                    f"训练：{said.zh}，丢弃率 {rate}",
                )
            )
            found, model = gap(tf, case, rate, seed, nudge, steps)
            numbers |= found
            if case == ("1,497" if "1,497" in cases else cases[-1]) and rate:
                images, labels = digits(nudge=nudge)[1]
                numbers |= subnetworks(model, seed, images, labels)
    tell(Text("a tiny network, with each of its masks", "一个小网络，用它的每一种掩码"))
    return numbers | all_masks(tf, seed, nudge, units=10, epochs=6)


def _ratio(run: Run, case: str) -> float:
    n = run.numbers
    return float(n[f"loss/test, {case}, rate {RATE}"] / n[f"loss/test, {case}, rate 0.0"])


def _answer(run: Run) -> Text:
    n = run.numbers
    noisy = [n[f"accuracy/test, 500, 30% wrong, rate {rate}"] for rate in (0.0, RATE)]
    return Text(
        "<b>Overfitting</b>: that a network fits what its training set has by chance, errors "
        "included, and so does worse on new data than on that; at worst it learns the set by "
        "heart. Dropout makes that harder, by a new mask for every sample "
        "in every step. It does not abolish it: "
        f"on clean digits the test loss changed by a factor of {_ratio(run, '200'):.2f} "
        f"with 200 of them, {_ratio(run, '1,000'):.2f} with 1,000, "
        f"{_ratio(run, '1,497'):.2f} with 1,497; "
        f"where 30 % of the labels are wrong, accuracy went from {noisy[0]:.2f} to {noisy[1]:.2f}.",
        "<b>过拟合</b>：网络去拟合训练集中偶然的东西，包括错误，因而在新数据上比在训练集上差；"
        "最坏时把训练集背下来。Dropout 用每步、每个样本都不同的掩码使这件事变难，但不能消除它："
        f"在干净的数字上，测试损失的变化倍数是：200 幅时 {_ratio(run, '200'):.2f}，1,000 幅"
        f"时 {_ratio(run, '1,000'):.2f}，1,497 幅时 {_ratio(run, '1,497'):.2f}；"
        f"当 30 % 的标签是错的，准确率从 {noisy[0]:.2f} 变为 {noisy[1]:.2f}。",
    )


def _soberly(run: Run) -> Text:
    """What can be said of the table of losses, chosen by its numbers."""
    n = run.numbers
    gaps = {
        rate: [
            n[f"loss/test, {c}, rate {rate}"] - n[f"loss/training, {c}, rate {rate}"] for c in CLEAN
        ]
        for rate in (0.0, RATE)
    }
    en = (
        "Read it soberly: one run each, 300 test images, so a difference of 0.01 in accuracy is "
        "three images and says nothing. "
    )
    zh = "要冷静地看：每种情况只跑一次，测试图像 300 幅，准确率差 0.01 就是三幅图，说明不了什么。"
    if all(g == sorted(g, reverse=True) for g in gaps.values()):
        en += "The more data, the smaller the gap"
        zh += "数据越多，差距越小"
        if gaps[0.0][-1] < gaps[RATE][0]:
            en += ", and 1,497 digits without dropout have a smaller one than 200 with it"
            zh += "；1,497 幅不用 dropout，差距小于 200 幅用 dropout"
        en += ". "
        zh += "。"
    few = _ratio(run, "200")
    if n[f"accuracy/training, 200, rate {RATE}"] == 1:
        en += "The 200 digits are all known by heart <i>in spite of</i> the masks. "
        zh += "200 幅数字<i>即使</i>有掩码也全背了下来。"
    if abs(few - 1) <= CLOSE:
        en += f"There dropout made no difference: the test loss is {few:.2f} times that without"
        zh += f"在那里 dropout 没有差别：测试损失是没有时的 {few:.2f} 倍"
    elif few > 1:
        en += f"There it was of no use: the test loss is {few:.2f} times that without"
        zh += f"在那里它没有用处：测试损失是没有时的 {few:.2f} 倍"
    else:
        en += f"There the test loss is {few:.2f} times that without"
        zh += f"在那里测试损失是没有时的 {few:.2f} 倍"
    if CLOSE < abs(few - 1) <= 0.2:
        en += ", which in one run may be chance"
        zh += "，只有一次，这可能是偶然"
    if few > 1 - CLOSE:
        en += "; on very small sets Srivastava et al. saw no gain either (their section 7.4). "
        zh += "；在很小的数据集上，Srivastava 等人也没有看到好处（其 7.4 节）。"
    else:
        en += ". "
        zh += "。"
    wrong = [n[f"accuracy/test, 500, 30% wrong, rate {rate}"] for rate in (0.0, RATE)]
    if wrong[1] > wrong[0] + 0.03:
        en += (
            "Where 30 % of the labels are wrong, so that what is learned by heart is wrong, it "
            f"helped: an accuracy of {wrong[1]:.2f} in place of {wrong[0]:.2f}."
        )
        zh += (
            "当 30 % 的标签是错的，背下来的东西也就是错的，这时它有帮助：准确率 "
            f"{wrong[1]:.2f}，而不是 {wrong[0]:.2f}。"
        )
    else:
        en += "Where 30 % of the labels are wrong it did not clearly help with this seed."
        zh += "当 30 % 的标签是错的，用这个种子时看不出它有明显的帮助。"
    return Text(en, zh)


def _rounding(difference: float) -> Text:
    """How far two things are apart that are one but for rounding; the number has nine places."""
    if not difference:
        return Text("less than 1e-9, which is rounding", "相差不到 1e-9，只是舍入")
    return Text(f"at most {difference:.0e}", f"最多相差 {difference:.0e}")


def _sections(run: Run) -> list[str]:
    n = run.numbers
    names = NAMES
    rows: list[list[Text | str]] = []
    for case, text in names.items():
        cells = [
            f"{n[f'{kind}/{part}, {case}, rate {rate}']:.3f}"
            for rate in (0.0, RATE)
            for kind, part in (("loss", "training"), ("loss", "test"), ("accuracy", "test"))
        ]
        rows.append([text, *cells, f"{_ratio(run, case):.2f}"])
    without, with_ = Text("without: ", "无："), Text("with: ", "有：")
    parts = (
        Text("training loss", "训练损失"),
        Text("test loss", "测试损失"),
        Text("test accuracy", "测试准确率"),
    )
    head: list[Text | str] = [""]
    for which in (without, with_):
        head += [Text(which.en + p.en, which.zh + p.zh) for p in parts]
    head.append(Text("test loss, with / without", "测试损失，有 / 无"))
    sizes = [float(size) for size in SIZES]
    mean = n["loss of/the mean network"]
    soberly = _soberly(run)
    return [
        heading(Text("The gap", "差距")),
        para(
            Text(
                f"A network of 196 – 256 – 10 units (53,002 parameters) is trained for {STEPS} "
                "steps with batches of 32, on few digits and on many, without dropout and with "
                "a rate of 0.5 after the hidden layer. All losses are measured without "
                "masks.",
                f"一个 196 – 256 – 10 的网络（53,002 个参数）在数量不同的数字上都训练 {STEPS} "
                "步，批大小 32，一次不用 dropout，一次在隐藏层后用 0.5 的丢弃率。所有损失都在没有掩"
                "码时测量。",
            )
        ),
        plots(
            [
                bars(
                    Text("test loss minus training loss: the gap", "测试损失减训练损失：差距"),
                    [text for c, text in names.items() if c in CLEAN],
                    [
                        (
                            Text(label_en, label_zh),
                            [
                                n[f"loss/test, {c}, rate {rate}"]
                                - n[f"loss/training, {c}, rate {rate}"]
                                for c in CLEAN
                            ],
                        )
                        for label_en, label_zh, rate in (
                            ("without dropout", "无 dropout", 0.0),
                            ("with dropout, rate 0.5", "有 dropout，丢弃率 0.5", RATE),
                        )
                    ],
                ),
                bars(
                    Text("test accuracy (300 digits)", "测试准确率（300 幅）"),
                    list(names.values()),
                    [
                        (
                            Text(label_en, label_zh),
                            [n[f"accuracy/test, {c}, rate {rate}"] for c in names],
                        )
                        for label_en, label_zh, rate in (
                            ("without dropout", "无 dropout", 0.0),
                            ("with dropout, rate 0.5", "有 dropout，丢弃率 0.5", RATE),
                        )
                    ],
                    high=1.0,
                ),
            ]
        ),
        table(head, rows),
        para(
            Text(
                soberly.en,
                soberly.zh,
            )
        ),
        heading(Text("Masks seen", "见过的掩码")),
        para(
            Text(
                "A layer of 256 units has 2²⁵⁶ ≈ 10⁷⁷ masks. Every sample of every step "
                "has one of its own: in 100 steps with batches of 32 that makes "
                f"{n['masks/drawn']:,}, of which {n['masks/distinct']:,} are distinct. No "
                "mask is seen twice, so no subnetwork is ever trained for more than one "
                "sample; they are trained together because they share their weights. "
                f"Kept were {n['masks/share kept']:.4f} of all units.",
                "256 个单元的层有 2²⁵⁶ ≈ 10⁷⁷ 种掩码。每一步的每个样本都有自己的掩码：100 "
                f"步、批大小 32，共 {n['masks/drawn']:,} 个，其中 {n['masks/distinct']:,} "
                "个互不相同。没有一个掩码出现两次，所以没有一个子网络用一个以上的样本训练"
                "过；它们能一起训练，是因为共享权重。"
                f"保留的单元占 {n['masks/share kept']:.4f}。",
            )
        ),
        heading(Text("Why the scale 1/(1 − p)", "为什么要乘 1/(1 − p)")),
        para(
            Text(
                "What is kept is multiplied by 1/(1 − p) = "
                f"{n['masks/value of the kept']:g}. Averaged over masks, the sums that the "
                "next layer sees are then those without a mask; left out, they are "
                f"{n['mean of masked sums/as a share']:.3f} of them (400 masks), while at "
                "test time, without masks, they are whole. "
                "A network trained so, and tested without a correction, would see twice what it "
                "learned to see. None was trained here; the one trained on 1,497 digits was given "
                "twice its hidden layer instead: its test loss is then "
                f"{n['loss of/scale left out']:.3f} in place of {mean:.3f}. "
                "The original paper multiplied the weights by the probability of keeping "
                "at test time instead; scaling in training (“inverted dropout”) leaves the "
                "test network alone.",
                f"保留的值乘以 1/(1 − p) = {n['masks/value of the kept']:g}。这样对掩码取平"
                "均，下一层看到的和就与没有掩码时相同；不乘的话，只有 "
                f"{n['mean of masked sums/as a share']:.3f}（400 个掩码），而测试时没有掩码"
                "，又是完整的。"
                "这样训练、测试时又不修正的网络，看到的会是训练时的两倍。这里没有训练这样的网络"
                "，而是把用 1,497 幅训练的网络的隐藏层输出乘以 2：测试损失成为 "
                f"{n['loss of/scale left out']:.3f}，而不是 {mean:.3f}。"
                "原论文在测试时把权重乘以保留概率；在训练时放大（inverted dropout）则不必动"
                "测试网络。",
            )
        ),
        heading(Text("An ensemble, or one mean network?", "集成，还是一个平均网络？")),
        plots(
            [
                lines(
                    Text(
                        "test loss of so many subnetworks, their probabilities averaged",
                        "若干子网络概率平均后的测试损失",
                    ),
                    [
                        Series(
                            Text("subnetworks together", "子网络一起"),
                            sizes,
                            [n[f"loss of/{s} together"] for s in SIZES],
                        ),
                        Series(
                            Text("the mean network: no mask", "平均网络：无掩码"),
                            sizes,
                            [mean] * len(SIZES),
                            True,
                        ),
                    ],
                    Text("subnetworks", "子网络个数"),
                    log_x=True,
                    ticks=sizes,
                )
            ],
            Text(
                f"One subnetwork has a loss of {n['loss of/one subnetwork']:.3f} (mean of "
                f"{max(SIZES)}), {max(SIZES)} together "
                f"{n[f'loss of/{max(SIZES)} together']:.3f}, the mean network {mean:.3f} "
                "at a hundredth of the cost.",
                f"单个子网络的损失是 {n['loss of/one subnetwork']:.3f}（{max(SIZES)} 个的均"
                f"值），{max(SIZES)} 个一起是 {n[f'loss of/{max(SIZES)} together']:.3f}，平"
                f"均网络是 {mean:.3f}，代价只有百分之一。",
            ),
        ),
        para(
            Text(
                "In a network with one hidden layer the mean network <i>is</i> an "
                "ensemble, exactly: a tiny one with 10 hidden units has "
                f"{n['all masks/how many']:,} subnetworks, all of which were run. The "
                "geometric mean of their probabilities, normalized, differs from the mean "
                f"network by {_rounding(n['all masks/difference of the geometric mean']).en}. "
                "The arithmetic mean differs by up to "
                f"{n['all masks/difference of the arithmetic mean']:.2f}. Why: the "
                "logarithm of a softmax is linear in the logits, the numbers that it is taken of, "
                "but for the normalization, and logits are linear in the mask. With more layers it "
                "is an approximation.",
                "只有一个隐藏层时，平均网络<i>恰好就是</i>一个集成：一个只有 10 个隐藏单元"
                f"的小网络有 {n['all masks/how many']:,} 个子网络，全部运行过。它们概率的几"
                "何平均（归一化后）与平均网络"
                f"{_rounding(n['all masks/difference of the geometric mean']).zh}。"
                f"算术平均最多相差 {n['all masks/difference of the arithmetic mean']:.2f}。"
                "原因：除归一化外，softmax 的对数对 logits（即 softmax 的输入）是线性的，而 logits "
                "对掩码是线性的。层数更多时，这只是近似。",
            )
        ),
    ]


def _notebook(run: Run) -> list[Text]:
    return [
        Text(
            "It says: a strategy against overfitting, which deletes neurons at random "
            "during training. That is right, if “delete” means for one sample and one "
            "step. The unit stays, and so do its weights.",
            "它说：防止过拟合的策略，训练时随机删除神经元。这是对的，只要“删除”是指在一步里"
            "对一个样本而言。单元和权重都还在。",
        ),
        Text(
            "“Sampling probability 0.5 for hidden layers and 0.8 for the input”: these are "
            "the paper's probabilities of <i>keeping</i>. The argument of Keras is the "
            "rate of <i>dropping</i>: <code>Dropout(0.5)</code> and "
            "<code>Dropout(0.2)</code>. Writing <code>Dropout(0.8)</code> after the input "
            "drops four fifths of it.",
            "“隐藏层采样概率 0.5，输入层 0.8”：这是论文里的<i>保留</i>概率。Keras 的参数是"
            "<i>丢弃</i>率：<code>Dropout(0.5)</code> 和 <code>Dropout(0.2)</code>。在输入"
            "后面写 <code>Dropout(0.8)</code> 会丢掉五分之四。",
        ),
        Text(
            "“Deep networks tend to overfit and take long to train”: dropout does not help "
            "against the second. Dropped units are multiplied by 0, not left out of the "
            "multiplication, so a step costs no less; and the gradients are noisier: the "
            "paper reports two to three times as long a training.",
            "“深度网络容易过拟合，而且费时”：对后者 dropout 没有帮助。被丢弃的单元是乘以 "
            "0，而不是不参与乘法，所以一步并不更便宜；而且梯度噪声更大：论文说训练时间要长"
            "两到三倍。",
        ),
    ]


def _refutation(run: Run) -> list[Text]:
    return [
        Text(
            "A test loss with dropout as far from the training loss as without, also where "
            "labels are wrong, over many seeds: then it would not act against overfitting.",
            "如果在许多种子下，即使标签有错，有 dropout 时测试损失与训练损失的差距也和没有"
            "时一样大：那么它就没有抑制过拟合。",
        ),
        Text(
            "A geometric mean of all subnetworks that is not the mean network, by more "
            "than rounding.",
            "如果所有子网络的几何平均与平均网络之差超出舍入误差。",
        ),
    ]


def _microscope(tf: Any) -> tuple[Any, Text]:
    model = network(tf, RATE, hidden=16)
    (x, labels), _ = digits()
    return tf.trace(model, x[:1], labels[:1]), Text(
        "A step of a network with 16 hidden units. Choose “What did dropout block?”: the "
        "same mask stands in the way forward and back.",
        "一个有 16 个隐藏单元的网络的一步。点击“dropout 挡住了什么？”：同一个掩码挡在前向和"
        "反向的路上。",
    )


DROPOUT = Study(
    name="dropout",
    title=Text("What does dropout solve?", "dropout 解决什么问题？"),
    question=Text(
        "5. What problem does dropout try to solve?",
        "5. dropout 试图解决什么问题？",
    ),
    experiment=experiment,
    answer=_answer,
    sections=_sections,
    notebook=_notebook,
    refutation=_refutation,
    code=(
        network,
        mislabelled,
        first_losses,
        gap,
        masks,
        hidden_and_last,
        softmax,
        cross_entropy,
        subnetworks,
        all_masks,
        experiment,
    ),
    sources=(
        "N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov: "
        "<i>Dropout: a simple way to prevent neural networks from overfitting</i>. Journal "
        "of Machine Learning Research 15 (2014), "
        '<a href="https://jmlr.org/papers/v15/srivastava14a.html">jmlr.org</a>.',
        Text(
            "P. Baldi, P. Sadowski: <i>Understanding dropout</i>. NIPS 2013: the normalized "
            "geometric mean.",
            "P. Baldi, P. Sadowski: <i>Understanding dropout</i>. NIPS 2013：归一化的几何平均。",
        ),
        "D. Warde-Farley, I. Goodfellow, A. Courville, Y. Bengio: <i>An "
        "empirical analysis of dropout in piecewise linear networks</i>. ICLR 2014, "
        f"{arxiv('1312.6197')}.",
    ),
    microscope=_microscope,
    again="nudged",
    late=(("loss/training",), ("loss/test",), ("accuracy/",), ("loss of/", "mean of masked sums/")),
    picture=1,
)
