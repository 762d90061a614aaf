#include "ffmpeg/song_channels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numbers>
#include <optional>
#include <span>

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

// From small to large; AAC has those up to 5.1.
constexpr std::array<std::uint64_t, 8> kSets = {
    AV_CH_LAYOUT_MONO,         AV_CH_LAYOUT_STEREO,           AV_CH_LAYOUT_SURROUND,
    AV_CH_LAYOUT_4POINT0,      AV_CH_LAYOUT_5POINT0_BACK,     AV_CH_LAYOUT_5POINT1_BACK,
    AV_CH_LAYOUT_6POINT1_BACK, AV_CH_LAYOUT_7POINT1_WIDE_BACK};
constexpr std::size_t kSetsOfAac = 6;

constexpr std::uint64_t kBacks = AV_CH_BACK_LEFT | AV_CH_BACK_RIGHT;

AVChannelLayout layout_of(std::uint64_t speakers) {
  AVChannelLayout layout = {};
  check(av_channel_layout_from_mask(&layout, speakers), Kind::internal, "naming speakers");
  return layout;
}

std::string name_of(const AVChannelLayout& layout) {
  std::array<char, 128> name = {};
  av_channel_layout_describe(&layout, name.data(), name.size());
  return name.data();
}

// The song's channels. One is in the middle and two are left and right, whatever the file calls
// them; others that the file does not name are those that files of so many usually have.
AVChannelLayout layout_of(const SongMeasure& song) {
  if (song.channels == 1) return AV_CHANNEL_LAYOUT_MONO;
  if (song.channels == 2) return AV_CHANNEL_LAYOUT_STEREO;
  if (song.speakers != 0) return layout_of(song.speakers);
  AVChannelLayout layout = {};
  av_channel_layout_default(&layout, song.channels);
  return layout;
}

// The place of the song's channel among `to`, below 0 where it has none.
int place_of(AVChannel channel, const AVChannelLayout& song, const AVChannelLayout& to) {
  const int place = av_channel_layout_index_from_channel(&to, channel);
  if (place >= 0 || av_channel_layout_subset(&song, kBacks) != 0) return place;
  if (channel == AV_CHAN_SIDE_LEFT) return place_of(AV_CHAN_BACK_LEFT, song, to);
  if (channel == AV_CHAN_SIDE_RIGHT) return place_of(AV_CHAN_BACK_RIGHT, song, to);
  return place;
}

// The song's channels in a set of speakers; nothing where one of them has no place there.
std::optional<ChannelMix> place(const AVChannelLayout& song, std::uint64_t speakers) {
  const AVChannelLayout to = layout_of(speakers);
  ChannelMix mix{.speakers = speakers, .inputs = song.nb_channels, .outputs = to.nb_channels};
  mix.matrix.resize(static_cast<std::size_t>(mix.inputs * mix.outputs));
  for (int i = 0; i < song.nb_channels; ++i) {
    const int place =
        place_of(av_channel_layout_channel_from_index(&song, static_cast<unsigned>(i)), song, to);
    if (place < 0) return std::nullopt;
    mix.matrix[static_cast<std::size_t>(place * mix.inputs + i)] = 1;
  }
  if (av_channel_layout_compare(&song, &to) != 0) {
    mix.renamed = fmt::format("{} as {}", name_of(song), name_of(to));
  }
  return mix;
}

// As players mix: the middle and what is behind at half their power, the deep effects not at all;
// all of it lowered so far that no sum lies above full scale.
std::optional<ChannelMix> mix_to_stereo(const AVChannelLayout& song) {
  ChannelMix mix{.speakers = AV_CH_LAYOUT_STEREO,
                 .inputs = song.nb_channels,
                 .outputs = 2,
                 .matrix = {1, 1},
                 .mixed = true};
  if (song.nb_channels == 1) return mix;
  // libswresample scales a matrix of 64 by 64 whatever the channels: with a smaller one it writes
  // behind its end, and scales the right side twice.
  constexpr std::size_t kStride = 64;
  std::vector<double> matrix(kStride * kStride);
  const AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
  constexpr double kHalfPower = 1 / std::numbers::sqrt2;
  const int built = swr_build_matrix2(&song, &stereo, kHalfPower, kHalfPower, 0, 1, 1,
                                      matrix.data(), kStride, AV_MATRIX_ENCODING_NONE, nullptr);
  if (built < 0) return std::nullopt;
  mix.matrix.assign(matrix.begin(), matrix.begin() + song.nb_channels);
  mix.matrix.insert(mix.matrix.end(), matrix.begin() + kStride,
                    matrix.begin() + kStride + song.nb_channels);
  return mix;
}

}  // namespace

bool needs_mix(int channels, SongChannels wanted) {
  return wanted == SongChannels::stereo && channels != 2;
}

bool go_without_saying(const SongMeasure& song) {
  if (song.channels <= 2 || song.speakers == 0) return true;
  AVChannelLayout usual = {};
  av_channel_layout_default(&usual, song.channels);
  return song.speakers == usual.u.mask || song.speakers == AV_CH_LAYOUT_5POINT1;
}

ChannelMix separate_channels(int channels) {
  ChannelMix mix{.inputs = channels, .outputs = channels};
  mix.matrix.resize(static_cast<std::size_t>(channels * channels));
  for (int i = 0; i < channels; ++i) mix.matrix[static_cast<std::size_t>(i * (channels + 1))] = 1;
  return mix;
}

ChannelMix mix_channels(const SongMeasure& song, SongChannels wanted, AVCodecID codec,
                        const std::string& doing) {
  const AVChannelLayout layout = layout_of(song);
  const auto stereo = mix_to_stereo(layout);
  if (needs_mix(song.channels, wanted)) {
    if (stereo) return *stereo;
    throw MediaError(Kind::invalid, fmt::format("{}: its channels ({}) cannot be mixed to stereo; "
                                                "mix them with another program",
                                                doing, name_of(layout)));
  }
  const std::span sets(kSets.data(), codec == AV_CODEC_ID_AAC ? kSetsOfAac : kSets.size());
  for (const std::uint64_t speakers : sets) {
    if (auto mix = place(layout, speakers)) return *mix;
  }
  throw MediaError(
      Kind::invalid,
      fmt::format("{}: {} has no place for its {} channels ({}); {}", doing,
                  codec == AV_CODEC_ID_AAC ? "AAC" : "ALAC", song.channels, name_of(layout),
                  stereo ? "set channels = \"stereo\" in [music] to have them mixed to two"
                         : "mix them to stereo with another program"));
}

}  // namespace latentreel::ffmpeg
