/* descriptors.h - a test that leaves as many descriptors open as it found. */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <dirent.h>
#include <stdio.h>

static int descriptors_before;

static int open_descriptors(void)
{
    DIR *all = opendir("/proc/self/fd");
    int n = 0;
    if (all == NULL)
        return -1;
    while (readdir(all) != NULL)
        n++;
    (void)closedir(all);
    return n;
}

static int before_test(void **state)
{
    (void)state;
    descriptors_before = open_descriptors();
    return descriptors_before < 0 ? -1 : 0;
}

static int after_test(void **state)
{
    int n = open_descriptors();
    (void)state;
    if (n != descriptors_before)
        printf("descriptors: %d before, %d after\n", descriptors_before, n);
    return n == descriptors_before ? 0 : -1;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, before_test, after_test)

#endif
