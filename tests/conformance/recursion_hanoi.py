from trace import *


def hanoi(n, start, to, over):
    if n > 0:
        yield from hanoi(n=n - 1, start=start, to=over, over=to)
        yield 10 * start + to
        yield from hanoi(n=n - 1, start=over, to=to, over=start)


g = hanoi(n=4, start=1, to=3, over=2)
show_rest(g)
