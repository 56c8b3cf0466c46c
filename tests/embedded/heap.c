/* Must not link: run.sh makes sure that a call of malloc is found. */
#include <stdlib.h>

int main(void)
{
    return malloc(1) == NULL;
}
