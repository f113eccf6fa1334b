"""Six policies are built in, a folder adds more; a bad file is refused with its line and what was expected there."""

from pathlib import Path

import pytest

from app.rules.catalogue import RULES, SOURCES
from app.rules.clauses import CheckInStated, Clause, Limit
from app.rules.policy import BUILT_IN, INHERITABLE, CheckIn, Policy, PolicyError, load_policies
from tests.rules.situations import LATER, POLICIES, happened, make_plan, step

SPOKEN_OF_BY = {
    "check_in.stated": {"balanced", "classic", "decision-date", "two-touch", "steady"},
    "check_in.unstated": {"balanced", "classic", "two-touch", "steady"},
    "offer_reply": {"balanced", "classic"},
    "rejection_reply": {"balanced", "classic"},
    "feedback_request": {"balanced", "classic", "decision-date"},
    "situation_update": {"balanced", "decision-date"},
    "thank_you": set(BUILT_IN),
    "card": set(BUILT_IN),
}

THANK_YOU = """title = "x"

[thank_you]
rule = "timing.thank_you"
counted_from = "end"
opens_after_hours = 2
due_after_hours = 2
earliest = 08:00:00
latest = 21:00:00
closes_after_hours = 24
"""
LIMIT = """title = "x"

[limit]  # how many
rule = "limit.messages"
messages = 4
"""
UNSTATED = """title = "x"

[check_in.unstated]
rule = "timing.check_in.unstated"
days_after_interview = 10
full_days = true
open_days = 7
"""
OFFER = """title = "x"

[offer_reply]
rule = "timing.offer_reply"
earliest = 08:00:00
latest = 18:00:00
closes_after_working_days = 2
closes = 18:00:00
"""
UPDATE = """title = "x"

[situation_update]
rule = "timing.material_update"
earliest = 08:00:00
latest = 18:00:00
open_days = 7
"""


def load(folder: Path, text: str, name: str = "my-team") -> Policy:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_policies(folder)[name]


def refuse(folder: Path, text: str, name: str = "my-team") -> str:
    """What is said of a bad file, after its name."""
    with pytest.raises(PolicyError) as caught:
        load(folder, text, name)
    file = f"{folder / name}.toml, "
    assert all(line.startswith(file) for line in str(caught.value).splitlines())
    return str(caught.value).replace(file, "")


def clauses_of(policy: Policy) -> dict[str, Clause]:
    """Every section of a policy, those within sections too."""
    members = {name: getattr(policy, name) for name in Policy.model_fields}
    members |= {f"check_in.{name}": getattr(policy.check_in, name) for name in CheckIn.model_fields}
    return {name: clause for name, clause in members.items() if isinstance(clause, Clause)}


def test_six_policies_are_built_in_and_the_first_is_balanced() -> None:
    assert list(POLICIES) == list(BUILT_IN)
    assert BUILT_IN == ("balanced", "classic", "decision-date", "two-touch", "capstone", "steady")


def test_each_policy_follows_its_article_and_balanced_follows_all() -> None:
    for source in SOURCES.values():
        assert POLICIES[source.policy].sources == (source.file,)
    assert POLICIES["balanced"].sources == tuple(SOURCES)


@pytest.mark.parametrize("section", SPOKEN_OF_BY)
def test_a_section_is_inherited_exactly_where_the_article_is_silent(section: str) -> None:
    inheriting = {name for name, policy in POLICIES.items() if section in policy.inherited}
    assert inheriting == set(BUILT_IN) - SPOKEN_OF_BY[section]


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_is_inherited_is_what_balanced_does(name: str) -> None:
    own, ours = clauses_of(POLICIES[name]), clauses_of(POLICIES["balanced"])
    assert {section: own[section] for section in POLICIES[name].inherited} == {
        section: ours[section] for section in POLICIES[name].inherited
    }


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_section_cites_a_rule_of_the_catalogue(name: str) -> None:
    assert {clause.rule for clause in clauses_of(POLICIES[name]).values()} <= RULES.keys()


def test_only_classic_has_a_last_message_and_three_in_all() -> None:
    assert [name for name, policy in POLICIES.items() if policy.final_check_in] == ["classic"]
    assert {name: policy.limit.messages for name, policy in POLICIES.items()} == {
        name: 3 if name == "classic" else 2 for name in BUILT_IN
    }


