"""The public names of TensorFlow that are not here, by the reason: for `scratchnet.unsupported`."""

from __future__ import annotations

_ON_SEQUENCES = (
    "of layers for sequences there are RNN, LSTM, GRU and Bidirectional; `Layer` makes your own"
)
_OTHER_IMAGES = "images are 2-D here: give 1-D data a second axis of size 1, and take the 2-D form"
_AUGMENT = "change the images with NumPy, or with tensor ops in `tf.data.Dataset.map`"
_ENCODE = "prepare the arrays with NumPy; `tf.one_hot` and `tf.keras.utils.to_categorical` are here"
_LAYER = "write a class of `tf.keras.layers.Layer` with a `call`"
_CLASSES = "use a cross entropy such as `tf.keras.losses.BinaryCrossentropy`, or your own function"
_OPTIMIZER = "`tf.keras.optimizers.SGD`, `RMSprop`, `Adam`, `AdamW` and others are here"
_FILES = "read the files with Python or NumPy, then use `tf.data.Dataset.from_tensor_slices`"
_ONE_BACKEND = "there is one backend and one dtype policy here, `tf.keras.config.floatx()`"
_FFT = "use `numpy.fft` on `.numpy()`"
_LINEAR = "`dir(tf.linalg)` lists what is here; else use `numpy.linalg` on `.numpy()`"
_SPECIAL = "use `scipy.special` on `.numpy()`; `tf.math.erf` is here"
_SEGMENTS = "`tf.math.segment_sum`, `segment_mean` and their unsorted forms are here"
_DRAW = "`tf.random.normal`, `uniform` and `truncated_normal` are here; else draw with NumPy"
_CONV = "use `tf.nn.conv2d` or `tf.nn.conv2d_transpose`"
_POOL = "use `tf.nn.max_pool2d` or `tf.nn.avg_pool2d`"
_SAMPLED = "use `tf.nn.softmax_cross_entropy_with_logits` over all the classes"
_BLOCKS = "use `tf.reshape` and `tf.transpose`"
_INDEXING = "use slices such as `x[1:, ::2]`, or `tf.gather`"
_GRAPH = "there are no graphs: every op runs when it is called"
_QUANTIZED = "the dtypes are NumPy's: `tf.float32`, `tf.int32` and their like"
_DEVICES = "scratchnet computes on one CPU"
_PLAIN = "tensors are dense and nothing else is here"
_RARE = "it can be written with the ops that are here; `dir(tf.math)` lists many"
_CTC = "there are no losses for sequences here"

