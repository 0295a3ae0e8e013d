"""Long forms of the tests: ``python -m tests.long fuzz|files|kills|mutants|memory``.

Each draws cases until its time is up, ends with a table of figures, and exits with 1 if it found
something. Case i depends on the seed and on i alone: ``--seed S --first I --cases 1`` repeats one.
`tests.long.test_forms` runs a few seconds of each.

What is promised, and what these forms look for:

- A call that is refused here raises ValueError, TypeError, NotImplementedError or one of
  ``tf.errors``, in a sentence of ours: no IndexError, KeyError, AttributeError, no text of NumPy's.
- A call that both take gives equal numbers, dtypes and shapes on both.
- A file that is damaged or made to do harm ends in the errors that the docstrings name. It ends no
  process, hangs none, runs no code, and takes no more than 500 MB.
- A process that is killed while it saves leaves the old file or the new one, whole; what it leaves
  beside is gone with the next save there.
- Memory does not grow with training steps, nor with models that are gone.
- Not promised: a file that is another good file (a bit of a weight is a weight); files that another
  process writes to while they are read; disks that lie about what they have written.
"""
