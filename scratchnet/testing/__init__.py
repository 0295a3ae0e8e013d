"""Check a backward pass of your own, and be told what is wrong with it: the guide.

Four functions: :func:`check_vjp` for plain NumPy code, :func:`check_gradients` for functions of
scratchnet's tensors, and :func:`assert_vjp` and :func:`assert_gradients`, which raise with the
report, for a test.  They work from an installed package, in a pytest file of yours, without
TensorFlow.

Average pooling with windows of two, and its VJP, in which something is forgotten:

>>> import numpy as np
>>> from scratchnet.testing import check_vjp
>>> def avg_pool(x):
...     return (x[:, 0::2] + x[:, 1::2]) / 2
>>> def avg_pool_vjp(g, x):
...     return np.repeat(g, 2, axis=1)
>>> x = np.array([[1.0, -2.0, 0.5, 3.0, 2.5, -1.0]])
>>> report = check_vjp(avg_pool, avg_pool_vjp, x)
>>> print(report)
check_vjp: wrong, compared with finite differences in float64
The gradient of `x` is wrong. Likely cause: scale
  at [0, 1]: got -0.745873181, should be -0.372936591
  largest error 0.373, ... times what rounding explains
  6 of 6 elements are wrong
  Every element is 2 times too large, and 2 is how many elements of `x` each result
  depends on: divide by it.

The parts of the report:

>>> report.ok, report.argument, report.cause
(False, 'x', 'scale')
>>> report.index
(0, 1)

What it does
    The VJP is called with random cotangents, never with ones alone, and compared element by
    element with differences of the forward pass in float64 (`scratchnet.testing.differences`), or
    with the gradient of a better witness, a function of scratchnet or of TensorFlow:
    ``check_vjp(f, vjp, x, witness=tf.nn.relu)``.  Bounds scale with the data and with the length of
    sums.  At a kink there is no derivative, and the conventions of relu and of ties differ: such
    elements are left out, and a note says how many.  That more flows back to tied elements than
    came in is found all the same, in data rounded for it if there are none in yours.  Arrays in
    float32 are checked in float64, and then once more as they are.

How it finds the cause
    By trying: does the wrong gradient become right when it is scaled, turned round, transposed,
    shifted, masked …?  See `scratchnet.testing.diagnosis`.  The words for what it finds:

    ========== ==================================================================================
    scale      a factor: the batch size, the window's area, 2 …; or one for each element
    sign       a minus
    flip       the filter or the image turned round
    transpose  axes exchanged, parts in another order, a matrix not transposed
    shift      off by the padding, or by one
    stride     ignored, or applied twice
    dilation   ignored, or applied twice
    broadcast  not summed back, summed over the wrong axis, overwritten instead of added up
    mask       of relu, dropout, padding, argmax: missing, or another one
    ties       all of the largest elements rewarded, or another one
    mean_term  the term through a mean, a variance or a sum is missing
    missing    zero or None where it is not, or a term that is not there
    constant   right for a cotangent of ones only
    aliasing   an argument or the cotangent was changed in place
    dtype      the gradient is of another dtype than its argument
    second_order  right once, wrong when differentiated again
    unknown    wrong, and none of these
    ========== ==================================================================================

In a test of your own::

    def test_my_conv2d():
        rng = np.random.default_rng(0)
        x, k = rng.normal(size=(2, 6, 7, 3)), rng.normal(size=(3, 3, 3, 4))
        assert_vjp(my_conv2d, my_conv2d_vjp, x, k)

and from the command line, for a file with `forward`, `vjp` and `arrays` or `shapes`::

    scratchnet check my_conv2d.py

A whole program
    Written once as a function of the module, it runs here and on TensorFlow, and is compared call
    by call: :func:`compare` and :func:`assert_same_as_tensorflow`.  Golden files stand in for
    TensorFlow where it is not installed::

        def program(tf):
            …                                 # a model with loss and data, or tensors

        assert_same_as_tensorflow(program, against="program.npz")

What it cannot see is what the data does not show: that a mean over a batch of 1 is not divided, or
that a stride of 1 is ignored.  Choose sizes that all differ, more than one image, strides above 1.
"""

from scratchnet.testing.checks import assert_gradients, assert_vjp, check_gradients, check_vjp
from scratchnet.testing.comparison import assert_same_as_tensorflow, compare
from scratchnet.testing.comparison_report import Comparison, Difference
from scratchnet.testing.report import CAUSES, Finding, GradientError, Report

__all__ = [
    "CAUSES",
    "Comparison",
    "Difference",
    "Finding",
    "GradientError",
    "Report",
    "assert_gradients",
    "assert_same_as_tensorflow",
    "assert_vjp",
    "check_gradients",
    "check_vjp",
    "compare",
]
