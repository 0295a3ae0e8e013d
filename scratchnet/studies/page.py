"""The page of a study: one HTML file that needs nothing else, of the make of the microscope's."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.explain.options import LANGUAGES
from scratchnet.explain.page import FOLDER as MICROSCOPE
from scratchnet.explain.page import filled
from scratchnet.explain.page import html as microscope_page
from scratchnet.studies.agreement import Line, compare, named
from scratchnet.studies.figures import both
from scratchnet.studies.on_tensorflow import NUDGES
from scratchnet.studies.study import Run, Study, Text, Witness, without_elements
from scratchnet.version import SCRATCHNET_VERSION

FOLDER = Path(__file__).parent / "assets"
NAME = f"scratchnet {SCRATCHNET_VERSION}"
INDEX = "index.html"
_FIGURE = re.compile(r'<div class="plot".*?</div>', re.S)  # there is no division inside one
SITE_TITLE = Text("Six questions about networks", "关于神经网络的六个问题")


def html(run: Run, lang: str = "en", site: Sequence[Study] = ()) -> str:
    """The page of a run.

    Args:
        run: of a study.
        lang: "en" or "zh", the language that it opens in.
        site: the studies whose pages lie beside it, and an index; its links go there.

    Raises:
        ValueError: another language.

    >>> from scratchnet.studies import run
    >>> page = html(run("parameters", witnesses=False), lang="zh")
    >>> page.count("<html lang=\\"zh\\">")
    1
    """
    study = run.study
    body = [
        f'<div class="asked">{para(study.question)}</div>',
        f'<div class="claim">{para(study.answer(run))}</div>',
        *study.sections(run),
        heading(Text("What the notebook answered", "笔记本里原来的回答")),
        *[para(text) for text in study.notebook(run)],
        heading(Text("What would show this wrong", "什么结果会推翻上面的结论")),
        bullets(study.refutation(run)),
        *_beside(run),
        heading(Text("The code that made the numbers", "得到这些数字的代码")),
        para(
            Text(
                "The same function runs on both libraries: <code>tf</code> is scratchnet "
                "or TensorFlow.",
                "同一个函数在两个库上运行：<code>tf</code> 是 scratchnet 或 TensorFlow。",
            )
        ),
        source(study.code),
        *_microscope(run),
        heading(Text("Sources", "文献与出处")),
        bullets([Text(s, s) if isinstance(s, str) else s for s in study.sources]),
    ]
    return assemble(study.title, body, _foot(run), lang, _site(site, study))


def assemble(title: Text, body: Sequence[str], foot: str, lang: str = "en", site: str = "") -> str:
    """A page from its parts.

    Raises:
        ValueError: another language than "en" or "zh".
    """
    if lang not in LANGUAGES:
        raise ValueError(say("html", "lang", "must be en or zh", lang))
    parts = {
        "{{lang}}": lang,
        "{{title}}": escape(getattr(title, lang)),
        "{{style}}": _asset(MICROSCOPE / "page.css") + _asset(FOLDER / "study.css"),
        "{{site}}": site,
        "{{heading}}": f"<p>scratchnet study</p><h1>{both(title)}</h1>",
        "{{body}}": "\n".join(body),
        "{{footer}}": foot,
        "{{script}}": _asset(FOLDER / "study.js"),
    }
    return filled(FOLDER / "study.html", parts)


def _asset(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# -- the parts of a page ---------------------------------------------------------------------------


def heading(text: Text) -> str:
    """The heading of a section."""
    return f"<h2>{both(text)}</h2>"


def para(text: Text) -> str:
    """A paragraph."""
    return both(text, "p") if text.en != text.zh else f"<p>{text.en}</p>"


def bullets(texts: Sequence[Text]) -> str:
    """A list."""
    return "<ul>" + "".join(f"<li>{both(text)}</li>" for text in texts) + "</ul>"


def plots(figures: Sequence[str], caption: Text | None = None) -> str:
    """Figures beside each other, and what is to be seen in them."""
    below = "" if caption is None else f'<p class="caption">{both(caption)}</p>'
    return f'<div class="plots">{"".join(figures)}{below}</div>'


def table(
    head: Sequence[Text | str], rows: Sequence[Sequence[Text | str]], caption: Text | None = None
) -> str:
    """A table; the first column are words, the others numbers."""

    def cell(what: Text | str, tag: str) -> str:
        return f"<{tag}>{both(what) if isinstance(what, Text) else what}</{tag}>"

    above = "" if caption is None else f"<caption>{both(caption)}</caption>"
    first = "".join(cell(what, "th") for what in head)
    rest = "".join(f"<tr>{''.join(cell(what, 'td') for what in row)}</tr>" for row in rows)
    return (
        f'<div class="wide"><table class="numbers">{above}<thead><tr>{first}</tr></thead>'
        f"<tbody>{rest}</tbody></table></div>"
    )


def code(text: str) -> str:
    """Lines of Python."""
    return f"<pre><code>{escape(textwrap.dedent(text).strip())}</code></pre>"


def doi(name: str) -> str:
    """A link to a paper."""
    return f'<a href="https://doi.org/{name}">doi:{name}</a>'


def arxiv(name: str) -> str:
    """A link to a preprint.

    >>> arxiv("1904.11486")
    '<a href="https://arxiv.org/abs/1904.11486">arXiv:1904.11486</a>'
    """
    return f'<a href="https://arxiv.org/abs/{name}">arXiv:{name}</a>'


def source(functions: Sequence[Callable[..., Any]]) -> str:
    """The source of functions, as it is shipped and as it ran."""
    return code("\n\n".join(inspect.getsource(function).rstrip() for function in functions))


# -- TensorFlow's numbers beside ours --------------------------------------------------------------

FEW = 14  # lines that a table shows unfolded
SHORT = 6  # numbers of a list that a table shows whole


def verdict(lines: Sequence[Line]) -> Text:
    """How many of our numbers are TensorFlow's.

    >>> line = Line("sum", 1.0, 1.0, difference=0.0, allowed=0.1, agrees=True)
    >>> verdict([line]).en
    'All 1 numbers agree.'
    >>> late = Line("loss/…", None, None, difference=0.0, allowed=0.1, agrees=True, count=8)
    >>> verdict([line, late]).en
    'All 1 numbers agree; and so do 8 of whole trainings, compared together.'
    >>> wrong = Line("sum/…", None, None, difference=0.2, allowed=0.1, agrees=False, count=2)
    >>> verdict([line, late, wrong]).en.partition("; ")[2]
    '8 of 10 of whole trainings, compared by kind, do; further apart than is allowed: sum/….'
    """
    alone = [line for line in lines if line.allowed is not None and not line.count]
    kinds = [line for line in lines if line.count]
    wrong = [line.name for line in lines if not line.agrees]
    good, late = sum(line.agrees for line in alone), sum(line.count for line in kinds)
    together = sum(line.count for line in kinds if line.agrees)
    if good < len(alone):
        said = Text(f"{good} of {len(alone)} numbers agree", f"{len(alone)} 项数字中 {good} 项一致")
    elif together < late:
        said = Text(
            f"All {good} numbers that are compared one by one agree",
            f"逐项比较的 {good} 项数字全部一致",
        )
    else:
        said = Text(f"All {good} numbers agree", f"全部 {good} 项数字一致")
    if together < late:
        said = Text(
            f"{said.en}; {together} of {late} of whole trainings, compared by kind, do",
            f"{said.zh}；来自整个训练的 {late} 项按类比较，{together} 项一致",
        )
    elif late:
        said = Text(
            f"{said.en}; and so do {late} of whole trainings, compared together"
            if good == len(alone)
            else f"{said.en}; {late} of whole trainings, compared together, do",
            f"{said.zh}；来自整个训练的 {late} 项放在一起比较，也一致",
        )
    if wrong:
        names = ", ".join(wrong[:5]) + (" …" if len(wrong) > 5 else "")
        said = Text(
            f"{said.en}; further apart than is allowed: {names}",
            f"{said.zh}；超出允许的范围：{names}",
        )
    return Text(f"{said.en}.", f"{said.zh}。")


def _mark(line: Line) -> str:
    if line.allowed is None:
        return "–"
    return '<span class="yes">✓</span>' if line.agrees else '<span class="no">✗</span>'


def _rule(run: Run, kinds: Sequence[Line]) -> Text:
    """What is compared, how, and what is not."""
    rule = Text(
        "The rule: within 1e-5, relatively (of a list, of its largest number)",
        "判定规则：相对误差不超过 1e-5（列表则相对于其中最大的数）",
    )
    if run.study.again == "nudged":
        rule = Text(
            f"{rule.en}, or within twice TensorFlow's spread of that very number. Its spread is "
            f"how far it was from itself, at most, in {NUDGES} runs on images that were off, pixel "
            "by pixel and at random, by up to 32 roundings of float32, which is what those of a "
            "thousand steps add up to; it was recorded with the seed 0, and is given relatively",
            f"{rule.zh}，或不超过 TensorFlow 在该数上的离散程度的两倍。离散程度是它在逐像素随机偏离"
            f"至多 32 个 float32 舍入单位（相当于一千步舍入误差的累积）的图像上运行 {NUDGES} 次时与"
            "自己的最大差距，用种子 0 记录，按相对值使用",
        )
    rule = Text(
        f"{rule.en}. Whole numbers, NaN and infinity must be the same.",
        f"{rule.zh}。整数、NaN 和无穷必须完全相同。",
    )
    if run.study.again == "nudged":
        rule = Text(
            f"{rule.en} The constants, 1e-5 and twice, are those that <code>scratchnet twin</code> "
            "has for the loss of an epoch. The spread is made otherwise: the twin's is that of one "
            "other run, with oneDNN's kernels and with every layer's output off by a unit in the "
            "last place; and the twin judges tensors by ten times it, and by counted roundings.",
            f"{rule.zh}1e-5 和“两倍”这两个常数，就是 <code>scratchnet twin</code> 判定一轮的损失时"
            "所用的。离散程度的测法不同：twin 只用另一次运行，启用 oneDNN，并使每层的输出偏离"
            "最后一位的一个单位；对张量，twin 用的是离散程度的十倍，以及逐次计数的舍入误差。",
        )
    else:
        rule = Text(
            f"{rule.en} The constant 1e-5 is that which <code>scratchnet twin</code> has for the "
            "loss of an epoch.",
            f"{rule.zh}1e-5 这个常数，就是 <code>scratchnet twin</code> 判定一轮的损失时所用的。",
        )
    if run.witness is not None and run.witness.recorded:
        rule = Text(
            f"{rule.en} Recorded numbers have nine digits, as many as a float32 needs; ours are "
            "rounded to as many before the difference is taken.",
            f"{rule.zh}记录的数字保留九位有效数字，足以表示 float32；求差之前，我们的数字也舍入到"
            "同样的位数。",
        )
    if not run.study.late:
        return rule
    rule = Text(
        f"{rule.en} What is compared so is seen before a training or in its first steps. <b>Not "
        "compared one by one</b> is what comes of a whole training: in hundreds of steps rounding "
        "grows, until a decision (x &gt; 0 in a ReLU, the largest in a window) falls otherwise; "
        "from there on TensorFlow itself, rounded otherwise, ends elsewhere, often by some "
        "percent, and one such number says little of whether two libraries compute the same. All "
        "of a kind are compared together: the root mean square of their relative differences may "
        "be twice the largest that TensorFlow was from itself. (A difference is divided by the "
        "larger of the two numbers, at least by a thousandth; where both are smaller than a "
        "thousandth of the largest of their kind, by that largest. The twin has no such rule: it "
        "judges every step of a training, of which a study keeps the first few.)",
        f"{rule.zh}这样比较的，是训练之前和训练最初几步所见的数。<b>不逐项比较</b>的是整个训练的"
        "结果：几百步中舍入误差不断增长，直到某个判断（ReLU 的 x &gt; 0、窗口里取最大值）的结果不"
        "同；此后 TensorFlow 自己只要舍入不同，结果也会不同，往往差百分之几，所以单看这样一个数，"
        "几乎说明不了两个库的计算是否相同。这些数按类放在一起比较：相对差的均方根不得超过 "
        "TensorFlow 与自己的最大差距的两倍。（差除以两数中较大者，至少除以千分之一；两数都不到本类"
        "最大数的千分之一时，除以那个最大数。twin 没有这条规则：它判定训练的每一步，而研究"
        "只保留最初几步。）",
    )
    compared = [line.name for line in kinds]
    wide = [named(kind) for kind in run.study.late if named(kind) not in compared]
    if not wide:
        return rule
    names = ", ".join(f"<code>{escape(name)}</code>" for name in wide)
    return Text(
        f"{rule.en} Of {names} nothing is said: there TensorFlow is from itself by more than an "
        "eighth.",
        f"{rule.zh}对 {names} 不作判断：在那里 TensorFlow 与自己的差距超过八分之一。",
    )


def same_words(a: Text, b: Text) -> bool:
    """Whether two texts differ in numbers only.

    >>> same_words(Text("<b>0.9</b> is more than 0.81", ""), Text("0.92 is more than 0.8", ""))
    True
    >>> same_words(Text("0.9 is more than 0.8", ""), Text("0.8 is less than 0.9", ""))
    False
    """
    first, second = (re.sub(r"[\d.,]*\d%?", "#", without_elements(text.en)) for text in (a, b))
    return first == second


def _concluded(run: Run, witness: Witness) -> Text:
    """Whether TensorFlow's numbers lead to the conclusions of ours."""
    if run.numbers.keys() - witness.numbers.keys():
        return Text(
            "TensorFlow's run lacks some of the numbers.", "TensorFlow 的运行缺少一些数字。"
        )
    theirs = replace(run, numbers=witness.numbers)
    study = run.study
    ours = [study.answer(run), *study.notebook(run)]
    if all(map(same_words, ours, [study.answer(theirs), *study.notebook(theirs)])):
        return Text(
            "Made of TensorFlow's numbers, the answer at the head of this page and what is said of "
            "the notebook have the same words, but for the numbers.",
            "用 TensorFlow 的数字来写，本页开头的回答和对笔记本的评论除数字外一字不差。",
        )
    answer = study.answer(theirs)
    return Text(
        "Made of TensorFlow's numbers, the answer at the head of this page or what is said of the "
        f"notebook has other words. The answer is then: {answer.en}",
        "用 TensorFlow 的数字来写，本页开头的回答或对笔记本的评论会有不同的话。回答是："
        f"{answer.zh}",
    )


