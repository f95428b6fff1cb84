#!/usr/bin/env python3
"""Measures `trustgap tools` on the toolchains of this machine beside their own `--version`, and its share of the CPU.

  benches/tools.py TRUSTGAP [RUNS]

Prints rows of the table in docs/benchmarks.md. Nothing but PATH, HOME and where version managers keep theirs is set.
"""
import json
import os
import statistics
import subprocess
import sys
import time

trustgap, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 9
kept = ["PATH", "HOME", "RUSTUP_HOME", "PYENV_ROOT", "LANG"]
environment = {name: os.environ[name] for name in kept if name in os.environ}
tick = os.sysconf("SC_CLK_TCK")


def run(command, limit=60):
    """Returns the wall-clock time, and the CPU times of the program itself and of what it started, in seconds."""
    start = time.monotonic()
    child = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, start_new_session=True)
    # the process is over but still has its entry: that tells its own time from its children's
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    elapsed = time.monotonic() - start
    fields = open(f"/proc/{child.pid}/stat").read().rsplit(")", 1)[1].split()
    user, system, children_user, children_system = (int(field) / tick for field in fields[11:15])
    child.wait()
    return elapsed, user + system, children_user + children_system


asked = subprocess.run([trustgap, "tools", "--json"], env=environment, stdin=subprocess.DEVNULL, capture_output=True)
rows = json.loads(asked.stdout)["tools"]
programs = sorted({row["path"] for row in rows if os.access(row["path"], os.X_OK)})
slowest, name = max((statistics.median(run([program, "--version"])[0] for _ in range(3)), program) for program in programs)

samples = [run([trustgap, "tools"]) for _ in range(runs)]
wall = [sample[0] for sample in samples]
share = 100 * sum(sample[1] for sample in samples) / sum(sample[1] + sample[2] for sample in samples)
kinds, rows_shown = len({row["id"] for row in rows}), len(rows)
base = os.path.basename(name)
print(f"| slowest single `--version` of {len(programs)} programs (`{base}`) | {slowest * 1e3:.0f} ms |  |  |")
print(f"| trustgap tools, {kinds} toolchains in {rows_shown} installations | {statistics.median(wall) * 1e3:.0f} ms "
      f"| {min(wall) * 1e3:.0f} to {max(wall) * 1e3:.0f} ms | {slowest * 1300:.0f} ms (1.3 × the slowest) |")
print(f"| the same: its own share of the CPU | {share:.1f} % |  | 10 % |")
