"""HTTP: hands requests to the service and sends its answers, the broken ones too."""

import asyncio
import socket
import struct
from email.utils import format_datetime

from aiohttp import web

from tests.emulators.avepoint.answers import Answer, Delivery, Received
from tests.emulators.avepoint.control import control_application
from tests.emulators.avepoint.core import AvePoint
from tests.emulators.avepoint.timer import Timer

SERVICE = web.AppKey("service", AvePoint)
TIMER = web.AppKey("timer", Timer)

# A data file may be large.
_LARGEST_BODY = 64 * 1024 * 1024

# SO_LINGER on with no time: closing sends a reset instead of an orderly end.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def application(service: AvePoint) -> web.Application:
    """Return the web application of the service and its control API."""
    app = web.Application(client_max_size=_LARGEST_BODY)
    app[SERVICE] = service
    app[TIMER] = Timer()
    app.on_response_prepare.append(_set_date)
    app.add_subapp("/emulator/", control_application(service))
    # Line ends too, which an address may have in quotes.
    app.router.add_route("*", r"/{path:[\s\S]*}", _serve)
    return app


async def _set_date(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Date"] = format_datetime(request.config_dict[SERVICE].clock.now(), usegmt=True)


async def _serve(request: web.Request) -> web.StreamResponse:
    service, clock = request.app[SERVICE], asyncio.get_running_loop().time
    came = clock()
    with service.log.in_flight():
        received = Received(
            method=request.method,
            path=request.rel_url.raw_path,
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
            host=request.host,
        )
        answer = service.answer(received)
        if answer.wait:
            # What has been worked meanwhile is part of it.
            await request.app[TIMER].wait_until(came + answer.wait)
        return await _deliver(request, answer)


async def _deliver(request: web.Request, answer: Answer) -> web.StreamResponse:
    match answer.delivery:
        case Delivery.WHOLE:
            whole = web.Response(status=answer.status, body=answer.body or None, headers=answer.headers)
            _set_content_type(whole, answer)
            return whole
        case Delivery.RESET:
            _drop(request, reset=True)
            return web.Response()
        case Delivery.HANG:
            # Nothing sets it: the handler is cancelled when the client leaves or the service stops.
            await asyncio.Event().wait()
            return web.Response()
        case Delivery.DRIBBLE:
            return await _dribble(request, answer)
        case Delivery.TRUNCATED:
            response = await _start(request, answer)
            await response.write(answer.body[: len(answer.body) // 2])
            _drop(request, reset=False)
            return response


async def _dribble(request: web.Request, answer: Answer) -> web.StreamResponse:
    response = await _start(request, answer)
    for position in range(len(answer.body)):
        await response.write(answer.body[position : position + 1])
        await asyncio.sleep(answer.pause)
    await response.write_eof()
    return response


async def _start(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Send the head of an answer, with the length of its whole body."""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    _set_content_type(response, answer)
    response.content_length = len(answer.body)
    await response.prepare(request)
    return response


def _set_content_type(response: web.StreamResponse, answer: Answer) -> None:
    if answer.content_type is not None:
        response.headers["Content-Type"] = answer.content_type


def _drop(request: web.Request, *, reset: bool) -> None:
    """End the connection: with a reset, or in order after what was written."""
    transport = request.transport
    if transport is None:
        return
    if reset:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()
    else:
        transport.close()
