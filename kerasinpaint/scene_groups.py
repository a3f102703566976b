"""The 365 scenes of Places, in 50 groups.

The rule, for `scene_groups.csv`: first whether one is indoors, outdoors
among what was built, or in nature; within that, scenes in which one does the
same, or which are made of the same, are a group. Nature is grouped by what
the ground is covered with.
"""

import csv
from pathlib import Path

with open(Path(__file__).with_name("scene_groups.csv")) as _file:
    _ROWS = tuple(csv.DictReader(_file))

_KINDS = {row["group"]: row["kind"] for row in _ROWS}

# Names of scenes in the order of Places, and of groups in their first order.
SCENES = [row["scene"] for row in _ROWS]
GROUPS = list(_KINDS)
# The place in `GROUPS` of each scene, and the kind of each group.
GROUP_OF = [GROUPS.index(row["group"]) for row in _ROWS]
KIND_OF = list(_KINDS.values())
