"""Question 4: what batch normalization does, what it costs, and which explanation holds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.studies.data import FIRST, digits, first_losses
from scratchnet.studies.figures import Series, lines
from scratchnet.studies.page import arxiv, bullets, heading, para, plots, table
from scratchnet.studies.study import Run, Study, Tell, Text, quiet

GAINS = (0.8, 1.0, 1.25)  # times He's standard deviation
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
KINDS = ("plain", "normalized")
SHALLOW, DEEP = 5, 20
MEASURES = ("inputs", "gradient", "along the step")
SIZES = (2, 4, 16, 64)
LEARNED = 2.0  # a loss below that; chance has log 10 = 2.303
UNDECIDED = 2.2  # a loss between the two may be below or above LEARNED by chance
BEYOND = 3.0  # what a larger loss, or NaN, is kept as
# So many steps are compared with TensorFlow's; after them rounding has grown in so deep a stack.
DEEP_FIRST = {"plain": 2, "normalized": 1}
CLEARLY = 0.05  # relative, of two losses: less of a difference may be chance
SAME = 0.8  # of two measures, the smaller in the larger: from there on they are about the same


def stack(tf: Any, kind: str, depth: int, width: int = 32, gain: float = 1.0) -> Any:
    """Dense layers with ReLU, one behind the other; "normalized" has BatchNormalization in each."""
    L = tf.keras.layers
    he = {"scale": 2.0 * gain**2, "mode": "fan_in", "distribution": "untruncated_normal"}
    parts = [tf.keras.Input((14, 14, 1)), L.Flatten()]
    for _ in range(depth):
        # One object for all layers would give all kernels of one shape the same numbers.
        kernel = tf.keras.initializers.VarianceScaling(**he)
        parts.append(L.Dense(width, kernel_initializer=kernel, use_bias=kind == "plain"))
        parts += [L.BatchNormalization()] if kind == "normalized" else []
        parts.append(L.ReLU())
    return tf.keras.Sequential([*parts, L.Dense(10)])


def scales(tf: Any, seed: int, nudge: int, depth: int) -> dict[str, Any]:
    """The size of the activations and of the gradients, layer by layer, before any training."""
    (x, y), _ = digits(nudge=nudge)
    x, y = tf.constant(x[:256]), tf.constant(y[:256])
    found: dict[str, Any] = {}
    for kind in KINDS:
        for gain in GAINS:
            tf.keras.utils.set_random_seed(seed)
            model = stack(tf, kind, depth, width=64, gain=gain)
            h, maps = x, []
            with tf.GradientTape() as tape:
                tape.watch(x)
                for layer in model.layers:
                    h = layer(h, training=True)
                    if isinstance(layer, tf.keras.layers.ReLU):
                        maps.append(h)
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, h))
            gradients = tape.gradient(loss, maps)
            for name, arrays in (("activations", maps), ("gradients", gradients)):
                sizes = [float(np.sqrt(np.mean(np.square(a)))) for a in arrays]
                found[f"{name} {kind} {gain}/log10"] = np.log10(np.maximum(sizes, 1e-30)).tolist()
    return found


def fresh(model: Any, weights: list[Array], rate: float) -> None:
    """Begin again: the first weights, another learning rate."""
    model.set_weights(weights)
    model.optimizer.learning_rate.assign(rate)


def rates(
    tf: Any, seed: int, nudge: int, depth: int, epochs: int, grid: tuple[float, ...]
) -> dict[str, Any]:
    """The loss of the last epoch of a short training, by learning rate and initialization."""
    (x, y), _ = digits(nudge=nudge)
    found: dict[str, Any] = {}
    for kind in KINDS:
        tf.keras.utils.set_random_seed(seed)
        model = stack(tf, kind, depth)
        loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(tf.keras.optimizers.SGD(0.1), loss)
        first = model.get_weights()
        for gain in GAINS:
            # The kernels of the stack are matrices; the last is the classifier's.
            hidden = [w.ndim == 2 and w.shape[1] != 10 for w in first]
            weights = [w * np.float32(gain) if h else w for w, h in zip(first, hidden, strict=True)]
            for rate in grid:
                fresh(model, weights, rate)
                losses, watch = first_losses(tf, DEEP_FIRST[kind])
                told = model.fit(x, y, batch_size=128, epochs=epochs, verbose=0, callbacks=[watch])
                for step, first_loss in enumerate(losses, 1):  # each in a unit of its own
                    found[f"loss of step {step}/{kind}, {gain}, {rate}"] = first_loss
                last = told.history["loss"][-1]
                found[f"loss at a rate/{kind}, {gain}, {rate}"] = (
                    min(last, BEYOND) if math.isfinite(last) else BEYOND
                )
    return found


def step_functions(tf: Any, model: Any) -> tuple[Any, Any]:
    """The gradient of the loss by all weights, and the inputs of the middle layer, of a batch."""
    relus = [layer for layer in model.layers if isinstance(layer, tf.keras.layers.ReLU)]
    probe = tf.keras.Model(model.inputs[0], relus[len(relus) // 2 - 1].output)

    @tf.function  # type: ignore[untyped-decorator]
    def gradients(images: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = model(images, training=True)
            each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(each)
        return tape.gradient(loss, model.trainable_variables)

    @tf.function  # type: ignore[untyped-decorator]
    def inputs(images: Any) -> Any:
        return probe(images, training=True)

    return gradients, inputs


def explanations(
    tf: Any, seed: int, nudge: int, depth: int, points: int, rate: float
) -> dict[str, Any]:
    """Along a training: how far inputs shift, and how well a gradient foretells the next.

    Measures, each a median over steps; the middle layer is the 3rd of 5, the 11th of 20:

    shift of the inputs: how much the means of the middle layer's inputs move when the layers
        before it make one step, in their standard deviations over the batch;
    shift of the gradient: how much the gradient by the middle layer's kernel changes when they make
        it and the others do not, relative to its norm; "absolute" is the same undivided
        (Santurkar et al., definition 2.1);
    change along the step: how much the gradient by all weights changes when they go one to four
        steps along it, relative to its norm, the largest of four (gradient predictiveness in
        Santurkar et al., there undivided).
    """
    (x, y), _ = digits(nudge=nudge)
    rng = np.random.default_rng(seed)
    found: dict[str, Any] = {}
    for kind in KINDS:
        tf.keras.utils.set_random_seed(seed)
        model = stack(tf, kind, depth)
        variables = model.trainable_variables
        kernels = [i for i, v in enumerate(variables) if len(v.shape) == 2]
        middle = kernels[depth // 2]  # `inputs` are what this kernel is multiplied by
        gradients, inputs = step_functions(tf, model)

        def flat(parts: Any) -> Array:
            return np.concatenate([np.ravel(g) for g in parts])

        rows: list[list[float]] = []
        for _ in range(points):
            chosen = rng.choice(len(x), 128, replace=False)
            images, labels = tf.constant(x[chosen]), tf.constant(y[chosen])
            state = model.get_weights()
            here = [v.numpy() for v in variables]
            g = [np.asarray(part) for part in gradients(images, labels)]
            whole, before = flat(g), np.asarray(inputs(images))
            largest = 0.0
            for times in (1, 2, 3, 4):
                for v, w, part in zip(variables, here, g, strict=True):
                    v.assign(w - rate * times * part)
                change = np.linalg.norm(flat(gradients(images, labels)) - whole)
                largest = max(largest, float(change / np.linalg.norm(whole)))
            for i, (v, w, part) in enumerate(zip(variables, here, g, strict=True)):
                v.assign(w - rate * part if i < middle else w)
            moved = np.ravel(np.asarray(gradients(images, labels)[middle]))
            own = np.ravel(g[middle])
            shift = float(np.linalg.norm(moved - own))
            after = np.asarray(inputs(images))
            gone = np.abs(after.mean(0) - before.mean(0)) / (before.std(0) + 1e-6)
            relative = shift / float(np.linalg.norm(own))
            rows.append([float(np.mean(gone)), relative, largest, shift])
            model.set_weights(state)
            for v, w, part in zip(variables, here, g, strict=True):
                v.assign(w - rate * part)
        for i, name in enumerate((*MEASURES, "gradient, absolute")):
            if depth <= SHALLOW:  # in a deeper one rounding has grown by then
                found[f"first shift {name}/{kind}, {depth} layers"] = rows[0][i]
            found[f"shift {name}/{kind}, {depth} layers"] = float(
                np.median([row[i] for row in rows])
            )
    return found


def costs(
    tf: Any, seed: int, nudge: int, steps: tuple[int, ...], sizes: tuple[int, ...], repeats: int
) -> dict[str, Any]:
    """Two normalized layers: the loss by batch statistics and by moving averages; small batches.

    The loss with small batches is a median of several trainings: of one with two images in a batch
    mere rounding makes anything from 0.8 to 2.9.
    """
    (x, y), (x_test, y_test) = digits(nudge=nudge)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    found: dict[str, Any] = {}

    def measured(model: Any) -> tuple[float, float]:
        """By moving averages, and by the statistics of the 300 test images themselves."""
        kept = model.get_weights()  # a call in training mode moves the averages
        by_batch = float(loss(y_test, model(tf.constant(x_test), training=True)))
        model.set_weights(kept)
        return float(loss(y_test, model(tf.constant(x_test), training=False))), by_batch

    tf.keras.utils.set_random_seed(seed)
    model = stack(tf, "normalized", 2, width=64)
    model.compile(tf.keras.optimizers.SGD(0.1), loss)
    done = 0
    for upto in steps:
        part = (upto - done) * 32
        order = np.resize(np.arange(len(x)), part + done * 32)[done * 32 :]
        losses, watch = first_losses(tf)
        model.fit(x[order], y[order], batch_size=32, verbose=0, callbacks=[watch])
        if not done:
            found["first losses/normalized, two layers"] = losses
        done = upto
        moving, by_batch = measured(model)
        found[f"loss after/{upto} steps, moving averages"] = moving
        found[f"loss after/{upto} steps, batch statistics"] = by_batch
    for kind in KINDS:
        for size in sizes:
            tested: list[float] = []
            for repeat in range(repeats):
                tf.keras.utils.set_random_seed(seed + repeat)
                model = stack(tf, kind, 2, width=64)
                model.compile(tf.keras.optimizers.SGD(0.05), loss)
                order = np.resize(np.arange(len(x)), steps[-1] * size)
                losses, watch = first_losses(tf, FIRST if size > 2 else 1)
                model.fit(x[order], y[order], batch_size=size, verbose=0, callbacks=[watch])
                found[f"first losses/{kind}, batches of {size}, training {repeat + 1}"] = losses
                tested.append(measured(model)[0])
            found[f"loss with batches/{kind}, {size}"] = float(np.median(tested))
    return found


def experiment(
    tf: Any,
    seed: int = 0,
    tell: Tell = quiet,
    nudge: int = 0,
    depth: int = 20,
    epochs: int = 4,
    grid: tuple[float, ...] = RATES,
    points: int = 12,
    steps: tuple[int, ...] = (10, 30, 100, 300),
    sizes: tuple[int, ...] = SIZES,
    repeats: int = 3,
) -> dict[str, Any]:
    """Scales through a deep stack; learning rates that train; two explanations; the costs.

    Args:
        tf: scratchnet or TensorFlow.
        seed: of weights and order.
        tell: called with a line on each part.
        nudge: digits that are off by some roundings, see `digits`.
        depth: of the stack.
        epochs: of each short training.
        grid: the learning rates.
        points: of the training at which the explanations are measured.
        steps: after how many the costs are measured.
        sizes: of batches, of which the cost is measured.
        repeats: trainings with each size; their loss is the median.
    """
    tell(Text("the scale of activations and gradients", "激活与梯度的尺度"))
    numbers = scales(tf, seed, nudge, depth)
    tell(Text("learning rates", "学习率"))
    numbers |= rates(tf, seed, nudge, depth, epochs, grid)
    tell(Text("the two explanations", "两种解释"))
    numbers |= explanations(tf, seed, nudge, SHALLOW, points, rate=0.1)
    numbers |= explanations(tf, seed, nudge, depth, points, rate=0.01)
    tell(Text("the costs", "代价"))
    return numbers | costs(tf, seed, nudge, steps, sizes, repeats)


def growth(run: Run, kind: str, gain: float) -> float:
    """By what the gradient grows from one layer to the one in front of it, on average."""
    sizes = run[f"gradients {kind} {gain}/log10"]
    return float(10 ** ((sizes[0] - sizes[-1]) / (len(sizes) - 1)))


def largest_rate(run: Run, kind: str, gain: float, below: float = LEARNED) -> float | None:
    """The largest learning rate with which the stack had a loss below that; None if with none."""
    prefix = f"loss at a rate/{kind}, {gain}, "
    losses = {
        float(k.removeprefix(prefix)): v for k, v in run.numbers.items() if k.startswith(prefix)
    }
    return max((rate for rate, loss in losses.items() if loss < below), default=None)


def largest_rates(run: Run, kind: str, gain: float) -> tuple[float | None, float | None]:
    """The largest rates with which the stack learned for sure, and with which it may have."""
    return largest_rate(run, kind, gain), largest_rate(run, kind, gain, UNDECIDED)


def better(run: Run) -> bool:
    """Whether the normalized stack learned at a larger rate, with each initialization."""
    return all(
        (largest_rates(run, "normalized", gain)[0] or 0)
        > (largest_rates(run, "plain", gain)[1] or 0)
        for gain in GAINS
    )


def _rate(run: Run, kind: str, gain: float) -> str:
    """A largest rate, and with a question mark a larger one that is undecided."""
    sure, perhaps = largest_rates(run, kind, gain)
    said = "–" if sure is None else f"{sure:g}"
    return said if perhaps == sure else f"{said} ({perhaps:g}?)"


def _answer(run: Run) -> Text:
    found = [_rate(run, "normalized", gain) for gain in GAINS]
    plain = [_rate(run, "plain", gain) for gain in GAINS]
    shown, which = better(run), _which(run)
    claim = Text(
        "Because a deep stack then <b>learns within 48 steps</b>, with large learning rates, "
        "whatever scale its weights begin with. "
        if shown
        else "Because a deep stack then often learns with larger rates, and depends less on the "
        "scale its weights begin with; with this seed not at each of three scales. ",
        "因为这样一来，很深的网络<b>在 48 步之内就能学习</b>，可以用大学习率，而且不管权重的"
        "初始尺度。"
        if shown
        else "因为这样一来，很深的网络往往可以用更大的学习率，也较少依赖权重的初始尺度；但用这"
        "个种子时，并非三种尺度都如此。",
    )
    return Text(
        claim.en + "In 20 layers, with initial weights 0.8, 1 and 1.25 times He's (who draws them "
        "with the variance 2/n for n inputs, as suits ReLU), the largest of eight rates that "
        f"learned within 48 steps, to a loss below {LEARNED:g}, was {', '.join(found)} with it and "
        f"{', '.join(plain)} without (–: none; in brackets a larger one that is undecided, with a "
        f"loss up to {UNDECIDED:g}). It does <b>not</b> make gradients equal through depth: they "
        "grow by "
        f"{growth(run, 'normalized', 1.0):.2f} per layer here. {which.en}",
        claim.zh
        + "20 层，初始权重为 He 初始化（n 个输入时方差为 2/n，适合 ReLU）的 0.8、1 和 1.25 倍"
        "时，试过的八个学习率中 48 步之内能学习（损失降到 "
        f"{LEARNED:g} 以下）的最大的一个，有它时是 {'、'.join(found)}，没有时是 "
        f"{'、'.join(plain)}（–：没有；括号里是更大的、难以判定的，损失不超过 {UNDECIDED:g}）。"
        "但它<b>不会</b>使梯度在各层相等：这里每往前一层增大 "
        f"{growth(run, 'normalized', 1.0):.2f} 倍。{which.zh}",
    )


def _scale_plots(run: Run, what: str, title: Text) -> list[str]:
    words = {"plain": Text("without", "无"), "normalized": Text("with", "有")}
    depth = len(run[f"{what} plain 1.0/log10"])
    series = [
        Series(
            Text(f"{words[kind].en}, {gain} × He", f"{words[kind].zh}，{gain} × He"),
            [float(i) for i in range(1, depth + 1)],
            [10.0**v for v in run[f"{what} {kind} {gain}/log10"]],
            kind == "normalized",
            GAINS.index(gain),
        )
        for kind in KINDS
        for gain in GAINS
    ]
    return [lines(title, series, Text("layer", "层"), log_y=True)]


SMALLER = Text("smaller with it", "有它更小")
LARGER = Text("larger with it", "有它更大")


def _compare(a: float, b: float) -> Text:
    """What is said of two numbers of a row, the one without and the one with."""
    if b < SAME * a:
        return SMALLER
    if a < SAME * b:
        return LARGER
    return Text("about the same", "差不多")


def _shifts(run: Run, name: str, depth: int) -> tuple[float, float]:
    """One of the three measures, without normalization and with it."""
    a, b = (float(run[f"shift {name}/{kind}, {depth} layers"]) for kind in KINDS)
    return a, b


def _measured(run: Run) -> dict[int, list[Text]]:
    """What the three measures say, by the depth of the stack."""
    return {
        depth: [_compare(*_shifts(run, name, depth)) for name in MEASURES]
        for depth in (SHALLOW, DEEP)
    }


def _flips(run: Run) -> dict[int, tuple[Text, Text]]:
    """Where the gradient's shift, divided by its norm and undivided, says unlike things."""
    words = {
        depth: tuple(
            _compare(*_shifts(run, name, depth)) for name in ("gradient", "gradient, absolute")
        )
        for depth in (SHALLOW, DEEP)
    }
    return {depth: (a, b) for depth, (a, b) in words.items() if a != b}


