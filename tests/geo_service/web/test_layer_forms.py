"""Forms follow from the declarations: fields, what comes back, faults beside their field."""

import pandas as pd
import pytest
from shapely import Point, box

from geo_service.i18n import LANGUAGES
from geo_service.web import layer_forms
from town_model import LAYERS, Column, InputError, Text, layer

CAMERAS = layer("camera_sites")
UNITS = layer("patrol_units")
TOWN = (118.78, 32.04)


def made(declared, values, language="zh", faults=(), options=None):
    known = {one.refers_to: [(1, "上河村"), (2, "下河村")] for one in declared.columns if one.refers_to}
    return layer_forms.fields(
        declared, values, language=language, options=known if options is None else options, faults=faults
    )


def by_name(found):
    return {one.name: one for one in found}


class TestFields:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("name", sorted(LAYERS))
    def test_every_layer_has_one_field_a_column_with_its_title(self, name, language):
        declared = LAYERS[name]
        found, rest = made(declared, layer_forms.shown_values(declared, None), language)
        names = [one.name for one in found if one.name not in ("lon", "lat")]
        assert names == list(declared.column_names) and rest == ()
        assert all(
            one.label == declared.column(one.name).title(language) for one in found if one.name in names
        )
        assert {one.name for one in found if one.required} >= {
            one.name for one in declared.columns if one.required
        }

    def test_the_position_of_a_point_stands_after_the_name(self):
        names = [one.name for one in layer_forms.form_columns(CAMERAS)]
        assert names[:4] == ["name", "lon", "lat", "code"]
        assert layer_forms.form_columns(layer("roads")) == layer("roads").columns

    def test_kinds_of_columns_have_the_widgets_of_html(self):
        field = by_name(made(CAMERAS, layer_forms.shown_values(CAMERAS, None))[0])
        assert [field[one].widget for one in ("name", "kind", "mount_height_m", "resolution_px_h", "village", "sign_posted", "filing_date", "note")] == [
            "text", "select", "number", "number", "select", "select", "date", "long"
        ]  # fmt: skip
        log = layer("camera_status_log")
        assert by_name(made(log, layer_forms.shown_values(log, None))[0])["at"].widget == "datetime-local"

    def test_numbers_carry_their_range_and_step(self):
        field = by_name(made(CAMERAS, layer_forms.shown_values(CAMERAS, None))[0])
        height, pixels = field["mount_height_m"], field["resolution_px_h"]
        assert (height.minimum, height.maximum, height.step) == ("0.5", "200", "any")
        assert (pixels.minimum, pixels.maximum, pixels.step) == ("160", "32768", "1")
        assert height.label == "安装高度 (m)" and "0.5 至 200" in height.hint

    def test_choices_are_titles_in_the_users_language_and_references_are_names(self):
        values = layer_forms.shown_values(CAMERAS, None)
        chinese, english = (by_name(made(CAMERAS, values, one)[0]) for one in LANGUAGES)
        assert ("ptz", "球机") in chinese["kind"].options and ("ptz", "PTZ") in english["kind"].options
        assert chinese["village"].options == (("", "—"), ("1", "上河村"), ("2", "下河村"))

    def test_a_choice_with_a_default_cannot_be_emptied_a_free_one_can(self):
        field = by_name(made(CAMERAS, layer_forms.shown_values(CAMERAS, None))[0])
        assert "" not in dict(field["status"].options) and field["status"].value == "working"
        assert dict(field["sign_posted"].options) == {"": "—", "yes": "是", "no": "否"}

    def test_a_required_choice_is_left_open_until_it_is_made(self):
        field = by_name(made(UNITS, layer_forms.shown_values(UNITS, None))[0])["mode"]
        assert field.required and field.value == "" and field.options[0] == ("", "—")

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_help_says_nothing_that_only_a_file_may_do(self, language):
        for declared in LAYERS.values():
            for one in made(declared, layer_forms.shown_values(declared, None), language)[0]:
                if one.widget == "number":
                    assert "也可" not in one.hint and "understood" not in one.hint, (declared.name, one.name)

    def test_the_azimuth_still_says_from_where_it_counts(self):
        field = by_name(made(CAMERAS, layer_forms.shown_values(CAMERAS, None))[0])["azimuth_deg"]
        assert field.hint == "从真北起顺时针的角度。 0 至 360"

    def test_a_text_with_line_breaks_gets_a_field_that_keeps_them(self):
        assert by_name(made(CAMERAS, {"owner": "一\n二"})[0])["owner"].widget == "long"

    def test_a_figure_that_is_none_stays_in_sight(self):
        field = by_name(made(CAMERAS, {"mount_height_m": "六米"})[0])["mount_height_m"]
        assert (field.widget, field.value) == ("text", "六米")
        assert by_name(made(CAMERAS, {"filing_date": "昨天"})[0])["filing_date"].widget == "text"


