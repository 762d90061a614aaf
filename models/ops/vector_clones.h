#pragma once

// Put before a function that is a plain loop over numbers: the compiler builds it three times, for
// every x86-64 machine, for those with AVX2 and FMA and for those with AVX-512, and the program
// picks one when it starts. (By x86-64 level rather than "arch=haswell", which goes by the
// processor's model and not by what it can do.) Not under sanitizers, which are initialised only
// after that choice.

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LATENTREEL_HAS_VECTOR_CLONES
#define LATENTREEL_VECTOR_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LATENTREEL_VECTOR_CLONES
#endif
