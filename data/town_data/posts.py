"""Where cameras stand and look: crossings, gates, streets, village entries; in local metres."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely

from town_data.areas import at, make_parks, wharf_of
from town_data.compounds import Compound
from town_data.estates import gates_of
from town_data.ground import Ground
from town_data.junctions import crossings
from town_data.shapes import Array, tangent
from town_data.terrain import VILLAGES

COUNT = 120
_MIXED = (
    "枪机 400万 6mm",
    "枪机 200万 4mm",
    "枪机 400万 4mm",
    "枪机 400万 6mm",
    "枪机 800万 变焦 2.8-12mm",
    "枪机 400万 12mm 道路",
)


@dataclass(frozen=True)
class Site:
    """A camera before it becomes a row.

    Args:
        name: its name.
        model: name of its model.
        point: foot of its pole.
        azimuth_deg: direction of view, clockwise from grid north.
        arms: directions of the presets of a PTZ.
        owner: who built it, empty for one of the town's offices.
    """

    name: str
    model: str
    point: shapely.Point
    azimuth_deg: float
    arms: list[float] = field(default_factory=list)
    owner: str = ""


def _azimuth(origin: shapely.Point, target: Array) -> float:
    return float(np.degrees(np.arctan2(target[0] - origin.x, target[1] - origin.y)) % 360)


class _Posts:
    """Finds free spots for poles and keeps names single."""

    def __init__(self, ground: Ground, solid: shapely.STRtree) -> None:
        self.ground, self.solid = ground, solid
        self.sites: list[Site] = []
        self._names: dict[str, int] = {}

    def clear(self, wanted: Array) -> shapely.Point:
        """Return the free spot nearest to a wanted one."""
        for radius in (0.0, 1.5, 3.0, 4.5, 6.5, 9.0, 12.0, 16.0, 22.0):
            for turn in np.arange(8 if radius else 1) * np.pi / 4:
                spot = shapely.Point(np.round(wanted + radius * np.array([np.cos(turn), np.sin(turn)]), 2))
                if not len(self.solid.query(spot, predicate="dwithin", distance=0.4)) and not len(
                    self.ground.taken.query(spot, predicate="dwithin", distance=0.3)
                ):
                    return spot
        return shapely.Point(wanted)

    def add(
        self,
        name: str,
        model: str,
        wanted: Array,
        target: Array,
        *,
        arms: list[Array] | None = None,
        owner: str = "",
    ) -> None:
        """Put a camera near `wanted`, looking at `target`."""
        if len(self.sites) >= COUNT:
            return
        spot = self.clear(wanted)
        self._names[name] = self._names.get(name, 0) + 1
        single = name if self._names[name] == 1 else f"{name}{self._names[name]}号"
        looks = [_azimuth(spot, one) for one in arms or []]
        self.sites.append(Site(single, model, spot, _azimuth(spot, target), looks, owner))


def post_sites(
    ground: Ground,
    compounds: list[Compound],
    estates: list[Compound],
    solid: shapely.STRtree,
    random: np.random.Generator,
) -> list[Site]:
    """Return `COUNT` cameras, the most important places first.

    Args:
        ground: terrain and streets.
        compounds: compounds but the estates.
        estates: the walled estates.
        solid: buildings.
        random: stream of random numbers.
    """
    posts = _Posts(ground, solid)
    _gates(posts, compounds, estates)
    _places(posts)
    _streets(posts, _SHOPPING)
    _villages(posts)
    _crossings(posts, random, 0, 6)
    _streets(posts, _THROUGH)
    _crossings(posts, random, 6, 60)
    return posts.sites


_MIDDLE = {
    "market": "鱼眼 1200万", "station": "多目 800万 180°", "school": "球机 400万 32倍", "hospital": "球机 400万 32倍",
    "government": "球机 200万 25倍",
}  # fmt: skip
_YARDS = {"school", "hospital", "government", "station", "market", "kindergarten"}


def _gates(posts: _Posts, compounds: list[Compound], estates: list[Compound]) -> None:
    for one in compounds:
        if not one.category:
            continue
        gate, angle = one.gate
        outward = np.array([np.cos(angle), np.sin(angle)])
        middle = np.array([one.shape.centroid.x, one.shape.centroid.y])
        side = np.array([-outward[1], outward[0]])
        look = outward if one.category in _YARDS else -outward
        posts.add(
            f"{one.name}大门",
            "枪机 400万 4mm",
            gate - look * 4 + side * 7,
            gate + look * 16 - side * 6,
            owner=one.name,
        )
        if one.category in _YARDS:
            _yard(posts, one, middle)
    for one in estates:
        middle = np.array([one.shape.centroid.x, one.shape.centroid.y])
        for number, door in enumerate(gates_of(posts.ground, one)):
            spot = np.array([door.x, door.y])
            inward = (middle - spot) / np.hypot(*(middle - spot))
            side = np.array([-inward[1], inward[0]])
            word = "大门" if number == 0 else "侧门"
            posts.add(
                f"{one.name}{word}",
                "枪机 400万 6mm",
                spot - inward * 2 + side * 6,
                spot + inward * 40,
                owner=f"{one.name}物业服务站",
            )
            if number == 0:
                posts.add(f"{one.name}门内", "球机 200万 25倍", middle, spot, arms=[spot, middle * 2 - spot, middle + side * 40],
                          owner=f"{one.name}物业服务站")  # fmt: skip


def _yard(posts: _Posts, one: Compound, middle: Array) -> None:
    """Put cameras into the corners of a yard, and one of another kind into its middle where it has none."""
    ring = shapely.get_coordinates(one.shape.simplify(4.0))[:-1]
    far = np.argsort(-np.hypot(*(ring - middle).T), kind="stable")
    first = ring[far[0]]
    second = ring[int(np.argmax(np.hypot(*(ring - first).T)))]
    for number, corner in enumerate((first, second)):
        spot = corner + (middle - corner) * 0.1
        posts.add(f"{one.name}{'东西'[number]}院角", "枪机 800万 变焦 2.8-12mm", spot, middle, owner=one.name)
    corners = [*(ring[k] for k in far[:4])]
    model = _MIDDLE.get(one.category, "")
    if model:
        posts.add(f"{one.name}院中", model, middle, one.gate[0], arms=corners, owner=one.name)
    if one.shape.area > 16_000:
        for number, k in enumerate(far[2:4]):
            spot = ring[k] + (middle - ring[k]) * 0.08
            posts.add(
                f"{one.name}{'南北'[number]}院角", "枪机 800万 变焦 2.8-12mm", spot, middle, owner=one.name
            )


def _places(posts: _Posts) -> None:
    parks = {name: shape for name, _, shape in make_parks(posts.ground)}
    square = parks["文化广场"]
    west, south, east, north = square.bounds
    posts.add(
        "文化广场北",
        "多目 800万 180°",
        np.array([(west + east) / 2, north - 2]),
        np.array([(west + east) / 2, south]),
    )
    posts.add(
        "文化广场中",
        "鱼眼 1200万",
        np.array([(west + east) / 2 + 20, (south + north) / 2]),
        np.array([east, south]),
    )
    park = parks["河滨公园"]
    posts.add(
        "河滨公园入口",
        "球机 400万 32倍",
        np.array([park.bounds[0] + 8, park.centroid.y]),
        np.array([park.centroid.x, park.centroid.y]),
    )
    wharf = wharf_of(posts.ground)
    ends = np.array([[wharf.bounds[0], wharf.bounds[3]], [wharf.bounds[2], wharf.bounds[1]]])
    quay_middle = np.array([wharf.centroid.x, wharf.centroid.y])
    for word, model, near in (
        ("云渚码头", "球机 400万 32倍", quay_middle),
        ("云渚码头东", "枪机 400万 6mm", ends[1]),
    ):
        foot, angle = at(posts.ground, "滨河路", (float(near[0]), float(near[1])))
        beside = np.array([foot.x, foot.y]) + 6.2 * np.array([-np.sin(angle), np.cos(angle)])
        posts.add(
            word, model, beside, quay_middle if word.endswith("东") else ends[0], arms=[ends[0], ends[1]]
        )
    for name, street, near in (("云渚大桥北", "迎宾路", (48, -362)), ("云渚大桥南", "迎宾路", (66, -580))):
        point, _ = at(posts.ground, street, near)
        aim = np.array([60.0, -460.0])
        posts.add(name, "枪机 400万 12mm 道路", np.array([point.x + 9, point.y]), aim)


# street: model, distance between cameras, westernmost and easternmost one
_SHOPPING = (
    ("人民街", "枪机 400万 6mm", 62.0, (-330, 430)),
    ("老河街", "半球 400万 2.8mm", 62.0, (-460, 30)),
)
_THROUGH = (
    ("迎宾路", "枪机 400万 12mm 道路", 170.0, (-260, 80)),
    ("建设路", "枪机 400万 6mm", 260.0, (-800, 900)),
    ("滨河路", "枪机 400万 6mm", 300.0, (-900, 600)),
    ("人民街", "枪机 400万 12mm 道路", 170.0, (430, 1000)),
    ("人民街", "枪机 400万 12mm 道路", 170.0, (-900, -330)),
    ("文昌路", "枪机 200万 4mm", 230.0, (-600, -300)),
    ("东门街", "枪机 200万 4mm", 230.0, (300, 500)),
)


def _streets(posts: _Posts, streets: tuple[tuple[str, str, float, tuple[float, float]], ...]) -> None:
    """Put cameras along streets, looking one way and the other in turns."""
    for name, model, step, (west, east) in streets:
        number = 0
        for one in posts.ground.named(name):
            line = one.line
            for along in np.arange(18.0, line.length - 8, step).tolist():
                point, angle = tangent(line, along)
                if not west < point[0] < east or one.bridge or not -400 < point[1] < 640:
                    continue
                way = 1.0 if number % 2 else -1.0
                forward = np.array([np.cos(angle), np.sin(angle)]) * way
                beside = np.array([-np.sin(angle), np.cos(angle)]) * way * (one.width_m / 2 + 1.2)
                posts.add(f"{name}沿街", model, point + beside, point + forward * 45)
                number += 1


def _crossings(posts: _Posts, random: np.random.Generator, first: int, last: int) -> None:
    """Put cameras at the crossings of named streets in the core, the widest first."""
    streets = posts.ground.streets
    found = []
    for point, arms in crossings(streets):
        names = sorted({streets[index].name for index, _ in arms if streets[index].name})
        width = sum(streets[index].width_m for index, _ in arms)
        if (
            len(names) >= 2
            and -1000 < point[0] < 1350
            and -780 < point[1] < 720
            and not any(n.endswith("号路") for n in names)
        ):
            found.append((-width, tuple(point.tolist()), arms, names))
    for number, (_, place, arms, names) in enumerate(
        sorted(found, key=lambda one: one[:2])[first:last], first
    ):
        point = np.array(place)
        half = max(streets[index].width_m for index, _ in arms) / 2
        angles = [angle for _, angle in arms]
        towards = [point + 45 * np.array([np.cos(angle), np.sin(angle)]) for angle in angles]
        corner = float(random.choice(angles)) + 0.75
        spot = point + (half + 2.5) * 1.3 * np.array([np.cos(corner), np.sin(corner)])
        name = f"{names[0]}与{names[1]}路口"
        if number < 3:
            posts.add(f"{name}球机", "球机 400万 32倍", spot, towards[0], arms=towards)
        else:
            posts.add(name, _MIXED[number % len(_MIXED)], spot, towards[number % len(towards)])


def _villages(posts: _Posts) -> None:
    """Put a PTZ camera into each hamlet, and one more at the entry of some."""
    roads = {"河街村": "西环路", "北关村": "北关路", "柳湾村": "柳湾路", "石桥村": "北关路",
             "白鹭村": "白鹭路", "杨岗村": "杨岗路", "枣林村": "枣林路", "渡口村": "渡口路"}  # fmt: skip
    for village, (x, y, _) in VILLAGES.items():
        for word, shift in (("村部", 0.0), ("村口", 130.0))[: 2 if village[0] in "河北白渡" else 1]:
            point, angle = at(posts.ground, roads[village], (x + shift, y))
            normal = np.array([-np.sin(angle), np.cos(angle)])
            here = np.array([point.x, point.y])
            posts.add(f"{village}{word}", "枪机 400万 6mm" if shift else "球机 200万 25倍", here + normal * 4.6,
                      here + 45 * np.array([np.cos(angle), np.sin(angle)]),
                      arms=None if shift else [here + sign * 45 * np.array([np.cos(angle), np.sin(angle)]) for sign in (1, -1)])  # fmt: skip
