#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast and in how much memory a mail log is explained, beside what an administrator would type.

  log.py PROGRAM [--file LOG | --messages N] [--runs N]

Without --file a Postfix log is made: five lines a message, the lines of forty
messages mingled, one in fifty refused, one in fifty delayed once.  The script
tells the last status of each recipient of each queue id, counts them, and names
the domains with most failures; grep leaves it only the lines it needs.

Bars: no slower than the fastest script with its grep; and the whole log takes
no more memory than its first tenth.  Each runs in turn, output to a pipe that is
read; the best run counts, as on a busy machine it is the one least disturbed;
CPU seconds and the peaks of memory are those of all processes of a pipeline."""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

AWK = r"""
{ s = substr($0, index($0, " status=") + 8); last[$6 " " $7] = substr(s, 1, index(s, " ") - 1) }
END {
    for (k in last) {
        n[last[k]]++
        if (last[k] != "sent") { split(k, at, /[@>]/); bad[at[2]]++ }
    }
    for (s in n) print s, n[s]
    for (d in bad) print bad[d], d | "sort -rn | head -20"
}
"""
PERL = r"""
while (<STDIN>) { $last{"$1 $2"} = $3 if /\]: ([0-9A-F]+): to=<([^>]*)>.*? status=(\w+)/ }
for (keys %last) { $n{$last{$_}}++; $bad{$1}++ if $last{$_} ne "sent" && /@(.*)/ }
print "$_ $n{$_}\n" for keys %n;
print "$bad{$_} $_\n" for grep { defined } (sort { $bad{$b} <=> $bad{$a} } keys %bad)[0..19];
"""
PYTHON = r"""
import collections, sys
last = {}
for line in sys.stdin.buffer:
    f = line.split(None, 7)
    last[f[5] + f[6]] = line[line.index(b" status=") + 8:].split(None, 1)[0]
