#pragma once

#include <cstddef>
#include <span>

// What is fuzzed: each reads `bytes` as whatever its name says, as the program would, and uses all
// that it finds. An error of its room that names the file is fine; anything else
// (another exception, a crash, a broken promise) ends the process. Run over kept inputs by
// corpus_test.cpp and over invented ones by libFuzzer (fuzzer.cpp).

namespace latentreel::models {

using FuzzBytes = std::span<const std::byte>;

void fuzz_pickle(FuzzBytes bytes);       // a pickle
void fuzz_checkpoint(FuzzBytes bytes);   // a PyTorch file, or the data.pkl of one
void fuzz_safetensors(FuzzBytes bytes);  // a safetensors file
void fuzz_index(FuzzBytes bytes);        // the index of a model in several files
void fuzz_yaml(FuzzBytes bytes);         // a VQGAN's model.yaml
void fuzz_tokenizer(FuzzBytes bytes);    // a prompt; behind a first byte 0, a merges file
void fuzz_labels(FuzzBytes bytes);       // a list of times or Audacity labels
void fuzz_reaper(FuzzBytes bytes);       // a Reaper project
void fuzz_midi(FuzzBytes bytes);         // a MIDI file
void fuzz_lrc(FuzzBytes bytes);          // timed lyrics
void fuzz_expression(FuzzBytes bytes);   // an expression of a curve
void fuzz_times(FuzzBytes bytes);        // a time as people write it
void fuzz_scene(FuzzBytes bytes);        // a scene; behind a first byte 0, an override and a scene
void fuzz_picture(FuzzBytes bytes);      // a picture of any kind
void fuzz_song(FuzzBytes bytes);         // a song of any kind
void fuzz_clip(FuzzBytes bytes);         // a film of any kind
void fuzz_subtitles(FuzzBytes bytes);    // subtitles of any kind

}  // namespace latentreel::models
