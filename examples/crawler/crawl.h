/* crawl.h - what the crawlers have in common: a page's words and links, which pages there are, and
 * the report. A consumer is handed each page and makes an index of it, by itself or in a worker:
 *
 *     crawl_open(&crawl, "http://127.0.0.1:8080/", 100);      the first page, and 100 in all
 *     for (i = 0; i < crawl.count; i++) {
 *         ... fetch crawl.pages[i]->url ...
 *         page_index(html, size, index, &index_size);         index has PAGE_INDEX_ROOM(size)
 *         crawl_add(&crawl, page, index, index_size);         count grows by the links that are new
 *     }
 *     crawl_report(&crawl, "serial");
 *
 * Only pages of the first one's scheme, host and port are crawled. A redirection is not followed, but
 * is a link: page_redirect. */
#ifndef EXAMPLES_CRAWL_H
#define EXAMPLES_CRAWL_H

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gen.h"

enum { CRAWL_PAGES = 1000, CRAWL_MOST = 100000, CRAWL_PAGE_LIMIT = 1 << 20 };

/* -- Python's Counter -------------------------------------------------------------------------- */

struct count {
    struct count *next;
    size_t n;
    char key[];
};

struct counter {
    struct count *first, *last; /* in the order in which they came */
    struct count **table;       /* NULL: free */
    size_t used, room;
};

static inline void counter_free(struct counter *c)
{
    for (struct count *at = c->first, *next; at != NULL; at = next) {
        next = at->next;
        free(at);
    }
    free(c->table);
    *c = (struct counter){0};
}

static inline struct count **counter__find(const struct counter *c, const char *key, size_t size)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    size_t i;
    for (i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)key[i]) * 16777619u;
    for (i = hash % c->room; c->table[i] != NULL; i = (i + 1) % c->room)
        if (strncmp(c->table[i]->key, key, size) == 0 && c->table[i]->key[size] == '\0')
            break;
    return &c->table[i];
}

static inline bool counter__grow(struct counter *c)
{
    const size_t room = c->room > 0 ? c->room * 2 : 64;
    struct count **table = (struct count **)calloc(room, sizeof(struct count *));
    if (table == NULL)
        return false;
    free(c->table);
    c->table = table;
    c->room = room;
    for (struct count *at = c->first; at != NULL; at = at->next)
        *counter__find(c, at->key, strlen(at->key)) = at;
    return true;
}

/* c[key] += n. The new count, or 0: no memory. */
static inline size_t counter_add(struct counter *c, const char *key, size_t size, size_t n)
{
    struct count **at;
    if (c->used * 2 >= c->room && !counter__grow(c))
        return 0;
    at = counter__find(c, key, size);
    if (*at == NULL) {
        *at = (struct count *)malloc(sizeof **at + size + 1);
        if (*at == NULL)
            return 0;
        (*at)->next = NULL;
        (*at)->n = 0;
        memcpy((*at)->key, key, size);
        (*at)->key[size] = '\0';
        *(c->last ? &c->last->next : &c->first) = *at;
        c->last = *at;
        c->used++;
    }
    return (*at)->n += n;
}

/* -- A page's words and links ------------------------------------------------------------------ */

struct token {
    char kind; /* 'W': a word, 'L': a link's address */
    const char *data;
    size_t size;
};

/* HTML as people write it: nothing is an error. */
gen_declare(tokens, struct token);
struct tokens {
    struct gen gen;
    const char *at, *end;
    struct token link;
};

static inline const char *tokens__find(const char *at, const char *end, const char *text)
{
    const size_t size = strlen(text);
    for (; (size_t)(end - at) >= size; at++)
        if (strncasecmp(at, text, size) == 0)
            return at;
    return end;
}

static inline bool tokens__begins(const char *at, const char *end, const char *text)
{
    const size_t size = strlen(text);
    return (size_t)(end - at) > size && strncasecmp(at, text, size) == 0 &&
           !isalnum((unsigned char)at[size]);
}

/* Behind a tag, which begins at `at`; what is not text goes with it. */
static inline const char *tokens__tag(const char *at, const char *end, struct token *link)
{
    const char *const begin = at;
    const bool anchor = tokens__begins(at, end, "<a");
    const char *skip = tokens__begins(at, end, "<script")  ? "</script"
                       : tokens__begins(at, end, "<style") ? "</style"
                                                           : NULL;
    link->size = 0;
    if (tokens__begins(at, end, "<!-") && at[3] == '-') {
        at = tokens__find(at, end, "-->");
        return at == end ? end : at + 3;
    }
    while (at < end && *at != '>') {
        const char *value = at + 1, *stop;
        if (*at++ != '=')
            continue;
        while (value < end && isspace((unsigned char)*value))
            value++;
        if (value < end && (*value == '"' || *value == '\'')) {
            stop = (const char *)memchr(value + 1, *value, (size_t)(end - value - 1));
            stop = stop ? stop : end;
            value++;
        } else
            for (stop = value; stop < end && *stop != '>' && !isspace((unsigned char)*stop);)
                stop++;
        if (anchor && at - begin > 6 && isspace((unsigned char)at[-6]) &&
            strncasecmp(at - 5, "href=", 5) == 0)
            *link = (struct token){'L', value, strnlen(value, (size_t)(stop - value))};
        at = stop < end && (*stop == '"' || *stop == '\'') ? stop + 1 : stop;
    }
    return skip ? tokens__find(at, end, skip) : at;
}

