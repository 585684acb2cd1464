#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A way from a browser on this machine to a page inside the lab, which has a network of its own.

    tour-door.py open PORT COMMAND...   binds 127.0.0.1:PORT, or the next free port; runs COMMAND with the
                                        socket as $DOOR_FD; asks the page as a browser would, and prints the
                                        address.  On a terminal it stays until Ctrl-C, elsewhere it ends.
    tour-door.py through FD PORT        inside: takes who comes to FD to 127.0.0.1:PORT there

A socket stays in the network it was made in, whoever accepts from it."""
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

PORTS_TRIED, PIECE, READY_S, ASK_S = 20, 65536, 30, 5


def bind(first: int) -> socket.socket:
    for port in [*range(first, first + PORTS_TRIED), 0]:
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            s.close()
            continue
        s.listen(64)
        return s
    sys.exit("tour-door: no port is free at 127.0.0.1")


def ask(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=ASK_S) as answer:
        return answer.read()


def prove(url: str, inside: subprocess.Popen) -> str:
    """What the page knows of the mail that was refused; "" when it does not come to that."""
    end = time.monotonic() + READY_S
    while time.monotonic() < end and inside.poll() is None:
        try:
            refused = json.loads(ask(url + "api/v1/messages?state=refused&q=subject:invoice"))["messages"]
            if refused and b"Postrider" in ask(url):
                return f'"{refused[0]["subject"]}" did not reach {refused[0]["recipient"]}: {refused[0]["title"]}.'
        except (OSError, ValueError, KeyError):
            pass
        time.sleep(0.2)
    return ""


def open_door(first: int, command: list[str]) -> int:
    s = bind(first)
    url = f"http://127.0.0.1:{s.getsockname()[1]}/"
    inside = subprocess.Popen(command, env={**os.environ, "DOOR_FD": str(s.fileno())}, pass_fds=[s.fileno()])
    try:
        known = prove(url, inside)
        if not known:
            print("The page does not answer.", file=sys.stderr)
            return 1
        print(f"The page answers.  It knows: {known}\n\n  Open  {url}\n", flush=True)
        if sys.stdin.isatty() and sys.stdout.isatty():
            print("See there why.  Then check mail.acme.example:587, or paste an error.  Ctrl-C ends.", flush=True)
            inside.wait()
        return 0
    except KeyboardInterrupt:
        return 0
    finally:
        if inside.poll() is None:
            inside.send_signal(signal.SIGTERM)
            inside.wait()


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def through(fd: int, port: int) -> None:
    async def guest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pour(reader, there[1]), pour(there[0], writer))

    server = await asyncio.start_server(guest, sock=socket.socket(fileno=fd))
    await server.serve_forever()


def end(*_) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    if sys.argv[1] == "through":
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # an exception would be told as some guest's fault
        asyncio.run(through(int(sys.argv[2]), int(sys.argv[3])))
    else:
        signal.signal(signal.SIGTERM, end)
        sys.exit(open_door(int(sys.argv[2]), sys.argv[3:]))
