"""The package of plain configs: what turns objects into them and makes objects from them again.

serialization.py     any object                          auto_config.py: without a `get_config`
old_layouts.py       the configs of TensorFlow 1 and 2 and Keras 2 in the form of now
compile_config.py    how a model was compiled            shared_objects.py: what occurs twice
lookup.py            from a name to a class: published.py has Keras's, registration.py your own
by_name.py           `get` and `deserialize` of losses, metrics, initializers …
limits.py            how much memory a config may ask for

Layers, models and the rest of Keras use it; files are the matter of `scratchnet.keras.saving`.
"""
