"""Layers for sequences: a cell is one step, `RNN` the loop over all steps.

cell.py                 what the cells below share: weights, and masks of dropout
simple_rnn.py           h' = tanh(x W + h U + b)
gru.py lstm.py          cells with gates, and their layers
rnn.py                  the loop, with masks, initial states, and states kept between batches
stacked_rnn_cells.py    several cells as one
bidirectional.py        a layer from the first step on, and one from the last
time_distributed.py     any layer on each step
"""
