/* Six queens: each solution as the columns of the rows; what is tried is undone in a finally. */
#include "trace.h"

static int columns[6];

static bool free_at(int row, int column)
{
    for (int r = 0; r < row; r++) {
        int d = columns[r] - column;
        if (d == 0 || d == row - r || d == r - row)
            return false;
    }
    return true;
}

gen_declare(queens, int, int);
struct queens {
    FRAME;
    int row, column;
    struct gen_unwind unwind[1];
};
gen_define(queens)
{
    gen_begin();
    if (self->row == 6)
        gen_yield(100000 * columns[0] + 10000 * columns[1] + 1000 * columns[2] + 100 * columns[3] +
                  10 * columns[4] + columns[5]);
    for (; self->row < 6 && self->column < 6; self->column++) {
        if (!free_at(self->row, self->column))
            continue;
        gen_try_finally {
            columns[self->row] = self->column;
            delegate(queens, .row = self->row + 1);
        }
        gen_finally {
            columns[self->row] = 0;
        }
        gen_end_finally
    }
    gen_end();
}

int main(void)
{
    struct generator g = start(queens, .row = 0);
    show_rest(g);
    g = start(queens, .row = 0);
    show_next(g);
    show_close(g);
    for (int row = 0; row < 6; row++)
        trace("column %d", columns[row]);
    return 0;
}
