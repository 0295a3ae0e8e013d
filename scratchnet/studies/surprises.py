"""Surprises: contrasts that people argue about, each computed when the page is built."""

from __future__ import annotations

import inspect
import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchnet.studies.data import digits
from scratchnet.studies.figures import both
from scratchnet.studies.page import code, para, table
from scratchnet.studies.study import Run, Study, Tell, Text, quiet


@dataclass(frozen=True)
class Contrast:
    """One surprise.

    Attributes:
        name: of its number.
        title: what is asked.
        compute: ``compute(tf, seed)`` returns a number or a list of numbers.
        why: what happens and why.
        torch: PyTorch's convention, in words; None where no source says it.
        source: where that is said.
    """

    name: str
    title: Text
    compute: Callable[[Any, int], Any]
    why: Text
    torch: Text | None = None
    source: str = ""


def _listed(x: Any) -> Any:
    return np.asarray(x).tolist()


# -- ties ------------------------------------------------------------------------------------------


def max_pool_ties(tf: Any, seed: int) -> Any:
    """The gradient of a maximum of four equal pixels."""
    x = tf.Variable([[[[0.0], [0.0]], [[0.0], [0.0]]]])  # one window, all equal
    with tf.GradientTape() as tape:
        y = tf.nn.max_pool2d(x, 2, 2, "VALID")
    return np.ravel(tape.gradient(y, x)).tolist()


def maximum_ties(tf: Any, seed: int) -> Any:
    """The gradients of maximum(a, b) where a = b."""
    a, b = tf.Variable(0.0), tf.Variable(0.0)
    with tf.GradientTape() as tape:
        y = tf.maximum(a, b)
    return [float(g) for g in tape.gradient(y, [a, b])]