def _which(run: Run) -> Text:
    """What the measures, taken together, say of the two explanations, in a sentence or two."""
    said = _which_of_measures(run)
    if not _flips(run):
        return said
    return Text(
        f"{said.en} For the shift of the gradient it also depends on whether that is divided by "
        "the gradient's norm, as here, or not, as in its definition.",
        f"{said.zh}对梯度的偏移，还取决于是否除以梯度的范数：这里除以，原定义不除。",
    )


def _which_of_measures(run: Run) -> Text:
    """What the three measures say of the two explanations, in a sentence."""
    said = _measured(run)
    less = {depth: [word == SMALLER for word in words] for depth, words in said.items()}
    if less[SHALLOW] == less[DEEP]:
        if all(less[DEEP]):
            return Text(
                "Both explanations, less shift of the inputs and a smoother loss, are borne out.",
                "两种解释，即输入的偏移更小和损失更平滑，都得到了证实。",
            )
        if not any(less[DEEP]):
            return Text(
                "Neither explanation, less shift of the inputs or a smoother loss, is borne out.",
                "两种解释，即输入的偏移更小和损失更平滑，都没有得到证实。",
            )
        return Text(
            "And which explanation is right depends on what is measured.",
            "至于哪种解释正确，取决于测量的是什么。",
        )
    if all(len(set(some)) == 1 for some in less.values()):
        return Text(
            "And whether the explanations hold, less shift of the inputs and a smoother loss, "
            f"depends on the network: both do in {SHALLOW if all(less[SHALLOW]) else DEEP} layers "
            f"and neither does in {DEEP if all(less[SHALLOW]) else SHALLOW}.",
            "至于两种解释（输入的偏移更小、损失更平滑）是否成立，取决于网络："
            f"{SHALLOW if all(less[SHALLOW]) else DEEP} 层时都成立，"
            f"{DEEP if all(less[SHALLOW]) else SHALLOW} 层时都不成立。",
        )
    return Text(
        "And which explanation is right depends on what is measured, and in which network.",
        "至于哪种解释正确，取决于测量的是什么，以及在哪个网络里测量。",
    )


