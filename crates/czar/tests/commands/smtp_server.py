"""A mail server for the tests: one port with STARTTLS and login, one encrypted from the start with login, one with neither.

It keeps each message as a JSON file, with the recipients the client named, and ends with its standard input.
"""

import asyncio
import json
import os
import ssl
import sys
import threading

from aiosmtpd.smtp import SMTP, AuthResult

FOLDER, CERTIFICATE, KEY, USER, PASSWORD = sys.argv[1:6]


class Keep:
    n = 0

    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("forged"):
            return "553 5.7.1 you are not this sender"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 5.1.1 there is nobody of this name"
        if address.startswith("later"):
            return "450 4.2.1 the mailbox is busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        Keep.n += 1
        message = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "user": getattr(session, "login", None),
            "is_encrypted": session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
            "content": envelope.content.decode("ascii"),
        }
        path = os.path.join(FOLDER, f"{Keep.n:04}.json")
        with open(path + ".part", "w") as file:
            json.dump(message, file)
        os.rename(path + ".part", path)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    is_right = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
    session.login = data.login.decode() if is_right else None
    # Not handled: the server itself answers 535.
    return AuthResult(success=is_right, handled=False)


async def serve():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE, KEY)
    login = {"auth_required": True, "authenticator": authenticate}
    kinds = {
        "starttls": (lambda: SMTP(Keep(), hostname="localhost", tls_context=context, require_starttls=True, **login), None),
        "tls": (lambda: SMTP(Keep(), hostname="localhost", auth_require_tls=False, **login), context),
        "bare": (lambda: SMTP(Keep(), hostname="localhost"), None),
    }
    loop = asyncio.get_running_loop()
    ports = []
    for factory, encryption in kinds.values():
        server = await loop.create_server(factory, "127.0.0.1", 0, ssl=encryption)
        ports.append(str(server.sockets[0].getsockname()[1]))
    print(" ".join(ports), flush=True)
    end = asyncio.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(end.set)), daemon=True).start()
    await end.wait()


asyncio.run(serve())
