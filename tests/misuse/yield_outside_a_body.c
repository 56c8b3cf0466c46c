/* gen_yield in a function that is no body.
 *
 * expect gcc clang: error: 'gen__no_begin'
 */
#include "gen.h"

int helper(void);
int helper(void)
{
    gen_yield(1);
    return 0;
}
