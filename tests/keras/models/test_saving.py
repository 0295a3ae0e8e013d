"""Models as JSON, and from their configurations."""

from __future__ import annotations

import json

import numpy as np
import tensorflow

import scratchnet
from tests.support.keras_programs import close, same, twins
from tests.support.own_classes import X, both_kinds
from tests.support.saved_models import fill, plain


def test_to_json_and_back():
    same(lambda tf: [plain(json.loads(model.to_json())) for model in both_kinds(tf)])
    same(lambda tf: both_kinds(tf)[1].to_json(indent=1).count("\n") > 50)
    theirs, ours = twins(lambda tf: [model.to_json() for model in both_kinds(tf)])
    for text in (*theirs, *ours):
        for tf in (tensorflow, scratchnet):
            again = tf.keras.models.model_from_json(text)
            assert plain(json.loads(again.to_json())) == plain(json.loads(text))


def test_models_from_their_configs():
    def program(tf):
        found = []
        for model in both_kinds(tf):
            again = type(model).from_config(model.get_config())
            assert plain(again.get_config()) == plain(model.get_config())
            fill(again)
            found.append(np.asarray(again(X)))
        graph = tf.keras.Model.from_config(both_kinds(tf)[0].get_config())
        fill(graph)
        return [*found, np.asarray(graph(X))]

    close(program, 64)
