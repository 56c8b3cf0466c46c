/* flags_fetch.h - get_flag as a coroutine. In Python:
 *
 *     async def get_flag(base_url, cc):
 *         async with session.get(url) as resp:
 *             if resp.status == 200: return await resp.read()
 *             elif resp.status == 404: raise web.HTTPNotFound()
 *             else: raise aiohttp.HttpProcessingError(code=resp.status, ...)
 */
#ifndef EXAMPLES_FLAGS_FETCH_H
#define EXAMPLES_FLAGS_FETCH_H

#include "examples/http/fetch.h"
#include "examples/http/flags.h"

enum { HTTP_NOT_FOUND = GEN_EUSER + 600, HTTP_PROCESSING_ERROR };

/* The image is in fetch.body, which is the caller's to free. */
gen_declare(get_flag_async, void);
struct get_flag_async {
    struct gen gen;
    struct fetch_session *session;
    const char *base_url, *cc;
    struct fetch fetch;
    char url[FLAG_PATH];
};
gen_define(get_flag_async)
{
    gen_begin();
    flag_url(self->url, self->base_url, self->cc);
    fetch(&self->fetch, self->session, self->url);
    if (self->fetch.status == 200)
        gen_stop();
    fetch_free(&self->fetch);
    snprintf(self->fetch.why, sizeof self->fetch.why, "HTTP status %d", self->fetch.status);
    if (self->fetch.status == 404)
        gen_raise(HTTP_NOT_FOUND, "not found");
    gen_raise(HTTP_PROCESSING_ERROR, "HTTP status");
    gen_end();
}

#endif
