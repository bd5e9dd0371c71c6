from __future__ import annotations

import json

import pytest

from simulator.aws.ecs_model import parse
from simulator.sdk import UNKNOWN


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "containerDefinitions is not valid JSON"),
        (5, "containerDefinitions is not valid JSON"),
        ("{}", "containerDefinitions is not a list of container definitions"),
        ('[{"imag": "a"}]', 'Unknown parameter in containerDefinitions[0]: "imag": did you mean image?'),
        ('[{"zzz": "a"}]', 'Unknown parameter in containerDefinitions[0]: "zzz"'),
        ('[{"cpu": "1"}]', "Invalid type for parameter containerDefinitions[0].cpu, type: str, valid types: int"),
        (
            '[{"environment": [{"name": "A", "value": 5}]}]',
            "Invalid type for parameter containerDefinitions[0].environment[0].value, type: int, valid types: str",
        ),
        (
            '[{"healthCheck": {}}]',
            'Missing required parameter in containerDefinitions[0].healthCheck: "command"',
        ),
        (
            '[{"portMappings": [{"protocol": "sctp"}]}]',
            "Value 'sctp' at 'containerDefinitions[0].portMappings[0].protocol' failed to satisfy constraint:"
            " must be one of tcp, udp",
        ),
    ],
)
def test_a_malformed_definition_has_a_problem_and_no_containers(text: object, problem: str) -> None:
    parsed = parse(text)
    assert (parsed.problems, parsed.containers) == ([problem], [])


def test_a_null_is_as_good_as_nothing() -> None:
    parsed = parse(json.dumps([None, {"name": "a", "secrets": None, "environment": [None]}]))
    assert (parsed.containers, parsed.problems) == ([{"name": "a", "environment": []}], [])


@pytest.mark.parametrize("text", [None, UNKNOWN])
def test_a_definition_that_is_not_known_has_no_problem(text: str | None) -> None:
    parsed = parse(text)
    assert (parsed.containers, parsed.problems) == ([], [])
