#!/usr/bin/env python3
"""Shows that the fuzzer finds mistakes: each of mutations.txt, made in a copy of gen.h.

    mutations.py [--seed N] [--count N] [--cc CC] [--build DIR] [--gen-h FILE] [--made] [PART OF A NAME]

A mutation has to compile and to be found at run time, by a program whose trace differs; and with
gen.h as it is none may differ. Exit status 1 otherwise, and where a mutation's line is not in
gen.h exactly once. With --made only that is looked at, which takes no time.
"""
import argparse
import os
import subprocess
import sys
import time


def read(path):
    """Yields name, old and new text of each mutation."""
    name, old, new = None, [], []
    with open(path, encoding="utf-8") as f:
        for line in [*f.read().splitlines(), ""]:
            if line.startswith("-"):
                old.append(line[1:])
            elif line.startswith("+"):
                new.append(line[1:])
            elif line and not line.startswith("#"):
                name = line
            elif not line and name is not None:
                yield name, "\n".join(old), "\n".join(new)
                name, old, new = None, [], []


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=300, help="programs to find each within")
    parser.add_argument("--cc", default=os.environ.get("CC", "cc"))
    parser.add_argument("--build", default="build/fuzz")
    parser.add_argument("--gen-h", default=os.path.join(here, "..", "..", "gen.h"))
    parser.add_argument("--made", action="store_true", help="run none: can each be made?")
    parser.add_argument("name", nargs="?", default="")
    options = parser.parse_args()
    directory = os.path.join(options.build, "mutation")
    with open(options.gen_h, encoding="utf-8") as f:
        original = f.read()

    def fuzz(text):
        os.makedirs(directory, exist_ok=True)
        with open(os.path.join(directory, "gen.h"), "w", encoding="utf-8") as f:
            f.write(text)
        done = subprocess.run(
            [sys.executable, os.path.join(here, "fuzz.py"), "--first", "--seed", options.seed,
             "--count", str(options.count), "--cc", options.cc, "--build", directory,
             "--gen-h", directory], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    failed = 0
    ran = 0
    for name, old, new in [("gen.h as it is", "", ""), *read(os.path.join(here, "mutations.txt"))]:
        if options.name not in name:
            continue
        start = time.monotonic()
        count = original.count(old) if old else 1
        wanted = 1 if old else 0
        if count != 1:
            bad = f"{count} times in gen.h, not once: {old.strip()}"
        elif options.made:
            bad, found = None, "can be made"
        else:
            status, output = fuzz(original.replace(old, new) if old else original)
            found = output.splitlines()[-1] if output else ""
            bad = None if status == wanted else f"exit status {status}: {output.strip()}"
        ran += 1
        if bad:
            failed += 1
            print(f"FAIL  {name}: {bad}", flush=True)
        else:
            print(f"ok    {name}: {found} ({time.monotonic() - start:.1f} s)", flush=True)
    print(f"{ran - failed} passed, {failed} failed")
    return 1 if failed or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
