"""The settings of Keras."""

from __future__ import annotations

from scratchnet import keras


def test_layer_fusion_has_its_older_names_too():
    config = keras.config
    try:
        config.disable_layer_joining()
        assert not config.is_layer_fusion_enabled()
        config.enable_layer_fusion()
        assert config.is_layer_joining_enabled()
        config.disable_layer_fusion()
        assert not config.is_layer_joining_enabled()
    finally:
        config.enable_layer_joining()
    assert config.is_layer_fusion_enabled()
