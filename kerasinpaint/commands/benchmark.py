"""`kerasinpaint benchmark`: the tables of quality and of speed."""

from kerasinpaint.commands import add_command, positive

EXAMPLES = """
  kerasinpaint benchmark quality
  kerasinpaint benchmark quality --methods fmm,telea
  kerasinpaint benchmark wide --methods fmm,output/mine/weights.npz
  kerasinpaint benchmark segmentation
  kerasinpaint benchmark segmentation --data voc2012 --segmenter deeplab.tflite
  kerasinpaint benchmark speed --output output/benchmark
  kerasinpaint benchmark cifar10 --methods telea,output/mine/weights.npz
"""

SCENES = {
    "test": "output/segmentation",
    "train": "output/segmentation_train",
}
VOC = "output/voc2012"


def add_parser(subparsers):
    """Adds the command `benchmark` and what it measures."""
    parser = add_command(
        subparsers, "benchmark", "Measure the methods.", EXAMPLES, run_quality
    )
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    quality = add_command(
        kinds,
        "quality",
        "Fill the test pictures with each method, by hole ratio.",
        EXAMPLES,
        run_quality,
    )
    wide = add_command(
        kinds,
        "wide",
        "Fill wide holes in the test pictures, with intervals.",
        EXAMPLES,
        run_wide,
    )
    speed = add_command(
        kinds,
        "speed",
        "Time fast marching, the mask generators, and layers.",
        EXAMPLES,
        run_speed,
    )
    cifar10 = add_command(
        kinds,
        "cifar10",
        "Fill thin lines in all 10,000 test pictures of CIFAR-10.",
        EXAMPLES,
        run_set,
    )
    tiny_imagenet = add_command(
        kinds,
        "tiny_imagenet",
        "Fill the validation set of Tiny ImageNet, by hole ratio.",
        EXAMPLES,
        run_set,
    )
    segmentation = add_command(
        kinds,
        "segmentation",
        "Run the loop of segmenting and inpainting where truth is known.",
        EXAMPLES,
        run_segmentation,
    )
    for parser in (quality, wide, segmentation, cifar10, tiny_imagenet):
        parser.add_argument(
            "--methods",
            metavar="A,B",
            type=lambda names: names.split(","),
            help="methods, or paths of weights, separated by commas "
            "(default: all that were made for these pictures; in the loop "
            "fmm,pconv,lama, and lama on Pascal VOC)",
        )
    for parser, name in (
        (quality, "benchmark"),
        (wide, "wide"),
        (speed, "benchmark"),
        (cifar10, "cifar10"),
        (tiny_imagenet, "tiny_imagenet"),
    ):
        parser.add_argument(
            "--output",
            metavar="DIR",
            default=f"output/{name}",
            help="folder for tables and figures (default: %(default)s)",
        )
    for parser, name in (
        (cifar10, "cifar10"),
        (tiny_imagenet, "tiny_imagenet"),
    ):
        parser.set_defaults(set=name)
        parser.add_argument(
            "--data",
            default=name,
            help="a folder of its pictures, or the name of the data set "
            "(default: %(default)s)",
        )
    _add_segmentation(segmentation)


def _add_segmentation(parser):
    parser.add_argument(
        "--output",
        metavar="DIR",
        help="folder for tables and figures (default: output/segmentation, "
        "output/segmentation_train, output/voc2012)",
    )
    parser.add_argument(
        "--segmenter",
        metavar="NAME",
        help="a segmenter, or a .npz or .tflite file (default: sample; with "
        "VOC deeplab_v3_plus)",
    )
    parser.add_argument(
        "--data",
        choices=("test", "train", "voc2012"),
        default="test",
        help="scenes of the cut-outs of a split, over test backgrounds, or "
        "Pascal VOC (default: %(default)s)",
    )
    parser.add_argument(
        "--count",
        type=positive,
        help="how many (default: 500 scenes; all pictures of VOC)",
    )
    parser.add_argument(
        "--size",
        metavar="PX",
        type=positive,
        help="side of a scene; segmenters of VOC need more than `sample` "
        "(default: 128)",
    )


def run_quality(arguments):
    """Measures the methods' quality."""
    from kerasinpaint import benchmark

    benchmark.quality(arguments.methods, output=arguments.output)
    return 0


def run_wide(arguments):
    """Measures quality in wide holes."""
    from kerasinpaint import benchmark

    benchmark.wide(arguments.methods, output=arguments.output)
    return 0


def run_segmentation(arguments):
    """Measures the loop, on scenes or on Pascal VOC."""
    if arguments.data == "voc2012" and arguments.size:
        arguments.usage_error("argument --size: is of scenes, not of VOC")
    from kerasinpaint import benchmark

    options = {
        "names": arguments.methods,
        "segmenter": arguments.segmenter,
        "count": arguments.count,
    }
    options = {name: given for name, given in options.items() if given}
    if arguments.data == "voc2012":
        benchmark.voc2012(output=arguments.output or VOC, **options)
    else:
        objects = arguments.data
        output = arguments.output or SCENES[objects]
        if arguments.size:
            options["size"] = arguments.size
        benchmark.segmentation(output=output, objects=objects, **options)
    return 0


def run_set(arguments):
    """Measures quality on a whole data set."""
    from kerasinpaint import benchmark

    measure = getattr(benchmark, arguments.set)
    options = {"names": arguments.methods} if arguments.methods else {}
    measure(arguments.data, output=arguments.output, **options)
    return 0


def run_speed(arguments):
    """Measures speed."""
    from kerasinpaint import benchmark

    benchmark.speed(output=arguments.output)
    return 0