class TestShown:
    @pytest.mark.parametrize(
        ("kind", "value", "words"),
        [("real", 6.0, "6"), ("real", 6.25, "6.25"), ("real", 0.1, "0.1"), ("real", float("nan"), ""), ("integer", 12.0, "12"),
         ("ref", 3.0, "3"), ("boolean", True, "yes"), ("boolean", False, "no"), ("boolean", None, ""), ("text", None, ""),
         ("date", pd.Timestamp("2026-05-04"), "2026-05-04"), ("date", "2026-05-04", "2026-05-04"), ("date", pd.NaT, ""),
         ("datetime", pd.Timestamp("2026-05-04 08:00"), "2026-05-04T08:00"), ("datetime", "2026-05-04T08:00:05", "2026-05-04T08:00:05")],
    )  # fmt: skip
    def test_a_stored_value_is_written_as_its_field_takes_it(self, kind, value, words):
        assert layer_forms.as_input(Column("a", kind, "甲", "A"), value) == words

    def test_a_number_comes_back_to_the_last_bit(self):
        column = Column("a", "real", "甲", "A")
        for value in (1 / 3, 118.780123456789, 1e-9, 123456789.123456789):
            assert layer_forms.parse(column, layer_forms.as_input(column, value)) == value

    def test_a_position_is_shown_to_the_centimetre(self):
        values = layer_forms.shown_values(CAMERAS, {"name": "甲", "geometry": Point(118.78, 32.04000004)})
        assert (values["lon"], values["lat"]) == ("118.7800000", "32.0400000")


class TestParse:
    @pytest.mark.parametrize(
        ("kind", "words", "value"),
        [("real", "6.5", 6.5), ("real", "６．５", 6.5), ("real", "-.5", -0.5), ("real", "1e3", 1000.0), ("real", "nan", "nan"), ("real", "inf", "inf"),
         ("real", "1_0", "1_0"), ("real", "6米", "6米"), ("real", " ", None), ("integer", "12", 12), ("integer", "12.0", 12.0), ("integer", "9" * 5000, "9" * 5000),
         ("boolean", "yes", True), ("boolean", "no", False), ("boolean", "perhaps", "perhaps"), ("ref", "3", 3), ("text", "12", "12"), ("date", "2026-05-04", "2026-05-04")],
    )  # fmt: skip
    def test_words_mean_a_value_or_stay_words_for_the_store_to_refuse(self, kind, words, value):
        found = layer_forms.parse(Column("a", kind, "甲", "A"), words)
        assert found == value and type(found) is type(value)

    def test_only_fields_that_came_back_other_than_shown_are_changes(self):
        shown = {"name": "甲", "note": "一\n二", "code": ""}
        sent = {"name": "甲", "note": "一\n二", "code": "32"}
        assert layer_forms.changed_columns(sent, shown) == ["code"]

    def test_a_browser_writes_line_breaks_as_two_signs_and_changes_nothing_by_it(self):
        sent = layer_forms.sent_values(CAMERAS, {"note": "一\r\n二"})
        assert "note" not in layer_forms.changed_columns(sent, {"note": "一\n二"})

    def test_fields_that_no_column_declares_are_left_aside(self):
        assert "id" not in layer_forms.sent_values(CAMERAS, {"id": "7", "revision": "1"})


