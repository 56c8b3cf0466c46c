#!/usr/bin/env python3
"""Compares gen.h with CPython: random generator programs, written in both, have the same trace.

    fuzz.py [--seed N] [--seconds S | --count N] [--cc CC] [--build DIR] [--gen-h DIR]
            [--sanitize] [--cflags FLAGS] [--only N] [--keep]

Program N of seed S is always the same. What differs is made smaller and shown in both languages,
with both traces. Exit status: 0 all the same, 1 something differs, 2 it could not be found out.
"""
import argparse
import concurrent.futures
import difflib
import itertools
import os
import random
import re
import shlex
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import as_c  # noqa: E402
import as_python  # noqa: E402
import program  # noqa: E402

BATCH = 25
TOGETHER = 2  # batches at a time
SANITIZE = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


class CannotRun(Exception):
    """A compiler or Python refuses a program, which is this fuzzer's fault (or a mutation's)."""


def drivers(trace):
    """The parts of a trace that the drivers made."""
    starts = [n for n, line in enumerate(trace) if line.startswith("driver ")] + [len(trace)]
    return [trace[:starts[0]]] + [trace[a:b] for a, b in zip(starts, starts[1:])]


def same(in_c, in_python):
    """Compares what each driver made; up to "...", where Python could not tell how it goes on."""
    in_c, in_python = drivers(in_c), drivers(in_python)
    return len(in_c) == len(in_python) and all(
        a[:len(b) - 1] == b[:-1] if b and b[-1] == "..." else a == b
        for a, b in zip(in_c, in_python))


class Runner:
    """Runs lists of programs in both languages."""

    def __init__(self, options):
        self.options = options
        self.numbers = itertools.count()
        flags = SANITIZE if options.sanitize else ["-O0"]
        self.compile = shlex.split(options.cc) + ["-std=gnu99", "-w", "-I", options.gen_h] + flags
        self.compile += shlex.split(options.cflags)
        os.makedirs(options.build, exist_ok=True)

    def traces(self, programs):
        """For each program what C and what Python says, two lists of lines."""
        base = os.path.join(self.options.build, f"batch{os.getpid()}_{next(self.numbers)}")
        source, script, binary = base + ".c", base + ".py", base + ".out"
        for path, text in ((source, as_c.print_programs(programs)),
                           (script, as_python.print_programs(programs))):
            with open(path, "w", encoding="ascii") as f:
                f.write(text)
        self.command(self.compile + ["-o", binary, source])
        in_c = self.command([binary], fails=True)
        in_python = self.command([sys.executable, "-W", "ignore", script])
        if not self.options.keep:
            for path in (source, script, binary):
                os.remove(path)
        return list(zip(self.split(in_c, len(programs)), self.split(in_python, len(programs))))

    @staticmethod
    def command(words, fails=False):
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=300,
                                  encoding="utf-8", errors="replace", check=False)
        except subprocess.TimeoutExpired as exc:
            raise CannotRun(f"{shlex.join(words)}: no end") from exc
        if done.returncode != 0 and not fails:
            raise CannotRun(f"{shlex.join(words)}:\n{done.stderr[:2000]}")
        return done.stdout

    @staticmethod
    def split(text, count):
        traces = [["not run"]] * count
        for part in re.split(r"^== ", text, flags=re.M)[1:]:
            number, *lines = part.splitlines()
            traces[int(number)] = lines
        return traces

    def different(self, programs):
        """The first of the programs whose traces differ, and these; or None."""
        for n, (in_c, in_python) in enumerate(self.traces(programs)):
            if not same(in_c, in_python):
                return n, in_c, in_python
        return None

    def shrink(self, found):
        """Makes a program that differs smaller, as long as some smaller one differs as well."""
        seen = {found}
        while True:
            steps = (p for p in program.smaller(found) if p not in seen)
            while True:
                some = list(dict.fromkeys(itertools.islice(steps, BATCH)))
                if not some:
                    return found
                seen.update(some)
                answer = self.different(some)
                if answer is not None:
                    found = some[answer[0]]
                    break


def report(runner, seed, number, found):
    small = runner.shrink(found)
    _, in_c, in_python = runner.different([small])
    options = runner.options
    again = f"python3 {sys.argv[0]} --seed {seed} --only {number} --cc {shlex.quote(options.cc)}"
    if options.sanitize:
        again += " --sanitize"
    print(f"\nDIFFERENT: program {number} of seed {seed}. Made smaller, in Python:\n")
    print(as_python.Printer(small, "").text())
    print("in C:\n")
    print(as_c.Printer(small, "").text())
    print("traces, - Python, + C:\n")
    for line in difflib.ndiff(in_python, in_c):
        if not line.startswith("?"):
            print("    " + line)
    print(f"\nto run it again: {again}", flush=True)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", help="default: a random one")
    parser.add_argument("--seconds", type=float, help="how long to look; default 10, without --count")
    parser.add_argument("--count", type=int, help="how many programs to compare")
    parser.add_argument("--cc", default=os.environ.get("CC", "cc"))
    parser.add_argument("--build", default="build/fuzz", help="directory for what is compiled")
    parser.add_argument("--gen-h", default=os.path.join(here, "..", ".."), help="where gen.h is")
    parser.add_argument("--sanitize", action="store_true", help="with address and undefined")
    parser.add_argument("--cflags", default="", help="more options for the compiler")
    parser.add_argument("--only", type=int, help="this one program of the seed")
    parser.add_argument("--first", action="store_true", help="stop at a difference, show no program")
    parser.add_argument("--keep", action="store_true", help="keep the files in the build directory")
    options = parser.parse_args()
    seed = options.seed or str(random.SystemRandom().randrange(10 ** 9))
    print(f"seed {seed}", flush=True)

    runner = Runner(options)
    if options.only is not None:
        numbers = iter([options.only])
    elif options.count:
        numbers = iter(range(options.count))
    else:
        numbers = itertools.count()
    end = time.monotonic() + (options.seconds or 10) if numbers and not options.count else None
    compared = 0

    def batch():
        wanted = list(itertools.islice(numbers, BATCH))
        if not wanted or end and compared and time.monotonic() >= end:
            return None
        programs = [program.make(seed, n) for n in wanted]
        return pool.submit(runner.different, programs), wanted, programs

    with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
        running = [batch() for _ in range(TOGETHER)]
        while running:
            if running[0] is None:
                running.pop(0)
                continue
            future, wanted, programs = running.pop(0)
            answer = future.result()
            if answer is not None:
                where = wanted[answer[0]]
                print(f"program {where} of seed {seed} differs", flush=True)
                if not options.first:
                    report(runner, seed, where, programs[answer[0]])
                return 1
            compared += len(wanted)
            running.append(batch())
    print(f"{compared} programs, no difference")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CannotRun as problem:
        print(f"cannot run: {problem}")
        sys.exit(2)
