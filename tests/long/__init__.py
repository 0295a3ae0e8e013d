"""Long forms of the tests: ``python -m tests.long FORM``.

The forms are fuzz, files, kills, mutants, memory, twins and comparisons. Each draws cases until its
time is up, ends with a table of figures, and exits with 1 if it found something. Case i depends on
the seed and on i alone: ``--seed S --first I --cases 1`` repeats one. `tests.long.test_forms` runs
a few seconds of each (of twins and comparisons, the tests of `scratchnet.twin` and
`scratchnet.testing`).

What is promised, and what these forms look for:

- A call that is refused here raises ValueError, TypeError, NotImplementedError or one of
  ``tf.errors``, in a sentence of ours, which names the argument, the rule and the value: no text of
  NumPy's or Python's. Where Keras raises another class for a call, and programs may wait for that,
  so does this library, in a sentence of its own: IndexError for what counts places that are not
  there (a label of `to_categorical`, a class of `class_weight`, an axis of PReLU, Softmax and
  MultiHeadAttention, the index of `get_layer`); AttributeError for names that are not here, for
  what is not made yet (the weights of a layer that is not built, a result before the first batch,
  a model without an optimizer), and for arguments that are asked for what they do not have (a
  `class_weight` that is no dict, callbacks, masks, what EarlyStopping watches, what SGD updates);
  KeyError for a file's part and for a key of `logs` that are not there; and NumPy's AxisError,
  which is a ValueError and an IndexError, for an axis that an array does not have.
- A call that both take gives equal numbers, dtypes and shapes on both.
- A file that is damaged or made to do harm ends in the errors that the docstrings name. It ends no
  process, hangs none, runs no code, and takes no more than 500 MB.
- A process that is killed while it saves leaves the old file or the new one, whole; what it leaves
  beside is gone with the next save there.
- The twin training and `scratchnet.testing.compare` find nothing in sound networks and programs,
  and the twin training names a planted mistake where it began.
- Memory does not grow with training steps, nor with models that are gone.
- Not promised: a file that is another good file (a bit of a weight is a weight); files that another
  process writes to while they are read; disks that lie about what they have written.

Figures of one minute or so each, on two shared cores (``--seed 20261129``):

- files: 3,715 files; 3,075 refused, 640 loaded; none hung, crashed or ran code; at most 134 MiB.
  One ended in an OverflowError, which is an OSError now (case 2209).
  With HDF5 models (``--seed 20261130``): 2,972 files; 2,316 refused, 656 loaded; at most 172 MiB.
  One ended in a MemoryError, which is a ValueError now (case 763).
  Seven minutes (``--seed 71201``): 8,949 files; 6,944 refused, 2,004 loaded; at most 148 MiB.  In
  one HDF5 went round for ever in a global heap, which is refused now (case 8948).
  ``--seed 91201 --cases 10000``: 7,793 refused, 2,207 loaded; nothing found; at most 130 MiB.
  ``--seed 120101`` found a text of 511 MB (case 370), and ``--seed 120103`` a heap for which HDF5
  takes memory until there is none (case 9539): both are refused now.  Then ``--seed 120103`` and
  ``120104``, 10,000 each: 15,519 refused, 4,481 loaded; nothing found; at most 172 MiB.
- kills: 430 in 6,358 saves; none lost; 23 left a part behind, all removed by the next save.
  Five minutes (``--seed 81201``): 2,614 in 26,100 saves; none lost; 127 left a part behind.
  Two minutes (``--seed 120101``): 1,731 in 40,115 saves; none lost; 133 left a part behind.
- memory: 3,000 steps and 100 models; over the last three quarters 136 KiB and 0 KiB more.
- mutants (``--seed 71 --cases 150``, ten minutes for the first stage on two cores): 138 killed by
  the tests of their module, 6 by tests of other modules that enter the function; 4 make no
  difference (the other size of a square matrix, a bound of what cannot be, two defaults that
  nobody sees); 2 lived, and have tests since.  Of those that make a difference, 144 of 146.
  Half a day before (``--seed 57``) the tests of their module had killed 122.
  A later sample (``--seed 121``): 143 of the 148 that make a difference; four of the other five
  have tests since.
  A sample of today's code (``--seed 131``, first stage): 137 killed by the tests of their module; 3
  make no difference, 5 were seen to be killed by tests of other modules, 5 lived and have tests.
- twins (``--seed 5 --cases 1``, nine minutes): 18 networks, 100 steps, nothing; 18 planted
  mistakes, all named.
- comparisons (``--cases 65``): 13 programs with five seeds each, 3,385 arrays, nothing.
- fuzz (``--seed 48 --cases 100000`` and ``--seed 49``, nine minutes each): 549 functions and
  classes; 78,613 calls that both take, with equal numbers and equal gradients but for 262 where
  TensorFlow's are undefined or wrong, or where float32 leaves them open (the tables of
  `tests.long.fuzz` say why); 114,389 both refuse, 3,679 scratchnet alone, 3,316 TensorFlow alone;
  no crash, no text from inside.  TensorFlow's process was lost in 3.
  With `keras.ops`, `keras.backend`, `keras.utils`, `tf.random` and data sets (``--seed 1001 --cases
  100000``, six minutes): 922 functions and classes; 43,290 both take, 53,540 both refuse; found: 3
  silent differences, of which one is mended (case 96719) and two are open (cases 49863, 70589), and
  an error of the form's own function (case 59904).
"""
