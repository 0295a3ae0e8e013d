"""The engine: tensors, the table of ops, the tape.  Knows no concrete op, imports NumPy only."""
