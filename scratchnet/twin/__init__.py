"""The twin training, `scratchnet twin`: one program, one seed, run here and on TensorFlow.

Nothing is handed from one side to the other.  Each side runs in a process of its own and tells what
it sees at every step; the process that started them compares, and names the first thing that is not
what rounding explains.
"""
