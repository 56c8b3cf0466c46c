from trace import *


def averager():
    sum = count = 0
    while True:
        sent = yield count
        if sent is None:
            break
        sum += sent
        count += 1
    if count == 0:
        raise EFIRST("nothing to average")
    return sum // count


def collector():
    for i in range(3):
        try:
            value = yield from averager()
            trace("average %d", value)
        except EFIRST:
            show_caught()


g = collector()
show_next(g)
show_send(g, 10)
show_send(g, 20)
show_next(g)
show_next(g)
show_send(g, 7)
show_next(g)
show_state(g)
