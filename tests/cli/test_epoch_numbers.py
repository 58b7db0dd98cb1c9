# SPDX-License-Identifier: MIT
"""A registry whose history changes, seen by hosts: the number of the epoch decides and never a clock. Both programs,
and both engines of Python."""
import pytest
from support.fake_registry import FakeRegistry
from support.snapshot_file import EPOCH, MEDIA_TYPE, snapshot
from test_overtaken import OTHER_EPOCH, WAYS, Host, ended

HOUR, YEARS = 3600, 10 * 365 * 86400
NOW = 1_793_567_821


def answer(registry, serial, epoch, number, made_at=NOW):
    raw = snapshot({"a.group": [{"name": "x", "value": "x", "source": "registry"}]}, serial=serial, epoch=epoch,
                   epoch_number=number, made_at=made_at)  # fmt: skip
    registry.replies.clear()
    registry.answer("GET", "/v1/snapshot", raw, headers={"Content-Type": MEDIA_TYPE})


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        yield running


@pytest.fixture(params=WAYS)
def pull(request, tmp_path, registry):
    host = Host(tmp_path / "cache", registry.url)

    def run():
        code, out = ended(host.start(WAYS[request.param]))
        return code, out, host.kept()

    return run


@pytest.mark.parametrize("first, second", [(0, 0), (HOUR, -HOUR), (YEARS, 0), (0, -YEARS), (-YEARS, YEARS)])
def test_no_clock_matters(pull, registry, first, second):
    """The machine of one daemon has another time than that of the other, both ways."""
    answer(registry, 50, EPOCH, 100, NOW + first)
    assert pull()[0] == 0
    answer(registry, 3, OTHER_EPOCH, 101, NOW + second)  # a restore: fewer changes
    code, out, kept = pull()
    assert code == 0 and (kept.epoch, kept.epoch_number, kept.serial) == (OTHER_EPOCH, 101, 3), out
    answer(registry, 51, EPOCH, 100, NOW + YEARS)  # the primary before comes back
    code, out, kept = pull()
    assert code == 3 and EPOCH in out and kept.epoch == OTHER_EPOCH, out


def test_two_histories_of_one_number(pull, registry):
    answer(registry, 50, EPOCH, 100)
    assert pull()[0] == 0
    answer(registry, 60, OTHER_EPOCH, 100, NOW + HOUR)
    code, out, kept = pull()
    assert code == 3 and OTHER_EPOCH in out and "100" in out and kept.epoch == EPOCH, out
    assert "history-conflict" in out or "registryctl" in out


def test_a_history_may_come_back_under_a_higher_number(pull, registry):
    for number, epoch in ((100, EPOCH), (101, OTHER_EPOCH), (102, EPOCH)):
        answer(registry, 5, epoch, number)
        code, out, kept = pull()
        assert code == 0 and kept.epoch_number == number, out


def test_registries_and_files_without_numbers(pull, registry):
    answer(registry, 50, EPOCH, 0)
    assert pull()[0] == 0
    answer(registry, 50, EPOCH, 100)  # the registry was upgraded: it is the same history
    code, out, kept = pull()
    assert code == 0 and kept.epoch_number == 100, out
    answer(registry, 60, OTHER_EPOCH, 0, NOW + HOUR)  # an earlier registryd that has another history
    code, out, kept = pull()
    assert code == 3 and kept.epoch == EPOCH, out


def test_a_file_without_a_number_is_replaced_by_a_history_that_has_one(pull, registry):
    answer(registry, 50, EPOCH, 0, NOW + YEARS)  # made by a clock that was ahead
    assert pull()[0] == 0
    answer(registry, 3, OTHER_EPOCH, 101)
    code, out, kept = pull()
    assert code == 0 and kept.epoch == OTHER_EPOCH, out