def _beside(run: Run) -> list[str]:
    title = heading(Text("TensorFlow's numbers beside", "与 TensorFlow 的数字对照"))
    witness = run.witness
    if witness is None:
        return [title, para(run.without)]
    lines = compare(run.numbers, witness, run.study.late)
    if witness.recorded:
        who = Text(
            "TensorFlow was not run when this page was built. These are recorded numbers "
            f"of {witness.versions}, same seed.",
            f"生成本页时没有运行 TensorFlow。下面是 {witness.versions} 用同一个种子得到的记录。",
        )
    else:
        who = Text(
            f"The same experiment was run by {witness.versions} when this page was built, "
            "from the same seed.",
            f"生成本页时，{witness.versions} 用同一个种子运行了同一个实验。",
        )
    good = all(line.agrees for line in lines)
    concluded = para(_concluded(run, witness))
    said = f'<p class="verdict{"" if good else " bad"}">{both(verdict(lines))}</p>'
    head: list[Text | str] = [
        "",
        "scratchnet",
        "TensorFlow",
        Text("difference", "差"),
        Text("allowed", "允许"),
        "",
    ]

    def listed(lines: Sequence[Line], summary: Text) -> str:
        rows = [
            [
                f"<code>{escape(line.name)}</code>",
                *_shown(line),
                f"{line.difference:.2g}",
                "–" if line.allowed is None else f"{line.allowed:.2g}",
                _mark(line),
            ]
            for line in lines
        ]
        if len(rows) <= FEW:
            return table(head, rows)
        return f"<details><summary>{both(summary)}</summary>{table(head, rows)}</details>"

    late = [line for line in lines if line.allowed is None]
    kinds = [line for line in lines if line.count]
    alone = [line for line in lines if line.allowed is not None and not line.count]
    many = len(alone) + len(kinds)
    parts = [listed(alone + kinds, Text(f"all {many} of them", f"全部 {many} 项"))]
    if late:
        beside = Text(
            f"the {len(late)} of whole trainings, beside each other; not compared one by one",
            f"来自整个训练的 {len(late)} 项，并列给出，不逐项比较",
        )
        parts.append(listed(late, beside))
    return [title, para(who), said, concluded, *parts, para(_rule(run, kinds))]


