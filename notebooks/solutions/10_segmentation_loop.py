"""Solutions of notebook 10, the loop. Run it in notebooks."""

import numpy as np

from kerasinpaint import methods, scenes, segment_loop, segmenters
from kerasinpaint.found import FoundObject, continuation
from kerasinpaint.object_masks import hide
from kerasinpaint.scene_truth import iou, score, true_order

DRAWN = 40
segmenter = segmenters.get("sample")
fill = methods.get("fmm")
drawn = [
    scenes.compose(np.random.default_rng(seed), "test", 128, objects="train")
    for seed in range(1, DRAWN + 1)
]
pictures = [scene.image for scene in drawn]

# ## 1. The margin of the hole


def grown(image, one, other, margin):
    """Pixels of the first's place that the second takes without it."""
    mask = hide(one.visible, margin)
    labels = segmenter(fill(image, mask))
    sure = np.ones(labels.shape)
    seen = FoundObject(other.name, other.label, other.visible, 0, sure)
    more = continuation(labels, seen, one.visible)
    return (more & ~other.visible).sum()


pairs = [s for s in drawn if len(s.objects) == 2 and not s.repeated]
for margin in (0, 3, 12):
    right = [
        grown(scene.image, front, back, margin)
        > grown(scene.image, back, front, margin)
        for scene in pairs
        for back, front in [scene.objects]
    ]
    print(f"margin of {margin} px: {np.mean(right):.0%} of orders right")
print(
    "Without a margin the rim brings the object back, and hides that its"
    " neighbour grows. With a wide one, little of the neighbour is left to"
    " grow from."
)

# ## 2. The order that the loop finds

results = segment_loop.segment_all(pictures, segmenter, fill)
right, wrong = 0, 0
for scene, found in zip(drawn, results, strict=True):
    in_front = true_order(scene)
    for first, second in found.order:
        one, other = found.objects[first], found.objects[second]
        true = in_front(one.visible, other.visible)
        right, wrong = right + true, wrong + (not true)
print(f"the order was right {right} times, and wrong {wrong} times")

# ## 3. A mean colour in place of a method


def mean_fill(image, mask):
    mean = image[mask[..., 0] > 0].mean(axis=0)
    return np.where(mask, image, mean).astype(np.float32)


for name, method in (("fmm", fill), ("mean colour", mean_fill)):
    results = segment_loop.segment_all(pictures, segmenter, method)
    amodal = [
        score(scene, found, segmenter.classes)["amodal"]
        for scene, found in zip(drawn, results, strict=True)
    ]
    print(f"{name}: amodal IoU {np.mean(amodal):.3f}")
seen = [
    max(
        (
            iou(one.visible, scene.objects[0].amodal)
            for one in found.objects
            if one.name == scene.objects[0].name
        ),
        default=0.0,
    )
    for scene, found in zip(drawn, results, strict=True)
]
print(f"without a loop: {np.mean(seen):.3f}")
print(
    "The fill matters: a flat patch tells the segmenter nothing about what"
    " goes on in it. What it still gains, it has learned from other fills."
)
