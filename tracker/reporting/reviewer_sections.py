"""What a report says to a reviewer: what each estimand is, and a sceptic's questions answered from the data."""

from tracker.reporting.document import Section, table_of_cells
from tracker.reporting.facts import read_facts
from tracker.reporting.findings import Findings
from tracker.reporting.ledger import score_ledger
from tracker.reporting.sceptic import Material, answer_sceptic

# Name, what it is, what it answers.
ESTIMANDS = (
    (
        "ratio of total seconds",
        "sum of baseline seconds / sum of changed seconds; long loops count most",
        "how much sooner all of this work would have been done: every what-if and ceiling here",
    ),
    (
        "ratio of mean seconds",
        "mean baseline seconds / mean changed seconds of loops that were really done in either arm",
        "the same, of a tool that landed",
    ),
    (
        "geometric mean",
        "exp of the mean difference of log seconds between the arms; every loop counts alike",
        "how much faster the typical loop is: the figure of every forest plot and placebo here",
    ),
    ("median", "median baseline seconds / median changed seconds", "how much faster the middle loop is"),
    (
        "share of elapsed time",
        "seconds of a part / elapsed seconds, both summed over loops",
        "where the time goes; it is no speedup",
    ),
)
APART = (
    "A speedup is baseline seconds / changed seconds, above 1 is faster. Ratio of totals and geometric mean can "
    "differ, even in direction, when a tool helps short loops and not long ones: both stand side by side."
)


def estimands() -> Section:
    """What is estimated, by name."""
    cells = [{"estimand": name, "is": what, "answers": answers} for name, what, answers in ESTIMANDS]
    table = table_of_cells("The estimands in this report.", cells, cells)
    return Section(name="estimands", heading="What is estimated", sentences=(APART,), tables=(table,))


def sceptic(findings: Findings) -> Section:
    """Every question of a sceptical reviewer, with its answer or why the data have none."""
    material = Material(
        # Without its id: whoever recomputes the report reads the same records from a snapshot of another name.
        snapshot="",
        facts=read_facts(findings.data["iterations"], findings.data["arms"]),
        measurements={landed.tool: landed.measurement for landed in findings.landed},
        board=score_ledger(findings.forecasts, findings.request.level),
        courses={landed.tool: landed.course for landed in findings.landed if landed.course is not None},
    )
    answers = answer_sceptic(material)
    cells = [
        {"question": one.question, "answer": one.words, "from this data": "yes" if one.is_answered else "no"}
        for one in answers
    ]
    answered = sum(one.is_answered for one in answers)
    return Section(
        name="sceptic",
        heading="What a sceptic asks",
        sentences=(
            f"{answered} of {len(answers)} questions are answered from this data; the rest are not answerable from it.",
        ),
        tables=(table_of_cells("Questions of a reviewer.", cells, [vars(one) for one in answers]),),
    )
