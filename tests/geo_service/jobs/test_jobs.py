"""Jobs: asked for, taken once, told of, cancelled, run again; never lost and never doubled."""

import datetime as dt
import sys
import time
import types

import pytest

from geo_service import jobs
from geo_service.i18n import say
from geo_service.jobs import table
from geo_service.jobs.kinds import KINDS, Kind, Option
from geo_service.jobs.messages import pack, unpack
from geo_service.jobs.work import JobContext, take_next
from geo_service.store import ConflictError, StoreBusyError
from geo_service.store.database import now_utc
from town_model import InputError, Text, TownError

PLACE = "job_kinds_of_the_tests"


@pytest.fixture
def kind(monkeypatch):
    """Register a kind of jobs by its function, and return its key."""

    def register(run, **values):
        module = types.ModuleType(PLACE)
        module.run = run
        monkeypatch.setitem(sys.modules, PLACE, module)
        given = {"options": None, **values}
        monkeypatch.setitem(KINDS, "trial", Kind(title=Text("Trial"), run=f"{PLACE}:run", **given))
        return "trial"

    return register


def one_step(_workspace, job):
    job.progress(0.5, Text.of("step {n}", n=1))
    job.log(Text("half of it"))
    return jobs.JobOutcome("/gaps", Text.of("{n} found", n=job.options["n"]))


def age_lease(workspace, number):
    """Let the lease of a job have run out a second ago."""
    with workspace.store.writing() as connection:
        connection.execute(
            table.jobs.update()
            .where(table.jobs.c.id == number)
            .values(lease_until=now_utc() - dt.timedelta(seconds=1))
        )


