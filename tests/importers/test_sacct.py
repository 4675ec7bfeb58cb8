"""Saved output of sacct, as Slurm's documentation and accounting write it: every state, arrays, steps, requeues."""

import json
from datetime import UTC, datetime

import pytest

from tracker.importers import slurm_states

HEADER = "JobID|JobName|User|Account|State|Submit|Eligible|Start|End|AllocTRES|NTasks|Partition"
DAY = "2026-03-02T"


def line(job, state="COMPLETED", submit="12:00:00", eligible=None, start="12:05:00", end="12:30:00", **other):
    """Returns a line of sacct; times are of one Monday unless they name a date."""
    times = [submit, submit if eligible is None else eligible, start, end]
    said = [time if not time[:2].isdigit() or "T" in time else DAY + time for time in times]
    fields = {"name": "train", "user": "ann", "account": "sae", "tres": "", "tasks": "", "partition": "gpu"} | other
    words = [fields[key] for key in ("name", "user", "account", "tres", "tasks", "partition")]
    return "|".join([job, *words[:3], state, *said, *words[3:]])


def write(tmp_path, *lines, header=HEADER):
    path = tmp_path / "jobs.txt"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def take(imports, tmp_path, *lines, options=("--timezone", "UTC")):
    return imports.run("sacct", write(tmp_path, *lines), *options)


def test_submit_eligible_start_and_end_become_queue_and_run(imports, tmp_path):
    """Eligible two minutes after submit: 3 min of queue and 25 of run; by --enabled submit 5 min of queue."""
    job = line("7", eligible="12:02:00", tres="billing=4,gres/gpu:a100=2,gres/gpu=2", tasks="8")
    code, said = take(imports, tmp_path, job)
    assert (code, said["jobs"], said["iterations"], said["bad_rows"]) == (0, 1, 1, 0)
    query = "select study, queue_seconds, job_length_seconds, status, device, config from jobs"
    config = json.dumps({"gpus": 2, "partition": "gpu"})
    assert imports.rows(query) == [("sae", 180.0, 1_500.0, "finished", "gpu:a100", config)]
    assert imports.rows("select ranks, evidence, state from spans where kind = 'job'") == [(8, "imported", "COMPLETED")]
    take(imports, tmp_path, job, options=("--timezone", "UTC", "--enabled", "submit"))
    assert imports.rows("select queue_seconds from jobs") == [(300.0,)]


@pytest.mark.parametrize("state", slurm_states.KNOWN)
def test_every_state_of_slurm_has_a_status(state):
    """By name, by its short code, and as sacct writes it with a reason."""
    assert slurm_states.read_state(f"{state} by 1001") == state
    assert slurm_states.status_of(state) in ("finished", "failed", "killed", "open")


ENDS = [
    ("COMPLETED", "finished"),
    ("FAILED", "failed"),
    ("OUT_OF_MEMORY", "failed"),
    ("NODE_FAIL", "failed"),
    ("BOOT_FAIL", "failed"),
    ("CANCELLED by 1001", "killed"),
    ("CANCELLED+", "killed"),
    ("TIMEOUT", "killed"),
    ("DEADLINE", "killed"),
    ("PREEMPTED", "killed"),
    ("TO", "killed"),
    ("COMPLETING", "finished"),
]


def test_states_become_statuses_and_slurms_word_is_kept(imports, tmp_path):
    """One job each; failed and killed ones count as failed jobs of their iteration."""
    lines = [line(str(number), state) for number, (state, _) in enumerate(ENDS, 1)]
    assert take(imports, tmp_path, *lines)[1]["bad_rows"] == 0
    found = imports.rows("select status, count(*) from jobs group by 1 order by 1")
    assert found == [("failed", 4), ("finished", 2), ("killed", 6)]
    assert imports.rows("select jobs, failed_jobs from iterations") == [(12, 10)]
    assert ("CANCELLED",) in imports.rows("select distinct state from spans")


def test_times_that_are_not_there_yet_or_never_were(imports, tmp_path):
    """Pending: waits still. Running: open. Cancelled while it waited: waited until then, and never ran."""
    lines = [
        line("1", "PENDING", start="Unknown", end="Unknown"),
        line("2", "RUNNING", end="Unknown"),
        line("3", "CANCELLED by 7", start="None", end="12:10:00"),
        line("4", "PENDING", eligible="Unknown", start="Unknown", end="Unknown"),
    ]
    assert take(imports, tmp_path, *lines)[1]["bad_rows"] == 0
    query = "select status, started_at is null, ended_at is null, queue_seconds from jobs order by all"
    found = imports.rows(query)
    assert found == [("killed", True, False, None), *[("open", False, True, 300.0)], *[("open", True, True, None)] * 2]