bad = collections.Counter(k.split(b"@")[1] for k, s in last.items() if s != b"sent")
print(collections.Counter(last.values()), bad.most_common(20))
"""

REFUSED = ('dsn=5.1.1, status=bounced (host {mx} said: 550 5.1.1 <{to}>: Recipient address rejected: '
           'User unknown (in reply to RCPT TO command))')
DELAYED = ('dsn=4.7.1, status=deferred (host {mx} said: 450 4.7.1 <{to}>: Recipient address rejected: '
           'Greylisted (in reply to RCPT TO command))')
SENT = 'dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {queued:010X})'


def message(i, rnd):
    second = i // 24 % 86400
    at = f'Nov {1 + i // (24 * 86400):2} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} relay postfix/'
    queue, user = f'{i * 2654435761 & 0xFFFFFFFFFF:010X}', rnd.randrange(200000)
    to = f'user{user}@dest{user % 3000}.example'
    mx = f'mx.dest{user % 3000}.example[198.51.100.{user % 250}]'
    yield f'{at}smtpd[1001]: {queue}: client=mail{rnd.randrange(400)}.client.example[192.0.2.{i % 250}]\n'
    yield f'{at}cleanup[1004]: {queue}: message-id=<{i:09}.{user}@client.example>\n'
    yield f'{at}qmgr[812]: {queue}: from=<sender{i % 5000}@client.example>, size=11034, nrcpt=1 (queue active)\n'
    lead = f'{at}smtp[1008]: {queue}: to=<{to}>, relay={mx}:25, delay=0.42, delays=0.03/0/0.2/0.19, '
    if i % 50 == 1:
        yield lead + DELAYED.format(mx=mx, to=to) + '\n'
    end = REFUSED if i % 50 == 2 else SENT
    yield lead + end.format(mx=mx, to=to, queued=rnd.getrandbits(40)) + '\n'
    yield f'{at}qmgr[812]: {queue}: removed\n'


def make(path, messages):
    rnd, live, i = random.Random(7), [], 0
    with open(path, 'w', buffering=1 << 20) as f:
        while i < messages or live:
            while i < messages and len(live) < 40:
                live.append(message(i, rnd))
                i += 1
            k = rnd.randrange(len(live))
            line = next(live[k], None)
            if line:
                f.write(line)
            else:
                live[k] = live[-1]
                live.pop()


def watch_peaks(processes, peaks):
    """VmHWM: what wait4() tells of a child counts what it was before its exec."""
    while any(p.returncode is None for p in processes):
        for i, p in enumerate(processes):
            try:
                with open(f'/proc/{p.pid}/status') as f:
                    peaks[i] = next((int(x.split()[1]) for x in f if x.startswith('VmHWM')), peaks[i])
            except OSError:
                pass
        time.sleep(0.01)


def once(commands):
    """Seconds, CPU seconds, and megabytes at most, of a pipeline.  Output to nowhere would let grep stop at its first match."""
    env = {**os.environ, 'LC_ALL': 'C'}
    start, chain = time.monotonic(), []
    for command in commands:
        feed = chain[-1].stdout if chain else subprocess.DEVNULL
        chain.append(subprocess.Popen(command, stdin=feed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env))
        if len(chain) > 1:
            feed.close()
    peaks = [0] * len(chain)
    watcher = threading.Thread(target=watch_peaks, args=(chain, peaks))
    watcher.start()
    said = chain[-1].stdout.read()
    codes, cpu = [], 0.0
    for p in chain:
        _, status, use = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        codes.append(p.returncode)
        cpu += use.ru_utime + use.ru_stime
    taken = time.monotonic() - start
    watcher.join()
    if not said or any(code not in (0, 1) for code in codes):
        sys.exit(f'{" | ".join(c[0] for c in commands)} failed')
    return taken, cpu, sum(peaks) / 1024


def measure(pipelines, runs):
    taken = {name: [] for name in pipelines}
    for _ in range(runs):
        for name, commands in pipelines.items():
            taken[name].append(once(commands))
    return {name: (*min(t)[:2], max(m for _, _, m in t)) for name, t in taken.items()}


def pipelines_for(program, path, tenth):
    grep = ['grep', 'status=', path]
    scripts = {'awk': ['awk', AWK], 'perl': ['perl', '-e', PERL], 'python': ['python3', '-c', PYTHON]}
    return {'explain': [[program, 'explain', '--log', path]],
            'explain, a tenth': [[program, 'explain', '--log', tenth]],
            'grep -c': [['grep', '-c', 'status=', path]],
            **{f'grep | {name}': [grep, s] for name, s in scripts.items() if shutil.which(s[0])}}


def cut_tenth(path, tenth):
    """Whole lines of the first tenth."""
    with open(path, 'rb') as whole, open(tenth, 'wb') as part:
        left = os.path.getsize(path) // 10
        while left > 0:
            piece = whole.read(min(left, 1 << 20))
            part.write(piece)
            left -= len(piece)
        part.write(whole.readline())


def count_lines(path):
    with open(path, 'rb') as f:
        return sum(piece.count(b'\n') for piece in iter(lambda: f.read(1 << 20), b''))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('program')
    a.add_argument('--file')
    a.add_argument('--messages', type=int, default=200000)
    a.add_argument('--runs', type=int, default=3)
    o = a.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, tenth = o.file or os.path.join(folder, 'mail.log'), os.path.join(folder, 'tenth.log')
        if not o.file:
            make(path, o.messages)
        cut_tenth(path, tenth)
        lines, size = count_lines(path), os.path.getsize(path)
        result = measure(pipelines_for(o.program, path, tenth), o.runs)
    part, _, part_megabytes = result.pop('explain, a tenth')
    ours, _, megabytes = result['explain']
    print(f'{lines} lines, {size / 1e6:.0f} MB, best of {o.runs}')
    for name, (seconds, cpu, peak) in result.items():
        print(f'{name:14} {seconds:6.2f} s {cpu:6.2f} s CPU {lines / seconds / 1e6:7.2f} million lines/s {peak:7.1f} MB'
              f' {seconds / ours:7.2f} times explain')
    print(f'{"a tenth of it":14} {part:6.2f} s {"":37} {part_megabytes:7.1f} MB')
    best = min(seconds for name, (seconds, *_) in result.items() if '|' in name)
    print(f'the fastest script takes {best / ours:.2f} times as long as explain (bar: 1.00 or more)')
    print(f'memory grew by {megabytes - part_megabytes:.1f} MB (bar: 1.0 or less)')
    return 0 if best >= ours and megabytes - part_megabytes <= 1 else 1


if __name__ == '__main__':
    sys.exit(main())
