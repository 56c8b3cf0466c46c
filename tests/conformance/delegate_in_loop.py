from trace import *


def child(n):
    for i in range(n):
        yield 10 * n + i
    if n == 2:
        raise EFIRST
    return n


def parent():
    sum = 0
    for n in range(9):
        try:
            try:
                sum += yield from child(n=n)
                if n == 4:
                    break
            except EFIRST:
                show_caught()
                continue
        finally:
            trace("sum %d", sum)
    return sum


g = parent()
show_rest(g)
