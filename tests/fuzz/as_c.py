"""Prints programs in C."""
from program import statements, used, used_slots

PRELUDE = r"""
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *format, ...);
#define GEN_UNHANDLED(exc) say("unhandled %d", (exc).code)
#include "gen.h"

enum { LINES = 3000, FUEL = 300, SECONDS = 5, ROOM = 1 << 18, NOTHING = -99 };
static int lines, fuel, turns;
static char room[8][ROOM];

static void say(const char *format, ...)
{
    va_list args;
    if (++lines > LINES)
        return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}
/* Bounds how many bodies begin and how often loops go round, all together. */
static bool tick(void)
{
    return fuel-- > 0;
}
static bool turn(int every, int which)
{
    return turns++ % every == which;
}
static int sent(const char *who, const int *value)
{
    if (value != NULL)
        say("%s sent %d", who, *value);
    else
        say("%s sent -", who);
    return value != NULL ? *value : -1;
}
static void caught(const char *who, struct gen_exc exc)
{
    bool shown = exc.code < GEN_STOP || exc.code >= GEN_EUSER;
    say("%s caught %d %s", who, exc.code, exc.code && exc.text && shown ? exc.text : "-");
}

/* What an operation answers; `how` is next's true (Y) or false (N), close (C), or a status. */
struct answer {
    char how;
    int value, code;
};
static bool is(const char *op, const char *name)
{
    return strcmp(op, name) == 0;
}
static char letter(enum gen_status st)
{
    return st == GEN_YIELDED ? 'Y' : st == GEN_RETURNED ? 'R' : st == GEN_RAISED ? 'E' : 'P';
}
static const char *state_name(enum gen_state state)
{
    static const char *const names[] = {"created", "running", "suspended", "closed"};
    return names[state];
}
static void tell(const char *who, const char *op, struct answer a, int error, enum gen_state before,
                 enum gen_state after)
{
    char text[80];
    switch (a.how) {
    case 'S':
        say("%s state %s", who, state_name(after));
        return;
    case 'Y':
        sprintf(text, "yields %d, error %d", a.value, error);
        break;
    case 'E':
        sprintf(text, "raises %d", error);
        break;
    case 'C':
        sprintf(text, before == GEN_CREATED || before == GEN_CLOSED ? "gives %d"
                                                                    : "gives %d, error %d",
                a.code, error);
        break;
    default:
        sprintf(text, before == GEN_CLOSED ? "%s" : "%s, error %d", a.how == 'N' ? "ends" : "returns",
                error);
    }
    if (a.how != 'Y' && a.value != NOTHING)
        strcat(text, ", and a value");
    say("%s %s %s; %s", who, op, text, state_name(after));
}

#define ANSWERS(NAME, G, ...)                                                                      \
    static struct answer NAME(G, const char *op, int arg)                                          \
    {                                                                                              \
        struct answer a = {'S', NOTHING, 0};                                                       \
        (void)arg;                                                                                 \
        __VA_ARGS__                                                                                \
        return a;                                                                                  \
    }
ANSWERS(any_answer, struct gen_any g,
    if (is(op, "next")) a.how = gen_any_next(g, &a.value) ? 'Y' : 'N';
    if (is(op, "step")) a.how = letter(gen_any_send(g, NULL, &a.value));
    if (is(op, "send")) a.how = letter(gen_any_send(g, &arg, &a.value));
    if (is(op, "throw")) a.how = letter(gen_any_throw(g, arg, &a.value));
    if (is(op, "close")) a.how = 'C', a.code = gen_any_close(g);)
#define ANSWERS_OF(NAME)                                                                           \
    ANSWERS(NAME##_answer, struct NAME *g,                                                         \
        if (is(op, "next")) a.how = NAME##_next(g, &a.value) ? 'Y' : 'N';                          \
        if (is(op, "step")) a.how = letter(NAME##_step(g, &a.value));                              \
        if (is(op, "send")) a.how = letter(NAME##_send(g, arg, &a.value));                         \
        if (is(op, "throw")) a.how = letter(NAME##_throw(g, arg, &a.value));                       \
        if (is(op, "close")) a.how = 'C', a.code = NAME##_close(g);)                               \
    static void NAME##_operate(const char *who, struct NAME *g, const char *form, const char *op,  \
                               int arg)                                                            \
    {                                                                                              \
        OPERATE(who, op, form[0] == 't' ? NAME##_answer(g, op, arg)                                \
                                        : any_answer(NAME##_any(g), op, arg),                      \
                form[0] == 't' ? gen_error(g) : gen_any_error(NAME##_any(g)), gen_state(g));       \
    }
#define OPERATE(who, op, call, error, state)                                                       \
    do {                                                                                           \
        enum gen_state before = (state);                                                           \
        struct answer a = (call);                                                                  \
        tell((who), (op), a, (error), before, (state));                                            \
    } while (0)
static void stack_operate(const char *who, struct gen_stack *s, struct gen_any it, const char *op,
                          int arg)
{
    OPERATE(who, op, any_answer(it, op, arg), gen_any_error(it), gen_stack_state(s));
}
static void parent_operate(struct gen_any it, const char *op, int arg)
{
    if (it.resume != NULL)
        OPERATE("parent", op, any_answer(it, op, arg), gen_any_error(it), GEN_RUNNING);
}

/* Takes at most `limit` items. */
#define EACH(who, NAME, g, limit)                                                                  \
    do {                                                                                           \
        enum gen_state before = gen_state(g);                                                      \
        int left = (limit), item;                                                                  \
        gen_each (item, NAME, (g)) {                                                               \
            say("%s item %d", (who), item);                                                        \
            if (--left == 0)                                                                       \
                break;                                                                             \
        }                                                                                          \
        if (left > 0 && before != GEN_CLOSED)                                                      \
            say("%s error %d", (who), gen_error(g));                                               \
        say("%s each; %s", (who), state_name(gen_state(g)));                                       \
    } while (0)
#define OWNED(NAME, limit)                                                                         \
    do {                                                                                           \
        int left = (limit);                                                                        \
        gen_for (item, NAME) {                                                                     \
            say(#NAME " item %d", item);                                                           \
            if (--left == 0)                                                                       \
                break;                                                                             \
        }                                                                                          \
        say(#NAME " owned");                                                                       \
    } while (0)

/* Each program has a process of its own: what it breaks is its own too. */
static void run(int number, void (*const *drivers)(void))
{
    int status, n;
    pid_t child;
    printf("== %d\n", number);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        alarm(SECONDS);
        for (n = 0; drivers[n] != NULL; n++) {
            lines = turns = 0;
            fuel = FUEL;
            say("driver %d", n);
            drivers[n]();
            fflush(stdout);
        }
        _exit(0);
    }
    waitpid(child, &status, 0);
    if (status != 0)
        printf("ended by %s %d\n", WIFSIGNALED(status) ? "signal" : "exit",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}
"""


