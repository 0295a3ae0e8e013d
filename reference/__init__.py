"""The TensorFlow side: what scratchnet is compared with, and what runs the full training.

In an installed wheel this package is called `scratchnet_reference`, so its modules import each
other by relative names.
"""
