"""The control API under `/emulator/`: what a test changes and sees, for one that runs in another process."""

import json
from dataclasses import asdict

from aiohttp import web
from aiohttp.typedefs import Handler

from tests.emulators.avepoint.assertions import certificate_only
from tests.emulators.avepoint.core import AvePoint
from tests.emulators.avepoint.documents import (
    customer_from_json,
    customers_from_json,
    customers_to_json,
    fault_from_json,
    fault_to_python,
    faults_from_json,
    options_to_python,
)

CONTROLLED = web.AppKey("controlled", AvePoint)


def control_application(service: AvePoint) -> web.Application:
    """Return the web application of the control API; README.md describes its requests."""
    app = web.Application(middlewares=[_explained])
    app[CONTROLLED] = service
    app.add_routes(
        [
            web.get("/state", _state),
            web.patch("/options", _change_options),
            web.get("/customers", _customers),
            web.put("/customers", _replace_customers),
            web.post("/customers", _put_customer),
            web.delete("/customers/{id}", _remove_customer),
            web.post("/month", _let_a_month_pass),
            web.get("/faults", _faults),
            web.post("/faults", _add_faults),
            web.delete("/faults", _clear_faults),
            web.get("/requests", _requests),
            web.delete("/requests", _clear_requests),
            web.post("/tokens/revoke", _revoke_tokens),
            web.post("/certificates", _register_certificate),
        ]
    )
    return app


@web.middleware
async def _explained(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 400 with a sentence for what a reader of the request refused."""
    try:
        return await handler(request)
    except ValueError as error:
        return web.json_response({"error": str(error)}, status=400)


async def _state(request: web.Request) -> web.Response:
    service = request.app[CONTROLLED]
    return web.json_response(
        {
            "options": options_to_python(service.options),
            "counters": {
                "requests": len(service.log.requests()),
                "limited": service.log.limited,
                "in_flight_max": service.log.in_flight_max,
                "tokens_issued": service.tokens.issued,
                "tokens_refused": service.tokens.refused,
            },
        }
    )


async def _change_options(request: web.Request) -> web.Response:
    options = request.app[CONTROLLED].configure(**await _object(request))
    return web.json_response(options_to_python(options))


async def _customers(request: web.Request) -> web.Response:
    document = customers_to_json(request.app[CONTROLLED].directory.customers)
    return web.Response(body=document, content_type="application/json")


async def _replace_customers(request: web.Request) -> web.Response:
    request.app[CONTROLLED].directory.replace_all(customers_from_json(await request.read()))
    return web.Response(status=204)


async def _put_customer(request: web.Request) -> web.Response:
    request.app[CONTROLLED].directory.put(customer_from_json(await request.read()))
    return web.Response(status=204)


async def _remove_customer(request: web.Request) -> web.Response:
    try:
        request.app[CONTROLLED].directory.remove(request.match_info["id"])
    except KeyError:
        return web.json_response({"error": "There is no such customer."}, status=404)
    return web.Response(status=204)


async def _let_a_month_pass(request: web.Request) -> web.Response:
    seed = (await _object(request)).get("seed")
    if seed is not None and not isinstance(seed, int):
        raise ValueError("seed must be a whole number.")
    return web.json_response(asdict(request.app[CONTROLLED].directory.let_a_month_pass(seed)))


async def _faults(request: web.Request) -> web.Response:
    standing = request.app[CONTROLLED].faults.standing()
    return web.json_response([{"fault": fault_to_python(fault), "struck": struck} for fault, struck in standing])


async def _add_faults(request: web.Request) -> web.Response:
    text = await request.read()
    faults = faults_from_json(text) if text.lstrip().startswith(b"[") else (fault_from_json(text),)
    request.app[CONTROLLED].faults.add(*faults)
    return web.Response(status=204)


async def _clear_faults(request: web.Request) -> web.Response:
    request.app[CONTROLLED].faults.clear()
    return web.Response(status=204)


async def _requests(request: web.Request) -> web.Response:
    return web.json_response([asdict(entry) for entry in request.app[CONTROLLED].log.requests()])


async def _clear_requests(request: web.Request) -> web.Response:
    request.app[CONTROLLED].log.clear()
    return web.Response(status=204)


async def _revoke_tokens(request: web.Request) -> web.Response:
    return web.json_response({"revoked": request.app[CONTROLLED].tokens.revoke_all()})


async def _register_certificate(request: web.Request) -> web.Response:
    request.app[CONTROLLED].registration.certificates.append(certificate_only(await request.read()))
    return web.Response(status=204)


async def _object(request: web.Request) -> dict[str, object]:
    text = await request.read()
    document = json.loads(text) if text.strip() else {}
    if not isinstance(document, dict):
        raise ValueError("The body must be a JSON object.")
    return document
