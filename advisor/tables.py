"""A table of briefs, checked column by column against the catalog: codes for the evaluator, and rejects for the user.

A cell says what a brief file would say in its place, by id, by label or by phrase. Empty and `unknown` mean not known.
Whole columns are looked up at once; only spellings met for the first time are looked at one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from advisor.brief import UNKNOWN, function_names, function_words, term_words
from advisor.brief import fold as folded
from advisor.brieftable import BriefTable, Members, without
from advisor.errors import BriefError, Issue, Place, suggest
from advisor.reading_stated import Stated
from advisor.rules import NEED_FACTS
from advisor.validation import describe
from advisor.yamlfile import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.catalog import Catalog, Fact
    from advisor.reading_stated import StatedReader, Understood

    Indexes = NDArray[np.uint16]

TEXTS = ("name", "description")

_ODD = 65_535  # a spelling not met before
_NOTHING = 65_534  # not known
_TRUE = ("true", "yes", "y", "1", "x")
_FALSE = ("false", "no", "n", "0")
_ROLES = {1: ("need", "needs", "must"), 2: ("wish", "wishes", "nice"), 3: ("in_house", "in house", "in-house")}
_MARKS = {**dict.fromkeys(_TRUE, 1), **dict.fromkeys(_FALSE, 0), **{word: mark for mark, words in _ROLES.items() for word in words}}
_NO_LIST = "[?]"  # what a cell becomes that is JSON, but no list of words
_LIMIT = 18  # digits of a number that is looked at


@dataclass(frozen=True, order=True, slots=True)
class Reject:
    """A cell that keeps its row from being judged; `column` is empty if it is the row as such."""

    row: int
    column: str
    value: str
    reason: str
    hint: str


class TableChecker:
    """Checks tables of briefs against one catalog."""

    def __init__(self, catalog: Catalog, reader: StatedReader | None = None) -> None:
        """Prepare the words that are understood; `reader` reads needs and facts in other words than the catalog's."""
        self.catalog = catalog
        self.reader = reader
        self.functions = function_words(catalog) if reader is None else function_names(catalog)  # a reader says what a phrase means

    @cached_property
    def headers(self) -> dict[str, str]:
        """The column that each heading stands for: ids, and the names of functions and labels of facts."""
        words = {fold(entry.name): name for name, entry in self.catalog.functions.items()}
        words |= {fold(entry.label): name for name, entry in self.catalog.facts.items()}
        known = (*NEED_FACTS, *TEXTS, *self.catalog.functions, *self.catalog.facts)
        return words | {fold(name.replace("_", " ")): name for name in known} | {name: name for name in known}

    def columns_of(self, headings: Sequence[str], place: str, keep: Iterable[str] = ()) -> list[str]:
        """Return the column that each heading stands for; those to keep stand for themselves.

        Raises:
            BriefError: with every heading that stands for none, or for one already taken.

        """
        kept, issues, found = set(keep), list[Issue](), list[str]()
        for i, heading in enumerate(headings):
            name = heading if heading in kept else self.headers.get(fold(heading), "")
            where = Place(f"{place}, column {i + 1}")
            if not name:
                hint = suggest(fold(heading), self.headers) or "`advisor facts` and `advisor functions` list them all"
                hint += "; `--keep` takes a column of your own along"
                issues.append(Issue(where, f"no brief has a column {describe(heading)}", hint))
            elif name in found:
                issues.append(Issue(where, f"a second column for '{name}'", "keep one of the two"))
            found.append(name)
        if "needs" not in found and not set(found) & self.catalog.functions.keys() and not issues:
            hint = "add a column `needs`, or one column for each function"
            issues.append(Issue(Place(place), "no column says what is needed", hint))
        if issues:
            raise BriefError(issues)
        return found

    def check(self, frame: pl.DataFrame, numbers: NDArray[np.int64], keep: Sequence[str] = ()) -> tuple[BriefTable, list[Reject]]:
        """Return the briefs of a frame whose columns are known, and a reject for every cell that is not sound.

        Args:
            frame: text columns, or columns of lists of text.
            numbers: of its rows.
            keep: columns to take along.

        """
        checking = _Checking(self, frame, numbers)
        lists = {name: checking.members(name, self.functions, tuple(self.catalog.functions), "function") for name in NEED_FACTS}
        checking.take_marks(lists)
        facts = {name: entry for name, entry in self.catalog.facts.items() if name in frame.columns}
        words = {n: checking.words(n, e) for n, e in facts.items() if e.type in {"enum", "bool"}}
        integers = {n: checking.integers(n, e) for n, e in facts.items() if e.type == "integer"}
        sets = {
            n: checking.members(n, term_words(self.catalog, n), tuple(self.catalog.terms(n)), "value")
            for n, e in facts.items()
            if e.type == "set"
        }
        checking.read_plain(lists, words, sets)
        checking.refuse_clashes(lists)
        lists["in_house"] = self._with_parts(lists)
        label = checking.texts("name")
        checking.texts("description")
        table = BriefTable(
            self.catalog, numbers, label, frame.select(keep), lists["needs"], lists["wishes"], lists["in_house"], words, integers, sets
        )
        return (without(table, checking.bad) if checking.bad.any() else table), checking.rejects

    def _with_parts(self, lists: Mapping[str, Members]) -> Members:
        """Return what is in house; an umbrella takes along everything under it that is not asked for."""
        in_house = lists["in_house"]
        holds = in_house.holds.copy()
        asked = lists["needs"].holds | lists["wishes"].holds
        for i, umbrella in enumerate(in_house.names):
            if in_house.holds[i].any():
                for part in self.catalog.under(umbrella):
                    j = in_house.names.index(part)
                    holds[j] |= in_house.holds[i] & ~asked[j]
        return Members(in_house.names, holds, in_house.known)


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of a cell that stands for nothing: `{}` is the cell; a close word of those allowed is the hint, or `hint`; `also` ends both."""

    reason: str
    allowed: Sequence[str]
    hint: str
    also: str = ""


class _Checking:
    """One frame being checked."""

    def __init__(self, checker: TableChecker, frame: pl.DataFrame, numbers: NDArray[np.int64]) -> None:
        self._catalog = checker.catalog
        self._checker = checker
        self._frame = frame
        self._numbers = numbers
        self.rejects: list[Reject] = []
        self.bad = np.zeros(len(frame), np.bool_)
        self._plain: dict[int, dict[str, list[str]]] = {}  # by row and column: what is in other words than the catalog's

    def texts(self, name: str) -> pl.Series:
        """Return a column of free text, empty where there is none."""
        if name not in self._frame.columns:
            return pl.Series(name, [""], pl.String).new_from_index(0, len(self._frame))
        column = self._frame[name].fill_null("").str.strip_chars()
        longest = 4000
        for row in np.flatnonzero((column.str.len_chars() > longest).to_numpy()):
            self._reject(int(row), name, column[int(row)][:60], f"longer than {longest} characters", "shorten it")
        return column

    def words(self, name: str, fact: Fact) -> tuple[tuple[object, ...], Indexes]:
        """Return a column of single values, as indexes into the values of its fact."""
        values: tuple[object, ...] = (False, True) if fact.type == "bool" else tuple(self._catalog.terms(name))
        if fact.type == "bool":
            known = {**dict.fromkeys(_FALSE, 0), **dict.fromkeys(_TRUE, 1)}
            reason, hint = f"'{name}' is true or false, not {{}}", "write true, false or unknown"
        else:
            index = {value: i for i, value in enumerate(values)}
            known = {word: index[term] for word, term in term_words(self._catalog, name).items()}
            reason, hint = f"{{}} is not a value of '{name}'", f"`advisor facts {name}` lists them all"
        indexes = self._looked_up(self._frame[name], {**known, UNKNOWN: _NOTHING, "": _NOTHING})
        if fact.type == "enum":
            indexes = self._keep_plain(name, self._frame[name], indexes)
        allowed = [] if fact.type == "bool" else [str(value) for value in values]
        self._refuse_odd(name, self._frame[name], indexes, _Said(reason, allowed, hint))
        return values, indexes

    def integers(self, name: str, fact: Fact) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return a column of whole numbers."""
        text = self._frame[name].fill_null("").str.strip_chars()
        low, high = fact.minimum or 0, fact.maximum or 0
        whole = text.str.contains(rf"^[+-]?[0-9]{{1,{_LIMIT}}}$")
        numbers = text.set(~whole, None).cast(pl.Int64, strict=False)
        known = numbers.is_between(low, high).fill_null(value=False).to_numpy()
        silent = (text.str.to_lowercase().is_in(["", UNKNOWN])).to_numpy()
        for row in np.flatnonzero(~known & ~silent):
            what = f"'{name}' is a whole number of {fact.unit or 'units'} from {low} to {high}, not {describe(text[int(row)])}"
            self._reject(int(row), name, text[int(row)], what, "write digits only, or unknown")
        return numbers.fill_null(low).to_numpy(), known

    def members(self, name: str, words: Mapping[str, str], names: tuple[str, ...], kind: str) -> Members:
        """Return a column of lists."""
        rows = len(self._frame)
        holds = np.zeros((len(names), rows), np.bool_)
        if name not in self._frame.columns:
            return Members(names, holds, np.zeros(rows, np.bool_))
        lists = _as_lists(self._frame[name])
        known = lists.is_not_null().to_numpy()
        lengths = lists.list.len().fill_null(0).to_numpy()
        owners = np.repeat(np.arange(rows), lengths)
        entries = lists.filter(lists.list.len() > 0).explode() if len(owners) else pl.Series(name, [], pl.String)
        index = {each: i for i, each in enumerate(names)}
        found = self._looked_up(entries, {word: index[target] for word, target in words.items()} | {"": _NOTHING})
        if kind == "function":
            found = self._keep_plain(name, entries, found, owners)
        sound = found < len(names)
        holds[found[sound], owners[sound]] = True
        not_a = f"{{}} is not a {kind} of " + (f"'{name}'" if kind == "value" else "the catalog")
        lister = f"`advisor facts {name}`" if kind == "value" else "`advisor functions`"
        hint = f"{lister} lists them all; `;` separates them"
        also = "; `--accept likely` reads needs in other words" if kind == "function" else ""
        self._refuse_odd(name, entries, found, _Said(not_a, [*names, *words], hint, also), owners)
        return Members(names, holds, known)

    def _keep_plain(self, name: str, cells: pl.Series, found: Indexes, owners: NDArray[np.intp] | None = None) -> Indexes:
        """Keep cells that are no word of the catalog to be read; return the indexes without them."""
        if self._checker.reader is None:
            return found
        kept = found.copy()
        for place in np.flatnonzero(found == _ODD):
            text = str(cells[int(place)])
            if text != _NO_LIST:
                row = int(place if owners is None else owners[place])
                self._plain.setdefault(row, {}).setdefault(name, []).append(text)
                kept[place] = _NOTHING
        return kept

    def read_plain(
        self, lists: Mapping[str, Members], words: dict[str, tuple[tuple[object, ...], Indexes]], sets: dict[str, Members]
    ) -> None:
        """Read what was kept, each row in the light of all it says, and put what it means into its columns."""
        for row, plain in sorted(self._plain.items()):
            read = self._understood(row, plain, lists, words)
            named = [name for members in lists.values() for name, held in zip(members.names, members.holds[:, row], strict=True) if held]
            for key, functions in read.beyond(named).items():
                lists[key].holds[[lists[key].names.index(function) for function in functions], row] = True
                lists[key].known[row] |= bool(functions)
            for fact, value in read.facts.items():
                self._fill_in(row, fact, value, words, sets)

    def _understood(
        self,
        row: int,
        plain: Mapping[str, list[str]],
        lists: Mapping[str, Members],
        words: Mapping[str, tuple[tuple[object, ...], Indexes]],
    ) -> Understood:
        """Return what the plain words of a row were read as; words that mean nothing are refused."""
        assert self._checker.reader is not None  # noqa: S101 - without it nothing is kept
        phrases = {key: tuple(plain.get(key, ())) for key in NEED_FACTS}
        facts = {name: texts[0] for name, texts in plain.items() if name not in NEED_FACTS}
        known = {name: values[int(at[row])] for name, (values, at) in words.items() if at[row] < len(values)}
        enums = {name: value for name, value in known.items() if isinstance(value, str)}
        asked = tuple(name for name, needed in zip(lists["needs"].names, lists["needs"].holds[:, row], strict=True) if needed)
        read = self._checker.reader(Stated(**phrases, facts=facts, asked=asked, known=enums))
        lost = [(key, phrase) for key, listed in phrases.items() for phrase in listed if not read.meant(key, phrase)]
        lost += [(fact, said) for fact, said in facts.items() if fact not in read.facts]
        for column, said in lost:
            lister = f"`advisor facts {column}`" if column in facts else "`advisor functions`"
            self._reject(row, column, said, f"{describe(said)} was not understood", f"{lister} lists what is known")
        return read

    def _fill_in(
        self, row: int, fact: str, value: object, words: dict[str, tuple[tuple[object, ...], Indexes]], sets: dict[str, Members]
    ) -> None:
        """Put a fact that was read into its column, if the row does not say it."""
        rows, entry = len(self._frame), self._catalog.facts[fact]
        if entry.type == "set":
            names = tuple(self._catalog.terms(fact))
            members = sets.setdefault(fact, Members(names, np.zeros((len(names), rows), np.bool_), np.zeros(rows, np.bool_)))
            if not members.known[row] and isinstance(value, list):
                members.holds[[names.index(each) for each in value], row] = True
                members.known[row] = True
            return
        values: tuple[object, ...] = (False, True) if entry.type == "bool" else tuple(self._catalog.terms(fact))
        _, indexes = words.get(fact, (values, np.full(rows, _NOTHING, np.uint16)))
        if not indexes.flags.writeable:
            indexes = indexes.copy()
        words[fact] = values, indexes
        if indexes[row] == _NOTHING:
            indexes[row] = values.index(value)

    def take_marks(self, lists: dict[str, Members]) -> None:
        """Take in the columns that stand for one function each: yes, no, wish or in house."""
        marked = [name for name in self._catalog.functions if name in self._frame.columns]
        known = lists["needs"].known.copy()
        for name in marked:
            marks = self._looked_up(self._frame[name], {**_MARKS, UNKNOWN: _NOTHING, "": _NOTHING})
            reason = "a function is needed (yes), not needed (no), a `wish` or done `in_house`, not {}"
            self._refuse_odd(name, self._frame[name], marks, _Said(reason, (), "write yes, no, wish, in_house, or leave it empty"))
            for mark, key in enumerate(NEED_FACTS, start=1):
                lists[key].holds[lists[key].names.index(name)] |= marks == mark
            known |= marks <= len(NEED_FACTS)
        lists["needs"] = Members(lists["needs"].names, lists["needs"].holds, known)

    def refuse_clashes(self, lists: Mapping[str, Members]) -> None:
        """Refuse rows in which a function stands in two lists."""
        for key, other in (("in_house", "needs"), ("wishes", "needs"), ("in_house", "wishes")):
            both = lists[key].holds & lists[other].holds
            for i, row in np.argwhere(both) if both.any() else ():
                function = lists[key].names[i]
                what = f"{self._catalog.functions[function].name} ('{function}') stands under `{key}` and under `{other}`"
                self._reject(int(row), key, function, what, "keep it in one of the two lists")

    def _looked_up(self, column: pl.Series, known: Mapping[str, int]) -> Indexes:
        """Return what each cell stands for; spellings with other cases or spaces are found at the second attempt."""
        column = column.fill_null("")
        found: Indexes = _replaced(column, known)
        odd = found == _ODD
        if odd.any():
            spellings = column.filter(pl.Series(odd)).unique().to_list()
            better = {text: known[fold(text)] for text in spellings if fold(text) in known}
            if better:
                found = _replaced(column, {**known, **better})
        return found

    def _refuse_odd(
        self,
        name: str,
        column: pl.Series,
        found: Indexes,
        said: _Said,
        owners: NDArray[np.intp] | None = None,
    ) -> None:
        """Refuse the cells that stand for nothing; of entries of lists, `owners` are the rows."""
        reason, allowed, hint = said.reason, said.allowed, said.hint
        hints: dict[str, str] = {}
        for place in np.flatnonzero(found == _ODD):
            text = str(column[int(place)])
            if text == _NO_LIST:
                self._reject(int(owners[place]) if owners is not None else int(place), name, text, "not a list of words", hint)
                continue
            if text not in hints:
                hints[text] = ((suggest(text, allowed) if allowed else "") or hint) + said.also
            row = int(place if owners is None else owners[place])
            self._reject(row, name, text, reason.format(describe(text)), hints[text])

    def _reject(self, row: int, column: str, value: str, reason: str, hint: str) -> None:
        self.bad[row] = True
        self.rejects.append(Reject(int(self._numbers[row]), column, value, reason, hint))