_KERAS_LAYERS = {
    _ON_SEQUENCES: ("ConvLSTM1D ConvLSTM2D ConvLSTM3D GroupQueryAttention ReversibleEmbedding"),
    _OTHER_IMAGES: (
        "AdaptiveAveragePooling1D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
        "AdaptiveMaxPooling3D AveragePooling3D AvgPool3D Conv3D Conv3DTranspose "
        "Convolution3D Convolution3DTranspose Cropping3D "
        "GlobalAveragePooling3D GlobalAvgPool3D GlobalMaxPool3D GlobalMaxPooling3D "
        "MaxPool3D MaxPooling3D "
        "SpatialDropout3D UpSampling3D ZeroPadding3D"
    ),
    _AUGMENT: (
        "AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix "
        "Equalization MaxNumBoundingBoxes MixUp Pipeline RandAugment "
        "RandomColorDegeneration RandomColorJitter "
        "RandomElasticTransform RandomErasing RandomGaussianBlur RandomGrayscale "
        "RandomHeight RandomHue RandomInvert RandomPerspective RandomPosterization "
        "RandomSaturation RandomSharpness RandomShear RandomWidth "
        "Solarization"
    ),
    _ENCODE: (
        "HashedCrossing Hashing MelSpectrogram STFTSpectrogram StringLookup TextVectorization"
    ),
    _LAYER: (
        "AdaptiveAveragePooling2D AdaptiveMaxPooling2D FlaxLayer "
        "JaxLayer SpectralNormalization TFSMLayer ThresholdedReLU "
        "TorchModuleWrapper"
    ),
    "use `tf.keras.saving.serialize_keras_object` and its inverse": "deserialize serialize",
}
_KERAS = {
    "tf.keras.layers": _KERAS_LAYERS,
    "tf.keras.losses": {
        _CLASSES: (
            "CategoricalGeneralizedCrossEntropy Circle Dice Tversky "
            "categorical_generalized_cross_entropy circle dice tversky"
        ),
        _CTC: "CTC ctc",
    },
    "tf.keras.optimizers": {
        _OPTIMIZER: (
            "Lamb LossScaleOptimizer MultiOptimizer Muon OptimizerMap ScheduleFreeAdamW legacy"
        ),
    },
    "tf.keras.callbacks": {
        "write a class of `tf.keras.callbacks.Callback`, or use `ModelCheckpoint`": (
            "OrbaxCheckpoint RemoteMonitor SwapEMAWeights"
        ),
    },
    "tf.keras.initializers": {
        "use `tf.keras.initializers.Identity`": "IdentityInitializer",
        "use `tf.keras.initializers.Orthogonal`": "OrthogonalInitializer",
        _FFT: "STFT STFTInitializer stft",
    },
    "tf.keras.activations": {"write a function of a tensor, and pass it": "sparsemax"},
    "tf.keras.regularizers": {
        "pass a function of the weight": "OrthogonalRegularizer orthogonal_regularizer"
    },
    "tf.keras.utils": {
        _FILES: (
            "FeatureSpace audio_dataset_from_directory bounding_boxes text_dataset_from_directory"
        ),
        "use `dataset.take(n)` and `dataset.skip(n)`, or slices of the arrays": "split_dataset",
        "give `verbose` to `fit`, `evaluate` and `predict`": (
            "disable_interactive_logging enable_interactive_logging is_interactive_logging_enabled"
        ),
        _PLAIN: ("Config get_source_inputs is_keras_tensor legacy  standardize_dtype"),
    },
    "tf.keras.preprocessing": {
        _FILES: "text_dataset_from_directory",
        "prepare text with Python: there are no tensors of it": "text",
    },
    "tf.keras.preprocessing.image": {
        "use `tf.keras.utils.image_dataset_from_directory`": (
            "DirectoryIterator ImageDataGenerator Iterator NumpyArrayIterator"
        ),
        _AUGMENT: (
            "apply_affine_transform apply_brightness_shift apply_channel_shift random_brightness "
            "random_channel_shift random_rotation random_shear random_shift random_zoom"
        ),
    },
    "tf.keras.preprocessing.sequence": {
        "draw the pairs of words with NumPy": "make_sampling_table skipgrams",
    },
    "tf.keras": {
        _ONE_BACKEND: "FloatDTypePolicy Quantizer dtype_policies quantizers device",
        _GRAPH: "Function Operation RematScope StatelessScope SymbolicScope name_scope remat",
        "pass any function": "Initializer Regularizer",
        "use `tf.nest`": "tree",
        "keep a Keras model with `model.save`": "export legacy",
        _DEVICES: "distillation distribution visualization wrappers version",
    },
}
_TENSORS = {
    "tf": {
        _FFT: "fftnd ifftnd irfftnd rfftnd",
        "use `tf.cast`; the bits can be had by `.numpy().view(dtype)`": "bitcast",
        "use `tf.clip_by_value` and `tf.cast`": "saturate_cast",
        "use `tf.truediv` for the quotient, and `tf.cast` to cut it off": "truncatediv truncatemod",
        "use `tf.truediv`": "realdiv",
        "use `tf.multiply`": "scalar_mul",
        _CONV: "conv conv2d_backprop_filter_v2 conv2d_backprop_input_v2",
        _BLOCKS: "batch_to_space space_to_batch space_to_batch_nd extract_volume_patches "
        "required_space_to_batch_paddings",
        _INDEXING: "dynamic_partition dynamic_stitch reverse_sequence strided_slice unravel_index",
        "use `tf.stack`": "parallel_stack",
        "use `numpy.broadcast_shapes`": "broadcast_dynamic_shape broadcast_static_shape",
        "use `tf.identity`": "identity_n guarantee_const",
        "use `tf.shape`": "shape_n",
        "use `numpy.histogram` on `.numpy()`": ("histogram_fixed_width histogram_fixed_width_bins"),
        "use `tf.math.top_k`": "approx_top_k",
        _LINEAR: "eig eigvals matrix_square_root",
        _GRAPH: (
            "CriticalSection get_static_value graph_util group import_graph_def inside_function "
            "is_symbolic_tensor no_op nondifferentiable_batch_function tuple "
            "variable_creator_scope type_spec_from_value make_ndarray make_tensor_proto mlir "
            "load_library load_op_library register_tensor_conversion_function check_pinned"
        ),
        _PLAIN: (
            "IndexedSlicesSpec NoneTensorSpec OptionalSpec RaggedTensorSpec SparseTensorSpec "
            "TensorArraySpec TypeSpec edit_distance fingerprint ragged_fill_empty_rows "
            "ragged_fill_empty_rows_grad resource variant types queue random_index_shuffle "
            "security tools"
        ),
        _QUANTIZED: "qint16 qint32 qint8 quint16 quint8",
        _DEVICES: "DeviceSpec dtensor",
        "scratchnet is not compiled: nothing is to be known about how": "sysconfig",
        "use Python's `time.time`": "timestamp",
    },
    "tf.math": {
        _SPECIAL: (
            "bessel_i0 bessel_i0e bessel_i1 bessel_i1e betainc digamma erfcinv erfinv igamma "
            "igammac lbeta lgamma ndtri polygamma special zeta"
        ),
        _SEGMENTS: (
            "segment_max segment_min segment_prod unsorted_segment_max unsorted_segment_min "
            "unsorted_segment_prod unsorted_segment_sqrt_n"
        ),
        "use `tf.math.top_k`": "approx_max_k approx_min_k",
        "use `tf.math.add_n`": "accumulate_n",
        "use `tf.multiply`": "scalar_mul",
        "use `tf.math.divide_no_nan`": "reciprocal_no_nan",
        "use `tf.math.xlogy` or `tf.math.log1p`": "xlog1py",
        "use `tf.argsort`": "invert_permutation",
        _RARE: (
            "cumulative_logsumexp is_non_decreasing is_strictly_increasing nextafter polyval "
            "sobol_sample"
        ),
    },
    "tf.nn": {
        _CONV: (
            "atrous_conv2d_transpose conv3d conv3d_transpose conv_transpose convolution dilation2d "
            "erosion2d with_space_to_batch"
        ),
        "use `tf.nn.conv2d` with `dilations`": "atrous_conv2d",
        "use `tf.keras.layers.Conv1D`, or `tf.keras.ops.conv` on tensors": "conv1d",
        "use `tf.keras.layers.Conv1DTranspose`": "conv1d_transpose",
        "use `tf.keras.layers.DepthwiseConv2D`, or `tf.keras.ops.depthwise_conv` on tensors": (
            "depthwise_conv2d depthwise_conv2d_backprop_filter depthwise_conv2d_backprop_input"
        ),
        "use `tf.keras.layers.SeparableConv2D`, or `tf.keras.ops.separable_conv` on tensors": (
            "separable_conv2d"
        ),
        "use `tf.keras.layers.MaxPooling1D`, or `tf.keras.ops.max_pool` on tensors": "max_pool1d",
        "use `tf.keras.layers.AveragePooling1D`, or `tf.keras.ops.average_pool` on tensors": (
            "avg_pool1d"
        ),
        _POOL: (
            "avg_pool3d fractional_avg_pool fractional_max_pool max_pool3d max_pool_with_argmax "
            "pool"
        ),
        "use `tf.nn.moments` and `tf.nn.batch_normalization`": (
            "batch_norm_with_global_normalization local_response_normalization lrn "
            "normalize_moments sufficient_statistics weighted_moments"
        ),
        _SAMPLED: (
            "all_candidate_sampler compute_accidental_hits fixed_unigram_candidate_sampler "
            "learned_unigram_candidate_sampler nce_loss sampled_softmax_loss"
        ),
        "use `tf.nn.sigmoid_cross_entropy_with_logits`": "weighted_cross_entropy_with_logits",
        "use `tf.reduce_mean` or `tf.reduce_sum`": (
            "compute_average_loss scale_regularization_loss log_poisson_loss"
        ),
        _ON_SEQUENCES: "RNNCellDeviceWrapper RNNCellDropoutWrapper RNNCellResidualWrapper",
        _CTC: (
            "collapse_repeated ctc_beam_search_decoder ctc_greedy_decoder ctc_loss "
            "ctc_unique_labels"
        ),
        "use `tf.nn.embedding_lookup`": "embedding_lookup_sparse safe_embedding_lookup_sparse",
        _BLOCKS: "depth_to_space space_to_batch space_to_depth",
        "use `tf.math.top_k`": "approx_max_k approx_min_k",
        _RARE: "experimental isotonic_regression",
    },
    "tf.linalg": {
        "use `tf.linalg.matrix_transpose(a, conjugate=True)`": "adjoint",
        "use `tf.linalg.diag` and `tf.where`": "set_diag tensor_diag tensor_diag_part",
        "use the matrix itself, a tensor": (
            "LinearOperator LinearOperatorAdjoint LinearOperatorBlockDiag "
            "LinearOperatorBlockLowerTriangular LinearOperatorCirculant LinearOperatorCirculant2D "
            "LinearOperatorCirculant3D LinearOperatorComposition LinearOperatorDiag "
            "LinearOperatorFullMatrix LinearOperatorHouseholder LinearOperatorIdentity "
            "LinearOperatorInversion LinearOperatorKronecker LinearOperatorLowRankUpdate "
            "LinearOperatorLowerTriangular LinearOperatorPermutation LinearOperatorScaledIdentity "
            "LinearOperatorToeplitz LinearOperatorTridiag LinearOperatorZeros"
        ),
        _LINEAR: (
            "banded_triangular_solve cross eig eigh_tridiagonal eigvals "
            "experimental logm lu lu_matrix_inverse lu_reconstruct lu_solve "
            "sqrtm tridiagonal_matmul tridiagonal_solve"
        ),
    },
    "tf.random": {
        _DRAW: (
            "experimental gamma poisson stateless_binomial stateless_gamma "
            "stateless_parameterized_truncated_normal stateless_poisson"
        ),
        _SAMPLED: (
            "all_candidate_sampler fixed_unigram_candidate_sampler "
            "learned_unigram_candidate_sampler log_uniform_candidate_sampler "
            "uniform_candidate_sampler"
        ),
    },
    "tf.bitwise": {"multiply or divide by a power of two": "left_shift right_shift"},
}
_SPACES: dict[str, dict[str, str]] = {**_KERAS, **_TENSORS}

# TensorFlow's name -> what there is instead.
LISTED = {
    f"{space}.{name}": reason
    for space, reasons in _SPACES.items()
    for reason, names in reasons.items()
    for name in names.split()
}
