"""What holds for every page: contrast, labels, one heading, the manual."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from geo_service.web import create_app
from geo_service.web.navigation import PAGES

ROOT = Path(__file__).resolve().parents[3]
STATIC = ROOT / "geo_service" / "web" / "static"
PASSWORD = "Shi-men-2026"
PATHS = ("/", "/gaps", "/patrol", "/my-routes", "/password", "/no-such-page")


def luminance(colour):
    """Relative luminance of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours():
    return dict(
        re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", (STATIC / "frame.css").read_text(encoding="utf-8"))
    )


class Page(HTMLParser):
    """Headings, fields and labels of a page."""

    def __init__(self, markup):
        super().__init__()
        self.headings, self.fields, self.labels, self.ids, self.language = 0, [], set(), [], None
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.headings += tag == "h1"
        self.language = given.get("lang") if tag == "html" else self.language
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "label":
            self.labels.add(given.get("for"))
        if tag in ("input", "select") and given.get("type") != "hidden" and "hidden" not in given:
            self.fields.append(given.get("id"))


@pytest.fixture(scope="module")
def client(town):
    town.accounts.create_user("frame", role="planner", password=PASSWORD)
    made = create_app(town).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', made.get("/login").text)[1]
    made.post("/login", data={"name": "frame", "password": PASSWORD, "csrf_token": token})
    return made


def test_the_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(
    ("ink", "paper"),
    [("ink", "paper"), ("ink", "ground"), ("soft", "paper"), ("soft", "ground"), ("accent", "paper"), ("accent", "ground"),
     ("accent", "accent-pale"), ("paper", "accent"), ("paper", "accent-dark"), ("warn-ink", "warn-pale"), ("bad-ink", "bad-pale"), ("bad-ink", "paper"), ("paper", "bad-ink")],
)  # fmt: skip
def test_words_stand_out_from_their_ground_as_wcag_aa_asks(ink, paper):
    known = colours()
    assert contrast(known[ink], known[paper]) >= 4.5


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_scripts_set_text_and_never_markup(path):
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function",
        path.read_text(encoding="utf-8"),
    )


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_one_heading_a_language_and_a_label_for_each_field(client, path):
    page = Page(client.get(path).text)
    assert page.headings == 1 and page.language == "zh-Hans-CN"
    assert set(page.fields) <= page.labels
    assert len(page.ids) == len(set(page.ids))


def test_pages_are_light(client):
    sizes = {path: len(client.get(path).data) for path in PATHS}
    assert max(sizes.values()) < 60_000


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_manual_has_a_chapter_for_every_page(language):
    from geo_service.i18n import say

    manual = (ROOT / "docs" / language / "manual.md").read_text(encoding="utf-8")
    chapters = re.findall(r"^## (.+)$", manual, re.MULTILINE)
    for _, title, _ in PAGES:
        assert any(one.startswith(say(title, language)) for one in chapters), title


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_manual_explains_every_cause(language):
    from geo_service.i18n import say
    from geo_service.words import CAUSES

    manual = (ROOT / "docs" / language / "manual.md").read_text(encoding="utf-8")
    missing = [
        code
        for code, words in CAUSES.items()
        if code != "unverified" and say(words, language).split(" below")[0] not in manual
    ]
    assert missing == []
