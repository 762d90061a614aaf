#include "src/footage/dis_flow.h"

#include <opencv2/core.hpp>
#include <opencv2/video/tracking.hpp>

#include <exception>
#include <string>

namespace latentreel::footage {
namespace {

// Better than OpenCV's best preset: films are small, and a frame of one takes far longer to paint.
cv::Ptr<cv::DISOpticalFlow> make_search() {
  auto search = cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_MEDIUM);
  search->setFinestScale(0);
  search->setPatchStride(3);
  search->setGradientDescentIterations(32);
  search->setVariationalRefinementIterations(5);
  return search;
}

void find_flow(const std::uint8_t* picture, const std::uint8_t* other, int width, int height,
               float* flow) {
  cv::setNumThreads(1);
  // OpenCV only reads them.
  const cv::Mat from(height, width, CV_8UC1, const_cast<std::uint8_t*>(picture));
  const cv::Mat to(height, width, CV_8UC1, const_cast<std::uint8_t*>(other));
  cv::Mat found;
  make_search()->calc(from, to, found);
  found.copyTo(cv::Mat(height, width, CV_32FC2, flow));
}

}  // namespace
}  // namespace latentreel::footage

const char* latentreel_dis_flow(const std::uint8_t* picture, const std::uint8_t* other, int width,
                                int height, float* flow) {
  thread_local std::string trouble;
  try {
    latentreel::footage::find_flow(picture, other, width, height, flow);
    return nullptr;
  } catch (const std::exception& error) {
    trouble = error.what();
    return trouble.c_str();
  }
}

const char* latentreel_flow_version() {
  return CV_VERSION;
}
