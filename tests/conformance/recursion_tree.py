from trace import *


def tree(low, high):
    if low < high:
        middle = (low + high) // 2
        yield from tree(low=low, high=middle)
        yield middle
        yield from tree(low=middle + 1, high=high)
    return high - low


g = tree(low=0, high=25)
show_rest(g)
g = tree(low=0, high=3)
show_next(g)
show_next(g)
show_next(g)
show_next(g)
