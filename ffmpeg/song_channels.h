// Which channels a song gets when it is encoded for a film. Internal.
//
// Note [Speakers]
// ALAC and AAC know a few sets of speakers, files many more: the pair behind the listener is called
// "side" in one and "back" in the other, and quad or 2.1 lack some of what the next larger set has.
// A song keeps its channels in the smallest set that has a place for each of them; a place that the
// song has no channel for is silent. A pair "side" goes to the places "back" where the song has no
// other pair there.
//
// Of AAC only the sets with a number of their own (MPEG-4's channel configurations 1 to 6) are
// used: the others need a list that browsers do not read, and number 7 means different speakers to
// different programs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ffmpeg/av_ptr.h"
#include "ffmpeg/song_decoder.h"
#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

struct ChannelMix {
  std::uint64_t speakers = 0;  // of the film's song, AV_CH_...
  int inputs = 0;
  int outputs = 0;
  std::vector<double> matrix =
      {};                    // how much of each input is in each output, row by row of outputs
  bool mixed = false;        // outputs are sums, or one input is in two of them
  std::string renamed = {};  // "quad as 5.0", see SongSummary
};

// Whether `wanted` changes what a song of so many channels sounds like.
bool needs_mix(int channels, SongChannels wanted);

// Whether players guess the song's speakers right where only the number of its channels is stored,
// as of PCM in Matroska.
bool go_without_saying(const SongMeasure& song);

// Every channel for itself, whatever there are; for measuring.
ChannelMix separate_channels(int channels);

// Throws MediaError (invalid) where `codec`, ALAC or AAC, has no place for a channel of the song,
// or where they cannot be mixed. `doing` begins the message.
ChannelMix mix_channels(const SongMeasure& song, SongChannels wanted, AVCodecID codec,
                        const std::string& doing);

}  // namespace latentreel::ffmpeg
