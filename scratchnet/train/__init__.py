"""`scratchnet train` and `scratchnet evaluate`: options, images, networks, loops, results."""