static inline bool tokens__letter(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80; /* of UTF-8 */
}

gen_define(tokens)
{
    gen_begin();
    while (self->at < self->end) {
        if (*self->at == '<') {
            self->at = tokens__tag(self->at, self->end, &self->link);
            if (self->link.size > 0)
                gen_yield(self->link);
        } else if (tokens__letter(*self->at)) {
            const char *word = self->at;
            while (self->at < self->end && tokens__letter(*self->at))
                self->at++;
            gen_yield((struct token){'W', word, (size_t)(self->at - word)});
        } else
            self->at++;
    }
    gen_end();
}

/* An index is a text for each word and link, "W3 loop" or "L1 a.html", each with a '\0' behind it.
 * The word "a" has two bytes of a page, with what parts it from the next, and five here. */
#define PAGE_INDEX_ROOM(size) (3 * (size) + 8)

/* A process_pool_function: out has PAGE_INDEX_ROOM(size) bytes. 0, ENOMEM. */
static inline int page_index(const void *html, size_t size, void *out, size_t *out_size)
{
    const char *const at = size > 0 ? (const char *)html : "";
    struct counter counter = {0};
    char *end = (char *)out;
    int code = 0;
    gen_for (token, tokens, .at = at, .end = at + size) {
        char *key = (char *)malloc(token.size + 1);
        if (key != NULL) {
            key[0] = token.kind;
            for (size_t i = 0; i < token.size; i++)
                key[i + 1] = (char)(token.kind == 'W' ? tolower((unsigned char)token.data[i])
                                                      : token.data[i]);
        }
        if (key == NULL || counter_add(&counter, key, token.size + 1, 1) == 0)
            code = ENOMEM;
        free(key);
        if (code != 0)
            break;
    }
    for (const struct count *c = counter.first; c != NULL && code == 0; c = c->next)
        end += 1 + sprintf(end, "%c%zu %s", c->key[0], c->n, c->key + 1);
    counter_free(&counter);
    *out_size = (size_t)(end - (char *)out);
    return code;
}

/* The index of a redirection, for free; NULL: no memory. */
static inline char *page_redirect(const char *location, size_t *size)
{
    char *const index = (char *)malloc(strlen(location) + 4);
    if (index != NULL)
        *size = (size_t)sprintf(index, "L1 %s", location) + 1;
    return index;
}

/* One text of an index. */
struct record {
    char kind;
    size_t n;
    const char *text;
};

/* The record at `at`, and where the next one is. */
static inline const char *record_read(const char *at, struct record *r)
{
    char *text;
    r->kind = at[0];
    r->n = strtoul(at + 1, &text, 10);
    r->text = text + 1;
    return r->text + strlen(r->text) + 1;
}

/* -- Addresses --------------------------------------------------------------------------------- */

/* The address of a link on a page, without a fragment; or of a page, with base NULL. The caller frees
 * it. NULL: it is none of HTTP, or there is no memory. */
static inline char *url_join(const char *base, const char *link)
{
    static const char amp[] = "&amp;";
    CURLU *u = curl_url();
    char *plain = strdup(link), *url = NULL, *scheme = NULL, *result = NULL, *at = plain;
    if (u != NULL && plain != NULL) {
        while ((at = strstr(at, amp)) != NULL) {
            at++;
            memmove(at, at + sizeof amp - 2, strlen(at + sizeof amp - 2) + 1);
        }
        if ((base == NULL || curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK) &&
            curl_url_set(u, CURLUPART_URL, plain, CURLU_URLENCODE) == CURLUE_OK &&
            curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
            curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
            strncmp(scheme, "http", 4) == 0 &&
            curl_url_get(u, CURLUPART_URL, &url, CURLU_NO_DEFAULT_PORT) == CURLUE_OK)
            result = strdup(url);
    }
    curl_free(scheme);
    curl_free(url);
    curl_url_cleanup(u);
    free(plain);
    return result;
}

/* How much of an address is scheme, host and port. */
static inline size_t url_origin(const char *url)
{
    const char *host = strstr(url, "://");
    return host ? (size_t)(host - url) + 3 + strcspn(host + 3, "/?") : 0;
}

static inline bool url_same_host(const char *a, const char *b)
{
    const size_t size = url_origin(a);
    return size == url_origin(b) && strncmp(a, b, size) == 0;
}

/* -- The crawl --------------------------------------------------------------------------------- */

struct page {
    int status; /* HTTP's; 0: it has not been fetched */
    size_t words;
    char *why; /* it could not be fetched; or NULL */
    char url[];
};

