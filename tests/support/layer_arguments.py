"""All layers that can be made by themselves, and the arguments that each one needs."""

from __future__ import annotations

from typing import Any

from scratchnet.keras import layers

_WITHOUT = {"Bidirectional", "Layer", "RNN", "StackedRNNCells", "TimeDistributed", "Wrapper"}


def _is_layer(name: str) -> bool:
    kind = getattr(layers, name)
    return isinstance(kind, type) and issubclass(kind, layers.Layer) and kind.__name__ == name


# By their names, each once; but for those that are made of another layer.
LAYERS = [name for name in layers.__all__ if _is_layer(name) and name not in _WITHOUT]

NEEDED: dict[str, dict[str, Any]] = {
    **{name: {"rate": 0.5} for name in ("AlphaDropout", "Dropout", "GaussianDropout")},
    **{name: {"rate": 0.5} for name in ("SpatialDropout1D", "SpatialDropout2D")},
    **{name: {"pool_size": 2} for name in ("AveragePooling1D", "AveragePooling2D")},
    **{name: {"height": 2, "width": 3} for name in ("CenterCrop", "RandomCrop", "Resizing")},
    **{name: {"filters": 4, "kernel_size": 2} for name in ("Conv1D", "Conv2D")},
    **{name: {"filters": 4, "kernel_size": 2} for name in ("Conv1DTranspose", "Conv2DTranspose")},
    **{name: {"filters": 4, "kernel_size": 2} for name in ("SeparableConv1D", "SeparableConv2D")},
    **{name: {"kernel_size": 2} for name in ("DepthwiseConv1D", "DepthwiseConv2D")},
    **{name: {"units": 2} for name in ("Dense", "GRU", "GRUCell", "LSTM", "LSTMCell")},
    **{name: {"units": 2} for name in ("SimpleRNN", "SimpleRNNCell")},
    **{name: {"factor": 0.5} for name in ("RandomBrightness", "RandomContrast", "RandomRotation")},
    "Activation": {"activation": "relu"},
    "CategoryEncoding": {"num_tokens": 4},
    "Discretization": {"bin_boundaries": [0.0, 1.0]},
    "Dot": {"axes": 1},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 2},
    "Embedding": {"input_dim": 4, "output_dim": 3},
    "GaussianNoise": {"stddev": 0.5},
    "InputLayer": {"shape": (2,)},
    "Lambda": {"function": abs},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 3},
    "Permute": {"dims": (2, 1)},
    "RandomTranslation": {"height_factor": 0.5, "width_factor": 0.5},
    "RandomZoom": {"height_factor": 0.5},
    "RepeatVector": {"n": 2},
    "Rescaling": {"scale": 0.5},
    "Reshape": {"target_shape": (2, 3)},
}
