/* Memory for tests that allocate: taken in order, and all free again when all was given back. A test
 * that wants more than is left is skipped. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cmocka.h"
#undef malloc
#undef calloc
#undef free

#ifndef POOL
#define POOL ((size_t)1 << 20)
#endif

void *pool_take(size_t size);
void *pool_take_zeroed(size_t count, size_t size);
void pool_give(void *memory);

static union {
    long double align;
    void *pointer;
    char bytes[POOL];
} pool;
static size_t used, taken;

void *pool_take(size_t size)
{
    const size_t align = sizeof(long long) * 2, need = (size + align - 1) / align * align;
    char *memory = pool.bytes + used;
    if (need < size || need > sizeof pool.bytes - used) {
        used = taken = 0;
        embedded_skip();
    }
    used += need;
    taken++;
    return memory;
}

void *pool_take_zeroed(size_t count, size_t size)
{
    if (count != 0 && size > SIZE_MAX / count)
        embedded_skip();
    return memset(pool_take(count * size), 0, count * size);
}

void pool_give(void *memory)
{
    if (memory != NULL && --taken == 0)
        used = 0;
}
