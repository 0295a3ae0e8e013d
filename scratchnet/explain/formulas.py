r"""The formula of each op and of its VJPs, in the little TeX of `scratchnet.explain.mathml`.

The letters are those of the docstrings in `scratchnet.ops`: cotangent g, results gx, gk, gb.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Formula:
    """What the page says of an op in mathematics.

    Attributes:
        names: of its arguments, as the formulas call them; the last one for all that follow.
        forward: the output.
        vjps: the cotangents of the arguments, as far as they have any.
        output: the name of the output.
    """

    names: tuple[str, ...]
    forward: str
    vjps: tuple[str, ...] = ()
    output: str = "y"

    def name(self, i: int) -> str:
        """The name of argument `i`.

        >>> FORMULAS["concat"].name(0), FORMULAS["conv2d"].name(1)
        ('x0', 'k')
        """
        if self.names[-1].endswith("*"):
            return f"{self.names[-1][:-1]}{i}"
        return self.names[i] if i < len(self.names) else f"x{i}"


_CONV = r"y_{n i j o} = \sum_{a,b,c} x_{n, i s + a - p, j s + b - p, c} k_{a b c o}"
_CONV_GX = r"{gx}_{n h w c} = \sum_{i,j,o} g_{n i j o} k_{h + p - i s, w + p - j s, c o}"
_CONV_GK = r"{gk}_{a b c o} = \sum_{n,i,j} x_{n, i s + a - p, j s + b - p, c} g_{n i j o}"
_CONV_GB = r"{gb}_{o} = \sum_{n,i,j} g_{n i j o}"
_CONV_T = r"y_{n h w c} = \sum_{i,j,o} x_{n i j o} k_{h + p - i s, w + p - j s, c o} + b_c"
_CONV_T_VJPS = (
    r"{gx}_{n i j o} = \sum_{a,b,c} g_{n, i s + a - p, j s + b - p, c} k_{a b c o}",
    r"{gk}_{a b c o} = \sum_{n,i,j} g_{n, i s + a - p, j s + b - p, c} x_{n i j o}",
    r"{gb}_{c} = \sum_{n,h,w} g_{n h w c}",
)
_BATCH_NORM = (
    r"y = \gamma r (x - \mu) + \beta, \, r = \frac{1}{\sqrt{\sigma^2 + \epsilon}}, \,"
    r" \mu = \frac{1}{n} \sum x, \, \sigma^2 = \frac{1}{n} \sum (x - \mu)^2"
)
_BATCH_NORM_VJPS = (
    r"gx = \gamma r (g - \frac{1}{n} \sum g - \frac{1}{n} (x - \mu) r^2 \sum g (x - \mu))",
    r"g_\gamma = \sum g (x - \mu) r",
    r"g_\beta = \sum g",
)
_X, _XY = ("x",), ("x", "y")

FORMULAS: dict[str, Formula] = {
    # convolution and pooling
    "conv2d": Formula(("x", "k"), _CONV, (_CONV_GX, _CONV_GK)),
    "fused_conv2d": Formula(
        ("x", "k", "b"),
        r"y_{n i j o} = \text{relu}(\sum_{a,b,c} x_{n, i s + a - p, j s + b - p, c} k_{a b c o}"
        r" + b_o)",
        (r"g \to g \cdot [y > 0]", _CONV_GX, _CONV_GK, _CONV_GB),
    ),
    "fused_conv2d_transpose": Formula(
        ("x", "k", "b"),
        r"y_{n h w c} = \text{relu}(\sum_{i,j,o} x_{n i j o} k_{h + p - i s, w + p - j s, c o}"
        r" + b_c)",
        (r"g \to g \cdot [y > 0]", *_CONV_T_VJPS),
    ),
    "conv2d_backprop_input": Formula(
        ("k", "h"),
        r"y_{n a b c} = \sum_{i,j,o} h_{n i j o} k_{a + p - i s, b + p - j s, c o}",
        (
            r"{gk}_{a b c o} = \sum_{n,i,j} g_{n, i s + a - p, j s + b - p, c} h_{n i j o}",
            r"{gh}_{n i j o} = \sum_{a,b,c} g_{n, i s + a - p, j s + b - p, c} k_{a b c o}",
        ),
    ),
    "max_pool2d": Formula(
        _X,
        r"y_{n i j c} = \max_{a,b} x_{n, i s + a - p, j s + b - p, c}",
        (r"{gx}_{n h w c} = \sum_{i,j} g_{n i j c} [(h, w) = {\argmax}_{n i j c}]",),
    ),
    "avg_pool2d": Formula(
        _X,
        r"y_{n i j c} = \frac{1}{m} \sum_{a,b} x_{n, i s + a - p, j s + b - p, c}",
        (r"{gx}_{n h w c} = \sum_{i,j} \frac{g_{n i j c}}{m}",),
    ),
    # products and sums
    "matmul": Formula(
        ("A", "B"),
        r"y_{i k} = \sum_j A_{i j} B_{j k}",
        (r"gA = g B^\top", r"gB = A^\top g"),
    ),
    "bias_add": Formula(
        ("x", "b"),
        r"y_{\dots c} = x_{\dots c} + b_c",
        (r"gx = g", r"{gb}_c = \sum_{\dots} g_{\dots c}"),
    ),
    "add": Formula(_XY, r"z = x + y", (r"gx = g", r"gy = g"), "z"),
    "subtract": Formula(_XY, r"z = x - y", (r"gx = g", r"gy = -g"), "z"),
    "multiply": Formula(_XY, r"z = x y", (r"gx = g y", r"gy = g x"), "z"),
    "divide": Formula(
        _XY, r"z = \frac{x}{y}", (r"gx = \frac{g}{y}", r"gy = -\frac{g x}{y^2}"), "z"
    ),
    "maximum": Formula(_XY, r"z = \max(x, y)", (r"gx = g [x \ge y]", r"gy = g [x < y]"), "z"),
    "minimum": Formula(_XY, r"z = \min(x, y)", (r"gx = g [x \le y]", r"gy = g [x > y]"), "z"),
    "reduce_sum": Formula(_X, r"y = \sum_i x_i", (r"{gx}_i = g",)),
    "reduce_mean": Formula(_X, r"y = \frac{1}{n} \sum_i x_i", (r"{gx}_i = \frac{g}{n}",)),
    # one tensor, element by element
    "relu": Formula(_X, r"y = \max(x, 0)", (r"gx = g [y > 0]",)),
    "relu6": Formula(_X, r"y = \min(\max(x, 0), 6)", (r"gx = g [0 < x < 6]",)),
    "leaky_relu": Formula(_X, r"y = \max(x, \alpha x)", (r"gx = g ([x > 0] + \alpha [x \le 0])",)),
    "elu": Formula(
        _X, r"y = x [x > 0] + (e^x - 1) [x \le 0]", (r"gx = g ([y > 0] + (y + 1) [y \le 0])",)
    ),
    "sigmoid": Formula(_X, r"y = \frac{1}{1 + e^{-x}}", (r"gx = g y (1 - y)",)),
    "tanh": Formula(_X, r"y = \tanh x", (r"gx = g (1 - y^2)",)),
    "softplus": Formula(_X, r"y = \ln(1 + e^x)", (r"gx = \frac{g}{1 + e^{-x}}",)),
    "exp": Formula(_X, r"y = e^x", (r"gx = g y",)),
    "log": Formula(_X, r"y = \ln x", (r"gx = \frac{g}{x}",)),
    "log1p": Formula(_X, r"y = \ln(1 + x)", (r"gx = \frac{g}{1 + x}",)),
    "square": Formula(_X, r"y = x^2", (r"gx = 2 g x",)),
    "sqrt": Formula(_X, r"y = \sqrt{x}", (r"gx = \frac{g}{2 y}",)),
    "rsqrt": Formula(_X, r"y = \frac{1}{\sqrt{x}}", (r"gx = -\frac{g y^3}{2}",)),
    "negative": Formula(_X, r"y = -x", (r"gx = -g",)),
    "abs": Formula(_X, r"y = |x|", (r"gx = g \sign x",)),
    "pow": Formula(_XY, r"z = x^y", (r"gx = g y x^{y - 1}", r"gy = g z \ln x"), "z"),
    "erf": Formula(_X, r"y = \erf x", (r"gx = \frac{2 g}{\sqrt{\pi}} e^{-x^2}",)),
    # shapes
    "reshape": Formula(_X, r"y_i = x_i", (r"{gx}_i = g_i",)),
    "transpose": Formula(_X, r"y = x^\top", (r"gx = g^\top",)),
    "identity": Formula(_X, r"y = x", (r"gx = g",)),
    "cast": Formula(_X, r"y = x", (r"gx = g",)),
    "concat": Formula(("x*",), r"y = (x_0, x_1, \dots)", (r"(gx_0, gx_1, \dots) = g",)),
    "pad": Formula(_X, r"y = (0, \dots, x, \dots, 0)", (r"gx = g \text{ without its padding}",)),
    "gather": Formula(
        ("x", "at"),
        r"y_{\dots i \dots} = x_{\dots {\text{at}}_i \dots}",
        (r"{gx}_j = \sum_i g_i [{\text{at}}_i = j]",),
    ),
    "where": Formula(
        ("c", "x", "y"),
        r"z = c x + (1 - c) y",
        (r"gx = g c", r"gy = g (1 - c)"),
        "z",
    ),
    # normalization and dropout
    "moments": Formula(
        _X,
        r"\mu = \frac{1}{n} \sum_i x_i, \, \sigma^2 = \frac{1}{n} \sum_i (x_i - \mu)^2",
        (r"{gx}_i = \frac{1}{n} (g_\mu + 2 (x_i - \mu) g_{\sigma^2})",),
        "μ, σ²",
    ),
    "batch_normalization": Formula(
        ("x", "μ", "σ²", "β", "γ"),
        r"y = \gamma r (x - \mu) + \beta, \, r = \frac{1}{\sqrt{\sigma^2 + \epsilon}}",
        (
            r"gx = g \gamma r",
            r"g_\mu = -\sum g \gamma r",
            r"g_{\sigma^2} = -\frac{1}{2} \sum g \gamma (x - \mu) r^3",
            r"g_\beta = \sum g",
            r"g_\gamma = \sum g (x - \mu) r",
        ),
    ),
    "fused_batch_norm": Formula(
        ("x", "γ", "β"),
        _BATCH_NORM.replace(
            r"\gamma r (x - \mu) + \beta", r"\text{relu}(\gamma r (x - \mu) + \beta)"
        ),
        (r"g \to g \cdot [y > 0]", *_BATCH_NORM_VJPS),
        "y, μ, σ²",
    ),
    "drop": Formula(
        ("x", "keep"),
        r"y_i = \frac{x_i {\text{keep}}_i}{1 - \text{rate}}",
        (r"{gx}_i = \frac{g_i {\text{keep}}_i}{1 - \text{rate}}",),
    ),
    # softmax and the losses
    "softmax": Formula(
        _X,
        r"y_i = \frac{e^{x_i}}{\sum_j e^{x_j}}",
        (r"{gx}_i = y_i (g_i - \sum_j g_j y_j)",),
    ),
    "log_softmax": Formula(
        _X, r"y_i = x_i - \ln \sum_j e^{x_j}", (r"{gx}_i = g_i - e^{y_i} \sum_j g_j",)
    ),
    "sparse_softmax_cross_entropy_with_logits": Formula(
        ("label", "x"),
        r"L = -\ln p_{\text{label}}, \, p_i = \frac{e^{x_i}}{\sum_j e^{x_j}}",
        (r"{gx}_i = g (p_i - [i = \text{label}])",),
        "L",
    ),
    "softmax_cross_entropy_with_logits": Formula(
        ("y", "x"),
        r"L = -\sum_i y_i \ln p_i, \, p_i = \frac{e^{x_i}}{\sum_j e^{x_j}}",
        (r"{gx}_i = g (p_i - y_i)",),
        "L",
    ),
}

# The formulas of ops whose attribute ``relu`` is False.
WITHOUT_RELU: dict[str, Formula] = {
    "fused_conv2d": Formula(("x", "k", "b"), f"{_CONV} + b_o", (_CONV_GX, _CONV_GK, _CONV_GB)),
    "fused_conv2d_transpose": Formula(("x", "k", "b"), _CONV_T, _CONV_T_VJPS),
    "fused_batch_norm": Formula(("x", "γ", "β"), _BATCH_NORM, _BATCH_NORM_VJPS, "y, μ, σ²"),
}