def test_a_policy_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        POLICIES["balanced"].limit.messages = 9  # type: ignore[misc]


def test_a_file_in_the_folder_is_one_more_policy(tmp_path: Path) -> None:
    (tmp_path / "my-team.toml").write_text(LIMIT)
    (tmp_path / "b2.toml").write_text(UNSTATED)
    (tmp_path / "README.md").write_text("not a policy")
    found = load_policies(tmp_path)
    assert list(found) == [*BUILT_IN, "b2", "my-team"]
    assert {name: found[name] for name in BUILT_IN} == dict(POLICIES)
    assert found["my-team"].name == "my-team"


def test_a_folder_without_files_adds_nothing(tmp_path: Path) -> None:
    assert load_policies(tmp_path) == POLICIES


def test_a_file_says_what_differs_and_inherits_the_rest(tmp_path: Path) -> None:
    policy = load(tmp_path, LIMIT)
    assert policy.limit == Limit(rule="limit.messages", messages=4)
    assert set(policy.inherited) == set(INHERITABLE) - {"limit"}
    assert (policy.sources, policy.final_check_in) == ((), None)
    assert policy.check_in == POLICIES["balanced"].check_in


def test_one_check_in_can_be_said_and_the_other_inherited(tmp_path: Path) -> None:
    policy = load(tmp_path, UNSTATED)
    assert policy.check_in.unstated.days_after_interview == 10
    assert policy.check_in.stated == CheckInStated(rule="timing.check_in.stated", days_after_date=1, open_days=7)
    assert set(policy.inherited) == set(INHERITABLE) - {"check_in.unstated"}


def test_a_policy_of_ones_own_is_planned_by(tmp_path: Path) -> None:
    found = make_plan(policy=load(tmp_path, UNSTATED))
    assert found.policy == "my-team"
    check_in = step(found, "check_in")
    assert check_in.due_at.isoformat() == "2026-12-01T09:00:00-05:00"  # ten full days after Friday the 20th at 16:00
    assert check_in.why.endswith(
        "the first working morning 10 days after the interview is Tuesday 1 December at 09:00 in New York."
    )
    assert (check_in.inherited, step(found, "thank_you/ada-park").inherited) == (False, True)


def test_a_limit_of_ones_own_holds(tmp_path: Path) -> None:
    policy = load(tmp_path, LIMIT.replace("messages = 4", "messages = 1"))
    sent = happened("follow_up_sent", "2026-11-20T18:00:00-05:00", key="thank_you/ada-park")
    check_in = step(make_plan(sent, policy=policy, as_of=LATER), "check_in")
    assert (check_in.state, check_in.cancelled_because) == ("cancelled", "limit_reached")
    assert check_in.why == "This policy allows 1 unanswered message and no more."


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ('title = "x"\n[limit\n', 2, "expected TOML"),
        ('title = "x"\n\nlimit = {', 3, "expected TOML"),
        ('title = "x"\ntitle = "y"\n', 2, "expected TOML"),
        ('title = "x"\n\nday = 2026-02-30\n', 3, "expected TOML"),
    ],
    ids=["a bracket left open", "an end too early", "a member twice", "a day that is none"],
)
def test_what_is_not_toml_is_refused_at_its_line(tmp_path: Path, text: str, line: int, complaint: str) -> None:
    assert refuse(tmp_path, text).startswith(f"line {line}: {complaint} (")


@pytest.mark.parametrize(
    ("text", "before", "after", "complaint"),
    [
        (LIMIT, "messages = 4", "messages = 4\nmost = 3", "line 6: limit.most: is not a member here"),
        (LIMIT, 'title = "x"', 'title = "x"\ncolour = "red"', "line 2: colour: is not a member here"),
        (LIMIT, "[limit]", "[manners]", "line 3: manners: is not a member here"),
        (UNSTATED, ".unstated]", ".sometimes]", "line 3: check_in.sometimes: is not a member here"),
        (LIMIT, 'title = "x"', 'title = "x"\nname = "y"', "line 2: name: is not a member of a policy file"),
        (LIMIT, 'title = "x"', 'title = "x"\ninherited = []', "line 2: inherited: is not a member of a policy file"),
    ],
)
def test_what_a_policy_does_not_know_is_refused_at_its_line(
    tmp_path: Path, text: str, before: str, after: str, complaint: str
) -> None:
    assert before in text
    assert refuse(tmp_path, text.replace(before, after)).startswith(complaint)


