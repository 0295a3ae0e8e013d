"""Dataset: an input pipeline, written as a chain of steps (``tf.data.Dataset``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NoReturn, Self

import numpy as np

from scratchnet.data.arguments import (
    boolean,
    function,
    in_parallel,
    integer,
    nodes_of,
    signature,
)
from scratchnet.data.choose import Chosen, RandomNumbers, Selection, weighted
from scratchnet.data.element_spec import (
    DatasetSpec,
    NestedDataset,
    Spec,
    TensorSpec,
    filled,
    map_leaves,
    stand_in,
    to_element,
    to_tensors,
)
from scratchnet.data.flat_map import FlatMap
from scratchnet.data.interleave import Interleave
from scratchnet.data.node import (
    INFINITE,
    UNKNOWN,
    Generated,
    Node,
    OneTensor,
    Range,
    StandIn,
    TensorSlice,
)
from scratchnet.data.options import Options
from scratchnet.data.padded_batch import PaddedBatch
from scratchnet.data.reorder import (
    Cache,
    Prefetch,
    Repeat,
    Shard,
    Shuffle,
    Skip,
    Take,
    WithOptions,
)
from scratchnet.data.resample import resampled
from scratchnet.data.scan import Scan
from scratchnet.data.transform import (
    Batch,
    Concatenate,
    Filter,
    Map,
    TakeWhile,
    Unbatch,
    Unique,
    Zip,
    fold,
)
from scratchnet.data.unsupported import OF_DATASET, refuse
from scratchnet.data.window import GroupByWindow, Window
from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array, as_dtype, int64
from scratchnet.engine.errors import InvalidArgumentError, OutOfRangeError, invalid, say
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.engine.tracebacks import filters_tracebacks
from scratchnet.ops.trials import Trial

AUTOTUNE = -1


class _WithGuidance(type):
    """Tells what is there instead of a static method that `Dataset` does not have."""

    def __getattr__(cls, name: str) -> NoReturn:
        refuse(f"type object {cls.__name__!r}", name, OF_DATASET)


class Dataset(NestedDataset, metaclass=_WithGuidance):
    """Elements in an order, made when they are asked for (``tf.data.Dataset``).

    An element is a tensor, or a tuple or dict of elements; after `window` there are datasets in
    place of tensors.  Every step returns a new dataset, and every ``for`` loop reads it from the
    beginning.  Functions given to `map`, `filter` and `reduce` are called with tensors, once per
    element, unseen by any tape.

    Begin with `from_tensor_slices`, `from_tensors`, `from_generator`, `range` or `zip`.

    >>> dataset = Dataset.from_tensor_slices(([1.0, 2.0, 3.0], [0, 1, 0])).batch(2)
    >>> for x, y in dataset:
    ...     print(x.numpy(), y.numpy())
    [1. 2.] [0 1]
    [3.] [0]
    """

    def __init__(self, node: Node) -> None:
        self._node = node

    def _then(self, node: Node) -> Self:
        return type(self)(node)

    @classmethod
    def _standing_in(cls, spec: Spec, trial: Trial) -> Dataset:
        return cls(StandIn(spec, [stand_in(spec, trial)] * trial.size))

    # -- where elements come from ------------------------------------------------------------------

    @staticmethod
    def from_tensor_slices(tensors: TensorLike) -> Dataset:
        """One element per row: ``tensors[0]``, ``tensors[1]``, ...

        Args:
            tensors: an array of shape (n, ...), or a tuple or dict of them with the same n; copied.

        Raises:
            ValueError: a scalar, nothing at all, or different numbers of rows.

        >>> list(Dataset.from_tensor_slices({"x": [1, 2]}).as_numpy_iterator())
        [{'x': np.int32(1)}, {'x': np.int32(2)}]
        """
        return Dataset(TensorSlice(to_element(() if tensors is None else tensors)))

    @staticmethod
    def from_tensors(tensors: TensorLike) -> Dataset:
        """One element: `tensors`.

        >>> len(Dataset.from_tensors([[1, 2], [3, 4]]))
        1
        """
        return Dataset(OneTensor(filled("from_tensors", "`tensors`", to_element(tensors))))

    @staticmethod
    def from_generator(
        generator: Callable[..., Any],
        output_types: Any = None,
        output_shapes: Any = None,
        args: tuple[Any, ...] | None = None,
        output_signature: Any = None,
    ) -> Dataset:
        """What a Python generator yields.  Its own exceptions come through as they are.

        Args:
            generator: called without arguments, or with `args`, whenever the dataset is read.
            output_types: the dtypes in the structure of an element: the older way to describe one.
            output_shapes: the shapes, likewise; unknown if not given.
            args: tensors, which `generator` gets as NumPy values.
            output_signature: ``tf.TensorSpec`` in the structure of an element.

        Raises:
            TypeError: `generator` is not callable; neither or both descriptions are given.
            InvalidArgumentError: while reading, an element of another structure, dtype or shape.

        >>> from scratchnet.data.element_spec import TensorSpec
        >>> squares = lambda: (i * i for i in range(4))
        >>> ds = Dataset.from_generator(squares, output_signature=TensorSpec((), "int32"))
        >>> [int(x) for x in ds]
        [0, 1, 4, 9]
        """
        if not callable(generator):
            raise TypeError(
                "from_generator: `generator` must be a Python callable, received "
                f"generator={generator!r}"
            )
        spec = signature(output_types, output_shapes, output_signature)
        return Dataset(Generated(generator, spec, [to_element(arg)[()] for arg in args or ()]))

    @staticmethod
    def range(*args: int, output_type: object = int64) -> Dataset:
        """The integers of Python's ``range``, as scalars of dtype `output_type`.

        >>> [int(x) for x in Dataset.range(5, 0, -2)]
        [5, 3, 1]
        """
        if not 1 <= len(args) <= 3:
            raise ValueError(
                "range: Invalid `args`. The length of `args` should be between 1 and 3 but was "
                f"{len(args)}."
            )
        bounds = [integer("range", "args", arg) for arg in args]
        start, stop = (0, bounds[0]) if len(bounds) == 1 else bounds[:2]
        step = bounds[2] if len(bounds) == 3 else 1
        if step == 0:
            raise InvalidArgumentError("range: step must be a non-zero integer, received step=0")
        return Dataset(Range(start, stop, step, as_dtype(output_type)))

    @staticmethod
    def zip(*args: Any, datasets: Any = None) -> Dataset:
        """The elements of several datasets side by side, to the end of the shortest.

        Args:
            *args: datasets, or one tuple or dict of datasets.
            datasets: that tuple or dict, by its older name.

        Raises:
            TypeError: something else than datasets, nothing, or both ways at once.

        >>> pairs = Dataset.zip(Dataset.range(3), Dataset.range(10, 20))
        >>> [(int(a), int(b)) for a, b in pairs]
        [(0, 10), (1, 11), (2, 12)]
        """
        if args and datasets is not None:
            raise TypeError("zip: Both `*args` and `datasets` cannot be set.")
        if not args and datasets is None:
            raise TypeError("zip: Must pass at least one dataset to `zip`.")
        given = datasets if not args else args[0] if len(args) == 1 else args
        return Dataset(Zip(nodes_of("zip", given, Dataset)))

    @staticmethod
    def random(seed: int | None = None, rerandomize_each_iteration: bool | None = None) -> Dataset:
        """Random integers of 0 to ``2**32 - 1``, as int64 scalars, for ever: TensorFlow's.

        Args:
            seed: the seed of this step, beside the global one of ``tf.random.set_seed``.
            rerandomize_each_iteration: new numbers each time the dataset is read; None is False.

        Raises:
            TypeError: `seed` is no integer, `rerandomize_each_iteration` no bool.

        >>> from scratchnet.ops.random import set_seed
        >>> set_seed(1)
        >>> [int(x) for x in Dataset.random(seed=4).take(2)]
        [3140572256, 1890473413]
        """
        own_seed, again = _random_arguments("random", seed, rerandomize_each_iteration)
        return Dataset(RandomNumbers(own_seed, again))

    @staticmethod
    def sample_from_datasets(
        datasets: Sequence[Dataset],
        weights: Any = None,
        seed: int | None = None,
        stop_on_empty_dataset: bool = False,
        rerandomize_each_iteration: bool | None = None,
    ) -> Dataset:
        """Each element is the next one of a dataset drawn at random: TensorFlow's draws.

        Args:
            datasets: a list of datasets of the same structure and dtypes.
            weights: how probable each is, a list or floating-point tensor, or a dataset of such
                tensors; equally probable if not given.
            seed: the seed of the draws, beside the global one of ``tf.random.set_seed``.
            stop_on_empty_dataset: end where a dataset is drawn that has no element left;
                otherwise it is passed over.
            rerandomize_each_iteration: new draws each time the dataset is read; None is False.

        Raises:
            TypeError: other structures or dtypes; `weights` of integers.
            ValueError: no dataset; another number of weights.

        >>> from scratchnet.ops.random import set_seed
        >>> set_seed(1)
        >>> ds = Dataset.sample_from_datasets([Dataset.range(3), Dataset.range(10, 13)], seed=2)
        >>> [int(x) for x in ds]
        [0, 1, 2, 10, 11, 12]
        """
        nodes = _list_of_nodes("sample_from_datasets", datasets)
        stop = boolean("sample_from_datasets", "stop_on_empty_dataset", stop_on_empty_dataset)
        draws = _random_arguments("sample_from_datasets", seed, rerandomize_each_iteration)
        logits: Any = np.ones(len(nodes), np.float32)
        if isinstance(weights, Dataset):
            logits = weights._node
        elif weights is not None:
            nodes, logits = weighted(nodes, weights)
        if len(nodes) == 1 and not isinstance(weights, Dataset):
            return Dataset(nodes[0])
        return Dataset(Chosen(Selection(logits, RandomNumbers(*draws)), nodes, stop))

    @staticmethod
    def choose_from_datasets(
        datasets: Sequence[Dataset], choice_dataset: Dataset, stop_on_empty_dataset: bool = True
    ) -> Dataset:
        """Each element is the next one of the dataset whose number `choice_dataset` says.

        Args:
            datasets: a list of datasets of the same structure and dtypes.
            choice_dataset: of int64 scalars, each a place in `datasets`.
            stop_on_empty_dataset: end where a dataset is chosen that has no element left;
                otherwise it is passed over.

        Raises:
            TypeError: other structures or dtypes; `choice_dataset` holds something else.
            ValueError: no dataset.
            InvalidArgumentError: while reading, a number that no dataset has.

        >>> ds = [Dataset.range(3), Dataset.range(10, 13)]
        >>> [int(x) for x in Dataset.choose_from_datasets(ds, Dataset.range(2).repeat(2))]
        [0, 10, 1, 11]
        """
        nodes = _list_of_nodes("choose_from_datasets", datasets)
        if not isinstance(choice_dataset, Dataset):
            raise TypeError(
                "choose_from_datasets: Invalid `choice_dataset`. `choice_dataset` should be a "
                f"`tf.data.Dataset` but is {type(choice_dataset)}."
            )
        scalar, spec = TensorSpec((), int64), choice_dataset.element_spec
        if not (isinstance(spec, TensorSpec) and scalar.is_compatible_with(spec)):
            raise TypeError(
                "choose_from_datasets: Invalid `choice_dataset`. Elements of `choice_dataset` must "
                f"be scalar `tf.int64` tensors but are {spec}."
            )
        stop = boolean("choose_from_datasets", "stop_on_empty_dataset", stop_on_empty_dataset)
        return Dataset(Chosen(choice_dataset._node, nodes, stop))

    # -- which elements, and in which order -------------------------------------------------------

    def take(self, count: int) -> Self:
        """The first `count` elements; all of them for -1."""
        return self._then(Take(self._node, integer("take", "count", count)))

    def skip(self, count: int) -> Self:
        """All but the first `count` elements; none is left for -1."""
        return self._then(Skip(self._node, integer("skip", "count", count)))

    def shard(self, num_shards: int, index: int) -> Self:
        """Every `num_shards`-th element, from number `index` on: one of `num_shards` equal parts.

        Raises:
            InvalidArgumentError: `num_shards` < 1; `index` is none of 0 … num_shards - 1.

        >>> from scratchnet.data import Dataset
        >>> [int(x) for x in Dataset.range(7).shard(3, index=1)]
        [1, 4]
        """
        n, i = integer("shard", "num_shards", num_shards), integer("shard", "index", index)
        if n < 1:
            raise InvalidArgumentError(
                f"shard: Number of shards must be greater than zero (currently num_shards = {n})."
            )
        if not 0 <= i < n:
            raise InvalidArgumentError(
                f"shard: Index must be between 0 and {n - 1} (currently index = {i})."
            )
        return self._then(Shard(self._node, n, i))

    def repeat(self, count: int | None = None) -> Self:
        """The dataset `count` times over; for ever for None or -1."""
        n = -1 if count is None else integer("repeat", "count", count)
        return self._then(Repeat(self._node, n))

    def shuffle(
        self,
        buffer_size: int,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = True,
    ) -> Self:
        """A random order: each element is drawn from a buffer of the next `buffer_size` ones.

        The order is TensorFlow's for the same seeds.

        Args:
            buffer_size: how many elements to draw from; for an even shuffle, all of them.
            seed: the seed of this step, beside the global one of ``tf.random.set_seed``.
            reshuffle_each_iteration: a new order each time the dataset is read; None means True.

        Raises:
            InvalidArgumentError: `buffer_size` is not positive.
            TypeError: `buffer_size` or `seed` is no integer, `reshuffle_each_iteration` no bool.

        >>> from scratchnet.data import Dataset
        >>> from scratchnet.ops.random import set_seed
        >>> set_seed(1)
        >>> [int(x) for x in Dataset.range(8).shuffle(3)]
        [1, 0, 2, 5, 4, 7, 3, 6]
        """
        size = integer("shuffle", "buffer_size", buffer_size)
        if size < 1 and size != UNKNOWN:
            raise invalid("shuffle", "buffer_size", "must be greater than zero", size)
        own_seed = None if seed is None else integer("shuffle", "seed", seed)
        again = reshuffle_each_iteration
        again = True if again is None else boolean("shuffle", "reshuffle_each_iteration", again)
        return self._then(Shuffle(self._node, size, own_seed, again))

    def cache(self, filename: str = "") -> Self:
        """What the first complete reading gives, kept in memory and given from then on.

        Raises:
            ValueError: a `filename`: caches in files are not supported.
        """
        if filename != "":
            raise ValueError(
                "cache: `filename` must be '' (in memory; caches in files are not supported), "
                f"received filename={filename!r}"
            )
        return self._then(Cache(self._node))

    def prefetch(self, buffer_size: int | None) -> Self:
        """The same elements.

        TensorFlow makes up to `buffer_size` elements ahead in another thread, on which no value
        depends.  Here each element is made when it is asked for: one thread, one order of events.
        A second thread would win little: a training step keeps all cores busy by itself, and a
        shuffled batch of arrays in memory is one gather.

        Raises:
            InvalidArgumentError: `buffer_size` is below -1 (`AUTOTUNE`).
        """
        if buffer_size is not None:
            size = integer("prefetch", "buffer_size", buffer_size)
            if size < AUTOTUNE:
                rule = "must be >= 0, or -1 for auto-tuning"
                raise invalid("prefetch", "buffer_size", rule, size)
        return self._then(Prefetch(self._node))

    def concatenate(self, dataset: Dataset) -> Self:
        """The elements of this dataset, then those of `dataset`.

        Raises:
            TypeError: elements of another structure or dtype.
        """
        return self._then(Concatenate(self._node, nodes_of("concatenate", dataset, Dataset)))

    # -- new elements -----------------------------------------------------------------------------

    def batch(
        self,
        batch_size: int,
        drop_remainder: bool = False,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
    ) -> Self:
        """Consecutive elements stacked: `batch_size` of shape S make one of (batch_size, *S).

        Args:
            batch_size: how many.
            drop_remainder: leave out the last batch if it is smaller.
            num_parallel_calls, deterministic: how TensorFlow may run it; no value depends on them.

        Raises:
            InvalidArgumentError: `batch_size` is not positive; while reading, elements of different
                shapes.

        >>> from scratchnet.data import Dataset
        >>> [x.numpy().tolist() for x in Dataset.range(5).batch(2)]
        [[0, 1], [2, 3], [4]]
        """
        size = _batch_size("batch", batch_size)
        parallel = in_parallel("batch", num_parallel_calls, deterministic)
        drop = boolean("batch", "drop_remainder", drop_remainder)
        return self._then(Batch(self._node, size, drop, parallel))

    def padded_batch(
        self,
        batch_size: int,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
    ) -> Self:
        """Consecutive elements stacked, each padded at its ends to one shape.

        Args:
            batch_size: how many.
            padded_shapes: a shape in the place of each tensor of an element; None or -1 for the
                largest size in a batch.  Without it, the shapes of `element_spec`.
            padding_values: a scalar, or one in the place of each tensor, of its dtype; 0 for None.
            drop_remainder: leave out the last batch if it is smaller.

        Raises:
            InvalidArgumentError: `batch_size` is not positive.
            ValueError: `padded_shapes` of another rank or structure or smaller than a known size;
                `padding_values` that are no scalars; an unknown rank.
            TypeError: `padding_values` of other dtypes; a dataset of datasets.
            DataLossError: while reading, an element is larger than its padded shape.

        >>> from scratchnet.data import Dataset
        >>> ragged = Dataset.range(1, 4).flat_map(lambda n: Dataset.range(n).batch(9))
        >>> next(iter(ragged.padded_batch(3, padding_values=np.int64(-1)))).numpy()
        array([[ 0, -1, -1],
               [ 0,  1, -1],
               [ 0,  1,  2]])
        """
        size = _batch_size("padded_batch", batch_size)
        drop = boolean("padded_batch", "drop_remainder", drop_remainder)
        return self._then(PaddedBatch(self._node, size, padded_shapes, padding_values, drop))

    def window(
        self, size: int, shift: int | None = None, stride: int = 1, drop_remainder: bool = False
    ) -> Self:
        """Windows of `size` elements, each of them a dataset: ``flat_map`` makes tensors of them.

        Args:
            size: how many elements a window has.
            shift: how many elements further on the next window begins; `size` if not given.
            stride: how many elements further on in the source the next element of a window is.
            drop_remainder: leave out the windows at the end that are smaller.

        Returns:
            A dataset of datasets; where elements have several tensors, of a dataset for each.

        Raises:
            InvalidArgumentError: `size`, `shift` or `stride` is not positive.

        >>> from scratchnet.data import Dataset
        >>> windows = Dataset.range(6).window(3, shift=1, drop_remainder=True)
        >>> [x.numpy().tolist() for x in windows.flat_map(lambda window: window.batch(3))]
        [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]]
        """
        sizes = {"size": size, "shift": size if shift is None else shift, "stride": stride}
        checked = {name: integer("window", name, value) for name, value in sizes.items()}
        for name, value in checked.items():
            if value < 1:
                raise InvalidArgumentError(
                    f"window: Window {name} must be greater than zero, received {name}={value}"
                )
        drop = boolean("window", "drop_remainder", drop_remainder)
        return self._then(Window(self._node, Dataset, **checked, drop_remainder=drop))

    def group_by_window(
        self,
        key_func: Callable[..., Any],
        reduce_func: Callable[..., Any],
        window_size: int | None = None,
        window_size_func: Callable[..., Any] | None = None,
    ) -> Self:
        """Elements of equal keys in groups, a dataset made of each group, and its elements.

        Args:
            key_func: the int64 key of an element.
            reduce_func: ``reduce_func(key, group)``, a dataset made of the dataset `group`, which
                is full, or what is left at the end (by key, the smallest first).
            window_size: how many elements a full group has.
            window_size_func: that number as a function of the key, called once for each.

        Raises:
            ValueError: both or neither of the last two; while reading, a key that is no scalar.
            TypeError: while reading, `reduce_func` returns something else than a dataset.
            InvalidArgumentError: while reading, a window size below 1.

        >>> from scratchnet.data import Dataset
        >>> parity, batch = lambda i: i % 2, lambda key, group: group.batch(2)
        >>> [x.numpy().tolist() for x in Dataset.range(6).group_by_window(parity, batch, 2)]
        [[0, 2], [1, 3], [4], [5]]
        """
        where = "group_by_window"
        if (window_size is None) == (window_size_func is None):
            raise ValueError(
                f"{where}: Either the `window_size` argument or the `window_size_func` argument "
                "must be specified."
            )
        key = function(where, "key_func", key_func)
        reduce = function(where, "reduce_func", reduce_func)
        size = (
            function(where, "window_size_func", window_size_func)
            if window_size is None
            else integer(where, "window_size", window_size)
        )
        return self._then(GroupByWindow(self._node, Dataset, key, reduce, size))

    def unbatch(self) -> Self:
        """The rows of each element, one by one: the inverse of `batch`.

        Raises:
            ValueError: scalar elements; while reading, components with different numbers of rows.
        """
        return self._then(Unbatch(self._node))

    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
    ) -> Self:
        """``map_func(element)`` for each element; a tuple is spread: ``map_func(x, y)``.

        TensorFlow calls `map_func` once, to make a graph of it.  Here it is called when an element
        is asked for, and errors of its own show only then.

        Args:
            map_func: returns a tensor, or a tuple (or list) or dict of them; numbers and arrays
                become tensors.
            num_parallel_calls, deterministic, synchronous, use_unbounded_threadpool: how
                TensorFlow may run it.  Here the calls are made one by one, in order: what
                TensorFlow's default, ``deterministic=True``, returns.

        Raises:
            ValueError: `map_func` is not callable; `synchronous` and `num_parallel_calls` at once.
            TypeError: while reading, `map_func` returns something that is no tensor.
            InvalidArgumentError: while reading, it returns None, or nothing.

        >>> from scratchnet.data import Dataset
        >>> [int(x) for x in Dataset.range(4).map(lambda i: i * i)]
        [0, 1, 4, 9]
        """
        parallel = in_parallel("map", num_parallel_calls, deterministic)
        boolean("map", "use_unbounded_threadpool", use_unbounded_threadpool)
        if synchronous is not None and boolean("map", "synchronous", synchronous) and parallel:
            rule = "must not be True together with `num_parallel_calls`"
            raise ValueError(say("map", "synchronous", rule, synchronous))
        return self._then(Map(self._node, function("map", "map_func", map_func), parallel))

    def flat_map(self, map_func: Callable[..., Any]) -> Self:
        """The elements of the datasets ``map_func(element)``, one dataset after the other.

        Raises:
            ValueError: `map_func` is not callable.
            TypeError: while reading, it returns something else than a dataset.

        >>> from scratchnet.data import Dataset
        >>> [int(x) for x in Dataset.range(4).flat_map(Dataset.range)]
        [0, 0, 1, 0, 1, 2]
        """
        step = function("flat_map", "map_func", map_func)
        return self._then(FlatMap(self._node, step, Dataset))

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: int | None = None,
        block_length: int | None = None,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
    ) -> Self:
        """The elements of the datasets ``map_func(element)``, several of them read in turns.

        Args:
            map_func: returns a dataset.
            cycle_length: how many datasets are read in turns.  If not given, the number of cores,
                or less if `num_parallel_calls` is: as in TensorFlow, by the machine.
            block_length: how many elements of each come at a turn; 1 if not given.
            num_parallel_calls, deterministic: how TensorFlow may run it.  Here the elements come
                one by one, in the order of TensorFlow's default, ``deterministic=True``.

        Raises:
            ValueError: `map_func` is not callable.
            InvalidArgumentError: `cycle_length` or `block_length` is not positive, or
                `num_parallel_calls` larger than `cycle_length`.
            TypeError: while reading, `map_func` returns something else than a dataset.

        >>> from scratchnet.data import Dataset
        >>> twice = lambda i: Dataset.from_tensors(i).repeat(3)
        >>> [int(x) for x in Dataset.range(4).interleave(twice, cycle_length=2, block_length=2)]
        [0, 0, 1, 1, 0, 1, 2, 2, 3, 3, 2, 3]
        """
        where, step = "interleave", function("interleave", "map_func", map_func)
        parallel = in_parallel(where, num_parallel_calls, deterministic)
        calls = integer(where, "num_parallel_calls", num_parallel_calls) if parallel else None
        cycle = -1 if cycle_length is None else integer(where, "cycle_length", cycle_length)
        block = 1 if block_length is None else integer(where, "block_length", block_length)
        if cycle < 1 and cycle != AUTOTUNE:
            raise invalid(where, "cycle_length", "must be greater than zero", cycle)
        if block < 1:
            raise invalid(where, "block_length", "must be greater than zero", block)
        if calls is not None and cycle != AUTOTUNE and calls > cycle:
            rule = f"must be less than or equal to `cycle_length`, {cycle}, or -1"
            raise invalid(where, "num_parallel_calls", rule, calls)
        return self._then(Interleave(self._node, step, Dataset, cycle, block, calls))

    def scan(self, initial_state: TensorLike, scan_func: Callable[..., Any]) -> Self:
        """``state, new = scan_func(state, element)`` for each element, and the `new` ones of it.

        Args:
            initial_state: a tensor, or a tuple or dict of them.
            scan_func: gets an element of several tensors as one tuple or dict, and returns the
                pair of the next state, of the same structure and dtypes, and a new element.

        Raises:
            ValueError: `scan_func` is not callable.
            TypeError: while reading, it returns no pair, or a state of other dtypes.

        >>> from scratchnet.data import Dataset
        >>> zero = Dataset.range(1).cardinality() * 0
        >>> [int(x) for x in Dataset.range(5).scan(zero, lambda total, i: (total + i, total + i))]
        [0, 1, 3, 6, 10]
        """
        step = function("scan", "scan_func", scan_func)
        return self._then(Scan(self._node, initial_state, step))

    def rejection_resample(
        self,
        class_func: Callable[..., Any],
        target_dist: TensorLike,
        initial_dist: TensorLike = None,
        seed: int | None = None,
    ) -> Dataset:
        """``(class, element)``: elements rejected or repeated until classes are as often as wished.

        Elements come from the dataset itself with the largest probability that allows it, and
        otherwise from one in which class i is kept with a probability of its own.

        Args:
            class_func: the class of an element, an integer scalar.
            target_dist: how often each class is to be.
            initial_dist: how often each class is; counted while reading, if not given.
            seed: the seed of the draws, beside the global one of ``tf.random.set_seed``.

        Raises:
            ValueError: `class_func` is not callable; distributions that are no vectors of one
                length.
            TypeError: `seed` is no integer.

        >>> from scratchnet.data import Dataset
        >>> numbers = Dataset.range(12).rejection_resample(lambda i: i % 2, [1.0, 0.0], [0.5, 0.5])
        >>> [int(x) for _, x in numbers]
        [0, 2, 4, 6, 8, 10]
        """
        step = function("rejection_resample", "class_func", class_func)
        own_seed = None if seed is None else integer("rejection_resample", "seed", seed)
        dataset: Dataset = resampled(self, step, target_dist, initial_dist, own_seed)
        return dataset

    def filter(self, predicate: Callable[..., Any]) -> Self:
        """The elements for which ``predicate(element)`` is True.

        Raises:
            ValueError: `predicate` is not callable; while reading, it returns something else than a
                scalar bool.

        >>> from scratchnet.data import Dataset
        >>> [int(x) for x in Dataset.range(6).filter(lambda i: i % 2 == 0)]
        [0, 2, 4]
        """
        return self._then(Filter(self._node, function("filter", "predicate", predicate)))

    def take_while(self, predicate: Callable[..., Any]) -> Self:
        """The elements before the first one for which ``predicate(element)`` is False.

        Raises:
            ValueError: as of `filter`.

        >>> from scratchnet.data import Dataset
        >>> [int(x) for x in Dataset.range(9).take_while(lambda i: i * i < 10)]
        [0, 1, 2, 3]
        """
        return self._then(TakeWhile(self._node, function("take_while", "predicate", predicate)))

    def unique(self) -> Self:
        """The elements, without those that are equal to an earlier one.

        Raises:
            TypeError: they are neither int32 nor int64.
            InvalidArgumentError: they are of several tensors.

        >>> from scratchnet.data import Dataset
        >>> [int(x) for x in Dataset.from_tensor_slices([1, 37, 2, 37, 2, 1]).unique()]
        [1, 37, 2]
        """
        leaves = nest.flatten(self._node.spec)
        for leaf in leaves:
            if not isinstance(leaf, TensorSpec) or leaf.dtype.name not in ("int32", "int64"):
                raise TypeError(
                    f"unique: `tf.data.Dataset.unique` does not support type "
                    f"{getattr(leaf, 'dtype', leaf)!r} -- only int32 and int64 are supported."
                )
        if len(leaves) != 1:
            raise InvalidArgumentError(
                "unique: UniqueDataset only supports inputs with a single component, received "
                f"{len(leaves)} of them"
            )
        return self._then(Unique(self._node))

    def with_options(self, options: Options) -> Self:
        """The same elements: there is one way to run a pipeline here, and `options` change nothing.

        Raises:
            TypeError: `options` are no `tf.data.Options` (TensorFlow: AttributeError).
        """
        if not isinstance(options, Options):
            raise TypeError(say("with_options", "options", "must be a tf.data.Options", options))
        return self._then(WithOptions(self._node))

    def enumerate(self, start: int = 0) -> Self:
        """``(i, element)``, with i an int64 counted from `start`.

        >>> from scratchnet.data import Dataset
        >>> [(int(i), float(x)) for i, x in Dataset.from_tensor_slices([5.0, 6.0]).enumerate()]
        [(0, 5.0), (1, 6.0)]
        """
        counter = Range(integer("enumerate", "start", start), None, 1, int64)
        return self._then(Zip((counter, self._node)))

    def apply(self, transformation_func: Callable[[Self], Self]) -> Self:
        """``transformation_func(dataset)``: a step made of several.

        Raises:
            TypeError: it returns something else than a dataset.
        """
        dataset = transformation_func(self)
        if not isinstance(dataset, Dataset):
            raise TypeError(
                "apply: `transformation_func` must return a `tf.data.Dataset` object. Got "
                f"{type(dataset)}."
            )
        return dataset

    def reduce(self, initial_state: TensorLike, reduce_func: Callable[..., Any]) -> Any:
        """The last of ``state = reduce_func(state, element)``.

        Args:
            initial_state: a tensor, or a tuple or dict of them.
            reduce_func: returns the next state, of the same structure and dtypes.

        Raises:
            ValueError: `reduce_func` is not callable.
            TypeError: it returns other dtypes.
            InvalidArgumentError: it returns another structure.

        >>> from scratchnet.data import Dataset
        >>> Dataset.range(5).reduce(Dataset.range(1).cardinality(), lambda total, i: total + i)
        <tf.Tensor: shape=(), dtype=int64, numpy=11>
        """
        step = function("reduce", "reduce_func", reduce_func)
        return to_tensors(fold(self._node, initial_state, step))

    # -- reading ----------------------------------------------------------------------------------

    @property
    def element_spec(self) -> Spec:
        """The structure, shapes and dtypes of an element, as ``tf.TensorSpec`` objects.

        After `map` they are found by calling the function on tensors of ones, of several sizes
        where a size is None; if it refuses them all, on an element.
        """
        return self._node.spec

    def __iter__(self) -> DatasetIterator:
        return DatasetIterator(self)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Reads the elements as NumPy values: read-only arrays, and scalars for rank 0.

        Raises:
            TypeError: elements that hold datasets.
        """
        try:
            specs = nest.flatten(self.element_spec)
        except Exception:  # of a function that was given, which will raise it for an element
            specs = []
        for spec in specs:
            if isinstance(spec, DatasetSpec):
                raise TypeError(
                    "`tf.data.Dataset.as_numpy_iterator()` is not supported for datasets that "
                    f"produce values of type {type(self)}"
                )
        return (map_leaves(_as_numpy, element) for element in self._node.elements())

    def get_single_element(self) -> Any:
        """The only element of a dataset of one.

        Raises:
            InvalidArgumentError: there is none, or more than one.

        >>> from scratchnet.data import Dataset
        >>> Dataset.range(3).batch(3).get_single_element().numpy()
        array([0, 1, 2])
        """
        found = list(islice(self._node.elements(), 2))
        if len(found) != 1:
            what = "more than one element" if found else "no element"
            raise InvalidArgumentError(f"Dataset had {what}.")
        return to_tensors(found[0])

    def cardinality(self) -> Tensor:
        """How many elements: an int64 scalar, `INFINITE_CARDINALITY` or `UNKNOWN_CARDINALITY`."""
        return Tensor(np.asarray(self._node.cardinality(), np.int64))

    def __len__(self) -> int:
        size = self._node.cardinality()
        if size == INFINITE:
            raise TypeError("The dataset is infinite.")
        if size == UNKNOWN:
            raise TypeError("The dataset length is unknown.")
        return size

    def __bool__(self) -> bool:
        return True

    def __getattr__(self, name: str) -> NoReturn:
        if name == "element_spec":  # an AttributeError of the function that a data set is mapped by
            self._node.spec  # noqa: B018 - raises it again, which Python hides
        refuse(f"{type(self).__name__!r} object", name, OF_DATASET)

    def __repr__(self) -> str:
        return f"<{self._node.name} element_spec={self.element_spec}>"


