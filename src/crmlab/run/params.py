"""Whether params.yaml has every key of this version, with a value of its kind: what is wrong is named all at once, before anything runs.

Ranges and choices are judged by the stage that reads a value; but `languages` here, which only the last one reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crmlab.files import CrmlabError

DEFAULTS = Path(__file__).with_name("params.yaml")
"""params.yaml as this version ships it; a test holds the two against each other."""


def refuse_unfit(params: Mapping[str, Any]) -> None:
    """Raise CrmlabError where a value is not of the kind of its default, or a section or a key is missing, with the lines to add."""
    if wrong := other_kind(params) + unknown_languages(params):
        raise CrmlabError("\n".join(wrong))
    if lines := missing(params):
        n = sum(not line.endswith(":") for line in lines)
        raise CrmlabError(
            f"params.yaml: {n} {'line is' if n == 1 else 'lines are'} missing that this version needs. Add (defaults shown):\n"
            + "\n".join(lines)
        )


def missing(params: Mapping[str, Any]) -> list[str]:
    """The lines of the defaults that `params` lacks, each section's below its name.

    >>> import yaml
    >>> params = yaml.safe_load(DEFAULTS.read_text(encoding="utf-8"))
    >>> del params["clean"], params["service"]["opens"]
    >>> for line in missing(params):
    ...     print(line.split("#")[0].rstrip())
    clean:
      max_bad_share: 0.05
    service:
      opens: "09:00"
    """
    found: list[str] = []
    section, told = "", ""
    for line in DEFAULTS.read_text(encoding="utf-8").splitlines():
        key = line.split(":")[0]
        if not key.strip() or key.lstrip().startswith("#"):
            continue
        if not line.startswith(" "):
            section = key
            if key not in params and not line.split("#")[0].rstrip().endswith(":"):
                found.append(line)
        elif key.strip() not in (params.get(section) or {}):
            found += [f"{section}:"] * (told != section) + [line]
            told = section
    return found


def other_kind(params: Mapping[str, Any]) -> list[str]:
    """Values that are no number, list or section where the default is one, and empty ones where it is a number.

    >>> other_kind({"churn": {"at_risk": "much", "horizons": [30]}, "value": 3})
    ["params.yaml, churn.at_risk: 'much' is no number; the default is 0.7", 'params.yaml, value: 3 is no section with lines of its own']
    """
    import yaml

    found = []
    for section, default in yaml.safe_load(DEFAULTS.read_text(encoding="utf-8")).items():
        given = params.get(section)
        if isinstance(default, dict) and given is not None and not isinstance(given, dict):
            found.append(f"params.yaml, {section}: {given!r} is no section with lines of its own")
            continue
        for key, value in default.items() if isinstance(default, dict) else ():
            kind = next((word for types, word in _KINDS if isinstance(value, types)), None)
            if kind is None or key not in (given or {}):
                continue
            mine, place = given[key], f"params.yaml, {section}.{key}"
            if mine is None and kind == "number":
                found.append(f"{place}: empty; expected a number, the default is {value}")
            elif mine is not None and _kind(mine) != kind:
                found.append(f"{place}: {mine!r} is no {kind}; the default is {value}")
    return found


def unknown_languages(params: Mapping[str, Any]) -> list[str]:
    """What is wrong with `languages`: no list, or a language without a catalogue.

    >>> unknown_languages({"languages": "en"})
    ["params.yaml, languages: 'en' is no list; the default is [en, zh]"]
    >>> unknown_languages({"languages": ["en", "xx"]})
    ["params.yaml, languages: 'xx' has no catalogue; there are en, zh"]
    """
    from crmlab.report.language import available

    if "languages" not in params:  # `missing` says so
        return []
    given, there = params["languages"], available()
    if not isinstance(given, list):
        return [f"params.yaml, languages: {given!r} is no list; the default is [en, zh]"]
    if not given:
        return [f"params.yaml, languages: empty; name at least one of {', '.join(there)}"]
    return [
        f"params.yaml, languages: {tag!r} has no catalogue; there are {', '.join(there)}"
        for tag in given
        if tag not in there
    ]


_KINDS = (((int, float), "number"), (list, "list"), (dict, "section"))


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "truth value"
    return next((word for types, word in _KINDS if isinstance(value, types)), "text")
