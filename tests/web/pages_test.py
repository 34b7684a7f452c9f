"""The pages in a real browser, as a person uses them."""

from itertools import pairwise
from urllib.parse import urlsplit

import requests

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.support.browser import Browser
from tests.support.hold import Holding
from tests.support.world import CUSTOMER_COUNT, World

RUN_BUTTON = "button[value=false]"
PREVIEW_BUTTON = "button[value=true]"
SCRIPT = "<script>alert(1)</script>"
PHONE_WIDTH = 360


def test_run(world: World, site: str, browser: Browser) -> None:
    """A person opens the address, clicks "Run now" and reads the outcome; the report is written."""
    world.list_customers()
    browser.open(site)
    assert browser.text("h1") == "Run the report"
    assert world.avepoint.log.requests("seats") == []
    browser.click(RUN_BUTTON)
    outcome = browser.text(".outcome")
    assert "Up to date" in outcome
    assert f"All {CUSTOMER_COUNT} customers answered; the report is up to date." in outcome
    assert browser.value("document.querySelector('.outcome a').href").endswith("/edit")
    assert f"{len(world.rows())} rows added" in browser.text(".progress")
    assert browser.value("document.querySelectorAll('.rows tbody tr:not(.group)').length") == len(world.rows())
    assert browser.value("document.querySelectorAll('.progress svg').length") == 4
    assert world.report_seats() == world.service_seats()


def test_preview(world: World, site: str, browser: Browser) -> None:
    """A person clicks "Preview changes" and sees the changes row by row; nothing is written."""
    world.list_customers()
    world.run()
    grids = world.grids()
    tenant = world.avepoint.directory.customers[0].tenants[0]
    customer_id = world.avepoint.directory.customers[0].id
    changed_tenant = Tenant(tenant.id, tenant.name, tenant.type, tenant.assigned + 4, tenant.available)
    world.avepoint.directory.put_tenant(customer_id, changed_tenant)
    browser.open(site)
    browser.click(PREVIEW_BUTTON)
    _, customer, line, *_ = browser.text(".rows").split("\n")
    assert customer == world.avepoint.directory.customers[0].organization
    assert line.split("\t") == ["Microsoft 365", "Assigned seats", f"{tenant.assigned}", f"{tenant.assigned + 4}"]
    assert "nothing written" in browser.text(".outcome")
    assert world.grids() == grids


def test_limits(world: World, site: str, browser: Browser) -> None:
    """A person limits the run to customers and types; the form keeps them for the next run."""
    world.list_customers()
    first, second = world.avepoint.directory.customers[:2]
    browser.open(f"{site}?customer_id={first.id}")
    browser.value(f"document.querySelector('textarea').value += '\\n{second.id}'")
    browser.value("document.querySelector('input[value=google]').checked = true")
    browser.click(RUN_BUTTON)
    assert world.queried() == {(first.id, 2), (second.id, 2)}
    assert browser.value("document.querySelector('textarea').value").split() == [first.id, second.id]
    assert browser.value("document.querySelector('input[value=google]').checked")
    assert not browser.value("document.querySelector('input[value=salesforce]').checked")


def test_progress_during_a_run(world: World, site: str, browser: Browser, holding: Holding) -> None:
    """While AvePoint is queried, the page shows how many customers are done; afterwards it shows only the outcome."""
    world.list_customers()
    with holding(3) as hold:
        browser.open(site)
        browser.click_until_navigation(RUN_BUTTON)
        hold.wait()
        browser.wait_until("document.querySelector('.progress .step') !== null")
        browser.wait_until(
            f"document.querySelector('.progress').innerText.includes('3 of {CUSTOMER_COUNT} customers done')"
        )
        assert "0 failed" in browser.text(".progress")
        assert browser.value("document.querySelector('.step:last-of-type progress').value") == 3
        assert browser.value("document.querySelector('.outcome')") is None
        assert browser.value("document.readyState") == "loading"
        hold.release()
        browser.wait_until("document.readyState === 'complete'")
    visible_parts = "[...document.querySelector('.progress').children].filter(one => one.checkVisibility()).length"
    assert browser.value(visible_parts) == 1
    assert "Up to date" in browser.text(".progress")


def test_attention(world: World, site: str, browser: Browser) -> None:
    """An inaccessible customer is listed once, with its row, its types, the kind of problem and what to do."""
    world.list_customers()
    hidden = world.avepoint.directory.customers[4]
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=hidden.id))
    browser.open(site)
    browser.click(RUN_BUTTON)
    assert f"1 of {CUSTOMER_COUNT} customers" in browser.text(".outcome")
    assert browser.value("document.querySelectorAll('.attention li').length") == 1
    attention = browser.text(".attention")
    assert hidden.organization in attention
    assert hidden.id in attention
    assert "row 6" in attention
    assert "Microsoft 365, Salesforce, Google, Dynamics 365" in attention
    assert "not-authorised" in attention
    assert "Add it to the customer scope" in attention


