#pragma once

// Before a plain loop over numbers: the compiler makes it twice, for every x86-64 machine and for
// those with AVX2 and FMA, and the program picks one when it starts. Not under sanitizers, whose
// start comes after that choice.

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LATENTREEL_VECTOR_CLONES __attribute__((target_clones("arch=haswell", "default")))
#else
#define LATENTREEL_VECTOR_CLONES
#endif
