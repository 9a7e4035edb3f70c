"""An explanation says what holds, in every format the same, and without an id where a label belongs."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from generate import draw_brief, draw_knowledge

from advisor import advise, read_brief
from advisor.comparison import compare_advices
from advisor.docx_report import as_docx
from advisor.explanation import explain
from advisor.explanation_json import as_json
from advisor.html_report import as_html
from advisor.outline import as_markdown, as_text
from advisor.report import render_report
from advisor.rules import STRENGTHS
from advisor.telling import SECTIONS, tell
from advisor.verdict import RUNGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor import Knowledge
    from advisor.explanation import Explanation, WhyNot

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*/brief.yaml"))


def explanations(knowledge: Knowledge, briefs: list[Any]) -> Iterator[Explanation]:
    for brief in briefs:
        for view in knowledge.catalog.views:
            yield explain(advise(read_brief(brief, knowledge), knowledge, view=view))


def generated(knowledge: Knowledge, seed: int, count: int) -> list[Any]:
    random = Random(seed)
    return [draw_brief(random, knowledge.catalog) for _ in range(count)]


# --- why not ------------------------------------------------------------------------------------------------------------


def assert_separates(explanation: Explanation, why_not: WhyNot) -> None:
    """The rung named is the first on which the option differs from the winner, and what is named there is what separates them."""
    outcome = explanation.verdict.outcome
    standing = next(s for s in outcome.standings if s.option == why_not.option)
    if why_not.rung == "ruled_out":
        assert standing.ruled_out_by
        assert why_not.rules
    elif why_not.rung == "idle":
        assert standing.idle == why_not.idle != ()
    else:
        winner = outcome.winners[0]
        first = next(i for i, pair in enumerate(zip(winner.vector, standing.vector, strict=True)) if pair[0] != pair[1])
        assert RUNGS[first] == why_not.rung
        assert winner.vector[first] < standing.vector[first]
        if why_not.rung == "coverage":
            assert set(why_not.uncovered) == standing.uncovered - winner.uncovered != set()
        for scale in why_not.level:
            assert scale.balances[0] == scale.balances[1]
        if why_not.rung in STRENGTHS:
            assert why_not.scale is not None
            sums = {winner.option: 0, standing.option: 0}
            for point in why_not.scale.points:
                assert {reason.strength for reason in point.reasons} == {why_not.rung}
                steps = standing.vector[-1] if point.option == standing.option else winner.vector[-1]
                counts = steps if point.reasons[0].rule == "built-in.unused-breadth" else 1
                sums[point.option] += counts if point.side == "for" else -counts
            ours, theirs = why_not.scale.balances
            assert sums[winner.option] - sums[standing.option] == ours - theirs
            assert ours > theirs


def test_why_not_names_what_separates(shipped: Knowledge) -> None:
    """On all examples and on generated briefs, in every view."""
    seen = set()
    for explanation in explanations(shipped, [*EXAMPLES, *generated(shipped, 1, 150)]):
        for why_not in explanation.why_not:
            assert_separates(explanation, why_not)
            seen.add(why_not.rung)
    assert {"ruled_out", "idle", "coverage", "strong", "ordinary"} <= seen


@pytest.mark.parametrize("seed", range(4000, 4010))
def test_why_not_on_generated_knowledge(seed: int, tmp_path: Path) -> None:
    """On generated rule bases, where every rung decides now and then."""
    knowledge = draw_knowledge(seed, tmp_path)
    for explanation in explanations(knowledge, generated(knowledge, seed, 30)):
        for why_not in explanation.why_not:
            assert_separates(explanation, why_not)


# --- the formats --------------------------------------------------------------------------------------------------------


class _Page(HTMLParser):
    """Collects the tags and the words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_formats_say_the_same(path: Path, shipped: Knowledge) -> None:
    """Every sentence of an explanation is in the text, the Markdown, the HTML and the Word file."""
    import docx

    explanation = explain(advise(read_brief(path, shipped), shipped, view="industry"))
    document = tell(explanation, SECTIONS)
    page = _Page()
    page.feed(as_html(document, shipped.catalog))
    word = docx.Document(io.BytesIO(as_docx(document, shipped.catalog)))
    formats = [
        as_text(document, shipped.catalog),
        as_markdown(document, shipped.catalog).replace("\\", ""),
        "".join(page.words),
        "\n".join(paragraph.text for paragraph in word.paragraphs),
    ]
    for section in document.sections:
        for block in section.blocks:
            for item in getattr(block, "items", ()):
                assert all(squeezed(item.text) in squeezed(text) for text in formats), item.text


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_html_stands_alone(path: Path, shipped: Knowledge) -> None:
    """The page loads nothing and runs nothing, has landmarks, one main heading, named tables, and links that lead somewhere."""
    page = _Page()
    page.feed(as_html(tell(explain(advise(read_brief(path, shipped), shipped))), shipped.catalog))
    names = [tag for tag, _ in page.tags]
    assert not {"script", "link", "img", "iframe", "object"} & set(names)
    assert names.count("h1") == names.count("main") == names.count("header") == names.count("footer") == names.count("nav") == 1
    assert names.count("table") == names.count("caption")
    assert all(attributes.get("scope") in {"row", "col"} for tag, attributes in page.tags if tag == "th")
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        if tag == "a":
            href = attributes["href"] or ""
            assert href.startswith("http") or href.removeprefix("#") in ids


