"""Tenant types: recognised by name, label or number, in any case and spacing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.domain.tenants import TenantType


@pytest.mark.parametrize("tenant_type", TenantType)
@settings(max_examples=50)
@given(st.data())
def test_parse(tenant_type: TenantType, data: st.DataObject) -> None:
    """A type is recognised by its name, label or number in any case, with any spacing between and around the words."""
    gap = st.text(" \t\n\u00a0_-", min_size=1, max_size=3)
    around = st.text(" \t\n\u00a0", max_size=2)
    text = data.draw(st.sampled_from([tenant_type.value, tenant_type.label, str(tenant_type.number)]))
    text = data.draw(st.sampled_from([str.upper, str.lower, str.title]))(text)
    text = data.draw(gap).join(text.replace("-", " ").split(" "))
    assert TenantType.parse(data.draw(around) + text + data.draw(around)) is tenant_type
