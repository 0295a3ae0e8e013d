"""What TensorFlow and Keras do, fact by fact: each is shown on them and on scratchnet.

The facts are numbered, so that code and comments can cite them, and each has a test
``test_<number>_<what>``; `test_catalogue` holds that no number is missing.  Where scratchnet does
something else on purpose, the test shows both, and its docstring says why.
"""
