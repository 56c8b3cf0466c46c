from trace import *


def leaves(low, high, left=0):
    if high - low == 1:
        return low
    middle = low + (left or (high - low) // 2)
    yield (yield from leaves(low=low, high=middle, left=left))
    yield (yield from leaves(low=middle, high=high, left=left))
    return -1


a = leaves(low=0, high=6, left=1)
b = leaves(low=0, high=6)
for i in range(11):
    show_next(a)
    show_next(b)
