"""Segmenters in TFLite files, which LiteRT runs."""

from pathlib import Path

import numpy as np

LARGEST = 2**29  # bytes of a file


def predictor(path, classes):
    """What a file predicts, for `segmenters.Segmenter`.

    Args:
        path: path of a file that takes one square picture, of floats in
            [-1, 1] or of bytes, and gives labels or a score for each class.
        classes: int, how many it must have, if it gives scores.

    Returns:
        A pair: callable from float32 pictures in [0, 1] to one-hot labels
        of shape `(batch, height, width, classes)`, where a label that there
        is not becomes 0, and int, the side of the pictures.

    Raises:
        ImportError: if LiteRT is not installed.
        FileNotFoundError: if there is no such file.
        ValueError: if it is none, too large, or takes or gives something
            else.
    """
    interpreter = _opened(path)
    taken, given = _ends(path, interpreter)
    if len(given["shape"]) == 4 and given["shape"][-1] != classes:
        raise ValueError(
            f"{path} must tell {classes} classes apart. "
            f"Received: one of {given['shape'][-1]}."
        )

    def predict(images):
        labels = []
        for image in images:
            levels = np.rint(image * 255)
            if taken["dtype"] == np.float32:
                levels = levels / 127.5 - 1  # as MobileNets are trained
            levels = levels.astype(taken["dtype"])[None]
            interpreter.set_tensor(taken["index"], levels)
            interpreter.invoke()
            found = interpreter.get_tensor(given["index"])[0]
            labels.append(found.argmax(-1) if found.ndim == 3 else found)
        labels = np.stack(labels).astype(np.int64)
        labels[(labels < 0) | (labels >= classes)] = 0
        return np.eye(classes, dtype=np.float32)[labels]

    return predict, int(taken["shape"][1])


def _opened(path):
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise ImportError(
            "LiteRT must be installed to read a TFLite file: "
            f"pip install kerasinpaint[export]. Received: {path}."
        ) from error
    size = Path(path).stat().st_size
    if size > LARGEST:
        raise ValueError(
            f"{path} must have at most {LARGEST:,} bytes. Received: {size:,}."
        )
    try:
        interpreter = Interpreter(str(path), num_threads=2)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ValueError(
            f"{path} must be a TFLite file of a segmenter. Received: {error}"
        ) from error
    return interpreter


def _ends(path, interpreter):
    """What it takes and gives, if that is a picture and a map."""
    inputs = interpreter.get_input_details()
    outputs = interpreter.get_output_details()
    given, map_shape = outputs[0], outputs[0]["shape"]
    shape, dtype = inputs[0]["shape"], inputs[0]["dtype"]
    square = len(shape) == 4 and shape[1] == shape[2] and shape[3] == 3
    right = len(inputs) == 1 and square and shape[0] == 1
    if not right or dtype not in (np.float32, np.uint8):
        told = [f"{i['shape']} of {i['dtype'].__name__}" for i in inputs]
        raise ValueError(
            f"{path} must take one square picture of three colours, of "
            f"float32 or uint8. Received: one that takes {', '.join(told)}."
        )
    square = len(map_shape) in (3, 4) and map_shape[1] == map_shape[2] > 1
    if len(outputs) > 1 or not square:
        told = [str(one["shape"]) for one in outputs]
        raise ValueError(
            f"{path} must give one square map of labels, or of scores. "
            f"Received: one that gives {', '.join(told)}."
        )
    return inputs[0], given