def _batch_size(where: str, value: TensorLike) -> int:
    size = integer(where, "batch_size", value)
    if size < 1:
        raise InvalidArgumentError(
            f"{where}: `batch_size` must be positive (Batch size must be greater than zero.), "
            f"received batch_size={value!r}"
        )
    return size


def _random_arguments(where: str, seed: Any, again: Any) -> tuple[int | None, bool]:
    return (
        None if seed is None else integer(where, "seed", seed),
        again is not None and boolean(where, "rerandomize_each_iteration", again),
    )


def _list_of_nodes(where: str, datasets: Any) -> list[Node]:
    if not isinstance(datasets, list | tuple) or not all(isinstance(d, Dataset) for d in datasets):
        raise TypeError(say(where, "datasets", "must be a list of datasets", datasets))
    if not datasets:
        raise ValueError(f"{where}: Invalid `datasets`. `datasets` should not be empty.")
    return [dataset._node for dataset in datasets]


def _as_numpy(array: Array) -> Any:
    if not array.ndim:
        return array[()]
    view = array.view()
    view.flags.writeable = False
    return view


class DatasetIterator:
    """One reading of a dataset: what ``iter(dataset)`` returns."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._elements = dataset._node.elements()

    @property
    def element_spec(self) -> Spec:
        return self._dataset.element_spec

    def __iter__(self) -> DatasetIterator:
        return self

    @filters_tracebacks
    def __next__(self) -> Any:
        return to_tensors(next(self._elements))

    def get_next(self) -> Any:
        """The next element.

        Raises:
            OutOfRangeError: there is none.
        """
        try:
            return next(self)
        except StopIteration:
            raise OutOfRangeError("End of sequence") from None

    def get_next_as_optional(self) -> OptionalElement:
        """The next element, or an empty `OptionalElement` where there is none.

        >>> from scratchnet import data
        >>> iterator = iter(data.Dataset.range(1))
        >>> iterator.get_next_as_optional().get_value().numpy()
        np.int64(0)
        >>> iterator.get_next_as_optional().has_value().numpy()
        np.False_
        """
        return OptionalElement(next(self, _NOTHING))


_NOTHING = object()


class OptionalElement:
    """An element of a dataset, or none (``tf.experimental.Optional``).

    Args:
        element: the element.
    """

    def __init__(self, element: Any) -> None:
        self._element = element

    def has_value(self) -> Tensor:
        """Whether there is an element, as a tensor."""
        return Tensor(np.asarray(self._element is not _NOTHING))

    def get_value(self) -> Any:
        """The element.

        Raises:
            InvalidArgumentError: there is none.
        """
        if self._element is _NOTHING:
            raise InvalidArgumentError("The given optional does not have a value.")
        return self._element
