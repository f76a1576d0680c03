"""Places, never persons: headers on residents, and identity numbers, phone numbers and plates in cells.

A file with columns on residents is refused as a whole. Contact columns of a ledger are left out. Cells are scanned
whatever their header says.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from pathlib import PurePath
from typing import Literal

from geo_service.store import rules
from town_model import Text

# words that make a column one on residents wherever they stand in the header
_RESIDENT_WORDS = (
    "身份证", "公民身份", "证件号", "户主", "户籍", "户口", "重点人员", "重点人口", "重点人群", "居民姓名", "住户姓名", "人员姓名",
    "户主姓名", "业主姓名", "学生姓名", "房东", "租客", "租户姓名", "承租人", "车牌", "号牌号码", "人脸", "指纹", "虹膜", "出生日期", "出生年月", "政治面貌",
    "婚姻状况", "家庭成员", "与户主关系", "籍贯", "人员类别", "人员类型", "前科", "信访人", "上访", "吸毒", "精神障碍", "精神病", "刑满释放",
    "社区矫正", "流动人口", "暂住", "花名册", "宗教信仰", "残疾证", "社保号", "护照号", "家庭住址", "车主",
)  # fmt: skip
_RESIDENT_EXACT = frozenset(
    [
        "姓名",
        "人名",
        "性别",
        "民族",
        "年龄",
        "学历",
        "职业",
        "曾用名",
        "居民",
        "家属",
        "nameofresident",
        "resident",
        "residents",
        "idcard",
        "idcard",
        "idno",
        "idnumber",
        "identitynumber",
        "idnumber",
        "sfzh",
        "sfzhm",
        "sfz",
        "gmsfhm",
        "gmsfzh",
        "hzxm",
        "xm",
        "hjdz",
        "hjd",
        "cph",
        "cphm",
        "hphm",
        "cp",
        "plate",
        "plateno",
        "licenseplate",
        "licenceplate",
        "platenumber",
        "passport",
        "face",
        "faceid",
        "birthday",
        "dateofbirth",
        "ethnicity",
        "householdhead",
    ]
)
# counts of people, and rooms of offices, name no one
_HARMLESS = re.compile(
    r"(数|人口|户数|数量|总数|总量|比例|率|室|窗口|大厅|科|办公室|中队|派出所)$|(户籍|流动|暂住|常住)人口|^户籍户"
)
# what a camera can do is no resident, but also nothing this system keeps
_CAPABILITY = re.compile(r"(人脸|车牌|车辆|人员|人体)\S{0,4}(识别|抓拍|比对|检测|卡口|功能|相机|结构化|布控)")
_CONTACT = re.compile(
    r"责任人|负责人|联系人|联系电话|联系方式|联络|电话|手机|管理员|维护人|填表人|审核人|值班人|带班人|经办人|安装人|巡检人|采集人|民警姓名|民警$|网格员姓名|队长|组长|保安姓名|班主任"
    r"|微信|qq|邮箱|e-?mail|phone|mobile|contact|telephone|^tel$|^lxdh$|^lxr$|^lxfs$|^sjh$|^sjhm$|^zrr$|^fzr$|^dh$|^dhhm$"
)
_NOT_CONTACT = re.compile(r"(单位|岗位|部门|机构|数|人数)$|电话亭|报警电话|电话机")
_TITLE_WORDS = re.compile(
    r"重点人员|重点人口|花名册|居民信息|户籍信息|人员信息|人员名单|人员台账|实有人口|租客|住户名单|信访人员|吸毒人员"
)

HeaderKind = Literal["resident", "contact", "capability", ""]


def _fold(text: str) -> str:
    return re.sub(r"[\s  *::]", "", unicodedata.normalize("NFKC", text)).lower()


def header_kind(header: str) -> HeaderKind:
    """Return what a header is about: residents, a contact, what a camera recognises, or none of these.

    >>> header_kind("身份证号码"), header_kind("联系电话"), header_kind("户籍人口数"), header_kind("安装高度")
    ('resident', 'contact', '', '')
    """
    plain = _fold(header)
    bare = re.sub(r"\([^)]*\)", "", plain) or plain
    if _CAPABILITY.search(plain):
        return "capability"
    # a count of key persons is still about them
    if any(one in plain for one in ("重点人员", "重点人口", "身份证")):
        return "resident"
    if re.sub(r"[_\-]", "", bare) in _RESIDENT_EXACT:
        return "resident"
    if _CONTACT.search(bare) and not _NOT_CONTACT.search(bare):
        return "contact"
    if any(one in bare for one in _RESIDENT_WORDS) and not _HARMLESS.search(bare):
        return "resident"
    return ""


def title_names_persons(title: str) -> bool:
    """Whether the title line of a sheet says that it lists people."""
    return bool(_TITLE_WORDS.search(_fold(title)))


_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])"
_GAP = r"[ _-]?"
# a separator may stand anywhere: date and checksum tell an identity number from other digits
_ID18 = re.compile(rf"(?<![0-9.]){_PROVINCE}{_GAP}" + rf"(?:\d{_GAP}){{15}}[0-9Xx](?![0-9A-Za-z])")
_ID15 = re.compile(rf"(?<![0-9A-Za-z.]){_PROVINCE}\d{{4}}(\d{{6}})\d{{3}}(?![0-9A-Za-z])")
_MOBILE = re.compile(
    r"(?<![0-9./_])(?<![nwrNWR])(?:(?:\+|00)?86[ )-]{0,2})?1[3-9]\d"
    r"(?:[ _-]{0,2}\d{4}[ _-]{0,2}\d{4}|\.\d{4}\.\d{4}|(?:[ -]\d{2}){4})(?![0-9])(?!\.\d)"
)
_LANDLINE = re.compile(
    r"(?<![0-9./])\(?(?:010|02[0-57-9]|0[3-9]\d{2})(?:\)[ -]?|[ -]|(?=\d))[2-9]\d{2,3}[ -]?\d{4}(?:-\d{1,5}|转\d{1,5})?(?![0-9])"
)
_SAID_PHONE = re.compile(r"(?:电话|手机|座机|tel|phone|号码)[^\d]{0,6}([2-9]\d{6,7})(?![0-9])", re.IGNORECASE)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][ ·•・∙⋅‧.\-]?"
    r"(?=(?:[A-HJ-NP-Z]*\d){3})(?:[A-HJ-NP-Z0-9]{5,6}|[A-HJ-NP-Z0-9]{4}[挂学警港澳领])(?![A-Za-z0-9])"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
KIND_TEXTS: dict[str, Text] = {
    "identity_number": Text("an identity number"),
    "phone": Text("a phone number"),
    "plate": Text("a number plate"),
}


def _checksum_holds(number: str) -> bool:
    """Whether the last character of an identity number is right (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return "10X98765432"[total % 11] == number[17].upper()


def _is_day(digits: str) -> bool:
    try:
        day = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return 1880 <= day.year <= 2100


def scan_text(value: object) -> list[str]:
    """Return the kinds of personal data in a text: ``identity_number``, ``phone``, ``plate``; empty where none.

    Identity numbers of 18 digits count when date and checksum hold, those of 15 when the date does (born 1920–1999:
    with earlier years they could not be told from the grid codes of streets and towns). Device numbers of 20 digits
    and division codes of 12 are none of these.

    Args:
        value: any value; what is no text is read as it would be written.

    >>> scan_text("门卫 138 0013 8000"), scan_text("32010200001315000001")
    (['phone'], [])
    """
    if value is None or isinstance(value, bool):
        return []
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value))
    text = re.sub("[\u200b-\u200f\u2060\ufeff]", "", text)
    text = re.sub("[\u2010\u2012-\u2015\u2212]", "-", text)
    kinds: list[str] = []
    for found in _ID18.finditer(text):
        number = re.sub(r"[ _-]", "", found[0])
        if _is_day(number[6:14]) and _checksum_holds(number):
            kinds.append("identity_number")
            text = text.replace(found[0], "#")
            break
    if not kinds and any(found[1] >= "20" and _is_day(f"19{found[1]}") for found in _ID15.finditer(text)):
        kinds.append("identity_number")
    if _MOBILE.search(text) or _LANDLINE.search(text) or _SAID_PHONE.search(text):
        kinds.append("phone")
    if _PLATE.search(text.upper()):
        kinds.append("plate")
    return kinds


def file_label(name: str) -> str:
    """Return the name of a file for the change log: stars before its ending where it holds personal data.

    >>> file_label("监控台账.xlsx"), file_label("门卫13800138000.xlsx")
    ('监控台账.xlsx', '***.xlsx')
    """
    return f"***{PurePath(name).suffix}" if scan_text(name) else name


def names_a_home(name: str) -> bool:
    """Whether the name of a place stands for one person's home, such as 某某家 or 某某户; names of hamlets pass.

    Imports ask for all layers what the store asks for its places, by the same rule.
    """
    return rules.names_a_home(name, hamlets=True)
