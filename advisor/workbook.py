"""Excel: a template to fill in, and a report of a batch that a manager can read. No cell is ever a formula of a user's text."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from advisor.answers import SEPARATOR, expand_rules
from advisor.report import tool_version
from advisor.rules import STRENGTHS
from advisor.wording import option_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import xlsxwriter

    from advisor.answers import Judge
    from advisor.catalog import Catalog, Fact
    from advisor.verdict import Ladder, Option

MOST_ROWS = 1_000_000  # a sheet has 1,048,576

_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - workbooks know no time zone; a fixed date makes two runs the same file
_TEMPLATE_ROWS = 1_000
_REASONS = 3
_TITLES = {
    "decided": "",
    "tie": "Tie",
    "nothing_needed": "Nothing needed, or not known yet",
    "outside": "Outside all three roles",
    "contradictory": "Contradictory",
    "ruled_out": "All ruled out",
}
_COLUMNS = (
    ("Row", 6),
    ("Brief", 28),
    ("Recommendation", 18),
    ("How sure", 12),
    ("Decided by", 13),
    ("Runner-up", 14),
    ("Reason 1", 48),
    ("Reason 2", 48),
    ("Reason 3", 48),
    ("Gaps", 40),
    ("Next steps", 60),
)


def write_report(path: Path, parts: Iterable[Path], judge: Judge, verdicts: Mapping[str, int]) -> None:
    """Write the answers of a batch as a workbook: a summary with a chart, one row for each brief, and all answers."""
    answers = pl.concat([pl.read_parquet(part) for part in parts])
    with _workbook(path) as book:
        header = book.add_format({"bold": True, "bg_color": "#1F3864", "font_color": "white", "text_wrap": True, "valign": "top"})
        body = book.add_format({"text_wrap": True, "valign": "top"})
        summary, sheet, details = (book.add_worksheet(name) for name in ("Summary", "Briefs", "Answers"))
        _write_summary(book, summary, judge, verdicts)
        _write_rows(sheet, [name for name, _ in _COLUMNS], _told(answers, judge), (header, body))
        for i, (_, width) in enumerate(_COLUMNS):
            sheet.set_column(i, i, width)
        _write_rows(details, answers.columns, answers.iter_rows(), (header, None))
        details.set_column(0, len(answers.columns) - 1, 20)


def _workbook(path: Path | io.BytesIO) -> xlsxwriter.Workbook:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(path if isinstance(path, io.BytesIO) else str(path), options)
    book.set_properties({"title": "Outsourcing advice", "created": _MADE})
    return book


def _write_summary(book: xlsxwriter.Workbook, sheet: Any, judge: Judge, verdicts: Mapping[str, int]) -> None:  # noqa: ANN401 - untyped library
    catalog, view = judge.knowledge.catalog, judge.views[0]
    title, bold = book.add_format({"bold": True, "font_size": 16}), book.add_format({"bold": True, "bottom": 1})
    sheet.write_string(0, 0, "Outsourcing advice", title)
    sheet.write_string(1, 0, f"{sum(verdicts.values())} briefs, {catalog.views[view].title.lower()}")
    sheet.write_string(2, 0, f"advisor {tool_version()}, knowledge {judge.knowledge.version}, sha256 {judge.knowledge.sha256[:16]}")
    sheet.write_row(4, 0, ["Verdict", "Briefs"], bold)
    counts = sorted(((_verdict_title(kind, catalog), n) for kind, n in verdicts.items()), key=lambda pair: (-pair[1], pair[0]))
    for i, (name, count) in enumerate(counts, start=5):
        sheet.write_string(i, 0, name)
        sheet.write_number(i, 1, count)
    sheet.set_column(0, 0, 28)
    sheet.hide_gridlines(2)
    if counts:
        chart = book.add_chart({"type": "bar"})
        last = 4 + len(counts)
        series = {"categories": ["Summary", 5, 0, last, 0], "values": ["Summary", 5, 1, last, 1]}
        chart.add_series(series | {"data_labels": {"value": True}, "fill": {"color": "#1F3864"}, "gap": 60})
        chart.set_title({"name": "Briefs by verdict", "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        chart.set_x_axis({"major_gridlines": {"visible": False}, "visible": False})
        chart.set_y_axis({"reverse": True})
        sheet.insert_chart(4, 3, chart, {"x_scale": 1.2, "y_scale": 1.1})


def _verdict_title(kind: str, catalog: Catalog) -> str:
    return _TITLES[kind] if kind in _TITLES else option_name(tuple(kind.split("+")), catalog)


def _write_rows(sheet: Any, headings: Iterable[str], rows: Iterable[tuple[Any, ...]], formats: tuple[Any, Any]) -> None:  # noqa: ANN401
    """Write a table with a frozen heading and filters."""
    names = list(headings)
    header, body = formats
    sheet.write_row(0, 0, names, header)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(last, column, value[:32_000], body)  # a cell holds 32,767 characters
            elif value is not None:
                sheet.write(last, column, value, body)
    sheet.freeze_panes(1, min(2, len(names) - 1))
    sheet.autofilter(0, 0, last, len(names) - 1)


# --- one brief, told --------------------------------------------------------------------------------------------------


def _told(answers: pl.DataFrame, judge: Judge) -> Iterator[tuple[Any, ...]]:
    """Yield for each brief what a manager reads."""
    view = judge.views[0]
    telling = _Telling(judge, view)
    for row in answers.iter_rows(named=True):
        told = {name.removeprefix(f"{view}_"): value for name, value in row.items()}
        yield telling.row(told)


class _Telling:
    """Tells answers in words, by the knowledge they were made with."""

    def __init__(self, judge: Judge, view: str) -> None:
        self._catalog = judge.knowledge.catalog
        self._ladder: Ladder = judge.knowledge.ladders[view]
        self._ids = judge.evaluators[view].rule_ids
        self._index = {name: i for i, name in enumerate(self._ids)}

    def row(self, told: Mapping[str, Any]) -> tuple[Any, ...]:
        catalog = self._catalog
        fired = expand_rules(told["fired"], self._ids)
        if told["recommendation"]:
            headline = option_name(tuple(told["recommendation"].split("+")), catalog)
        else:
            unknown = told["status"] == "nothing_needed" and told["certainty"] == "open"
            headline = "Needs not known yet" if unknown else _TITLES[told["status"]].partition(",")[0]
            if told["tied"]:
                headline += ": " + " or ".join(option_name(tuple(o.split("+")), catalog) for o in told["tied"].split(SEPARATOR))
        runner_up = option_name(tuple(told["runner_up"].split("+")), catalog) if told["runner_up"] else ""
        reasons = list(self._reasons(told, fired))[:_REASONS]
        reasons += [""] * (_REASONS - len(reasons))
        grade = told["grade"].replace("_", " ")
        return (
            told["row"],
            told["name"],
            headline,
            told["certainty"],
            grade,
            runner_up,
            *reasons,
            self._gaps(told),
            self._next(told, fired),
        )

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
        gaps = [f"not covered by the partner: {functions[name].name}" for name in told["uncovered"].split(SEPARATOR) if name]
        gaps += [f"{functions[n].name}: {functions[n].others or 'outside all three roles'}" for n in told["outside"].split(SEPARATOR) if n]
        return "\n".join(gaps)

    def _next(self, told: Mapping[str, Any], fired: Iterable[str]) -> str:
        """Return agreements and next steps, as `Verdict.duties` finds them for one brief."""
        catalog = self._catalog
        options = [told["recommendation"], *told["tied"].split(SEPARATOR)]
        roles = {role for option in options if option for role in option.split("+")}
        if not roles:
            return ""
        rules = self._ladder.program.rules
        required = {e.target for name in fired for e in rules[self._index[name]].rule.then if e.kind == "require"}
        work = {tag for name in told["needs"].split(SEPARATOR) if name for tag in catalog.functions[name].work}
        owed = [
            duty
            for key, duty in catalog.duties.items()
            if key in required or (roles & set(duty.roles) and (not duty.work or work & set(duty.work)))
        ]
        agreements = "; ".join(duty.title for duty in owed if duty.kind == "agreement")
        steps = [f"Agree in writing: {agreements}"] if agreements else []
        return "\n".join([*steps, *(duty.title for duty in owed if duty.kind == "next_step")])


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
        header = book.add_format({"bold": True, "bg_color": "#1F3864", "font_color": "white", "text_wrap": True, "valign": "top"})
        sheet, words, lists = (book.add_worksheet(name) for name in ("briefs", "functions", "values"))
        for i, (name, note, fact) in enumerate(_template_columns(catalog)):
            sheet.write_string(0, i, name, header)
            sheet.write_comment(0, i, note, {"x_scale": 2.5, "y_scale": 2})
            if fact is not None:
                _restrict(sheet, lists, i, (name, fact), catalog)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 3, 44)
        sheet.set_column(4, 4 + len(catalog.facts), 18)
        sheet.freeze_panes(1, 1)
        rows = ((name, entry.name, "; ".join(entry.phrases), entry.summary) for name, entry in catalog.functions.items())
        _write_rows(words, ["id", "name", "also understood", "what it is"], rows, (header, None))
        for i, width in enumerate((34, 40, 60, 80)):
            words.set_column(i, i, width)
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


def _restrict(sheet: Any, lists: Any, column: int, entry: tuple[str, Fact], catalog: Catalog) -> None:  # noqa: ANN401
    """Give a column a drop-down, or the limits of a number; sets take several values, so theirs is only a help."""
    name, fact = entry
    cells = (1, column, _TEMPLATE_ROWS, column)
    if fact.type == "integer":
        text = f"a whole number of {fact.unit or 'units'} from {fact.minimum} to {fact.maximum}, or unknown"
        limits = {"validate": "integer", "criteria": "between", "minimum": fact.minimum, "maximum": fact.maximum}
        sheet.data_validation(*cells, limits | {"error_type": "warning", "error_title": name, "error_message": text})
        return
    values = ["yes", "no", "unknown"] if fact.type == "bool" else [*catalog.terms(name), "unknown"]
    lists.write_string(0, column, name)
    lists.write_column(1, column, values)
    from xlsxwriter.utility import xl_col_to_name

    letter = xl_col_to_name(column)
    source = f"=values!${letter}$2:${letter}${len(values) + 1}"
    error = {"error_title": name[:32], "error_message": "Not one of the values of this column."}
    sheet.data_validation(
        *cells, {"validate": "list", "source": source, "error_type": "information" if fact.type == "set" else "stop"} | error
    )