def fold(text: str) -> str:
    """Return text without differences of case and of space, in the one Unicode form that comparisons use."""
    return folded(normalize(text))


def _replaced(column: pl.Series, known: Mapping[str, int]) -> Indexes:
    old, new = list(known), list(known.values())
    found: Indexes = column.replace_strict(old, new, default=_ODD, return_dtype=pl.UInt16).to_numpy()
    return found


def _as_lists(column: pl.Series) -> pl.Series:
    """Return a column as lists of words; null where it is not known."""
    if column.dtype != pl.String:
        return column.cast(pl.List(pl.String))
    cell = pl.col("cell")
    text = (
        pl.when(cell.str.starts_with("["))
        .then(cell.str.replace_all(r'"\s*,\s*"', "\x1f"))
        .otherwise(cell.str.replace_all(r"[;\n]", "\x1f"))
    )
    inner = (
        pl.when(text.str.contains(r'^\["(?s:.*)"\s*\]$'))
        .then(text.str.replace(r'^\["', "").str.replace(r'"\s*\]$', ""))
        .when(text.str.contains(r"^\[\s*\]$") | text.str.to_lowercase().is_in(["none"]))
        .then(pl.lit(""))
        .when(text.str.starts_with("["))
        .then(pl.lit(_NO_LIST))
        .otherwise(text)
    )
    words = inner.str.split("\x1f").list.eval(pl.element().str.strip_chars().filter(pl.element().str.strip_chars() != ""))
    unknown = text.is_null() | text.str.to_lowercase().is_in(["", UNKNOWN])
    frame = pl.DataFrame({"cell": column.str.strip_chars()})
    return frame.select(pl.when(~unknown).then(words).alias("words"))["words"]