class TestLife:
    def test_a_job_waits_runs_and_ends_with_its_outcome_and_log(self, empty_workspace, kind):
        number = jobs.submit(empty_workspace, kind(one_step), actor="planner.a", options={"n": 3})
        waiting = jobs.get(empty_workspace, number)
        assert (waiting.state, waiting.share, waiting.started_at) == ("queued", 0.0, None)
        done = jobs.run_now(empty_workspace, number)
        assert (done.state, done.share, done.result_url, str(done.words)) == ("done", 1.0, "/gaps", "3 found")
        assert [str(one.words) for one in done.log] == ["step 1", "half of it", "3 found"]
        assert done.actor == "planner.a" and done.attempts == 1 and done.fault is None
        assert done.created_at <= done.started_at <= done.ended_at

    def test_an_equal_job_that_still_waits_or_runs_is_returned(self, empty_workspace, kind):
        name = kind(one_step)
        first = jobs.submit(empty_workspace, name, actor="a", options={"n": 1, "m": 2})
        assert jobs.submit(empty_workspace, name, actor="b", options={"m": 2, "n": 1}) == first
        assert jobs.submit(empty_workspace, name, actor="a", options={"n": 2}) != first
        assert take_next(empty_workspace, "w").job == first
        assert jobs.submit(empty_workspace, name, actor="a", options={"n": 1, "m": 2}) == first
        jobs.cancel(empty_workspace, first, actor="a")
        assert jobs.submit(empty_workspace, name, actor="a", options={"n": 1, "m": 2}) != first

    def test_a_fault_is_kept_so_that_each_reader_has_it_in_the_own_language(self, empty_workspace, kind):
        def fail(_workspace, _job):
            raise InputError("there are no roads to patrol on: import an OpenStreetMap file first")

        number = jobs.submit(empty_workspace, kind(fail), actor="a")
        failed = jobs.run_now(empty_workspace, number)
        assert failed.state == "failed"
        assert (
            say(failed.fault, "en") == "there are no roads to patrol on: import an OpenStreetMap file first"
        )
        assert "道路" in say(failed.fault, "zh")

    def test_all_faults_are_kept(self, empty_workspace, kind):
        def fail(_workspace, _job):
            raise TownError([Text.of("first {n}", n=1), Text("second")])

        failed = jobs.run_now(empty_workspace, jobs.submit(empty_workspace, kind(fail), actor="a"))
        assert [str(one) for one in failed.faults] == ["first 1", "second"]

    def test_an_unexpected_error_fails_the_job_without_its_words(self, empty_workspace, kind):
        """Such words may hold paths or data; the log of the server has them."""

        def fail(_workspace, _job):
            raise RuntimeError("/home/secret/town.db")

        failed = jobs.run_now(empty_workspace, jobs.submit(empty_workspace, kind(fail), actor="a"))
        assert failed.state == "failed" and "RuntimeError" in str(failed.fault)
        assert "secret" not in str(failed.fault)

    def test_a_job_that_ended_is_run_again_as_a_new_one(self, empty_workspace, kind):
        first = jobs.submit(empty_workspace, kind(one_step), actor="a", options={"n": 5})
        with pytest.raises(ConflictError):
            jobs.retry(empty_workspace, first, actor="b")
        jobs.run_now(empty_workspace, first)
        again = jobs.retry(empty_workspace, first, actor="b")
        assert again != first
        job = jobs.get(empty_workspace, again)
        assert (job.state, job.options, job.actor) == ("queued", {"n": 5}, "b")

    def test_an_unknown_kind_and_an_unknown_job_are_refused(self, empty_workspace):
        with pytest.raises(InputError, match="no kind of job"):
            jobs.submit(empty_workspace, "nothing", actor="a")
        for ask in (jobs.get, jobs.run_now):
            with pytest.raises(InputError, match="no job 99"):
                ask(empty_workspace, 99)

    def test_who_asked_and_who_cancelled_is_in_the_audit_record(self, empty_workspace, kind):
        number = jobs.submit(empty_workspace, kind(one_step), actor="a", options={"n": 1})
        jobs.cancel(empty_workspace, number, actor="b")
        said = [(one.actor, one.action, one.target) for one in empty_workspace.store.audit_entries(limit=2)]
        assert said == [
            ("b", "job_cancelled", f"trial #{number}"),
            ("a", "job_submitted", f"trial #{number}"),
        ]

    def test_jobs_that_ended_long_ago_go_with_their_logs(self, empty_workspace, kind):
        name = kind(one_step)
        old = jobs.submit(empty_workspace, name, actor="a", options={"n": 1})
        jobs.run_now(empty_workspace, old)
        past = now_utc() - dt.timedelta(days=empty_workspace.settings.jobs_keep_days, minutes=1)
        with empty_workspace.store.writing() as connection:
            connection.execute(table.jobs.update().values(ended_at=past))
        new = jobs.submit(empty_workspace, name, actor="a", options={"n": 2})
        assert [one.id for one in jobs.listing(empty_workspace)] == [new]
        with empty_workspace.store.reading() as connection:
            assert connection.execute(table.job_log.select()).all() == []


class TestCancel:
    def test_a_waiting_job_is_cancelled_at_once(self, empty_workspace, kind):
        number = jobs.submit(empty_workspace, kind(one_step), actor="a", options={"n": 1})
        assert jobs.cancel(empty_workspace, number, actor="a").state == "cancelled"
        assert take_next(empty_workspace, "w") is None

    def test_a_running_job_ends_at_its_next_word_and_stores_nothing(self, empty_workspace, kind):
        def slow(workspace, job):
            jobs.cancel(workspace, job.id, actor="b")
            while not job.should_stop():
                pass
            job.progress(0.9, Text("storing the result"))
            workspace.store.name_town("never")

        done = jobs.run_now(empty_workspace, jobs.submit(empty_workspace, kind(slow), actor="a"))
        assert (done.state, str(done.words)) == ("cancelled", "cancelled")
        assert empty_workspace.store.town.name == "石门镇"

    def test_a_job_that_has_ended_stays_as_it_is(self, empty_workspace, kind):
        number = jobs.submit(empty_workspace, kind(one_step), actor="a", options={"n": 1})
        jobs.run_now(empty_workspace, number)
        assert jobs.cancel(empty_workspace, number, actor="a").state == "done"