def _explained(run: Run) -> Text:
    """What the three measures, in both stacks, say of the two explanations."""
    said = _measured(run)
    en = (
        "The first two lines of each three measure internal covariate shift, in two ways; the "
        "third measures smoothness. "
    )
    zh = "每三行中，前两行以两种方式测量内部协变量偏移，第三行测量平滑程度。"
    for depth, words in said.items():
        less = [word == SMALLER for word in words]
        if less[0] and less[1]:
            shift = Text("the shift is smaller by both measures", "按两种方式，偏移都更小")
        elif less[0] or less[1]:
            shift = Text(
                "the shift is smaller by one of the measures only "
                f"(the inputs': {words[0].en}; the gradient's: {words[1].en})",
                f"只有一种方式测得偏移更小（输入的：{words[0].zh}；梯度的：{words[1].zh}）",
            )
        else:
            shift = Text("the shift is smaller by neither measure", "两种方式测得的偏移都没有变小")
        smooth = {
            SMALLER: Text("the loss is smoother", "损失更平滑"),
            LARGER: Text("the loss is less smooth", "损失更不平滑"),
        }.get(words[2], Text("the loss is about as smooth", "损失的平滑程度差不多"))
        en += f"In {depth} layers, with normalization, {shift.en}, and along a step {smooth.en}. "
        zh += f"{depth} 层时，有归一化，{shift.zh}；沿着一步，{smooth.zh}。"
    if said[DEEP][2] == LARGER:
        en += (
            "(The rate in 20 layers is one at which the plain stack can still be measured. The "
            "normalized stack's early gradients are large, see above, so the same rate is a "
            "larger step there.) "
        )
        zh += (
            "（20 层时所用的学习率，是普通网络还能测量的学习率。归一化网络前面几层的梯度很大，"
            "见上，所以同样的学习率在那里是更大的一步。）"
        )
    if said[SHALLOW] != said[DEEP]:
        en += (
            "What is found of one network does not hold of the other: such a claim is worth as "
            "much as the network that it was measured on."
        )
        zh += "一个网络上的结果在另一个上不成立：这类结论的价值，取决于它是在什么网络上测的。"
    else:
        en += "Both networks say the same here; two networks and one seed are few."
        zh += "这里两个网络的结果相同；但两个网络、一个种子并不多。"
    return Text(en, zh)


