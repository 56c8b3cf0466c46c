from trace import *


digits = [1, 2, 3, 4]


def exchange(i, j):
    digits[i], digits[j] = digits[j], digits[i]


def permutations(k):
    if k == 4:
        yield 1000 * digits[0] + 100 * digits[1] + 10 * digits[2] + digits[3]
    for i in range(k, 4):
        exchange(k, i)
        yield from permutations(k=k + 1)
        exchange(k, i)


g = permutations(k=0)
show_rest(g)
