#pragma once

#include <cstddef>
#include <span>

// What is fuzzed: each reads `bytes` as whatever its name says, as the program would, and uses all
// that it finds. A WeightsError or a SceneError that names the file is fine; anything else
// (another exception, a crash, a broken promise) ends the process. Run over kept inputs by
// corpus_test.cpp and over invented ones by libFuzzer (fuzzer.cpp).

namespace latentreel::models {

using FuzzBytes = std::span<const std::byte>;

void fuzz_pickle(FuzzBytes bytes);       // a pickle
void fuzz_checkpoint(FuzzBytes bytes);   // a PyTorch file, or the data.pkl of one
void fuzz_safetensors(FuzzBytes bytes);  // a safetensors file
void fuzz_yaml(FuzzBytes bytes);         // a VQGAN's model.yaml
void fuzz_tokenizer(FuzzBytes bytes);    // a prompt; behind a first byte 0, a merges file
void fuzz_labels(FuzzBytes bytes);       // a list of times or Audacity labels
void fuzz_reaper(FuzzBytes bytes);       // a Reaper project
void fuzz_midi(FuzzBytes bytes);         // a MIDI file
void fuzz_lrc(FuzzBytes bytes);          // timed lyrics
void fuzz_expression(FuzzBytes bytes);   // an expression of a curve

}  // namespace latentreel::models
