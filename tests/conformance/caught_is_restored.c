/* After a clause within a clause the outer exception is the current one again, three levels deep. */
#include "trace.h"

gen_declare(deep, int, int);
struct deep {
    FRAME;
};
gen_define(deep)
{
    gen_begin();
    gen_try {
        gen_raise(EFIRST, "1");
    }
    gen_except_any {
        show_caught();
        gen_try {
            gen_raise(ESECOND, "2");
        }
        gen_except_any {
            show_caught();
            gen_try {
                gen_raise(ETHIRD, "3");
            }
            gen_except_any {
                show_caught();
            }
            gen_end_try
            show_caught();
        }
        gen_end_try
        show_caught();
        gen_reraise();
    }
    gen_end_try
    gen_yield(1);
    gen_end();
}

int main(void)
{
    struct generator g = start(deep);
    show_next_text(g);
    return 0;
}
