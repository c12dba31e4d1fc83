//! Synchronous host signals (SIGSEGV, SIGBUS, …): who caused them and where to go on. (Owned by the engine's author.)
