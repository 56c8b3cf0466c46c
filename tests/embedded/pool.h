/* Included before the tests that allocate: there is no heap here, so these take it from a pool of
 * POOL bytes. What gen.h and task.h ask for is seen before, and would still not link. */
#include <stdlib.h>
#if !defined(POOL_GEN_ONLY)
#include "task/dump.h"
#include "task/lock.h"
#include "task/queue.h"
#include "task/virtual.h"
#include "task/wait.h"
#endif

void *pool_take(size_t size);
void *pool_take_zeroed(size_t count, size_t size);
void pool_give(void *memory);

#define malloc(size) pool_take(size)
#define calloc(count, size) pool_take_zeroed((count), (size))
#define free(memory) pool_give(memory)
