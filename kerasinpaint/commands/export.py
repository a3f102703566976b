"""`kerasinpaint export`: writes a network for programs without Keras."""

from kerasinpaint.commands import add_command, positive

EXAMPLES = """
  kerasinpaint export gan --format onnx --output gan.onnx
  kerasinpaint export pconv --format litert --size 256 256 --output pconv.tflite
  kerasinpaint export big_lama.npz --format saved_model --output big_lama

Inputs of the file: `images`, (batch, height, width, 3) in [0, 1], and `masks`,
(batch, height, width, 1), 1 = known, both float32. Output: the filled
pictures. What stands in holes must be finite. It needs
`pip install kerasinpaint[export]`.
"""


def add_parser(subparsers):
    """Adds the command `export`."""
    parser = add_command(
        subparsers,
        "export",
        "Write a network as ONNX, LiteRT or SavedModel, and check it.",
        EXAMPLES,
        run,
    )
    parser.add_argument(
        "method",
        metavar="METHOD",
        help="a trained network by name, or a .npz file of weights",
    )
    parser.add_argument(
        "--format", required=True, choices=["onnx", "litert", "saved_model"]
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        required=True,
        help="ends in .onnx or .tflite, and is replaced if it is there; a "
        "SavedModel is a new folder",
    )
    parser.add_argument(
        "--size",
        type=positive,
        nargs=2,
        metavar=("HEIGHT", "WIDTH"),
        help="for pictures of one size (default: any; LiteRT: 512 512)",
    )


def run(arguments):
    """Exports, or leaves nothing written."""
    from kerasinpaint.export import export

    difference = export(
        arguments.method, arguments.output, arguments.format, arguments.size
    )
    print(f"{arguments.output}: at most {difference:.1g} from Keras, in [0, 1]")
    return 0