def _undivided(run: Run) -> Text:
    """What is divided by what in the measures; and whether the plain stack learns at all."""
    n = run.numbers
    few, many = (
        [float(n[f"shift gradient, absolute/{kind}, {depth} layers"]) for kind in KINDS]
        for depth in (SHALLOW, DEEP)
    )
    said = Text(
        "The changes of gradients are divided by the gradient's norm here, since the gradients of "
        "the two networks are not of one size. Definition 2.1 does not divide: so measured, the "
        f"gradient's shift is {few[0]:.2g} without and {few[1]:.2g} with normalization in "
        f"{SHALLOW} layers, {many[0]:.2g} and {many[1]:.2g} in {DEEP}.",
        "这里梯度的改变都除以梯度的范数，因为两个网络的梯度大小不同。定义 2.1 不作除法：那样测，"
        f"梯度的偏移在 {SHALLOW} 层时无归一化是 {few[0]:.2g}、有归一化是 {few[1]:.2g}，"
        f"{DEEP} 层时是 {many[0]:.2g} 和 {many[1]:.2g}。",
    )
    for depth, (divided, whole) in _flips(run).items():
        said = Text(
            f"{said.en} In {depth} layers that is another verdict: “{whole.en}” in place of "
            f"“{divided.en}”.",
            f"{said.zh}{depth} 层时结论因此不同：不是“{divided.zh}”，而是“{whole.zh}”。",
        )
    loss = float(n["loss at a rate/plain, 1.0, 0.01"])
    if loss < UNDECIDED:  # it learned, or may have
        return said
    return Text(
        said.en + f" And at the rate 0.01 the plain stack of {DEEP} layers hardly learns: above, "
        f"its loss after 48 steps is {loss:.3f}, where chance has {math.log(10):.3f}. So part of "
        "what makes its changes small is that it stands still.",
        said.zh + f"另外，学习率为 0.01 时，{DEEP} 层的普通网络几乎没有学习：上面它 48 步之后的"
        f"损失是 {loss:.3f}，随机猜测是 {math.log(10):.3f}。所以它的改变小，部分原因是它停在"
        "原地。",
    )


