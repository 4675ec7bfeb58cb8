"""The tables of a page, folded away or not, read out of its HTML as a browser would."""

from html.parser import HTMLParser

import pandas as pd


class Tables(HTMLParser):
    """The tables of a piece of HTML, as rows of text, the heading first."""

    def __init__(self, page):
        super().__init__()
        self.found, self.cell = [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.found.append([])
        elif tag == "tr":
            self.found[-1].append([])
        elif tag in ("td", "th"):
            self.cell = ""

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.found[-1][-1].append(self.cell)
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data


def rows_of(test):
    """Every table of a page that AppTest has run, as rows of text, the heading first."""
    return [table for piece in test.get("html") for table in Tables(piece.proto.body).found]


def tables_of(test):
    """The same as data frames of text."""
    return [pd.DataFrame(rows, columns=heading) for heading, *rows in rows_of(test)]


def cells_of(test):
    """All that stands in them."""
    return [cell for table in rows_of(test) for row in table for cell in row]


def with_column(test, column):
    """The first table that has a column of that name."""
    return next(table for table in tables_of(test) if column in table.columns)
