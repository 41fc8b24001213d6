"""What holds for all tests: in continuous integration no real component may be missing.

A test marked ``real`` that is skipped for want of its component is a failure where CI=true,
for there it would look as if it had been tested.
"""

import os
import signal
from collections.abc import Generator

import pytest

from tests.real import postgres

# Started in the background, a shell ignores INT for us; what we start would ignore it too.
signal.signal(signal.SIGINT, signal.default_int_handler)

IS_CI = os.environ.get("CI", "").lower() in ("true", "1", "yes")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a real test into a failure that says so."""
    report = yield
    if IS_CI and report.skipped and item.get_closest_marker("real"):
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{why}; where CI=true nothing real may be skipped"
    return report


# Whole files of real processes that are waited for: left out by ./check --fast.
SLOW = frozenset(
    f"tests/{name}.py"
    for name in (
        "agent/test_bundle",
        "agent/test_full_disk",
        "agent/test_gate",
        "agent/test_herds",
        "agent/test_killing",
        "agent/test_leaving",
        "agent/test_link",
        "agent/test_looks",
        "agent/test_measure",
        "agent/test_orphans",
        "agent/test_program",
        "agent/test_progress",
        "agent/test_reaper",
        "agent/test_shepherd",
        "agent/test_spawn",
        "agent/test_sta",
        "agent/test_stages",
        "agent/test_suspend",
        "bench/test_drill",
        "bench/test_meter",
        "client/test_aio",
        "client/test_executor",
        "client/test_waiting",
        "contracts/test_rest_fuzz",
        "contracts/test_store_worlds",
        "engine/test_impossible",
        "examples/test_campaign",
        "faces/jtm/test_pools",
        "faces/jtm/test_submit",
        "faces/slurm/test_surface",
        "faces/spool/test_verb",
        "faces/test_backup",
        "faces/test_bench",
        "faces/test_config",
        "faces/test_down",
        "faces/test_follow",
        "faces/test_forward",
        "faces/test_harmless",
        "faces/test_join",
        "faces/test_run",
        "faces/test_screen",
        "faces/test_spread",
        "faces/test_top_in_tmux",
        "faces/test_up",
        "faces/test_wait",
        "faces/wam/test_results",
        "faces/wq/test_sub",
        "old/test_agents",
        "real/test_batch_pools",
        "real/test_containers",
        "real/test_partition",
        "real/test_ssh_nodes",
        "server/routes/test_audit",
        "server/routes/test_events",
        "server/routes/test_log",
        "server/routes/test_submit",
        "server/routes/test_tokens",
        "server/test_attacks",
        "server/test_bound",
        "server/test_build",
        "server/test_gateway",
        "server/test_guard",
        "server/test_home",
        "server/test_leader",
        "server/test_listen",
        "server/test_local",
        "server/test_login",
        "server/test_loop",
        "server/test_notify",
        "server/test_pools",
        "server/test_recurring",
        "server/test_sight",
        "server/test_steps",
        "server/test_tls",
        "server/test_turns",
        "sim/test_batch",
        "sim/test_reference",
        "sim/test_replay",
        "sim/test_scenarios",
        "sim/test_witness",
        "sim/test_world",
        "store/test_crash",
        "store/test_sqlite",
        "stories/test_bucket",
        "stories/test_files",
        "stories/test_migrate_store",
        "web/test_acting",
        "web/test_again",
        "web/test_hostile",
    )
)

SLOW_FOLDERS = ("tests/server/routes/", "tests/web/", "tests/clients/")
"""Whole folders of them."""


LONGEST = (
    "tests/stories/test_kill_anywhere.py", "tests/real/", "tests/clients/",
    "tests/sim/test_world.py", "tests/stories/", "tests/examples/",
)  # fmt: skip
"""What takes minutes goes first: begun last, it would keep one core busy and one idle."""


def pytest_sessionfinish() -> None:
    """End the databases that tests of this process have started."""
    postgres.end_all()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, and let it begin."""
    for item in items:
        if item.nodeid.partition("::")[0] in SLOW or item.nodeid.startswith(SLOW_FOLDERS):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
