"""compile, by what a file says: a part that cannot be made must not refuse the whole model."""

from __future__ import annotations

import inspect
from typing import Any

from scratchnet.engine.tracebacks import warn
from scratchnet.keras import losses, metrics, optimizers
from scratchnet.keras.configs.old_layouts import is_old, upgraded_optimizer
from scratchnet.keras.configs.serialization import deserialize_keras_object

# Names that `compile` itself understands, by the shapes of the outputs.
_BY_SHAPES = ("accuracy", "acc", "crossentropy", "ce")
_WRAPPERS = ("LossFunctionWrapper", "MeanMetricWrapper")  # whose function an argument says
_METRICS = ("metrics", "weighted_metrics")
# What Keras 2 noted besides, and nothing depends on.
_WITHOUT_MEANING = ("sample_weight_mode", "target_tensors", "distribute", "is_graph_network")
_NOT_NONE = ("run_eagerly", "steps_per_execution")  # where it noted None for the default

Lost = dict[str, list[str]]  # the argument of `compile` -> what could not be made of it


def compile_saved(model: Any, config: dict[str, Any]) -> None:
    """Compile `model` by what a file says, without what cannot be made.

    Args:
        model: the model; if it is built, the optimizer is, too.
        config: the arguments of `compile`, of files of any version.

    Warns of what is missing: of metrics, the model is compiled without them; of the loss or the
    optimizer, it is not compiled.
    """
    lost: Lost = {}
    arguments = {
        name: _argument(model, name, part, lost)
        for name, part in config.items()
        if name not in _WITHOUT_MEANING and not (part is None and name in _NOT_NONE)
    }
    known = inspect.signature(type(model).compile).parameters
    for name in [name for name in arguments if name not in known]:
        lost.setdefault("arguments", []).append(f"`compile` has none called {name!r}")
        del arguments[name]
    is_whole = not {"optimizer", "loss"} & lost.keys()
    if is_whole:
        try:
            model.compile(**arguments)
        except Exception as error:  # whatever a class of the user's raises
            lost["compile"], is_whole = [str(error)], False
    if lost:
        warn(_text(model, lost, is_whole))
    if is_whole and model.built and model.optimizer is not None:
        model.optimizer.build(model.trainable_variables)


def _text(model: Any, lost: Lost, is_whole: bool) -> str:
    outcome = "without them" if is_whole else "not compiled: `compile` it before you train it"
    parts = "; ".join(f"{name}: {', '.join(errors)}" for name, errors in lost.items())
    return (
        f"the model {model.name!r} was loaded, and of how it was compiled this could not be made "
        f"again, so that it is {'compiled ' * is_whole}{outcome}; your own classes and functions "
        f"can be given as custom_objects. {parts}"
    )


def _argument(model: Any, name: str, part: Any, lost: Lost) -> Any:
    try:
        if name == "optimizer":
            return _optimizer(part)
        if name == "loss":
            return _leaves(part, _loss)
        if name in _METRICS:
            several = len(getattr(model, "output_names", None) or [0]) > 1
            return _kept(name, part, several, lost)
        return deserialize_keras_object(part)
    except Exception as error:  # whatever a class of the user's raises
        lost.setdefault(name, []).append(f"{error}")
        return None


def _optimizer(config: Any) -> Any:
    config = upgraded_optimizer(config)
    return optimizers.get(config) if is_old(config) else optimizers.get(_made(config))


def _leaves(part: Any, make: Any) -> Any:
    """`part`, a structure of configs and names, with `make` of each."""
    if isinstance(part, dict) and "class_name" not in part:
        return {key: _leaves(x, make) for key, x in part.items()}
    if isinstance(part, list | tuple):
        return [_leaves(x, make) for x in part]
    return None if part is None else make(part)


def _kept(name: str, part: Any, several: bool, lost: Lost) -> Any:
    """`part`, metrics, without those that cannot be made; None where an output has none left."""

    def make(leaf: Any) -> Any:
        try:
            return _metric(leaf)
        except Exception as error:  # whatever a class of the user's raises
            lost.setdefault(name, []).append(f"{error}")
            return None

    found = _leaves(part, make)
    return found if several and isinstance(found, dict) else _without_none(found, keep=several)


def _without_none(part: Any, keep: bool) -> Any:
    if isinstance(part, dict):
        return {key: _without_none(x, False) for key, x in part.items() if x is not None}
    if not isinstance(part, list):
        return part
    return [_without_none(x, False) for x in part if keep or x is not None]


def _loss(config: Any) -> Any:
    return _object(config, losses)


def _metric(config: Any) -> Any:
    return _object(config, metrics)


def _object(config: Any, family: Any) -> Any:
    """The loss or metric of a config or a name; a name that can be resolved stays a name."""
    if isinstance(config, str):
        made = _made(config)  # yours, if it is the name of one of your functions
        if made is config and config.lower() not in _BY_SHAPES:
            family.get(config)
        return made
    if is_old(config):
        inner = dict(config["config"])
        if inner.get("reduction") == "auto":
            del inner["reduction"]
        if config["class_name"] not in _WRAPPERS:  # TensorFlow wrote it of every loss
            inner.pop("fn", None)
        if isinstance(inner.get("fn"), str) and not callable(_made(inner["fn"])):
            inner["fn"] = {"module": "builtins", "class_name": "function", "config": inner["fn"]}
        config = {**config, "config": inner}
        return family.deserialize(config)
    return _made(config)


def _made(config: Any) -> Any:
    return deserialize_keras_object(config)
