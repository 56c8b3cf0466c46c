"""Random generator programs, as trees: how they are made, kept valid, and made smaller.

A program has types of generators, roots (instances that a driver and every body can reach) and
drivers, lists of operations on the roots, each of which begins anew. A type has slots (generators inside its frame, each of a
type with a higher number) and a body. A statement is a kind, plain values, and blocks of statements.
"""
import random
from collections import namedtuple

Program = namedtuple("Program", "types roots drivers")
Type = namedtuple("Type", "slots body")
Root = namedtuple("Root", "type stacked depth")  # stacked: started on a gen_stack of its own
Stmt = namedtuple("Stmt", "kind values blocks", defaults=((), ()))
# Stmt by kind: values; blocks
#   yield: value              mark: number           raise: code, has a text    return: value
#   stop, break, continue     caught, reraise        fresh: slot                owned: type, limit
#   try: clauses; body, one for each clause          finally: ; body, handler
#   loop: rounds; body        if: condition; then, else
#   forin: target; body       each: target, limit    op: target, form, operation, argument
#   delegate: form, target    target: ("self",) ("parent",) ("slot", n) ("root", n) ("type", n)
# What a driver does is op, each and owned too, and restart: root; error: root.

EXIT, CANCELLED, STOP, RUNNING, STARTED = -1, -2, 1000, 1001, 1002
RAISED = (2000, 2000, 2001, 2002, 5, 32767, STOP, EXIT, CANCELLED)
CAUGHT = (2000, 2000, 2001, 2002, 5, STOP, EXIT, CANCELLED, RUNNING, STARTED)
DRIVERS = 5  # of a program
OPERATIONS = "next next step send send throw throw close state".split()


class Maker:
    """Makes one program from a source of chance."""

    def __init__(self, rng):
        self.rng = rng
        self.marks = 0
        self.quiet = False  # within a try in a handler that does not suspend: gen_caught outlives it

    def program(self):
        rng = self.rng
        count = rng.choice((1, 2, 3, 3, 4))
        self.types, self.roots = count, [
            Root(min(n, rng.randrange(count)), rng.random() < 0.5, rng.randint(0, 3))
            for n in range(rng.choice((1, 1, 2, 3)))]
        types = []
        for n in range(count):
            self.above = range(n + 1, count)
            self.slots = [rng.choice(self.above) for _ in range(rng.randint(1, 2) if self.above else 0)]
            types.append(Type(tuple(self.slots), self.block(0, False, False, 5)))
        return valid(Program(tuple(types), tuple(self.roots),
                             tuple(self.driver() for _ in range(DRIVERS))))

    def driver(self):
        operations = [self.drive() for _ in range(self.rng.randint(4, 16))]
        for root in range(len(self.roots)):
            operations += [self.operation(("root", root), how)
                           for how in ("next", "step", "close", "next", "close")]
            operations.append(Stmt("error", (root,)))
        return tuple(operations)

    def number(self):
        self.marks += 1
        return self.marks

    def pick(self, weighted):
        return self.rng.choices([what for what, _ in weighted], [w for _, w in weighted])[0]

    def operation(self, target, how):
        arg = {"send": lambda: self.rng.randint(0, 3),
               "throw": lambda: self.rng.choice(RAISED)}.get(how, lambda: 0)()
        return Stmt("op", (target, self.rng.choice(("typed", "any")), how, arg))

    def drive(self):
        rng = self.rng
        root = 0 if rng.random() < 0.6 else rng.randrange(len(self.roots))
        kind = self.pick((("op", 40), ("error", 3), ("restart", 1), ("each", 1), ("owned", 1)))
        if kind == "op":
            return self.operation(("root", root), rng.choice(["next", "send"] + OPERATIONS))
        if kind == "each":
            return Stmt("each", (("root", root), rng.randint(1, 4)))
        if kind == "owned":
            return Stmt("owned", (rng.randrange(self.types), rng.randint(1, 4)))
        return Stmt(kind, (root,))

    def block(self, depth, loop, handler, size):
        return tuple(s for _ in range(self.rng.randint(1, size))
                     for s in self.statement(depth, loop, handler))

    def target(self, *kinds):
        choices = [("self",)] * ("self" in kinds) + [("parent",)] * ("parent" in kinds)
        choices += [("slot", n) for n in range(len(self.slots))] * (2 * ("slot" in kinds))
        choices += [("root", n) for n in range(len(self.roots))] * ("root" in kinds)
        return self.rng.choice(choices)

    def statement(self, depth, loop, handler):
        rng = self.rng
        leave = 6 if loop else 0
        deep = 0 if depth >= 4 else 1
        kind = self.pick((
            ("yield", 0 if self.quiet else 22), ("mark", 4), ("raise", 24 if self.quiet else 6), ("return", 3), ("stop", 2),
            ("break", leave), ("continue", leave), ("caught", 6 * handler), ("reraise", 4 * handler),
            ("fresh", 2 if self.slots else 0), ("owned", 1 if self.above else 0), ("each", 2), ("op", 9),
            ("delegate", 0 if self.quiet else 14), ("try", 13 * deep), ("finally", 13 * deep), ("loop", 11 * deep),
            ("if", 5 * deep), ("forin", 5 * deep)))

        loud = not self.quiet
        self.quiet = self.quiet or kind in ("try", "finally") and handler and rng.random() < 0.4

        def inner(loop=loop, handler=handler):
            return self.block(depth + 1, loop, handler, 3)
        if kind in ("yield", "mark", "return"):
            made = Stmt(kind, (self.number(),))
        elif kind == "raise":
            made = Stmt(kind, (rng.choice(RAISED), rng.random() < 0.8))
        elif kind == "fresh":
            made = Stmt(kind, (rng.randrange(len(self.slots)),))
        elif kind == "owned":
            made = Stmt(kind, (rng.choice(self.above), rng.randint(1, 3)))
        elif kind == "each":
            made = Stmt(kind, (self.target("slot", "root"), rng.randint(1, 3)))
        elif kind == "op":
            made = self.operation(self.target("self", "parent", "slot", "root"),
                                  rng.choice(OPERATIONS))
        elif kind == "delegate":
            form = rng.choice(("static", "any", "new", "new"))
            made = Stmt(kind, (form, ("type", rng.randrange(self.types)) if form == "new"
                               else self.target("slot", "slot", "root")))
        elif kind == "try":
            clauses = tuple(rng.choice(("any", "all") + CAUGHT) for _ in range(rng.randint(1, 3)))
            made = Stmt(kind, (clauses,), (inner(),) + tuple(inner(handler=True) for _ in clauses))
        elif kind == "finally":
            made = Stmt(kind, (), (inner(), inner(handler=True)))
        elif kind == "loop":
            made = Stmt(kind, (rng.randint(1, 4),), (inner(loop=True),))
        elif kind == "if":
            made = Stmt(kind, (self.condition(),), (inner(), inner() if rng.random() < .4 else ()))
        elif kind == "forin":
            made = Stmt(kind, (self.target("slot", "root"),), (inner(loop=True),))
        else:
            made = Stmt(kind)
        if loud:
            self.quiet = False
        # What leaves at once would make all behind it dead.
        if kind in ("raise", "return", "stop", "break", "continue") and rng.random() < 0.6:
            made = Stmt("if", (self.condition(),), ((made,), ()))
        if kind in ("try", "finally") and handler:
            return [made, Stmt("caught")]
        return [made]

    def condition(self):
        if self.rng.random() < 0.4:
            return ("sent", self.rng.randint(-1, 3))
        every = self.rng.randint(2, 3)
        return ("turn", every, self.rng.randrange(every))


