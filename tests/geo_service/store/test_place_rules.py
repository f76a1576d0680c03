"""Places, never persons: what stands for one home does not get in."""

import pytest
import shapely

from geo_service.store.rules import names_a_home
from town_model import InputError

from .conftest import LAT, LON, square

POINT = shapely.Point(LON, LAT)
KEY_AREA = {"reason": "人流集中", "approver": "镇派出所", "review_date": "2027-03-01"}


@pytest.mark.parametrize(
    "name",
    [
        "某某家", "某某户", "张三家", "张三户", "王小二家门口", "李某家", "李某某户", "欧阳明家", "石门村张三家",
        "3组李四户", "幸福路12号刘大山家", "老王家", "王老师家", "陈书记家门口", "张大爷家旁", "五保户", "信访户门口",
        "石门村低保户", "XX家", "××户", "张家门口", "赵户", "李四的家",
    ],
)  # fmt: skip
def test_names_of_homes_are_known(name):
    assert names_a_home(name)


@pytest.mark.parametrize(
    "name",
    [
        "人家小区", "江南人家", "金色世家", "华润万家", "新亚酒家", "职工之家", "老年之家", "石门农家", "王府家园", "张家村",
        "李家湾", "马家桥", "周家巷", "刘家大院", "家乐福超市", "宜家广场", "全家便利店", "户部街", "万户新村", "商户中心",
        "石门中学", "派出所", "陈家祠堂", "郑家集", "千家惠农贸市场", "国家粮库", "安家小区", "客家大楼", "张家港路", "用户服务中心",
        "高家坡安置区", "农户新居一期", "王家渡码头", "门户广场",
    ],
)  # fmt: skip
def test_names_of_places_pass(name):
    assert not names_a_home(name)


def test_what_the_manual_says_of_the_limits_of_the_rule_is_so():
    assert names_a_home("田园家")
    assert not names_a_home("田园家超市")
    assert not names_a_home("仇三家"), "a rare surname gets through"


def test_a_bare_surname_passes_as_a_hamlet_only():
    assert not names_a_home("李家", hamlets=True)
    assert names_a_home("李家")


@pytest.mark.parametrize(
    ("layer", "row"),
    [
        ("key_areas", {**KEY_AREA, "name": "张三家", "category": "park", "geometry": square()}),
        ("patrol_points", {"name": "张三家门口", "geometry": POINT}),
        ("housing_zones", {"name": "某某户", "households": 20, "geometry": square()}),
    ],
)
def test_such_a_name_is_refused_at_the_door_and_on_update(store, layer, row):
    with pytest.raises(InputError, match="somebody's home"), store.change(actor="a") as change:
        change.insert(layer, [row])
    with store.change(actor="a") as change:
        (row_id,) = change.insert(layer, [{**row, "name": "中心广场"}])
    with pytest.raises(InputError, match="somebody's home"), store.change(actor="a") as change:
        change.update(layer, row_id, {"name": row["name"]})


@pytest.mark.parametrize("dwellings", [None, 0, 9])
def test_a_residential_key_area_under_ten_dwellings_is_refused(store, dwellings):
    row = {
        **KEY_AREA,
        "name": "东苑",
        "category": "residential",
        "dwellings": dwellings,
        "geometry": square(),
    }
    with pytest.raises(InputError, match="at least 10 dwellings"), store.change(actor="a") as change:
        change.insert("key_areas", [row])
    with store.change(actor="a") as change:
        (row_id,) = change.insert("key_areas", [{**row, "dwellings": 10}])
    with pytest.raises(InputError, match="at least 10 dwellings"), store.change(actor="a") as change:
        change.update("key_areas", row_id, {"dwellings": 9})


def test_a_private_door_is_no_patrol_point(store):
    with pytest.raises(InputError, match="private door"), store.change(actor="a") as change:
        change.insert("patrol_points", [{"name": "东门", "private_door": True, "geometry": POINT}])


def test_a_private_door_may_be_noted_among_entrances(store):
    with store.change(actor="a") as change:
        change.insert("entrances", [{"name": "侧门", "private_door": True, "geometry": POINT}])
    assert store.frame("entrances")["private_door"].tolist() == [True]


def test_no_patrol_point_within_two_metres_of_a_private_door_in_either_order(store):
    # one degree of latitude is 111.2 km, so 1e-5° is 1.1 m and 4e-5° is 4.4 m
    with store.change(actor="a") as change:
        (door,) = change.insert("entrances", [{"private_door": True, "geometry": POINT}])
    near, off = shapely.Point(LON, LAT + 1e-5), shapely.Point(LON, LAT + 4e-5)
    with pytest.raises(InputError, match="private door"), store.change(actor="a") as change:
        change.insert("patrol_points", [{"name": "路口", "geometry": near}])
    with store.change(actor="a") as change:
        (point,) = change.insert("patrol_points", [{"name": "路口", "geometry": off}])
    with pytest.raises(InputError, match="private door"), store.change(actor="a") as change:
        change.update("patrol_points", point, {"geometry": near})
    with pytest.raises(InputError, match="private door"), store.change(actor="a") as change:
        change.update("entrances", door, {"geometry": off})
