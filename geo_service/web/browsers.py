"""The browser of a request in short words, for the list of sessions."""

from __future__ import annotations

import re

# the first that fits: browsers name those they descend from as well
_PRODUCTS = (
    (re.compile(r"MicroMessenger/(\d+)"), "WeChat"),
    (re.compile(r"DingTalk/(\d+)"), "DingTalk"),
    (re.compile(r"Qaxbrowser(?:/(\d+))?", re.IGNORECASE), "Qianxin"),
    (re.compile(r"(?:360SE|360EE|QIHU 360\w*)(?:/(\d+))?"), "360"),
    (re.compile(r"(?:Edg|EdgA|EdgiOS|Edge)/(\d+)"), "Edge"),
    (re.compile(r"(?:QQBrowser|MQQBrowser)/(\d+)"), "QQ Browser"),
    (re.compile(r"UCBrowser/(\d+)"), "UC Browser"),
    (re.compile(r"(?:HuaweiBrowser)/(\d+)"), "Huawei Browser"),
    (re.compile(r"(?:MiuiBrowser)/(\d+)"), "Mi Browser"),
    (re.compile(r"Firefox/(\d+)"), "Firefox"),
    (re.compile(r"(?:Chrome|CriOS|HeadlessChrome)/(\d+)"), "Chrome"),
    (re.compile(r"Version/(\d+)[\d.]* (?:Mobile/\w+ )?Safari"), "Safari"),
)
_SYSTEMS = (
    (re.compile(r"HarmonyOS"), "HarmonyOS"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"iPhone"), "iPhone"),
    (re.compile(r"iPad"), "iPad"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"Mac OS X"), "macOS"),
    (re.compile(r"Linux"), "Linux"),
)


def browser_words(user_agent: str) -> str:
    """Return product, version and system of a browser; empty where nothing is known of it.

    Nothing of the header gets into the words but the version's digits.

    >>> browser_words("Mozilla/5.0 (Windows NT 10.0; Win64; x64) … Chrome/86.0.4240.75 Safari/537.36")
    'Chrome 86 · Windows'
    """
    given = user_agent[:512]
    parts = []
    for pattern, name in _PRODUCTS:
        if found := pattern.search(given):
            parts.append(f"{name} {found[1][:4]}" if found[1] else name)
            break
    parts += [name for pattern, name in _SYSTEMS if pattern.search(given)][:1]
    return " · ".join(parts)
