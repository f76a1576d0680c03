"""Columns and choices that several layers share."""

from __future__ import annotations

from town_model.fields import Column, choices
from town_model.observation import EN_62676_4_2015

NAME = Column(
    "name", "text", "名称", "Name", aliases=("点位名称", "地点", "名字", "位置名称", "单位名称", "name")
)
REQUIRED_NAME = Column("name", "text", "名称", "Name", aliases=NAME.aliases, required=True)
NOTE = Column("note", "text", "备注", "Note", aliases=("说明", "描述", "备考", "description"))
OSM_ID = Column(
    "osm_id",
    "text",
    "OSM 编号",
    "OSM id",
    help_zh="来自 OpenStreetMap 的要素编号。",
    help_en="Id of the OpenStreetMap element.",
)
VILLAGE = Column(
    "village",
    "ref",
    "所属村（社区）",
    "Village",
    refers_to="villages",
    aliases=("村", "社区", "所属村", "所属社区", "村居", "行政村"),
)
HOURS = Column(
    "hours",
    "hours",
    "时段",
    "Hours",
    aliases=("时间", "重点时段", "开放时间"),
    help_zh="如 07:00-22:00，可写多段；不填为全天。",
    help_en="Such as 07:00-22:00, several spans allowed; empty is the whole day.",
)
PRIORITY = Column(
    "priority",
    "choice",
    "优先级",
    "Priority",
    default="2",
    aliases=("重要程度", "级别", "等级"),
    choices=choices(
        ("1", "一级", "First", "1级|高|重点"),
        ("2", "二级", "Second", "2级|中|一般"),
        ("3", "三级", "Third", "3级|低"),
    ),
)
REQUIRED_CLASS = Column(
    "required_class",
    "choice",
    "要求的观察等级",
    "Required class",
    default="observe",
    aliases=("观察等级", "清晰度要求"),
    choices=choices(
        *((name, EN_62676_4_2015.zh[name], name.capitalize()) for name in EN_62676_4_2015.px_per_m)
    ),
    help_zh="按 EN 62676-4:2015 的像素密度分级。",
    help_en="Pixel density classes of EN 62676-4:2015.",
)
VISIT_INTERVAL = Column(
    "visit_interval_min",
    "integer",
    "巡逻间隔",
    "Visit interval",
    unit="min",
    minimum=5,
    maximum=10_080,
    aliases=("巡逻间隔", "巡查间隔", "到点间隔"),
    help_zh="两次巡到之间最长的分钟数。",
    help_en="Longest time between two visits.",
)
PATROLLED_STREET = (
    Column(
        "patrol_interval_min",
        "integer",
        "必巡间隔",
        "Patrol interval",
        unit="min",
        minimum=5,
        maximum=10_080,
        aliases=("必巡道路间隔", "道路巡逻间隔"),
        help_zh="填写后即为必巡道路：至少每隔这么多分钟从头到尾走完一次。",
        help_en="Makes it a required street: driven or walked from end to end at least this often.",
    ),
    Column(
        "patrol_direction",
        "choice",
        "必巡方向",
        "Patrol direction",
        choices=choices(
            ("either", "任一方向", "Either direction", "不限|任意"),
            ("both", "两个方向各一次", "Each direction", "双向|往返"),
            ("forward", "只按绘制方向", "As drawn only", "单向|正向"),
        ),
        help_zh="必巡道路按哪个方向走；不填为任一方向。",
        help_en="Which way a required street is driven; empty is either.",
    ),
    Column(
        "patrol_modes",
        "choice",
        "必巡方式",
        "Patrolled by",
        choices=choices(
            ("any", "不限", "Any mode", "全部|任何"),
            ("foot", "步巡", "On foot", "步行|徒步"),
            ("car", "车巡", "By car", "汽车|警车"),
            ("motorcycle", "摩托车巡", "By motorcycle", "摩托|摩托车"),
            ("vehicle", "车巡或摩托车巡", "By car or motorcycle", "机动车"),
        ),
        help_zh="必巡道路由哪种方式巡；不填为不限。",
        help_en="By which mode a required street is patrolled; empty is any.",
    ),
)
BREAKS = Column(
    "breaks",
    "hours",
    "休息时间",
    "Breaks",
    aliases=("休息", "用餐时间", "换班休息"),
    help_zh="班次中不巡逻也不站岗的时间，如 11:30-12:00，可写多段。",
    help_en="Times in the shifts without driving or standing, such as 11:30-12:00.",
)
RESPONSIBLE_UNIT = Column(
    "responsible_unit", "text", "责任单位", "Responsible unit", aliases=("管理单位", "主管单位")
)
AZIMUTH = Column(
    "azimuth_deg",
    "real",
    "方位角",
    "Azimuth",
    unit="°",
    minimum=0,
    maximum=360,
    aliases=("朝向", "方向", "监视方位", "镜头朝向", "角度", "bearing", "azimuth", "监控方位"),
    help_zh="从真北起顺时针的角度；也可写“东南”等方位词。",
    help_en="Clockwise from true north; compass words are understood.",
)
TILT = Column(
    "tilt_deg",
    "real",
    "俯角",
    "Tilt",
    unit="°",
    minimum=-90,
    maximum=90,
    aliases=("俯仰角", "倾角", "下倾角", "tilt"),
    help_zh="低于水平面的角度。",
    help_en="Below the horizon.",
)
HFOV = Column(
    "hfov_deg",
    "real",
    "水平视场角",
    "Horizontal field of view",
    unit="°",
    minimum=1,
    maximum=360,
    aliases=("视场角", "水平视角", "视角", "hfov"),
)
VFOV = Column(
    "vfov_deg",
    "real",
    "垂直视场角",
    "Vertical field of view",
    unit="°",
    minimum=1,
    maximum=180,
    aliases=("垂直视角", "vfov"),
)
RESOLUTION_H = Column(
    "resolution_px_h",
    "integer",
    "水平像素",
    "Horizontal pixels",
    unit="px",
    minimum=160,
    maximum=32_768,
    aliases=("分辨率", "像素", "清晰度", "resolution"),
    help_zh="也可在“分辨率”一栏写 1920×1080 或“200万”。",
    help_en="A resolution column such as 1920×1080 is understood.",
)
RESOLUTION_V = Column(
    "resolution_px_v", "integer", "垂直像素", "Vertical pixels", unit="px", minimum=120, maximum=32_768
)
IR_RANGE = Column(
    "ir_range_m",
    "real",
    "红外距离",
    "Infrared range",
    unit="m",
    minimum=0,
    maximum=1000,
    aliases=("补光距离", "夜视距离", "红外照射距离"),
)
CAMERA_KINDS = choices(
    ("fixed", "枪机", "Fixed", "枪型|枪式|固定|固定枪机|筒机|枪型摄像机|bullet"),
    ("dome", "半球", "Dome", "半球机|半球型|半球摄像机|海螺"),
    ("ptz", "球机", "PTZ", "快球|云台|云台球机|高速球|球型|ptz|枪球"),
    ("fisheye", "鱼眼", "Fisheye", "鱼眼摄像机|全景鱼眼"),
    ("multi_sensor", "多目", "Multi-sensor", "多目全景|全景拼接|双目|四目|全景"),
)
