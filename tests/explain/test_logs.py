# SPDX-License-Identifier: Apache-2.0
"""Mail logs: found out by their look, packed, long, cut off."""
import fcntl
import gzip
import json
import lzma
import os
import pathlib
import signal
import struct
import subprocess
import tempfile
import time

from made import log_lines
from program import ENV, POSTRIDER, explain, holds, same, test


@test
def log_is_found_out():
    status, out, _ = explain(stdin="".join(log_lines(70)).encode())
    same(status, 1)
    holds(out, "Of 70 recipients, 10 refused", "There is no such mailbox", "Worst destinations", "b.example", "MEND FIRST",
          "11-01 00:00:00", "Counts")


@test
def log_as_json_lines():
    status, out, _ = explain("--log", "--json", stdin="".join(log_lines(70)).encode())
    rows = [json.loads(line) for line in out.splitlines()]
    same((status, len(rows)), (1, 11))
    same({r["state"] for r in rows[:-1]} | {r["class"] for r in rows[:-1]}, {"refused", "mailbox-unknown"})
    s = rows[-1]["summary"]
    same((s["states"]["refused"], s["states"]["handed-over"], s["classes"], s["complete"]),
         (10, 60, {"mailbox-unknown": 10}, True))
    same((s["mend_first"]["id"], s["destinations"][0]["name"]), ("rcpt-user-unknown", "b.example"))
    same(len(explain("--log", "--json", "--all", stdin="".join(log_lines(70)).encode())[1].splitlines()), 71)


@test
def log_without_failures():
    same(explain("--log", stdin="".join(log_lines(20, bad=99)).encode().replace(b"bounced", b"sent"))[0], 0)


@test
def packed_logs_and_several_files():
    text = "".join(log_lines(70)).encode()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "a.log").write_bytes(text)
        pathlib.Path(folder, "a.log.gz").write_bytes(gzip.compress(text))
        pathlib.Path(folder, "a.log.xz").write_bytes(lzma.compress(text))
        names = ["a.log", "a.log.gz", "a.log.xz"]
        if subprocess.run(["sh", "-c", "command -v zstd"], capture_output=True, check=False).returncode == 0:
            subprocess.run(["zstd", "-q", "a.log"], cwd=folder, check=True)
            names.append("a.log.zst")
        plain = None
        for name in names:
            out = explain(name, cwd=folder)[1].split("\n", 1)[1]
            plain = plain or out
            same(out, plain, name)
        cut = pathlib.Path(folder, "cut.gz")
        cut.write_bytes(gzip.compress(text)[:-400])
        status, out, err = explain(cut)
        same(status, 3)
        holds(out, "recipients", "not read to its end")
        same(bool(err), True)
        both = "".join(log_lines(140)).splitlines(True)
        pathlib.Path(folder, "1").write_text("".join(both[:200]))
        pathlib.Path(folder, "2").write_text("".join(both[200:]))
        holds(explain("--log", "1", "2", cwd=folder)[1], "Of 140 recipients, 20 refused")


@test
def log_bounds():
    text = "".join(log_lines(3000)).encode()
    status, out, _ = explain("--log", "--json", "--recipient", "u3@b.example", "--zone", "utc", stdin=text)
    rows = [json.loads(line) for line in out.splitlines()]
    same({r["to"] for r in rows[:-1]}, {"u3@b.example"})
    out = explain("--log", "--json", "--since", rows[-1]["summary"]["last_seen"], "--zone", "utc", stdin=text)[1]
    same(json.loads(out.splitlines()[-1])["summary"]["recipients"], 1)


@test
def no_log_at_all():
    status, out, _ = explain("--log", stdin=b"Dear diary,\nnothing happened.\n")
    same(status, 1)
    holds(out, "Nothing in it looks like a line of a mail server's log")


@test
def memory_of_a_long_log():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "long.log")
        peaks = []
        for n in (20000, 120000):
            with open(path, "w", encoding="ascii") as f:
                f.writelines(log_lines(n))
            p = subprocess.Popen([POSTRIDER, "explain", "--quiet", path], stdout=subprocess.DEVNULL, env=ENV)
            peaks.append(os.wait4(p.pid, 0)[2].ru_maxrss)
        if "asan" not in POSTRIDER:
            same(peaks[1] < peaks[0] * 1.3 + 4096, True, peaks)


@test
def ctrl_c_tells_what_was_read():
    reader, writer = os.pipe()
    p = subprocess.Popen([POSTRIDER, "explain", "--log"], stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV)
    os.close(reader)
    os.write(writer, "".join(log_lines(200)).encode())
    while True:  # until all is taken: FIONREAD of the pipe
        if struct.unpack("i", fcntl.ioctl(writer, 0x541B, b"\0" * 4))[0] == 0:
            break
        time.sleep(0.01)
    time.sleep(0.2)
    p.send_signal(signal.SIGINT)
    out, _ = p.communicate(timeout=20)
    os.close(writer)
    same(p.returncode, 1)
    holds(out.decode(), "not read to its end", "recipients")
