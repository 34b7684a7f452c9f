"""The pages as a person sees them, in a real browser."""

from itertools import pairwise
from urllib.parse import urlsplit

import requests

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.support.browser import Browser
from tests.support.hold import Holding
from tests.support.world import World

RUN_NOW = "button[value=false]"
PREVIEW = "button[value=true]"
SCRIPT = "<script>alert(1)</script>"
PHONE = 360


def test_from_the_form_to_the_outcome(world: World, site: str, browser: Browser) -> None:
    """A person opens the address, presses "Run now" and reads what came of it; the report is written."""
    world.list_customers()
    browser.open(site)
    assert browser.text("h1") == "Run the report"
    assert world.avepoint.log.requests("seats") == []
    browser.press(RUN_NOW)
    outcome = browser.text(".outcome")
    assert "Up to date" in outcome
    assert "All 36 customers answered; the report is up to date." in outcome
    assert browser.value("document.querySelector('.outcome a').href").endswith("/edit")
    assert f"The run added {len(world.rows())} rows" in browser.text(".progress")
    assert browser.value("document.querySelectorAll('.progress svg').length") == 4
    assert world.report_seats() == world.service_seats()


def test_preview(world: World, site: str, browser: Browser) -> None:
    """A person presses "Preview changes" and sees the patch row by row; nothing is written."""
    world.list_customers()
    world.run()
    tabs = {tab.title: world.grid(tab.title) for tab in world.book.worksheets()}
    tenant = world.avepoint.directory.customers[0].tenants[0]
    customer_id = world.avepoint.directory.customers[0].id
    more = Tenant(tenant.id, tenant.name, tenant.type, tenant.assigned + 4, tenant.available)
    world.avepoint.directory.put_tenant(customer_id, more)
    browser.open(site)
    browser.press(PREVIEW)
    (line,) = browser.text(".preview").split("\n")
    assert line.endswith(f"Microsoft 365 · assigned {tenant.assigned} → {tenant.assigned + 4}")
    assert "nothing written" in browser.text(".outcome")
    assert {tab.title: world.grid(tab.title) for tab in world.book.worksheets()} == tabs


def test_limits(world: World, site: str, browser: Browser) -> None:
    """A person limits the run to customers and types; the form keeps them for the next run."""
    world.list_customers()
    first, second = world.avepoint.directory.customers[:2]
    browser.open(f"{site}?customer_id={first.id}")
    browser.value(f"document.querySelector('textarea').value += '\\n{second.id}'")
    browser.value("document.querySelector('input[value=google]').checked = true")
    browser.press(RUN_NOW)
    asked = {(request.customer_id, request.tenant_type) for request in world.avepoint.log.requests("seats")}
    assert asked == {(first.id, 2), (second.id, 2)}
    assert browser.value("document.querySelector('textarea').value").split() == [first.id, second.id]
    assert browser.value("document.querySelector('input[value=google]').checked")
    assert not browser.value("document.querySelector('input[value=salesforce]').checked")


def test_progress_comes_while_the_run_works(world: World, site: str, browser: Browser, holding: Holding) -> None:
    """While AvePoint is still being asked, the page shows how many customers are done; then only the outcome."""
    world.list_customers()
    with holding(3) as hold:
        browser.open(site)
        browser.begin(RUN_NOW)
        hold.wait()
        browser.wait_until("document.querySelector('.progress .step') !== null")
        browser.wait_until("document.querySelector('.progress').innerText.includes('3 of 36 customers done')")
        assert "0 failed" in browser.text(".progress")
        assert browser.value("document.querySelector('.step:last-of-type progress').value") == 3
        assert browser.value("document.querySelector('.outcome')") is None
        assert browser.value("document.readyState") == "loading"
        hold.release()
        browser.wait_until("document.readyState === 'complete'")
    shown = "[...document.querySelector('.progress').children].filter(one => one.checkVisibility()).length"
    assert browser.value(shown) == 1
    assert "Up to date" in browser.text(".progress")


def test_what_needs_attention(world: World, site: str, browser: Browser) -> None:
    """A customer that can't be seen is named once, with its row, its types, the word for it and what to do."""
    world.list_customers()
    hidden = world.avepoint.directory.customers[4]
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=hidden.id))
    browser.open(site)
    browser.press(RUN_NOW)
    assert "1 of 36 customers" in browser.text(".outcome")
    assert browser.value("document.querySelectorAll('.attention li').length") == 1
    told = browser.text(".attention")
    assert hidden.organization in told
    assert hidden.id in told
    assert "row 6" in told
    assert "Microsoft 365, Salesforce, Google, Dynamics 365" in told
    assert "not-authorised" in told
    assert "Add it to the customer scope" in told


