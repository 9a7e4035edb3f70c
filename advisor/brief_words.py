"""A brief in plain words: what is no id or name of the catalog is read as prose is, and the rest stays as it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from advisor.brief import UNKNOWN, fold, function_names, term_words
from advisor.reading_stated import Stated
from advisor.rules import NEED_FACTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.catalog import Catalog
    from advisor.reading_stated import StatedReader
    from advisor.yamlfile import Document


@dataclass(frozen=True, slots=True)
class ReadWords:
    """Words of a brief and what they were read as.

    Attributes:
        key: the list of needs they stand in, or the fact. words: as they stand. meant: ids of functions or values; empty if nothing
            was understood, and they count for nothing.

    """

    key: str
    words: str
    meant: tuple[str, ...]


def in_catalog_words(document: Document, catalog: Catalog, reader: StatedReader) -> tuple[Document, tuple[ReadWords, ...]]:
    """Return a brief with plain words replaced by those of the catalog, and what was read as what.

    Whatever is no text where text is expected stays, for the check of the brief to tell.
    """
    value = document.value
    if not isinstance(value, dict):
        return document, ()
    words = function_names(catalog)
    listed = {key: value[key] for key in NEED_FACTS if isinstance(value.get(key), list)}
    # a list with an entry that can be no need stays whole: it is refused, and places in it are told by the number of the entry
    lists = {key: entries for key, entries in listed.items() if all(_is_plain(each, words) or _is_named(each, words) for each in entries)}
    odd = {key: tuple(each for each in entries if _is_plain(each, words)) for key, entries in lists.items()}
    facts = value["facts"] if isinstance(value.get("facts"), dict) else {}
    terms = {fact: term_words(catalog, fact) for fact in facts if fact in catalog.facts and catalog.facts[fact].type == "enum"}
    odd_facts = {fact: facts[fact] for fact in terms if _is_plain(facts[fact], terms[fact])}
    if not any(odd.values()) and not odd_facts:
        return document, ()
    named = {key: [words[fold(each)] for each in entries if _is_named(each, words)] for key, entries in lists.items()}
    known = {fact: terms[fact][fold(facts[fact])] for fact in terms if _is_named(facts[fact], terms[fact])}
    read = reader(Stated(**odd, facts=odd_facts, asked=tuple(named.get("needs", ())), known=known))
    stated = {fact: said for fact, said in facts.items() if fact not in odd_facts and not (said is None or said == UNKNOWN)}
    changed = {**value, "facts": {**read.facts, **stated}}
    for key, found in read.beyond(function for functions in named.values() for function in functions).items():
        if (found or odd.get(key)) and (key in lists or key not in listed):
            stays = [each for each in lists.get(key, ()) if each not in odd.get(key, ())]
            changed[key] = [*stays, *found] or UNKNOWN
    told = [ReadWords(key, phrase, read.meant(key, phrase)) for key, phrases in odd.items() for phrase in phrases]
    told += [ReadWords(fact, said, _values(read.facts.get(fact))) for fact, said in odd_facts.items()]
    return replace(document, value=changed), tuple(told)


def _is_plain(entry: object, words: Mapping[str, str]) -> bool:
    """Return whether an entry is text that names nothing in the catalog."""
    return isinstance(entry, str) and bool(entry.strip()) and fold(entry) not in words and fold(entry) != UNKNOWN


def _is_named(entry: object, words: Mapping[str, str]) -> bool:
    return isinstance(entry, str) and fold(entry) in words


def _values(value: object) -> tuple[str, ...]:
    return () if value is None else tuple(map(str, value)) if isinstance(value, list) else (str(value),)
