// Does nothing, so that what is measured is the start and the end.
int main(void) { return 0; }
