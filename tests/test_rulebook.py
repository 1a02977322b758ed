import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from compliance_bot.config.places import packaged_place
from compliance_bot.errors import Misconfigured
from compliance_bot.model.events import Cause, Change, Event
from compliance_bot.model.problems import Problem
from compliance_bot.model.slack import Channel, Directory
from compliance_bot.rulebook import Rulebook, RulesRefused, compile_rulebook

RULES, TEMPLATES = packaged_place("rules.yaml"), packaged_place("templates")


def an_event(**attributes: str) -> Event:
    return Event(
        type="finding", studio_id="f-1", change=Change.NEW, cause=Cause.STUDIO, attributes={**attributes}
    )


def compile_text(text: str, place: Path) -> tuple[Rulebook, tuple[Problem, ...]]:
    (place / "rules.yaml").write_text(text)
    return compile_rulebook(place / "rules.yaml", TEMPLATES)


def test_shipped_rules_and_templates_are_without_a_word_to_say() -> None:
    assert compile_rulebook(RULES, TEMPLATES)[1] == ()


def test_rulebook_routes_an_event_by_its_own_facts_too(tmp_path: Path) -> None:
    rulebook, _ = compile_text(
        "routing_rules:\n  new:\n    condition: \"type == 'finding' AND change == 'new' AND id == 'f-1'\"\n"
        '    channels: ["#a"]\n',
        tmp_path,
    )
    directory = Directory(channels_by_name={"a": Channel(id="C1", name="a")})
    routing = rulebook.route(an_event(severity="low"), directory)
    assert "C1" in [destination.channel_id for destination in routing.destinations]


def test_hash_changes_with_the_rules_and_with_a_template(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES, templates)
    rules = tmp_path / "rules.yaml"
    shutil.copy(RULES, rules)
    first, _ = compile_rulebook(rules, templates)
    again, _ = compile_rulebook(rules, templates)
    assert first.hash == again.hash
    with rules.open("a") as file:
        file.write("# a word\n")
    second, _ = compile_rulebook(rules, templates)
    template = templates / "critical_alert.json.j2"
    template.write_text(template.read_text() + "\n")
    third, _ = compile_rulebook(rules, templates)
    assert len({first.hash, second.hash, third.hash}) == 3


def test_broken_rules_are_refused_whole_with_the_first_fault_and_the_number_of_others(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("studio:\n  poll_intervall: 60s\n  timeout: 10\nrooting_rules: {}\n")
    with pytest.raises(RulesRefused) as caught:
        compile_rulebook(rules, TEMPLATES)
    assert isinstance(caught.value, Misconfigured)
    assert str(caught.value) == (
        "rules.yaml:2:3 studio.poll_intervall: is not known here (did you mean poll_interval?) "
        "(and 2 more: compliance-bot validate)"
    )
    assert [problem.line for problem in caught.value.problems] == [2, 3, 4]


def test_broken_template_refuses_the_rulebook(tmp_path: Path) -> None:
    (tmp_path / "critical_alert.json.j2").write_text("{")
    with pytest.raises(RulesRefused) as caught:
        compile_rulebook(RULES, tmp_path)
    assert "critical_alert.json.j2" in {problem.file for problem in caught.value.problems}


def test_directory_without_a_template_that_findings_need_is_refused(tmp_path: Path) -> None:
    shutil.copy(TEMPLATES / "critical_alert.json.j2", tmp_path)
    with pytest.raises(RulesRefused) as caught:
        compile_rulebook(packaged_place("rules.yaml"), tmp_path)
    said = [str(problem) for problem in caught.value.problems if "compliance_update.json.j2" in problem.file]
    place = f"{tmp_path.name}/compliance_update.json.j2"
    hint = "compliance-bot init DIR writes the shipped ones"
    assert said == [f"{place} is missing, and findings need it ({hint})"]


def test_warnings_do_not_refuse(tmp_path: Path) -> None:
    text = 'routing_rules:\n  a:\n    condition: "NOT (score > 5)"\n    channels: ["#a"]\n'
    _, warnings = compile_text(text, tmp_path)
    assert [warning.warning for warning in warnings] == [True]


def test_project_is_looked_up_only_where_something_reads_it(tmp_path: Path) -> None:
    def reads(text: str) -> bool:
        return compile_text(text, tmp_path)[0].reads_project

    rule = 'routing_rules:\n  a:\n    condition: "{0}"\n    channels: ["{1}"]\n'
    assert not reads("grouping:\n  threshold: 3\n")
    assert not reads(rule.format("severity == 'critical'", "#a"))
    assert reads(rule.format("project == 'Payments'", "#a"))
    assert reads(rule.format("severity == 'critical'", "#team-{{ project }}"))
    assert reads('studio:\n  projects: ["Payments"]\n')


GUIDE = Path(__file__).parent / "config" / "testdata" / "guide"
NOT_YET = {"alert_configuration.deadline_reminders.schedule"}
"""What the guide sets and this version warns of."""


@pytest.mark.parametrize("section", sorted(file.name for file in GUIDE.glob("*.yaml")))
def test_section_of_the_guide_loads_alone_as_written_there(section: str) -> None:
    _, warnings = compile_rulebook(GUIDE / section, TEMPLATES)
    assert {warning.path for warning in warnings} <= NOT_YET


def test_sections_of_the_guide_load_together(tmp_path: Path) -> None:
    text = "\n".join(file.read_text() for file in sorted(GUIDE.glob("*.yaml")))
    rulebook, warnings = compile_text(text, tmp_path)
    assert {warning.path for warning in warnings} == NOT_YET
    assert rulebook.rules.debug_config.enabled
    assert rulebook.rules.studio_timeout == 30


def test_the_rulebook_knows_each_template_by_its_hash(tmp_path: Path) -> None:
    rules, templates = tmp_path / "rules.yaml", tmp_path / "templates"
    rules.write_text("delivery: {ping_once: true}\n")
    shutil.copytree(packaged_place("templates"), templates)
    before, _ = compile_rulebook(rules, templates)
    changed = templates / "critical_alert.json.j2"
    changed.write_text(changed.read_text() + "\n")
    after, _ = compile_rulebook(rules, templates)
    differing = {
        name for name, known in after.template_hashes.items() if before.template_hashes[name] != known
    }
    assert differing == {"critical_alert"}
    assert before.hash != after.hash


def test_a_channel_is_unread_while_slacks_lists_are_and_undescribed_once_they_lack_it(tmp_path: Path) -> None:
    book, _ = compile_text("{}", tmp_path)
    assert book.audience(Directory(complete=False), "C1").ceiling is None
    assert book.audience(Directory(complete=True), "C1").ceiling == book.sensitivity.lowest


def test_several_threads_may_build_at_once() -> None:
    with ThreadPoolExecutor(4) as threads:
        built = list(threads.map(lambda _: compile_rulebook(RULES, TEMPLATES)[0], range(8)))
    directory = Directory(channels_by_name={"compliance-alerts": Channel(id="C1", name="compliance-alerts")})
    event = an_event(severity="critical", category="security")
    assert len({one.hash for one in built}) == 1
    assert len({one.route(event, directory).trace for one in built}) == 1
