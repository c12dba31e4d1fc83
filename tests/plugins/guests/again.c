/* Executes itself again, with an argument; then exits with 7. */
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc > 1) _exit(7);
    execl(argv[0], argv[0], "again", (char *)0);
    return 1;
}
