/* A fuzz target for the stream's readers: any bytes, cut into any pieces, give the same as the whole.
 *
 * The input is a buffer's size, the cuts (4 bytes), a count of steps, two bytes for each of them, and
 * the bytes. Without libFuzzer, main makes inputs of its own: usage: reader [runs [seed]]. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/reader_scene.h"

enum { STEPS = 12, BYTES = 200 };

static const char *const separators[] = {"\n", "\r\n", "ab", "aab", "-", ""};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scene whole, cut;
    struct step steps[STEPS];
    uint32_t cuts;
    size_t count, buffer;
    if (size < 6)
        return 0;
    buffer = data[0] % 65;
    memcpy(&cuts, data + 1, sizeof cuts);
    count = data[5] % STEPS + 1;
    data += 6, size -= 6;
    if (size < 2 * count)
        return 0;
    for (size_t i = 0; i < count; i++, data += 2, size -= 2) {
        /* what some bytes are, depends on the pieces: all other kinds */
        steps[i].kind = K_EXACTLY + data[0] % 5;
        steps[i].size = data[1];
        steps[i].separator = separators[data[1] % (sizeof separators / sizeof separators[0])];
    }
    if (size > BYTES)
        size = BYTES;
    scene_run(&whole, (const char *)data, size, buffer, 0, steps, count);
    scene_run(&cut, (const char *)data, size, buffer, cuts, steps, count);
    CHECK_THAT(whole.reader.logged == cut.reader.logged);
    CHECK_THAT(memcmp(whole.reader.log, cut.reader.log, whole.reader.logged) == 0);
    return 0;
}

#ifndef FUZZER
static uint32_t state;

static uint8_t next(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (uint8_t)(state >> 11);
}

int main(int argc, char **argv)
{
    const char alphabet[] = "ab\r\n-a\na";
    unsigned long runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    state = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1;
    for (unsigned long run = 0; run < runs; run++) {
        uint8_t input[6 + 2 * STEPS + BYTES];
        const size_t size = 6 + 2 * STEPS + next() % BYTES;
        for (size_t i = 0; i < size; i++)
            input[i] =
                i < 6 + 2 * STEPS ? next() : (uint8_t)alphabet[next() % (sizeof alphabet - 1)];
        (void)LLVMFuzzerTestOneInput(input, size);
    }
    printf("%lu inputs\n", runs);
    return 0;
}
#endif
