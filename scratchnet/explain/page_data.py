"""What the page holds: a trace as plain data, its arrays as text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import OPS
from scratchnet.explain.arrays import encode, statistics
from scratchnet.explain.formulas import FORMULAS, WITHOUT_RELU, Formula
from scratchnet.explain.layout import layout
from scratchnet.explain.mathml import mathml
from scratchnet.explain.reasons import silent_filters, users_of, ways_end, why_nothing_flows
from scratchnet.explain.sources import line_of, sources
from scratchnet.explain.training import Moment
from scratchnet.traces import Row, Trace

LARGEST_PAGE = 9_000_000  # characters of arrays: a page is to stay below 10 MB
# What a forward pass saved and the page shows, by its name.
_SAVED = {
    "max_pool2d": "argmax",
    "softmax_cross_entropy_with_logits": "p",
    "sparse_softmax_cross_entropy_with_logits": "p",
}
INPUT = -1  # the number of the first node that stands for a tensor that no op made


class PageData:
    """A trace as the data of a page.

    Args:
        trace: of one step; of several backward passes it shows the last, and of ``trace.passes[i]``
            that one.
        about: what the page says of the step; goes into the data as it is.
        file: of the user's program: lines of other files are not shown.  None for all lines.

    Attributes:
        tensors: one entry for each array: shape, dtype, statistics, and its text, or how it is
            computed from two others (``outer``), or why it is not there (``left_out``).
        nodes: one for each op, in the order of the tape, and before them one for each input.
    """

    def __init__(
        self, trace: Trace, about: Mapping[str, Any] | None = None, file: str | None = None
    ) -> None:
        # A page shows one backward pass: of several the last, if none was chosen.
        several = trace.passes if len(trace.passes) > 1 else None
        self.trace = trace = several[-1] if several else trace
        self.about = dict(about or {})
        if several:
            self.about["passes"] = len(several)
        self.tensors: list[dict[str, Any]] = []
        self.nodes: list[dict[str, Any]] = []
        self.moments: list[dict[str, Any]] = []
        self._file = file
        self._arrays: list[Array | None] = []
        self._numbers: dict[int, int] = {}  # id of a tensor -> its number
        self._kept: list[Any] = []  # so that no id is used twice
        self._reads = {
            id(row.record.output): row for row in trace.rows if row.op == "read_variable"
        }
        self._classes = {call.path: type(call.layer).__name__ for call in trace.layers}
        self._uses = self._uses_of_weights(trace.rows)
        self._totals: dict[int, Array] = {}
        self._began = self._targets()
        self._collect()
        self.about["asked"] = trace._gradient_asked
        if len(self._began) > 1:
            self.about["targets"] = len(self._began)
        if (nan := self._not_finite()) is not None:
            self.about["nan"] = nan

    # -- arrays ------------------------------------------------------------------------------------

    def _tensor(self, x: Any) -> int:
        """The number of the array of a tensor or variable."""
        if id(x) not in self._numbers:
            self._kept.append(x)
            self._numbers[id(x)] = self._array(x._data)
        return self._numbers[id(x)]

    def _array(self, x: Array) -> int:
        x = np.asarray(x)
        if x.dtype == bool or x.dtype.kind in "iuf":
            entry = {"shape": list(x.shape), "dtype": x.dtype.name, "stats": statistics(x)}
            self._arrays.append(x)
        else:  # strings, complex numbers, Python objects
            entry = {"shape": list(x.shape), "dtype": x.dtype.name, "left_out": "dtype"}
            self._arrays.append(None)
        self.tensors.append(entry)
        return len(self.tensors) - 1

    def _cotangent(self, g: Any, k: int = 0) -> int | None:
        part = g[k] if isinstance(g, tuple) else g
        return None if part is None else self._tensor(part)

    def _outer(self, row: Row) -> None:
        """Keep the gradient of a dense kernel, for one sample, as the product that it is."""
        a = row.record.inputs[0]
        if row.op != "matmul" or 1 not in row.gx or any(row.record.attrs.values()):
            return
        if a._data.ndim == 2 and len(a._data) == 1 and row.g is not None:
            gb = row.gx[1]._data
            if np.array_equal(np.outer(a._data, row.g._data), gb):
                parts = [self._tensor(a), self._tensor(row.g)]
                number = self._tensor(row.gx[1])
                self.tensors[number]["outer"] = parts
                self._arrays[number] = None

    def _uses_of_weights(self, rows: list[Row]) -> dict[int, list[tuple[int, int]]]:
        """By the id of a variable, row and argument of each use that sent a gradient back."""
        uses: dict[int, list[tuple[int, int]]] = {}
        for row in rows:
            for i, x in enumerate(row.record.inputs):
                read = self._reads.get(id(x))
                if read is not None and i in row.gx:
                    uses.setdefault(id(read.record.inputs[0]), []).append((row.index, i))
        return uses

    def _total(self, row: Row, i: int) -> Array | None:
        """The gradient of a weight that is used several times, of which argument `i` is one."""
        read = self._reads.get(id(row.record.inputs[i]))
        if read is None or len(self._uses.get(id(read.record.inputs[0]), ())) < 2:
            return None
        variable: Any = read.record.inputs[0]
        if id(variable) not in self._totals:
            total = self.trace.gradient_of(variable)
            if total is None:  # it was not itself asked for
                return None
            self._totals[id(variable)] = total
            self._numbers[id(total)] = self._array(total)
        return self._totals[id(variable)]

    def _not_finite(self) -> dict[str, Any] | None:
        """Where the first number that is not finite is, as `Trace.nan` finds it."""
        found = self.trace.nan()
        if found is None:
            return None
        row, i = found.row, found.argument
        name = "y" if i is None else _named(row, i)
        if row.op == "read_variable":  # a weight: shown where it is read first
            variable: Any = row.record.inputs[0]
            name = str(getattr(variable, "path", None) or variable.name)
            read = row.record.output
            row = next((r for r in self.trace.rows if r.takes(read)), row)
        text, site = str(found), found.row.site
        if site is not None and self._file not in (None, site.file):
            text = text.replace(f" ({site})", "")  # no line of the user's
        return {
            "node": row.index,
            "phase": "forward" if found.where == "output" else "backward",
            "name": name if found.where == "output" else f"∂L/∂{name}",
            "at": list(found.index),
            "value": found.value if not isinstance(found.value, complex) else str(found.value),
            "count": found.count,
            "size": found.size,
            "text": text,
            "calm": self._ends_finite(),
        }

    def _ends_finite(self) -> bool:
        """Whether loss and gradients are finite, and no value is NaN: as with -inf in a mask."""
        trace = self.trace
        values = [y for row in trace.rows for y in row.outputs if y.dtype.kind in "fc"]
        if trace.loss is None or not np.isfinite(trace.loss).all():
            return False
        if any(np.isnan(y).any() for y in values):
            return False
        entries = [entry for node in self.nodes for entry in node["ins"] + node["outs"]]
        numbers = {entry.get(key) for entry in entries for key in ("g", "total")} - {None}
        # Of a dtype without statistics, such as complex64, nothing is known here.
        return not any(self.tensors[k].get("stats", {"lost": 1})["lost"] for k in numbers)

    def _targets(self) -> set[int]:
        """The ids of the targets, at which the backward pass began: no op sent a gradient to them.

        Nor did an op of another backward pass, which has no row.  An output that nobody took, as
        the moments of a batch normalization, has a cotangent of zeros and is no target.
        """
        last = self.trace._passes[-1] if self.trace._passes else None
        behind = last.behind.values() if last is not None else ()
        targets = {id(y) for y in last.targets} if last is not None else set()
        rows = [*self.trace.rows, *behind]
        sent = {id(row.record.inputs[i]) for row in rows for i in row.gx}
        return {
            id(y)
            for row in self.trace.rows
            for k, y in enumerate(row.record.outputs)
            if id(y) in targets - sent
            and (row.g[k] if isinstance(row.g, tuple) else row.g) is not None
        }

    # -- nodes -------------------------------------------------------------------------------------

    def _collect(self) -> None:
        trace = self.trace
        rows = [row for row in trace.rows if row.op != "read_variable"]
        made = {id(y): row.index for row in rows for y in row.record.outputs}
        sources_ = self._inputs(rows, made)
        for number, x in enumerate(sources_):
            made[id(x)] = INPUT - number
        parents = {
            row.index: list(dict.fromkeys(made[id(x)] for x in row.record.inputs if id(x) in made))
            for row in rows
        }
        towards = self._towards_the_loss(rows, parents)
        self._by_index = {row.index: row for row in rows}
        self._users = users_of(rows)
        self._made_by = {id(y): row for row in rows for y in row.record.outputs}
        self._without = ways_end(rows, made, towards)
        for number, x in enumerate(sources_):
            self.nodes.append(self._input_node(INPUT - number, x))
        for row in rows:
            self.nodes.append(self._op_node(row, made, row.index in towards))
        order = [node["id"] for node in self.nodes]
        data = self._from_the_data(order, parents)
        for node in self.nodes:  # labels, counts, and what the loss does not depend on
            node["minor"] = node["aside"] or node["id"] not in data
        aside = [node["id"] for node in self.nodes if node["aside"]]
        places = layout(order, parents, aside)
        for node in self.nodes:
            node["column"] = places["columns"][node["id"]]
            node["lane"] = places["lanes"][node["id"]]
        self.edges = [
            {"from": b, "to": n, "lane": places["routes"].get((b, n))}
            for n in order
            for b in parents.get(n, ())
        ]

    def _inputs(self, rows: list[Row], made: Mapping[int, int]) -> list[Any]:
        """The tensors that no op made and that a model was called on, or that got a gradient.

        If there are none, the first.  What a layer makes for itself, such as the zeros that a
        recurrent layer begins with, is no input.
        """
        calls = self.trace._calls
        paths = {call.path for call in calls}
        given = {
            id(x)
            for call in calls
            if not any(call.path.startswith(f"{path}/") for path in paths)
            for x in call._inputs
        }
        found: dict[int, Any] = {}
        candidates: dict[int, Any] = {}
        for row in rows:
            for i, x in enumerate(row.record.inputs):
                if id(x) in made or id(x) in self._reads or not hasattr(x, "_data"):
                    continue
                if id(x) in given and x._data.ndim:
                    found.setdefault(id(x), x)
                if x._data.ndim and x._data.dtype.kind == "f":
                    candidates.setdefault(id(x), x)
                    if i in row.gx and not (given and row.layer):
                        found.setdefault(id(x), x)
        return list(found.values()) or list(candidates.values())[:1]

    @staticmethod
    def _towards_the_loss(rows: list[Row], parents: Mapping[int, list[int]]) -> set[int]:
        """The ops that the loss depends on."""
        waiting, seen = [row.index for row in rows if row.g is not None], set[int]()
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting += parents.get(node, [])
        return seen

    @staticmethod
    def _from_the_data(order: list[int], parents: Mapping[int, list[int]]) -> set[int]:
        """The nodes that depend on an input."""
        found = {node for node in order if node <= INPUT}
        for node in order:
            if any(b in found for b in parents.get(node, ())):
                found.add(node)
        return found

    def _input_node(self, number: int, x: Any) -> dict[str, Any]:
        g = self.trace.gradient_of(x)
        return {
            "id": number,
            "op": "input",
            "layer": None,
            "ins": [],
            "outs": [{"t": self._tensor(x), "g": None if g is None else self._array(g)}],
            "attrs": {},
            "aside": False,
            "name": "x",
            **({"without": self._without[number]} if g is None and number in self._without else {}),
        }

    def _op_node(self, row: Row, made: Mapping[int, int], is_on_the_way: bool) -> dict[str, Any]:
        record, formula = row.record, FORMULAS.get(row.op, Formula(("x*",), ""))
        if row.op == "matmul":
            self._outer(row)
        ins = []
        for i, x in enumerate(record.inputs):
            entry: dict[str, Any] = {
                "name": formula.name(i),
                "t": self._tensor(x),
                "g": self._tensor(row.gx[i]) if i in row.gx else None,
                "from": made.get(id(x)),
            }
            if self._is_reshaped_weight(x):  # as the kernel of a depthwise convolution
                entry["reshaped"] = True
            read = self._reads.get(id(x))
            if read is not None:
                variable: Any = read.record.inputs[0]
                entry["parameter"] = str(getattr(variable, "path", None) or variable.name)
                entry["trainable"] = bool(getattr(variable, "trainable", True))
                if i in row.gx and (total := self._total(row, i)) is not None:
                    uses = self._uses[id(variable)]
                    entry["total"] = self._numbers[id(total)]
                    entry["use"], entry["uses"] = uses.index((row.index, i)) + 1, len(uses)
            elif entry["g"] is None and row.g is not None:
                entry["why"] = why_nothing_flows(row, i, self._made_by.get(id(x)))
            ins.append(entry)
        outs = [
            {
                "t": self._tensor(y),
                "g": self._cotangent(row.g, k),
                "began": id(y) in self._began,
            }
            for k, y in enumerate(record.outputs)
        ]
        node = {
            "id": row.index,
            "op": row.op,
            "layer": row.layer,
            **({"part": row.part} if row.part else {}),
            "class": self._classes.get(row.layer or "", ""),
            "ins": ins,
            "outs": outs,
            "name": formula.output,
            "attrs": {name: _plain(value) for name, value in record.attrs.items()},
            "aside": not is_on_the_way,
            "ms": row.ms,
            "backward_ms": row.backward_ms,
            "compiled": row.compiled,
            "parameters": sum(
                math.prod(self.tensors[entry["t"]]["shape"])
                for entry in ins
                if "parameter" in entry
            ),
            "dead": dead_units(row),
            "silent": self._silent(row),
        }
        if row.site is not None and self._file in (None, row.site.file):
            file = row.site.file.replace("\\", "/").rpartition("/")[2]
            node["site"] = {"place": f"{file}:{row.site.line}", "text": line_of(row.site)}
        if row.op in _SAVED and isinstance(record.saved, np.ndarray):
            node["saved"] = {"name": _SAVED[row.op], "t": self._array(record.saved)}
        if row.g is None and is_hidden(row, self.trace):
            node["hidden"] = True
        elif row.index in self._without:
            node["without"] = self._without[row.index]
        return node

    def _is_reshaped_weight(self, x: Any) -> bool:
        maker = self._made_by.get(id(x))
        return (
            maker is not None
            and maker.op == "reshape"
            and id(maker.record.inputs[0]) in self._reads
        )

    def _silent(self, row: Row) -> dict[str, str]:
        """The filters of an op whose gradient is 0, and why: see `silent_filters`."""
        if len(row.record.inputs) < 2:
            return {}
        total, read = self._total(row, 1), self._reads.get(id(row.record.inputs[1]))
        variable = id(read.record.inputs[0]) if read is not None else 0
        uses = [(self._by_index[index], i) for index, i in self._uses.get(variable, ())]
        return silent_filters(row, total, uses, self._users)

    def add_witnesses(self, said: Mapping[int, list[dict[str, Any]]]) -> None:
        """Put what the witnesses say beside the ops: see `scratchnet.explain.witnesses`."""
        for node in self.nodes:
            if node["id"] not in said:
                continue
            node["witnesses"] = []
            for entry in said[node["id"]]:
                i = entry["argument"]
                what = node["name"] if i is None else "g" + node["ins"][i]["name"]
                node["witnesses"].append(entry | {"what": what})
        each = [w for said_of in said.values() for w in said_of]
        judged = [w["agrees"] for w in each]
        compared = Counter(w["who"] for w in each if w["agrees"] is not None)
        missing = [w for w in each if w["who"] == "tensorflow" and w["agrees"] is None]
        self.about["witnesses"] = {
            "agree": judged.count(True),
            "disagree": judged.count(False),
            "ops": len(said),
            "asked": sorted(compared),
            "compared": dict(compared),
            "missing": len(missing),
        }

    def add_training(self, moments: Sequence[Moment]) -> None:
        """Put the recorded steps of a training beside the trace."""

        def numbered(pairs: Mapping[str, tuple[Array, Array]]) -> dict[str, list[int]]:
            return {name: [self._array(x) for x in pair] for name, pair in pairs.items()}

        self.moments = [
            {
                "step": m.step,
                "loss": m.loss,
                "norms": {name: list(norms) for name, norms in m.norms.items()},
                "pictures": numbered(m.pictures),
                "filters": numbered(m.filters),
            }
            for m in moments
        ]

    # -- all of it ---------------------------------------------------------------------------------

    def to_dict(self, limit: int = LARGEST_PAGE) -> dict[str, Any]:
        """The data, of which JSON can be made.

        Args:
            limit: how many characters the arrays may take; the largest are left out above it.
        """
        tensors = []
        for entry, x in zip(self.tensors, self._arrays, strict=True):
            # Arrays are hardly ever deflated to a fifth: what would not fit is not tried.
            hopeless = x is not None and x.nbytes > 4 * limit
            said = {"left_out": "size"} if hopeless else {} if x is None else encode(x)
            tensors.append(entry | said)
        size = sum(len(entry.get("data", "")) for entry in tensors)
        for entry in sorted(tensors, key=lambda e: -len(e.get("data", ""))):
            if size <= limit:
                break
            size -= len(entry.pop("data", ""))
            entry["left_out"] = "size"
        data = {
            "about": self.about,
            "loss": _loss(self.trace),
            "tensors": tensors,
            "nodes": self.nodes,
            "edges": self.edges,
            "moments": self.moments,
            "ops": {name: op_page(name) for name in sorted({n["op"] for n in self.nodes})},
        }
        return finite(data)  # type: ignore[no-any-return]


def finite(data: Any) -> Any:
    """`data` as JSON has it, which knows no NaN: such a number becomes ``{"float": "NaN"}``.

    >>> finite({"loss": float("inf"), "norms": [1.0, float("nan")]})
    {'loss': {'float': 'Infinity'}, 'norms': [1.0, {'float': 'NaN'}]}
    """
    if isinstance(data, float) and not math.isfinite(data):
        infinite = "Infinity" if data > 0 else "-Infinity"
        return {"float": "NaN" if math.isnan(data) else infinite}
    if isinstance(data, dict):
        return {key: finite(value) for key, value in data.items()}
    return [finite(part) for part in data] if isinstance(data, list | tuple) else data


def _named(row: Row, i: int) -> str:
    return FORMULAS.get(row.op, Formula(("x*",), "")).name(i)


def op_page(name: str) -> dict[str, Any]:
    """What the page says of an op: formulas as MathML, and source lines."""
    op = OPS.get(name)
    return {
        **_mathematics(FORMULAS.get(name)),
        **({"without_relu": _mathematics(WITHOUT_RELU[name])} if name in WITHOUT_RELU else {}),
        "sources": sources(op) if op is not None else [],
    }


def _mathematics(formula: Formula | None) -> dict[str, Any]:
    return {
        "formula": mathml(formula.forward) if formula else "",
        "vjps": [mathml(vjp) for vjp in formula.vjps] if formula else [],
    }


def dead_units(row: Row) -> list[int]:
    """The channels of a relu's output that are 0 at all places.

    >>> import scratchnet as tf
    >>> with tf.tracing() as trace:
    ...     y = tf.nn.relu([[1.0, -1.0, 0.0]])
    >>> dead_units(trace[0])
    [1, 2]
    """
    is_relu = row.op in ("relu", "relu6") or bool(row.record.attrs.get("relu"))
    y = row.output
    if not is_relu or y.ndim < 2:
        return []
    return [int(i) for i in np.flatnonzero((y == 0).all(tuple(range(y.ndim - 1))))]


def is_hidden(row: Row, trace: Trace) -> bool:
    """Whether a softmax or sigmoid was passed by: the loss took the logits behind it."""
    return trace.hidden_logits(row.record.outputs[0]) is not None


def _loss(trace: Trace) -> float | None:
    loss = trace.loss
    is_number = loss is not None and loss.size == 1 and loss.dtype.kind != "c"
    return float(loss.item()) if loss is not None and is_number else None


def _plain(value: Any) -> Any:
    """An attribute as JSON has it."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    return str(value)
