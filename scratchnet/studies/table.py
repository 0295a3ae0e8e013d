"""The studies: the notebook's six questions in its order, and the surprises."""

from __future__ import annotations

from scratchnet.studies.batch_normalization import BATCH_NORMALIZATION
from scratchnet.studies.cnn_or_dense import CNN_OR_DENSE
from scratchnet.studies.dropout import DROPOUT
from scratchnet.studies.invariance import INVARIANCE
from scratchnet.studies.parameters import PARAMETERS
from scratchnet.studies.pooling import POOLING
from scratchnet.studies.study import Study
from scratchnet.studies.surprises import SURPRISES

STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        CNN_OR_DENSE,
        PARAMETERS,
        INVARIANCE,
        BATCH_NORMALIZATION,
        DROPOUT,
        POOLING,
        SURPRISES,
    )
}