@pytest.mark.parametrize(
    ("text", "before", "after", "complaint"),
    [
        (LIMIT, '"x"', "3", "line 1: title: Input should be a valid string"),
        (LIMIT, "= 4", '= "four"', "line 5: limit.messages: Input should be a valid integer"),
        (LIMIT, "= 4", "= true", "line 5: limit.messages: Input should be a valid integer"),
        (LIMIT, "= 4", "= 4.0", "line 5: limit.messages: Input should be a valid integer"),
        (UNSTATED, "true", "1", "line 6: check_in.unstated.full_days: Input should be a valid boolean"),
        (THANK_YOU, "= 08:00:00", '= "08:00"', "line 8: thank_you.earliest: Input should be a valid time"),
        (THANK_YOU, "= 08:00:00", "= 2026-11-20", "line 8: thank_you.earliest: Input should be a valid time"),
        (LIMIT, '"x"', '"x"\nsources = "all"', "line 2: sources: Input should be a valid tuple"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_at_its_line(
    tmp_path: Path, text: str, before: str, after: str, complaint: str
) -> None:
    assert before in text
    assert refuse(tmp_path, text.replace(before, after, 1)) == complaint


@pytest.mark.parametrize(
    ("text", "before", "after", "complaint"),
    [
        (LIMIT, "= 4", "= 0", "line 5: limit.messages: Input should be greater than or equal to 1"),
        (LIMIT, "= 4", "= 11", "line 5: limit.messages: Input should be less than or equal to 10"),
        (UNSTATED, "= 10", "= 0", "line 5: check_in.unstated.days_after_interview: Input should be greater than or"),
        (UNSTATED, "= 10", "= 61", "line 5: check_in.unstated.days_after_interview: Input should be less than or"),
        (THANK_YOU, "due_after_hours = 2", "due_after_hours = -1", "line 7: thank_you.due_after_hours: Input should"),
        (THANK_YOU, "= 24", "= 337", "line 10: thank_you.closes_after_hours: Input should be less than or equal to"),
        (LIMIT, '"x"', '""', "line 1: title: String should have at least 1 character"),
        (THANK_YOU, '"end"', '"start"', "line 3: thank_you: Input tag 'start' found using 'counted_from' does not"),
    ],
)
def test_a_value_out_of_its_range_is_refused_at_its_line(
    tmp_path: Path, text: str, before: str, after: str, complaint: str
) -> None:
    assert before in text
    assert refuse(tmp_path, text.replace(before, after, 1)).startswith(complaint)


def test_values_at_the_ends_of_their_ranges_are_taken(tmp_path: Path) -> None:
    assert load(tmp_path, LIMIT.replace("= 4", "= 10")).limit.messages == 10
    assert load(tmp_path, UNSTATED.replace("= 10", "= 60")).check_in.unstated.days_after_interview == 60


def test_a_rule_that_the_catalogue_does_not_know_is_refused_at_its_line(tmp_path: Path) -> None:
    said = refuse(tmp_path, LIMIT.replace("limit.messages", "limit.message"))
    assert said.startswith("line 4: limit.rule: ")
    assert said.endswith("must be the id of a rule in the catalogue, such as timing.thank_you")


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("due_after_hours = 2", "due_after_hours = 1", "opens_after_hours <= due_after_hours < closes_after_hours"),
        ("due_after_hours = 2", "due_after_hours = 24", "opens_after_hours <= due_after_hours < closes_after_hours"),
        ("closes_after_hours = 24", "closes_after_hours = 1", "due_after_hours < closes_after_hours"),
        ("latest = 21:00:00", "latest = 08:00:00", "must have earliest before latest"),
    ],
)
def test_hours_out_of_order_are_refused_at_their_section(
    tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    assert load(tmp_path, THANK_YOU).name == "my-team"
    said = refuse(tmp_path, THANK_YOU.replace(before, after))
    assert said.startswith("line 3: thank_you: ")
    assert complaint in said


def test_a_member_left_out_is_asked_for_at_its_section(tmp_path: Path) -> None:
    assert refuse(tmp_path, LIMIT.replace("messages = 4\n", "")) == "line 3: limit.messages: Field required"
    assert refuse(tmp_path, LIMIT.replace('rule = "limit.messages"\n', "")) == "line 3: limit.rule: Field required"
    said = refuse(tmp_path, UNSTATED.replace("open_days = 7\n", ""))
    assert said == "line 3: check_in.unstated.open_days: Field required"


@pytest.mark.parametrize("section", ["check_in", "thank_you", "limit", "final_check_in"])
def test_a_section_that_is_no_table_is_refused_at_its_line(tmp_path: Path, section: str) -> None:
    said = refuse(tmp_path, f'title = "x"\n\n{section} = 3\n')
    assert said.startswith(f"line 3: {section}: Input should be a valid dictionary or ")


def test_a_check_in_that_is_no_table_is_refused_at_its_line(tmp_path: Path) -> None:
    said = refuse(tmp_path, 'title = "x"\n\n[check_in]\nstated = 3\n')
    assert said.startswith("line 4: check_in.stated: Input should be a valid dictionary or ")


def test_an_empty_file_lacks_a_title(tmp_path: Path) -> None:
    assert refuse(tmp_path, "") == "line 1: title: Field required"


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    said = refuse(tmp_path, LIMIT.replace("limit.messages", "limit.message").replace("= 4", "= 99"))
    assert [line.partition(": ")[0] for line in said.splitlines()] == ["line 4", "line 5"]


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_name_of_a_built_in_policy_is_taken(tmp_path: Path, name: str) -> None:
    said = refuse(tmp_path, LIMIT, name)
    assert said == f"line 1: there is already a policy named {name}; expected another file name"


@pytest.mark.parametrize("name", ["My-Team", "my_team", "-team", "team-", "my--team", "my team", "té"])
def test_a_file_name_that_cannot_name_a_policy_is_refused(tmp_path: Path, name: str) -> None:
    said = refuse(tmp_path, LIMIT, name)
    assert said == "line 1: expected a file name of lower-case words and hyphens, such as my-team.toml"


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "my-team.toml").write_bytes('title = "Zoë"\n'.encode("latin-1"))
    with pytest.raises(PolicyError, match=r"my-team\.toml, line 1: expected a readable file in UTF-8"):
        load_policies(tmp_path)


def test_a_folder_with_the_name_of_a_policy_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "my-team.toml").mkdir()
    with pytest.raises(PolicyError, match=r"my-team\.toml, line 1: expected a readable file"):
        load_policies(tmp_path)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policies(tmp_path / "nowhere")
    assert str(caught.value) == f"{tmp_path / 'nowhere'}: expected a folder of policy files (*.toml)"


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PolicyError, match="file: expected a folder of policy files"):
        load_policies(tmp_path / "file")


