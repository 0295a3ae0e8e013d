"""`in_parts` for the rooms above, which see no kernels: what is said while they are compiled."""

from scratchnet.kernels.kernel_cache import in_parts as in_parts
