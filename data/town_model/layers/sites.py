"""Layers of planned camera sites on their way to being built: the public notice, and objections as counts and places."""

from __future__ import annotations

from town_model.fields import Column, Layer, choices

#: The steps of a site, in order.
SITE_STATES = ("planned", "notified", "objections_handled", "built")

_CAMERA = Column(
    "camera",
    "ref",
    "监控点位",
    "Camera",
    refers_to="camera_sites",
    required=True,
    aliases=("点位", "点位名称", "设备", "摄像机"),
)

LAYERS = (
    Layer(
        "site_notices",
        None,
        "拟建点位公示",
        "Notices of planned sites",
        (
            _CAMERA,
            Column(
                "state",
                "choice",
                "进度",
                "State",
                default="planned",
                choices=choices(
                    ("planned", "拟建", "Planned"),
                    ("notified", "已公示", "Notified", "公示|公示中"),
                    ("objections_handled", "异议已处理", "Objections handled", "无异议|公示完成"),
                    ("built", "已建成", "Built", "建成|已建"),
                ),
            ),
            Column(
                "purpose",
                "choice",
                "设置目的",
                "Purpose",
                default="public_order",
                choices=choices(
                    (
                        "public_order",
                        "维护公共安全，预防和制止违法犯罪",
                        "Public safety, preventing offences",
                        "治安防控",
                    ),
                    (
                        "entrance",
                        "守护重点场所和小区出入口安全",
                        "Safety at entrances of key places and estates",
                    ),
                    ("traffic", "维护道路交通安全和秩序", "Road safety", "交通"),
                    (
                        "disaster",
                        "防汛、防火等公共安全预警",
                        "Warning of floods, fires and other dangers",
                        "防汛|防火",
                    ),
                ),
            ),
            Column(
                "place",
                "text",
                "设置地点",
                "Place",
                aliases=("地点", "公示地点"),
                help_zh="写群众看得懂的公共地点，如“石门路与河街交叉口”；不写住户，不写朝向和型号。",
                help_en="A public place in plain words, such as a crossing; no home, no direction, no model.",
            ),
            Column(
                "unit",
                "text",
                "设置单位",
                "Unit",
                aliases=("建设单位", "公示单位"),
                help_zh="写单位全称，不写姓名。",
                help_en="Full name of the office, no person's name.",
            ),
            Column(
                "phone",
                "text",
                "联系电话",
                "Phone",
                aliases=("电话", "办公电话"),
                help_zh="写单位的办公电话，不写个人手机。",
                help_en="The office's number, never a personal mobile.",
            ),
            Column(
                "object_at",
                "text",
                "异议受理处",
                "Where to object",
                aliases=("意见受理地点", "受理地点"),
                help_zh="受理意见的单位和地址。",
                help_en="Office and address that take objections.",
            ),
            Column("notice_from", "date", "公示开始", "Notice from", aliases=("公示日期", "公示起始")),
            Column("notice_until", "date", "公示截止", "Notice until", aliases=("公示结束",)),
            Column("handled_on", "date", "异议处理完成日期", "Objections handled on"),
            Column("built_on", "date", "建成日期", "Built on"),
        ),
        sensitive=True,
        help_zh="拟建点位的公示内容和进度；每个点位一行，宜在“拟建点位”页办理。",
        help_en="What the public notice of a planned site says, and how far the site is; one row a site.",
    ),
    Layer(
        "site_objections",
        None,
        "点位异议",
        "Objections to sites",
        (
            _CAMERA,
            Column(
                "received_on", "date", "收到日期", "Received on", required=True, aliases=("日期", "提出日期")
            ),
            Column(
                "place",
                "text",
                "涉及地点",
                "Place concerned",
                required=True,
                aliases=("地点",),
                help_zh="写公共地点，如道路、小区、村名；不写提出人，也不写住户。",
                help_en="A public place, such as a road, estate or village; never who objects, never a home.",
            ),
            Column(
                "concern",
                "choice",
                "事由",
                "Concern",
                default="other",
                choices=choices(
                    ("private_ground", "可能看到私域", "Private ground in view", "隐私"),
                    ("position", "设置位置", "Position", "位置"),
                    ("direction", "朝向和范围", "Direction and range", "朝向"),
                    ("need", "是否必要", "Whether it is needed", "必要性"),
                    ("other", "其他", "Other"),
                ),
            ),
            Column(
                "objections",
                "integer",
                "件数",
                "Count",
                minimum=1,
                maximum=100_000,
                default=1,
                aliases=("数量", "异议件数"),
            ),
            Column(
                "outcome",
                "choice",
                "处理结果",
                "Outcome",
                default="open",
                choices=choices(
                    ("open", "待处理", "Open"),
                    ("adopted", "采纳，调整点位或加遮挡", "Adopted: moved, turned or masked", "采纳"),
                    ("answered", "说明理由后维持", "Answered and kept", "不采纳|维持"),
                    ("withdrawn", "已撤回", "Withdrawn", "撤回"),
                ),
            ),
            Column("settled_on", "date", "处理日期", "Settled on", aliases=("办结日期",)),
        ),
        sensitive=True,
        help_zh="公示期间收到的异议，只记件数、公共地点和事由，不记任何人。",
        help_en="Objections as counts, public places and kinds of concern; nobody's name is kept.",
    ),
)
