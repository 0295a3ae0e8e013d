"""Objects as plain configs, in the form of Keras's configuration files, and back."""
