"""Excel: a template to fill in, and a report of a batch that a manager can read. No cell is ever a formula of a user's text."""

from __future__ import annotations

import csv
import io
import textwrap
from dataclasses import astuple
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from advisor.answers import SEPARATOR, expand_rules
from advisor.report import GRADE_WORDS, tool_version
from advisor.rules import STRENGTHS
from advisor.wording import kind_name, option_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import xlsxwriter

    from advisor.answers import Judge
    from advisor.catalog import Catalog, Fact
    from advisor.tables import Reject
    from advisor.verdict import Ladder, Option

MOST_ROWS = 1_000_000  # a sheet has 1,048,576

_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - workbooks know no time zone; a fixed date makes two runs the same file
_TEMPLATE_ROWS = 1_000
_REASONS = 3
_INK = "#1F3864"
_LINE, _MOST_POINTS = 15, 409  # the height of a line, and the greatest of a row
_CHART_LINES = 3  # rows of the sheet for each bar
_CERTAINTIES = {
    "settled": "Settled: no answer that is still open can change it",
    "provisional": "Provisional: an answer that is still open could change it",
    "open": "Open: nothing can be recommended yet",
}


def write_report(path: Path, parts: Iterable[Path], judge: Judge, verdicts: Mapping[str, int], rejects: Sequence[Reject] = ()) -> None:
    """Write the answers of a batch as a workbook: a summary with a chart, a row for each brief, what was rejected, and all answers."""
    answers = pl.concat([pl.read_parquet(part) for part in parts])
    with _workbook(path) as book:
        header, body = (
            _header(book),
            book.add_format({"text_wrap": True, "align": "left", "valign": "top", "bottom": 4, "bottom_color": "#A6A6A6"}),
        )
        names = ["Summary", "Briefs", *(["Rejected"] if rejects else []), "Answers"]
        sheets = {name: _sheet(book, name) for name in names}
        _write_summary(book, sheets["Summary"], judge, verdicts, len({reject.row for reject in rejects}))
        _write_rows(sheets["Briefs"], _columns(judge), _told(answers, judge), (header, body))
        if rejects:
            _write_rows(sheets["Rejected"], _REJECTS, (astuple(reject) for reject in rejects), (header, body))
        _write_rows(sheets["Answers"], [(name, 20) for name in answers.columns], answers.iter_rows(), (header, None))


def _columns(judge: Judge) -> list[tuple[str, int]]:
    """Return the headings of the sheet for managers, with their widths: together they fit on a page across."""
    other = [(judge.knowledge.catalog.views[view].title, 13) for view in judge.views[1:]]
    told = [("Row", 6), ("Brief", 20), ("Needs", 26), ("Recommendation", 16), *other, ("How sure", 10), ("How firm", 10)]
    return [*told, ("Runner-up", 12), ("Reasons", 40), ("Gaps", 27), ("Next steps", 33), ("Agreements", 34)]


_REJECTS = (("Row", 6), ("Where", 16), ("What is there", 40), ("What is wrong", 60), ("What to do", 50))


def _workbook(path: Path | io.BytesIO) -> xlsxwriter.Workbook:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(path if isinstance(path, io.BytesIO) else str(path), options)
    book.set_properties({"title": "Outsourcing advice", "created": _MADE})
    return book


def _header(book: xlsxwriter.Workbook) -> Any:  # noqa: ANN401 - untyped library
    return book.add_format({"bold": True, "bg_color": _INK, "font_color": "white", "text_wrap": True, "valign": "top"})


def _sheet(book: xlsxwriter.Workbook, name: str, *, pages_wide: int = 1) -> Any:  # noqa: ANN401 - untyped library
    """Return a new sheet that prints on A4 across, made to fit so many pages."""
    sheet = book.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(pages_wide, 0)
    sheet.set_footer("&L&A&RPage &P of &N")
    return sheet


