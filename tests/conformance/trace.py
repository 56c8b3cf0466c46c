"""What the Python programs here have in common; trace.h says the same in C."""

import asyncio
import inspect
import sys


class EFIRST(Exception):
    pass


class ESECOND(Exception):
    pass


class ETHIRD(Exception):
    pass


class EFOURTH(Exception):
    pass


GEN_EXIT = GeneratorExit
GEN_CANCELLED = asyncio.CancelledError
GEN_STOP = StopIteration
GEN_ERUNNING = ValueError
GEN_ESTARTED = TypeError
GEN_EIGNORED = GEN_ESTOP = GEN_EBADSTATE = RuntimeError

NAMES = {
    GEN_EXIT: "GEN_EXIT",
    GEN_CANCELLED: "GEN_CANCELLED",
    GEN_STOP: "GEN_STOP",
}
RAISED_BY_PYTHON = {
    "generator already executing": "GEN_ERUNNING",
    "can't send non-None value to a just-started generator": "GEN_ESTARTED",
    "generator ignored GeneratorExit": "GEN_EIGNORED",
    "generator raised StopIteration": "GEN_ESTOP",
    "No active exception to reraise": "GEN_EBADSTATE",
}


def trace(text, *values):
    print(text % values)


def name_of(exc):
    kind = exc if isinstance(exc, type) else type(exc)
    if kind in (ValueError, TypeError, RuntimeError):
        return RAISED_BY_PYTHON[str(exc)]
    return NAMES.get(kind, kind.__name__)


def print_exc(what, exc):
    if exc.args and str(exc) not in RAISED_BY_PYTHON and not isinstance(exc, StopIteration):
        trace('%s %s "%s"', what, name_of(exc), exc.args[0])
    else:
        trace("%s %s", what, name_of(exc))


def show_state(g):
    trace("state %s", inspect.getgeneratorstate(g).removeprefix("GEN_"))


def show_answer(what, resume, thrown=None):
    try:
        trace("%syielded %d", what, resume())
    except BaseException as exc:
        if not isinstance(exc, StopIteration) or exc is thrown:
            if what:
                trace("%sraised %s", what, name_of(exc))
            else:
                print_exc("raised", exc)
        elif exc.value:
            trace("%sreturned %d", what, exc.value)
        else:
            trace("%sreturned", what)


def show_next(g):
    show_answer("next: ", lambda: next(g))


def show_send(g, value):
    show_answer("send %d: " % value, lambda: g.send(value))


def show_throw(g, kind):
    exc = kind()
    show_answer("throw %s: " % name_of(kind), lambda: g.throw(exc), exc)


def show_close(g):
    try:
        g.close()
        trace("close: done")
    except BaseException as exc:
        trace("close: raised %s", name_of(exc))


def show_next_text(g):
    show_answer("", lambda: next(g))


def show_throw_text(g, kind, text):
    show_answer("", lambda: g.throw(kind(text)))


def show_rest(g):
    try:
        for item in g:
            trace("item %d", item)
        trace("ended")
    except BaseException as exc:
        trace("raised %s", name_of(exc))


def unhandled(exc):
    print_exc("unhandled", exc)


def show_sent(value):
    trace("sent None" if value is None else "sent %d" % value)


def show_caught():
    print_exc("caught", sys.exc_info()[1])


# An error of a generator that a loop drops.
sys.unraisablehook = lambda unraisable: unhandled(unraisable.exc_value)