class TestLeases:
    def test_a_job_is_taken_once(self, empty_workspace, kind):
        number = jobs.submit(empty_workspace, kind(one_step), actor="a", options={"n": 1})
        assert take_next(empty_workspace, "first").job == number
        assert take_next(empty_workspace, "second") is None
        with pytest.raises(ConflictError, match="does not wait"):
            jobs.run_now(empty_workspace, number)

    def test_jobs_are_taken_in_the_order_they_were_asked_for(self, empty_workspace, kind):
        name = kind(one_step)
        asked = [jobs.submit(empty_workspace, name, actor="a", options={"n": n}) for n in range(3)]
        assert [take_next(empty_workspace, "w").job for _ in asked] == asked

    def test_a_lease_that_ran_out_is_noticed_first_and_taken_then(self, empty_workspace, kind):
        """Its worker may have waited for the same write lock, and renew next."""
        number = jobs.submit(empty_workspace, kind(one_step), actor="a", options={"n": 1})
        lease = take_next(empty_workspace, "first")
        age_lease(empty_workspace, number)
        assert take_next(empty_workspace, "second") is None
        with empty_workspace.store.writing() as connection:
            assert table.renew(connection, lease, lease_s=30)
        age_lease(empty_workspace, number)
        assert take_next(empty_workspace, "second") is None
        age_lease(empty_workspace, number)
        assert take_next(empty_workspace, "second").job == number
        assert jobs.get(empty_workspace, number).attempts == 2

    def test_a_worker_that_lost_its_lease_changes_nothing_more(self, empty_workspace, kind):
        number = jobs.submit(empty_workspace, kind(one_step), actor="a", options={"n": 1})
        job = JobContext(empty_workspace, take_next(empty_workspace, "first"))
        for _ in range(2):
            age_lease(empty_workspace, number)
            taken = take_next(empty_workspace, "second")
        job.progress(0.9, Text("late"))
        with job.news() as write, empty_workspace.store.writing() as connection:
            write(connection)
        assert not job.finish("done", words=Text("late"))
        now = jobs.get(empty_workspace, number)
        assert (now.state, str(now.words)) == ("running", "starting") and taken.job == number

    def test_the_second_loss_of_a_worker_fails_the_job_with_a_remedy(self, empty_workspace, kind):
        number = jobs.submit(empty_workspace, kind(one_step), actor="a", options={"n": 1})
        for worker in ("first", "second"):
            assert take_next(empty_workspace, worker).job == number
            with empty_workspace.store.writing() as connection:
                table.take_from(connection, worker)
        failed = jobs.get(empty_workspace, number)
        assert failed.state == "failed" and "run it again" in str(failed.fault) and len(failed.log) == 2

    def test_what_cannot_be_resumed_fails_at_the_first_loss(self, empty_workspace, kind):
        number = jobs.submit(empty_workspace, kind(one_step, resumable=False), actor="a", options={"n": 1})
        take_next(empty_workspace, "first")
        with empty_workspace.store.writing() as connection:
            table.take_from(connection, "first")
        assert jobs.get(empty_workspace, number).state == "failed"

    def test_a_worker_that_ends_in_order_gives_back_without_a_mark(self, empty_workspace, kind):
        number = jobs.submit(empty_workspace, kind(one_step), actor="a", options={"n": 1})
        for _ in range(5):  # as many restarts of the server
            take_next(empty_workspace, "first")
            with empty_workspace.store.writing() as connection:
                assert table.give_back(connection, "first") == 1
        job = jobs.get(empty_workspace, number)
        assert (job.state, job.attempts) == ("queued", 0)

    def test_a_cancelled_job_of_a_lost_worker_is_cancelled(self, empty_workspace, kind):
        number = jobs.submit(empty_workspace, kind(one_step), actor="a", options={"n": 1})
        take_next(empty_workspace, "first")
        jobs.cancel(empty_workspace, number, actor="a")
        with empty_workspace.store.writing() as connection:
            table.take_from(connection, "first")
        assert jobs.get(empty_workspace, number).state == "cancelled"


