"""The callbacks, by Keras's names."""

from typing import TYPE_CHECKING

from scratchnet.keras.callbacks.backup_and_restore import BackupAndRestore
from scratchnet.keras.callbacks.callback import Callback, History, LambdaCallback
from scratchnet.keras.callbacks.callback_list import CallbackList
from scratchnet.keras.callbacks.csv_logger import CSVLogger
from scratchnet.keras.callbacks.early_stopping import EarlyStopping
from scratchnet.keras.callbacks.learning_rate_scheduler import LearningRateScheduler
from scratchnet.keras.callbacks.model_checkpoint import ModelCheckpoint
from scratchnet.keras.callbacks.progbar_logger import ProgbarLogger
from scratchnet.keras.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from scratchnet.keras.callbacks.tensorboard import TensorBoard
from scratchnet.keras.callbacks.terminate_on_nan import TerminateOnNaN
from scratchnet.unsupported import listed, missing

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "TensorBoard",
    "TerminateOnNaN",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.callbacks")
    __dir__ = listed(__name__)
