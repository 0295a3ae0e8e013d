"""The rule by which a test is found: the test of `scratchnet/a/b.py` is `tests/a/test_b.py`.

`reference/b.py` and `benchmarks/b.py` are tested by `tests/reference/test_b.py` and
`tests/benchmarks/test_b.py` in the same way; a package, what its `__init__.py` does, by the test of
its name beside or inside its folder.  A topic of its own may have `tests/a/test_b_topic.py`, beside
`tests/a/test_b.py`.  What tests share is in `tests/support/`, the long forms are in `tests/long/`,
and a test of a checker lies beside it.  What breaks the rule is listed here, with a reason.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from scratchnet.exercises.table import EXERCISES
from scratchnet.ops.composed import TWINS
from tests.support import tables
from tests.support.ops_checks import differentiable

ROOT = Path(__file__).parent.parent
TESTS = sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py"))

# Tests of more than one module: a file, or a folder with all that is in it.
OF_MANY_MODULES = {
    "tests/behaviours": "facts about TensorFlow and Keras, whichever modules they go through",
    "tests/programs": "whole programs, as a user writes them",
    "tests/kernels/test_edges.py": "several kernels in one process, with numba's settings changed",
    "tests/test_documentation.py": "the docstrings of all files",
    "tests/test_imports.py": "imports between all files",
    "tests/test_layout.py": "the tests themselves",
    "tests/test_namespaces.py": "one rule for math, nn, linalg, bitwise and the root",
    "tests/test_documents.py": "the documents: the README, and those beside what they are about",
    "tests/test_typing.py": "what a type checker sees of the public names",
    "tests/test_versions.py": "the version, the licence and the tools",
    "tests/test_package.py": "what an installation puts on a machine",
    "tests/test_project.py": "what all files may import, and how fast",
    "tests/test_public_names.py": "the names of all public modules",
    "tests/test_readme.py": "the README",
}

# Modules that another module's test goes through: what they hold is seen there only.
TESTED_WITH = {
    # names over ops, or of TensorFlow's
    "scratchnet/autodiff.py": "tests/test_public_names.py",
    "scratchnet/bitwise.py": "tests/test_namespaces.py",
    "scratchnet/dtypes.py": "tests/test_public_names.py",
    "scratchnet/linalg.py": "tests/test_namespaces.py",
    "scratchnet/math.py": "tests/test_namespaces.py",
    "scratchnet/nn.py": "tests/test_namespaces.py",
    "scratchnet/random.py": "tests/test_public_names.py",
    "scratchnet/version.py": "tests/test_versions.py",
    "scratchnet/framework/autograph.py": "tests/framework/test_function.py",
    "scratchnet/framework/eager.py": "tests/framework/test_function.py",
    # the two runs of a comparison
    "scratchnet/testing/calls.py": "tests/testing/test_comparison.py",
    "scratchnet/testing/counterpart.py": "tests/testing/test_comparison.py",
    "scratchnet/testing/golden.py": "tests/testing/test_comparison.py",
    # the parts of one public thing
    "scratchnet/data/arguments.py": "tests/data/test_dataset.py",
    "scratchnet/data/node.py": "tests/data/test_dataset.py",
    "scratchnet/debugging/dtypes_and_ranks.py": "tests/debugging/test_debugging.py",
    "scratchnet/debugging/shapes.py": "tests/debugging/test_debugging.py",
    "scratchnet/debugging/values.py": "tests/debugging/test_debugging.py",
    "scratchnet/keras/configs/compile_config.py": "tests/keras/models/test_training.py",
    "scratchnet/keras/configs/lookup.py": "tests/keras/configs/test_serialization.py",
    **{
        f"scratchnet/keras/datasets/{name}.py": "tests/keras/datasets/test_cifar.py"
        for name in ("cifar10", "cifar100")
    },
    **{
        f"scratchnet/keras/datasets/{name}.py": "tests/keras/datasets/test_housing.py"
        for name in ("boston_housing", "california_housing")
    },
    **{
        f"scratchnet/keras/datasets/{name}.py": "tests/keras/datasets/test_words.py"
        for name in ("imdb", "reuters")
    },
    "scratchnet/keras/initializers/constant.py": "tests/keras/initializers/test_initializers.py",
    "scratchnet/keras/initializers/initializer.py": "tests/keras/initializers/test_initializers.py",
    "scratchnet/keras/initializers/random.py": "tests/keras/initializers/test_initializers.py",
    "scratchnet/keras/layers/affine_layer.py": "tests/keras/layers/test_layer_normalization.py",
    "scratchnet/keras/layers/arguments.py": "tests/keras/layers/test_conv2d.py",
    "scratchnet/keras/layers/call_context.py": "tests/keras/layers/test_layer.py",
    "scratchnet/keras/layers/depthwise_layer.py": "tests/keras/layers/test_depthwise_conv2d.py",
    "scratchnet/keras/layers/image_layer.py": "tests/keras/layers/test_random_images.py",
    "scratchnet/keras/layers/image_sampling.py": "tests/keras/layers/test_random_images.py",
    "scratchnet/keras/layers/input_conversion.py": "tests/keras/layers/test_layer.py",
    "scratchnet/keras/layers/input_spec.py": "tests/keras/layers/test_layer.py",
    "scratchnet/keras/keras_mask.py": "tests/keras/layers/test_mask_passing.py",
    "scratchnet/keras/layers/kernel_layer.py": "tests/keras/layers/test_dense.py",
    **{
        f"scratchnet/keras/layers/recurrent/{name}.py": "tests/keras/layers/recurrent/test_rnn.py"
        for name in ("gru", "lstm", "simple_rnn")
    },
    "scratchnet/keras/layers/wrapper.py": "tests/keras/layers/recurrent/test_time_distributed.py",
    "scratchnet/keras/layers/node.py": "tests/keras/models/test_functional.py",
    "scratchnet/keras/losses/loss_mask.py": "tests/keras/losses/test_loss.py",
    "scratchnet/keras/metrics/loss_metrics.py": "tests/keras/metrics/test_metrics.py",
    "scratchnet/keras/models/compile_metrics.py": "tests/keras/models/test_training.py",
    **{
        f"scratchnet/keras/optimizers/{name}.py": "tests/keras/optimizers/test_optimizers.py"
        for name in ("adadelta", "adafactor", "adagrad", "adamax", "ftrl", "lion", "nadam")
    },
    "scratchnet/keras/optimizers/rmsprop.py": "tests/keras/optimizers/test_optimizers.py",
    **{
        f"scratchnet/keras/preprocessing/{name}.py": "tests/test_public_names.py"
        for name in ("image", "sequence")
    },
    "scratchnet/keras/saving/mismatch_table.py": "tests/keras/saving/test_weights.py",
    "scratchnet/keras/saving/revival.py": "tests/keras/saving/test_weights.py",
    "scratchnet/keras/saving/saved_objects.py": "tests/keras/saving/test_weights.py",
    "scratchnet/keras/saving/stored_arrays.py": "tests/keras/saving/test_weights.py",
    "scratchnet/keras/session.py": "tests/keras/test_naming.py",
    "scratchnet/keras/utils/lazy_rich.py": "tests/keras/utils/test_progbar.py",
    "scratchnet/keras/utils/plot_contents.py": "tests/keras/utils/test_plot_model.py",
    "scratchnet/keras/utils/plot_drawing.py": "tests/keras/utils/test_plot_model.py",
    "scratchnet/keras/utils/plot_layout.py": "tests/keras/utils/test_plot_model.py",
    # loop nests, which only the functions beside them call
    "scratchnet/kernels/conv2d_loops.py": "tests/kernels/test_conv2d.py",
    "scratchnet/kernels/conv2d_gradient_loops.py": "tests/kernels/test_conv2d.py",
    "scratchnet/kernels/pooled_conv2d_loops.py": "tests/kernels/test_pooled_conv2d.py",
    # the exercises, each of which is solved there, and wrongly too
    "scratchnet/exercises/feedback.py": "tests/exercises/test_checking.py",
    "scratchnet/exercises/network.py": "tests/exercises/test_lab.py",
    "scratchnet/exercises/optimizer_mistakes.py": "tests/exercises/test_checking.py",
    "scratchnet/exercises/table.py": "tests/exercises/test_checking.py",
    **{
        f"scratchnet/exercises/sheets/{name}.py": "tests/exercises/test_checking.py"
        for name in EXERCISES
    },
    # the diagnosis, which is asked as a whole
    "scratchnet/testing/coupling.py": "tests/testing/test_diagnosis.py",
    "scratchnet/testing/operator_analysis.py": "tests/testing/test_diagnosis.py",
    "scratchnet/testing/patterns.py": "tests/testing/test_diagnosis.py",
    "scratchnet/testing/rearrangements.py": "tests/testing/test_diagnosis.py",
    "scratchnet/testing/suspect.py": "tests/testing/test_diagnosis.py",
    "scratchnet/testing/judged.py": "tests/testing/test_checks.py",
    "scratchnet/testing/one_check.py": "tests/testing/test_checks.py",
    "scratchnet/testing/second_order.py": "tests/testing/test_checks.py",
    "scratchnet/testing/taped.py": "tests/testing/test_checks.py",
    "scratchnet/testing/ties.py": "tests/testing/test_checks.py",
    **{
        f"scratchnet/traces/{name}.py": "tests/traces/test_traces.py"
        for name in ("layer_trace", "recording", "row", "trace")
    },
    # commands, which are run whole
    "scratchnet/cli_options.py": "tests/test_cli.py",
    "scratchnet/explain/finite_differences.py": "tests/explain/test_witnesses.py",
    "scratchnet/explain/on_tensorflow.py": "tests/explain/test_witnesses.py",
    "scratchnet/explain/formulas.py": "tests/explain/test_mathml.py",
    "scratchnet/explain/options.py": "tests/explain/test_run.py",
    "scratchnet/studies/data.py": "tests/studies/test_cnn_or_dense.py",
    "scratchnet/studies/figures.py": "tests/studies/test_page.py",
    "scratchnet/studies/options.py": "tests/studies/test_running.py",
    "scratchnet/studies/study.py": "tests/studies/test_running.py",
    "scratchnet/studies/table.py": "tests/studies/test_running.py",
    "scratchnet/train/options.py": "tests/test_cli.py",
    "scratchnet/train/plots.py": "tests/train/test_training.py",
    "scratchnet/twin/layer_path.py": "tests/twin/test_run.py",
    "scratchnet/twin/observe.py": "tests/twin/test_wrapping.py",
    "scratchnet/twin/plots.py": "tests/twin/test_run.py",
    "scratchnet/twin/program.py": "tests/twin/test_run.py",
    "scratchnet/twin/report.py": "tests/twin/test_run.py",
    "scratchnet/twin/worker.py": "tests/twin/test_run.py",
}

MODULES = sorted(
    path.relative_to(ROOT)
    for path in (ROOT / "scratchnet").rglob("*.py")
    if not path.name.startswith("__")
)


def modules_of(test: Path) -> list[Path]:
    """What a file of tests may be the test of."""
    name, folder = test.stem.removeprefix("test_"), test.parent.relative_to("tests")
    if folder.parts[:1] in (("support",), ("long",)):
        return [Path("tests") / folder / f"{name}.py"]
    inside = folder.parts[:1] in (("reference",), ("benchmarks",))
    home = folder if inside else "scratchnet" / folder
    own = [home / "__init__.py"] if home.name == name else []
    # test_conv2d_groups.py holds a topic of conv2d, if that has a test_conv2d.py beside it.
    parts = name.split("_")
    shorter = ["_".join(parts[:n]) for n in range(1, len(parts))]
    topics = [n for n in shorter if (ROOT / test.parent / f"test_{n}.py").exists()]
    return [home / f"{n}.py" for n in (name, *topics)] + [home / name / "__init__.py", *own]


def of_many_modules(test: Path) -> bool:
    return any(path.as_posix() in OF_MANY_MODULES for path in (test, *test.parents))


@pytest.mark.parametrize("test", [t for t in TESTS if not of_many_modules(t)], ids=Path.as_posix)
def test_a_test_lies_where_its_module_lies(test: Path) -> None:
    candidates = modules_of(test)
    assert any((ROOT / path).exists() for path in candidates), f"none of {candidates} is there"


@pytest.mark.parametrize("module", MODULES, ids=Path.as_posix)
def test_a_module_has_its_test(module: Path) -> None:
    own = Path("tests") / module.parent.relative_to("scratchnet") / f"test_{module.stem}.py"
    other = TESTED_WITH.get(module.as_posix())
    assert (ROOT / own).exists() != (other is not None), f"{own} and {other}: one of them"
    assert (ROOT / (other or own)).exists()


def test_the_exceptions_are_there() -> None:
    for path in (*OF_MANY_MODULES, *TESTED_WITH):
        assert (ROOT / path).exists(), path
    assert all(len(reason.split()) > 1 for reason in OF_MANY_MODULES.values())


# -- what the test of a family of ops must ask -----------------------------------------------------

CHECKS = {
    "test_op_is_tensorflows": "CASES",
    "test_op_matches_finite_differences": "differentiable(CASES)",
    "test_the_fused_op_is_its_definition": "ops with a composed twin",
    "test_it_is_refused_by_name_before_any_work": "BAD_CALLS",
    "test_the_error_is_of_tensorflows_family": "BAD_CALLS that are not alone",
}


@pytest.mark.parametrize("family", tables.FAMILIES, ids=lambda family: family.__name__)
def test_every_row_is_asked_every_check(family: object) -> None:
    cases, bad_calls = getattr(family, "CASES", {}), getattr(family, "BAD_CALLS", [])
    wanted = {
        "CASES": list(cases),
        "differentiable(CASES)": differentiable(cases),
        "ops with a composed twin": [name for name in cases if name in TWINS],
        "BAD_CALLS": list(bad_calls),
        "BAD_CALLS that are not alone": [row for row in bad_calls if not row.alone],
    }
    for test, rows in CHECKS.items():
        assert asked(family, test) == wanted[rows], test


def asked(family: object, test: str) -> list[object]:
    """The rows over which a test of the family is parametrized: by `name` or `row`."""
    marks = getattr(getattr(family, test, None), "pytestmark", [])
    found = [mark.args[1] for mark in marks if mark.args and mark.args[0] in ("name", "row")]
    return list(found[0]) if found else []


def test_a_family_that_leaves_a_check_out_would_be_seen() -> None:
    family = importlib.import_module("tests.ops.test_softmax")
    assert asked(family, "test_op_is_tensorflows") == list(family.CASES)
    assert asked(family, "test_of_another_name") == []
