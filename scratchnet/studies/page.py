"""The page of a study: one HTML file that needs nothing else, of the make of the microscope's."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.explain.options import LANGUAGES
from scratchnet.explain.page import FOLDER as MICROSCOPE
from scratchnet.explain.page import filled
from scratchnet.explain.page import html as microscope_page
from scratchnet.studies.agreement import Line, compare
from scratchnet.studies.figures import both
from scratchnet.studies.study import Run, Study, Text
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

    >>> line = Line("loss", 1.0, 1.0, difference=0.0, spread=0.1, allowed=1.0, agrees=True)
    >>> verdict([line]).en
    'All 1 numbers agree.'
    >>> from dataclasses import replace
    >>> verdict([line, replace(line, tells=False)]).en
    "1 of 2 numbers agree; for 1 TensorFlow's own spread is too wide to tell."
    """
    wrong = [line.name for line in lines if not line.agrees]
    wide = sum(line.agrees and not line.tells for line in lines)
    good = len(lines) - len(wrong) - wide
    if good == len(lines):
        return Text(f"All {good} numbers agree.", f"全部 {good} 项数字一致。")
    said = Text(
        f"{good} of {len(lines)} numbers agree",
        f"{len(lines)} 项数字中 {good} 项一致",
    )
    if wide:
        said = Text(
            f"{said.en}; for {wide} TensorFlow's own spread is too wide to tell",
            f"{said.zh}；{wide} 项因 TensorFlow 自己的离散太大而无法判断",
        )
    if wrong:
        names = ", ".join(wrong[:5]) + (" …" if len(wrong) > 5 else "")
        said = Text(
            f"{said.en}; {len(wrong)} differ by more than is allowed: {names}",
            f"{said.zh}；{len(wrong)} 项超出允许的范围：{names}",
        )
    return Text(f"{said.en}.", f"{said.zh}。")


_MARKS = {  # by whether a line agrees, and whether that says anything
    (True, True): '<span class="yes">✓</span>',
    (True, False): "?",
    (False, True): '<span class="no">✗</span>',
    (False, False): '<span class="no">✗</span>',
}


def _beside(run: Run) -> list[str]:
    title = heading(Text("TensorFlow's numbers beside", "与 TensorFlow 的数字对照"))
    witness = run.witness
    if witness is None:
        return [title, para(run.without)]
    lines = compare(run.numbers, witness, run.study.alike)
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
    if run.study.again == "onednn":
        rule = Text(
            "TensorFlow was also run with oneDNN's kernels, which sum up in another order: "
            "how far it is then from itself is its spread. The rule: within 1e-5, or "
            "within twice the spread of that number; whole numbers, NaN "
            "and infinity must be the same.",
            "又让 TensorFlow 启用 oneDNN 的内核运行一次，求和顺序不同：它与自己的差距就是它"
            "的离散程度。判定规则：相对误差不超过 1e-5，或不超过该数字离散的两倍；整"
            "数、NaN 和无穷必须相同。",
        )
    elif run.study.again:
        rule = Text(
            "A training carries rounding on and makes it grow. So TensorFlow was also run "
            "twice on images that are off, pixel by pixel and at random, by up to 32 roundings "
            "of float32, which is what those of a thousand steps add up to: how far it is "
            "then from itself is its spread. "
            "The rules are those of <code>scratchnet twin</code>: within 1e-5, or within "
            "twice TensorFlow's spread of that number; an accuracy may also print "
            "the same. Where TensorFlow is more than a thousandth from itself, a decision "
            "(a ReLU, a maximum) fell otherwise in one of its runs, and a few runs "
            "say too little: then ten times the spread. As a decision may fall otherwise here and "
            "in none of those runs, a number may also be off, relatively, by four times the root "
            "mean square of the relative spreads of the other numbers of its kind. “?” marks a "
            "number whose bound is wider than half of it: that says nothing and is not counted as "
            "agreement.",
            "训练会把舍入误差一步步放大。因此又让 TensorFlow 在逐像素随机偏离至多 32 个 "
            "float32 舍入单位的图像上运行两次，这相当于一千步舍入误差的累积：它与自己的差距"
            "就是它的离散程度。"
            "判定规则与 <code>scratchnet twin</code> 相同：相对误差不超过 1e-5，或不超过"
            "该数字离散的两倍；准确率打印出来相同也算一致。如果 TensorFlow 与自己的差距"
            "超过千分之一，说明它的一次运行中某个判断（ReLU、取最大值）的结果不同，几次运行"
            "说明不了太多：这时允许十倍离散。某个判断也可能在这里不同、在那几次运行中却都相同，"
            "所以一个数的相对差还可以达到同类其他数字相对离散的均方根的四倍。"
            "“?”表示允许的范围超过该数的一半：这说明不了什么，不算作一致。",
        )
    else:
        rule = Text(
            "The rule: within 1e-5 of the largest number; whole numbers, NaN and infinity "
            "must be the same.",
            "判定规则：与最大值相比误差不超过 1e-5；整数、NaN 和无穷必须完全相同。",
        )
    good = all(line.agrees for line in lines)
    said = f'<p class="verdict{"" if good else " bad"}">{both(verdict(lines))}</p>'
    head: list[Text | str] = [
        "",
        "scratchnet",
        "TensorFlow",
        Text("difference", "差"),
        Text("allowed", "允许"),
        "",
    ]
    rows = [
        [
            f"<code>{escape(line.name)}</code>",
            *_shown(line),
            f"{line.difference:.2g}",
            f"{line.allowed:.2g}",
            _MARKS[line.agrees, line.tells],
        ]
        for line in lines
    ]
    body = table(head, rows)
    if len(rows) > FEW:
        summary = Text(f"all {len(rows)} of them", f"全部 {len(rows)} 项")
        body = f"<details><summary>{both(summary)}</summary>{body}</details>"
    return [title, para(who), said, body, para(rule)]


def _shown(line: Line) -> tuple[Text | str, Text | str]:
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
