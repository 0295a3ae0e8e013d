"""scratchnet beside TensorFlow, timed: ``python -m benchmarks``."""
