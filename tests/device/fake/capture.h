#pragma once

#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <memory>
#include <string>
#include <vector>

#include "models/ops/device_graph.h"

// How the fake device runs an operator, and how it captures what it runs: a list of calls that are
// made again.

namespace latentreel::testing {

// Runs `op`, whose arguments are on the stack, on the CPU; its results take their place.
void run_on_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack);

// Whether work is being captured, and what runs now is a part of it.
bool is_capturing();

// Throws c10::Error if so: "the work of a device is being captured, and " `what`.
void refuse_while_capturing(const std::string& what);

// Notes a call that is a part of the work: what it was given and what it made.
void note_call(const c10::OperatorHandle& op, torch::jit::Stack arguments,
               torch::jit::Stack results);

std::unique_ptr<models::GraphCapturer> make_fake_capturer(c10::Device device);

// How often this process has captured work of the fake device.
int captures_made();

// The defined tensors in `values`, those of lists too.
std::vector<at::Tensor> tensors_in(c10::ArrayRef<c10::IValue> values);

}  // namespace latentreel::testing
