#include "ffmpeg/codec_table.h"

#include <array>
#include <string_view>

namespace latentreel::ffmpeg {
namespace {

constexpr auto kLimited = AVCOL_RANGE_MPEG;
constexpr auto kFull = AVCOL_RANGE_JPEG;
constexpr auto k709 = AVCOL_SPC_BT709;
constexpr auto kLeft = AVCHROMA_LOC_LEFT;

// hvc1: parameter sets in the header only, the one form of HEVC that Apple's players take.
constexpr std::array<CodecTraits, 5> kTraits = {{
    {VideoCodec::h264, AV_CODEC_ID_H264, "libx264", AV_PIX_FMT_YUV420P, AV_PIX_FMT_RGB24, kLimited,
     k709, kLeft, "mp4", 0, FF_PROFILE_H264_HIGH, 2},
    {VideoCodec::hevc, AV_CODEC_ID_HEVC, "libx265", AV_PIX_FMT_YUV420P10, AV_PIX_FMT_RGB48,
     kLimited, k709, kLeft, "mp4", MKTAG('h', 'v', 'c', '1'), FF_PROFILE_HEVC_MAIN_10, 2},
    {VideoCodec::av1, AV_CODEC_ID_AV1, "libsvtav1", AV_PIX_FMT_YUV420P10, AV_PIX_FMT_RGB48,
     kLimited, k709, kLeft, "mp4", 0, FF_PROFILE_AV1_MAIN, 0},
    {VideoCodec::prores, AV_CODEC_ID_PRORES, "prores_ks", AV_PIX_FMT_YUV422P10, AV_PIX_FMT_RGB48,
     kLimited, k709, kLeft, "mov", MKTAG('a', 'p', 'c', 'h'), FF_PROFILE_PRORES_HQ, 0},
    {VideoCodec::ffv1, AV_CODEC_ID_FFV1, "ffv1", AV_PIX_FMT_BGR0, AV_PIX_FMT_RGB24, kFull,
     AVCOL_SPC_RGB, AVCHROMA_LOC_UNSPECIFIED, "matroska", 0, FF_PROFILE_UNKNOWN, 0},
}};

}  // namespace

const CodecTraits& traits_of(VideoCodec codec) {
  for (const auto& traits : kTraits) {
    if (traits.codec == codec) return traits;
  }
  throw MediaError(MediaError::Kind::internal, "a codec without traits");
}

bool is_matroska(VideoCodec codec) {
  return std::string_view(traits_of(codec).muxer) == "matroska";
}

}  // namespace latentreel::ffmpeg
