#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program against real servers: tests/flow/run.py PROGRAM [PATTERN...] [-v] [-j N].

Each case of cases_*.py gets namespaces of its own (world.py), its servers in
the foreground, one check, and a judgement.  Needs root, for namespaces with more
than one user; without, or without a server, cases are skipped and say so.
Ends with `N passed, N failed[, N skipped]`."""
import argparse
import concurrent.futures
import fnmatch
import importlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import debs    # noqa: E402
import dns     # noqa: E402
import tls     # noqa: E402
import world   # noqa: E402

UNSHARE = ["unshare", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc",
           "--propagation", "private"]
CASE_LIMIT = 120


def cases():
    found = []
    for path in sorted(HERE.glob("cases_*.py")):
        found += importlib.import_module(path.stem).CASES
    names = [c.name for c in found]
    assert len(names) == len(set(names)), "two cases of one name"
    return found


# Inside the namespaces
def judge(case, answer):
    findings = answer["findings"]
    failures = [f["id"] for f in findings if f["severity"] == "failure"]
    all_of_them = [f"{f['id']}{'' if f['severity'] == 'failure' else ' (' + f['severity'] + ')'}" for f in findings]
    said = f"found: {', '.join(all_of_them) or 'nothing'}; verdict {answer['verdict']}"
    if case.root and (not failures or failures[0] != case.root):
        return f"the root should be {case.root}; {said}"
    if not case.root and failures:
        return f"nothing may fail here; {said}"
    for wrong in case.never:
        if wrong in failures:
            return f"{wrong} must not be named; {said}"
    for wanted in case.warns:
        if wanted not in [f["id"] for f in findings]:
            return f"{wanted} is missing; {said}"
    if case.verdict or case.root:
        if answer["verdict"] != (case.verdict or "failing"):
            return f"the verdict should be {case.verdict or 'failing'}; {said}"
    elif answer["verdict"] not in ("ok", "warning"):
        return f"a healthy set-up should be ok or warning; {said}"
    return ""


def check(case, here, program):
    here.write("password", case.password)
    places = {"password": here.dir / "password", "dir": here.dir, "shared": here.shared}
    command = [program, "check", "--json", "--timeout", str(case.timeout), "--ca-file",
               str(here.shared / f"{case.trust}.pem"), *(a.format(**places) for a in case.check)]
    done = subprocess.run(here.office_command(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, errors="replace", check=False,
                          timeout=case.timeout + 20, cwd=here.dir)
    here.write("answer.json", done.stdout)
    if done.returncode not in (0, 1):
        return f"the check ended with {done.returncode}: {done.stderr.strip()[-300:]}"
    return judge(case, json.loads(done.stdout))


def inside(name, program, shared, tools, folder):
    case = next(c for c in cases() if c.name == name)
    result = {"name": name, "state": "failed", "reason": ""}
    try:
        socket.sethostname(case.host)
        here = world.World(folder, shared, tools)
        here.over("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")
        here.over("/etc/resolv.conf", f"nameserver {world.RESOLVER}\n")
        servers = case.servers if any(isinstance(s, dns.Dns) for s in case.servers) else [dns.Dns(), *case.servers]
        for server in servers:
            server.start(here)
        if case.before:
            case.before(here)
        began = time.monotonic()
        result["reason"] = check(case, here, program)
        if case.swallowed and f"found: {case.swallowed};" in result["reason"]:
            result["reason"] = check(case, here, program)
        result["check_ms"] = round(1000 * (time.monotonic() - began))
        result["state"] = "failed" if result["reason"] else "passed"
    except debs.Missing as e:
        result.update(state="skipped", reason=str(e))
    except world.Broken as e:
        result["reason"] = f"the world is not up: {e}"
    except subprocess.TimeoutExpired:
        result["reason"] = "the check did not end in its time"
    print(json.dumps(result), flush=True)


# Outside
def one(case, args, shared, tools, scratch):
    folder = tempfile.mkdtemp(prefix=f"{case.name[:24]}-", dir=scratch)
    command = [*UNSHARE, sys.executable, str(HERE / "run.py"), args.program, "--inside", case.name, str(shared), str(tools), folder]
    began = time.monotonic()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, errors="replace", check=False, timeout=CASE_LIMIT)
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        result = json.loads(lines[-1]) if lines else {"name": case.name, "state": "failed",
                                                      "reason": f"broke off: {done.stderr.strip()[-500:]}"}
    except subprocess.TimeoutExpired:
        result = {"name": case.name, "state": "failed", "reason": f"not done after {CASE_LIMIT} s"}
    result["seconds"] = time.monotonic() - began
    result["folder"] = folder
    if not args.keep and result["state"] != "failed":
        shutil.rmtree(folder, ignore_errors=True)
    return result


def tell(result, verbose):
    if verbose or result["state"] != "passed":
        took = f"{result['seconds']:.1f} s, check {result.get('check_ms', 0)} ms"
        print(f"{result['state'].upper():7} {result['name']} ({took}){': ' if result['reason'] else ''}{result['reason']}",
              flush=True)


def possible():
    """None, or why nothing can run here."""
    if os.geteuid() != 0:
        return "not root: namespaces with several users cannot be made"
    probe = subprocess.run([*UNSHARE, "ip", "link", "add", "room0", "type", "veth", "peer", "name", "office0"],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return f"no namespaces here: {probe.stdout.strip()}" if probe.returncode else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("-k", "--keep", action="store_true", help="leave every case's folder")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--inside", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_intermixed_args()
    args.program = str(pathlib.Path(args.program).resolve())
    if args.inside:
        name, shared, tools, folder = args.inside
        return inside(name, args.program, shared, tools, folder)
    chosen = [c for c in cases() if not args.patterns or any(fnmatch.fnmatch(c.name, p) for p in args.patterns)]
    why = possible() or (f"missing: {' '.join(dns.missing())}" if dns.missing() else None)
    if why:
        print(f"SKIPPED all real servers: {why}\n0 passed, 0 failed, {len(chosen)} skipped")
        return 0
    return work(chosen, args)


def work(chosen, args):
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="prf-", dir="/tmp"))
    scratch.chmod(0o755)
    shared = scratch / "shared"
    shared.mkdir()
    tls.make(shared)
    dns.make(shared)
    tools = debs.fetch(HERE.parent.parent / "build" / "servers")
    count = {"passed": 0, "failed": 0, "skipped": 0}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        begun = [pool.submit(one, c, args, shared, tools, scratch) for c in chosen]
        try:
            for done in concurrent.futures.as_completed(begun):
                tell(done.result(), args.verbose)
                count[done.result()["state"]] += 1
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)  # or each that waits would begin still
            raise
    if args.keep or count["failed"]:
        print(f"kept: {scratch}")
    else:
        shutil.rmtree(scratch, ignore_errors=True)
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
