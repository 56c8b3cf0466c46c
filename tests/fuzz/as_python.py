"""Prints programs in Python: the meaning that gen.h is held to."""
from program import pushing, statements, used, used_slots

PRELUDE = r'''
import gc, inspect, os, sys, weakref

LINES, FUEL = 3000, 300
EXIT, CANCELLED, STOP, RUNNING, STARTED, IGNORED, ESTOP, NOSTACK = -1, -2, *range(1000, 1005), 1006

# Python closes a generator that nobody refers to any more; in C nothing happens then. So all are
# kept, but for pushed ones: what gen.h does when it drops those is what Python does.
kept = []
gc.disable()

def dropped(what):
    """A pushed generator ignores its exit again when it is dropped. When what it pushed meanwhile is
    dropped, is up to Python's collector of garbage."""
    if inspect.isgenerator(what.object) and state_of(what.object) == 'suspended':
        cut()

sys.unraisablehook = dropped

class Cancelled(BaseException): pass
class Stop(StopIteration): pass  # not what next() raises at an end, but means the same in a body
class NoStack(Exception): pass
class Coded(Exception): pass
class Code5(Coded): code = 5
class Code2000(Coded): code = 2000
class Code2001(Coded): code = 2001
class Code2002(Coded): code = 2002
class Code32767(Coded): code = 32767

CLASSES = {EXIT: GeneratorExit, CANCELLED: Cancelled, STOP: Stop, RUNNING: ValueError,
           STARTED: TypeError, NOSTACK: NoStack, **{c.code: c for c in Coded.__subclasses__()}}

def code_of(exc):
    if isinstance(exc, Coded):
        return exc.code
    if isinstance(exc, RuntimeError):
        return {'generator ignored GeneratorExit': IGNORED,
                'generator raised StopIteration': ESTOP}.get(str(exc), repr(exc))
    if isinstance(exc, ValueError) and str(exc) != 'generator already executing':
        return repr(exc)
    if isinstance(exc, TypeError) and 'just-started' not in str(exc):
        return repr(exc)
    return next((code for code, kind in CLASSES.items() if isinstance(exc, kind)), repr(exc))

def start():
    global lines, fuel, turns
    lines, fuel, turns = 0, FUEL, 0

def say(text):
    global lines
    lines += 1
    if lines <= LINES:
        said.append(text)

def cut():
    """What this driver does from here on is not compared."""
    global lines
    if lines < LINES:
        lines = LINES
        said.append('...')

def tick():
    global fuel
    fuel -= 1
    return fuel >= 0

def turn(every, which):
    global turns
    turns += 1
    return (turns - 1) % every == which

def sent(who, value):
    say(f"{who} sent {'-' if value is None else value}")
    return -1 if value is None else value

def caught(who, exc):
    code = code_of(exc) if exc else 0
    own = isinstance(code, int) and (code < STOP or code >= 2000)
    text = exc.args[0] if own and exc is not None and exc.args else '-'
    say(f'{who} caught {code} {text}')

class Frame:
    """What a body keeps. It does not refer to its generator, which pushed ones must not outlive."""
    def __init__(self, depth, parent, stacked):
        self.depth, self.parent, self.stacked = depth, parent, stacked
        self.last = self.item = self.result = self.error = 0

def make(body, depth, parent, stacked):
    frame = Frame(depth, parent, stacked)
    generator = body(frame)
    frame.me = weakref.ref(generator)
    return frame, generator

def new(body, depth=0, parent=None, stacked=False):
    frame, generator = make(body, depth, parent, stacked)
    kept.append(generator)
    return frame

def push(self, body):
    if not self.stacked:
        raise NoStack
    self.pushed, generator = make(body, self.depth - 1, self, True)
    return generator

def onto(self, frame):
    """A delegate in the frame pushes where its delegator does."""
    frame.stacked = self.stacked
    return frame.me()

def abandoned(frame):
    """A delegate in a frame that ignores an exit because of what it pushed meanwhile lives on here,
    with what it pushed. In C the gen_stack is needed: what it pushed is closed and dropped. That is
    by design, and what follows cannot be compared."""
    if frame.stacked and state_of(frame.me()) == 'suspended':
        cut()

def result(value, frame):
    say(f'result {frame.result if value is None else value}')

def state_of(generator):
    if generator is None:  # Python drops it; it still runs, but a weak reference does not lead there
        return 'running'
    return inspect.getgeneratorstate(generator).lower()[4:]

def reaches_running(generator):
    """Does a throw() come upon a generator that runs? CPython 3.11 then takes the delegate from one
    that runs because of a throw() itself, which may crash. At the first it is plain what is meant;
    further down it is not, so what follows is not compared."""
    first = generator
    while generator is not None and not generator.gi_running:
        generator = generator.gi_yieldfrom
    if generator not in (None, first):
        cut()
    return generator is not None

def operate(who, frame, op, arg):
    generator = frame.me()
    before = state_of(generator)
    if op == 'state':
        return say(f'{who} state {before}')
    error = frame.error
    try:
        if generator is None or op in ('throw', 'close') and reaches_running(generator):
            raise ValueError('generator already executing')
        if op == 'close':
            generator.close()
            how, code = 'gives', 0
            if before == 'suspended':
                error = 0
        else:
            value = (generator.throw(CLASSES[arg]()) if op == 'throw' else
                     generator.send(arg) if op == 'send' else next(generator))
            how, error = 'yields', 0
    except BaseException as exc:
        if isinstance(exc, StopIteration) and not isinstance(exc, Stop):
            how = 'returns'
            if before != 'closed':
                error = 0
        else:
            how, error = 'raises', code_of(exc)
            if op == 'close':
                how, code = 'gives', error
        exc.__traceback__ = None
    frame.error = error
    if how == 'yields':
        text = f'yields {value}, error {error}'
    elif how == 'gives':
        text = f'gives {code}'
        if before in ('running', 'suspended'):
            text += f', error {error}'
    elif op == 'next':
        text = 'ends' if before == 'closed' else f'ends, error {error}'
    elif how == 'raises':
        text = f'raises {error}'
    else:
        text = 'returns' if before == 'closed' else f'returns, error {error}'
    say(f'{who} {op} {text}; {state_of(generator)}')

def each(who, frame, limit):
    generator = frame.me()
    before = state_of(generator)
    left = limit
    error = 0
    try:
        for item in generator:
            say(f'{who} item {item}')
            left -= 1
            if left == 0:
                break
    except BaseException as exc:
        error = code_of(exc)
    if left == 0 or before != 'closed':
        frame.error = error
    if left > 0 and before != 'closed':
        say(f'{who} error {error}')
    say(f'{who} each; {state_of(generator)}')

def owned(who, body, limit):
    generator = new(body).me()
    try:
        try:
            for item in generator:
                say(f'{who} item {item}')
                limit -= 1
                if limit == 0:
                    break
        finally:
            generator.close()
    except BaseException as exc:
        say(f'unhandled {code_of(exc)}')
    say(f'{who} owned')

def run(number, drivers):
    global said
    said = []
    for n, driver in enumerate(drivers):
        start()
        say(f'driver {n}')
        driver()
    sys.stdout.write(''.join(line + '\n' for line in [f'== {number}'] + said))
'''

