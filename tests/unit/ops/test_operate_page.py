"""The screens in docs/operate.md are as the verbs print them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest

from ops import run, status, status_view, why, why_view
from simulator.aws.ecs_rollout import Rollout
from tests.declared import ROOT, STACKS
from tests.unit.ops.simulated import Simulated, simulated
from tests.unit.ops.test_approval import waiting

PAGE = ROOT / "docs" / "operate.md"
RENEW = "RENEW_GOLDEN"
COMMIT = "1a2b3c4d5e6f"
SCREENS: dict[str, Callable[[Simulated], None]] = {
    "status": lambda cloud: status_view.show(status.read(cloud.cloud, "dev", STACKS)),
    "why": lambda cloud: why_view.show(why.read(cloud.cloud, "dev", "promptsvc", STACKS)),
    "waiting": lambda _: why_view.show(why.read(waiting("mcp").cloud, "dev", "mcp", STACKS)),
}


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_as_it_prints(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    cloud = simulated(jobs=True)
    cloud.outputs["commits"] = dict.fromkeys(cloud.outputs["images"], COMMIT)
    cloud.roll_out("promptsvc", Rollout.ROLLED_BACK, "rollback")
    run.start(cloud.cloud, "dev", "cleanup", STACKS, arguments=(), parallel=False)
    SCREENS[name](cloud)
    # Addresses have generated digits.
    printed = re.sub(r"http://\S+", "http://….elb.amazonaws.com", capsys.readouterr().out)
    printed = re.sub(r"10\.20\.\d+\.\d+", "10.20.….…", printed)
    screen = "\n".join(f"    {line}".rstrip() for line in printed.strip().splitlines())
    pattern = rf"(<!-- \S+ writes the screen {name} -->\n).*?(<!-- end -->)"
    page = PAGE.read_text()
    expected = re.sub(pattern, lambda marks: f"{marks[1]}\n{screen}\n\n{marks[2]}", page, flags=re.DOTALL)
    if RENEW in os.environ:
        PAGE.write_text(expected)
        return
    assert page == expected, f"To accept the new screen: {RENEW}=1 .venv/bin/python -m pytest {__file__}"
