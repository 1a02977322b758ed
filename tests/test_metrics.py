from __future__ import annotations

from compliance_bot import metrics


def test_every_figure_has_our_prefix_and_a_sentence() -> None:
    metrics.envelope_received("interactive")
    metrics.envelope_acked("interactive", 0.0005)
    metrics.slack_called("chat.postMessage", "ok", 0.02)
    metrics.studio_called("list_findings", "200", 0.02)
    metrics.effect_settled("post", "done")
    metrics.readiness(ready=True, ages={"poll": 3.0, "never": None})
    text = metrics.render().decode()
    helps = [line for line in text.splitlines() if line.startswith("# HELP ")]
    assert helps
    for line in helps:
        _, _, name, words = line.split(" ", 3)
        assert name.startswith("compliance_bot_")
        assert words
    assert 'compliance_bot_age_seconds{what="poll"} 3.0' in text
    assert 'what="never"' not in text


def test_the_worst_lag_is_kept() -> None:
    metrics.loop_lagged(7.0)
    metrics.loop_lagged(0.5)
    text = metrics.render().decode()
    assert "compliance_bot_loop_lag_worst_seconds 7.0" in text
    assert "compliance_bot_loop_lag_seconds 0.5" in text
