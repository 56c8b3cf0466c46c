from trace import *


columns = [0] * 6


def free_at(row, column):
    for r in range(row):
        d = columns[r] - column
        if d in (0, row - r, r - row):
            return False
    return True


def queens(row):
    if row == 6:
        yield int("%d%d%d%d%d%d" % tuple(columns))
        return
    for column in range(6):
        if not free_at(row, column):
            continue
        try:
            columns[row] = column
            yield from queens(row=row + 1)
        finally:
            columns[row] = 0


g = queens(row=0)
show_rest(g)
g = queens(row=0)
show_next(g)
show_close(g)
for row in range(6):
    trace("column %d", columns[row])
