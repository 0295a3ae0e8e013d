"""Where TensorFlow's own gradient is another number than the derivative, as is known.

`compare` does not take these for differences, or says in a note where one comes from.
"""

from __future__ import annotations

from typing import Any

from scratchnet.testing.calls import OurRun, key

MOVED_IMAGES = (
    "a layer rotates, zooms or translates images. TensorFlow's gradient of it "
    "moves the cotangent by the inverse transform, which is not the derivative of the "
    "interpolation; scratchnet's is. The gradient of its images, and what is made of that, is "
    "another number, as is known, and was not compared"
)
STATISTICS = frozenset(
    ("moments", "batch_normalization", "fused_batch_norm", "fused_batch_norm_add_relu")
)
MOMENTS = (
    "a normalization by moments is differentiated twice: there TensorFlow's tf.nn.moments takes "
    "the mean for a constant in the variance, and scratchnet does not. A second derivative through "
    "it is another number, and scratchnet's is that of finite differences"
)


def of_moved_images(run: OurRun, variables: dict[str, Any], follows: bool) -> set[str]:
    """The keys of gradients that pass through what `moves_images`, from the images on.

    Where cotangents are replaced by scratchnet's it is the gradient of the images alone; else that
    of all that led to them.
    """
    found: set[str] = set()
    for call in (call for call in run.calls if call.moves_images):
        found |= {key(call, "gin", j) for j in range(len(call.inputs))}
        images = run.led_to(call.inputs)
        weights = [name for name, v in variables.items() if id(v) in images]
        if not follows or run.is_second_order:
            for c in run.calls:
                out = [j for j, y in enumerate(c.outputs) if id(y) in images]
                if out or c.begin <= call.begin < c.end:
                    inputs = enumerate(c.inputs)
                    found |= {key(c, "gin", j) for j, x in inputs if id(x) in images}
                    found |= {key(c, "gout", j) for j in out}
            found |= {f"gradient|{name}" for name in weights}
        if not follows:
            found |= {f"{of}|{name}" for of in ("trained", "update", "second") for name in weights}
        gradients = set()
        for i, inner in enumerate(run.inner_gradients):
            for j, (x, g) in enumerate(zip(inner.sources, inner.found, strict=False)):
                if id(x) in images:
                    found.add(f"inner|{i}|{j}")
                    gradients.add(id(g))
        for c in run.calls:
            found |= {key(c, "in", j) for j, v in enumerate(c.given) if id(v) in images}
            if not follows:
                updated = enumerate(c.weights if c.updated else ())
                found |= {key(c, "updated", j) for j, v in updated if id(v) in images}
        of_gradients = run.made_of(gradients)
        for c in run.calls:
            found |= {key(c, "in", j) for j, x in enumerate(c.inputs) if id(x) in of_gradients}
        if run.is_second_order and gradients:  # what is made of them is differentiated
            found |= {name for name, _ in run.leaves}
            found |= {f"gradient|{name}" for name in variables}
        found |= {name for name, y in run.returned.items() if id(y) in of_gradients}
    return found