def test_names_are_escaped(world: World, site: str, browser: Browser) -> None:
    """A customer or tenant whose name is HTML is shown as that text, which has no effect."""
    tenants = (Tenant("t", SCRIPT, TenantType.GOOGLE, 1, 1),)
    named = Customer("c-1", SCRIPT, tenants=tenants)
    hidden = Customer("c-2", f'"><img src=x onerror="document.title=1">{SCRIPT}', in_scope=False)
    world.avepoint.directory.put(named)
    world.avepoint.directory.put(hidden)
    world.list_customers([named, hidden])
    browser.open(site)
    browser.click(PREVIEW_BUTTON)
    assert f"{SCRIPT}\nGoogle" in browser.text(".rows")
    assert hidden.organization in browser.text(".attention")
    assert browser.value("document.querySelectorAll('script, .progress img').length") == 0
    assert browser.value("document.title") == "Preview – Seat report"


def test_no_external_resources(world: World, site: str, browser: Browser) -> None:
    """No page requests anything from another origin, and none violates its own content policy."""
    world.list_customers()
    browser.open(site)
    browser.click(RUN_BUTTON)
    browser.open(f"{site}?format=html&tenant_type=")
    assert {urlsplit(address).netloc for address in browser.requested} == {urlsplit(site).netloc}
    assert [line for line in browser.console if "Content Security Policy" in line] == []


def test_error_page(world: World, site: str, browser: Browser) -> None:
    """The page for a wrong setting names it, says what to do and links back to the form."""
    world.configure(AVEPOINT_CLIENT_SECRET="another")
    world.list_customers()
    browser.open(site)
    browser.click(RUN_BUTTON)
    assert browser.text("h1") == "Invalid configuration"
    assert "AVEPOINT_CLIENT_SECRET" in browser.text("main")
    assert "Check in AvePoint Elements" in browser.text("main")
    browser.click("main a")
    assert browser.text("h1") == "Run the report"


def test_cross_site_form(world: World, site: str, browser: Browser) -> None:
    """A page of another site can't make the browser start a run, neither by a POST nor by a GET."""
    world.list_customers()
    for form in ("<form method=post action={}>", "<form action={}><input name=format value=json>"):
        browser.open("data:text/html," + form.format(site) + "<button>A prize</button></form>")
        browser.click("button")
        assert "Cross-site requests are blocked" in browser.text()
    assert world.avepoint.log.requests("seats") == []


def test_keyboard(world: World, site: str, browser: Browser) -> None:
    """Every control can be reached by keyboard, in the order of the page, with a visible focus."""
    world.list_customers()
    browser.open(f"{site}?tenant_type=google")
    focused = []
    for _ in range(10):
        browser.press_key("Tab", 9)
        focused.append(
            browser.value(
                'document.activeElement.cloneNode(false).outerHTML.match(/^<[a-z]+|(?<= value=")[a-z0-9-]+/g).join()'
            )
        )
        assert browser.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert focused == [
        "<a",
        "<summary",
        "<select",
        "<textarea",
        "<input,microsoft-365",
        "<input,salesforce",
        "<input,google",
        "<input,dynamics-365",
        "<button,false",
        "<button,true",
    ]


def test_accessibility(world: World, site: str, browser: Browser) -> None:
    """Every field has a label, headings are nested properly, and the page declares its language."""
    world.list_customers()
    browser.open(f"{site}?tenant_type=google")
    browser.click(RUN_BUTTON)
    assert browser.value(
        "[...document.querySelectorAll('textarea, input:not([type=hidden])')].every(one => one.labels.length)"
    )
    levels = browser.value("[...document.querySelectorAll('h1, h2, h3')].map(one => +one.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert browser.value("document.documentElement.lang") == "en"


def test_narrow_screen(world: World, site: str, browser: Browser) -> None:
    """A narrow screen needs no horizontal scrolling, even with long names and IDs."""
    customer = Customer("c" * 128, "Wort" * 60, in_scope=False)
    world.avepoint.directory.put(customer)
    world.list_customers()
    browser.emulate(width=PHONE_WIDTH)
    browser.open(site)
    assert browser.value("document.documentElement.scrollWidth") <= PHONE_WIDTH
    browser.click(PREVIEW_BUTTON)
    assert "Wort" in browser.text(".attention")
    assert browser.value("document.documentElement.scrollWidth") <= PHONE_WIDTH


def test_changes_on_a_phone(world: World, site: str, browser: Browser) -> None:
    """The numbers before and after are in view without scrolling sideways, within the table too."""
    world.list_customers()
    world.run()
    customer = world.avepoint.directory.customers[0]
    tenant = customer.tenants[0]
    changed = Tenant(tenant.id, tenant.name, tenant.type, tenant.assigned + 4, tenant.available)
    world.avepoint.directory.put_tenant(customer.id, changed)
    browser.emulate(width=PHONE_WIDTH)
    browser.open(site)
    browser.click(PREVIEW_BUTTON)
    assert browser.value("document.querySelector('.rows').scrollWidth <= document.querySelector('.rows').clientWidth")


def test_without_a_browser(world: World, site: str) -> None:
    """The same page works without scripts, in clients other than browsers."""
    world.list_customers()
    page = requests.post(site, data={"format": "html"}, timeout=60)
    assert page.status_code == 200
    assert "Up to date" in page.text
    assert "<script" not in page.text