def make(seed, number):
    return Maker(random.Random(f"{seed}/{number}")).program()


def statements(block):
    for s in block:
        yield s
        for inner in s.blocks:
            yield from statements(inner)


def suspends(block):
    return any(s.kind in ("yield", "delegate") for s in statements(block))


def pushing(program):
    """The types that push, or delegate to a generator in their frame that does."""
    found = set()
    while True:
        more = {n for n, t in enumerate(program.types) for s in statements(t.body)
                if s.kind == "delegate" and (s.values[0] == "new" or (
                    s.values[1][0] == "slot" and t.slots[s.values[1][1]] in found))}
        if more == found:
            return found
        found = more


def shared_roots(program):
    """The roots that bodies delegate to or loop over."""
    return {v[1] for t in program.types for s in statements(t.body)
            if s.kind in ("delegate", "forin") for v in s.values if v[0] == "root"}


def valid(program):
    """The program without what C refuses and what means something else there by design:

    - gen_caught and gen_reraise after a suspension, where gen.h has nothing to show (Python has);
    - a frame that has pushed a child counts as running until the child is done, while a Python
      delegator is suspended between resumes. So what pushes is reached through its gen_stack or by
      its delegator only, and is not handed to others;
    - a delegate cannot be replaced under its delegator in Python; a frame in C can be, so a root
      that bodies delegate to is not started anew. Nor is its gen_error shown: Python has no such
      thing, and only what the operations themselves tell is known.
    """
    push = pushing(program)
    shared = shared_roots(program)

    def reachable(s, slots):
        target = s.values[1] if s.kind == "delegate" else s.values[0]
        if target[0] == "slot":
            return target[1] < len(slots) and (
                s.kind == "delegate" or slots[target[1]] not in push)
        if target[0] == "root":
            root = program.roots[target[1]]
            if s.kind == "delegate":
                return root.stacked and s.values[0] == "any" or (
                    not root.stacked and root.type not in push)
            return s.kind == "op" or not root.stacked
        return True

    def walk(block, slots, loop, handler, fresh):
        kept = []
        for s in block:
            if s.kind in ("break", "continue") and not loop:
                continue
            if s.kind in ("caught", "reraise") and not (handler and fresh):
                continue
            if s.kind in ("delegate", "op", "each", "forin") and not reachable(s, slots):
                continue
            rounds = s.kind in ("loop", "forin")
            calm = fresh and not (rounds and suspends(s.blocks[0]))
            if s.kind == "try":
                blocks = [walk(s.blocks[0], slots, loop, handler, fresh)]
                blocks += [walk(b, slots, loop, True, True) for b in s.blocks[1:]]
            elif s.kind == "finally":
                # Reached without an exception it shows what is handled around it.
                still = not handler or fresh and not suspends(s.blocks[0])
                blocks = [walk(s.blocks[0], slots, loop, handler, fresh),
                          walk(s.blocks[1], slots, loop, True, still)]
            else:
                blocks = [walk(b, slots, loop or rounds, handler, calm) for b in s.blocks]
            s = s._replace(blocks=tuple(blocks))
            kept.append(s)
            fresh = fresh and not suspends((s,))
        return tuple(kept)

    types = tuple(t._replace(body=walk(t.body, t.slots, False, False, True))
                  for t in program.types)
    drivers = tuple(tuple(s for s in driver
                          if (reachable(s, ()) if s.kind in ("op", "each") else
                              s.kind == "owned" or s.values[0] not in shared))
                    for driver in program.drivers)
    return program._replace(types=types, drivers=drivers)


