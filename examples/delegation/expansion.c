/* What `RESULT = yield from EXPR` stands for, written out, and beside it the one line; both are
 * driven in the same way and answer the same. In Python (PEP 380, shortened):
 *
 *     _y = next(_i)
 *     while 1:
 *         try: _s = yield _y
 *         except GeneratorExit as _e: _i.close(); raise _e
 *         except BaseException as _e: _y = _i.throw(_e)
 *         else: _y = next(_i) if _s is None else _i.send(_s)
 *     RESULT = _r                             the value of the StopIteration that ends this
 *
 * gen_yield_from does it without the copies, and with the exception's text. */
#include <stdio.h>
#include "gen.h"

enum { VALUE_ERROR = GEN_EUSER, KEY_ERROR };

/* Yields what it was sent, doubled; ends by a ValueError, or when it is sent 0. */
gen_declare(sub, int, int);
struct sub {
    struct gen gen;
    int y, result;
};
gen_define(sub)
{
    gen_begin();
    gen_try {
        for (;;) {
            gen_yield(self->y);
            self->y = gen_sent == NULL ? -1 : *gen_sent * 2;
            if (self->y == 0)
                gen_return(10);
        }
    }
    gen_except (VALUE_ERROR) {
        gen_return(20);
    }
    gen_end_try
    gen_end();
}

gen_declare(by_hand, int, int);
struct by_hand {
    struct gen gen;
    struct sub i;
    enum gen_status status; /* of the last call of i */
    int y, result;
};
gen_define(by_hand)
{
    int code;

    gen_begin();
    self->status = sub_step(&self->i, &self->y);
    while (self->status == GEN_YIELDED) {
        gen_try {
            gen_yield(self->y);
            self->status = gen_sent == NULL ? sub_step(&self->i, &self->y)
                                            : sub_send(&self->i, *gen_sent, &self->y);
        }
        gen_except (GEN_EXIT) {
            code = sub_close(&self->i);
            if (code != 0)
                gen_raise(code);
            gen_reraise();
        }
        gen_except_all {
            self->status = sub_throw(&self->i, gen_caught.code, &self->y);
        }
        gen_end_try
    }
    if (self->status == GEN_RAISED)
        gen_raise(gen_error(&self->i));
    gen_return(self->i.result);
    gen_end();
}

gen_declare(by_yield_from, int, int);
struct by_yield_from {
    struct gen gen;
    struct sub i;
    int result;
};
gen_define(by_yield_from)
{
    gen_begin();
    gen_yield_from(sub, &self->i);
    gen_return(self->i.result);
    gen_end();
}

/* What to do with each. */
struct call {
    enum { NEXT, SEND, THROW, CLOSE } what;
    int value;
};

static void print_answer(struct gen_any it, const int *result, struct call call)
{
    int y = 0;
    enum gen_status status;
    if (call.what == CLOSE) {
        printf("%d\n", gen_any_close(it));
        return;
    }
    status = call.what == THROW ? gen_any_throw(it, call.value, &y)
                                : gen_any_send(it, call.what == SEND ? &call.value : NULL, &y);
    if (status == GEN_YIELDED)
        printf("yields %d\n", y);
    else if (status == GEN_RETURNED)
        printf("returns %d\n", *result);
    else
        printf("raises %s\n", gen_any_error(it) == KEY_ERROR ? "KeyError" : "?");
}

static void drive(const struct call *calls, size_t count)
{
    static const char *const names[] = {"next()", "send()", "throw()", "close()"};
    struct by_hand a = {.y = 0};
    struct by_yield_from b = {.result = 0};
    for (size_t i = 0; i < count; i++) {
        printf("%-8s by hand: ", names[calls[i].what]);
        print_answer(by_hand_any(&a), &a.result, calls[i]);
        printf("%-8s by yield from: ", "");
        print_answer(by_yield_from_any(&b), &b.result, calls[i]);
    }
    printf("\n");
}

int main(void)
{
    static const struct call values[] = {{NEXT, 0}, {SEND, 4}, {NEXT, 0}, {SEND, 0}};
    static const struct call handled[] = {{NEXT, 0}, {THROW, VALUE_ERROR}};
    static const struct call raised[] = {{NEXT, 0}, {THROW, KEY_ERROR}};
    static const struct call closed[] = {{NEXT, 0}, {CLOSE, 0}};

    drive(values, 4);
    drive(handled, 2);
    drive(raised, 2);
    drive(closed, 2);
    return 0;
}
