/* A coroutine, and a loop that runs it until it is done. In Python:
 *
 *     async def main():
 *         print('hello')
 *         await asyncio.sleep(1)              a tenth of it here
 *         print('world')
 *     asyncio.run(main())
 */
#include <stdio.h>
#include "examples/status.h"
#include "loop/loop.h"

gen_declare(hello, void);
struct hello {
    struct gen gen;
};
gen_define(hello)
{
    gen_begin();
    printf("hello\n");
    task_sleep(0.1);
    printf("world\n");
    gen_end();
}

int main(void)
{
    struct hello hello = {.gen = {0, 0}};
    return exit_status("hello", loop_run(hello_any(&hello)));
}
