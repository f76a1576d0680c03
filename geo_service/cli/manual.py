"""The pages of the manual that are made from the code: every command, and every layer with its columns."""

from __future__ import annotations

import re
from pathlib import Path

import click

from geo_service.i18n import say
from geo_service.imports import layer_manual
from town_model import Text

HAN = r"[\u3400-\u9fff]"
# what stands behind an option, by the name of its type in click
_VALUES = {
    "integer": Text("NUMBER"),
    "integer range": Text("NUMBER"),
    "float": Text("NUMBER"),
    "float range": Text("NUMBER"),
    "datetime": Text("DATE"),
    "directory": Text("FOLDER"),
    "file": Text("PATH"),
    "path": Text("PATH"),
    "text": Text("TEXT"),
}


def in_language(help_text: str, language: str) -> str:
    """Return the part of a bilingual help text that is in a language, as one line.

    Args:
        help_text: paragraphs of English words, each followed by Chinese ones.
        language: ``zh`` or ``en``.
    """
    parts = []
    for paragraph in re.split(r"\n\s*\n", help_text):
        words = " ".join(paragraph.replace("\b", " ").split())
        # the Chinese begins with the sentence in which the first Chinese character stands
        found = re.search(rf"(?:^|(?<=[.:;] ))[^.:;]*?{HAN}", words)
        english, chinese = (words[: found.start()], words[found.start() :]) if found else (words, "")
        parts.append(chinese.strip() if language.startswith("zh") else english.strip())
    return (" " if language == "en" else "").join(one for one in parts if one)


def command_manual(root: click.Group, language: str) -> str:
    """Return the chapters of all commands with their options, as Markdown.

    Args:
        root: the group of all commands.
        language: ``zh`` or ``en``.
    """
    context = click.Context(root, info_name="geo-service")
    lines = _chapter(root, "geo-service", "##", language)
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        assert command is not None
        lines += _chapter(command, f"geo-service {name}", "##", language)
        if isinstance(command, click.Group):
            for below in command.list_commands(context):
                one = command.get_command(context, below)
                assert one is not None
                lines += _chapter(one, f"geo-service {name} {below}", "###", language)
    return "\n".join(lines).rstrip()


def _chapter(command: click.Command, title: str, mark: str, language: str) -> list[str]:
    lines = [f"{mark} `{title}`", "", in_language(command.help or "", language), ""]
    arguments = [
        one.make_metavar(click.Context(command)) for one in command.params if isinstance(one, click.Argument)
    ]
    if arguments:
        lines += [f"`{title} {' '.join(arguments)}`", ""]
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    if options:
        heads = say(Text("option"), language), say(Text("what it means"), language)
        lines += [f"| {heads[0]} | {heads[1]} |", "|---|---|"]
        for one in options:
            metavar = "" if one.is_flag else f" {_value(one, language)}"
            words = in_language(one.help or "", language)
            lines.append(_row(f"{one.opts[-1]}{metavar}", words))
        lines.append("")
    return lines


def _value(option: click.Option, language: str) -> str:
    if isinstance(option.type, click.Choice):
        return "|".join(str(one) for one in option.type.choices)
    return option.metavar or say(_VALUES[option.type.name], language)


def _row(option: str, words: str) -> str:
    # a bar ends a cell of a table, also inside a code span
    return "| `" + option.replace("|", "\\|") + "` | " + words.replace("|", "\\|") + " |"


def write_pages(root: click.Group, folder: Path) -> None:
    """Bring ``commands.md`` and ``layers.md`` of both languages up to date between their marks.

    Args:
        root: the group of all commands.
        folder: the folder ``docs``.
    """
    for language in ("zh", "en"):
        for name, words in (("commands", command_manual(root, language)), ("layers", layer_manual(language))):
            page = folder / language / f"{name}.md"
            before, _, rest = page.read_text(encoding="utf-8").partition(f"<!-- {name} -->")
            after = rest.partition(f"<!-- /{name} -->")[2]
            page.write_text(
                f"{before}<!-- {name} -->\n\n{words.strip()}\n\n<!-- /{name} -->{after}", encoding="utf-8"
            )
