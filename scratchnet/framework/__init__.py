"""tf.function, tf.Module, tf.print, control flow, devices, initializers; and `warmup`."""