def _plain_ahead(run: Run) -> Text:
    """Where the plain stack had the lower loss after so many steps, clearly."""
    ahead = {
        gain: [
            f"{rate:g}"
            for rate in RATES
            if run[f"loss at a rate/plain, {gain}, {rate}"]
            < (1 - CLEARLY) * run[f"loss at a rate/normalized, {gain}, {rate}"]
            and run[f"loss at a rate/plain, {gain}, {rate}"] < LEARNED
        ]
        for gain in GAINS
    }
    listed = {gain: ", ".join(rates) for gain, rates in ahead.items() if rates}
    if not listed:
        return Text(
            f"At no rate had the plain stack learned (a loss below {LEARNED:g}) and was ahead by "
            f"{CLEARLY:.0%} after these steps.",
            f"这些步之后，普通网络在任何学习率下都没有既学会"
            f"（损失低于 {LEARNED:g}）又领先 {CLEARLY:.0%}。",
        )
    return Text(
        "Large rates are not everything: at small ones the plain stack may be ahead after these "
        f"steps. It learned, to a loss below {LEARNED:g}, one lower by {CLEARLY:.0%} and more, at "
        + "; ".join(f"{rates} with {gain} × He" for gain, rates in listed.items())
        + ".",
        "大学习率并非一切：学习率小时，这些步之后普通网络可能领先。它学到了东西（损失低于 "
        f"{LEARNED:g}）且损失低 {CLEARLY:.0%} 以上的有："
        + "；".join(f"{gain} × He 时的 {rates}" for gain, rates in listed.items())
        + "。",
    )


def _apart(run: Run) -> float:
    """How far apart the curves of the three initializations are with normalization, relatively."""
    rows = [
        [run[f"{what} normalized {gain}/log10"] for gain in GAINS]
        for what in ("activations", "gradients")
    ]
    return float(10 ** np.ptp(rows, axis=1).max()) - 1


