"""Every page, command, setting and layer stands in the manual, in both languages, and every link of it leads somewhere."""

import re
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from geo_service.cli import main
from geo_service.cli.manual import command_manual, in_language
from geo_service.imports import layer_manual
from geo_service.settings_manual import settings_table
from geo_service.web import create_app
from geo_service.workspace import Workspace
from town_model import LAYERS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LANGUAGES = ("zh", "en")
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
# Read by the scripts of pages and by programs; `/api/v1` describes itself.
NOT_PAGES = ("/api/", "/static/", "/assets/", "/tiles/", "/map-assets/")
#: Only developers read these pages; they are kept in English.
ENGLISH_ONLY = {"store.md"}


def read(language, name):
    return (DOCS / language / name).read_text(encoding="utf-8")


def plain(text):
    """The text without blocks of code, in which nothing is a link or a heading."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def headings(path, level=r"#{1,6}"):
    return re.findall(rf"^{level} (.+?)\s*$", plain(path.read_text(encoding="utf-8")), re.MULTILINE)


def anchor(heading):
    """The anchor that Markdown viewers give a heading: small letters, hyphens for spaces, no punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def commands():
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        yield name, command
        if isinstance(command, click.Group):
            for below in command.list_commands(context):
                yield f"{name} {below}", command.get_command(context, below)


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    """The addresses of all pages, such as ``/imports/<upload_id>``."""
    with Workspace.create(tmp_path_factory.mktemp("docs") / "station") as made:
        rules = list(create_app(made).url_map.iter_rules())
    pages = {
        re.sub(r"<(?:[^<>]*:)?(\w+)>", r"<\1>", one.rule)
        for one in rules
        if "GET" in one.methods and not one.rule.startswith(NOT_PAGES)
    }
    assert {"/", "/gaps", "/layers/<layer_name>/<row_id>"} <= pages
    # drawings and data that are parts of a page
    return sorted(one for one in pages if not one.endswith((".svg", ".json")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_named_with_its_address(language, addresses):
    named = re.findall(r"`(/[^`\s]*)`", read(language, "manual.md"))
    assert [one for one in addresses if one not in named] == []
    # and none that is no longer there
    assert [one for one in named if one not in addresses] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_a_chapter_with_its_options(language):
    """`python -m geo_service settings --write-manual docs` writes the chapters."""
    page = read(language, "commands.md")
    assert page.partition("<!-- commands -->")[2].partition("<!-- /commands -->")[
        0
    ].strip() == command_manual(main, language)
    titles = headings(DOCS / language / "commands.md")
    for name, command in commands():
        assert f"`geo-service {name}`" in titles
        assert in_language(command.help, language), name
        for one in command.params:
            if isinstance(one, click.Option) and not one.hidden:
                assert f"`{one.opts[-1]}" in page
                assert in_language(one.help or "", language), f"{name} {one.opts[-1]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_is_explained(language):
    assert settings_table(language) in read(language, "settings.md")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_layer_is_explained_with_its_columns(language):
    page = read(language, "layers.md")
    assert (
        page.partition("<!-- layers -->")[2].partition("<!-- /layers -->")[0].strip()
        == layer_manual(language).strip()
    )
    assert [one for one in LAYERS if f"`{one}`" not in page] == []
    columns = {column.name for one in LAYERS.values() for column in one.columns}
    assert [one for one in columns if f"| {one} |" not in page] == []


def test_the_parts_of_a_bilingual_help_are_told_apart():
    assert in_language("Show it, or: check it. 查看或校验。", "en") == "Show it, or: check it."
    assert in_language("Show it, or: check it. 查看或校验。", "zh") == "查看或校验。"
    assert in_language("n of 1:n (PDF); the town. PDF 比例尺。", "zh") == "PDF 比例尺。"
    assert in_language("Write. 写。\n\nWithout OUT there. 不给 OUT 时。", "zh") == "写。不给 OUT 时。"
    assert in_language("Write. 写。\n\nWithout OUT there. 不给 OUT 时。", "en") == "Write. Without OUT there."


def test_every_link_and_picture_leads_somewhere():
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", plain(page.read_text(encoding="utf-8"))):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, part = unquote(target).partition("#")
            there = (page.parent / path).resolve() if path else page
            if not there.exists() or (part and part not in map(anchor, headings(there))):
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_every_page_of_the_manual_is_reached_from_its_contents():
    for language in LANGUAGES:
        folder = DOCS / language
        reached, waiting = set(), ["README.md"]
        while waiting:
            name = waiting.pop()
            if name not in reached and (folder / name).is_file():
                reached.add(name)
                waiting += re.findall(r"\]\(([\w-]+\.md)", (folder / name).read_text(encoding="utf-8"))
        assert {one.name for one in folder.glob("*.md")} - reached - ENGLISH_ONLY == set()


def test_both_languages_have_the_same_pages_chapters_and_pictures():
    names = [{one.name for one in (DOCS / language).glob("*.md")} - ENGLISH_ONLY for language in LANGUAGES]
    assert names[0] == names[1]
    for name in sorted(names[0]):
        chinese, english = (DOCS / language / name for language in LANGUAGES)
        for level in ("#", "##"):
            assert len(headings(chinese, level)) == len(headings(english, level)), (name, level)
        pictures = [re.findall(r"!\[[^]]+\]\(([^)]+)\)", read(language, name)) for language in LANGUAGES]
        assert pictures[0] == pictures[1], name


def test_chinese_pages_have_chinese_punctuation():
    """No half-width comma, colon, semicolon, question or exclamation mark between Chinese characters, outside of code."""
    wrong = []
    for page in sorted((DOCS / "zh").glob("*.md")):
        words = plain(page.read_text(encoding="utf-8"))
        words = re.sub(r"`[^`\n]*`|\]\([^)\s]*\)|<!--.*?-->", "`", words)
        for line in words.splitlines():
            wrong += [
                f"{page.name}: {found}"
                for found in re.findall(r".{0,6}[\u4e00-\u9fff”）][,;:!?](?![\w/]).{0,6}", line)
                # aliases of headers stand in tables as lists
                if page.name != "layers.md"
            ]
    assert wrong == []


def test_one_word_is_used_for_one_thing():
    """Words that the pages do not use, beside those that they do."""
    avoided = {
        "审计日志": "审计记录", "变更记录": "改动记录", "村社干部": "村（社区）干部", "设备故障": "监控故障",
        "摄像机故障": "监控故障", "采纳全部待定": "采纳", "黑名单": "", "重点人员管控": "",
    }  # fmt: skip
    found = [
        f"{page.name}: {word}, better {better}"
        for page in sorted((DOCS / "zh").glob("*.md"))
        for word, better in avoided.items()
        if word in page.read_text(encoding="utf-8")
    ]
    assert found == []
