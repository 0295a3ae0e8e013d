"""Kernels: ndarray in, ndarray out, compiled by numba: the loops that NumPy cannot say fast."""
