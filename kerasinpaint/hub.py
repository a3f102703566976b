"""Segmenters of keras-hub: DeepLabV3+, SegFormer and Segment Anything.

`pip install kerasinpaint[hub]` installs keras-hub. The weights are
downloaded once.
"""

import functools

import numpy as np

from kerasinpaint import segmenters
from kerasinpaint.segment_anything import SegmentAnything

# Of SceneParse150, ADE20K's benchmark; of each the first of its names.
ADE_CLASSES = (
    "wall,building,sky,floor,tree,ceiling,road,bed,windowpane,grass,cabinet,"
    "sidewalk,person,earth,door,table,mountain,plant,curtain,chair,car,water,"
    "painting,sofa,shelf,house,sea,mirror,rug,field,armchair,seat,fence,desk,"
    "rock,wardrobe,lamp,bathtub,railing,cushion,base,box,column,signboard,"
    "chest of drawers,counter,sand,sink,skyscraper,fireplace,refrigerator,"
    "grandstand,path,stairs,runway,case,pool table,pillow,screen door,"
    "stairway,river,bridge,bookcase,blind,coffee table,toilet,flower,book,"
    "hill,bench,countertop,stove,palm,kitchen island,computer,swivel chair,"
    "boat,bar,arcade machine,hovel,bus,towel,light,truck,tower,chandelier,"
    "awning,streetlight,booth,television,airplane,dirt track,apparel,pole,"
    "land,bannister,escalator,ottoman,bottle,buffet,poster,stage,van,ship,"
    "fountain,conveyer belt,canopy,washer,plaything,swimming pool,stool,"
    "barrel,basket,waterfall,tent,bag,minibike,cradle,oven,ball,food,step,"
    "tank,trade name,microwave,pot,animal,bicycle,lake,dishwasher,screen,"
    "blanket,sculpture,hood,sconce,vase,traffic light,tray,ashcan,fan,pier,"
    "crt screen,plate,monitor,bulletin board,shower,radiator,glass,clock,flag"
).split(",")


def load(kind, name):
    """A model of keras-hub with its published weights.

    Args:
        kind: string, its class in `keras_hub.models`.
        name: string, its preset.

    Returns:
        A `keras_hub.models.Task`.

    Raises:
        ImportError: if keras-hub is not installed.
        OSError: if the preset cannot be downloaded.
    """
    try:
        import kagglehub
        import keras_hub
    except ImportError as error:
        raise ImportError(
            "keras-hub must be installed to load what it publishes: "
            f"pip install kerasinpaint[hub]. Received: {name}."
        ) from error
    task = getattr(keras_hub.models, kind)
    handle = task.presets[name]["kaggle_handle"].removeprefix("kaggle://")
    try:
        # All of it: `from_preset(name)` asks the network for files that a
        # preset does not have, even when all that it has are there.
        folder = kagglehub.model_download(handle)
    except Exception as error:
        raise OSError(
            f"{name} could not be downloaded. Connect to the internet once, "
            "or use `sample`, which needs no download. "
            f"Received: {error}"
        ) from error
    return task.from_preset(folder)


def deeplab_v3_plus():
    """DeepLabV3+ on ResNet50, of the classes of Pascal VOC (157 MB).

    Returns:
        A `segmenters.Segmenter`.

    Raises:
        ImportError, OSError: as `load`.

    Reference:

    - [Chen et al., 2018](https://arxiv.org/abs/1802.02611)
    """
    model = load(
        "DeepLabV3ImageSegmenter", "deeplab_v3_plus_resnet50_pascalvoc"
    )
    return _from_model(model, segmenters.VOC_CLASSES, 512)


def segformer():
    """SegFormer-B0, of 150 classes of ADE20K (15 MB).

    They name all that is seen, ground and sky too: nothing is background.

    Returns:
        A `segmenters.Segmenter`.

    Raises:
        ImportError, OSError: as `load`.

    Reference:

    - [Xie et al., 2021](https://arxiv.org/abs/2105.15203)
    """
    model = load("SegFormerImageSegmenter", "segformer_b0_ade20k_512")
    return _from_model(model, ["background", *ADE_CLASSES], 512)


@functools.lru_cache(1)
def sam():
    """Segment Anything, which knows segments and no classes (375 MB).

    It is asked what is at each point of a grid. The 32 best answers are
    `segment 1`, the largest, to `segment 32`; small ones lie on large ones,
    and the background is what is in none.

    Returns:
        A `segmenters.Segmenter`. It is loaded once.

    Raises:
        ImportError, OSError: as `load`.

    Reference:

    - [Kirillov et al., 2023](https://arxiv.org/abs/2304.02643)
    """
    model = load("SAMImageSegmenter", "sam_base_sa1b")
    return SegmentAnything(model.backbone, _scaling(model))


def sam_box(image, box):
    """The object that a box is drawn around, by Segment Anything.

    Args:
        image: float32 array of shape `(height, width, 3)` in [0, 1].
        box: four floats, in pixels: top, left, bottom and right.

    Returns:
        bool array of shape `(height, width)`.

    Raises:
        ImportError, OSError: as `load`.
    """
    return sam().in_box(image, box)


def _from_model(model, classes, side):
    """A segmenter that shows pictures to a `keras_hub` one.

    Where there are more classes than the model knows, the first are never
    there.
    """
    import keras

    head = getattr(model, "output_segmentation_head", None)
    # SegFormer scales what it finds up: 157 MB for each picture.
    scores = head.output if head else model.output
    activation = keras.activations.get(getattr(model, "activation", None))
    if activation is not keras.activations.softmax:
        scores = keras.layers.Softmax(dtype="float32")(scores)
    network = keras.Model(model.inputs, scores)
    scaled = _scaling(model)

    def predict(images):
        likely = network.predict_on_batch(scaled(images))
        unknown = len(classes) - likely.shape[-1]
        return np.pad(likely, [(0, 0)] * 3 + [(unknown, 0)])

    return segmenters.Segmenter(predict, classes, side)


def _scaling(model):
    """What a model's preset does to colours, of pictures in [0, 1]."""
    converter = getattr(model.preprocessor, "image_converter", None)
    if converter is None:
        return lambda images: 255 * images
    converter.image_size = None  # it would crop them
    return lambda images: converter(255 * images)
