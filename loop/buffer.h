/* buffer.h - bytes on their way, in memory that was lent. Private to loop/, but for struct
 * stream_bytes.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_BUFFER_H
#define GEN_LOOP_BUFFER_H

#include <stddef.h>
#include <string.h>

/* Bytes in another's memory. */
struct stream_bytes {
    const char *data;
    size_t size;
};

struct stream_buffer {
    char *data; /* NULL: none was lent */
    size_t capacity, begin, end;
    size_t scanned; /* no separator begins in this many bytes from `begin` on */
};

static inline size_t buffer__used(const struct stream_buffer *b)
{
    return b->end - b->begin;
}

static inline size_t buffer__free(const struct stream_buffer *b)
{
    return b->capacity - buffer__used(b);
}

/* Where to put what comes: some of what is free, in one piece. */
static inline char *buffer__room(struct stream_buffer *b, size_t *size)
{
    if (b->begin > 0 && b->end == b->capacity) {
        memmove(b->data, b->data + b->begin, buffer__used(b));
        b->end -= b->begin;
        b->begin = 0;
    }
    *size = b->capacity - b->end;
    return b->data + b->end;
}

static inline void buffer__drop(struct stream_buffer *b, size_t size)
{
    b->begin += size;
    b->scanned -= size < b->scanned ? size : b->scanned;
    if (b->begin == b->end)
        b->begin = b->end = 0;
}

/* Moves up to `size` bytes out; returns how many. */
static inline size_t buffer__take(struct stream_buffer *b, char *to, size_t size)
{
    if (size > buffer__used(b))
        size = buffer__used(b);
    if (size > 0)
        memcpy(to, b->data + b->begin, size);
    buffer__drop(b, size);
    return size;
}

/* Copies up to `size` bytes in; returns how many. */
static inline size_t buffer__put(struct stream_buffer *b, const char *from, size_t size)
{
    if (size > buffer__free(b))
        size = buffer__free(b);
    if (size == 0)
        return 0;
    if (size > b->capacity - b->end) {
        memmove(b->data, b->data + b->begin, buffer__used(b));
        b->end -= b->begin;
        b->begin = 0;
    }
    memcpy(b->data + b->end, from, size);
    b->end += size;
    return size;
}

#endif
