"""Proposals wait for a planner; what is accepted can be taken back."""

import datetime as dt

import pytest
import shapely

from geo_service.store import ConflictError, Proposal
from town_model import InputError

from .conftest import LON, square


def proposal(name="石门小学", osm_id="way/1", **properties):
    values = {"name": name, "category": "school", "osm_id": osm_id, **properties}
    return Proposal("key_areas", values, square(), reason="amenity=school")


def test_proposals_wait_and_a_second_import_adds_none_of_them_twice(store):
    assert store.add_proposals([proposal(), proposal("石门医院", "way/2", category="hospital")]) == 2
    assert store.add_proposals([proposal(), proposal("石门医院", "way/2"), proposal("车站", "way/3")]) == 1
    found = store.proposals()
    assert [one.properties["name"] for one in found] == ["石门小学", "石门医院", "车站"]
    assert found[0] == proposal(osm_id="way/1").__class__(
        "key_areas", found[0].properties, square(), source_id="way/1", reason="amenity=school"
    )
    assert store.count("key_areas") == 0


def test_a_dropped_proposal_does_not_come_back_with_the_next_import(store):
    store.add_proposals([proposal()])
    (one,) = store.proposals()
    assert store.drop_proposals([one.id], actor="a") == 1
    assert store.add_proposals([proposal()]) == 0
    assert store.proposals() == []
    assert [one.state for one in store.proposals(None)] == ["dropped"]


def test_accepted_key_areas_get_reason_approver_and_review_date(store):
    store.add_proposals([proposal()])
    (row,) = store.accept_proposals(actor="planner1", approver="石门派出所", review_date=dt.date(2027, 3, 1))
    area = store.frame("key_areas").loc[row]
    assert (area["name"], area["category"], area["osm_id"]) == ("石门小学", "school", "way/1")
    assert area["approver"] == "石门派出所"
    assert area["review_date"].date() == dt.date(2027, 3, 1)
    assert "amenity=school" in area["reason"]
    (entry,) = store.changes()
    assert (entry.kind, entry.actor) == ("accept", "planner1")
    (done,) = store.proposals("accepted")
    assert done.row_id == row


def test_a_year_passes_until_the_review_by_default(store):
    store.add_proposals([proposal()])
    store.accept_proposals(actor="a")
    days = (store.frame("key_areas")["review_date"].iloc[0].date() - dt.datetime.now(dt.UTC).date()).days
    assert days in (364, 365, 366)


def test_undo_of_an_acceptance_returns_the_proposals_and_its_undo_takes_them_again(store):
    store.add_proposals([proposal(), proposal("车站", "way/3", category="station")])
    store.accept_proposals(actor="a")
    (batch,) = {one.batch for one in store.changes()}
    undone = store.undo(batch, actor="a")
    assert store.count("key_areas") == 0
    assert len(store.proposals()) == 2
    store.undo(undone, actor="a")
    assert store.count("key_areas") == 2
    assert store.proposals() == []


def test_all_takes_what_is_sound_and_leaves_the_rest_pending(store):
    quarter = Proposal(
        "key_areas", {"name": "东苑", "category": "residential"}, square(LON + 0.01), reason="tag"
    )
    zone = Proposal(
        "housing_zones", {"name": "西苑", "households": None}, square(LON + 0.02), source_id="way/9"
    )
    store.add_proposals([proposal(), quarter, zone])
    assert len(store.accept_proposals(actor="a")) == 2
    assert [one.properties["name"] for one in store.proposals()] == ["东苑"]
    assert store.frame("housing_zones")["name"].tolist() == ["西苑"]


def test_chosen_proposals_are_accepted_all_or_none(store):
    quarter = Proposal("key_areas", {"name": "东苑", "category": "residential"}, square(LON + 0.01))
    store.add_proposals([proposal(), quarter])
    ids = [one.id for one in store.proposals()]
    with pytest.raises(InputError, match="row 2: a residential key area"):
        store.accept_proposals(ids, actor="a")
    assert store.count("key_areas") == 0
    assert len(store.proposals()) == 2
    assert len(store.accept_proposals(ids[:1], actor="a")) == 1


def test_a_proposal_that_is_not_pending_is_refused_by_number(store):
    store.add_proposals([proposal()])
    (one,) = store.proposals()
    store.accept_proposals([one.id], actor="a")
    for act in (store.accept_proposals, store.drop_proposals):
        with pytest.raises(InputError, match=f"not pending: {one.id}, 77"):
            act([one.id, 77], actor="a")
    with pytest.raises(InputError, match="pending, accepted, dropped"):
        store.proposals("open")


def test_an_accepted_row_that_was_edited_keeps_the_acceptance(store):
    store.add_proposals([proposal()])
    (row,) = store.accept_proposals(actor="a")
    (batch,) = {one.batch for one in store.changes()}
    with store.change(actor="b") as change:
        change.update("key_areas", row, {"geometry": shapely.box(LON, 32, LON + 0.001, 32.001)})
    with pytest.raises(ConflictError):
        store.undo(batch, actor="a")
    assert store.proposals() == []
