/* The caller sends values through a delegating generator to the subgenerator that averages them;
 * what that returns, the delegating generator stores. In Python:
 *
 *     def grouper(results, key):              the delegating generator
 *         while True:
 *             results[key] = yield from averager()
 *
 *     group = grouper(results, key)           the caller
 *     next(group)
 *     for value in values: group.send(value)
 *     group.send(None)                        important!
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gen.h"

struct data {
    const char *key;
    double values[10];
    int count;
};

static const struct data data[] = {
    {"girls;kg", {40.9, 38.5, 44.3, 42.2, 45.2, 41.7, 44.5, 38.0, 40.6, 44.5}, 10},
    {"girls;m", {1.6, 1.51, 1.4, 1.3, 1.41, 1.39, 1.33, 1.46, 1.45, 1.43}, 10},
    {"boys;kg", {39.0, 40.8, 43.2, 40.8, 43.1, 38.6, 41.4, 40.6, 36.3}, 9},
    {"boys;m", {1.38, 1.5, 1.32, 1.25, 1.37, 1.48, 1.25, 1.49, 1.46}, 9},
};
enum { GROUPS = sizeof data / sizeof data[0] };

struct result {
    const char *key;
    int count;
    double average;
};

/* The subgenerator. */
gen_declare(averager, void, double);
struct averager {
    struct gen gen;
    int count;
    double total, average;
    struct result result;
};
gen_define(averager)
{
    gen_begin();
    for (;;) {
        gen_yield();
        if (gen_sent == NULL)
            break;
        self->total += *gen_sent;
        self->count++;
        self->average = self->total / self->count;
    }
    gen_return((struct result){.count = self->count, .average = self->average});
    gen_end();
}

/* The delegating generator. */
gen_declare(grouper, void, double);
struct grouper {
    struct gen gen;
    struct result *results;
    const char *key;
    struct averager averager;
};
gen_define(grouper)
{
    gen_begin();
    for (;;) {
        self->averager = (struct averager){.count = 0};
        gen_yield_from(averager, &self->averager);
        *self->results = self->averager.result;
        self->results->key = self->key;
    }
    gen_end();
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct result *)a)->key, ((const struct result *)b)->key);
}

static void report(struct result *results, size_t count)
{
    qsort(results, count, sizeof results[0], by_key);
    for (size_t i = 0; i < count; i++) {
        const char *unit = strchr(results[i].key, ';');
        printf("%2d %-5.*s averaging %.2f%s\n", results[i].count, (int)(unit - results[i].key),
               results[i].key, results[i].average, unit + 1);
    }
}

int main(void)
{
    struct result results[GROUPS] = {{.key = NULL}};

    for (int i = 0; i < GROUPS; i++) {
        struct grouper group = {.results = &results[i], .key = data[i].key};
        grouper_next(&group, NULL);
        for (int j = 0; j < data[i].count; j++)
            grouper_send(&group, data[i].values[j], NULL);
        grouper_next(&group, NULL); /* sends None: important! */
    }
    report(results, GROUPS);
    return 0;
}
