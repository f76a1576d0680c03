"""The hand-drawn skeleton of streets, and the lanes that grow in each hamlet; all in local metres."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from town_data.shapes import Array, jittered, spline, stream, tangent
from town_data.terrain import VILLAGES, Terrain

# highway: width (m), speed (km/h), open to cars, open to motorcycles
CLASSES: dict[str, tuple[float, float | None, bool, bool]] = {
    "primary": (16.0, 60.0, True, True),
    "secondary": (13.0, 50.0, True, True),
    "tertiary": (10.0, 40.0, True, True),
    "unclassified": (6.5, 30.0, True, True),
    "residential": (5.0, 30.0, True, True),
    "living_street": (4.0, 15.0, True, True),
    "service": (4.5, 15.0, True, True),
    "track": (3.0, 15.0, False, True),
    "pedestrian": (7.0, None, False, False),
    "footway": (2.2, None, False, False),
    "path": (1.8, None, False, False),
}


@dataclass(frozen=True)
class Street:
    """A street before it becomes rows.

    Args:
        name: its name, empty where it has none.
        highway: OSM class, a key of `CLASSES`.
        points: vertices on the centimetre grid, shape (n, 2).
        ends: whether start and end are tied to the nearest other street.
        oneway: ``no``, ``forward`` or ``backward`` for vehicles.
        bridge: whether it is a bridge.
    """

    name: str
    highway: str
    points: Array
    ends: tuple[bool, bool] = (True, True)
    oneway: str = "no"
    bridge: bool = False

    @property
    def line(self) -> shapely.LineString:
        """The middle line."""
        return shapely.LineString(self.points)

    @property
    def width_m(self) -> float:
        """Width of the carriageway."""
        return CLASSES[self.highway][0]


TIED, FREE, HEAD, TAIL = (True, True), (False, False), (True, False), (False, True)
_ISTHMUS = "望渚小径"
_SKELETON: list[tuple[str, str, tuple[bool, bool], list[tuple[float, float]]]] = [
    ("云州大道", "primary", FREE, [(-2610, 1115), (-2200, 1010), (-1450, 800), (-700, 640), (-60, 610), (500, 690),
                                 (1000, 640), (1700, 470), (2300, 520), (2770, 640)]),
    ("迎宾路", "secondary", (False, True), [(-160, 2250), (-170, 1800), (-40, 1200), (-60, 610), (-35, 300), (-5, 110),
                                         (15, -150), (45, -345), (70, -560), (62, -700)]),
    ("桥南大道", "secondary", (True, False), [(62, -690), (50, -850), (-80, -1300), (-110, -1800), (-40, -2260)]),
    ("人民街", "tertiary", TIED, [(-940, 235), (-620, 185), (-300, 145), (0, 118), (330, 150), (640, 105), (900, 45),
                               (1120, -25), (1310, -20)]),
    ("建设路", "tertiary", TIED, [(-930, 440), (-680, 430), (-450, 395), (-60, 385), (200, 405), (430, 415), (700, 395),
                               (890, 410), (1290, 330)]),
    ("西环路", "tertiary", TIED, [(-960, 700), (-935, 440), (-945, 200), (-975, -60), (-930, -420)]),
    ("东环路", "tertiary", TIED, [(1330, 565), (1290, 330), (1320, 60), (1290, -260), (1240, -560)]),
    ("文昌路", "residential", TIED, [(-500, 620), (-445, 395), (-465, 170), (-430, -80), (-455, -400)]),
    ("东门街", "residential", TIED, [(395, 680), (430, 415), (370, 150), (415, -90), (370, -390)]),
    ("柳溪路", "residential", TIED, [(790, 660), (745, 400), (800, 220), (790, 80), (730, -60), (640, -330)]),
    ("学前路", "residential", TIED, [(-720, 640), (-700, 430), (-640, 190)]),
    ("老河街", "pedestrian", TIED, [(-440, -190), (-320, -172), (-170, -215), (20, -196)]),
    ("米市街", "residential", TIED, [(10, -70), (140, -95), (270, -70), (410, -105)]),
    ("书院巷", "living_street", TIED, [(-455, -10), (-330, -25), (-210, -5), (-100, -40), (5, -25)]),
    ("染坊巷", "living_street", TIED, [(-310, 140), (-325, 60), (-300, -60), (-318, -170)]),
    ("铁匠巷", "living_street", TIED, [(-165, 130), (-150, 40), (-175, -90), (-160, -205)]),
    ("老码头巷", "living_street", TIED, [(-185, -210), (-205, -300), (-190, -410)]),
    ("盐仓巷", "living_street", TIED, [(-330, -180), (-345, -280), (-320, -410)]),
    ("水井巷", "living_street", TIED, [(125, 125), (150, 20), (135, -90)]),
    ("豆腐巷", "living_street", TIED, [(262, 140), (250, 30), (285, -70)]),
    ("槐树巷", "living_street", TIED, [(150, -95), (175, -200), (160, -370)]),
    ("酱园巷", "living_street", TIED, [(18, -225), (100, -240), (170, -215), (280, -240), (385, -220)]),
    ("后街", "living_street", TIED, [(-620, 180), (-600, 60), (-640, -120), (-600, -400)]),
    ("竹器巷", "living_street", TIED, [(-615, 20), (-520, -5), (-445, 15)]),
    ("河沿巷", "living_street", TIED, [(-620, -215), (-530, -200), (-435, -215)]),
    ("北园路", "residential", TIED, [(-58, 500), (-180, 520), (-330, 505), (-470, 515)]),
    ("菜园路", "residential", TIED, [(-250, 390), (-235, 270), (-250, 145)]),
    ("粮站路", "residential", TIED, [(190, 405), (165, 280), (185, 135)]),
    ("桂花巷", "living_street", TIED, [(-35, 265), (70, 255), (175, 275)]),
    ("平安巷", "living_street", TIED, [(180, 265), (290, 285), (400, 270)]),
    ("东园路", "residential", TIED, [(400, 300), (520, 280), (640, 300), (775, 280)]),
    ("新民巷", "residential", TIED, [(565, 402), (580, 290), (560, 115)]),
    ("东关巷", "living_street", TIED, [(410, -20), (560, -45), (745, -20)]),
    ("东关后巷", "living_street", TIED, [(555, 125), (585, 20), (545, -185)]),
    ("河西路", "residential", TIED, [(-935, -290), (-780, -275), (-610, -290)]),
    ("沙洲路", "residential", TIED, [(410, -200), (530, -180), (690, -190)]),
    ("西园路", "residential", TIED, [(-950, 60), (-840, 40), (-720, 65), (-605, 45)]),
    ("汽车站路", "residential", TIED, [(160, 640), (175, 520), (190, 405)]),
    ("桥南街", "residential", FREE, [(-560, -800), (-300, -745), (65, -735), (330, -745), (640, -820), (860, -930)]),
    ("柳湾路", "unclassified", HEAD, [(-1560, 830), (-1760, 640), (-2020, 520), (-2330, 470), (-2480, 330)]),
    ("杨岗路", "unclassified", HEAD, [(-700, 640), (-860, 1000), (-1230, 1560), (-1600, 1850)]),
    ("北关路", "unclassified", TIED, [(-50, 1190), (270, 1130), (480, 1210), (640, 1260), (980, 1330), (1420, 1430),
                                   (1720, 1200), (1800, 800), (1870, 480)]),
    ("白鹭路", "unclassified", TIED, [(1690, 470), (1830, 150), (2050, -130), (1980, -380), (1640, -420), (1270, -330)]),
    ("枣林路", "unclassified", HEAD, [(-85, -1320), (-520, -1270), (-1150, -1400), (-1560, -1370), (-2150, -1500)]),
    ("渡口路", "unclassified", TIED, [(640, -820), (820, -1010), (1010, -1240), (1060, -1520), (760, -1820), (300, -1900),
                                   (-105, -1850)]),
    ("杨岗北路", "track", TIED, [(-1500, 1780), (-900, 1990), (-180, 1850)]),
    ("西干渠路", "track", TIED, [(-1150, 60), (-1500, 60), (-1800, 240), (-2000, 510)]),
    ("白鹭机耕路", "track", TIED, [(2060, -140), (2330, -260), (2420, 150), (2350, 520)]),
    ("枣林机耕路", "track", TIED, [(-1160, -1410), (-1250, -1750), (-700, -1850), (-110, -1750)]),
    ("石桥机耕路", "track", TIED, [(1420, 1440), (1200, 1800), (700, 1980), (250, 1950), (-165, 1900)]),
    ("小石桥", "footway", TIED, [(520, 930), (640, 930), (800, 900), (940, 870), (985, 650)]),
]  # fmt: skip
# only lanes that cars can leave at both ends
_ONEWAY = {"水井巷": "forward", "豆腐巷": "backward", "竹器巷": "forward"}


def draw_streets(terrain: Terrain, seed: int) -> list[Street]:
    """Return all streets, loose: neither joined nor split at bridges.

    Args:
        terrain: the ground.
        seed: seed of the town.
    """
    random = stream(seed, 2)
    streets = [
        Street(name, highway, spline(jittered(points, random, 9.0)), ends, _ONEWAY.get(name, "no"))
        for name, highway, ends, points in _SKELETON
    ]
    streets.append(Street("滨河路", "tertiary", terrain.bank(-1130, 700, 20.0), (False, True)))
    streets.append(Street("北岸堤顶路", "path", terrain.bank(-2330, -1125, 18.0), (True, True)))
    streets.append(Street("东堤小路", "path", terrain.bank(1225, 2200, 20.0), (True, False)))
    south = terrain.bank(-1820, 60, -16.0)
    streets.append(Street("南岸堤顶路", "path", south, (False, True)))
    shore = shapely.LineString(south)
    start, _ = tangent(shore, 150.0)
    streets.append(
        Street(
            _ISTHMUS,
            "footway",
            spline([start, *(start + np.array([[40.0, -75.0], [120.0, -140.0], [230.0, -185.0]]))]),
            HEAD,
        )
    )
    for name, (x, y, _) in VILLAGES.items():
        streets += _hamlet(name, x, y, streets, terrain, random)
    return streets


_HOST = {
    "河街村": "西环路", "北关村": "北关路", "柳湾村": "柳湾路", "石桥村": "北关路",
    "白鹭村": "白鹭路", "杨岗村": "杨岗路", "枣林村": "枣林路", "渡口村": "渡口路",
}  # fmt: skip


def _hamlet(
    name: str, x: float, y: float, streets: list[Street], terrain: Terrain, random: np.random.Generator
) -> list[Street]:
    """Grow lanes on both sides of the village road, and a back lane that ties most of them."""
    host = next(one for one in streets if one.name == _HOST[name]).line
    taken = shapely.union_all([one.line for one in streets])
    wet = terrain.water.buffer(9)
    middle = shapely.line_locate_point(host, shapely.Point(x, y))
    lanes: list[Street] = []
    short = name[:2]
    for side in (1.0, -1.0):
        if name == "河街村" and side > 0:
            continue  # the town lies there
        ends = []
        reach = random.uniform(190, 250)
        at = max(middle - reach, 25.0)
        while at < min(middle + reach, host.length - 15):
            origin, direction = tangent(host, at)
            heading = direction + side * (np.pi / 2 + random.uniform(-0.28, 0.28))
            length = random.uniform(95, 215) * (1.0 - 0.45 * abs(at - middle) / reach)
            bend = random.uniform(-0.5, 0.5)
            steps = np.array([[0, 0], [0.5, bend * 0.12], [1.0, bend * 0.35]]) * length
            turn = np.array([[np.cos(heading), np.sin(heading)], [-np.sin(heading), np.cos(heading)]])
            line = shapely.LineString(spline(steps @ turn + origin, step_m=18))
            away = shapely.LineString(line.coords[1:])
            clear = min(away.distance(taken), away.distance(wet)) > 8 and line.within(terrain.boundary)
            if clear and all(line.distance(one.line) > 26 for one in lanes):
                lanes.append(Street("", "residential", shapely.get_coordinates(line), HEAD))
                ends.append((at, shapely.get_coordinates(line), length))
            at += random.uniform(42, 74)
        back = [
            points[max(1, min(len(points) - 1, round(0.62 * len(points))))]
            for _, points, length in ends
            if length > 85
        ]
        if len(back) >= 2:
            line = shapely.LineString(spline(back, step_m=18))
            if line.distance(wet) > 3 and line.distance(taken) > 15:
                lanes.append(Street(f"{short}后巷", "living_street", shapely.get_coordinates(line)))
    return [
        replace(one, name=one.name or (f"{short}巷{number}号路" if number % 3 == 0 else ""))
        for number, one in enumerate(lanes, 1)
    ]
