"""Settings: explained in the file, checked at the start, wrong ones named."""

import dataclasses
import json
import tomllib
from pathlib import Path

import pytest

from geo_service.settings import Settings, write_config
from town_model import InputError


def test_a_new_file_explains_every_setting_and_means_the_defaults(tmp_path):
    path = tmp_path / "config.toml"
    write_config(path, Settings())
    words = path.read_text(encoding="utf-8")
    for one in dataclasses.fields(Settings):
        assert f"# {one.metadata['help']}\n# {one.name} = " in words
    assert tomllib.loads(words) == {}
    assert Settings.load(path, {}) == Settings()


def test_every_commented_line_is_valid_when_it_is_taken_in(tmp_path):
    path = tmp_path / "config.toml"
    write_config(path, Settings())
    lines = [
        line.removeprefix("# ") for line in path.read_text(encoding="utf-8").splitlines() if " = " in line
    ]
    path.write_text("\n".join(lines[1:]), encoding="utf-8")
    assert Settings.load(path, {}) == Settings()


def test_values_that_differ_are_written_and_read_back(tmp_path):
    path = tmp_path / "config.toml"
    given = Settings(name='石门"派出所"\\', language="en", port=8080, busy_timeout_s=1.5, behind_https=True)
    write_config(path, given)
    assert Settings.load(path, {}) == given


def test_the_environment_wins_over_the_file(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("port = 8080\n")
    given = {"GEO_SERVICE_PORT": "9000", "GEO_SERVICE_BEHIND_HTTPS": "true", "GEO_SERVICE_HOST": "0.0.0.0"}
    read = Settings.load(path, given)
    assert (read.port, read.behind_https, read.host) == (9000, True, "0.0.0.0")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("port = 'x'", "setting port must be a whole number"),
        ("port = true", "setting port must be a whole number"),
        ("port = 0", "setting port must lie between 1 and 65535"),
        ("language = 'fr'", "setting language must be one of zh, en"),
        ("behind_https = 1", "setting behind_https must be true or false"),
        ("busy_timeout_s = nan", "setting busy_timeout_s must lie between"),
        ("prot = 1", "setting prot in config.toml is unknown"),
        ("port = ", "cannot be read as TOML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, line, said):
    path = tmp_path / "config.toml"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        Settings.load(path, {})


def test_all_wrong_settings_are_named_at_once(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("port = 0\nthreads = 'many'\nprot = 1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        Settings.load(path, {"GEO_SERVICE_LANGUAGE": "fr"})
    assert len(caught.value.messages) == 4


def test_a_file_that_windows_wrote_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("port = 8080\r\n", encoding="utf-8-sig")
    assert Settings.load(path, {}).port == 8080


def test_the_manual_lists_every_setting_with_its_default():
    manual = (Path(__file__).parents[3] / "docs" / "en" / "store.md").read_text(encoding="utf-8")
    for one in dataclasses.fields(Settings):
        assert f"| `{one.name}` | `{json.dumps(one.default)}` |" in manual
        assert f"| {one.metadata['help']} |" in manual
