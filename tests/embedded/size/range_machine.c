/* The range of bench/size/range.c as a state machine written by hand. */
struct range {
    unsigned char state;
    int i, stop;
};

char range_next(struct range *self, int *out);

char range_next(struct range *self, int *out)
{
    switch (self->state) {
    case 0:
        self->state = 1;
        break;
    case 1:
        self->i++;
        break;
    default:
        return 0;
    }
    if (self->i < self->stop) {
        *out = self->i;
        return 1;
    }
    self->state = 2;
    return 0;
}
