"""A plan keeps the credential to itself, and the archive it deploys is the function."""

import zipfile

from tests.infra.archive import pack
from tests.infra.terraform import CREDENTIAL, Plan


def test_no_secret_in_the_plan(plan: Plan) -> None:
    """The credential's value is neither in the plan's file nor in its JSON."""
    with zipfile.ZipFile(plan.file) as file:
        assert all(CREDENTIAL.encode() not in file.read(name) for name in file.namelist())
    assert CREDENTIAL not in plan.shown


def test_the_archive(plan: Plan) -> None:
    """Terraform's archive holds the same files, with the same contents, as the one that is tested without Terraform."""
    with zipfile.ZipFile(plan.archive) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == pack(plan.root)
