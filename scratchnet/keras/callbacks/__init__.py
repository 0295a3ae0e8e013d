"""The callbacks, by Keras's names."""

from scratchnet.keras.callbacks.callback import Callback, History, LambdaCallback
from scratchnet.keras.callbacks.callback_list import CallbackList
from scratchnet.keras.callbacks.progbar_logger import ProgbarLogger

__all__ = ["Callback", "CallbackList", "History", "LambdaCallback", "ProgbarLogger"]
