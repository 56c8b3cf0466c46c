#!/usr/bin/env python3
"""talk.py qemu FILE.elf | simavr AVR_RUN FILE.elf - runs the firmware, types at its console, presses its
button, and checks the answers. Exit 1, with what was said, if one does not come within 20 seconds."""

import json
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time

PATIENCE = 20


class Board:
    """A process whose stdin and stdout are the UART."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.said = ""  # and not yet expected
        self.log = ""

    def send(self, text):
        self.log += text
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def expect(self, pattern):
        """Reads until the pattern matches; what comes up to its end is done with."""
        end = time.monotonic() + PATIENCE
        while True:
            match = re.search(pattern, self.said)
            if match:
                self.said = self.said[match.end():]
                return match
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise AssertionError(f"no {pattern!r} came in {self.said!r}")
            data = os.read(self.process.stdout.fileno(), 4096).decode(errors="replace")
            if not data:
                raise AssertionError(f"it ended, before {pattern!r}: {self.said!r}")
            self.said += data
            self.log += data

    def ask(self, line, answer):
        self.send(line + "\n")
        return self.expect(answer + r"\n> ")


class Qemu(Board):
    def __init__(self, elf):
        self.directory = tempfile.TemporaryDirectory()
        path = os.path.join(self.directory.name, "qmp")
        super().__init__(["qemu-system-arm", "-machine", "lm3s6965evb", "-display", "none",
                          "-monitor", "none", "-serial", "stdio",
                          "-qmp", f"unix:{path},server=on,wait=off", "-kernel", elf])
        self.monitor = socket.socket(socket.AF_UNIX)
        self.monitor.settimeout(PATIENCE)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.monitor.connect(path)
                break
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.01)
        self.answers = self.monitor.makefile("r")
        json.loads(self.answers.readline())  # the greeting
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        order = json.dumps({"execute": name, "arguments": arguments})
        self.monitor.sendall(order.encode() + b"\n")
        while True:
            answer = json.loads(self.answers.readline())
            if "error" in answer:
                raise AssertionError(f"{name}: {answer}")
            if "return" in answer:
                return

    def button(self, down):
        key = {"type": "qcode", "data": "up"}
        self.command("input-send-event",
                     events=[{"type": "key", "data": {"down": down, "key": key}}])

    def end(self):
        self.command("quit")
        self.process.wait(PATIENCE)
        return ""


class Simavr(Board):
    def __init__(self, runner, elf):
        super().__init__([runner, "-i", "-s", elf])

    def button(self, down):
        self.process.stdin.write(b"\x01" if down else b"\x02")
        self.process.stdin.flush()

    def end(self):
        self.process.stdin.close()
        said = self.said + self.process.stdout.read().decode(errors="replace")
        if self.process.wait(PATIENCE) != 0:
            raise AssertionError(f"exit status {self.process.returncode}")
        return ", " + said.strip().splitlines()[-1]


STATUS = r"blinks (\d+), button (up|down), presses (\d+), overruns (\d+)"


def until(board, holds):
    """Asks for the status until it is as wanted."""
    end = time.monotonic() + PATIENCE
    while True:
        blinks, button, presses, overruns = board.ask("status", STATUS).groups()
        if overruns != "0":
            raise AssertionError(f"{overruns} bytes were lost")
        if holds(int(blinks), button, int(presses)):
            return int(blinks)
        if time.monotonic() > end:
            raise AssertionError("the status does not become what it should")


def talk(board):
    board.expect(r"> ")
    board.ask("help", r"add A B, blink MS, status, work STEPS")

    board.ask("add 2 40", r"(?<!\d)42")
    board.ask("   add   99999999 1  ", r"100000000")
    board.ask("\r\n\nadd 0 7", r"(?<!\d)7")
    for wrong in "add", "add 1", "add 1 2 3", "add -1 2", "adds 1 2", "nonsense", "add 1 2x", "7":
        board.ask(wrong, r"what\?")
    board.ask("x" * 60, r"what\?")
    board.send("add 1 1\nadd 2 2\nadd 3 3\n")  # more at once than is read at once
    for answer in 2, 4, 6:
        board.expect(rf"(?<!\d){answer}\n> ")

    board.ask("blink 0", r"what\?")
    board.ask("blink 10", "ok")
    first = until(board, lambda blinks, button, presses: True)
    until(board, lambda blinks, button, presses: blinks >= first + 5)
    board.ask("blink 500", "ok")

    board.ask("work 3", "worked 3")
    done = int(board.ask("work 1000", r"watchdog: stopped after (\d+)").group(1))
    if not 1 <= done <= 10:
        raise AssertionError(f"half a second has {done} times 50 ms")
    board.ask("work 2", "worked 2")

    until(board, lambda blinks, button, presses: (button, presses) == ("up", 0))
    for count in 1, 2, 3:
        for down in True, False, True, False, True:  # it bounces
            board.button(down)
        until(board, lambda blinks, button, presses: (button, presses) == ("down", count))
        for down in False, True, False:
            board.button(down)
        until(board, lambda blinks, button, presses: (button, presses) == ("up", count))


def main():
    kind, arguments = sys.argv[1], sys.argv[2:]
    board = {"qemu": Qemu, "simavr": Simavr}[kind](*arguments)
    try:
        talk(board)
        print("all answers are right" + board.end())
        return 0
    except (AssertionError, OSError) as error:
        print(f"talk.py: {error}\n{board.log}", file=sys.stderr)
        return 1
    finally:
        if board.process.poll() is None:
            board.process.kill()
        board.process.wait()


sys.exit(main())
