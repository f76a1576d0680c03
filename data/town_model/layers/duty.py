"""Layers of duty: which kind of day it is, and which intervals and shifts hold on it."""

from __future__ import annotations

from town_model.fields import Column, Layer, choices
from town_model.layers._common import HOURS, NOTE, REQUIRED_NAME
from town_model.layers.places import KEY_AREA_CATEGORIES

DAY_TYPES = choices(
    ("workday", "工作日", "Workday", "平日"),
    ("day_off", "休息日", "Day off", "周末|节假日|休息"),
    ("school_day", "上学日", "School day", "开学日|在校日"),
    ("market_day", "逢集日", "Market day", "逢集|赶集|赶场|赶圩|集日"),
    ("event_day", "活动日", "Event day", "活动|大型活动"),
)
DUTY_LEVELS = choices(
    ("1", "一级勤务", "Level 1 (highest)", "1级|一级"),
    ("2", "二级勤务", "Level 2", "2级|二级"),
    ("3", "三级勤务", "Level 3 (usual)", "3级|三级|平时"),
)
_ANY_DAY = choices(("any", "不限", "Any day", "全部|任何|所有"))
_ANY_LEVEL = choices(("any", "不限", "Any level", "全部|任何|所有"))
_ON_DAY = Column(
    "day_type",
    "choice",
    "日子类型",
    "Day type",
    default="any",
    aliases=("日期类型",),
    choices=_ANY_DAY + DAY_TYPES,
)
_AT_LEVEL = Column(
    "duty_level",
    "choice",
    "勤务等级",
    "Duty level",
    default="any",
    aliases=("勤务级别", "等级"),
    choices=_ANY_LEVEL + DUTY_LEVELS,
)

LAYERS = (
    Layer(
        "day_rules",
        None,
        "日子规则",
        "Day rules",
        (
            REQUIRED_NAME,
            Column(
                "day_type",
                "choice",
                "日子类型",
                "Day type",
                required=True,
                aliases=("日期类型",),
                choices=(*DAY_TYPES, *choices(("school_break", "寒暑假", "School break", "寒假|暑假|放假"))),
                help_zh="“寒暑假”内的平日不算上学日。",
                help_en="On weekdays of a school break there is no school.",
            ),
            Column(
                "rule",
                "choice",
                "怎样定日子",
                "How days are told",
                default="dates",
                aliases=("规则",),
                choices=choices(
                    ("dates", "按日期", "Dates", "日期"),
                    ("weekday", "每周", "Days of the week", "星期|按周"),
                    ("lunar_ending", "农历逢尾数", "Endings of lunar days", "农历逢|阴历逢"),
                    ("lunar_day", "农历几日", "Lunar days", "农历|阴历"),
                    ("solar_ending", "公历逢尾数", "Endings of days of the month", "公历逢|阳历逢"),
                    ("solar_day", "公历几日", "Days of the month", "公历|阳历"),
                ),
            ),
            Column(
                "days",
                "text",
                "日子",
                "Days",
                aliases=("逢集日", "集期"),
                help_zh="逢尾数写“二五八”或“2、5、8”（十写“十”或“0”）；几日写“初一、十五”或“1、15”；每周写“六、日”。按日期的不填。",
                help_en="Endings such as 2, 5, 8 (0 for ten); days such as 1, 15; of the week 1 to 7 from Monday. Empty with dates.",
            ),
            Column(
                "first_day",
                "date",
                "起",
                "From",
                aliases=("开始日期", "日期"),
                help_zh="按日期的必填；其他规则不填为一直有效。",
                help_en="Needed with dates; with other rules empty means always.",
            ),
            Column("last_day", "date", "止", "Until", aliases=("结束日期",)),
            NOTE,
        ),
        key="name",
        help_zh="逢集、活动、调休、寒暑假：哪一天属于哪一类。法定节日和周末自动算出。",
        help_en="Markets, events, moved days off, school breaks. Weekends and statutory days off are known without.",
    ),
    Layer(
        "patrol_rules",
        None,
        "巡逻间隔规则",
        "Patrol rules",
        (
            REQUIRED_NAME,
            Column(
                "place_kind",
                "choice",
                "适用地点",
                "For places",
                default="all",
                aliases=("地点种类", "地点类别"),
                choices=choices(
                    ("all", "所有地点", "All places", "全部|所有"),
                    ("key_area", "所有重点区域", "All key areas", "重点区域"),
                    ("patrol_point", "所有必到点", "All patrol points", "必到点"),
                    ("housing_zone", "所有集中居住区", "All housing zones", "集中居住区"),
                )
                + KEY_AREA_CATEGORIES,
            ),
            Column(
                "key_area",
                "ref",
                "只限重点区域",
                "Only key area",
                refers_to="key_areas",
                help_zh="只对一处有效时填写，三项中至多填一项。",
                help_en="For one place alone; at most one of the three.",
            ),
            Column("patrol_point", "ref", "只限必到点", "Only patrol point", refers_to="patrol_points"),
            Column("housing_zone", "ref", "只限集中居住区", "Only housing zone", refers_to="housing_zones"),
            _ON_DAY,
            _AT_LEVEL,
            HOURS,
            Column(
                "interval_min",
                "integer",
                "间隔",
                "Interval",
                unit="min",
                minimum=5,
                maximum=10_080,
                aliases=("巡逻间隔",),
                help_zh="这些时段内两次巡到之间最长的分钟数。与“间隔比例”填其一。",
                help_en="Longest time between two visits in these hours. Give this or the share, not both.",
            ),
            Column(
                "interval_percent",
                "integer",
                "间隔比例",
                "Share of the interval",
                unit="%",
                minimum=10,
                maximum=400,
                help_zh="把本来的间隔改为它的百分之几，如 50 即加密一倍。",
                help_en="Makes the interval this share of what it is: 50 means twice as often.",
            ),
            NOTE,
        ),
        key="name",
        sensitive=True,
        help_zh="哪类地点、哪类日子、哪级勤务、什么时段，多久巡一次。表中一条也没有时用内置规则。",
        help_en="How often which places are visited, by day type, duty level and hours. While there is none, the built-in ones hold.",
    ),
    Layer(
        "unit_shifts",
        None,
        "分日班次",
        "Shifts by day",
        (
            Column(
                "unit",
                "ref",
                "巡逻力量",
                "Patrol unit",
                refers_to="patrol_units",
                required=True,
                aliases=("力量", "名称"),
            ),
            _ON_DAY,
            _AT_LEVEL,
            Column(
                "off_duty",
                "boolean",
                "不出勤",
                "Off duty",
                default=False,
                aliases=("停勤",),
            ),
            Column(
                "shifts",
                "hours",
                "班次",
                "Shifts",
                aliases=("时段", "值勤时间"),
                help_zh="如 08:00-16:00，可写多班；不出勤的不填。",
                help_en="Such as 08:00-16:00, several allowed; empty when off duty.",
            ),
            NOTE,
        ),
        same_by=("unit", "day_type", "duty_level"),
        sensitive=True,
        help_zh="某类日子或某级勤务下，一个巡逻力量改用的班次；没有写的用其平时班次。",
        help_en="Shifts of a unit on some days or at a duty level; otherwise its usual ones hold.",
    ),
)
