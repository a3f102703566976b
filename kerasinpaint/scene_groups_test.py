from collections import Counter

from kerasinpaint.scene_groups import GROUP_OF, GROUPS, KIND_OF, SCENES


def test_there_are_365_scenes_in_50_groups():
    assert len(SCENES) == len(set(SCENES)) == len(GROUP_OF) == 365
    assert len(GROUPS) == len(KIND_OF) == 50
    assert set(GROUP_OF) == set(range(50))


def test_the_order_is_that_of_places():
    places = {"airfield": 0, "beach": 48, "forest/broadleaf": 150}
    places |= {"mountain": 232, "sky": 306, "zen_garden": 364}
    for name, place in places.items():
        assert SCENES[place] == name


def test_no_group_is_most_of_them():
    sizes = Counter(GROUP_OF)
    assert max(sizes.values()) < 25
    kinds = Counter(KIND_OF[group] for group in GROUP_OF)
    assert set(kinds) == {"indoor", "built", "nature"}
    assert min(kinds.values()) > 40


def test_scenes_are_with_their_like():
    def group(name):
        return GROUPS[GROUP_OF[SCENES.index(name)]]

    assert group("bedroom") == group("hotel_room") == "bedrooms"
    assert group("glacier") == group("iceberg") != group("ski_slope")
    assert group("church/indoor") != group("church/outdoor")
