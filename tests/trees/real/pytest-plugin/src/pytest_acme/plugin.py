import pytest


@pytest.fixture
def acme():
    return 1
