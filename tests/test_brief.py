"""Briefs: what they may say, in which words, and what is not accepted."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor import Brief, BriefError, read_brief
from advisor.api import shipped_knowledge
from advisor.brief import BriefFile, check_brief, function_words
from advisor.errors import MAX_ISSUES
from advisor.records import keys_of
from advisor.yamlfile import as_document, load_bytes

if TYPE_CHECKING:
    from pathlib import Path


GOOD = """\
name: A brief with everything
description: |
  Prose, with a colon: and "quotes".
needs: [api_development, Clinical Trials, need someone to make our API]
wishes: [biostatistics]
in_house: [quality_control]
facts:
  phase: clinical_unspecified
  modality: unknown
  glp: yes
  first_time: false
  weeks_to_start: 12
  markets: [us, eu]
  handling: []
"""


def read(text: str | bytes) -> Brief:
    return read_brief(text if isinstance(text, bytes) else text.encode(), shipped_knowledge())


def fact(line: str) -> Any:
    """Return what a brief with one fact knows about it."""
    key = line.partition(":")[0]
    return read(f"needs: []\nfacts:\n  {line}\n").facts.get(key, "not known")


def problems(source: Any) -> list[str]:
    with pytest.raises(BriefError) as caught:
        read_brief(source.encode() if isinstance(source, str) else source, shipped_knowledge())
    return [f"{issue.where}: {issue.what} | {issue.hint}" for issue in caught.value.issues]


# --- what may be said -------------------------------------------------------------------------------------------------------


def test_everything_a_brief_can_say() -> None:
    """Each key of a brief arrives where it belongs, functions and terms by id, unknown facts left out."""
    assert read(GOOD) == Brief(
        needs=frozenset({"api_development", "clinical_trials"}),
        wishes=frozenset({"biostatistics"}),
        in_house=frozenset({"quality_control"}),
        facts={
            "phase": "clinical_unspecified",
            "glp": True,
            "first_time": False,
            "weeks_to_start": 12,
            "markets": frozenset({"us", "eu"}),
            "handling": frozenset(),
        },
        name="A brief with everything",
        description='Prose, with a colon: and "quotes".',
    )


@pytest.mark.parametrize("word", ["unknown", "null", "~", ""])
def test_unknown_and_null_are_allowed_everywhere(word: str) -> None:
    """`unknown` and null say that something is not known, under every key but the name and the prose, and for every fact."""
    for key in ("needs", "wishes", "in_house", "facts"):
        other = "" if key == "needs" else "needs: []\n"
        brief = read(f"{other}{key}: {word}\n")
        assert brief == Brief(needs=None if key == "needs" else frozenset())
    for name in shipped_knowledge().catalog.facts:
        assert fact(f"{name}: {word}") == "not known"


def test_nothing_needed_is_not_unknown() -> None:
    """An empty list of needs says that nothing is needed; that is known."""
    assert read("needs: []").needs == frozenset()
    assert read("needs: unknown").needs is None


@pytest.mark.parametrize(
    "word", ["clinical_trials", "Clinical_Trials", "Clinical Trials", "CLINICAL TRIALS", "  clinical   trials ", "clinical trials"]
)
def test_functions_by_id_name_and_phrase_in_any_case(word: str) -> None:
    """A function may be called by its id, its name or a phrase, in any case and with any spaces."""
    assert read(json.dumps({"needs": [word]})).needs == {"clinical_trials"}


def test_every_id_name_and_phrase_is_understood() -> None:
    """Every id, name and phrase of the catalog is understood in capitals; ids and names always stand for their own function."""
    catalog = shipped_knowledge().catalog
    for name, function in catalog.functions.items():
        for word in (name, function.name, *function.phrases):
            assert read(json.dumps({"needs": [word.upper()]})).needs == {function_words(catalog)[" ".join(word.casefold().split())]}
        assert read(json.dumps({"needs": [name, function.name]})).needs == {name}


def test_every_term_and_label_is_understood() -> None:
    """Every term of every vocabulary is understood by id and by label, in any case; a label that is a term's id stands for that."""
    catalog = shipped_knowledge().catalog
    for name, entry in catalog.facts.items():
        for term, described in catalog.terms(name).items():
            for word in (term, term.upper(), described.label, described.label.upper()):
                value = read(json.dumps({"needs": [], "facts": {name: [word] if entry.type == "set" else word}})).facts[name]
                assert value == (frozenset({term}) if entry.type == "set" else term), word


def test_the_same_word_twice_counts_once() -> None:
    """A function named twice, in whatever words, is one need."""
    assert read("needs: [clinical_trials, Clinical Trials, clinical_trials]").needs == {"clinical_trials"}


@pytest.mark.parametrize(
    ("word", "value"),
    [("yes", True), ("no", False), ("Yes", True), ("NO", False), ("true", True), ("False", False), ("'true'", True), ("'no'", False)],
)
def test_yes_and_no_for_facts_that_are_true_or_false(word: str, value: bool) -> None:  # noqa: FBT001
    """Facts that are true or false take yes and no as well, in any case."""
    assert fact(f"glp: {word}") is value


