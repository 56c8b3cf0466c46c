/* The same as Dunkels' protothreads have it. */
struct range {
    unsigned short label;
    int i, stop;
};

char range_next(struct range *self, int *out);

char range_next(struct range *self, int *out)
{
    switch (self->label) {
    case 0:
        for (; self->i < self->stop; self->i++) {
            *out = self->i;
            self->label = __LINE__ + 1;
            return 1;
        case __LINE__:;
        }
    }
    self->label = 0;
    return 3;
}