def _sections(run: Run) -> list[str]:
    n = run.numbers
    first, last = (10 ** n["activations plain 1.0/log10"][i] for i in (0, -1))
    ends = [10 ** n[f"activations plain {gain}/log10"][-1] for gain in (GAINS[0], GAINS[-1])]
    undivided = _undivided(run)
    rates_by_kind = {
        kind: [
            Series(
                Text(f"{gain} × He", f"{gain} × He"),
                list(RATES),
                [n[f"loss at a rate/{kind}, {gain}, {rate}"] for rate in RATES],
            )
            for gain in GAINS
        ]
        for kind in KINDS
    }
    measures = (
        (
            "inputs",
            Text(
                "internal covariate shift as Ioffe and Szegedy (2015) describe it: how far the "
                "means of the middle layer's inputs move in one step, in standard deviations",
                "Ioffe、Szegedy（2015）所说的内部协变量偏移：一步之内中间层输入的均值移动多少个标准差",
            ),
        ),
        (
            "gradient",
            Text(
                "internal covariate shift as Santurkar et al. (2018, definition 2.1) see it, but "
                "divided: the change of the middle layer's gradient by the step of the layers "
                "before it, relative to the gradient",
                "Santurkar 等（2018，定义 2.1）所说的内部协变量偏移，但作了除法：前面各层走一步后"
                "中间层梯度的改变，相对于梯度本身",
            ),
        ),
        (
            "along the step",
            Text(
                "smoothness (Santurkar et al. 2018): change of the whole gradient along itself, "
                "one to four steps on, relative to it (there undivided); smaller is smoother",
                "平滑程度（Santurkar 等 2018）：沿梯度走一到四步时整个梯度的相对改变"
                "（原文不作除法），"
                "越小越平滑",
            ),
        ),
    )
    rows: list[list[Text | str]] = []
    for depth, rate in ((SHALLOW, 0.1), (DEEP, 0.01)):
        for name, text in measures:
            a, b = _shifts(run, name, depth)
            where = Text(
                f"{depth} layers, rate {rate}: {text.en}", f"{depth} 层，学习率 {rate}：{text.zh}"
            )
            word = _compare(a, b)
            times = Text(f"{word.en} (× {b / a:.2g})", f"{word.zh}（× {b / a:.2g}）")
            rows.append([where, f"{a:.3g}", f"{b:.3g}", times])
    explained = _explained(run)
    steps = sorted(
        {int(k.partition("/")[2].partition(" ")[0]) for k in n if k.startswith("loss after/")}
    )
    sizes = list(SIZES)
    return [
        heading(Text("What it does", "它做什么")),
        para(
            Text(
                "For each unit, over the samples of a batch: the mean μ and the variance σ² of its "
                "values x are taken, and x becomes",
                "对每个单元，取一批样本上它的值 x 的均值 μ 和方差 σ²，再把 x 变成",
            )
        ),
        '<div class="written">y = γ · (x − μ) / √(σ² + ε) + β</div>',
        para(
            Text(
                "γ and β are trained, one of each per unit; they begin at 1 and 0; ε = 0.001 keeps "
                "the root from 0. For inference, μ and σ² are moving averages of those seen in "
                "training.",
                "γ 和 β 每个单元各一个，参与训练，从 1 和 0 开始；ε = 0.001 使根号不为 0。推理时，"
                "μ 和 σ² 用训练中所见的滑动平均。",
            )
        ),
        heading(Text("The scale of activations and gradients", "激活与梯度的尺度")),
        para(
            Text(
                "Twenty dense layers of 64 units with ReLU, 256 digits, before any "
                "training; the root mean square of each layer's output, and of the "
                "gradient by it. He's initialization keeps the mean square of the outputs from "
                "layer to layer on average over all draws; one draw of 64 units drifts: without "
                f"normalization from {first:.2g} in the first layer to {last:.2g} in the last, "
                "with this seed. With weights 0.8 or 1.25 times that, the last has "
                f"{ends[0]:.2g} or {ends[1]:.2g}.",
                "20 个 64 单元的全连接层，带 ReLU，256 幅数字，尚未训练；每层输出的均方根，"
                "以及损失对它的梯度的均方根。He 初始化使输出的均方逐层不变，这是对所有抽样的平均；"
                "只抽一次、64 个单元时会漂移：用这个种子，没有归一化时从第一层的 "
                f"{first:.2g} 到最后一层的 {last:.2g}。权重乘 0.8 或 1.25，最后一层是 "
                f"{ends[0]:.2g} 或 {ends[1]:.2g}。",
            )
        ),
        plots(
            _scale_plots(run, "activations", Text("activations, root mean square", "激活，均方根"))
            + _scale_plots(
                run,
                "gradients",
                Text("gradients by the activations, root mean square", "对激活的梯度，均方根"),
            ),
            Text(
                "With batch normalization (dashed) the three curves are at most "
                f"{_apart(run):.0%} apart: the mean and the variance of the batch take the "
                "weights' scale out. That holds forward and backward.",
                f"有批归一化时（虚线）三条曲线最多相差 {_apart(run):.0%}：批次的均值和方差消去了"
                "权重的尺度。前向和反向都是如此。",
            ),
        ),
        para(
            Text(
                "But look at the dashed lines of the gradients: they grow towards "
                f"the input, by {growth(run, 'normalized', 1.0):.2f} per layer, "
                f"{growth(run, 'normalized', 1.0) ** 19:.0f} times through 19 of them. "
                "Theory says √(π/(π − 1)) = 1.21 for wide layers with ReLU (Yang et al. "
                "2019): "
                "the backward pass multiplies by the slope of ReLU, whose mean square is "
                "1/2, and divides by the variance of its output, 1/2 − 1/(2π), since the "
                "mean is taken out. So normalization prevents vanishing here, not growth.",
                "但请看梯度的虚线：梯度朝输入方向每层增大 "
                f"{growth(run, 'normalized', 1.0):.2f} 倍，经过 19 层是 "
                f"{growth(run, 'normalized', 1.0) ** 19:.0f} 倍。理论值是 √(π/(π − 1)) = "
                "1.21（宽层、ReLU，Yang 等 2019）："
                "反向时乘以 ReLU 的斜率，其均方为 1/2，再除以其输出的方差 1/2 − 1/(2π)，因"
                "为均值被减掉了。所以归一化在这里防止的是消失，而不是增长。",
            )
        ),
        heading(Text("The largest learning rate that trains", "能训练的最大学习率")),
        plots(
            [
                lines(
                    Text("without: loss of the fourth epoch", "无：第四轮的损失"),
                    rates_by_kind["plain"],
                    Text("learning rate (SGD)", "学习率（SGD）"),
                    log_x=True,
                    low=0.5,
                    high=BEYOND,
                ),
                lines(
                    Text("with batch normalization", "有批归一化"),
                    rates_by_kind["normalized"],
                    Text("learning rate (SGD)", "学习率（SGD）"),
                    log_x=True,
                    low=0.5,
                    high=BEYOND,
                ),
            ],
            Text(
                "Twenty layers of 32 units, 48 steps with batches of 128. Chance is ln 10 "
                "= 2.30; at 3.0 is what went beyond or became NaN.",
                "20 层，每层 32 单元，48 步，批大小 128。随机猜测是 ln 10 = 2.30；画在 3.0 "
                "处的超出了范围或变成了 NaN。",
            ),
        ),
        table(
            [
                Text(
                    f"largest rate with a loss below {LEARNED:g} (in brackets: below "
                    f"{UNDECIDED:g})",
                    f"损失低于 {LEARNED:g} 的最大学习率（括号里：低于 {UNDECIDED:g}）",
                ),
                *[f"{gain} × He" for gain in GAINS],
            ],
            [
                [
                    Text("without", "无"),
                    *[_rate(run, "plain", gain) for gain in GAINS],
                ],
                [
                    Text("with batch normalization", "有批归一化"),
                    *[_rate(run, "normalized", gain) for gain in GAINS],
                ],
            ],
        ),
        para(
            Text(
                "Each of the eight rates is about three times the one before it, so a limit is "
                "known to that factor only. In brackets with a question mark stands a larger rate "
                f"with a loss of {LEARNED:g} to {UNDECIDED:g}: undecided. A dash: none.",
                "八个学习率依次约为前一个的三倍，所以界限只精确到这个倍数。括号里带问号的是更大的"
                f"学习率，其损失在 {LEARNED:g} 到 {UNDECIDED:g} 之间：难以判定。横线：没有。",
            )
        ),
        para(_plain_ahead(run)),
        heading(Text("Why? Two explanations, measured", "为什么？两种解释，都测一测")),
        para(
            Text(
                "Ioffe and Szegedy: the distribution of a layer's inputs shifts while the "
                "layers before it learn (internal covariate shift), and normalization "
                "reduces that. Santurkar et al.: no, the loss becomes smoother, so that a "
                "gradient foretells the next better. Measured at twelve steps of a "
                "training, on a batch of 128; medians. The middle layer is the third of five, the "
                "eleventh of twenty.",
                "Ioffe 和 Szegedy：前面的层在学习时，某一层输入的分布会移动（内部协变量偏移"
                "），归一化减少了这种移动。Santurkar 等：不是，而是损失变得更平滑，所以梯度"
                "能更好地预示下一步。在训练的十二步上测量，每批 128 幅，取中位数。中间层是五层中的"
                "第三层、二十层中的第十一层。",
            )
        ),
        table(["", Text("without", "无"), Text("with", "有"), ""], rows),
        para(
            Text(
                f"About the same: the smaller of the two is {SAME:g} of the larger or more. That "
                "is a bound set by hand, for medians of twelve steps with one seed; a factor near "
                "it decides nothing.",
                f"差不多：两数中较小的不小于较大的 {SAME:g} 倍。这是人为定的界限，针对一个种子、"
                "十二步的中位数；接近它的倍数说明不了什么。",
            )
        ),
        para(
            Text(
                explained.en,
                explained.zh,
            )
        ),
        para(undivided),
        heading(Text("What it costs", "代价是什么")),
        plots(
            [
                lines(
                    Text(
                        "test loss of one network, measured in two ways",
                        "同一网络的测试损失，两种测法",
                    ),
                    [
                        Series(
                            Text(name_en, name_zh),
                            [float(s) for s in steps],
                            [n[f"loss after/{s} steps, {key}"] for s in steps],
                        )
                        for key, name_en, name_zh in (
                            (
                                "moving averages",
                                "by moving averages (inference)",
                                "用滑动平均（推理）",
                            ),
                            (
                                "batch statistics",
                                "by the statistics of the 300 test images",
                                "用 300 幅测试图像自己的统计量",
                            ),
                        )
                    ],
                    Text("steps of training", "训练步数"),
                    log_x=True,
                    ticks=[float(s) for s in steps],
                    low=0.0,
                ),
                lines(
                    Text(
                        "test loss after 300 steps, by batch size", "300 步后的测试损失，按批大小"
                    ),
                    [
                        Series(
                            text,
                            [float(s) for s in sizes],
                            [n[f"loss with batches/{kind}, {s}"] for s in sizes],
                        )
                        for kind, text in (
                            ("plain", Text("without", "无")),
                            ("normalized", Text("with batch normalization", "有批归一化")),
                        )
                    ],
                    Text("images in a batch", "每批图像数"),
                    log_x=True,
                    ticks=[float(s) for s in sizes],
                    low=0.0,
                ),
            ],
            Text(
                "Two hidden layers of 64 units. In the first figure the moving averages of Keras "
                "begin at mean 0 and variance 1 and take one hundredth of each batch, so after "
                "few steps they are far from what the network was trained with. The second, "
                "medians of three trainings: with two images in a batch, mean and variance are "
                "mostly noise.",
                "两个 64 单元的隐藏层。第一幅图：Keras 的滑动平均从均值 0、方差 1 开始，每批只取"
                "百分之一，所以步数少时与训练所用的相差很大。第二幅图是三次训练的中位数：每批两幅图像时，均值和方差"
                "大半是噪声。",
            ),
        ),
        bullets(
            [
                Text(
                    "Training and inference are two functions. The output of a sample "
                    "depends on the others of its batch in one and not in the other.",
                    "训练和推理是两个不同的函数。前者中一个样本的输出取决于同批的其他样本，"
                    "后者则不然。",
                ),
                Text(
                    f"After {steps[0]} steps the same weights have a loss of "
                    f"{n[f'loss after/{steps[0]} steps, batch statistics']:.2f} by batch "
                    "statistics and "
                    f"{n[f'loss after/{steps[0]} steps, moving averages']:.2f} by moving "
                    f"averages; after {steps[-1]}, "
                    f"{n[f'loss after/{steps[-1]} steps, batch statistics']:.2f} and "
                    f"{n[f'loss after/{steps[-1]} steps, moving averages']:.2f}.",
                    f"{steps[0]} 步之后，同一组权重用批统计量的损失是 "
                    f"{n[f'loss after/{steps[0]} steps, batch statistics']:.2f}，用滑动平均"
                    f"是 {n[f'loss after/{steps[0]} steps, moving averages']:.2f}；"
                    f"{steps[-1]} 步之后分别是 "
                    f"{n[f'loss after/{steps[-1]} steps, batch statistics']:.2f} 和 "
                    f"{n[f'loss after/{steps[-1]} steps, moving averages']:.2f}。",
                ),
                Text(
                    "With two images in a batch: "
                    f"{n['loss with batches/normalized, 2']:.2f} with normalization, "
                    f"{n['loss with batches/plain, 2']:.2f} without; with 64, "
                    f"{n['loss with batches/normalized, 64']:.2f} and "
                    f"{n['loss with batches/plain, 64']:.2f}.",
                    f"每批两幅图像：有归一化 {n['loss with batches/normalized, 2']:.2f}，没"
                    f"有 {n['loss with batches/plain, 2']:.2f}；每批 64 幅："
                    f"{n['loss with batches/normalized, 64']:.2f} 和 "
                    f"{n['loss with batches/plain, 64']:.2f}。",
                ),
            ]
        ),
    ]