FINISH = """
sys.stdout.flush()
os._exit(0)  # without running what is still suspended
"""


class Printer:
    """Prints one program, all of whose names begin with `prefix`."""

    def __init__(self, program, prefix):
        self.program, self.prefix = program, prefix
        self.roots, self.types = used(program)
        self.pushing = pushing(program)
        self.lines = []

    def put(self, indent, text):
        self.lines.append("    " * indent + text)

    def type(self, n):
        return f"{self.prefix}g{n}"

    def root(self, n):
        return f"{self.prefix}r{n}"

    def text(self):
        for n in self.types:
            self.body(n)
        self.slots = ()
        for number, driver in enumerate(self.program.drivers):
            self.put(0, f"def {self.prefix}driver{number}():")
            if self.roots:
                self.put(1, "global " + ", ".join(map(self.root, self.roots)))
            for n in self.roots:
                self.start(n)
            self.block(driver, 1)
        return "\n".join(self.lines) + "\n"

    def start(self, n):
        root = self.program.roots[n]
        self.put(1, f"{self.root(n)} = new({self.type(root.type)}, {root.depth}, "
                 f"stacked={root.stacked})")

    def body(self, n):
        t = self.program.types[n]
        self.slots, self.who = t.slots, f"'{self.type(n)}'"
        self.loops = self.names = 0
        self.handled = "None"  # what the innermost clause or finally handles
        self.put(0, f"def {self.type(n)}(self):")
        self.put(1, "if not tick(): return")
        self.put(1, "if False: yield")
        for k in used_slots(t):
            self.fresh(k, 1)
        self.block(t.body, 1)

    def fresh(self, k, indent):
        self.put(indent, f"self.c{k} = new({self.type(self.slots[k])}, self.depth - 1, self)")

    def block(self, block, indent):
        for s in block:
            getattr(self, "do_" + s.kind)(s, indent)
        if not block:
            self.put(indent, "pass")

    def frame(self, target):
        """A target's frame, and its name."""
        kind = target[0]
        if kind == "self":
            return "self", "self"
        if kind == "parent":
            return "self.parent", "parent"
        if kind == "slot":
            return f"self.c{target[1]}", f"c{target[1]}"
        return self.root(target[1]), f"r{target[1]}"

    def name(self):
        self.names += 1
        return f"e{self.names}"

    def handler(self, name, block, indent):
        outer, self.handled = self.handled, name
        self.block(block, indent)
        self.handled = outer

    def do_yield(self, s, indent):
        self.put(indent, f"self.last = sent({self.who}, (yield {s.values[0]}))")

    def do_mark(self, s, indent):
        self.put(indent, f"say('mark {s.values[0]}')")

    def do_raise(self, s, indent):
        code, text = s.values
        self.put(indent, f"raise CLASSES[{code}]({repr('text') if text else ''})")

    def do_return(self, s, indent):
        self.put(indent, f"self.result = {s.values[0]}")
        self.put(indent, f"return {s.values[0]}")

    def do_stop(self, s, indent):
        self.put(indent, "return")

    def do_break(self, s, indent):
        self.put(indent, "break")

    def do_continue(self, s, indent):
        self.put(indent, "continue")

    def do_caught(self, s, indent):
        self.put(indent, f"caught({self.who}, {self.handled})")

    def do_reraise(self, s, indent):
        self.put(indent, f"if {self.handled}: raise")

    def do_fresh(self, s, indent):
        self.put(indent, f"if state_of(self.c{s.values[0]}.me()) != 'running':")
        self.fresh(s.values[0], indent + 1)

    def do_owned(self, s, indent):
        name = self.type(s.values[0])
        self.put(indent, f"owned('{name}', {name}, {s.values[1]})")

    def do_each(self, s, indent):
        frame, who = self.frame(s.values[0])
        self.put(indent, f"each('{who}', {frame}, {s.values[1]})")

    def do_restart(self, s, indent):
        self.start(s.values[0])

    def do_error(self, s, indent):
        error = self.root(s.values[0]) + ".error"
        self.put(indent, f"say(f'r{s.values[0]} error {{{error}}} {{{error}}}')")

    def do_op(self, s, indent):
        target, _, op, arg = s.values
        frame, who = self.frame(target)
        if target[0] == "parent":
            self.put(indent, "if self.parent:")
            indent += 1
        self.put(indent, f"operate('{who}', {frame}, '{op}', {arg})")

    def do_delegate(self, s, indent):
        form, target = s.values
        if form == "new":
            self.put(indent, "if self.depth > 0:")
            self.put(indent + 1, f"value = yield from push(self, {self.type(target[1])})")
            self.put(indent + 1, "result(value, self.pushed)")
            return
        frame, _ = self.frame(target)
        if target[0] == "slot" and self.slots[target[1]] in self.pushing:
            self.put(indent, "try:")
            self.put(indent + 1, f"value = yield from onto(self, {frame})")
            self.put(indent, "except RuntimeError:")
            self.put(indent + 1, f"abandoned({frame})")
            self.put(indent + 1, "raise")
        else:
            self.put(indent, f"value = yield from {frame}.me()")
        self.put(indent, f"result(value, {frame})")

    def do_try(self, s, indent):
        self.put(indent, "try:")
        self.block(s.blocks[0], indent + 1)
        for clause, block in zip(s.values[0], s.blocks[1:]):
            name = self.name()
            self.put(indent, {"any": f"except Exception as {name}:",
                              "all": f"except BaseException as {name}:"}.get(
                                  clause, f"except CLASSES[{clause}] as {name}:"))
            self.put(indent + 1, f"caught({self.who}, {name})")
            self.handler(name, block, indent + 1)

    def do_finally(self, s, indent):
        # The inner try only gives a name to what comes to the finally.
        name = self.name()
        self.put(indent, f"{name} = None")
        self.put(indent, "try:")
        self.put(indent + 1, "try:")
        self.block(s.blocks[0], indent + 2)
        self.put(indent + 1, "except BaseException as exc:")
        self.put(indent + 2, f"{name} = exc")
        self.put(indent + 2, "raise")
        self.put(indent, "finally:")
        if self.handled != "None":
            self.put(indent + 1, f"{name} = {name} or {self.handled}")
        self.handler(name, s.blocks[1], indent + 1)
        if not s.blocks[1]:
            self.put(indent + 1, "pass")

    def do_loop(self, s, indent):
        count = f"self.round{self.loops}"
        self.loops += 1
        self.put(indent, f"{count} = 0")
        self.put(indent, f"while {count} < {s.values[0]} and tick():")
        self.put(indent + 1, f"{count} += 1")
        self.block(s.blocks[0], indent + 1)

    def do_if(self, s, indent):
        what = s.values[0]
        self.put(indent, f"if self.last == {what[1]}:" if what[0] == "sent" else
                 f"if turn({what[1]}, {what[2]}):")
        self.block(s.blocks[0], indent + 1)
        if s.blocks[1]:
            self.put(indent, "else:")
            self.block(s.blocks[1], indent + 1)

    def do_forin(self, s, indent):
        frame, _ = self.frame(s.values[0])
        # As C: whoever stands there when the next item is wanted.
        self.put(indent, f"for self.item in iter(lambda: next({frame}.me()), None):")
        self.put(indent + 1, "say(f'item {self.item}')")
        self.block(s.blocks[0], indent + 1)


def print_programs(programs):
    """A Python file that runs the programs, a list, one after another."""
    text = [PRELUDE.lstrip()]
    for n, p in enumerate(programs):
        text.append(Printer(p, f"p{n}_").text())
        names = "".join(f"p{n}_driver{k}, " for k in range(len(p.drivers)))
        text.append(f"run({n}, [{names}])\n")
    return "\n".join(text) + FINISH
