#pragma once

#include "models/ops/device_graph.h"

// What a program finds in liblatentreel_cuda.so, the library that holds all our code that needs
// CUDA's own headers. It is loaded after LibTorch's CUDA library, and only where CUDA is wanted;
// without it a program still runs, but lacks what it provides.

// Makes capturers of CUDA graphs. Found by its name, with dlsym.
extern "C" latentreel::models::MakeGraphCapturer latentreel_cuda_graph_capturer();
