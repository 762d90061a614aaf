#pragma once

#include "models/ops/device_graph.h"

// What a program finds in liblatentreel_cuda.so, the library of everything of ours that needs
// CUDA's own headers. It is loaded after LibTorch's CUDA library, and only where CUDA is wanted: a
// program runs without it, and without what it brings.

// Makes capturers of CUDA graphs. Found by its name, with dlsym.
extern "C" latentreel::models::MakeGraphCapturer latentreel_cuda_graph_capturer();
