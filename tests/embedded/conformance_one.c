/* One program of tests/conformance by itself, for a target with room for one. */
int program(void);

int main(void)
{
    return program();
}
