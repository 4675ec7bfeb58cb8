"""A plan in force in words: what was decided before, how it is kept, and what to know before measuring it."""

from tracker.reporting.kept_plans import Course
from tracker.reporting.text import format_count, format_number
from tracker.speedup.planning.follow_up import ArmCount

DESIGNS = {
    "blocked": "random order within fours",
    "abba": "ABBA or BAAB by a coin",
    "randomised": "a coin for each iteration",
}
LOOKS = {
    "once": "once, at the end: the interval for one look holds then and not before",
    "daily": "whenever one likes: the interval for many looks holds",
}
LONGEST_ORDER = 80


def plan_table(course: Course) -> list[dict[str, str]]:
    """Returns the plan with how it goes, as rows of text."""
    plan, found = course.plan, course.found
    begun = f"{format_count(found.planned - found.remaining)} of {format_count(found.planned, 'iteration')}"
    order = plan.arms if len(plan.arms) <= LONGEST_ORDER else f"{plan.arms[:LONGEST_ORDER]}…"
    rows = (
        ("order", f"{DESIGNS.get(plan.design, plan.design)}: {order} (B baseline, C changed)"),
        ("given out so far", begun),
        *((arm.arm, _arm(arm)) for arm in found.arms),
        ("finished of assigned alike in both arms", f"p = {format_number(found.ratio_p)}"),
        ("stop", plan.stop or "the plan does not say"),
        ("looks", LOOKS.get(plan.looks, plan.looks) or "the plan does not say"),
        ("SHA-256 of the plan", plan.sha256),
    )
    return [{"the plan in force": what, "says": words} for what, words in rows]


def plan_cautions(course: Course) -> list[str]:
    """Returns what a reader must know of a plan before believing what was measured under it."""
    plan, found = course.plan, course.found
    said = []
    if course.outside:
        said.append(
            f"{format_count(course.outside)} of {format_count(course.n, 'iteration')} with a recorded arm were not "
            "done under the plan in force, so the arms are compared as they are found and not as it drew them"
        )
    if not plan.is_whole:
        said.append("the plan was changed after it was put into force: it does not match its hash")
    if not found.is_complete and plan.looks != "daily":
        said.append(
            f"the plan says to look once, at its end, and {format_count(found.remaining, 'iteration')} of it are still "
            "to come: until then only the interval for many looks holds"
        )
    if found.is_off:
        said.append("the arms do not end equally often: what is left cannot be compared as if it were randomised")
    if found.crossed_over:
        said.append(f"{format_count(found.crossed_over, 'iteration')} recorded in another arm than assigned")
    if found.double:
        said.append(f"{format_count(found.double, 'slot')} given out twice: the home's file system knows no locks")
    return said


def _arm(arm: ArmCount) -> str:
    return f"{arm.assigned:,} assigned, {arm.begun:,} begun, {arm.finished:,} finished"
