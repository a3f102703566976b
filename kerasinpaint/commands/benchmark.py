"""`kerasinpaint benchmark`: the tables of quality and of speed."""

from pathlib import Path

from kerasinpaint.commands import add_command, positive

EXAMPLES = """
  kerasinpaint benchmark quality
  kerasinpaint benchmark quality --methods fmm,telea
  kerasinpaint benchmark wide --methods fmm,output/mine/weights.npz
  kerasinpaint benchmark segmentation
  kerasinpaint benchmark segmentation --data voc2012 --segmenter deeplab.tflite
  kerasinpaint benchmark speed --output output/benchmark
  kerasinpaint benchmark efficiency
  kerasinpaint benchmark cifar10 --methods telea,output/mine/weights.npz
"""

LOOPS = {
    "test": "segmentation",
    "train": "segmentation_train",
    "voc2012": "voc2012",
}


def add_parser(subparsers):
    """Adds the command `benchmark` and what it measures."""
    parser = add_command(
        subparsers, "benchmark", "Measure the methods.", EXAMPLES, run_quality
    )
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    for name, run, text in (
        ("quality", run_quality, "Fill the test pictures, by hole ratio."),
        ("wide", run_wide, "Fill wide holes in them, with intervals."),
        ("speed", run_speed, "Time fast marching, masks, and layers."),
        (
            "efficiency",
            run_efficiency,
            "Checkpointing, half precision, XLA and INT8, before and after.",
        ),
        (
            "structure",
            run_structure,
            "Passes, doubts and exemplars of structure_texture.",
        ),
        ("cifar10", run_set, "Fill thin lines in 10,000 pictures of CIFAR-10."),
        ("tiny_imagenet", run_set, "Fill the validation set, by hole ratio."),
        (
            "segmentation",
            run_segmentation,
            "Segment, fill, and segment again, where truth is known.",
        ),
    ):
        kind = add_command(kinds, name, text, EXAMPLES, run)
        if name not in ("speed", "efficiency", "structure"):
            _add_methods(kind)
        if run is run_set:
            _add_set(kind, name)
        if name == "structure":
            kind.add_argument(
                "--weights",
                metavar="FILE",
                default="structure_texture",
                help="a .npz file that `kerasinpaint train "
                "structure_texture` has written (default: those shipped)",
            )
        if name == "segmentation":
            _add_segmentation(kind)
        else:
            together = "quality", "speed", "efficiency"
            folder = "benchmark" if name in together else name
            kind.add_argument(
                "--output",
                metavar="DIR",
                default=f"output/{folder}",
                help="folder for tables and figures (default: %(default)s)",
            )


def _add_methods(parser):
    parser.add_argument(
        "--methods",
        metavar="A,B",
        type=lambda names: names.split(","),
        help="methods, or paths of weights, separated by commas (default: all "
        "that were made for these pictures; for segmentation fmm,pconv,lama, "
        "and lama on Pascal VOC)",
    )


def _add_set(parser, name):
    parser.set_defaults(set=name)
    parser.add_argument(
        "--data",
        default=name,
        help="a folder of its pictures, or the name of the data set "
        "(default: %(default)s)",
    )


def _add_segmentation(parser):
    parser.add_argument(
        "--output",
        metavar="DIR",
        help="folder for tables and figures (default: output/segmentation, "
        "output/segmentation_train or output/voc2012, and the name of "
        "another segmenter)",
    )
    parser.add_argument(
        "--segmenter",
        metavar="NAME",
        help="a segmenter, or a .npz or .tflite file (default: sample; with "
        "VOC deeplab_v3_plus)",
    )
    parser.add_argument(
        "--data",
        choices=list(LOOPS),
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
        "size": arguments.size,
    }
    options = {name: given for name, given in options.items() if given}
    output = arguments.output or _folder(arguments)
    if arguments.data == "voc2012":
        benchmark.voc2012(output=output, **options)
    else:
        objects = arguments.data
        benchmark.segmentation(output=output, objects=objects, **options)
    return 0


def _folder(arguments):
    """README shows what is in those of the default segmenter."""
    folder = Path("output", LOOPS[arguments.data])
    if arguments.segmenter:
        folder = Path(f"{folder}_{Path(arguments.segmenter).stem}")
    return folder


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


def run_efficiency(arguments):
    """Measures what makes networks faster or smaller."""
    from kerasinpaint import benchmark_efficiency

    benchmark_efficiency.efficiency(output=arguments.output)
    return 0


def run_structure(arguments):
    """Measures what the ways to fill by structure and texture gain."""
    from kerasinpaint import benchmark_structure

    benchmark_structure.structure(arguments.weights, arguments.output)
    return 0
