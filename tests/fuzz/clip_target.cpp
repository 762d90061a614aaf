#include "ffmpeg/video_clip.h"
#include "tests/fuzz/file_of_bytes.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {

using ffmpeg::Ratio;

void fuzz_clip(FuzzBytes bytes) {
  const auto file = file_of_bytes(bytes);
  may_refuse_media(file, [&] {
    const ffmpeg::ClipSettings small = {.width = 8, .height = 6, .most_pixels = 1 << 14};
    ffmpeg::VideoClip clip(file, small);
    expect(clip.info().width >= 1 && clip.info().height >= 1, "a clip has a size");
    expect(clip.info().frame_rate.num >= 0 && clip.info().frame_rate.den >= 1, "a rate is one");
    expect(clip.length().seconds.num >= 1 && clip.length().seconds.den >= 1, "a clip lasts");
    // Forwards, back and beyond. That they are the same in any order is for honest files to show:
    // an index may lead to other frames than reading does.
    for (const ffmpeg::Ratio time :
         {Ratio{0, 1}, Ratio{1, 8}, Ratio{1, 1}, Ratio{1, 8}, Ratio{1000, 1}, Ratio{0, 1}}) {
      const auto looped = clip.looped(time);
      expect(looped.num >= 0 && looped.value() <= clip.length().seconds.value(),
             "a time is looped into the clip");
      const auto image = clip.at(looped);
      expect(image.width == 8 && image.height == 6 && image.rgb.size() == 8 * 6 * 3,
             "a picture has the size asked for");
    }
    for (const auto& warning : clip.warnings()) {
      expect(warning.find(file.string()) != warning.npos, "a warning names the file");
    }
  });
}

}  // namespace latentreel::models
