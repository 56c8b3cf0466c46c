/* http.h - what the examples have in common of libcurl: a transfer into memory, up to a limit. */
#ifndef EXAMPLES_HTTP_H
#define EXAMPLES_HTTP_H

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What came: `data` has a '\0' behind its `size` bytes, and is NULL if nothing came. */
struct http_body {
    char *data;
    size_t size, limit;
    size_t room;   /* private */
    CURLcode code; /* why it did not grow */
};

/* Once in main, before there are other threads; and at the end. A peer that is gone is an error of
 * its transfer, not a signal. */
static inline CURLcode http_init(void)
{
    signal(SIGPIPE, SIG_IGN);
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

static inline void http_exit(void)
{
    curl_global_cleanup();
}

static inline void http_body_free(struct http_body *body)
{
    free(body->data);
    body->data = NULL;
    body->size = body->room = 0;
}

/* libcurl's CURLOPT_WRITEFUNCTION: taking less than `size` ends the transfer. */
static inline size_t http_body_write(char *data, size_t one, size_t size, void *arg)
{
    struct http_body *body = (struct http_body *)arg;
    size_t room = body->room > 0 ? body->room : 1024;
    (void)one;
    if (size > body->limit - body->size) {
        body->code = CURLE_FILESIZE_EXCEEDED;
        return 0;
    }
    while (room <= body->size + size)
        room *= 2;
    if (room > body->room) {
        char *grown = (char *)realloc(body->data, room);
        if (grown == NULL) {
            body->code = CURLE_OUT_OF_MEMORY;
            return 0;
        }
        body->data = grown;
        body->room = room;
    }
    memcpy(body->data + body->size, data, size);
    body->size += size;
    body->data[body->size] = '\0';
    return size;
}

/* A GET of `url` into `body`, whose limit is set and below SIZE_MAX / 4. What goes wrong is told in
 * words in why[CURL_ERROR_SIZE]. Both must stay where they are until it is cleaned up. NULL: no
 * memory. */
static inline CURL *http_easy(const char *url, struct http_body *body, char *why)
{
    CURL *easy = curl_easy_init();
    body->code = CURLE_OK;
    why[0] = '\0';
    if (easy == NULL)
        return NULL;
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_body_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    if (curl_easy_setopt(easy, CURLOPT_URL, url) != CURLE_OK) {
        curl_easy_cleanup(easy);
        return NULL;
    }
    return easy;
}

/* What a transfer came to that ended with `code`: *status is HTTP's, if it was well. */
static inline CURLcode http_result(CURL *easy, CURLcode code, const struct http_body *body,
                                   char *why, int *status)
{
    long response = 0;
    if (body->code != CURLE_OK)
        code = body->code;
    if (code != CURLE_OK && (why[0] == '\0' || body->code != CURLE_OK))
        snprintf(why, CURL_ERROR_SIZE, "%s", curl_easy_strerror(code));
    if (code == CURLE_OK) {
        why[0] = '\0';
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response);
    }
    *status = (int)response;
    return code;
}

#endif
