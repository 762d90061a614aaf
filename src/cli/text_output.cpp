#include "src/cli/text_output.h"

#include <cstdint>

#include "ffmpeg/output_file.h"

namespace latentreel::cli {

void write_text(const std::filesystem::path& file, std::string_view text) {
  ffmpeg::OutputFile out(file);
  out.write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  out.publish();
}

}  // namespace latentreel::cli