def _notebook(run: Run) -> list[Text]:
    return [
        Text(
            "Its three points, larger learning rates, no vanishing or exploding, less "
            "dependence on initialization, are what is commonly said. "
            + (
                "The first and the third are borne out above."
                if better(run)
                else "With this seed the first and the third do not show at all three scales."
            ),
            "它的三点——更大的学习率、不消失也不爆炸、少依赖初始化——是通常的说法。"
            + (
                "第一点和第三点在上面得到了证实。"
                if better(run)
                else "用这个种子时，第一点和第三点并非在三种尺度上都看得到。"
            ),
        ),
        Text(
            "The second is half right: activations keep their scale and gradients do not "
            f"vanish, but they grow, by {growth(run, 'normalized', 1.0):.2f} per layer at "
            "initialization.",
            "第二点只对了一半：激活保持尺度，梯度不消失，但会增长，初始化时每层 "
            f"{growth(run, 'normalized', 1.0):.2f} 倍。",
        ),
        Text(
            "“It makes the response of each layer standard normal”: it sets two numbers, "
            "mean and variance, and the shape stays what it was; then γ and β move "
            "both away from 0 and 1 again, as far as training wants. ",
            "“直接对网络层构造标准正态分布的响应”：它只设定两个数，均值和方差，分布的形状不"
            "变；之后 γ 和 β 又会按训练的需要把两者从 0 和 1 移开。",
        ),
        Text(
            "“So that the solution space becomes smoother”: that is Santurkar's "
            "explanation, told as a consequence of Ioffe and Szegedy's, which it was "
            "written against.",
            "“使优化过程中的解空间更平滑”：这是 Santurkar 的解释，却被当作 Ioffe 和 "
            "Szegedy 解释的结果；而前者正是为反驳后者而写的。",
        ),
    ]