def _write_summary(book: xlsxwriter.Workbook, sheet: Any, judge: Judge, verdicts: Mapping[str, int], rejected: int) -> None:  # noqa: ANN401
    catalog, view = judge.knowledge.catalog, judge.views[0]
    title, bold = book.add_format({"bold": True, "font_size": 16}), book.add_format({"bold": True, "bottom": 1})
    sheet.write_string(0, 0, "Outsourcing advice", title)
    more = f"; {rejected} {'row' if rejected == 1 else 'rows'} could not be judged, see the sheet Rejected" if rejected else ""
    sheet.write_string(1, 0, f"{sum(verdicts.values())} briefs, {catalog.views[view].title.lower()}{more}")
    sheet.write_row(3, 0, ["Verdict", "Briefs"], bold)
    names = {kind: kind_name(kind, catalog) for kind in verdicts}
    counts = sorted(((name[:1].upper() + name[1:], verdicts[kind]) for kind, name in names.items()), key=lambda pair: (-pair[1], pair[0]))
    for i, (name, count) in enumerate(counts, start=4):
        sheet.write_string(i, 0, name)
        sheet.write_number(i, 1, count)
    sheet.set_column(0, 0, 38)
    sheet.hide_gridlines(2)
    if counts:
        sheet.insert_chart(3, 3, _chart(book, len(counts)))
    below = 4 + max(len(counts), _CHART_LINES * len(counts) + 3) + 1
    used = f"advisor {tool_version()}, knowledge {judge.knowledge.version}, sha256 {judge.knowledge.sha256[:16]}"
    sheet.write_string(below, 0, "How sure, and how firm", bold)
    for i, line in enumerate([*_CERTAINTIES.values(), "", *GRADE_WORDS.values(), "", used], start=below + 1):
        sheet.write_string(i, 0, line)


