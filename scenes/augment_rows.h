#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/document.h"
#include "scenes/file_names.h"
#include "scenes/mistakes.h"
#include "scenes/option_row.h"
#include "scenes/scene.h"

// `augment = [{ name = "affine", degrees = 15, ... }, ...]`: each kind has its own keys. A bare
// name ("flip") stands for that kind with its defaults. `translate = 0.1` applies to both axes,
// `[0, 0.1]` to x and y. Internal to the room.

namespace latentreel::scenes {

// The options of all kinds together, `name` left out.
std::span<const Row<Augment>> augment_rows();
// Those of one kind.
std::vector<const Row<Augment>*> augment_rows(Augment::Kind kind);
// The keys of this kind besides "name".
std::vector<std::string_view> augment_keys(Augment::Kind kind);

std::optional<std::vector<Augment>> read_augments(const Value& value, NamedFiles& files,
                                                  Mistakes& mistakes);

// The inline table that reads back as `augment`; keys at their defaults are left out.
std::string augment_text(const Augment& augment);

}  // namespace latentreel::scenes