def smaller_blocks(block):
    """Blocks with something less, the boldest first."""
    size = len(block)
    while size:
        for at in range(0, len(block), size):
            yield block[:at] + block[at + size:]
        size //= 2
    for at, s in enumerate(block):
        before, after = block[:at], block[at + 1:]
        for inner in s.blocks:
            yield before + inner + after
        if s.kind == "try" and len(s.blocks) > 2:
            for n, _ in enumerate(s.values[0]):
                yield before + (s._replace(
                    values=(s.values[0][:n] + s.values[0][n + 1:],),
                    blocks=s.blocks[:n + 1] + s.blocks[n + 2:]),) + after
        if s.kind == "loop" and s.values[0] > 1:
            yield before + (s._replace(values=(s.values[0] - 1,)),) + after
        if s.kind == "delegate" and s.values[0] == "any":
            yield before + (s._replace(values=("static", s.values[1])),) + after
        if s.kind == "raise" and s.values[1]:
            yield before + (s._replace(values=(s.values[0], False)),) + after
        for n, inner in enumerate(s.blocks):
            for less in smaller_blocks(inner):
                yield before + (s._replace(
                    blocks=s.blocks[:n] + (less,) + s.blocks[n + 1:]),) + after


def smaller(program):
    """Valid programs that are a step smaller."""
    for n, driver in enumerate(program.drivers):
        if len(program.drivers) > 1:
            yield program._replace(drivers=(driver,))
        else:
            for less in smaller_blocks(driver):
                yield valid(program._replace(drivers=(less,)))
    for n, t in enumerate(program.types):
        for body in smaller_blocks(t.body):
            yield valid(program._replace(
                types=program.types[:n] + (t._replace(body=body),) + program.types[n + 1:]))
    for n, root in enumerate(program.roots):
        for less in (root._replace(stacked=False), root._replace(depth=max(root.depth - 1, 0))):
            if less != root:
                yield valid(program._replace(
                    roots=program.roots[:n] + (less,) + program.roots[n + 1:]))


def used(program):
    """The numbers of the roots and of the types that the program comes upon."""
    roots = set()
    types = set()

    def look(block, slots):
        for s in statements(block):
            for v in s.values:
                if isinstance(v, tuple) and v and v[0] == "root":
                    root(v[1])
                elif isinstance(v, tuple) and v and v[0] == "slot":
                    type_(slots[v[1]])
                elif isinstance(v, tuple) and v and v[0] == "type":
                    type_(v[1])
            if s.kind in ("restart", "error"):
                root(s.values[0])
            elif s.kind == "owned":
                type_(s.values[0])
            elif s.kind == "fresh":
                type_(slots[s.values[0]])

    def root(n):
        if n not in roots:
            roots.add(n)
            type_(program.roots[n].type)

    def type_(n):
        if n not in types:
            types.add(n)
            look(program.types[n].body, program.types[n].slots)

    for driver in program.drivers:
        look(driver, ())
    return sorted(roots), sorted(types)


def used_slots(t):
    found = set()
    for s in statements(t.body):
        found.update(v[1] for v in s.values
                     if isinstance(v, tuple) and v and v[0] == "slot")
        if s.kind == "fresh":
            found.add(s.values[0])
    return sorted(found)