class Printer:
    """Prints one program, all of whose names begin with `prefix`."""

    def __init__(self, program, prefix):
        self.program, self.prefix = program, prefix
        self.roots, self.types = used(program)
        self.lines = []

    def put(self, indent, text):
        self.lines.append("    " * indent + text)

    def type(self, n):
        return f"{self.prefix}g{n}"

    def root(self, n):
        return f"{self.prefix}r{n}"

    def text(self):
        for n in self.types:
            self.put(0, f"gen_declare({self.type(n)}, int, int);")
        for n in reversed(self.types):
            self.struct(n)
        for n in self.roots:
            root = self.program.roots[n]
            self.put(0, f"static struct gen_any {self.root(n)}_it;")
            self.put(0, f"static struct gen_stack {self.root(n)};" if root.stacked else
                     f"static struct {self.type(root.type)} {self.root(n)};")
        for n in self.types:
            self.body(n)
        self.slots = ()
        for number, driver in enumerate(self.program.drivers):
            self.put(0, f"static void {self.prefix}driver{number}(void)")
            self.put(0, "{")
            for n in self.roots:
                self.start(n)
            self.block(driver, 1)
            self.put(0, "}")
        return "\n".join(self.lines) + "\n"

    def start(self, n):
        root = self.program.roots[n]
        name = self.root(n)
        if root.stacked:
            self.put(1, f"gen_stack_init(&{name}, room[{n}], ROOM);")
            self.put(1, f"{name}_it = gen_start(&{name}, {self.type(root.type)}, "
                     f".depth = {root.depth});")
        else:
            self.put(1, f"memset(&{name}, 0, sizeof {name});")
            self.put(1, f"{name}.depth = {root.depth};")
            self.put(1, f"{name}_it = {self.type(root.type)}_any(&{name});")

    def struct(self, n):
        t = self.program.types[n]
        self.loops = sum(s.kind == "loop" for s in statements(t.body))
        anys = sum(s.kind == "delegate" and s.values[0] == "any" for s in statements(t.body))
        depth = nesting(t.body)
        self.put(0, f"struct {self.type(n)} {{")
        self.put(1, "struct gen gen;")
        self.put(1, "int depth, last, item, result;")
        self.put(1, "struct gen_any parent;")
        if self.loops:
            self.put(1, f"int round[{self.loops}];")
        if anys:
            self.put(1, f"struct gen_any it[{anys}];")
        if depth:
            self.put(1, f"struct gen_unwind unwind[{depth}];")
        for k in used_slots(t):
            self.put(1, f"struct {self.type(t.slots[k])} c{k};")
        self.put(0, "};")
        self.put(0, f"ANSWERS_OF({self.type(n)})")

    def body(self, n):
        t = self.program.types[n]
        self.slots, self.number, self.who = t.slots, n, f'"{self.type(n)}"'
        self.loops = self.anys = 0
        self.finals = 0  # handlers of a finally around
        self.put(0, f"gen_define({self.type(n)})")
        self.put(0, "{")
        self.put(1, "gen_begin();")
        self.put(1, "if (!tick())")
        self.put(2, "gen_stop();")
        for k in used_slots(t):
            self.fresh(k, 1)
        self.block(t.body, 1)
        self.put(1, "gen_end();")
        self.put(0, "}")

    def fresh(self, k, indent):
        self.put(indent, f"memset(&self->c{k}, 0, sizeof self->c{k});")
        self.put(indent, f"self->c{k}.depth = self->depth - 1;")
        self.put(indent, f"self->c{k}.parent = {self.type(self.number)}_any(self);")

    def block(self, block, indent):
        for s in block:
            getattr(self, "do_" + s.kind)(s, indent)

    def generator(self, target):
        """Type (None: not static), pointer, gen_any and name of a target."""
        kind = target[0]
        if kind == "self":
            name = self.type(self.number)
            return name, "self", f"{name}_any(self)", "self"
        if kind == "parent":
            return None, None, "self->parent", "parent"
        if kind == "slot":
            name, at = self.type(self.slots[target[1]]), f"&self->c{target[1]}"
            return name, at, f"{name}_any({at})", f"c{target[1]}"
        root, name = self.program.roots[target[1]], self.root(target[1])
        return (None if root.stacked else self.type(root.type), f"&{name}", f"{name}_it",
                f"r{target[1]}")

    def do_yield(self, s, indent):
        self.put(indent, f"gen_yield({s.values[0]});")
        self.put(indent, f"self->last = sent({self.who}, gen_sent);")

    def do_mark(self, s, indent):
        self.put(indent, f'say("mark {s.values[0]}");')

    def do_raise(self, s, indent):
        code, text = s.values
        self.put(indent, f'gen_raise({code}, "text");' if text else f"gen_raise({code});")

    def do_return(self, s, indent):
        self.put(indent, f"gen_return({s.values[0]});")

    def do_stop(self, s, indent):
        self.put(indent, "gen_stop();")

    def do_break(self, s, indent):
        self.put(indent, "break;")

    def do_continue(self, s, indent):
        self.put(indent, "continue;")

    def do_caught(self, s, indent):
        self.put(indent, f"caught({self.who}, gen_caught);")

    def do_reraise(self, s, indent):
        self.put(indent, "if (gen_caught.code)")
        self.put(indent + 1, "gen_reraise();")

    def do_fresh(self, s, indent):
        self.put(indent, f"if (gen_state(&self->c{s.values[0]}) != GEN_RUNNING) {{")
        self.fresh(s.values[0], indent + 1)
        self.put(indent, "}")

    def do_owned(self, s, indent):
        self.put(indent, f"OWNED({self.type(s.values[0])}, {s.values[1]});")

    def do_each(self, s, indent):
        name, at, _, who = self.generator(s.values[0])
        self.put(indent, f'EACH("{who}", {name}, {at}, {s.values[1]});')

    def do_restart(self, s, indent):
        self.start(s.values[0])

    def do_error(self, s, indent):
        name = self.root(s.values[0])
        stacked = self.program.roots[s.values[0]].stacked
        self.put(indent, f'say("r{s.values[0]} error %d %d", '
                 f'{"gen_stack_error" if stacked else "gen_error"}(&{name}), '
                 f"gen_any_error({name}_it));")

    def do_op(self, s, indent):
        target, form, op, arg = s.values
        name, at, it, who = self.generator(target)
        if target[0] == "parent":
            call = f'parent_operate({it}, "{op}", {arg})'
        elif name is None:
            call = f'stack_operate("{who}", {at}, {it}, "{op}", {arg})'
        else:
            call = f'{name}_operate("{who}", {at}, "{form}", "{op}", {arg})'
        self.put(indent, call + ";")

    def do_delegate(self, s, indent):
        form, target = s.values
        if form == "new":
            name = self.type(target[1])
            self.put(indent, "if (self->depth > 0) {")
            self.put(indent + 1, f"gen_yield_from_new({name}, .depth = self->depth - 1, "
                     f".parent = {self.type(self.number)}_any(self));")
            self.put(indent + 1, f'say("result %d", gen_returned({name})->result);')
            self.put(indent, "}")
            return
        name, at, it, _ = self.generator(target)
        if form == "any":
            self.put(indent, f"self->it[{self.anys}] = {it};")
            self.put(indent, f"gen_yield_from_any(self->it[{self.anys}]);")
            self.anys += 1
        else:
            self.put(indent, f"gen_yield_from({name}, {at});")
        if name is None:
            name = self.type(self.program.roots[target[1]].type)
            at = f"gen_stack_root({at}, {name})"
        self.put(indent, f'say("result %d", ({at})->result);')

    def do_try(self, s, indent):
        self.put(indent, "gen_try {")
        self.block(s.blocks[0], indent + 1)
        for clause, block in zip(s.values[0], s.blocks[1:]):
            self.put(indent, "}")
            self.put(indent, f"gen_except_{clause} {{" if isinstance(clause, str) else
                     f"gen_except ({clause}) {{")
            self.do_caught(s, indent + 1)
            self.block(block, indent + 1)
        self.put(indent, "}")
        self.put(indent, "gen_end_try")

    def do_finally(self, s, indent):
        self.put(indent, "gen_try_finally {")
        self.block(s.blocks[0], indent + 1)
        self.put(indent, "}")
        self.put(indent, "gen_finally {")
        self.block(s.blocks[1], indent + 1)
        self.put(indent, "}")
        self.put(indent, "gen_end_finally")

    def do_loop(self, s, indent):
        count = f"self->round[{self.loops}]"
        self.loops += 1
        self.put(indent, f"{count} = 0;")
        self.put(indent, f"while ({count} < {s.values[0]} && tick()) {{")
        self.put(indent + 1, f"{count}++;")
        self.block(s.blocks[0], indent + 1)
        self.put(indent, "}")

    def do_if(self, s, indent):
        what = s.values[0]
        self.put(indent, f"if (self->last == {what[1]}) {{" if what[0] == "sent" else
                 f"if (turn({what[1]}, {what[2]})) {{")
        self.block(s.blocks[0], indent + 1)
        if s.blocks[1]:
            self.put(indent, "} else {")
            self.block(s.blocks[1], indent + 1)
        self.put(indent, "}")

    def do_forin(self, s, indent):
        name, at, _, _ = self.generator(s.values[0])
        self.put(indent, f"gen_for_in (self->item, {name}, {at}) {{")
        self.put(indent + 1, 'say("item %d", self->item);')
        self.block(s.blocks[0], indent + 1)
        self.put(indent, "}")


def nesting(block):
    return max(((s.kind == "finally") + max((nesting(b) for b in s.blocks), default=0)
                for s in block), default=0)


def print_programs(programs):
    """A C file that runs the programs, a list, one after another."""
    text = [PRELUDE.lstrip()]
    text += [Printer(p, f"p{n}_").text() for n, p in enumerate(programs)]
    for n, p in enumerate(programs):
        names = "".join(f"p{n}_driver{k}, " for k in range(len(p.drivers)))
        text.append(f"static void (*const p{n}_drivers[])(void) = {{{names}NULL}};")
    text.append("int main(void)\n{\n" + "".join(
        f"    run({n}, p{n}_drivers);\n" for n in range(len(programs))) + "    return 0;\n}\n")
    return "\n".join(text)
