"""Purchased seats: how many seats of a product a customer has bought from AvePoint."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from tests.emulators.avepoint.answers import Answer, as_json
from tests.emulators.avepoint.data import TenantType
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.options import Options

PATH = re.compile(
    r"/partner/external/v3/general/customers/(?P<customer>[^/]+)/avpt-products/type/(?P<type>[^/]+)/overview"
)
PURCHASED = "purchasedUserSeat"
# The product types of the backup products, in the vendor's numbering of products.
PRODUCT_TYPES: Mapping[TenantType, int] = {
    TenantType.MICROSOFT_365: 2048,
    TenantType.SALESFORCE: 32,
    TenantType.GOOGLE: 33554432,
    TenantType.DYNAMICS_365: 131072,
}
_TYPES = {str(number): tenant_type for tenant_type, number in PRODUCT_TYPES.items()}


def tenant_type_of(text: str) -> TenantType | None:
    """Return the tenant type of a product type as it stands in the path, None for any other product."""
    return _TYPES.get(unquote(text))


def document(tenant_type: TenantType, seats: int) -> dict[str, object]:
    """Return the body of a good answer."""
    return {"productType": PRODUCT_TYPES[tenant_type], PURCHASED: seats}


def unpurchased(tenant_type: TenantType, options: Options) -> Answer | None:
    """Return what is answered where nothing was bought, None for the vendor's 404."""
    if options.unpurchased == "zero":
        return as_json(200, document(tenant_type, 0))
    return Answer(204, content_type=None) if options.unpurchased == "no-content" else None


def _count(fault: Fault, body: dict[str, object]) -> object:
    return {**body, PURCHASED: fault.value}


def _count_missing(_fault: Fault, body: dict[str, object]) -> object:
    return {name: value for name, value in body.items() if name != PURCHASED}


def _product(fault: Fault, body: dict[str, object]) -> object:
    return {**body, "productType": fault.value}


# The faults in the content of an answer.
SHAPES: Mapping[str, Callable[[Fault, dict[str, object]], object]] = {
    "count": _count,
    "count-missing": _count_missing,
    "id": _product,
    "extra-fields": lambda _, body: {**body, "region": "EU"},
    "shape-array": lambda _, body: [body],
    "shape-nested": lambda _, body: {"data": body},
    "shape-null": lambda _fault, _body: None,
    "shape-text": lambda fault, _: "OK" if fault.value is None else fault.value,
}
