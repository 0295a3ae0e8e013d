"""The models, by Keras's names.

model.py                             Model: a Layer, with saving.py and training.py mixed in
sequential.py, functional.py         its two kinds; graph.py, graph_config.py: the second's graph
training.py                          compile, fit, evaluate, predict, and one step of each
data_adapter.py, epoch_iterator.py   the batches that they read
compile_loss.py, compile_metrics.py  the losses and metrics of all outputs
input_structure.py                   which array belongs to which input
output_structure.py                  which target belongs to which output
fit_arguments.py                     arguments checked
cloning.py                           clone_model
"""

from typing import TYPE_CHECKING

from scratchnet.keras.models.cloning import clone_model
from scratchnet.keras.models.model import Model
from scratchnet.keras.models.sequential import Sequential
from scratchnet.keras.saving.model_file import load_model, model_from_json, save_model
from scratchnet.unsupported import listed, missing

__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.models")
    __dir__ = listed(__name__)