def _shown(line: Line) -> tuple[Text | str, Text | str]:
    if line.count:
        return Text(f"{line.count} numbers", f"{line.count} 个数"), Text("together", "一起")
    return shown(line.ours), shown(line.theirs)


def shown(value: Any) -> Text | str:
    """A number for a table, or a list of numbers: a short one whole, of a long one how many.

    >>> shown(1300), shown(0.1234567), shown(float("nan")), shown([6.0, [7, 0.5]])
    ('1,300', '0.123457', 'nan', '[6, [7, 0.5]]')
    >>> shown([0.0] * 9).en
    '9 numbers'
    """
    if isinstance(value, list | tuple):
        written, many = _listed(value)
        return Text(f"{many} numbers", f"{many} 个数") if many > SHORT else written
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    return "–" if value is None else f"{float(value):.6g}"


def _listed(value: Any) -> tuple[str, int]:
    """A nested list as it is written, and how many numbers that are."""
    if not isinstance(value, list | tuple):
        return f"{value:.4g}", 1
    parts = [_listed(part) for part in value]
    return f"[{', '.join(text for text, _ in parts)}]", sum(many for _, many in parts)


# -- the microscope --------------------------------------------------------------------------------


def _microscope(run: Run) -> list[str]:
    if run.study.microscope is None:
        return []
    tf = importlib.import_module("scratchnet")
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(run.seed)
    trace, text = run.study.microscope(tf)
    about = {"title": f"scratchnet study {run.study.name}"}
    data = json.dumps(microscope_page(trace, about), ensure_ascii=False).replace("</", "<\\/")
    summary = Text("Open the microscope", "打开显微镜")
    return [
        heading(Text("Every number of it", "看清每一个数字")),
        para(text),
        f'<details class="microscope"><summary>{both(summary)}</summary>'
        '<iframe title="scratchnet explain" loading="lazy"></iframe>'
        f'<script type="application/json">{data}</script></details>',
    ]