@pytest.mark.parametrize("word", ["on", "off", "1", "0", "y", "1.0", "[true]"])
def test_other_words_for_true_and_false_are_refused(word: str) -> None:
    """Nothing else is true or false."""
    assert "'glp' is true or false" in problems(f"needs: []\nfacts: {{glp: {word}}}")[0]


def test_limits_of_numbers_are_allowed_and_no_more() -> None:
    """A number may be as small and as large as its fact allows, and not one less or more."""
    numbers = {name: entry for name, entry in shipped_knowledge().catalog.facts.items() if entry.type == "integer"}
    assert numbers
    for name, entry in numbers.items():
        low, high = entry.minimum, entry.maximum
        assert low is not None
        assert high is not None
        assert (fact(f"{name}: {low}"), fact(f"{name}: {high}")) == (low, high)
        for outside in (low - 1, high + 1):
            assert f"from {low} to {high}, not '{outside}'" in problems(f"needs: []\nfacts: {{{name}: {outside}}}")[0]


@pytest.mark.parametrize("text", ["NO", "2026-11-22", "1:30", "0x10", "1_000", "007"])
def test_words_stay_text(text: str) -> None:
    """What YAML 1.1 would turn into something else is quoted in the message as it was typed."""
    assert f"'{text}' is not a function" in problems(f"needs: [{text}]")[0]
    assert f"'{text}' is not a value of 'phase'" in problems(f"needs: []\nfacts: {{phase: {text}}}")[0]
    assert read(f"name: {text}\nneeds: []").name == text


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_files_of_any_system(mark: str, end: str) -> None:
    """A byte order mark and other line ends make no difference."""
    assert read((mark + GOOD.replace("\n", end)).encode()) == read(GOOD)


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_json_says_the_same(indent: int | str | None) -> None:
    """A brief in JSON says what it says in YAML, indented with tabs or not, with escapes beyond the basic plane."""
    value = {"name": "😀 é", "needs": ["clinical_trials"], "facts": {"glp": True, "markets": ["us"], "phase": None, "weeks_to_start": 3}}
    expected = Brief(frozenset({"clinical_trials"}), facts={"glp": True, "markets": frozenset({"us"}), "weeks_to_start": 3}, name="😀 é")
    assert read(json.dumps(value, indent=indent)) == expected
    assert read(json.dumps(value, indent=indent, ensure_ascii=False)) == expected


def test_names_are_normalised() -> None:
    """Composed and decomposed letters make the same brief."""
    text = "name: Präparat é\nneeds: []\n"
    assert read(unicodedata.normalize("NFD", text)) == read(text)


def test_sources_of_a_brief(tmp_path: Path) -> None:
    """A brief is read alike from a path, a name of a file, bytes and a mapping."""
    path = tmp_path / "brief.yaml"
    path.write_text("needs: [clinical_trials]\n", encoding="utf-8")
    expected = Brief(frozenset({"clinical_trials"}))
    for source in (path, str(path), path.read_bytes(), {"needs": ["clinical_trials"]}):
        assert read_brief(source, shipped_knowledge()) == expected
    assert read_brief(path) == expected


def test_part_of_a_document_is_a_brief() -> None:
    """A brief may stand inside another document; its problems are placed in the whole."""
    document = load_bytes(b"briefs:\n  - needs: [clinical_trials]\n  - needs: [clinical_trails]\n", "batch.yaml")
    assert check_brief(document, shipped_knowledge().catalog, ("briefs", 0)).needs == {"clinical_trials"}
    with pytest.raises(BriefError, match=r"batch.yaml:3:13: error: 'clinical_trails'"):
        check_brief(document, shipped_knowledge().catalog, ("briefs", 1))


# --- what is refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("needs: [biostatistic]", "brief:1:9: 'biostatistic' is not a function of the catalog | did you mean 'biostatistics'?"),
        ("needs: [need someone to make our AP1]", "did you mean 'need someone to make our api'?"),
        ("needs: []\nfacts: {fase: x}", "brief:2:9: unknown fact 'fase' | did you mean 'phase'?"),
        ("needs: []\nfacts: {phase: Phase 1}", "brief:2:16: 'Phase 1' is not a value of 'phase' | did you mean 'phase_1'"),
        ("needs: []\nwishs: []", "brief:2:1: unknown key 'wishs' | did you mean 'wishes'?"),
        ("needs: []\nfacts: {markets: [us, eu, uss]}", "brief:2:27: 'uss' is not a value of 'markets' | did you mean"),
    ],
)
def test_did_you_mean(text: str, expected: str) -> None:
    """A word that is nearly right comes with the right one."""
    (problem,) = problems(text)
    assert expected in problem


def test_places_inside_lists_and_mappings() -> None:
    """Each wrong word has the line and column of that word, in either style of YAML."""
    text = "needs:\n  - clinical_trials\n  - wrong_a\nwishes: [biostatistics, wrong_b]\nfacts:\n  markets:\n  - us\n  - wrong_c\n  wrong_d: 1\n"
    assert [problem.partition(": ")[0] for problem in problems(text)] == ["brief:3:5", "brief:4:25", "brief:8:5", "brief:9:3"]


