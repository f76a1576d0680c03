"""Settings: explained in the file, checked at the start, wrong ones named."""

import dataclasses
import json
import tomllib
from pathlib import Path

import pytest

from geo_service.settings import Settings, write_config
from geo_service.settings_manual import setting_lines, settings_table
from town_model import InputError

DOCS = Path(__file__).parents[3] / "docs"


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
        ("prot = 1", "setting prot is unknown"),
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


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_manual_lists_every_setting_in_both_languages(language):
    """`python -m geo_service settings --write-manual docs` writes the table."""
    manual = (DOCS / language / "settings.md").read_text(encoding="utf-8")
    table = manual.partition("<!-- settings -->")[2].partition("<!-- /settings -->")[0]
    assert table.strip() == settings_table(language)
    for one in dataclasses.fields(Settings):
        assert f"| `{one.name}` | `{json.dumps(one.default)}` |" in manual


def test_a_wrong_setting_is_named_with_file_and_line_or_variable_and_what_to_do(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('# our station\nname = "石门"\n\n  threads = 0\nprot = 1\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        Settings.load(path, {"GEO_SERVICE_PORT": "eighty"})
    unknown, port, threads = (str(one) for one in caught.value.messages)
    assert unknown.startswith("config.toml, line 5: setting prot is unknown: correct its name, or delete")
    assert port.startswith("GEO_SERVICE_PORT: setting port must be a whole number, not 'eighty'")
    assert (
        threads
        == "config.toml, line 4: setting threads must lie between 1 and 64, not 0; correct it, or delete it to take 8"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tls_cert": "a.pem"}, "belong together"),
        ({"tls_key": "a.pem"}, "belong together"),
        ({"trusted_proxy": "proxy"}, "must be one IP address"),
        ({"trusted_proxy": "*"}, "must be one IP address"),
        ({"trusted_proxy": "::1", "tls_cert": "a", "tls_key": "b"}, "exclude each other"),
        ({"host_names": "https://geo.example"}, "without https://"),
        ({"host_names": "geo.example:8443"}, "without https://"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(given, said):
    with pytest.raises(InputError, match=said):
        Settings(**given)


def test_the_source_of_each_value_is_known_and_secrets_are_hidden(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('port = 8123\nbackground_key = "abc123"\n', encoding="utf-8")
    environment = {"GEO_SERVICE_THREADS": "4"}
    lines = {one.name: one for one in setting_lines(Settings.load(path, environment), path, environment)}
    assert {one: lines[one].source for one in ("port", "threads", "language")} == {
        "port": "file",
        "threads": "environment",
        "language": "default",
    }
    assert (lines["port"].value, lines["port"].default) == ("8123", "8000")
    assert "abc123" not in str(lines)
