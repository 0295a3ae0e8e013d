"""The twin training, `scratchnet twin`: one program, one seed, run here and on TensorFlow.

Nothing is handed from one side to the other.  Each side runs in a process of its own and tells what
it sees at every step; the process that started them compares, and names the first thing that is not
what rounding explains.  How to use it, and why differences grow: ``README.md`` in this folder.
"""
