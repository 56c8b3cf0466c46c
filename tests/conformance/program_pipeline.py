from trace import *


def sink():
    sum = 0
    try:
        while True:
            sum += yield sum
    except GEN_EXIT:
        trace("sum %d", sum)


def only_even(target):
    try:
        while True:
            sent = yield 0
            if sent % 2 == 0:
                show_send(target, sent)
            else:
                trace("odd %d", sent)
    finally:
        show_close(target)


s = sink()
g = only_even(target=s)
show_next(s)
show_next(g)
for i in range(7):
    show_send(g, i)
show_close(g)
show_state(s)