def test_an_unknown_section_is_not_mistaken_for_one_whose_name_begins_alike(tmp_path: Path) -> None:
    limit = LIMIT.partition("\n\n")[2]
    said = refuse(tmp_path, 'title = "x"\n\n[limits]\nmessages = 1\n\n' + limit)
    assert said.startswith("line 3: limits: is not a member here")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('title = "x"\n\nsources = ["nowhere.txt"]\n', "line 3: sources.0: "),
        ('title = "x"\n\nlimit = { rule = "limit.messages", messages = 11 }\n', "line 3: limit.messages: "),
        ('title = "x"\n\nlimit.rule = "limit.messages"\nlimit.messages = 11\n', "line 4: limit.messages: "),
        ('title = "x"\n\n["limit"]\nrule = "limit.messages"\n"messages" = 11\n', "line 5: limit.messages: "),
        ('title = "x"\n\n[[limit]]\nrule = "limit.messages"\nmessages = 2\n', "line 3: limit: "),
    ],
    ids=["in a list", "in an inline table", "a dotted member", "a quoted name", "a list of tables"],
)
def test_a_bad_value_is_refused_at_its_line_however_it_is_written(tmp_path: Path, text: str, complaint: str) -> None:
    assert refuse(tmp_path, text).startswith(complaint)


@pytest.mark.parametrize(("text", "section"), [(OFFER, "offer_reply"), (UPDATE, "situation_update")])
def test_civil_hours_out_of_order_are_refused_in_every_section(tmp_path: Path, text: str, section: str) -> None:
    assert load(tmp_path, text).name == "my-team"
    said = refuse(tmp_path, text.replace("latest = 18:00:00", "latest = 07:00:00"))
    assert said.startswith(f"line 3: {section}: ")
    assert "must have earliest before latest" in said