def test_an_array_is_one_iteration_and_its_waiting_tasks_are_open(imports, tmp_path):
    """Tasks of one array, hours apart, stay together; `9_[3-5%2]` are those that still wait."""
    lines = [
        line("9_1", start="12:01:00", end="13:00:00"),
        line("9_2", start="15:00:00", end="16:00:00"),
        line("9_[3-5%2]", "PENDING", start="Unknown", end="Unknown"),
        line("10", submit="14:00:00", start="14:01:00", end="14:30:00"),
    ]
    take(imports, tmp_path, *lines)
    assert imports.rows("select jobs, status from iterations order by jobs") == [(1, "finished"), (3, "open")]


def test_steps_are_stages_and_batch_and_extern_are_not(imports, tmp_path):
    """Two srun steps of 10 and 5 minutes in a job of 25: 10 are neither's. One that outlasts its job is cut."""
    lines = [
        line("7"),
        line("7.batch", name="batch"),
        line("7.extern", name="extern"),
        line("7.0", name="load", start="12:05:00", end="12:15:00"),
        line("7.1", name="steady", start="12:25:00", end="12:31:00"),
    ]
    assert take(imports, tmp_path, *lines)[1]["jobs"] == 1
    query = "select stage_seconds, other_seconds, job_length_seconds from jobs"
    assert imports.rows(query) == [({"load": 600.0, "steady": 300.0}, 600.0, 1_500.0)]


def test_a_requeued_job_is_its_attempts(imports, tmp_path):
    """Written again with a new Submit: attempts 1 and 2 of one iteration, the step in the one it ran in."""
    lines = [
        line("7", "PREEMPTED", end="12:10:00"),
        line("7.0", "CANCELLED", name="early", start="12:05:00", end="12:10:00"),
        line("7", "COMPLETED", submit="12:10:01", start="13:00:00", end="13:30:00"),
        line("7.0", name="late", start="13:00:00", end="13:10:00"),
    ]
    assert take(imports, tmp_path, *lines)[1]["jobs"] == 2
    assert imports.rows("select jobs, failed_jobs from iterations") == [(2, 1)]
    query = "select job.attempt, job.status, stage.name from spans job join spans stage on stage.parent = job.span"
    assert imports.rows(f"{query} order by 1") == [(1, "killed", "early"), (2, "finished", "late")]


def test_a_later_line_of_the_same_attempt_says_what_became_of_it(imports, tmp_path):
    """Saved while it waited, while it ran and when it had ended, one after the other in one file: one job."""
    lines = [
        line("7", "PENDING", start="Unknown", end="Unknown"),
        line("7", "RUNNING", end="Unknown"),
        line("7", "COMPLETED"),
    ]
    assert take(imports, tmp_path, *lines)[1]["jobs"] == 1
    assert imports.rows("select status, job_length_seconds from jobs") == [("finished", 1_500.0)]


def test_local_times_are_read_in_the_zone_that_is_named(imports, tmp_path):
    """13:05 in Berlin in March is 12:05 UTC; a time with an offset needs no zone."""
    lines = [
        line("1", submit="13:05:00", start="13:05:00", end="13:10:00"),
        line("2", submit=f"{DAY}12:05:00Z", start=f"{DAY}14:05:00+02:00", end="13:10:00"),
    ]
    take(imports, tmp_path, *lines, options=("--timezone", "Europe/Berlin"))
    noon = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
    assert imports.rows("select distinct started_at from jobs") == [(noon,)]


def test_the_night_the_clock_is_put_back_is_an_hour_longer(imports, tmp_path):
    """01:50 to 02:10 UTC+2, 02:40 shown twice: an End at 02:10 after a Start at 02:40 is the second 02:10."""
    night = "2026-10-25T"
    lines = [
        line("1", submit=f"{night}02:40:00", start=f"{night}02:40:00", end=f"{night}02:10:00"),
        line("2", submit=f"{night}01:00:00", start=f"{night}01:00:00", end=f"{night}04:00:00"),
        line("3", submit="2026-03-29T02:30:00", start="2026-03-29T03:30:00", end="2026-03-29T04:00:00"),
    ]
    said = take(imports, tmp_path, *lines, options=("--timezone", "Europe/Berlin"))[1]
    lengths = imports.rows("select job_length_seconds from jobs order by 1")
    assert lengths == [(1_800.0,), (4 * 3_600.0,)]
    assert [row["reason"] for row in said["first_bad_rows"]] == [
        "Submit: 2026-03-29 02:30:00 never was in Europe/Berlin: the clock was put forward"
    ]


