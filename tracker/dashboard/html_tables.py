"""Tables as one piece of HTML each.

Streamlit's own table reads each cell as Markdown on its own, folded away or not, which costs a browser milliseconds a
cell: a tenth of what a page takes.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

# Said once by the router. Half-transparent, so that it stands on light and on dark.
STYLE = """
.text-table {overflow-x: auto; border: 1px solid rgb(128 128 128 / 0.3); border-radius: 0.25rem; font-size: 0.875rem}
.text-table table {border-collapse: collapse; min-width: 100%}
.text-table th, .text-table td {padding: 0.25rem 0.5rem; text-align: left; max-width: 24rem;
  border: 0 solid rgb(128 128 128 / 0.3); border-width: 0 1px 1px 0; overflow-wrap: break-word}
.text-table th {font-weight: 400; opacity: 0.7}
.text-table tr > :last-child {border-right-width: 0}
.text-table tbody tr:last-child > * {border-bottom-width: 0}
@media (max-width: 40rem) {.text-table th, .text-table td {min-width: 6.5rem}}
"""


def render(rows: Sequence[Mapping[str, Any]]) -> str:
    """Returns rows of text as a table; what people typed stays what they typed."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    head = "".join(f'<th scope="col">{escape(str(column))}</th>' for column in columns)
    body = "".join(f"<tr>{_cells([row.get(column, '') for column in columns])}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="text-table">{table}</div>'


def _cells(cells: Sequence[Any]) -> str:
    return "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
