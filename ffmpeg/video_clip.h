// The frames of a film that somebody else made, by time: footage that a film of ours begins with.
// What is shown at a moment is the last frame whose time has come, as a player shows it, whatever
// the clip's rate, and whether that is constant. Asked in order of time it is read from one end to
// the other; asked in any other order it gives the same pictures, byte for byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ffmpeg/image.h"
#include "ffmpeg/ratio.h"

namespace latentreel::ffmpeg {

// As many as 8K has, of 17:9; a clip of that size takes about a gigabyte while it is read.
inline constexpr std::int64_t kMostClipPixels = std::int64_t{8192} * 4320;

struct ClipSettings {
  // Of the pictures that at() gives; both 0: the clip's own, see ClipInfo.
  int width = 0;
  int height = 0;
  enum class Fit {
    cut,     // the largest middle part of that shape, to whole pixels of the clip
    stretch  // all of it, regardless of its shape
  };
  Fit fit = Fit::cut;
  int threads = 1;  // of the decoder; the pictures do not depend on it
  std::int64_t most_pixels = kMostClipPixels;
};

struct ClipInfo {
  int width = 0;  // as it is to be seen: upright, of square pixels
  int height = 0;
  Ratio frame_rate;   // the mean one where it varies; 0 where the file does not say
  Ratio start;        // of the first frame on the file's own clock, on which its sound is too
  std::string codec;  // "h264"
};

struct ClipLength {
  Ratio seconds;                       // from the first frame to the end of the last, above 0
  std::optional<std::int64_t> frames;  // none where they were not counted
};

// Not thread-safe. Takes two frames' memory and what the decoder keeps, however long the clip is.
class VideoClip {
 public:
  // Reads MP4, MOV, Matroska, WebM, AVI, MPEG, MXF, GIF and others that libav knows, in the usual
  // codecs, up to the first frame. Throws MediaError: missing, usage for settings that make no
  // sense, or invalid for what is no film, has no moving picture (a song's cover is none), no frame
  // that can be decoded, more pixels than settings.most_pixels, or HDR (PQ, HLG, Dolby Vision
  // of profile 5): its message says what to do about that.
  explicit VideoClip(const std::filesystem::path& file, const ClipSettings& settings = {});
  ~VideoClip();
  VideoClip(VideoClip&&) noexcept;
  VideoClip& operator=(VideoClip&&) noexcept;

  const ClipInfo& info() const;

  // What is shown at that time, in seconds from the clip's first frame; before it, that frame, and
  // behind the end, the last. Where the file's clock ticks too coarsely for its rate, as Matroska's
  // milliseconds do, a frame's time may lie half a tick beside what is stored.
  //
  // Rotation, mirroring and the shape of pixels are as the file says; values are full-range RGB by
  // the matrix and range that it names (unnamed: BT.709 for HD, BT.601 below, limited range),
  // scaled with Lanczos as they are stored. Transparent parts are black. Fields of interlaced
  // frames stay woven. In place of frames that are damaged, and of those that build on them, the
  // last good one stands; warnings() tells. Throws MediaError (invalid) for frames that turn to
  // HDR, and for what the disk refuses.
  Image at(Ratio time);

  // Its length, measured when first asked for: from the file's index where it has one (MP4, MOV,
  // Matroska, WebM), else by reading all of it without decoding. Throws MediaError (invalid).
  const ClipLength& length();

  // `time` where the clip begins again at its end: in [0, length).
  Ratio looped(Ratio time);

  // What a person should know, whole sentences: of the clip at once, of damage as it was met. In no
  // order that means anything; none twice.
  const std::vector<std::string>& warnings() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latentreel::ffmpeg