# -- around a page ---------------------------------------------------------------------------------


def _site(studies: Sequence[Study], here: Study | None) -> str:
    if not studies:
        return ""
    index = Text("All studies", "全部研究")
    links = [f'<a data-site="{INDEX}" href="{INDEX}">{both(index)}</a>']
    for study in studies:
        current = ' aria-current="page"' if study is here else ""
        file = f"{study.name}.html"
        links.append(f'<a data-site="{file}" href="{file}"{current}>{both(study.title)}</a>')
    return f'<nav class="site">{"".join(links)}</nav>'


def _foot(run: Run) -> str:
    command = f"<code>scratchnet study {run.study.name} --seed {run.seed}</code>"
    text = Text(
        f"{NAME} · seed {run.seed} · the experiment took {run.seconds:.1f} s here · made by "
        f"{command}",
        f"{NAME} · 种子 {run.seed} · 本机实验用时 {run.seconds:.1f} 秒 · 由 {command} 生成",
    )
    return para(text)


def index(runs: Sequence[Run], lang: str = "en") -> str:
    """The page that leads to the others.

    Args:
        runs: whose pages lie beside it, each named after its study.
        lang: "en" or "zh".
    """
    tiles = []
    for run in runs:
        pictures = _FIGURE.findall("".join(run.study.sections(run)))
        picture = pictures[run.study.picture] if run.study.picture < len(pictures) else ""
        file = f"{run.study.name}.html"
        tiles.append(
            f'<a class="tile" data-site="{file}" href="{file}"><b>{both(run.study.title)}</b>'
            f"{both(run.study.question, 'p').replace('<p ', '<p class=asked-short ')}"
            f"{both(run.study.answer(run), 'p')}{picture}</a>"
        )
    lead = Text(
        "A student's notebook ends in six questions. Each is answered here by an "
        "experiment that anyone can run again: "
        "a claim, the numbers, the code that made them, TensorFlow's numbers beside, and "
        "what would show the claim wrong. "
        "A seventh page holds surprises: what libraries do that people argue about.",
        "一本学生笔记以六个问题结尾。这里每个问题都由任何人都能重跑的实验来回答："
        "一个结论、实验数字、产生数字的代码、并列的 TensorFlow 数字，以及什么结果会推翻这个结论。"
        "第七页收集了各个库里常引起争论的“意外”。",
    )
    again = Text(
        "Run one yourself: <code>scratchnet study NAME --seed N</code>.",
        "自己运行一个：<code>scratchnet study NAME --seed N</code>。",
    )
    body = [para(lead), f'<div class="cards">{"".join(tiles)}</div>', para(again)]
    foot = para(Text(NAME, NAME))
    return assemble(SITE_TITLE, body, foot, lang, _site([run.study for run in runs], None))
