#pragma once

#include <cstdint>

// Optical flow as OpenCV finds it. Internal to the room.
//
// Note [A library of its own]
// Debian's libopencv-video is linked to BLAS, LAPACK, protobuf and X11; LibTorch has some of the
// same names within it, and a program linked to both might compute with the wrong ones. So nothing
// is linked to OpenCV but a small library, which is loaded when flow is asked for. Nobody else sees
// its names (RTLD_LOCAL), and it sees its own first (RTLD_DEEPBIND).

// What is found in liblatentreel_flow.so by this name, with dlsym. Each picture is width * height
// values, row by row; of each of its pixels `flow` gets how far to the right and how far down it is
// found in the other. Null where all went well, else what went wrong, valid until the next call of
// this thread.
//
// By T. Kroeger, R. Timofte, D. Dai and L. Van Gool, "Fast Optical Flow using Dense Inverse
// Search", ECCV 2016, down to full resolution. One thread computes it, and the same pictures give
// the same flow; another version of OpenCV, or a machine with other instructions, may differ by
// roundings.
extern "C" const char* latentreel_dis_flow(const std::uint8_t* picture, const std::uint8_t* other,
                                           int width, int height, float* flow);

// The same way: OpenCV's version, "4.6.0".
extern "C" const char* latentreel_flow_version();
