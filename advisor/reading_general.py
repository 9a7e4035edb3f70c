"""General words made precise: which function 'production' or 'development' means, by what else is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor.reading_match import EVIDENCE, MADE, MAKES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from advisor.catalog import Catalog
    from advisor.reading_data import Choice, Lexicon, Sureness
    from advisor.reading_match import Hit, Matched
    from advisor.reading_text import Word

_STAGE_OF = {
    "discovery": "discovery",
    "preclinical": "early",
    "phase_1": "clinical",
    "phase_2": "clinical",
    "phase_3": "clinical",
    "clinical_unspecified": "clinical",
    "registration": "commercial",
    "commercial": "commercial",
    "late_lifecycle": "commercial",
}
MAKING = "making"  # the key by which a caller says that making is asked for, and no studies
SPOKEN = "spoken"  # the key by which a caller says of which kinds of work all words speak
_SPOKEN: Mapping[str, frozenset[str]] = {
    "trial": frozenset({"clinical"}),
    "transfer": frozenset({"transfer"}),
    "made": MAKES,
    "safety": frozenset({"safety"}),
}
_STERILE_GROUPS = ("sterile", "sterile_complex")
_AROUND = 3  # words at each side that say what a general word is about


@dataclass(frozen=True, slots=True)
class Context:
    """What else is known: the kind of product, the stage by the phase, whether there is a dosage form, of which work the text speaks."""

    modality: str | None
    stage: str | None
    form: bool
    sterile: bool
    making: bool = False
    spoken: frozenset[str] = frozenset()

    @classmethod
    def of(cls, facts: Mapping[str, Any], catalog: Catalog) -> Context:
        """Return the context that facts give."""
        form = facts.get("dosage_form")
        groups = catalog.vocabularies["dosage_form"].groups if "dosage_form" in catalog.vocabularies else {}
        sterile = any(form in groups.get(group, ()) for group in _STERILE_GROUPS)
        known = form is not None or "presentation" in facts
        return cls(
            facts.get("modality"),
            _STAGE_OF.get(str(facts.get("phase"))),
            known,
            sterile,
            facts.get(MAKING) is True,
            facts.get(SPOKEN, frozenset()),
        )


def spoken_of(functions: Iterable[str], catalog: Catalog) -> frozenset[str]:
    """Return the kinds of work that make general words precise wherever they are spoken of."""
    works = {work for name in functions for work in catalog.functions[name].work}
    return frozenset(kind for kind, members in _SPOKEN.items() if members & works)


def make_precise(found: Matched, hit: Hit, lexicon: Lexicon, context: Context) -> list[tuple[str, Sureness]]:
    """Return the functions that general words mean, with how sure that is."""
    clause = found.sentence.clause_of(hit.first)
    words = found.sentence.words
    near = _coded(
        words[
            _side(words, hit.first, max(clause[0], hit.first - _AROUND), -1) : _side(words, hit.end, min(clause[1], hit.end + _AROUND), 1)
        ]
    )
    inside = _coded(words[hit.first : hit.end])
    about = _about(inside, near, lexicon, context)
    if about is None and hit.general == "make":
        others = [other for other in found.hits if other is not hit and clause[0] <= other.first < clause[1]]
        if any(_makes(other, lexicon) or _says_what(found, other, lexicon) for other in others):
            return []  # the same clause says it more precisely
    beside = context.making or _is_beside_making(found, hit, lexicon)
    targets: dict[str, Sureness] = {}
    for stage in _stages(inside, near, _coded(words), lexicon, context):
        row = next(row for row in lexicon.general[hit.general or ""] if _holds(row, about, stage, context, beside=beside))
        for name in row.functions:
            targets.setdefault(name, row.sure)
    return list(targets.items())


def _is_beside_making(found: Matched, hit: Hit, lexicon: Lexicon) -> bool:
    """Return whether the same sentence asks for making or developing, and for no studies."""
    works = {work for other in found.hits for name in other.functions for work in lexicon.catalog.functions[name].work}
    made = any(
        other.general in {"make", "make_marketed", "develop_process", "scale_up"} and not _overlap(other, hit) for other in found.hits
    )
    return (made or bool(works & MADE)) and not works & EVIDENCE


def _overlap(one: Hit, other: Hit) -> bool:
    return one.first < other.end and other.first < one.end


def _says_what(found: Matched, hit: Hit, lexicon: Lexicon) -> bool:
    coded = _coded(found.sentence.words[hit.first : hit.end])
    names = ("about_cells", "about_vector", "about_sterile", "product_noun", "substance_noun")
    return hit.general == "make" and any(lexicon.mentions(name, coded) for name in names)


def _makes(hit: Hit, lexicon: Lexicon) -> bool:
    return any({"make_substance", "make_product"} & set(lexicon.catalog.functions[name].work) for name in hit.functions)


def _side(words: Sequence[Word], start: int, limit: int, step: int) -> int:
    """Return how far to look at one side: to the limit, or to a comma before it."""
    place = start
    while (place > limit if step < 0 else place < limit) and words[place - 1 if step < 0 else place].raw != ",":
        place += step
    return place


def _coded(words: Sequence[Word]) -> str:
    return " ".join(word.stem for word in words) + " "


def _about(inside: str, near: str, lexicon: Lexicon, context: Context) -> str | None:
    """Return what general words are about, by the words in them, else by those at their side."""
    product = "sterile_product" if context.sterile else "product"
    answers = {
        "about_cells": "cells",
        "about_vector": "vector",
        "about_substance": "substance",
        "about_sterile": "sterile_product",
        "product_noun": product,
        "substance_noun": "substance",
    }
    for coded in (inside, near):
        grown = "cell line" in coded or "cell cultur" in coded  # these make other things than cells
        found = (answer for name, answer in answers.items() if lexicon.mentions(name, coded) and not (grown and answer == "cells"))
        if (first := next(found, None)) is not None:
            return first
    return None


def _stages(inside: str, near: str, sentence: str, lexicon: Lexicon, context: Context) -> list[str | None]:
    """Return the stages that general words belong to: those their words name, else that of the programme."""
    for coded in (inside, near):
        stages = [stage for stage in ("early", "clinical", "commercial") if lexicon.mentions(f"stage_{stage}", coded)]
        if stages:
            return list(stages[:1] if stages[0] == "early" and "commercial" not in stages else stages)
    if context.stage:
        return [context.stage]
    return [next((stage for stage in ("early", "commercial", "clinical") if lexicon.mentions(f"stage_{stage}", sentence)), None)]


def _holds(row: Choice, about: str | None, stage: str | None, context: Context, *, beside: bool) -> bool:
    known: dict[str, set[str | None]] = {
        "about": {about},
        "stage": {stage, "early", "clinical"} if stage == "discovery" else {stage, "clinical"} if stage == "early" else {stage},
        "modality": {context.modality},
        "form": {"product" if context.form else None, "not_sterile" if context.form and not context.sterile else None},
        "known": {"product" if context.form or context.modality else None},
        "beside": {"making" if beside else None},
    }
    return all(set(values) <= context.spoken if key == "spoken" else known[key] & set(values) for key, values in row.when.items())