def test_names_are_text(world: World, site: str, browser: Browser) -> None:
    """A customer or tenant that is called like a piece of HTML shows as that text and does nothing."""
    tenants = (Tenant("t", SCRIPT, TenantType.GOOGLE, 1, 1),)
    named = Customer("c-1", SCRIPT, tenants=tenants)
    hidden = Customer("c-2", f'"><img src=x onerror="document.title=1">{SCRIPT}', in_scope=False)
    world.avepoint.directory.put(named)
    world.avepoint.directory.put(hidden)
    world.list_customers([named, hidden])
    browser.open(site)
    browser.press(PREVIEW)
    assert f"{SCRIPT} · Google" in browser.text(".preview")
    assert hidden.organization in browser.text(".attention")
    assert browser.value("document.querySelectorAll('script, .progress img').length") == 0
    assert browser.value("document.title") == "Preview – Seat report"


def test_nothing_from_elsewhere(world: World, site: str, browser: Browser) -> None:
    """No page asks another origin for anything, and none breaks its own content policy."""
    world.list_customers()
    browser.open(site)
    browser.press(RUN_NOW)
    browser.open(f"{site}?format=html&tenant_type=")
    assert {urlsplit(address).netloc for address in browser.requested} == {urlsplit(site).netloc}
    assert [line for line in browser.console if "Content Security Policy" in line] == []


def test_trouble_is_a_page(world: World, site: str, browser: Browser) -> None:
    """A wrong setting is a page that names it, says what to do and leads back to the form."""
    world.configure(AVEPOINT_CLIENT_SECRET="another")
    world.list_customers()
    browser.open(site)
    browser.press(RUN_NOW)
    assert browser.text("h1") == "The configuration is not right"
    assert "AVEPOINT_CLIENT_SECRET" in browser.text("main")
    assert "Check in AvePoint Elements" in browser.text("main")
    browser.press("main a")
    assert browser.text("h1") == "Run the report"


def test_form_of_another_site(world: World, site: str, browser: Browser) -> None:
    """A page of another site can't make the browser start a run, by a form or by an address."""
    world.list_customers()
    for form in ("<form method=post action={}>", "<form action={}><input name=format value=json>"):
        browser.open("data:text/html," + form.format(site) + "<button>A prize</button></form>")
        browser.press("button")
        assert "Another site may not start a run" in browser.text()
    assert world.avepoint.log.requests("seats") == []


def test_keyboard(world: World, site: str, browser: Browser) -> None:
    """Everything can be reached and used by keyboard, in the order of the page, with a visible focus."""
    world.list_customers()
    browser.open(f"{site}?tenant_type=google")
    reached = []
    for _ in range(8):
        browser.type_key("Tab", 9)
        reached.append(
            browser.value('document.activeElement.outerHTML.match(/^<[a-z]+|(?<= value=")[a-z0-9-]+/g).join()')
        )
        assert browser.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert reached == [
        "<summary",
        "<textarea",
        "<input,microsoft-365",
        "<input,salesforce",
        "<input,google",
        "<input,dynamics-365",
        "<button,false",
        "<button,true",
    ]


def test_every_field_has_a_name(world: World, site: str, browser: Browser) -> None:
    """Each field is labelled, each heading follows its parent, the page says its language."""
    world.list_customers()
    browser.open(f"{site}?tenant_type=google")
    browser.press(RUN_NOW)
    assert browser.value(
        "[...document.querySelectorAll('textarea, input:not([type=hidden])')].every(one => one.labels.length)"
    )
    levels = browser.value("[...document.querySelectorAll('h1, h2, h3')].map(one => +one.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert browser.value("document.documentElement.lang") == "en"


def test_on_a_phone(world: World, site: str, browser: Browser) -> None:
    """On a narrow screen nothing has to be scrolled sideways, with long names and IDs either."""
    long = Customer("c" * 128, "Wort" * 60, in_scope=False)
    world.avepoint.directory.put(long)
    world.list_customers()
    browser.look(width=PHONE)
    browser.open(site)
    assert browser.value("document.documentElement.scrollWidth") <= PHONE
    browser.press(PREVIEW)
    assert "Wort" in browser.text(".attention")
    assert browser.value("document.documentElement.scrollWidth") <= PHONE


def test_without_a_browser(world: World, site: str) -> None:
    """The same page serves what is no browser, without a script to run."""
    world.list_customers()
    page = requests.post(site, data={"format": "html"}, timeout=60)
    assert page.status_code == 200
    assert "Up to date" in page.text
    assert "<script" not in page.text
