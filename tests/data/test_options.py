"""tf.data.Options: taken as TensorFlow takes them, without effect on the elements."""

from __future__ import annotations

import pytest

from tests.support.datasets import unequal
from tests.support.paired import agree, both_raise

KINDS = """E = tf.data.experimental
made = [tf.data.Options(), E.AutotuneOptions(), E.DistributeOptions(), E.OptimizationOptions(),
        tf.data.ThreadingOptions()]
enums = [E.AutoShardPolicy, E.AutotuneAlgorithm, E.ExternalStatePolicy]
o = tf.data.Options()
"""


def test_options_have_tensorflows_names_and_values():
    leave = "('merge', 'experimental_service', 'experimental_deterministic')"
    shown = f"n[0] != '_' and n not in {leave} and 'Options' not in type(getattr(x, n)).__name__"
    agree(
        KINDS + f"[(type(x).__name__, [(n, str(getattr(x, n))) for n in sorted(dir(x)) if {shown}])"
        " for x in made]"
    )
    agree(KINDS + "[[(m.name, m.value) for m in e] for e in enums]")
    agree(
        KINDS + "o.deterministic = True\no.threading.private_threadpool_size = 3\n"
        "o.experimental_distribute.auto_shard_policy = E.AutoShardPolicy.OFF\n"
        "p = tf.data.Options()\np.experimental_slack = True\nq = o.merge(p)\n"
        "(o.experimental_deterministic, q.deterministic, q.experimental_slack, o == q,"
        " o != made[0], made[0] == tf.data.Options(),"
        " str(q.experimental_distribute.auto_shard_policy),"
        " q.experimental_threading.private_threadpool_size, o.experimental_slack)"
    )


COMPLAINTS = {
    "o.foo = 1": "Cannot set the property foo on Options.",
    "o.foo": "'Options' object has no attribute 'foo'",
    "o.autotune.foo = 1": "Cannot set the property foo on AutotuneOptions.",
    "o.deterministic = None": 'Property "deterministic" must be of type',
    "o.threading = 3": 'Property "threading" must be of type',
    "o.experimental_distribute.auto_shard_policy = 3": "must be of type <enum 'AutoShardPolicy'>",
}


@pytest.mark.parametrize("program", COMPLAINTS)
def test_complaints(program):
    both_raise(KINDS + program + "\nNone", COMPLAINTS[program])


def test_elements_and_orders_are_those_of_tensorflow_with_options():
    def pipeline(tf, ds):
        options = tf.data.Options()
        options.threading.private_threadpool_size = 1
        return ds.range(9).shuffle(5, seed=1).with_options(options).repeat(2)

    assert not unequal(pipeline)
