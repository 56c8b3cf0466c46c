/* Nothing: what a program takes all the same. */
int main(void)
{
    return 0;
}
