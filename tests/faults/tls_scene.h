/* tls_scene.h - both ends of TLS. The file that CERTIFICATE names has the certificate and its key. */
#ifndef TLS_SCENE_H
#define TLS_SCENE_H

#include <stdio.h>
#include <stdlib.h>

#include "loop/tls.h"

static struct tls_context client_context, server_context;

static void open_contexts(void)
{
    const char *file = getenv("CERTIFICATE");
    const struct tls_options of_client = {.authorities = file}, of_server = {.certificate = file};
    if (file == NULL || tls_context_open(&client_context, TLS_CLIENT, &of_client) != 0 ||
        tls_context_open(&server_context, TLS_SERVER, &of_server) != 0) {
        (void)puts("no CERTIFICATE");
        exit(2);
    }
}

#endif
