/* flags.h - what the downloaders of flags have in common. In Python: flags.py, flags2_common.py.
 *
 *     POP20_CC = ('CN IN US ID BR PK NG BD RU JP '
 *                 'MX PH VN ET EG DE IR TR CD FR').split()
 */
#ifndef EXAMPLES_FLAGS_H
#define EXAMPLES_FLAGS_H

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "examples/http/http.h"

/* The twenty largest countries; and in the order in which sorted() has them. */
enum { POP20 = 20 };
static const char *const pop20_cc[POP20] = {"BD", "BR", "CD", "CN", "DE", "EG", "ET",
                                            "FR", "ID", "IN", "IR", "JP", "MX", "NG",
                                            "PH", "PK", "RU", "TR", "US", "VN"};

enum { FLAG_LIMIT = 1 << 20, FLAG_PATH = 1024, FLAG_URL = 900 };

/* '{}/{cc}/{cc}.gif', into url[FLAG_PATH]. The base is shorter than FLAG_URL. */
static inline void flag_url(char *url, const char *base_url, const char *cc)
{
    const int a = tolower((unsigned char)cc[0]), b = tolower((unsigned char)cc[1]);
    snprintf(url, FLAG_PATH, "%s/%c%c/%c%c.gif", base_url, a, b, a, b);
}

/* Into the directory. 0, or errno's code; then there is no such file. */
static inline int save_flag(const struct http_body *image, const char *directory, const char *cc)
{
    char path[FLAG_PATH];
    int code = 0;
    FILE *file;
    snprintf(path, sizeof path, "%s/%c%c.gif", directory, tolower((unsigned char)cc[0]),
             tolower((unsigned char)cc[1]));
    file = fopen(path, "wb");
    if (file == NULL)
        return errno;
    if (image->size > 0 && fwrite(image->data, image->size, 1, file) != 1)
        code = errno;
    if (fclose(file) != 0 && code == 0)
        code = errno;
    if (code != 0)
        remove(path);
    return code;
}

static inline void show(const char *text)
{
    printf("%s ", text);
    fflush(stdout);
}

/* Blocks until the flag is there, an error is told in why[CURL_ERROR_SIZE], or `stopped`, which is
 * called at least once in a second, does not return 0. False: `image` is empty. */
static inline bool get_flag(struct http_body *image, const char *base_url, const char *cc,
                            curl_xferinfo_callback stopped, char *why)
{
    char url[FLAG_PATH];
    int status = 0;
    CURLcode code = CURLE_OUT_OF_MEMORY;
    CURL *easy;
    flag_url(url, base_url, cc);
    easy = http_easy(url, image, why);
    if (easy != NULL) {
        curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, stopped);
        curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
        code = curl_easy_perform(easy);
    }
    code = http_result(easy, code, image, why, &status);
    curl_easy_cleanup(easy);
    if (code == CURLE_OK && status == 200)
        return true;
    if (code == CURLE_OK)
        snprintf(why, CURL_ERROR_SIZE, "HTTP status %d", status);
    http_body_free(image);
    return false;
}

static inline double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

#endif
