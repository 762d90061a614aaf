#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "scenes/signal.h"
#include "src/music/frames.h"

// Signals of a song, as scenes ask for them. The same song and options give the same values on the
// same kind of machine.

namespace latentreel::music {

// One Signal for each of `wanted`, in their order, in one pass over the song; memory grows by a
// number a signal every 10 ms. Throws ffmpeg::MediaError, as ffmpeg::probe_song does, and what
// `look` throws.
std::vector<scenes::Signal> measure(const std::filesystem::path& song,
                                    std::span<const scenes::SignalOptions> wanted,
                                    const Look& look = {});
scenes::Signal measure(const std::filesystem::path& song, const scenes::SignalOptions& wanted,
                       const Look& look = {});

// Levels, `step` seconds apart and at least 0, as a signal's values: they follow rises and falls as
// slowly as attack and release say, are divided by the level below which the share `clip` of them
// lies, multiplied by gain, cut at 1 and raised to power. A song that is silent throughout is 0.
std::vector<float> shape(std::vector<float> levels, double step,
                         const scenes::SignalOptions& options);

}  // namespace latentreel::music
