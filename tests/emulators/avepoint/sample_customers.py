"""The customers of a made-up managed service provider: what the service starts with unless it is given data."""

import random
import uuid

from tests.emulators.avepoint.data import Customer, Purchase, Tenant, TenantType

M, S, G, D = TenantType.MICROSOFT_365, TenantType.SALESFORCE, TenantType.GOOGLE, TenantType.DYNAMICS_365

_NAMESPACE = uuid.UUID("5b0f5b0e-6d0a-4c57-9d0e-2f3c1f6f7a10")

# Organisation, and the seats bought for each of its tenants, by type. The names try what a spreadsheet has to bear.
_ORGANIZATIONS: tuple[tuple[str, dict[TenantType, tuple[int, ...]]], ...] = (
    ("Alder & Finch Solicitors", {M: (85,)}),
    ("Ashcombe Primary Care Network", {M: (340,), D: (25,)}),
    ("Atelier Béranger SARL", {M: (30,), G: (12,)}),
    ("Bäckerei Großmann GmbH & Co. KG", {M: (140,)}),
    ("Beaumont Shipping Ltd", {M: (460, 75), S: (60,)}),
    ("Blue Heron Veterinary Group", {M: (95,)}),
    ("Brightwater Housing Association", {M: (610,), D: (180,)}),
    ("Cedar Point School District", {M: (2400,), G: (3100,)}),
    ("Clínica São Rafael", {M: (210,)}),
    ("Cooperativa Agrícola del Sur", {G: (65,)}),
    ("Delphi Analytics B.V.", {M: (120,), S: (45, 10)}),
    ("Dunmore Food Wholesale", {M: (180,), D: (60,)}),
    ("Eastgate Dental Partners", {M: (55,)}),
    ("Fjordlys Energi AS", {M: (720,), S: (130,), D: (210,)}),
    ("Gebrüder Müller Maschinenbau AG", {M: (980, 240, 35), D: (300,)}),
    ("Greenfield Renewables plc", {M: (430,), S: (85,)}),
    ("Harbour Lights Hotels", {M: (260,), G: (40,)}),
    ("Hudson Valley Credit Union", {M: (540,), S: (200,)}),
    ("Iwate Precision Tools", {M: (310,)}),
    ("Juniper Street Theatre", {G: (28,)}),
    ("Kestrel Aerospace Components", {M: (870,), D: (150,)}),
    ("Łódzkie Zakłady Tekstylne", {M: (190,)}),
    ("Lakeside Property Management", {M: (75,)}),
    ("Maple & Rowe Architects", {M: (60,), G: (15,)}),
    ("Meridian Franchise Services", {M: tuple(8 + (n * 7) % 45 for n in range(250))}),
    ("Northgate Logistics", {M: (1250, 90), S: (320,), D: (140,)}),
    ("O'Sullivan Construction", {M: (165,)}),
    ("Pinecrest Retirement Villages", {M: (230,)}),
    ("Quayside Marine Insurance", {M: (145,), S: (110,)}),
    ("Riverbend Community College", {M: (1900,), G: (2600,)}),
    ("St. Brendan's Hospice", {M: (125,)}),
    ("Tessellate Design Studio", {G: (22,)}),
    ("Vantage Recruitment Partners", {M: (88,), S: (88,)}),
    ("Whitfield Legal Aid Centre", {}),
    ("東京システムサービス株式会社", {M: (520,), S: (75,)}),
    ("+Plus Fitness Clubs", {M: (14,)}),
)

_LABELS = {M: "", S: " Salesforce", G: " Workspace", D: " Dynamics"}


def sample_customers() -> tuple[Customer, ...]:
    """Return the sample customers: always the same, ids and numbers included."""
    return tuple(_customer(organization, bought) for organization, bought in _ORGANIZATIONS)


def _customer(organization: str, bought: dict[TenantType, tuple[int, ...]]) -> Customer:
    tenants = tuple(
        _tenant(organization, tenant_type, number, seats)
        for tenant_type, all_seats in bought.items()
        for number, seats in enumerate(all_seats, start=1)
    )
    # From AvePoint, seats come in packs of 25.
    purchases = tuple(Purchase(tenant_type, -(-sum(seats) // 25) * 25) for tenant_type, seats in bought.items())
    customer_id = str(uuid.uuid5(_NAMESPACE, organization))
    return Customer(customer_id, organization, tenants, purchases=purchases)


def _tenant(organization: str, tenant_type: TenantType, number: int, seats: int) -> Tenant:
    name = organization + _LABELS[tenant_type] + (f" {number}" if number > 1 else "")
    key = f"{organization}/{tenant_type.value}/{number}"
    # Between six tenths and all of the seats are in use.
    assigned = round(seats * random.Random(key).uniform(0.6, 1.0))
    return Tenant(str(uuid.uuid5(_NAMESPACE, key)), name, tenant_type, assigned, seats - assigned)
