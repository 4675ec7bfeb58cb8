"""What a report says of forecasts: all of them, those that never landed too, and how those that did came out."""

from dataclasses import asdict

from tracker.reporting import plan_charts, plan_rows, text
from tracker.reporting.document import Figure, Section, table_of_cells, titled
from tracker.reporting.findings import Findings
from tracker.reporting.ledger import ledger_rows, score_ledger
from tracker.speedup import NotEstimable

HEADING = "Was it said before, and was that right?"


def forecasts(findings: Findings) -> Section:
    """The ledger, and its scores."""
    board = score_ledger(findings.forecasts, findings.request.level)
    rows = ledger_rows(findings.forecasts)
    ledger = (
        [table_of_cells("The ledger.", plan_rows.ledger_table(rows), [asdict(row) for row in rows])] if rows else []
    )
    if isinstance(board, NotEstimable):
        reason = text.format_reason(board)
        return Section(name="forecasts", heading=HEADING, sentences=(reason,), tables=tuple(ledger))
    chart = plan_charts.calibration(plan_rows.calibration_rows(board), title=plan_rows.board_sentence(board))
    scores = table_of_cells(
        "Forecasts against “no change” and Amdahl's law.",
        plan_rows.board_table(board),
        [{"board": asdict(board)} if number == 0 else {} for number in range(len(plan_rows.board_table(board)))],
    )
    return Section(
        name="forecasts",
        heading=HEADING,
        sentences=("Each was sealed with its hash before its tool landed; none can be taken back.",),
        figures=(titled(Figure("calibration", "", chart)),),
        tables=(scores, *ledger),
        points=tuple(f"caution: {caution}" for caution in board.cautions),
    )