def test_word_file_can_be_printed(shipped: Knowledge) -> None:
    """On A4; a table fills the page, its first column the widest, its heading repeated, and it stays with its caption."""
    import docx
    from docx.shared import Mm
    from docx.text.paragraph import Paragraph

    explanation = explain(advise(read_brief(ROOT / "examples" / "api-plus-trials" / "brief.yaml", shipped), shipped))
    word = docx.Document(io.BytesIO(as_docx(tell(explanation), shipped.catalog)))
    (page,) = word.sections
    assert abs(page.page_width - Mm(210)) < Mm(1)
    inside = page.page_width - page.left_margin - page.right_margin
    assert len(word.tables) == 2
    for table in word.tables:
        first, *others = (cell.width for cell in table.rows[1].cells)
        assert first > max(others)
        assert abs(first + sum(others) - inside) < Mm(2)
        assert "w:tblHeader" in table.rows[0]._tr.xml
        assert Paragraph(table._tbl.getprevious(), table).paragraph_format.keep_with_next
        assert all(cell.paragraphs[0].paragraph_format.keep_with_next for row in table.rows[:-1] for cell in row.cells)


def test_tables_come_before_the_checklists(shipped: Knowledge) -> None:
    """What decided, as tables, comes before the long lists of what is owed; the trace comes last."""
    keys = [section.key for section in tell(explain(advise(read_brief(EXAMPLES[0], shipped), shipped)), SECTIONS).sections]
    assert keys.index("ladder") < keys.index("coverage") < keys.index("duties") < keys.index("trace") == len(keys) - 1


def test_html_escapes(shipped: Knowledge) -> None:
    """What a brief calls itself is text, never markup."""
    brief = read_brief({"name": "<script>alert(1)</script>", "needs": ["clinical_trials"]}, shipped)
    assert "<script" not in as_html(tell(explain(advise(brief, shipped))), shipped.catalog)


@pytest.mark.volume
def test_no_id_stands_for_a_label(shipped: Knowledge) -> None:
    """Outside the trace, no sentence has an id of a fact, a function, a term or a rule in it."""
    for explanation in explanations(shipped, [*EXAMPLES, *generated(shipped, 2, 25)]):
        document = tell(explanation)
        for section in document.sections:
            for block in section.blocks:
                for item in getattr(block, "items", ()):
                    assert not re.search(r"\b[a-z]+_[a-z_]+\b", item.text), item.text


def test_no_id_stands_alone_in_a_report(shipped: Knowledge) -> None:
    """In the short report, too, an id stands at most in brackets behind what it is the id of."""
    for brief in [*EXAMPLES, {"needs": "unknown"}, *generated(shipped, 4, 40)]:
        for view in shipped.catalog.views:
            text = render_report(advise(read_brief(brief, shipped), shipped, view=view), "text")
            left = re.sub(r"\?\s+\([a-z_]+\)", "?", text.partition("\nSources\n")[0])
            assert not re.search(r"\b[a-z]+_[a-z_]+\b", left), left


def test_json_is_complete_and_sorted(shipped: Knowledge) -> None:
    """The JSON holds every part, and two runs give the same bytes."""
    command = [sys.executable, "-m", "advisor", "explain", str(EXAMPLES[-1]), "--format", "json"]
    runs = [subprocess.run(command, capture_output=True, check=True, env={"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2")]
    assert runs[0] == runs[1]
    assert {"verdict", "why_not", "rests_on", "would_change", "open", "robust", "trace"} <= set(json.loads(runs[0]))
    for explanation in explanations(shipped, generated(shipped, 3, 10)):
        json.loads(as_json(explanation))


# --- the commands -------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "advisor", *arguments], capture_output=True, text=True, check=False)


def test_explain_parts(tmp_path: Path) -> None:
    """Each part can be had alone, in the format that a file's ending asks for."""
    brief = str(ROOT / "examples" / "api-plus-trials" / "brief.yaml")
    only = run("explain", brief, "--why-not", "CRO+cmo")
    assert only.returncode == 0
    assert "Why not CMO + CRO, the runner-up?" in only.stdout
    assert "What you owe" not in only.stdout
    assert (
        run("explain", brief, "--flips", "--open").stdout.count("----\n") == 2
        or "What is still open" in run("explain", brief, "--open").stdout
    )
    for ending in ("html", "md", "docx"):
        assert run("explain", brief, "-o", str(tmp_path / f"report.{ending}")).returncode == 0
        assert (tmp_path / f"report.{ending}").stat().st_size > 1000
    assert run("explain", brief, "--why-not", "clinic").returncode == 2
    assert run("explain", brief, "--format", "docx").returncode == 2


def test_compare(shipped: Knowledge, tmp_path: Path) -> None:
    """Two briefs, or one brief by two knowledge versions: what differs, and the rules that made the difference."""
    before, after = (str(ROOT / "examples" / name / "brief.yaml") for name in ("api-only", "api-plus-trials"))
    found = run("compare", before, after)
    assert "The verdict differs." in found.stdout
    assert "New among the needs: Clinical Trials; Regulatory Submissions." in found.stdout
    assert run("compare", before).returncode == 2
    same = compare_advices(*(advise(read_brief(Path(before), shipped), shipped) for _ in range(2)))
    assert same.headline == "The verdict stays the same."
    assert len(same.sections) == 1
    for folder in ("catalog", "rules"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    assert "stays the same" in run("compare", before, "--knowledge-before", str(tmp_path)).stdout
