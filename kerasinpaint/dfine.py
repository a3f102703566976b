"""D-FINE-S without its weights: to take its time where they cannot be had."""

FEATURES = {
    "stem_channels": [3, 16, 16],
    "stackwise_stage_filters": [
        [16, 16, 64, 1, 3, 3],
        [64, 32, 256, 1, 3, 3],
        [256, 64, 512, 2, 3, 5],
        [512, 128, 1024, 1, 3, 5],
    ],
    "apply_downsample": [False, True, True, True],
    "use_lightweight_conv_block": [False, False, True, True],
    "depths": [1, 1, 2, 1],
    "hidden_sizes": [64, 256, 512, 1024],
    "embedding_size": 16,
    "use_learnable_affine_block": True,
    "hidden_act": "relu",
    "image_shape": (None, None, 3),
    "out_features": ["stage2", "stage3", "stage4"],
}
DETECTION = {
    "decoder_in_channels": [256, 256, 256],
    "encoder_hidden_dim": 256,
    "num_denoising": 0,
    "num_labels": 80,
    "hidden_dim": 256,
    "learn_initial_query": False,
    "num_queries": 300,
    "feat_strides": [8, 16, 32],
    "num_feature_levels": 3,
    "encoder_in_channels": [256, 512, 1024],
    "encode_proj_layers": [2],
    "num_attention_heads": 8,
    "encoder_ffn_dim": 1024,
    "num_encoder_layers": 1,
    "hidden_expansion": 0.5,
    "depth_multiplier": 0.34,
    "eval_idx": -1,
    "num_decoder_layers": 3,
    "decoder_attention_heads": 8,
    "decoder_ffn_dim": 1024,
    "decoder_n_points": [3, 6, 3],
    "lqe_hidden_dim": 64,
    "num_lqe_layers": 2,
    "out_features": ["stage2", "stage3", "stage4"],
}


def build(side=640):
    """Builds D-FINE-S, untrained.

    Args:
        side: int, height and width of its pictures, in pixels.

    Returns:
        A `keras_hub.models.DFineObjectDetector` of COCO's 80 classes.

    Raises:
        ImportError: if keras-hub is not installed.

    Reference:

    - [Peng et al., 2024](https://arxiv.org/abs/2410.13842)
    """
    import keras_hub

    square = side, side
    backbone = keras_hub.models.DFineBackbone(
        backbone=keras_hub.models.HGNetV2Backbone(**FEATURES),
        anchor_image_size=square,
        **DETECTION,
    )
    converter = keras_hub.layers.DFineImageConverter(
        image_size=square, scale=1 / 255
    )
    return keras_hub.models.DFineObjectDetector(
        backbone=backbone,
        num_classes=DETECTION["num_labels"],
        preprocessor=keras_hub.models.DFineObjectDetectorPreprocessor(
            converter
        ),
    )
