"""The limits in docs/how-it-decides.md are those of the code."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import make_how_it_decides

    yield make_how_it_decides
    sys.modules.pop("make_how_it_decides")


def test_the_limits_are_those_of_the_code(maker):
    text = (ROOT / "docs" / "how-it-decides.md").read_text(encoding="utf-8")
    limits = [
        mark for mark, _ in maker.MARK.findall(text) if mark.partition(":")[0] not in maker.RUNS
    ]
    assert len(limits) > 25
    current = maker.fill(text, lambda name: name in limits)
    assert current == text, "run: python tools/make_how_it_decides.py docs/how-it-decides.md"


def test_a_figure_stands_as_it_is_said(maker):
    page = "<!--rules.tone.EMPTY_DB-->?<!----> and <!--rules.tone.EMPTY_DB:abs-->?<!---->"
    assert maker.fill(page) == (
        "<!--rules.tone.EMPTY_DB-->\u221245<!----> and <!--rules.tone.EMPTY_DB:abs-->45<!---->"
    )
    with pytest.raises(AttributeError):
        maker.fill("<!--rules.tone.NOTHING-->1<!---->")
