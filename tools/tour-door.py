#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A way from a browser on this machine to a page inside the lab, which has a network of its own.

    tour-door.py open PORT COMMAND...   binds 127.0.0.1:PORT, or the next free port, and becomes COMMAND
                                        with the socket as $DOOR_FD and the address as $DOOR_URL
    tour-door.py through FD PORT        inside: takes who comes to FD to 127.0.0.1:PORT there

A socket stays in the network it was made in, whoever accepts from it."""
import asyncio
import os
import socket
import sys

PORTS_TRIED, PIECE = 20, 65536


def bind(first: int) -> socket.socket:
    for port in [*range(first, first + PORTS_TRIED), 0]:
        s = socket.socket()
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            s.close()
            continue
        s.listen(64)
        return s
    sys.exit("tour-door: no port is free at 127.0.0.1")


def open_door(first: int, command: list[str]) -> None:
    s = bind(first)
    s.set_inheritable(True)
    os.environ["DOOR_FD"] = str(s.fileno())
    os.environ["DOOR_URL"] = f"http://127.0.0.1:{s.getsockname()[1]}/"
    os.execvp(command[0], command)


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


if __name__ == "__main__":
    if sys.argv[1] == "open":
        open_door(int(sys.argv[2]), sys.argv[3:])
    try:
        asyncio.run(through(int(sys.argv[2]), int(sys.argv[3])))
    except KeyboardInterrupt:
        pass