class TestProgress:
    def test_time_left_follows_from_share_and_time_so_far(self, empty_workspace, kind, monkeypatch):
        jobs.submit(empty_workspace, kind(one_step), actor="a", options={"n": 1})
        job = JobContext(empty_workspace, take_next(empty_workspace, "w"))
        begun = job._begun
        assert job._estimate(0.01, begun + 60) is None  # too early to say
        assert job._estimate(0.25, begun + 10) == pytest.approx(30)
        # 20 s for half: 20 left; smoothed with 0.3 from 30 that is 27
        assert job._estimate(0.5, begun + 20) == pytest.approx(27)

    def test_progress_inside_a_change_does_not_disturb_it(self, empty_workspace, kind):
        def change(workspace, job):
            with workspace.store.change(actor=job.actor) as one:
                job.progress(0.2, Text("storing"))
                one.insert("camera_models", [{"name": "筒机"}])
            return jobs.JobOutcome()

        done = jobs.run_now(empty_workspace, jobs.submit(empty_workspace, kind(change), actor="a"))
        assert done.state == "done" and empty_workspace.store.count("camera_models") == 1

    def test_work_that_reads_a_town_for_long_is_not_held_up_by_what_it_tells(self, empty_workspace, kind):
        """To commit, a writer waits for all readers, and keeps new ones out meanwhile: the work waited for itself."""

        def read(workspace, job):
            begun = time.monotonic()
            with workspace.store.reading() as connection:
                connection.execute(table.jobs.select()).all()
                while time.monotonic() - begun < 1:  # some beats of the heart
                    job.progress(0.5, Text("reading"))
                count = workspace.store.count("roads")  # a second reader comes in
            return jobs.JobOutcome("", Text.of("{n} {s}", n=count, s=time.monotonic() - begun < 15))

        done = jobs.run_now(empty_workspace, jobs.submit(empty_workspace, kind(read), actor="a"))
        assert (done.state, str(done.words)) == ("done", "0 True")

    def test_what_could_not_be_written_is_written_later(self, empty_workspace, kind):
        number = jobs.submit(empty_workspace, kind(one_step), actor="a", options={"n": 1})
        job = JobContext(empty_workspace, take_next(empty_workspace, "w"))
        job.progress(0.25, Text("reading"))
        job.log(Text("begun"))
        with pytest.raises(StoreBusyError), job.news():
            raise StoreBusyError("busy")
        assert job.has_news
        with job.news() as write, empty_workspace.store.writing() as connection:
            write(connection)
        told = jobs.get(empty_workspace, number)
        assert (told.share, [str(one.words) for one in told.log], job.has_news) == (
            0.25,
            ["reading", "begun"],
            False,
        )

    @pytest.mark.parametrize(
        "words",
        [
            Text("plain"),
            Text.of("{n:,.1f} of {m!r}", n=1234.56, m="a"),
            Text.of("{part} done", part=Text.of("{n} rows", n=3)),
            Text.of("on {day:%d.%m.}", day=dt.date(2026, 5, 4)),
            Text.of("{n}", n=__import__("numpy").int64(7)),
        ],
    )
    def test_messages_come_back_with_the_same_words(self, words):
        assert str(unpack(pack(words))) == str(words)


class TestOptions:
    KIND = Kind(
        title=Text("Trial"),
        run="x:y",
        options={
            "seconds": Option(title=Text("Seconds"), default=30.0, low=1, high=60),
            "seed": Option(title=Text("Seed"), default=0, low=0, high=9, whole=True),
        },
    )

    def test_what_a_form_sends_is_read_and_the_rest_has_its_default(self):
        assert self.KIND.read_options({"seconds": " 12.5 ", "seed": ""}) == {"seconds": 12.5, "seed": 0}

    @pytest.mark.parametrize(
        ("given", "faults"),
        [
            ({"seconds": "0"}, 1),
            ({"seconds": "nan", "seed": "1.5"}, 2),
            ({"seconds": True}, 1),
            ({"seconds": "many", "colour": "red", "seed": 10}, 3),
            ({"seconds": [1]}, 1),
            ({"seconds": "1e999"}, 1),
        ],
    )
    def test_all_faults_are_named_at_once(self, given, faults):
        with pytest.raises(InputError) as caught:
            self.KIND.read_options(given)
        assert len(caught.value.messages) == faults

    def test_jobs_of_the_inside_cannot_be_asked_for_from_outside(self):
        with pytest.raises(InputError, match="use its page"):
            Kind(title=Text("Import"), run="x:y", options=None).read_options({"path": "/etc/passwd"})
