/* Two try/finally nested, and room for one.
 *
 * expect gcc clang g++ clang++: error: unwind_has_too_few_elements_for_the_nesting_of_gen_try_finally
 */
#include "gen.h"

gen_declare(nested, int);
struct nested {
    struct gen gen;
    struct gen_unwind unwind[1];
    int n;
};
gen_define(nested)
{
    gen_begin();
    gen_try_finally {
        gen_try_finally {
            gen_yield(1);
        }
        gen_finally {
            self->n++;
        }
        gen_end_finally
    }
    gen_finally {
        self->n++;
    }
    gen_end_finally
    gen_end();
}
