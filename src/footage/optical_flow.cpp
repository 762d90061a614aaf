#include "src/footage/optical_flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "src/files/own_library.h"
#include "src/footage/dis_flow.h"
#include "src/footage/error.h"

namespace latentreel::footage {
namespace {

struct FlowLibrary {
  decltype(&latentreel_dis_flow) flow;
  decltype(&latentreel_flow_version) version;
};

FlowLibrary load_flow_library() {
  const files::OwnLibrary library("liblatentreel_flow.so", LATENTREEL_FLOW_FOLDER,
                                  "libopencv-video406");
  void* const flow = library.find("latentreel_dis_flow");
  void* const version = library.find("latentreel_flow_version");
  if (flow == nullptr || version == nullptr) {
    throw FootageError("looking for motion: " + library.trouble());
  }
  return {reinterpret_cast<decltype(FlowLibrary::flow)>(flow),
          reinterpret_cast<decltype(FlowLibrary::version)>(version)};
}

const FlowLibrary& loaded_flow_library() {
  static const FlowLibrary loaded = load_flow_library();
  return loaded;
}

// Luma of BT.709, in whole numbers so that it is the same everywhere.
std::vector<std::uint8_t> brightness(const ffmpeg::Image& image) {
  std::vector<std::uint8_t> values;
  values.reserve(image.rgb.size() / 3);
  for (std::size_t i = 0; i + 2 < image.rgb.size(); i += 3) {
    const int sum = 13933 * image.rgb[i] + 46871 * image.rgb[i + 1] + 4732 * image.rgb[i + 2];
    values.push_back(static_cast<std::uint8_t>((sum + (1 << 15)) >> 16));
  }
  return values;
}

void require_pair(const ffmpeg::Image& a, const ffmpeg::Image& b) {
  const auto values = std::size_t{3} * static_cast<std::size_t>(std::max(0, a.width)) *
                      static_cast<std::size_t>(std::max(0, a.height));
  if (a.width == b.width && a.height == b.height && a.width >= kLeastFlowSide &&
      a.height >= kLeastFlowSide && a.rgb.size() == values && b.rgb.size() == values) {
    return;
  }
  throw std::invalid_argument(
      fmt::format("looking for motion between pictures of {}x{} and {}x{}: they must be of one "
                  "size, of {} pixels a side or more",
                  a.width, a.height, b.width, b.height, kLeastFlowSide));
}

Flow flow_between(const std::vector<std::uint8_t>& picture, const std::vector<std::uint8_t>& other,
                  int width, int height) {
  Flow flow{width, height, std::vector<float>(2 * picture.size())};
  const char* trouble =
      loaded_flow_library().flow(picture.data(), other.data(), width, height, flow.vectors.data());
  if (trouble != nullptr) {
    throw FootageError(
        fmt::format("looking for motion between pictures of {}x{}: {}", width, height, trouble));
  }
  return flow;
}

// One component of a flow between its pixels; (x, y) lies within them.
double between(const Flow& flow, double x, double y, int component) {
  const int left = std::min(static_cast<int>(x), flow.width - 2);
  const int top = std::min(static_cast<int>(y), flow.height - 2);
  const auto at = [&](int column, int row) {
    const auto pixel = static_cast<std::size_t>(row) * static_cast<std::size_t>(flow.width) +
                       static_cast<std::size_t>(column);
    return static_cast<double>(flow.vectors[2 * pixel + static_cast<std::size_t>(component)]);
  };
  const double right = x - left, low = y - top;
  return (1 - low) * ((1 - right) * at(left, top) + right * at(left + 1, top)) +
         low * ((1 - right) * at(left, top + 1) + right * at(left + 1, top + 1));
}

bool leads_home(const Flow& forward, int x, int y, double dx, double dy) {
  const double from_x = x + dx, from_y = y + dy;
  // So written, what is no number is refused too.
  const bool inside =
      from_x >= 0 && from_y >= 0 && from_x <= forward.width - 1 && from_y <= forward.height - 1;
  if (!inside) return false;
  const double fx = between(forward, from_x, from_y, 0), fy = between(forward, from_x, from_y, 1);
  const double off = (fx + dx) * (fx + dx) + (fy + dy) * (fy + dy);
  return off <= 0.01 * (fx * fx + fy * fy + dx * dx + dy * dy) + 0.5;
}

}  // namespace

std::string flow_version() {
  return loaded_flow_library().version();
}

Flow find_flow(const ffmpeg::Image& picture, const ffmpeg::Image& other) {
  require_pair(picture, other);
  return flow_between(brightness(picture), brightness(other), picture.width, picture.height);
}

Motion find_motion(const ffmpeg::Image& earlier, const ffmpeg::Image& later) {
  require_pair(earlier, later);
  const auto before = brightness(earlier), after = brightness(later);
  Motion motion{flow_between(before, after, later.width, later.height),
                flow_between(after, before, later.width, later.height),
                {}};
  motion.hidden = find_hidden(motion.backward, motion.forward);
  return motion;
}

std::vector<std::uint8_t> find_hidden(const Flow& backward, const Flow& forward) {
  if (backward.width != forward.width || backward.height != forward.height || forward.width < 2 ||
      forward.height < 2) {
    throw std::invalid_argument("comparing flows: they must be of one size, of 2 pixels or more");
  }
  std::vector<std::uint8_t> hidden;
  hidden.reserve(backward.vectors.size() / 2);
  const float* vector = backward.vectors.data();
  for (int y = 0; y < backward.height; ++y) {
    for (int x = 0; x < backward.width; ++x, vector += 2) {
      hidden.push_back(leads_home(forward, x, y, vector[0], vector[1]) ? 0 : 1);
    }
  }
  return hidden;
}

}  // namespace latentreel::footage
