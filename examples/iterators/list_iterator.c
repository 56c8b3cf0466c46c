/* The iterator protocol: next() gives an item, or says that there is none left, or that an error
 * came instead. C tells the last two apart by gen_error, as Python's own C API does: PyIter_Next
 * returns NULL, and PyErr_Occurred() is asked. In Python:
 *
 *     my_list = [4, 7, 0, 3]
 *     my_iter = iter(my_list)
 *     print(next(my_iter)) ...
 *     next(my_iter)                           StopIteration
 */
#include <stdio.h>
#include "itertools.h"

enum { VALUE_ERROR = GEN_EUSER };

/* Something to iterate over whose third item cannot be had. */
gen_declare(broken, int);
struct broken {
    struct gen gen;
};
gen_define(broken)
{
    gen_begin();
    gen_yield(1);
    gen_yield(2);
    gen_raise(VALUE_ERROR, "no third item");
    gen_end();
}

/* What follows works for any iterator of int: a gen_any is what PyIter_Check asks for. */
static void print_next(struct gen_any it)
{
    int item = 0;
    if (gen_any_next(it, &item))
        printf("%d\n", item);
    else if (gen_any_error(it) == 0)
        printf("StopIteration\n");
    else
        printf("%s\n",
               gen_any_error(it) == VALUE_ERROR ? "ValueError" : gen_error_name(gen_any_error(it)));
}

int main(void)
{
    int my_list[] = {4, 7, 0, 3};
    struct gen_any my_iter = iter_array(my_list);
    struct gen_any broken_iter = iter_of(broken);

    for (int i = 0; i < 5; i++)
        print_next(my_iter);
    print_next(my_iter); /* for ever */

    for (int i = 0; i < 3; i++)
        print_next(broken_iter); /* the third is the error, which ends it */

    /* A loop asks until there is nothing left, and says nothing about it. */
    iter_for (char, c, iter_chars("ABC"))
        printf("%c\n", c);
    return 0;
}
