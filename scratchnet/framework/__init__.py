"""What stands around the tensors in TensorFlow: functions, modules, checks, printing, devices."""