def _refutation(run: Run) -> list[Text]:
    return [
        Text(
            "A plain stack of twenty layers that learns, in as many steps, at the rates at "
            "which the normalized one does, with all three initializations.",
            "如果 20 层的普通网络用同样的步数、同样的学习率、三种初始化都能学习。",
        ),
        Text(
            "Gradients of equal size through a normalized stack without residual "
            "connections, at initialization and in wide layers.",
            "如果没有残差连接的归一化网络，在初始化时、层很宽时，各层梯度大小相等。",
        ),
    ]


def _microscope(tf: Any) -> tuple[Any, Text]:
    model = stack(tf, "normalized", 6, width=16)
    model.compile("sgd", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    (x, labels), _ = digits()
    return tf.trace(model, x[:16], labels[:16]), Text(
        "A step of six normalized layers with a batch of 16. Choose “Why are the early "
        "layers' gradients smaller?”: here they are not.",
        "六个归一化层、批大小 16 的一步。点击“为什么前面各层的梯度更小？”：在这里它们并不更小。",
    )


_HE = (
    "K. He, X. Zhang, S. Ren, J. Sun: <i>Delving deep into rectifiers</i>. ICCV 2015, "
    f"{arxiv('1502.01852')}"
)

BATCH_NORMALIZATION = Study(
    name="batch-normalization",
    title=Text("Why batch normalization?", "为什么用批归一化？"),
    question=Text(
        "4. Why we use batch normalization?",
        "4. 我们为什么使用批归一化（batch normalization）？",
    ),
    experiment=experiment,
    answer=_answer,
    sections=_sections,
    notebook=_notebook,
    refutation=_refutation,
    code=(
        stack,
        scales,
        fresh,
        first_losses,
        rates,
        step_functions,
        explanations,
        costs,
        experiment,
    ),
    sources=(
        "S. Ioffe, C. Szegedy: <i>Batch normalization: accelerating deep network training "
        f"by reducing internal covariate shift</i>. ICML 2015, {arxiv('1502.03167')}.",
        "S. Santurkar, D. Tsipras, A. Ilyas, A. Madry: <i>How does batch normalization "
        f"help optimization?</i> NeurIPS 2018, {arxiv('1805.11604')}.",
        "G. Yang, J. Pennington, V. Rao, J. Sohl-Dickstein, S. S. Schoenholz: <i>A mean "
        f"field theory of batch normalization</i>. ICLR 2019, {arxiv('1902.08129')}.",
        Text(f"{_HE}: the initialization.", f"{_HE}：初始化方法。"),
    ),
    microscope=_microscope,
    again="nudged",
    late=(
        ("loss at a rate/plain, 0.8",),
        ("loss at a rate/plain, 1.0", "loss at a rate/plain, 1.25"),
        ("loss at a rate/normalized",),
        ("shift ",),
        ("loss with batches/normalized, 2", "loss with batches/normalized, 4"),
        ("loss with batches/", "loss after/30", "loss after/100"),
    ),
    picture=1,
)