def _chart(book: xlsxwriter.Workbook, bars: int) -> Any:  # noqa: ANN401 - untyped library
    """Return a bar for each verdict, in the order of the table."""
    chart = book.add_chart({"type": "bar"})
    series = {"categories": ["Summary", 4, 0, 3 + bars, 0], "values": ["Summary", 4, 1, 3 + bars, 1]}
    chart.add_series(series | {"data_labels": {"value": True}, "fill": {"color": _INK}, "gap": 60})
    chart.set_title({"name": "Briefs by verdict", "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"major_gridlines": {"visible": False}, "visible": False, "min": 0})
    chart.set_y_axis({"reverse": True})
    chart.set_size({"width": 620, "height": 20 * (_CHART_LINES * bars + 3)})
    return chart


def _write_rows(sheet: Any, columns: Sequence[tuple[str, int]], rows: Iterable[tuple[Any, ...]], formats: tuple[Any, Any]) -> None:  # noqa: ANN401
    """Write a table with widths, a frozen heading and filters; where cells wrap, rows are as high as what is in them."""
    header, body = formats
    sheet.write_row(0, 0, [name for name, _ in columns], header)
    for i, (_, width) in enumerate(columns):
        sheet.set_column(i, i, width)
    last = 0
    for last, row in enumerate(rows, start=1):
        if body is not None:
            sheet.set_row(last, _height(row, columns))
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(last, column, value[:32_000], body)  # a cell holds 32,767 characters
            elif value is not None:
                sheet.write(last, column, value, body)
    sheet.freeze_panes(1, min(2, len(columns) - 1))
    sheet.autofilter(0, 0, last, len(columns) - 1)
    sheet.repeat_rows(0)


def _height(row: tuple[Any, ...], columns: Sequence[tuple[str, int]]) -> int:
    """Return the height that a row needs, in points: not every spreadsheet works it out when it opens a file."""
    texts = ((value, width) for value, (_, width) in zip(row, columns, strict=True) if isinstance(value, str))
    lines = (sum(len(textwrap.wrap(line, width)) or 1 for line in text.split("\n")) for text, width in texts)
    return min(_LINE * max(lines, default=1) + 3, _MOST_POINTS)


# --- one brief, told --------------------------------------------------------------------------------------------------


def _told(answers: pl.DataFrame, judge: Judge) -> Iterator[tuple[Any, ...]]:
    """Yield for each brief what a manager reads."""
    tellings = {view: _Telling(judge, view) for view in judge.views}
    for row in answers.iter_rows(named=True):
        told = {view: {key.removeprefix(f"{view}_"): value for key, value in row.items()} for view in judge.views}
        first, *others = judge.views
        headlines = [tellings[view].headline(told[view]) for view in others]
        yield row["row"], row["name"], tellings[first].needs(told[first]), *tellings[first].verdict(told[first], headlines)


class _Telling:
    """Tells answers in words, by the knowledge they were made with."""

    def __init__(self, judge: Judge, view: str) -> None:
        self._catalog = judge.knowledge.catalog
        self._ladder: Ladder = judge.knowledge.ladders[view]
        self._ids = judge.evaluators[view].rule_ids
        self._index = {name: i for i, name in enumerate(self._ids)}

    def headline(self, told: Mapping[str, Any]) -> str:
        catalog, status = self._catalog, told["status"]
        if told["recommendation"]:
            return option_name(tuple(told["recommendation"].split("+")), catalog)
        if told["tied"]:
            return "Tie: " + " or ".join(option_name(tuple(option.split("+")), catalog) for option in told["tied"].split(SEPARATOR))
        name = kind_name("needs_unknown" if status == "nothing_needed" and told["certainty"] == "open" else status, catalog)
        return name[:1].upper() + name[1:]

    def needs(self, told: Mapping[str, Any]) -> str:
        names = {name: self._catalog.functions[name].name for name in told["needs"].split(SEPARATOR) if name}
        implied = told["implied"].split(SEPARATOR)
        return "\n".join(f"{name} (implied)" if key in implied else name for key, name in names.items())

    def verdict(self, told: Mapping[str, Any], headlines: Sequence[str]) -> tuple[str, ...]:
        fired = expand_rules(told["fired"], self._ids)
        runner_up = option_name(tuple(told["runner_up"].split("+")), self._catalog) if told["runner_up"] else ""
        reasons = list(self._reasons(told, fired))[:_REASONS]
        numbered = "\n".join(f"{i}. {reason}" for i, reason in enumerate(reasons, start=1)) if len(reasons) > 1 else "".join(reasons)
        sure = (told["certainty"], told["grade"].replace("_", " "))
        return self.headline(told), *headlines, *sure, runner_up, numbered, self._gaps(told), *self._owed(told, fired)

    def _reasons(self, told: Mapping[str, Any], fired: Iterable[str]) -> Iterator[str]:
        """Yield what speaks for the recommendation against the runner-up, the deciding rung first; then what it covers."""
        rules = [(self._index[name], self._ladder.program.rules[self._index[name]].rule) for name in fired]
        if not told["recommendation"]:
            yield from (rule.because for i, rule in rules if self._ladder.effects[i].contradicts or self._ladder.effects[i].rules_out)
            return
        best = tuple(told["recommendation"].split("+"))
        second = tuple(told["runner_up"].split("+")) if told["runner_up"] else ()
        found: list[tuple[bool, int, str, str]] = []
        for i, rule in rules:
            for weight in self._ladder.effects[i].weights:
                lead = int(weight.bears_on(best)) - int(bool(second) and weight.bears_on(second))
                if lead * (1 if weight.side == "for" else -1) > 0:
                    found.append((STRENGTHS[weight.strength] != told["decided_at"], weight.strength, rule.id, rule.because))
        found += [(STRENGTHS[s] != told["decided_at"], s, f"~{key}", why) for key, s, why in self._built_in(best, second)]
        yield from dict.fromkeys(because for *_, because in sorted(found))
        covered = [
            name
            for name in told["needs"].split(SEPARATOR)
            if name and name not in f"{told['uncovered']};{told['outside']}".split(SEPARATOR)
        ]
        if covered:
            yield "Covers " + ", ".join(self._catalog.functions[name].name for name in covered) + "."

    def _built_in(self, best: Option, second: Option) -> Iterator[tuple[str, int, str]]:
        """Yield the ladder's own reasons that put the runner-up behind."""
        built_in = self._catalog.built_in
        if len(second) > len(best):
            yield "second_partner", self._ladder.second_partner, built_in["second_partner"].because
        if second and self._ladder.breadth[second] > self._ladder.breadth[best]:
            yield "unused_breadth", self._ladder.unused_breadth, built_in["unused_breadth"].because

    def _gaps(self, told: Mapping[str, Any]) -> str:
        functions = self._catalog.functions
        gaps = [f"{functions[name].name}: not by the recommended kind" for name in told["uncovered"].split(SEPARATOR) if name]
        outside = [functions[name] for name in told["outside"].split(SEPARATOR) if name]
        gaps += [f"{entry.name}: outside all three roles{f'; done by {entry.others}' if entry.others else ''}" for entry in outside]
        return "\n".join(gaps)

    def _owed(self, told: Mapping[str, Any], fired: Iterable[str]) -> tuple[str, str]:
        """Return next steps and agreements, as `Verdict.duties` finds them for one brief."""
        catalog = self._catalog
        options = [told["recommendation"], *told["tied"].split(SEPARATOR)]
        roles = {role for option in options if option for role in option.split("+")}
        if not roles:
            return "", ""
        rules = self._ladder.program.rules
        required = {e.target for name in fired for e in rules[self._index[name]].rule.then if e.kind == "require"}
        work = {tag for name in told["needs"].split(SEPARATOR) if name for tag in catalog.functions[name].work}
        owed = [
            duty
            for key, duty in catalog.duties.items()
            if key in required or (roles & set(duty.roles) and (not duty.work or work & set(duty.work)))
        ]
        titles = {kind: [duty.title for duty in owed if duty.kind == kind] for kind in ("next_step", "agreement")}
        return "\n".join(titles["next_step"]), "; ".join(titles["agreement"])


# --- the template -----------------------------------------------------------------------------------------------------


def csv_template(catalog: Catalog) -> bytes:
    """Return a heading with a column for everything a brief may say."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([name for name, _, _ in _template_columns(catalog)])
    return text.getvalue().encode("utf-8-sig")


def xlsx_template(catalog: Catalog) -> bytes:
    """Return a workbook to fill in: drop-downs with the allowed values, and a note on every column."""
    data = io.BytesIO()
    with _workbook(data) as book:
        header, body = _header(book), book.add_format({"text_wrap": True, "valign": "top"})
        sheet, words, lists = (_sheet(book, name, pages_wide=pages) for name, pages in (("briefs", 8), ("functions", 1), ("values", 8)))
        sheet.set_row(0, 3 * _LINE + 3)
        sheet.repeat_rows(0)
        sheet.repeat_columns(0)
        for i, (name, note, fact) in enumerate(_template_columns(catalog)):
            sheet.write_string(0, i, _heading(name, fact), header)
            sheet.write_comment(0, i, note, {"x_scale": 2.5, "y_scale": 2})
            if fact is not None:
                _restrict(sheet, lists, i, (name, fact), catalog)
        sheet.set_column(0, 0, 28, body)
        sheet.set_column(1, 3, 44, body)
        sheet.set_column(4, 4 + len(catalog.facts), 18, body)
        sheet.freeze_panes(1, 1)
        rows = ((entry.name, entry.summary, "; ".join(entry.phrases), name) for name, entry in catalog.functions.items())
        _write_rows(words, [("name", 36), ("what it is", 60), ("also understood", 60), ("id", 34)], rows, (header, body))
        lists.hide()
    return data.getvalue()


def _template_columns(catalog: Catalog) -> Iterator[tuple[str, str, Fact | None]]:
    """Yield each column with its note and, if it is one, its fact."""
    yield "name", "What to call this brief in the answers.", None
    functions = "Ids, names or phrases from the sheet `functions`, separated by ;"
    yield "needs", f"Must-haves. {functions}. Empty or unknown: not known yet. none: nothing is needed.", None
    yield "wishes", f"Nice to have. {functions}.", None
    yield "in_house", f"What you do yourselves, or somebody already does for you. {functions}.", None
    for name, fact in sorted(catalog.facts.items(), key=lambda item: (item[1].order, item[0])):
        many = " Several, separated by ; are possible; none means none." if fact.type == "set" else ""
        yield name, f"{fact.question}\n{fact.help}{many}\nEmpty or unknown: not known.", fact


def _heading(name: str, fact: Fact | None) -> str:
    """Return a column's heading for people; it is understood as well as its id."""
    return fact.label if fact else name.replace("_", " ").capitalize()


def _restrict(sheet: Any, lists: Any, column: int, entry: tuple[str, Fact], catalog: Catalog) -> None:  # noqa: ANN401
    """Give a column a drop-down, or the limits of a number; sets take several values, so theirs is only a help."""
    name, fact = entry
    cells = (1, column, _TEMPLATE_ROWS, column)
    if fact.type == "integer":
        text = f"a whole number of {fact.unit or 'units'} from {fact.minimum} to {fact.maximum}, or unknown"
        limits = {"validate": "integer", "criteria": "between", "minimum": fact.minimum, "maximum": fact.maximum}
        sheet.data_validation(*cells, limits | {"error_type": "warning", "error_title": _heading(name, fact)[:32], "error_message": text})
        return
    terms = [term.label if SEPARATOR not in term.label else key for key, term in catalog.terms(name).items()]
    values = ["yes", "no", "unknown"] if fact.type == "bool" else [*terms, "unknown"]
    lists.write_string(0, column, name)
    lists.write_column(1, column, values)
    from xlsxwriter.utility import xl_col_to_name

    letter = xl_col_to_name(column)
    source = f"=values!${letter}$2:${letter}${len(values) + 1}"
    error = {"error_title": _heading(name, fact)[:32], "error_message": "Not one of the values of this column."}
    sheet.data_validation(
        *cells, {"validate": "list", "source": source, "error_type": "information" if fact.type == "set" else "stop"} | error
    )
