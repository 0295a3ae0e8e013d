"""Formulas as MathML: well-formed, and one for each op that the page takes apart."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from scratchnet.engine.op import OPS
from scratchnet.explain.formulas import FORMULAS
from scratchnet.explain.mathml import mathml
from scratchnet.explain.page import FOLDER


@pytest.mark.parametrize("name", FORMULAS)
def test_the_formulas_of_an_op_can_be_drawn(name: str) -> None:
    formula = FORMULAS[name]
    for tex in (formula.forward, *formula.vjps):
        root = ElementTree.fromstring(mathml(tex))
        assert root.tag == "math"
        assert "\\" not in "".join(root.itertext())
    assert name in OPS
    assert len(formula.vjps) <= len(OPS[name].vjps) + (OPS[name].prologue is not None)


def test_each_op_with_a_sum_has_a_formula_and_the_other_way_round() -> None:
    script = (FOLDER / "sums.js").read_text(encoding="utf-8")
    tables = re.search(r"const UNARY = .*?(?=const COMPUTE)", script, re.S)
    assert tables is not None
    entries = re.findall(r"(\w+): \[", tables[0])
    entries += re.findall(r"^  (\w+): (?:\{|moved\()$", script, re.M)
    entries += re.findall(r"^  (\w+): moved\(", script, re.M)
    for line in re.findall(r"^OPS\..*", script, re.M):
        entries += re.findall(r"OPS\.(\w+) =", line)
    with_sum = {name for name in entries if name in OPS}
    # Those that are other names for a reshape, and those whose sums are of rare use.
    assert with_sum - set(FORMULAS) == {"expand_dims", "squeeze"} & with_sum
    assert set(FORMULAS) - with_sum == {"pow", "erf"}


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"\frac{1}{2}", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"\sum_i x_i", "<munder><mo>∑</mo><mi>i</mi></munder><msub><mi>x</mi><mi>i</mi></msub>"),
        (r"a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        (r"\text{a & b}", "<mtext>a &amp; b</mtext>"),
        ("-x", "<mo>−</mo><mi>x</mi>"),
        ("12.5", "<mn>12.5</mn>"),
    ],
)
def test_small_formulas(tex: str, shown: str) -> None:
    assert mathml(tex, display=False) == f"<math><mrow>{shown}</mrow></math>"


@pytest.mark.parametrize("tex", [r"\unknown", "{x", "x}", "x_", r"\frac{1}"])
def test_what_is_no_formula_is_refused(tex: str) -> None:
    with pytest.raises(ValueError, match="mathml: `tex`"):
        mathml(tex)