BAD = [
    ("not a line", "has 1 fields"),
    (line("seven"), "JobID is 'seven'"),
    (line("1", "DREAMING"), "State is 'DREAMING'"),
    (line("1", ""), "State is ''"),
    (line("1", end="Unknown"), "State is COMPLETED and End is"),
    (line("1", start="12:40:00"), "End before Start, by 600 s"),
    (line("1", submit="12:20:00"), "Start before Submit, by 900 s"),
    (line("1", start="yesterday"), "Start: 'yesterday' is no time"),
    (line("1", end="9999-99-99T00:00:00"), "End: '9999-99-99T00:00:00' is no time"),
    (line("1", submit="None", start="None", end="None", state="PENDING"), "has no time at all"),
]


def test_lines_that_cannot_be_read_are_set_aside(imports, tmp_path):
    """Each with its reason, and the good line after them is imported."""
    code, said = take(imports, tmp_path, *(text for text, _ in BAD), line("9"))
    assert (code, said["jobs"], said["bad_rows"]) == (0, 1, len(BAD))
    for row, (_, reason) in zip(said["first_bad_rows"], BAD, strict=True):
        assert reason in row["reason"]


def test_a_separator_in_a_job_name_and_hostile_names_are_read(imports, tmp_path):
    """`a|b` is a name; so are HTML, half characters and an escape of a terminal."""
    names = ["a|b|c", "<script>alert(1)</script>", "\x1b[2J", "x" * 100_000]
    lines = [line(str(number), name=name) for number, name in enumerate(names, 1)]
    assert take(imports, tmp_path, *lines)[1]["bad_rows"] == 0
    found = {name for (name,) in imports.rows("select name from jobs")}
    assert found == {*names[:3], "x" * 499 + "…"}


@pytest.mark.parametrize("end", ["", "|"], ids=["parsable2", "parsable"])
def test_a_separator_in_a_job_name_before_an_empty_last_field_is_read(imports, tmp_path, end):
    """Whether each line ends with a separator the first one says: what is empty at the end may be a field."""
    header = "JobID|JobName|User|Account|State|Submit|Start|End|Partition"
    times = [f"{DAY}12:00:00", f"{DAY}12:05:00", f"{DAY}12:30:00"]
    names = ["a|b", "a|b|c", "train"]
    lines = ["|".join([str(number), name, "u", "sae", "COMPLETED", *times, ""]) for number, name in enumerate(names, 1)]
    path = write(tmp_path, *(line + end for line in lines), header=header + end)
    assert imports.run("sacct", path, "--timezone", "UTC")[1]["bad_rows"] == 0
    assert imports.rows("select name, study from jobs order by 1") == [(name, "sae") for name in names]


def test_outputs_saved_one_after_another_are_one_file(imports, tmp_path):
    """`sacct … >> jobs.txt` each month: the second header is no job that could not be read."""
    code, said = take(imports, tmp_path, line("7"), HEADER, line("8", start="12:06:00"))
    assert (code, said["rows"], said["jobs"], said["bad_rows"]) == (0, 2, 2, 0)


def test_users_are_pseudonyms_and_no_node_or_folder_is_taken(imports, tmp_path):
    """One of them is this home's own person, when told so."""
    header = f"{HEADER}|NodeList|WorkDir|Comment"
    path = write(tmp_path, line("1") + "|node7|/home/ann|secret", line("2", user="bob") + "|n|/x|", header=header)
    imports.run("sacct", path, "--timezone", "UTC", "--me", "bob")
    people = {person for (person,) in imports.rows("select person from iterations")}
    own = (imports.home / "person").read_text().strip()
    assert own in people
    assert len(people) == 2
    stored = b"".join(path.read_bytes() for path in (imports.home / "imports").glob("*.parquet"))
    assert not [word for word in (b"ann", b"bob", b"node7", b"/home", b"secret") if word in stored]


def test_a_file_without_the_fields_says_which_command_saves_them(imports, tmp_path):
    """The line to type stands in the message."""
    path = write(tmp_path, "1|train", header="JobID|JobName")
    assert imports.run("sacct", path)[0] == 1
    assert "names no Start, End, State" in imports.error
    assert "sacct --parsable2 --duplicates --format=" in imports.error


def test_the_rule_is_printed_and_its_options_change_it(imports, tmp_path):
    """Two jobs half an hour apart: two iterations, and one when a burst may be that long."""
    lines = [line("1", end="12:10:00"), line("2", submit="12:30:00", start="12:31:00", end="12:40:00")]
    said = take(imports, tmp_path, *lines)[1]
    assert said["iterations"] == 2
    assert "at most 300 s after the launch before it (--burst-seconds)" in said["rule"][0]
    wide = ("--timezone", "UTC", "--burst-seconds", "1800", "--longest-hours", "0.1")
    said = take(imports, tmp_path, *lines, options=wide)[1]
    assert (said["iterations"], said["replaced"]) == (1, True)
    assert "at most 1800 s" in said["rule"][0]
    assert "to 0.1 h" in said["rule"][1]