def reduce_max_ties(tf: Any, seed: int) -> Any:
    """The gradient of a maximum that two elements have."""
    x = tf.Variable([1.0, 3.0, 3.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_max(x)
    return _listed(tape.gradient(y, x))


def sort_ties(tf: Any, seed: int) -> Any:
    """The gradient of a sorted row with equal numbers."""
    x = tf.Variable([2.0, 1.0, 2.0, 1.0])
    with tf.GradientTape() as tape:
        y = tf.sort(x)
    return _listed(tape.gradient(y, x, output_gradients=tf.constant([1.0, 10.0, 100.0, 1000.0])))


# -- windows and their padding ---------------------------------------------------------------------


def same_stride_2(tf: Any, seed: int) -> Any:
    """Where SAME puts its zeros at stride 2."""
    x = tf.reshape(tf.constant([1.0, 2.0, 3.0, 4.0]), [1, 1, 4, 1])
    ones = tf.ones([1, 3, 1, 1])
    return np.ravel(tf.nn.conv2d(x, ones, [1, 2], "SAME")).tolist()


def same_even_window(tf: Any, seed: int) -> Any:
    """Where SAME puts its zero for a window of two."""
    x = tf.reshape(tf.constant([1.0, 2.0, 3.0, 4.0]), [1, 1, 4, 1])
    ones = tf.ones([1, 2, 1, 1])
    return np.ravel(tf.nn.conv2d(x, ones, 1, "SAME")).tolist()


def mean_pool_border(tf: Any, seed: int) -> Any:
    """Means of windows that hang over the border."""
    x = tf.reshape(tf.range(1.0, 10.0), [1, 3, 3, 1])
    return np.ravel(tf.nn.avg_pool2d(x, 2, 2, "SAME")).tolist()


# -- where a formula meets 0, infinity and NaN -----------------------------------------------------


def pow_zero(tf: Any, seed: int) -> Any:
    """pow(x, 0) at 0, and its gradient."""
    x = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        y = tf.pow(x, 0.0)
    return [float(y), float(tape.gradient(y, x))]


def zero_times_infinity(tf: Any, seed: int) -> Any:
    """sqrt(x) · 0 at 0, and its gradient."""
    x = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        y = tf.sqrt(x) * 0.0
    return [float(y), float(tape.gradient(y, x))]


def where_nan(tf: Any, seed: int) -> Any:
    """A logarithm behind a `where`, and its gradient."""
    x = tf.Variable([4.0, 0.0])
    with tf.GradientTape() as tape:
        y = tf.where(x > 0, tf.math.log(x), 0.0)
    return [_listed(y), _listed(tape.gradient(y, x))]


def where_twice(tf: Any, seed: int) -> Any:
    """The same with a second `where` inside."""
    x = tf.Variable([4.0, 0.0])
    with tf.GradientTape() as tape:
        inside = tf.where(x > 0, x, 1.0)  # no logarithm of what is not taken
        y = tf.where(x > 0, tf.math.log(inside), 0.0)
    return [_listed(y), _listed(tape.gradient(y, x))]


def relu_nan(tf: Any, seed: int) -> Any:
    """relu(NaN), its gradient, and that of a loss that is NaN by it."""
    x = tf.Variable(math.nan)
    with tf.GradientTape(persistent=True) as tape:
        y = tf.nn.relu(x)
        loss = y * y
    return [float(y), float(tape.gradient(y, x)), float(tape.gradient(loss, x))]


# -- numbers of 32 bits ----------------------------------------------------------------------------


def million_tenths(tf: Any, seed: int) -> Any:
    """A million tenths, summed."""
    return float(tf.reduce_sum(tf.fill([1_000_000], 0.1)))


def running_sum(tf: Any, seed: int) -> Any:
    """A million tenths, added one after the other."""
    return float(tf.cumsum(tf.fill([1_000_000], 0.1))[-1])


def convolution_digits(tf: Any, seed: int) -> Any:
    """Four numbers of a convolution."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1, 16, 16, 64)).astype(np.float32)
    kernel = rng.normal(size=(3, 3, 64, 64)).astype(np.float32)
    y = tf.nn.conv2d(x, kernel, 1, "VALID")
    return _listed(y[0, 5, 5, :4])  # sums of 576 products


def cast_300(tf: Any, seed: int) -> Any:
    """Numbers out of range, as uint8."""
    return [int(tf.cast(x, tf.uint8)) for x in (300.0, -1.0, 2.9)]


# -- layers and optimizers -------------------------------------------------------------------------


def adam_epsilon(tf: Any, seed: int) -> Any:
    """How far Adam's first step goes with epsilon = 1."""
    w = tf.Variable(1.0)
    tf.keras.optimizers.Adam(0.1, epsilon=1.0).apply_gradients([(tf.constant(1.0), w)])
    return 1.0 - float(w)  # how far the first step goes


def biased_variance(tf: Any, seed: int) -> Any:
    """The moving variance after one batch."""
    layer = tf.keras.layers.BatchNormalization(momentum=0.0)  # keep the last batch only
    layer(tf.constant([[0.0], [2.0]]), training=True)
    return float(layer.moving_variance[0])


def same_initializer(tf: Any, seed: int) -> Any:
    """What an initializer returns, called twice."""
    initializer = tf.keras.initializers.GlorotUniform(seed=seed)
    first, second = initializer((2,)), initializer((2,))
    return [_listed(first), _listed(second)]


def same_seed(tf: Any, seed: int) -> Any:
    """Three draws, the seed set anew before the third."""
    tf.random.set_seed(seed)
    first, second = tf.random.uniform([]), tf.random.uniform([])
    tf.random.set_seed(seed)
    again = tf.random.uniform([])
    return [float(first), float(second), float(again)]


# -- fit -------------------------------------------------------------------------------------------


def order_of_fit(tf: Any, seed: int) -> Any:
    """The order of six samples in two epochs."""
    tf.keras.utils.set_random_seed(seed)
    model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    model.layers[0].set_weights([np.zeros((1, 1)), np.zeros(1)])
    model.compile(tf.keras.optimizers.SGD(0.0), "mse")  # it never learns
    means: list[float] = []
    watch = tf.keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: means.append(logs["loss"] * (batch + 1))
    )
    numbers = np.arange(6.0)[:, None]  # the loss of a batch of one is the square of its number
    model.fit(numbers, numbers, batch_size=1, epochs=2, verbose=0, callbacks=[watch])
    squares = np.diff([0.0, *means[:6]]), np.diff([0.0, *means[6:]])
    return [np.rint(np.sqrt(np.abs(s))).astype(int).tolist() for s in squares]


def running_mean(tf: Any, seed: int) -> Any:
    """Loss and accuracy as `fit` tells them, and after it."""
    (x, y), _ = digits()
    tf.keras.utils.set_random_seed(seed)
    L = tf.keras.layers
    model = tf.keras.Sequential([tf.keras.Input((14, 14, 1)), L.Flatten(), L.Dense(10)])
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(tf.keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    told = model.fit(x, y, verbose=0).history
    loss_after, accuracy_after = model.evaluate(x, y, verbose=0)
    return [told["loss"][0], loss_after, told["accuracy"][0], accuracy_after]


def with_dropout(tf: Any, seed: int) -> Any:
    """The loss in `fit` and in `evaluate` with weights that do not move."""
    (x, y), _ = digits()
    tf.keras.utils.set_random_seed(seed)
    L = tf.keras.layers
    parts = [L.Flatten(), L.Dropout(0.5), L.Dense(10)]
    model = tf.keras.Sequential([tf.keras.Input((14, 14, 1)), *parts])
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(tf.keras.optimizers.SGD(0.1), loss)
    model.fit(x, y, epochs=4, verbose=0)
    model.optimizer.learning_rate = 0.0  # one more epoch, in which nothing moves
    told = model.fit(x, y, verbose=0).history["loss"][0]
    return [told, model.evaluate(x, y, verbose=0)]


_DOCS = "https://docs.pytorch.org/docs/stable/generated/"
_CODE = "https://github.com/pytorch/pytorch/blob/main/"


def _docs(name: str) -> str:
    return f'<a href="{_DOCS}{name}.html">{name}</a>'


_FORMULAS = f'<a href="{_CODE}tools/autograd/derivatives.yaml">derivatives.yaml</a>'
_CUMSUM = (
    f'<a href="{_CODE}aten/src/ATen/native/cpu/ReduceOpsKernel.cpp">ReduceOpsKernel.cpp</a>, '
    f'<a href="{_CODE}aten/src/ATen/AccumulateType.h">AccumulateType.h</a>'
)
_MANUAL = f'<a href="{_CODE}torch/csrc/autograd/FunctionsManual.cpp">FunctionsManual.cpp</a>'

CONTRASTS = (
    Contrast(
        "ties in max_pool2d",
        Text(
            "Four equal pixels: which one gets the gradient of their maximum?",
            "四个相等的像素：最大值的梯度给谁？",
        ),
        max_pool_ties,
        Text(
            "The first in row-major order gets all of it. After a ReLU whole windows of "
            "zeros are common, so this is no rare case; the ReLU itself then stops the "
            "gradient.",
            "按行优先顺序的第一个得到全部。在 ReLU 后面，整个窗口为零很常见，所以这不是罕见"
            "情形；不过那时 ReLU 自己会挡住梯度。",
        ),
        Text(
            "One index per window is kept, and the gradient goes there.",
            "每个窗口保存一个下标，梯度送到那里。",
        ),
        _docs("torch.nn.MaxPool2d"),
    ),
    Contrast(
        "ties in maximum",
        Text("maximum(a, b) where a = b: half each?", "a = b 时的 maximum(a, b)：各得一半吗？"),
        maximum_ties,
        Text(
            "The first argument gets everything. So maximum(x, 0) has the slope 1 at 0, "
            "maximum(0, x) the slope 0, and relu(x) the slope 0. All are subgradients; "
            "none is “the” derivative, which does not exist.",
            "第一个参数得到全部。所以在 0 处 maximum(x, 0) 的斜率是 1，maximum(0, x) 是 0，"
            "relu(x) 是 0。它们都是次梯度；真正的导数在那里不存在。",
        ),
        Text(
            "<code>torch.maximum</code> gives half to each.",
            "<code>torch.maximum</code> 各给一半。",
        ),
        _FORMULAS,
    ),
    Contrast(
        "ties in reduce_max",
        Text("The maximum of [1, 3, 3]", "[1, 3, 3] 的最大值"),
        reduce_max_ties,
        Text(
            "Here the equal ones share it evenly: another rule than that of "
            "<code>max_pool2d</code> and of <code>maximum</code>, in the same library.",
            "这里相等的元素平分：在同一个库里，与 <code>max_pool2d</code>、"
            "<code>maximum</code> 的规则都不同。",
        ),
        Text(
            "<code>amax</code>, and <code>max</code> over all elements, share evenly; "
            "<code>max</code> along an axis gives all to the index that it returns.",
            "<code>amax</code> 以及对全部元素的 <code>max</code> 平分；沿某个轴的 "
            "<code>max</code> 把全部给它返回的下标。",
        ),
        _docs("torch.max"),
    ),
    Contrast(
        "ties in sort",
        Text("Sorting [2, 1, 2, 1]: which 1 comes first?", "给 [2, 1, 2, 1] 排序：哪个 1 在前？"),
        sort_ties,
        Text(
            "The outputs have the cotangents (the gradients of the loss by them) 1, 10, 100, "
            "1000; each goes back to where its "
            "number came from. The one that stood first stays first: the sort is stable.",
            "输出的余切向量（损失对它们的梯度）是 1、10、100、1000；每个都回到它的数原来的位置。"
            "原来在前的仍在前：排序是稳定的。",
        ),
        Text(
            "Not stable unless <code>stable=True</code> is asked for.",
            "除非指定 <code>stable=True</code>，否则不保证稳定。",
        ),
        _docs("torch.sort"),
    ),
    Contrast(
        "SAME at stride 2",
        Text(
            "SAME padding with stride 2: where do the zeros go?",
            "步幅 2 的 SAME 填充：零补在哪里？",
        ),
        same_stride_2,
        Text(
            "[1, 2, 3, 4], a window of three ones, stride 2: two outputs need (2 − 1)·2 + "
            "3 = 5 places, so one zero is missing, and it is put <b>at the end</b>: 1 + 2 + 3 "
            "and 3 + 4 + 0.",
            "[1, 2, 3, 4]，窗口是三个 1，步幅 2：两个输出需要 (2 − 1)·2 + 3 = 5 个位置，缺"
            "一个零，补在<b>后面</b>：1 + 2 + 3 和 3 + 4 + 0。",
        ),
        Text(
            "<code>padding='same'</code> is refused with a stride; the usual "
            "<code>padding=1</code> puts a zero at either end and gives 0 + 1 + 2 and 2 + "
            "3 + 4, that is [3, 9]. Weights moved from one library to the other see an "
            "image that is shifted by one pixel.",
            "有步幅时不接受 <code>padding='same'</code>；常用的 <code>padding=1</code> 两端"
            "各补一个零，得到 0 + 1 + 2 和 2 + 3 + 4，即 [3, 9]。把权重从一个库搬到另一个，"
            "看到的图像就错开一个像素。",
        ),
        _docs("torch.nn.Conv2d"),
    ),
    Contrast(
        "SAME with an even window",
        Text("SAME padding with a window of two", "窗口为 2 的 SAME 填充"),
        same_even_window,
        Text(
            "One zero has to go somewhere, and again it goes to the end: 1 + 2, 2 + 3, 3 + 4, "
            "4 + 0. An even window has no middle, so each output is half a pixel off.",
            "总有一个零要放在某处，还是放在后面：1 + 2、2 + 3、3 + 4、4 + 0。偶数窗口没有中"
            "心，所以每个输出都偏半个像素。",
        ),
        Text(
            "<code>padding='same'</code> puts the odd one at the end as well.",
            "<code>padding='same'</code> 也把多出来的一个放在后面。",
        ),
        f'<a href="{_CODE}torch/nn/modules/conv.py">torch/nn/modules/conv.py</a>',
    ),
    Contrast(
        "mean pooling at the border",
        Text("Mean pooling at the border: are the zeros counted?", "边缘的平均池化：零算不算？"),
        mean_pool_border,
        Text(
            "The numbers 1 to 9 in a 3 × 3 image, windows of 2 × 2 and stride 2: at the "
            "border the sum is divided by the number of <b>real</b> pixels, so 3 and 6 "
            "make 4.5.",
            "3 × 3 图像里是 1 到 9，窗口 2 × 2，步幅 2：在边缘，和除以<b>真实</b>像素的个数"
            "，所以 3 和 6 得 4.5。",
        ),
        Text(
            "<code>count_include_pad=True</code> is the default: zeros of the padding are counted.",
            "默认 <code>count_include_pad=True</code>：填充的零也算。",
        ),
        _docs("torch.nn.AvgPool2d"),
    ),
    Contrast(
        "pow(x, 0)",
        Text("The derivative of pow(x, 0) at x = 0", "pow(x, 0) 在 x = 0 处的导数"),
        pow_zero,
        Text(
            "pow(0, 0) is 1, and the function is 1 everywhere, so its derivative is 0. The "
            "formula y·x^(y − 1) says 0 · 0⁻¹ = 0 · ∞ = NaN, and that is what comes out.",
            "pow(0, 0) 是 1，这个函数处处为 1，所以导数是 0。但公式 y·x^(y − 1) 给出 0 · "
            "0⁻¹ = 0 · ∞ = NaN，结果就是 NaN。",
        ),
        Text(
            "An exponent of 0 is asked for first: the gradient is 0.",
            "先检查指数是否为 0：梯度是 0。",
        ),
        _MANUAL,
    ),
    Contrast(
        "sqrt(0) · 0",
        Text("sqrt(x) · 0 at x = 0", "sqrt(x) · 0 在 x = 0 处"),
        zero_times_infinity,
        Text(
            "The value is 0, and the function is 0 wherever it is defined. The chain rule "
            "multiplies 0 by the slope of the root at 0, which is infinite. TensorFlow "
            "gives 0 here, though for the logarithm it gives NaN in the same situation "
            "(below): the gradient of its root asks whether the cotangent is 0.",
            "值是 0，而且这个函数在定义域内处处为 0。链式法则用 0 乘以根号在 0 处的无穷斜"
            "率。TensorFlow 在这里给出 0，而对数在同样情形下却给出 NaN（见下）：它的根号梯"
            "度会先看余切向量是否为 0。",
        ),
        Text("grad / (2 · result) is 0 / 0 = NaN.", "grad / (2 · result) 是 0 / 0 = NaN。"),
        _FORMULAS,
    ),
    Contrast(
        "where and NaN",
        Text(
            "where(x > 0, log(x), 0) keeps infinity out, does it not?",
            "where(x > 0, log(x), 0) 能挡住无穷吗？",
        ),
        where_nan,
        Text(
            "Forward it does. Backward the branch that was not taken gets the cotangent 0, "
            "and the logarithm multiplies that by its slope 1/0 = ∞: 0 · ∞ = NaN, which is "
            "added to the gradient of x.",
            "前向可以。反向时，没有被选中的分支得到余切向量 0，而对数把它乘以自己的斜率 1/0 = "
            "∞：0 · ∞ = NaN，再加进 x 的梯度。",
        ),
        Text("The same.", "一样。"),
        '<a href="https://github.com/pytorch/pytorch/issues/108618">pytorch#108618</a>',
    ),
    Contrast(
        "where, twice",
        Text("What helps: a second where, inside", "解决办法：在里面再用一次 where"),
        where_twice,
        Text(
            "The logarithm is never taken of 0, so there is no infinity to multiply by 0.",
            "从不对 0 取对数，就没有无穷去乘 0。",
        ),
        Text(
            "Its <code>where</code> has the same gradient (above), so the same helps.",
            "它的 <code>where</code> 梯度相同（见上），所以同样的办法有效。",
        ),
        '<a href="https://github.com/pytorch/pytorch/issues/108618">pytorch#108618</a>; JAX: '
        '<a href="https://docs.jax.dev/en/latest/faq.html">FAQ</a>',
    ),
    Contrast(
        "relu(NaN)",
        Text(
            "relu(NaN), its gradient, and the gradient of a loss that is NaN",
            "relu(NaN)、它的梯度，以及损失为 NaN 时的梯度",
        ),
        relu_nan,
        Text(
            "Forward the NaN stays NaN, though the <code>fmax(NaN, 0)</code> of C is 0. Backward "
            "“x > 0?” is answered by no, and the cotangent is multiplied by 0: of relu itself "
            "that is 1 · 0 = 0. This hides nothing in a training: where the NaN has reached the "
            "loss, the cotangent is NaN, too, and NaN · 0 = NaN.",
            "前向 NaN 仍是 NaN，尽管 C 的 <code>fmax(NaN, 0)</code> 是 0。反向时“x > 0？”的回答是"
            "否，余切向量乘以 0：对 relu 本身是 1 · 0 = 0。训练中这并不会掩盖什么：NaN 到了损失里，"
            "余切向量也就是 NaN，而 NaN · 0 = NaN。",
        ),
        Text(
            "Forward NaN as well. What is asked backward is “x ≤ 0?”, which is no, too, so "
            "the gradient passes.",
            "前向也是 NaN。反向问的是“x ≤ 0？”，回答也是否，所以梯度通过。",
        ),
        f'<a href="{_CODE}aten/src/ATen/native/cpu/Activation.cpp">Activation.cpp</a>',
    ),
    Contrast(
        "sum of a million tenths",
        Text("A million times 0.1", "一百万个 0.1 之和"),
        million_tenths,
        Text(
            "float32 has no 0.1; what it has instead, times a million, is 100,000.0015. A "
            "good sum is off by a few millionths at most, because the terms are added in blocks "
            "or in pairs; the two libraries cut the blocks in another way, so that they differ. "
            "Near 100,000 the numbers of float32 are 1/128 apart: an error of 0.23 is not one such "
            "step but 29, and yet two millionths of the sum.",
            "float32 没有 0.1；它用来代替的数乘以一百万是 100,000.0015。好的求和分块或两两"
            "相加，误差至多是百万分之几；两个库分块的方式不同，所以结果不同。在 100,000 附近，"
            "float32 的数相隔 1/128：0.23 的误差不是一步，而是 29 步，但也只是总和的百万分之二。",
        ),
        Text("Adds in a cascade of blocks.", "分块、逐级求和。"),
        f'<a href="{_CODE}aten/src/ATen/native/cpu/SumKernel.cpp">SumKernel.cpp</a>',
    ),
    Contrast(
        "running sum of a million tenths",
        Text("The same, one after the other", "同样的和，一个接一个地加"),
        running_sum,
        Text(
            "A running sum rounds a million times at the size of the sum so far: beyond "
            "65,536 each 0.1 is rounded to a multiple of 1/128. That is nearly one "
            "percent; no loss should be computed like this.",
            "逐个累加要舍入一百万次，每次都在当前和的量级上：超过 65,536 之后，每个 0.1 都"
            "被舍入到 1/128 的倍数。误差接近百分之一；损失不该这样算。",
        ),
        Text(
            "<code>torch.cumsum</code> on a CPU: by its source it keeps the sum of float32 numbers "
            "in float64 and rounds what it writes, so the last is right but for one rounding.",
            "CPU 上的 <code>torch.cumsum</code>：按其源代码，float32 的和保存在 float64 中，写出时"
            "才舍入，所以最后一个数只差一次舍入。",
        ),
        _CUMSUM,
    ),
    Contrast(
        "oneDNN on and off",
        Text("One convolution, and the order of its sums", "同一个卷积，求和的顺序"),
        convolution_digits,
        Text(
            "Each number is a sum of 576 products. TensorFlow has two sets of kernels for "
            "it, its own and those of oneDNN, and switches between them by "
            "<code>TF_ENABLE_ONEDNN_OPTS</code>, by default according to the processor. "
            "They add in another order, so the last digits may differ. So may "
            "scratchnet's: equality to the last bit is not to be had between two machines "
            "running one library.",
            "每个数是 576 个乘积之和。TensorFlow 有两套内核，自己的和 oneDNN 的，用 "
            "<code>TF_ENABLE_ONEDNN_OPTS</code> 切换，默认取决于处理器。它们求和顺序不同，"
            "所以最后几位可能不同。scratchnet 也一样：同一个库在两台机器上也得不到每一位都"
            "相同的结果。",
        ),
        Text(
            "Says so of itself: no equal results between releases, platforms, CPU and GPU.",
            "自己也这样声明：不同版本、平台、CPU 与 GPU 之间不保证结果相同。",
        ),
        '<a href="https://docs.pytorch.org/docs/stable/notes/randomness.html">Reproducibility</a>',
    ),
    Contrast(
        "300 as uint8",
        Text("300, −1 and 2.9 as uint8", "300、−1 和 2.9 转成 uint8"),
        cast_300,
        Text(
            "One at a time: 300 wraps around to 44 and −1 to 255; 2.9 is cut to 2. In C "
            "and C++ such a cast is undefined, so it may depend on the machine and on the "
            "size of the array: TensorFlow's vectorized loop makes 255 of 300. Clip first.",
            "逐个转换：300 回绕成 44，−1 成 255，2.9 截成 2。在 C 和 C++ 里这种转换是未定义"
            "的，所以可能取决于机器和数组大小：TensorFlow 的向量化循环会把 300 变成 255。请"
            "先截断到范围内。",
        ),
        Text(
            "Casts by way of int64 on purpose, which gives 44 and 255; vectorized loops on "
            "some processors have given other numbers.",
            "有意经过 int64 转换，得到 44 和 255；在某些处理器上，向量化循环曾给出别的数。",
        ),
        '<a href="https://github.com/pytorch/pytorch/issues/168972">pytorch#168972</a>',
    ),
    Contrast(
        "Adam's epsilon",
        Text("Adam's first step with epsilon = 1", "epsilon = 1 时 Adam 的第一步"),
        adam_epsilon,
        Text(
            "Keras adds epsilon to the root of the <i>uncorrected</i> second moment, √v + "
            "ε with v = 0.001 g² after one step, “epsilon hat” of the paper; Algorithm 1 "
            "adds it to the corrected one and would go 0.1 · 1 / (1 + 1) = 0.05. With the "
            "default 1e-7 nobody sees it where gradients are of size 1; where g = 1e-6, the first "
            "step is 0.24 of the learning rate by Keras and 0.91 by Algorithm 1.",
            "Keras 把 epsilon 加到<i>未修正</i>的二阶矩的根上，√v + ε，第一步之后 v = "
            "0.001 g²，即论文里的“epsilon hat”；算法 1 加到修正后的上，会走 0.1 · 1 / (1 + "
            "1) = 0.05。梯度大小在 1 左右时，默认值 1e-7 看不出差别；g = 1e-6 时，第一步按 "
            "Keras 是学习率的 0.24 倍，按算法 1 是 0.91 倍。",
        ),
        Text("Algorithm 1: 0.05.", "按算法 1：0.05。"),
        _docs("torch.optim.Adam"),
    ),
    Contrast(
        "biased variance",
        Text(
            "The moving variance of BatchNormalization, after the batch 0, 2",
            "批次为 0、2 之后 BatchNormalization 的滑动方差",
        ),
        biased_variance,
        Text(
            "The mean is 1, the squares of the distances are 1 and 1: divided by n = 2 "
            "that is 1, the biased variance. Keras 3 keeps this one, in training and for "
            "inference.",
            "均值是 1，距离的平方是 1 和 1：除以 n = 2 得 1，即有偏方差。Keras 3 训练时和推"
            "理时都用它。",
        ),
        Text(
            "Normalizes by the biased variance and keeps the unbiased one, divided by n − 1: 2.",
            "归一化用有偏方差，保存的却是无偏的，除以 n − 1：2。",
        ),
        _docs("torch.nn.BatchNorm2d"),
    ),
    Contrast(
        "the same initializer, twice",
        Text("One initializer, called twice", "同一个初始化器，调用两次"),
        same_initializer,
        Text(
            "It returns the same numbers: an initializer has no state but its seed. One without "
            "<code>seed=</code> draws a seed when it is made and keeps that, so it repeats, too; "
            "other numbers come of another object. Two layers "
            "of one shape that share it begin with equal weights. They stay equal as long as "
            "they get equal gradients, as two that see the same input and whose outputs are "
            "added do; after a concatenation and a dense layer they part.",
            "返回相同的数：初始化器除种子外没有状态。不写 <code>seed=</code> 时，它在创建时抽一个"
            "种子并一直用它，所以同样会重复；要不同的数，就另建一个对象。共用它、形状相同的两层从相同的权重开始。"
            "只要梯度相同就会一直相同，例如输入相同、输出相加的两层；如果后面是拼接加全连接"
            "层，它们就会分开。",
        ),
        Text(
            "<code>torch.nn.init</code> draws from the global generator: other numbers each time.",
            "<code>torch.nn.init</code> 从全局生成器抽取：每次不同。",
        ),
        '<a href="https://docs.pytorch.org/docs/stable/nn.init.html">torch.nn.init</a>',
    ),
    Contrast(
        "the same seed, twice",
        Text("A seed is set; two draws; the seed is set again", "设种子，抽两次；再设种子"),
        same_seed,
        Text(
            "The two draws differ, since each op counts on; the third is the first again. "
            "scratchnet draws TensorFlow's numbers, to the last bit.",
            "两次抽取不同，因为每次都往后数；第三个又等于第一个。scratchnet 抽到的与 "
            "TensorFlow 一位不差。",
        ),
        Text(
            "<code>torch.manual_seed</code> does the same, with other numbers.",
            "<code>torch.manual_seed</code> 也是这样，数字不同。",
        ),
        _docs("torch.manual_seed"),
    ),
    Contrast(
        "the order of fit's samples",
        Text(
            "fit(shuffle=True): is the order new in each epoch?",
            "fit(shuffle=True)：每轮的顺序都不同吗？",
        ),
        order_of_fit,
        Text(
            "Not once a seed is set: six numbered samples, two epochs, and the same order "
            "in both. A <code>tf.data.Dataset</code> with <code>shuffle</code> has a new "
            "order in each.",
            "设了种子之后就不是：六个编号的样本，两轮，顺序相同。用带 <code>shuffle</code> "
            "的 <code>tf.data.Dataset</code>，每轮顺序都是新的。",
        ),
        Text(
            "<code>DataLoader(shuffle=True)</code> shuffles anew in every epoch.",
            "<code>DataLoader(shuffle=True)</code> 每轮重新打乱。",
        ),
        '<a href="https://docs.pytorch.org/docs/stable/data.html">torch.utils.data</a>',
    ),
    Contrast(
        "accuracy is a running mean",
        Text(
            "What fit prints, and what evaluate finds on the same images",
            "fit 打印的，和 evaluate 在同一批图像上得到的",
        ),
        running_mean,
        Text(
            "Loss of the first epoch as <code>fit</code> tells it, loss after it; accuracy "
            "as told, accuracy after. What <code>fit</code> tells is the mean over the "
            "batches <i>while</i> the weights moved: the first batches were seen by the "
            "untrained network.",
            "依次是：<code>fit</code> 报告的第一轮损失，之后的损失；报告的准确率，之后的准"
            "确率。<code>fit</code> 报告的是权重<i>正在变化时</i>各批次的均值：最前面的批次"
            "由未训练的网络看到。",
        ),
        Text("Whatever your loop adds up.", "取决于你自己的循环怎么累加。"),
        _docs("torch.nn.Module"),
    ),
    Contrast(
        "loss with dropout",
        Text(
            "The loss in fit and in evaluate, with weights that do not move",
            "权重不动时，fit 与 evaluate 的损失",
        ),
        with_dropout,
        Text(
            "The learning rate is 0 in this epoch, so nothing lags behind. The two still "
            "differ: <code>fit</code> drops half of the inputs, <code>evaluate</code> "
            "none. A training loss above the test loss is no riddle.",
            "这一轮学习率是 0，所以不是滞后。两者仍不同：<code>fit</code> 丢掉一半输入，"
            "<code>evaluate</code> 不丢。训练损失高于测试损失并不奇怪。",
        ),
        Text(
            "The same between <code>train()</code> and <code>eval()</code>.",
            "<code>train()</code> 与 <code>eval()</code> 之间同样如此。",
        ),
        _docs("torch.nn.Dropout"),
    ),
)


def experiment(tf: Any, seed: int = 0, tell: Tell = quiet, nudge: int = 0) -> dict[str, Any]:
    """Compute every contrast; its number or numbers by its name.

    Args:
        tf: scratchnet or TensorFlow.
        seed: of what is drawn at random.
        tell: called with a line on each.
        nudge: of no use here.
    """
    numbers: dict[str, Any] = {}
    for contrast in CONTRASTS:
        tell(contrast.title)
        numbers[contrast.name] = contrast.compute(tf, seed)
    return numbers


def _answer(run: Run) -> Text:
    return Text(
        f"{len(CONTRASTS)} small programs whose results people argue about. Nearly all are a "
        "convention, a consequence of rounding, or of what a formula says at its edge; one, a cast "
        "out of range, is left undefined by the language that the libraries are written in. "
        "But whoever moves a program from one library to another meets them.",
        f"{len(CONTRASTS)} 个结果常引起争论的小程序。几乎都是约定、舍入的后果，或公式在边界上的"
        "后果；只有一个，超出范围的类型转换，是编写这些库所用的语言没有定义的。"
        "但只要把程序从一个库搬到另一个，就会遇到它们。",
    )


def _sections(run: Run) -> list[str]:
    return [_card(contrast, run) for contrast in CONTRASTS]


def _card(contrast: Contrast, run: Run) -> str:
    witness = run.witness
    rows: list[list[Text | str]] = [["scratchnet", _numbers(run[contrast.name])]]
    if witness is not None:
        kept = Text(" (recorded)", "（记录）") if witness.recorded else Text("", "")
        theirs = _numbers(witness.numbers.get(contrast.name))
        again = _numbers(witness.again[0].get(contrast.name)) if witness.again else None
        if again is None or again == theirs:
            both_settings = "" if again is None else Text(", oneDNN off and on", "，oneDNN 关与开")
            name = Text("TensorFlow", "TensorFlow")
            if isinstance(both_settings, Text):
                name = Text(f"TensorFlow{both_settings.en}", f"TensorFlow{both_settings.zh}")
            rows.append([Text(name.en + kept.en, name.zh + kept.zh), theirs])
        else:
            rows.append(
                [
                    Text("TensorFlow, oneDNN off" + kept.en, "TensorFlow，oneDNN 关" + kept.zh),
                    theirs,
                ]
            )
            rows.append(
                [Text("TensorFlow, oneDNN on" + kept.en, "TensorFlow，oneDNN 开" + kept.zh), again]
            )
    if contrast.torch is not None:
        torch = Text(
            f"{contrast.torch.en} ({contrast.source})", f"{contrast.torch.zh}（{contrast.source}）"
        )
        rows.append(["PyTorch", torch])
    return (
        f'<section class="contrast"><h2>{both(contrast.title)}</h2>{code(_body(contrast.compute))}'
        f"{_words(table(['', ''], rows))}{para(contrast.why)}</section>"
    )


def _words(made: str) -> str:
    """The table of a contrast: its second column holds words, and it has no head."""
    made = made.replace("<thead><tr><th></th><th></th></tr></thead>", "")
    return made.replace("</td><td>", '</td><td class="words">')


def _body(function: Callable[..., Any]) -> str:
    """The lines of a function without its head and its docstring, which is one line."""
    lines = inspect.getsource(function).splitlines()[2:]
    return textwrap.dedent("\n".join(lines))


def _numbers(value: Any) -> str:
    """Numbers as a program would print them.

    >>> _numbers([0.5, [1.0, float("nan")]])
    '0.5 · [1, nan]'
    """
    if value is None:
        return "–"
    if isinstance(value, list):
        return " · ".join(
            f"[{', '.join(_number(v) for v in part)}]" if isinstance(part, list) else _number(part)
            for part in value
        )
    return _number(value)


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.8g}"


def _notebook(run: Run) -> list[Text]:
    return [
        Text(
            "The notebook does not ask any of this. But it trains by <code>fit</code> and reads "
            "its printed accuracy as the network's: the last two contrasts say what the printed "
            "numbers are. (It sets no seed, so its samples came in another order in each epoch, "
            "unlike those of the contrast before.)",
            "笔记本没有问这些。但它用 <code>fit</code> 训练，并把打印出来的准确率当作网络的准确"
            "率：最后两个对比说明打印的数是什么。（它没有设种子，所以与再前一个对比不同，它的样本"
            "每轮顺序都不一样。）",
        )
    ]


def _refutation(run: Run) -> list[Text]:
    return [
        Text(
            "A number in the row of TensorFlow that differs from scratchnet's beyond rounding. "
            "Conventions change with versions: the page says which version was run.",
            "TensorFlow 那一行与 scratchnet 那一行的数字之差超出舍入误差。约定会随版本改变："
            "本页写明了运行的是哪个版本。",
        ),
    ]


SURPRISES = Study(
    name="surprises",
    title=Text("Surprises: what people argue about", "意外：人们争论的那些事"),
    question=Text(
        "What do the libraries do where one would have guessed otherwise?",
        "在人们会猜错的地方，各个库究竟怎么做？",
    ),
    experiment=experiment,
    answer=_answer,
    sections=_sections,
    notebook=_notebook,
    refutation=_refutation,
    code=(experiment,),
    sources=(
        Text(
            "What TensorFlow does was seen by running it. PyTorch was not run: what is said of it "
            "is from its documentation and source, linked in each row.",
            "TensorFlow 的行为是运行它得到的。没有运行 PyTorch：关于它的说法来自其文档和源代码，"
            "各行都有链接。",
        ),
    ),
    again="onednn",
)
