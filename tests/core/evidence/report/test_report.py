"""The report is one page that needs nothing else, and says what is in the run's files."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from burnish.evidence.report import render_report
from burnish.evidence.report.charts import Bar, Line, bar_chart, interval_chart, line_chart
from tests.core.evidence.report.facts_of_a_run import make_facts

_VOID = {"meta"}


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, name, attributes) -> None:
        self.attributes += attributes
        if name not in _VOID:
            self.open.append(name)

    def handle_endtag(self, name) -> None:
        assert self.open.pop() == name

    def handle_data(self, data) -> None:
        if self.open[-1:] != ["style"]:
            self.text.append(data)


def test_a_link_to_the_texts_is_there_only_if_asked_for() -> None:
    plain, linked = (render_report(make_facts(), answers=each) for each in (None, "a%20b.html"))
    assert "That file holds texts of your rows." in linked
    assert ("href", "a%20b.html") in _read(linked).attributes
    assert "href" not in dict(_read(plain).attributes)


def _read(page: str) -> _Checker:
    checker = _Checker()
    checker.feed(page)
    checker.close()
    return checker


def test_every_element_is_closed_and_nothing_is_fetched() -> None:
    page = render_report(make_facts())
    checker = _read(page)
    assert checker.open == []
    assert not {name for name, _ in checker.attributes} & {"src", "href", "xlink:href", "onload"}
    assert "url(" not in page
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_the_first_page_says_how_well_on_how_much_and_its_limits() -> None:
    words = " ".join("".join(_read(render_report(make_facts())).text).split())
    first = words[: words.index("cut from")]
    assert "400 rows" in first
    assert "tested on 80 rows; none of them was also in the training or validation rows" in first
    assert "0.910" in first
    assert "between 0.880 and 0.940" in first
    assert "TF-IDF with logistic regression" in first
    assert "leaked_rows" in first
    assert "3 rows left out" in first
    assert "1 of 2 gates passed" in first
    assert "its macro F1 is 0.910" in first
    assert "beware" not in words


def test_dead_and_unjudged_labels_are_the_first_limits() -> None:
    facts = make_facts()
    dead, unjudged = ({"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": n} for n in (3, 0))
    facts.metrics["test"]["labels"] |= {"dead one": dead, "without rows": unjudged}
    page = render_report(facts)
    words = " ".join("".join(_read(page).text).split())
    limits = words[words.index("Limits") :]
    assert limits.startswith(
        "Limits 1 of 4 labels is never answered right on the test rows (F1 0): dead one. "
        "1 of 4 labels has no test row, so nothing here says how well it is answered: without rows."
    )
    chart = next(c for c in re.findall(r"<svg.*?</svg>", page, re.DOTALL) if "F1 of each" in c)
    assert "dead one" in chart
    assert "without rows" not in chart
    assert "0.00 (3 rows)" in chart
    assert not re.search(r"\d of \d", chart)


def test_a_chart_of_many_labels_says_how_many_it_leaves_out() -> None:
    facts = make_facts()
    scores = facts.metrics["test"]["labels"]["a<b"]
    facts.metrics["test"]["labels"] = {f"l{i}": scores for i in range(50)}
    assert "F1 of the 40 lowest of 50 labels" in render_report(facts)


def test_names_of_labels_are_no_markup() -> None:
    page = render_report(make_facts(name="<script>alert(1)</script>"))
    assert "<script" not in page
    assert "a&lt;b" in page
    assert "c &amp; d" in page


def test_a_run_without_test_rows_says_that_nothing_judged_it() -> None:
    facts = make_facts()
    del facts.metrics["test"]
    del facts.record.data.parts["test"]
    words = "".join(_read(render_report(facts)).text)
    assert "No rows were kept for a test" in words


def test_numbers_of_a_chart_are_where_their_values_are() -> None:
    picture = bar_chart([Bar("a", 1.0), Bar("b", 0.5)], label="bars")
    widths = [float(w) for w in re.findall(r'<rect[^>]* width="([\d.]+)"', picture)]
    assert widths[0] == pytest.approx(2 * widths[1])
    dots = re.findall(r'cx="([\d.]+)"', interval_chart([Bar("a", 0.5, 0.4, 0.6)], label="x"))
    ends = re.findall(
        r'x1="([\d.]+)" x2="([\d.]+)"', interval_chart([Bar("a", 0.5, 0.4, 0.6)], label="x")
    )
    assert float(ends[1][0]) < float(dots[0]) < float(ends[1][1])


def test_lines_rise_where_values_do_and_survive_what_is_no_number() -> None:
    points = [(0.0, 0.1), (1.0, float("nan")), (2.0, 0.9)]
    picture = line_chart([Line("s", points)], label="l", across="epoch", up="score")
    (path,) = re.findall(r'points="([^"]+)"', picture)
    (x1, y1), (x2, y2) = (tuple(map(float, p.split(","))) for p in path.split())
    assert x1 < x2
    assert y1 > y2


def test_lines_that_end_together_have_their_names_below_each_other() -> None:
    lines = [Line(name, [(0, 0.5), (1, 0.9)]) for name in ("validation", "train")]
    picture = line_chart(lines, label="l", across="epoch", up="score")
    one, other = (
        float(re.findall(rf'y="([\d.]+)"[^>]*>{name}<', picture)[0])
        for name in ("validation", "train")
    )
    assert abs(one - other) >= 12


def test_both_curves_are_drawn_and_differ_without_colour() -> None:
    charts = re.findall(r"<svg.*?</svg>", render_report(make_facts()), re.DOTALL)
    (chart,) = [each for each in charts if ">validation<" in each and ">epoch<" in each]
    assert ">train<" in chart
    assert len(set(re.findall(r'stroke-dasharray="([^"]+)"', chart))) == 2


def test_a_run_of_an_older_version_has_one_curve() -> None:
    facts = make_facts()
    for epoch in facts.metrics["history"]:
        del epoch["train_score"]
    charts = re.findall(r"<svg.*?</svg>", render_report(facts), re.DOTALL)
    (chart,) = [each for each in charts if ">validation<" in each and ">epoch<" in each]
    assert ">train<" not in chart


def test_a_name_in_a_chart_is_text_and_not_markup() -> None:
    picture = bar_chart([Bar("<b>&", 1.0)], label='"<i>')
    assert ">&lt;b&gt;&amp;<" in picture
    assert 'aria-label="&quot;&lt;i&gt;"' in picture


def test_rows_that_were_seen_before_the_test_are_counted_by_number() -> None:
    facts = make_facts()
    facts.record.data.leaked.update({"test in train": 1, "validation in train": 5})
    words = " ".join("".join(_read(render_report(facts)).text).split())
    assert "1 of them was also in the training or validation rows" in words
    assert "Rows that are in two parts: test in train: 1, validation in train: 5." in words


def test_rare_chapters_agree_with_their_counts() -> None:
    seeds = {
        "runs": [{"seed": 1, "test": 0.9, "flag": None}, {"seed": 2, "flag": "diverged"}],
        "summary": {"test": {}},
        "kept": 1,
        "differing": {"test": {"rows": 1, "share": 0.0125}},
    }
    losses = {"masked_loss_before": 2.0, "masked_loss_after": 2.5}
    forgetting = {"cka": 0.9, "texts": 1, **losses}
    page = render_report(make_facts(seeds=seeds, forgetting=forgetting))
    words = " ".join("".join(_read(page).text).split())
    assert "The seeds' models disagree on 1 test row (1.2 %)." in words
    assert "1, kept" in words
    assert "represents 1 neutral text (similarity 0.900" in words
    assert "was 2.00 before and is 2.50 now" in words


def test_a_template_that_names_what_is_missing_is_an_error() -> None:
    facts = make_facts()
    del facts.metrics["train"]["score"]
    with pytest.raises(UndefinedError, match="score"):
        render_report(facts)


def test_texts_out_of_scope_are_measured_where_nothing_is_answered() -> None:
    found = {
        "label": "other",
        "rows": 12,
        "against": "test",
        "auroc": {"value": 0.89, "low": 0.88, "high": 0.9},
        "coverage": {"in_scope": 0.9, "out_of_scope": 0.42},
    }
    calibration = {"parts": {"test": {"before": None, "after": None}}}
    page = render_report(make_facts(out_of_scope=found, calibration=calibration))
    said = " ".join(_read(page).text)
    assert "there is nothing to calibrate" in said
    assert "AUROC of 0.890 (0.880 to 0.900" in said
    assert "Answered without a mark: 42.0 % of them, and 90.0 % of the test rows." in said


def test_a_guarantee_that_could_not_be_made_is_said_to_be_none() -> None:
    after = {"ece": 0.02, "claims": 40, "bins": []}
    part = {"error": 0.0, "coverage": 0.0, "curve": []}
    promise = {"kept_from": None, "note": "40 rows are too few"}
    page = render_report(
        make_facts(
            calibration={"parts": {"test": {"before": after, "after": after}}},
            abstention={"parts": {"test": part}, "promise": promise},
        )
    )
    said = " ".join(_read(page).text)
    assert "No error rate is guaranteed: 40 rows are too few." in said
    assert "are marked as abstained" not in said
