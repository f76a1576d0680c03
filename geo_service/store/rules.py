"""Rules that keep the store to places: no row stands for one person or one home.

A name is refused where it says somebody's home: a full name, a form of address or a placeholder followed by 家 or 户
("张三家", "王老师家门口", "某某户"). Words that end in 家 or 户 and name places or trades ("江南人家", "华润万家",
"酒家", "商户之家") pass. The rule cannot know every name: what it lets through is for the planner to judge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, select, true

from geo_service.store.geometry import from_wkb
from geo_service.store.tables import LAYER_TABLES
from geo_service.store.validation import Faults
from town_model import Layer, Text

FEWEST_DWELLINGS = 10
# A patrol point this near to a private door counts as standing at it.
DOOR_M = 2.0
_NAMED = ("key_areas", "patrol_points", "housing_zones")

# The hundred most frequent surnames (census of 2020, Ministry of Public Security) and some compound ones.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_COMPOUND = "欧阳|上官|司马|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯"
# 家 ends these words without meaning anybody's home
_TRADES = re.compile(
    r"(?:人|酒|之|万|世|农|商|店|厂|客|全|皇|宜|如|名|大|国|百|千|老|新|管|专|行|画|作|独|公|一|渔|船|乐|居|到|回|安|住|我|爱|买|科学|艺术|企业|革命)家$"
)
_ADDRESS = "老师|师傅|大爷|大妈|大娘|大叔|大婶|大哥|大姐|奶奶|爷爷|叔叔|阿姨|伯伯|婶婶|书记|主任|村长|组长|医生|先生|女士|老板|老汉|老太"
_HAN = r"[\u3400-\u9fff]"
_PERSON = (
    rf"(?:[{_SURNAMES}]{_HAN}{{1,2}}|(?:{_COMPOUND}){_HAN}{{1,2}}|[老小阿][{_SURNAMES}]|{_HAN}{{0,3}}(?:{_ADDRESS})"
    r"|[某×xX*]{1,3}|[\u3400-\u9fff]某某?)"
)
_HOME = r"(?P<home>家|户)(?:里|中|门口|门前|屋后|房前|旁边?|附近|院内|院子|大门|对面)?"
_PERSONS_HOME = re.compile(rf"(?P<who>{_PERSON})(?:的)?{_HOME}")
_SURNAME_HOME = re.compile(rf"[{_SURNAMES}]氏?(?:家|户)(?:里|中|门口|门前|院内)?")
_LABELLED = re.compile(
    r".*(?:五保|低保|贫困|困难|信访|上访|重点|独居|空巢|监控|涉[\u3400-\u9fff])户(?:家)?(?:门口|门前)?"
)
_PLACE_BEFORE = re.compile(r"^.*(?:[村组队社区路街巷弄里号栋幢室楼镇乡屯寨]|[\s·—-])(?=.+[家户])")


def names_a_home(name: str, *, hamlets: bool = False) -> bool:
    """Whether a name says the home of one person or family.

    Args:
        name: name of a place.
        hamlets: whether a bare surname with 家 passes, since hamlets are called so ("李家").
    """
    whole = name.strip()
    for part in {whole, _PLACE_BEFORE.sub("", whole)}:
        if _LABELLED.fullmatch(part):
            return True
        if found := _PERSONS_HOME.fullmatch(part):
            upto_home = part[: found.end("home")]
            if not _TRADES.search(upto_home):
                return True
        if _SURNAME_HOME.fullmatch(part) and not (hamlets and part.endswith("家")):
            return not _TRADES.search(part)
    return False


def check_rows(layer: Layer, data: Mapping[str, Sequence[Any]], faults: Faults) -> None:
    """Note the rows that stand for one person or home, and those whose heights contradict each other.

    Args:
        layer: layer of the rows.
        data: checked values by column, one a row.
        faults: takes the faults.
    """
    if layer.name in _NAMED:
        for number, name in enumerate(data["name"]):
            if name and names_a_home(name, hamlets=layer.name == "housing_zones"):
                faults.add(
                    number,
                    Text.of(
                        "the name {name} says somebody's home: places may be kept, persons may not. Name the place",
                        name=name,
                    ),
                )
    if layer.name == "key_areas":
        for number, (category, dwellings) in enumerate(zip(data["category"], data["dwellings"], strict=True)):
            if category == "residential" and (dwellings or 0) < FEWEST_DWELLINGS:
                faults.add(
                    number,
                    Text.of(
                        "a residential key area holds at least {fewest} dwellings: give their number, or leave it out",
                        fewest=FEWEST_DWELLINGS,
                    ),
                )
    if layer.name == "patrol_points":
        for number, private in enumerate(data["private_door"]):
            if private:
                faults.add(number, Text.of("a private door is no patrol point"))
    if "clear_height_m" in layer.column_names:
        for number, (clear, height) in enumerate(zip(data["clear_height_m"], data["height_m"], strict=True)):
            # an unknown height counts as never seen over, so any free height lies below it
            if clear and height is not None and clear >= height:
                faults.add(
                    number,
                    Text.of(
                        "{column}: {clear:g} m must lie below height_m ({height:g} m): give the free height below it, "
                        "or leave it empty where it hides down to the ground",
                        column="clear_height_m",
                        clear=clear,
                        height=height,
                    ),
                )


def check_doors(
    connection: Connection,
    layer: Layer,
    data: Mapping[str, Sequence[Any]],
    shapes: NDArray[np.object_],
    faults: Faults,
) -> None:
    """Note patrol points that stand at a private door, and private doors at which a patrol point stands.

    Args:
        connection: connection of the open change.
        layer: layer of the rows.
        data: checked values by column, one a row.
        shapes: their checked geometries.
        faults: takes the faults.
    """
    if layer.name == "patrol_points":
        mine = np.flatnonzero(~shapely.is_missing(shapes))
        other = LAYER_TABLES["entrances"]
        condition: ColumnElement[bool] = other.c.private_door.is_(True)
    elif layer.name == "entrances":
        private = np.array([one is True for one in data["private_door"]], dtype=bool)
        mine = np.flatnonzero(private & ~shapely.is_missing(shapes))
        other, condition = LAYER_TABLES["patrol_points"], true()
    else:
        return
    if not len(mine):
        return
    kept = connection.execute(select(other.c.geometry).where(condition)).scalars().all()
    if not kept:
        return
    lon, lat = shapely.get_coordinates(shapes[mine]).T
    theirs = shapely.get_coordinates(from_wkb(kept))
    # scipy takes a quarter of a second to load, which every command would pay
    from scipy.spatial import cKDTree  # noqa: PLC0415

    tree = cKDTree(_metres(theirs[:, 0], theirs[:, 1]))
    distance, _ = tree.query(_metres(lon, lat))
    for number in mine[distance <= DOOR_M].tolist():
        faults.add(number, Text.of("a patrol point would stand at a private door: move it to a public place"))


def _metres(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return positions in metres on a sphere, in space: exact enough over a doorstep anywhere."""
    a, b = np.radians(lon), np.radians(lat)
    return 6_371_000.0 * np.column_stack([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)])