class TestRowValues:
    def values(self, changed, **words):
        sent = layer_forms.sent_values(CAMERAS, words)
        return layer_forms.row_values(CAMERAS, sent, changed, town=TOWN)

    def test_a_new_position_is_a_point_in_longitude_latitude(self):
        values, faults = self.values(["lon"], lon="118.7812", lat="32.0401")
        assert values == {"geometry": Point(118.7812, 32.0401)} and faults == []

    def test_an_untouched_position_is_no_change(self):
        assert "geometry" not in self.values(["name"], name="甲", lon="118.7", lat="32.0")[0]

    @pytest.mark.parametrize(
        ("lon", "lat", "column"),
        [("", "32.04", "lon"), ("118.78", "", "lat"), ("east", "32.04", "lon"), ("181", "32.04", "lon"), ("118.78", "91", "lat"), ("nan", "32", "lon")],
    )  # fmt: skip
    def test_a_position_that_is_none_is_a_fault_of_its_field(self, lon, lat, column):
        values, faults = self.values(["lon", "lat"], lon=lon, lat=lat)
        assert values["geometry"] is None and [one.params["column"] for one in faults] == [column]

    def test_swapped_or_mistyped_degrees_far_from_the_town_are_refused(self):
        for lon, lat in (("32.04", "118.78"), ("11.878", "32.04"), ("118.78", "34.04")):
            assert self.values(["lon"], lon=lon, lat=lat)[1], (lon, lat)

    # checksum of GB 11643: worked by hand for 11010519491231002X, the example of the standard
    @pytest.mark.parametrize(
        ("words", "kind"),
        [("11010519491231002X", "an identity number"), ("门卫 138 0013 8000", "a phone number"), ("苏A12345 停放处", "a number plate")],
    )  # fmt: skip
    def test_personal_data_in_a_text_is_refused(self, words, kind):
        _, faults = self.values(["note"], note=words)
        assert [str(one.params["kind"]) for one in faults] == [kind]

    def test_a_device_number_is_no_personal_data(self):
        assert self.values(["code"], code="32010200001315000001")[1] == []

    def test_words_that_did_not_change_are_not_held_against_the_user(self):
        assert self.values(["owner"], owner="镇政府", note="苏A12345")[1] == []


class TestFaults:
    def test_a_fault_stands_beside_its_field_in_the_users_language(self):
        fault = Text.of("{column} is missing", column="mount_height_m")
        for language, words in (("zh", "缺少 安装高度"), ("en", "Mount height is missing")):
            found, rest = made(CAMERAS, {}, language, faults=[fault])
            assert by_name(found)["mount_height_m"].faults == (words,) and rest == ()

    def test_a_fault_of_no_field_stands_by_itself(self):
        found, rest = made(CAMERAS, {}, "en", faults=[Text("a private door is no patrol point")])
        assert rest == ("a private door is no patrol point",) and not any(one.faults for one in found)

    def test_layers_in_a_message_have_their_titles(self):
        fault = Text.of(
            "row {row} of {layer} is still referred to by {users}: change or delete these first",
            row=1, layer="villages", users="camera_sites 3, patrol_units 1",
        )  # fmt: skip
        words = layer_forms.fault_words(fault, None, "zh")
        assert "村（社区）" in words and "监控点位 3" in words and "巡逻力量 1" in words and "_" not in words

    def test_a_fault_within_a_fault_is_said_in_the_same_language(self):
        from town_model import parse_hours

        with pytest.raises(InputError) as caught:
            parse_hours("早晚")
        fault = Text.of("{column}: {fault}", column="shifts", fault=caught.value.messages[0])
        found, _ = made(UNITS, {}, "zh", faults=[fault])
        assert (
            by_name(found)["shifts"].faults[0].startswith("班次")
            and "早晚" in by_name(found)["shifts"].faults[0]
        )

    def test_a_name_that_says_a_home_is_a_fault_of_the_name(self):
        fault = Text.of(
            "the name {name} says somebody's home: places may be kept, persons may not. Name the place",
            name="张三家",
        )
        assert by_name(made(layer("key_areas"), {}, faults=[fault])[0])["name"].faults

    def test_areas_have_no_field_of_position(self):
        declared = layer("key_areas")
        shown = layer_forms.shown_values(declared, {"name": "甲", "geometry": box(0, 0, 1, 1)})
        assert "lon" not in shown
