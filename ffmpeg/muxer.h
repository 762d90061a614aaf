// Video packets and a song in, one finished film out, read back and found to hold what was written.
// It grows in the file that is named, whatever was there before: a caller who wants the old film or
// the whole new one names a temporary file, and renames it when the film is complete.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ffmpeg/film_check.h"
#include "ffmpeg/video_packet.h"
#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

struct MuxSettings {
  std::filesystem::path name = {};  // of the film, for messages; empty: the file's
  std::string title = {};           // empty: none
  std::string artist = {};          // likewise
  std::string scene_text = {};      // empty: none
  std::optional<SongPart> song = {};
  FilmTracks tracks = {};  // nothing in them lasts longer than the film
  int threads = 2;         // for reading the film back
};

// The settings of a film that concern its file rather than its encoder.
MuxSettings mux_settings(const VideoSettings& settings);

// What became of the song.
struct SongSummary {
  std::string source_codec;  // "mp3", "flac", ...
  std::string film_codec;    // the same where packets were copied, else "alac" or "aac"
  bool copied = false;       // the song's packets are in the film unchanged
  Ratio part_seconds;        // length of the part that was asked for
  Ratio film_seconds;        // how much of it sounds: shorter where the film ends first
  bool exact = true;         // every sample is in the film as it was
  bool mixed = false;        // its channels were mixed to two
  double gain = 0;           // by which it was changed, in dB
  std::string speakers =
      {};                    // "quad as 5.0" where the film's channels have other names; else empty
  double peak = 0;           // of a song stored anew, mixed and changed so; 1 is full scale
  std::int64_t clipped = 0;  // samples that lay above full scale then, in all channels
};

// The summary in words, for a film whose file has that extension: how the song is stored, what that
// cost, and whether web browsers play it.
std::string describe(const SongSummary& song, std::string_view extension);

struct FilmSummary {
  std::int64_t frames = 0;
  Ratio seconds;  // frames / fps, exact
  std::uint64_t bytes = 0;
  std::optional<SongSummary> song;
};

class Muxer {
 public:
  // Opens the song and creates the file at once, so that everything that can be wrong with names
  // and folders shows before any work. Throws MediaError of every kind but write_failed.
  Muxer(const std::filesystem::path& file, const VideoFormat& format, const MuxSettings& settings);
  ~Muxer();
  Muxer(Muxer&&) noexcept;
  Muxer& operator=(Muxer&&) noexcept;

  // Takes the next packet in decoding order, its frame numbers counted from the film's first frame.
  void write(const VideoPacket& packet);

  // Ends the file and reads it back: every frame is decoded, and size, rate, times, colours, the
  // song's bytes, chapters and subtitles are compared with what was asked for. That takes a while
  // for a long film: `look` is called throughout, and an exception from it ends the call; then only
  // destruction is allowed. Whether the bytes are on the disk is for the caller to see to (fsync).
  FilmSummary complete(const Look& look = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latentreel::ffmpeg
