/* list.h - a list through its members, each of which can leave it by itself. Private to loop/.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef GEN_LOOP_LIST_H
#define GEN_LOOP_LIST_H

#include <stddef.h>

/* All zero: in no list. A list is a pointer to its first. */
struct loop__link {
    struct loop__link *next, **at; /* at: the pointer to this one */
};

static inline void loop__link_add(struct loop__link **list, struct loop__link *l)
{
    l->next = *list;
    l->at = list;
    if (l->next != NULL)
        l->next->at = &l->next;
    *list = l;
}

static inline void loop__link_remove(struct loop__link *l)
{
    if (l->at == NULL)
        return;
    *l->at = l->next;
    if (l->next != NULL)
        l->next->at = l->at;
    l->at = NULL;
}

#endif
