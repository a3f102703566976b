import numpy as np
import pytest

from kerasinpaint.loop_figure import loop_figure
from kerasinpaint.segment_loop_test import ByColor, run, scene_of


def test_it_shows_every_step(tmp_path):
    figure = loop_figure(run(scene_of("square", "disc")))
    titles = [axis.get_title() for axis in figure.axes]
    assert len(titles) == 6 and titles[0] == "the picture"
    cut, filled = (
        np.asarray(figure.axes[place].get_images()[0].get_array())
        for place in (2, 3)
    )
    # What was peeled is white, then filled.
    assert (cut[45, 60] == 1).all() and (filled[45, 60] < 1).any()
    figure.savefig(tmp_path / "flow.png")


def test_nothing_peeled_is_nothing_to_show():
    with pytest.raises(ValueError, match="Received: one of a single picture"):
        loop_figure(run(scene_of("square"), ByColor()))
