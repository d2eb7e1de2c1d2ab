"""A whole scan where there is no network.

Nothing is looked up, nothing tries to leave, nothing fails for want of it.
"""

import pytest

from tests.tools import promises


@pytest.mark.slow
@pytest.mark.real
def test_a_scan_needs_no_network_and_looks_up_no_name():
    if why := promises.namespaces():
        pytest.skip(why)
    offline = promises.offline()

    assert offline.kept, offline.figure
