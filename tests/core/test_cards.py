"""Cards: no name that somebody gave becomes a tag."""

from __future__ import annotations

from burnish.cards import without_html


def test_no_tag_opens_in_a_card() -> None:
    body = "- Labels (2): <script>alert(1)</script>, <!-- x, </td>, p < 0.05, a<b"
    shown = without_html(body)
    assert "<script" not in shown
    assert shown == (
        "- Labels (2): &lt;script>alert(1)&lt;/script>, &lt;!-- x, &lt;/td>, p < 0.05, a&lt;b"
    )