struct crawl {
    struct page **pages; /* in the order they were found */
    size_t count, room, max_pages;
    struct counter seen, words;
};

static inline void crawl_close(struct crawl *crawl)
{
    for (size_t i = 0; i < crawl->count; i++) {
        free(crawl->pages[i]->why);
        free(crawl->pages[i]);
    }
    free(crawl->pages);
    counter_free(&crawl->seen);
    counter_free(&crawl->words);
    *crawl = (struct crawl){0};
}

/* NULL: no memory. */
static inline struct page *crawl_add_page(struct crawl *crawl, const char *url)
{
    struct page *page = (struct page *)calloc(1, sizeof *page + strlen(url) + 1);
    if (page != NULL && crawl->count == crawl->room) {
        const size_t room = crawl->room ? crawl->room * 2 : 64;
        struct page **grown = (struct page **)realloc(crawl->pages, room * sizeof(struct page *));
        if (grown == NULL) {
            free(page);
            return NULL;
        }
        crawl->pages = grown;
        crawl->room = room;
    }
    if (page == NULL)
        return NULL;
    strcpy(page->url, url);
    crawl->pages[crawl->count++] = page;
    return page;
}

/* The first page. 0; EINVAL: that is no address of one; ENOMEM. */
static inline int crawl_open(struct crawl *crawl, const char *url, size_t max_pages)
{
    char *root = url_join(NULL, url);
    int code = EINVAL;
    *crawl = (struct crawl){.max_pages = max_pages};
    if (root != NULL)
        code = counter_add(&crawl->seen, root, strlen(root), 1) > 0 && crawl_add_page(crawl, root)
                   ? 0
                   : ENOMEM;
    free(root);
    return code;
}

/* Adds an index of a page to the crawl's. 0, ENOMEM. */
static inline int crawl_add(struct crawl *crawl, struct page *page, const char *index, size_t size)
{
    struct record r;
    for (const char *at = index; at < index + size;) {
        at = record_read(at, &r);
        if (r.kind == 'W') {
            page->words += r.n;
            if (counter_add(&crawl->words, r.text, strlen(r.text), r.n) == 0)
                return ENOMEM;
        } else {
            char *url = url_join(page->url, r.text);
            int code = 0;
            if (url != NULL && url_same_host(url, page->url) && crawl->count < crawl->max_pages) {
                const size_t n = counter_add(&crawl->seen, url, strlen(url), 1);
                if (n == 0 || (n == 1 && crawl_add_page(crawl, url) == NULL))
                    code = ENOMEM;
            }
            free(url);
            if (code != 0)
                return code;
        }
    }
    return 0;
}

static inline int crawl__by_url(const void *a, const void *b)
{
    return strcmp((*(struct page *const *)a)->url, (*(struct page *const *)b)->url);
}

/* Counter.most_common */
static inline bool crawl__more(const struct count *a, const struct count *b)
{
    return b == NULL || a->n > b->n || (a->n == b->n && strcmp(a->key, b->key) < 0);
}

/* Prints what there is, and on stderr what could not be fetched. How many those are. */
static inline size_t crawl_report(struct crawl *crawl, const char *program)
{
    enum { TOP = 3 };
    const struct count *top[TOP] = {NULL};
    size_t fetched = 0, words = 0, missing = 0, failed = 0;
    if (crawl->count > 0)
        qsort(crawl->pages, crawl->count, sizeof(struct page *), crawl__by_url);
    for (size_t i = 0; i < crawl->count; i++) {
        const struct page *const page = crawl->pages[i];
        const char *const path = page->url + url_origin(page->url);
        if (page->why != NULL) {
            fprintf(stderr, "%s: %s: %s\n", program, page->url, page->why);
            failed++;
        } else if (page->status == 200) {
            printf("%d %5zu words  %s\n", page->status, page->words, path);
            words += page->words;
            fetched++;
        } else if (page->status != 0) {
            printf("%d %-13s%s\n", page->status,
                   page->status == 404       ? "not found"
                   : page->status / 100 == 3 ? "moved"
                                             : "",
                   path);
            missing += page->status == 404;
        }
    }
    for (const struct count *at = crawl->words.first; at != NULL; at = at->next) {
        const struct count *c = at;
        for (int k = 0; k < TOP && c != NULL; k++)
            if (crawl__more(c, top[k])) {
                const struct count *const next = top[k];
                top[k] = c;
                c = next;
            }
    }
    printf("%zu pages, %zu not found; %zu words, %zu of them different:", fetched, missing, words,
           crawl->words.used);
    for (int k = 0; k < TOP && top[k] != NULL; k++)
        printf(" %zu %s", top[k]->n, top[k]->key);
    printf("\n");
    return failed;
}

/* A number from 1 to `most`; 0: it is none. */
static inline size_t crawl_number(const char *text, size_t most)
{
    char *end;
    const unsigned long value = strtoul(text, &end, 10);
    return !isdigit((unsigned char)text[0]) || *end != '\0' || value > most ? 0 : value;
}

#endif
