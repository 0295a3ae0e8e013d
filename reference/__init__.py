"""The TensorFlow side: what scratchnet is compared with, and what runs the full training."""
