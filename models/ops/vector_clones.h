#pragma once

// Before a plain loop over numbers: the compiler makes it three times, for every x86-64 machine,
// for those with AVX2 and FMA and for those with AVX-512, and the program picks one when it starts.
// (Levels and not "arch=haswell": that picks by the processor's model, not by what it can do.) Not
// under sanitizers, whose start comes after that choice.

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LATENTREEL_HAS_VECTOR_CLONES
#define LATENTREEL_VECTOR_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LATENTREEL_VECTOR_CLONES
#endif
