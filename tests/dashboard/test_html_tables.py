"""Tables of a page: every cell as it was typed."""

from tracker.dashboard.html_tables import render


def test_rows_stand_under_the_columns_of_all_of_them():
    """A row that lacks a column has an empty cell there."""
    html = render([{"k": "2", "n": "5"}, {"k": "3"}])
    assert '<tr><th scope="col">k</th><th scope="col">n</th></tr>' in html
    assert "<tr><td>2</td><td>5</td></tr><tr><td>3</td><td></td></tr>" in html


def test_a_name_that_is_html_is_shown_as_its_characters():
    """In a cell and in a heading."""
    html = render([{"<b>": "<img src=x onerror=alert(1)> & \"'"}])
    assert "<b>" not in html
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; &quot;&#x27;" in html