@pytest.mark.parametrize(("one", "other"), [("in_house", "needs"), ("wishes", "needs"), ("in_house", "wishes")])
def test_function_in_two_lists(one: str, other: str) -> None:
    """A function stands in one of the three lists only, whatever words it goes by; the message names function and lists."""
    value = {"needs": [], one: ["clinical_trials"], other: ["Clinical Trials"]}
    (problem,) = problems(value)
    assert problem.startswith(f"brief, {one}: Clinical Trials ('clinical_trials') stands under `{one}` and under `{other}`")


def test_shape_and_content_are_checked_together() -> None:
    """A value of the wrong shape does not hide what is wrong elsewhere."""
    places = [problem.partition(": ")[0] for problem in problems("name: [x]\nneeds: 7\nwishes: [wrong]\nfacts: {phase: wrong}\nextra: 1")]
    assert places == ["brief:1:7", "brief:2:8", "brief:3:10", "brief:4:16", "brief:5:1"]


@pytest.mark.parametrize(
    "value", [None, 7, "text", [], [1], True, {}, {"needs": {}}, {"needs": ("a",)}, {1: 2}, {"needs": [], "facts": {1: 2}}]
)
def test_mappings_from_programs_are_checked_too(value: Any) -> None:
    """A value that is no brief is refused with a BriefError and a remedy, wherever it comes from."""
    with pytest.raises(BriefError) as caught:
        check_brief(as_document(value, "request"), shipped_knowledge().catalog)
    assert all(str(issue.where).startswith("request") and issue.hint for issue in caught.value.issues)


def test_thousands_of_problems_are_cut_short() -> None:
    """Looking for problems ends after some of them, of any kind."""
    for source in (
        {"needs": [f"w{i}" for i in range(5000)]},
        {"needs": list(range(5000))},
        {"needs": [], "facts": {f"w{i}": 1 for i in range(5000)}},
        {"needs": [], **{f"w{i}": 1 for i in range(5000)}},
        {"needs": [], "facts": {"markets": [f"w{i}" for i in range(5000)]}},
    ):
        assert len(problems(source)) == MAX_ISSUES


# --- anything at all --------------------------------------------------------------------------------------------------------


def check_accepts_or_refuses(data: bytes) -> None:
    try:
        brief = read(data)
    except BriefError as refused:
        issues = refused.issues
    else:
        assert isinstance(brief, Brief)
        assert (brief.needs or frozenset()) <= set(shipped_knowledge().catalog.functions)
        assert set(brief.facts) <= set(shipped_knowledge().catalog.facts)
        return
    assert issues
    assert all(issue.what and issue.hint for issue in issues)


def mutated(text: str) -> st.SearchStrategy[bytes]:
    """Return the text with a few pieces cut out, doubled or replaced."""
    pieces = [
        "",
        "\t",
        "\n",
        " ",
        ":",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "'",
        '"',
        "&a",
        "*a",
        "!",
        "#",
        "<<",
        "NO",
        "null",
        "7",
        "\x00",
        "é",
        "\udcff",
    ]
    change = st.tuples(st.integers(0, len(text)), st.integers(0, 12), st.sampled_from(pieces) | st.just(text))

    def apply(changes: list[tuple[int, int, str]]) -> bytes:
        changed = text
        for start, length, piece in changes:
            changed = changed[:start] + piece + changed[start + length :]
        return changed.encode("utf-8", "surrogateescape")

    return st.lists(change, min_size=1, max_size=4).map(apply)


@settings(max_examples=200, deadline=2000)
@given(st.binary(max_size=120))
def test_any_bytes_are_a_brief_or_refused(data: bytes) -> None:
    """Random bytes never raise anything but BriefError, and never take long."""
    check_accepts_or_refuses(data)


@settings(max_examples=500, deadline=2000)
@given(mutated(GOOD))
def test_any_mutation_is_a_brief_or_refused(data: bytes) -> None:
    """A good brief with random changes never raises anything but BriefError, and never takes long."""
    check_accepts_or_refuses(data)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["unknown", "clinical_trials", "phase_1", "us", "yes"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=2000)
@given(st.data())
def test_any_value_under_any_key_is_a_brief_or_refused(data: st.DataObject) -> None:
    """Any value under any key, and of any fact, never raises anything but BriefError."""
    facts = data.draw(st.dictionaries(st.sampled_from(sorted(shipped_knowledge().catalog.facts)), PLAIN, max_size=3) | PLAIN)
    keys = data.draw(st.dictionaries(st.sampled_from(sorted(keys_of(BriefFile))), PLAIN, max_size=4))
    try:
        brief = read_brief({"needs": [], "facts": facts, **keys}, shipped_knowledge())
    except BriefError as refused:
        issues = refused.issues
    else:
        assert isinstance(brief, Brief)
        return
    assert all(issue.what and issue.hint for issue in issues)
